"""Platforms for tests: opened by their fixtures, closed when the tests are over."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from vplat.errors import VplatError
from vplat.plugins import Plugins

from .asking import refuse, wanted
from .boots import Boots
from .failing import PASSED
from .platform import Platform


class UnusedFaultWarning(pytest.PytestWarning):
    """A fault that a test has planned has not struck, so that the test says nothing about it."""


class Opener:
    """Opens the platforms of one run of pytest."""

    def __init__(
        self, config: pytest.Config, here: pytest.StashKey[list[Platform]], *, covers: bool
    ) -> None:
        self._here, self._covers = here, covers
        files = [
            config.invocation_params.dir / each for each in config.getoption("vplat_plugin") or ()
        ]
        self._plugins = Plugins(files)
        keeps = config.getoption("vplat_artifacts") is not None
        self.boots = Boots(self._plugins, notes_legs=keeps)

    def open(self, request: pytest.FixtureRequest, **asked: Any) -> Platform:
        """A platform for the test; the test fails with a sentence where there can be none."""
        __tracebackhide__ = True
        firmware = asked.get("firmware")
        if isinstance(firmware, str | Path) and not Path(firmware).is_absolute():
            asked["firmware"] = str(firmware)
        problem = ""
        try:
            platform = Platform(self.boots.fork(wanted(request, asked, coverage=self._covers)))
        except VplatError as error:
            problem = str(error)
        if problem:
            refuse(problem)
        request.node.stash.setdefault(self._here, []).append(platform)
        return platform

    def close_all(self, item: pytest.Item) -> None:
        """The test is over: note what it came to, and let go of the machines."""
        platforms = item.stash.get(self._here, [])
        item.stash[self._here] = []
        unused = [
            repr(fault)
            for platform in platforms
            for fault in platform.faults.planned
            if item.stash.get(PASSED, False) and not fault.strikes
        ]
        for number, platform in enumerate(platforms):
            with contextlib.suppress(VplatError):
                if number == 0:
                    item.user_properties.extend(_properties(platform))
            self.boots.give_back(platform.live)
        for fault in unused:
            item.warn(UnusedFaultWarning(f"{fault} has not struck, so nothing was tested with it"))


def _properties(platform: Platform) -> list[tuple[str, object]]:
    """What JUnit's XML says of a test."""
    statistics = platform.session.statistics()
    return [
        ("board", platform.machine.board.name),
        ("firmware", platform.firmware.path.name),
        ("cycles", statistics.cycles),
        ("instructions", statistics.instructions),
        ("energy_joules", platform.session.energy(statistics).total_joules),
    ]
