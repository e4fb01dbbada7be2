"""What the report of a failed test says of its platform, and what is kept to replay it."""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from vplat.errors import VplatError
from vplat.machine.rows import NOW
from vplat.machine.snapshot.file import write_snapshot
from vplat.session.snapshots import about

from .standing import report

if TYPE_CHECKING:
    from .boots import Leg
    from .platform import Platform

TAIL_LINES: Final = 40
PASSED: Final = pytest.StashKey[bool]()
"""The test itself has passed."""


def complete(told: pytest.TestReport, item: pytest.Item, platforms: Sequence[Platform]) -> None:
    """Add to the report of a test that has failed; the platforms are as the test has left them."""
    if told.when == "call":
        item.stash[PASSED] = told.passed
    if told.passed or told.skipped or told.when == "teardown":
        return
    for number, platform in enumerate(platforms):
        name = "vplat" if len(platforms) == 1 else f"vplat {number + 1}"
        try:
            told.sections += list(_sections(item, platform, name, number))
        except VplatError as error:  # a machine that a device of the project has broken
            told.sections.append((name, str(error)))


def _sections(
    item: pytest.Item, platform: Platform, name: str, number: int
) -> Iterator[tuple[str, str]]:
    text = platform.console
    if text:
        yield f"{name}: console", _tail(text)
    yield f"{name}: platform", "\n".join(report(platform))
    yield f"{name}: replay", "\n".join(_replay(item, platform, number))


def _tail(text: str) -> str:
    lines = text.splitlines()
    left_out = len(lines) - TAIL_LINES
    return "\n".join([f"... {left_out} lines before"] * (left_out > 0) + lines[-TAIL_LINES:])


def _replay(item: pytest.Item, platform: Platform, number: int) -> Iterator[str]:
    """Commands, a line each."""
    folder: Path | None = item.config.getoption("vplat_artifacts")
    again = ["pytest", item.nodeid, *_options(item.config)]
    if folder is None:
        yield shlex.join([*again, "--vplat-artifacts", "artifacts"])
        return
    leg = platform.live.leg
    if leg is not None:
        yield _keep(item, platform, leg, folder, number)
    yield shlex.join(again)


def _options(config: pytest.Config) -> Iterator[str]:
    for board in config.getoption("vplat_board") or ():
        yield from ("--vplat-board", board)
    for name in ("firmware", "max_cycles"):
        if value := config.getoption(f"vplat_{name}"):
            yield from (f"--vplat-{name.replace('_', '-')}", str(value))
    for plugin in config.getoption("vplat_plugin") or ():
        yield from ("--vplat-plugin", str(plugin))


def _keep(item: pytest.Item, platform: Platform, leg: Leg, folder: Path, number: int) -> str:
    """Write what was before the machine ran last; the command that runs it again."""
    live, (state, typed) = platform.live, leg
    stem = re.sub(r"[^\w.-]+", "-", item.nodeid).strip("-") + (f"-{number + 1}" if number else "")
    place = item.config.invocation_params.dir / folder
    place.mkdir(parents=True, exist_ok=True)
    cycle = memoryview(state.turns).cast("q")[NOW]
    whose = dataclasses.replace(about(live.session), cycle=cycle)
    write_snapshot(place / f"{stem}.snapshot", live.session.machine, state, whose)
    (place / f"{stem}.console.txt").write_text(platform.console, "utf-8")
    command = ["vplat", "run", "--restore", str(folder / f"{stem}.snapshot")]
    if live.boot.wanted.board.endswith(".toml"):
        command += ["--board", live.boot.wanted.board]
    for plugin in item.config.getoption("vplat_plugin") or ():
        command += ["--plugin", str(plugin)]
    line = shlex.join(command)
    if typed:
        (place / f"{stem}.input").write_bytes(typed)
        line += f" < {shlex.quote(str(folder / f'{stem}.input'))}"
    return line
