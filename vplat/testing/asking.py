"""What a test asks for: by its marker, by the options, by the ini file."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest

from vplat.errors import UsageError
from vplat.model.field import no_such
from vplat.session import DEFAULT_BOARD

from .boots import Wanted
from .moments import cycles_of, moment_of

ARGUMENTS: Final = (
    *("board", "firmware", "until", "max_cycles"),
    *("operating_point", "check", "files"),
)
DEFAULT_MAX_CYCLES: Final = "100M"
MARKER: Final = "vplat"
HIDDEN: Final = getattr(pytest, "HIDDEN_PARAM", None)
"""Leaves a parameter out of the name of a test, where pytest can do that."""


@dataclasses.dataclass(frozen=True)
class NamedFirmware:
    """The firmware that a marker names, in a file of ``folder``."""

    name: str
    folder: Path


def refuse(sentence: str) -> NoReturn:
    """Fail a test, or its collection, with a sentence and without a traceback."""
    __tracebackhide__ = True
    pytest.fail(sentence, pytrace=False)


def marked(item: pytest.Item | Any) -> Mapping[str, Any]:
    """The arguments of the markers of a test; the closest one counts."""
    __tracebackhide__ = True
    found: dict[str, Any] = {}
    for mark in item.iter_markers(MARKER):
        if mark.args:
            refuse(
                f"{item.nodeid}: the marker vplat takes its arguments by name, like "
                f"vplat(firmware={mark.args[0]!r})"
            )
        for name, value in mark.kwargs.items():
            if name not in ARGUMENTS:
                problem = no_such("argument", name, ARGUMENTS)
                refuse(f"{item.nodeid}: the marker vplat has {problem}")
            found.setdefault(name, value)
    return found


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Let a test run on each of the boards, and with each firmware, that it is to."""
    __tracebackhide__ = True
    found = marked(metafunc.definition)
    boards = _several(found.get("board")) or metafunc.config.getoption("vplat_board") or []
    if "board" not in found and len(boards) == 1:
        boards = []
    folder = metafunc.definition.path.parent
    firmware = [NamedFirmware(str(each), folder) for each in _several(found.get("firmware"))]
    for name, values in (("board", boards), ("firmware", firmware)):
        if values and name in metafunc.fixturenames and not _is_parametrized(metafunc, name):
            shown = [str(getattr(value, "name", value)) for value in values]
            ids: Any = [Path(each).stem for each in shown] if len(values) > 1 else [HIDDEN]
            metafunc.parametrize(name, values, indirect=True, scope="session", ids=ids)


def default_board(config: pytest.Config) -> str:
    """The board of tests whose markers name none."""
    given = config.getoption("vplat_board")
    return str(given[0] if given else config.getini("vplat_board") or DEFAULT_BOARD)


def chosen_firmware(named: NamedFirmware | str | Path | None, config: pytest.Config) -> Path:
    """The firmware of a test, which must be there."""
    __tracebackhide__ = True
    given, ini = config.getoption("vplat_firmware"), config.getini("vplat_firmware")
    if isinstance(named, NamedFirmware):
        return _existing(named.name, [named.folder, config.rootpath])
    if named is not None:
        return _existing(str(named), [config.rootpath])
    if given:
        return _existing(given, [config.invocation_params.dir])
    if ini:
        return _existing(str(ini), [(config.inipath or config.rootpath / "x").parent])
    refuse(
        "there is no firmware to test: name an ELF with @pytest.mark.vplat(firmware=...), with "
        "--vplat-firmware or vplat_firmware, or write a fixture `firmware` that returns its path"
    )


def wanted(request: pytest.FixtureRequest, asked: Mapping[str, Any], *, coverage: bool) -> Wanted:
    """What to boot; ``asked`` goes before the marker. ``UsageError`` for what makes no sense."""
    config = request.config
    for name in asked:
        if name not in ARGUMENTS:
            raise UsageError(f"a platform has {no_such('argument', name, ARGUMENTS)}")
    found = {**marked(request.node), **{k: v for k, v in asked.items() if v is not None}}
    until = found.get("until") or config.getini("vplat_until") or None
    max_cycles = (
        found.get("max_cycles")
        or config.getoption("vplat_max_cycles")
        or config.getini("vplat_max_cycles")
        or DEFAULT_MAX_CYCLES
    )
    folder = request.path.parent
    firmware = found.get("firmware", "")
    path = (
        firmware
        if isinstance(firmware, Path) and firmware.is_absolute()
        else chosen_firmware(NamedFirmware(str(firmware), folder) if firmware else None, config)
    )
    files = found.get("files")
    return Wanted(
        board=_board(str(found.get("board") or default_board(config)), [folder, config.rootpath]),
        firmware=path,
        until=None if until is None else moment_of(until),
        max_cycles=cycles_of(max_cycles),
        operating_point=found.get("operating_point"),
        check=bool(found.get("check") or config.getoption("vplat_check")),
        files=None if files is None else folder / files,
        coverage=coverage,
        firmware_stamp=_stamp(path),
    )


def _board(name: str, folders: Sequence[Path]) -> str:
    """A board's name, or where its file is."""
    if not name.endswith(".toml"):
        return name
    return str(next((path for each in folders if (path := each / name).is_file()), Path(name)))


def _existing(name: str, folders: Sequence[Path]) -> Path:
    __tracebackhide__ = True
    for folder in folders:
        if (folder / name).is_file():
            return Path(os.path.normpath(folder / name))
    places = " nor ".join(dict.fromkeys(str(each) for each in folders))
    refuse(f"the firmware {name} is not in {places}; build it, or correct its path")


def _stamp(path: Path) -> tuple[int, int]:
    """Tells builds of one file apart; nothing where there is none, which the loader will say."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def _several(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _is_parametrized(metafunc: pytest.Metafunc, name: str) -> bool:
    """The test itself says with which values it is to run."""
    for mark in metafunc.definition.iter_markers("parametrize"):
        names = mark.args[0] if mark.args else mark.kwargs.get("argnames", ())
        if name in (names.replace(",", " ").split() if isinstance(names, str) else names):
            return True
    return False
