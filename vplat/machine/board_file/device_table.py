"""One device of a board, as far as the table alone can tell."""

from __future__ import annotations

from typing import Final

from vplat.errors import BoardError
from vplat.model.field import no_such

from ..board import DeviceSpec
from .memory_table import MOST_WAIT_STATES
from .section import WORD, Section, shown
from .targets import parse_target

WORD_BYTES: Final = 4
MAIN_WINDOW: Final = ""
ELSEWHERE: Final = "elsewhere"
"""In place of a base: the window answers wherever nothing else does."""
_BASE_EXAMPLE: Final = "0x1020_0000"


def read_device(name: str, section: Section) -> DeviceSpec:
    """``[devices.NAME]``."""
    kind = section.text("kind", '"ns16550"')
    windows, absent, elsewhere = _windows(name, section)
    return DeviceSpec(
        name=name,
        kind=kind,
        windows=windows,
        parameters=_parameters(name, section.section("parameters")),
        events=_events(section.section("events")),
        wait_states=_wait_states(section, [*windows, *elsewhere], absent),
        absent=frozenset(absent),
        elsewhere=elsewhere[0] if elsewhere else None,
        aliases=_aliases(name, section, windows),
    )


def _aliases(name: str, section: Section, windows: dict[str, int]) -> tuple[int, ...]:
    """Where the main window is seen again."""
    if not section.has("aliases"):
        return ()
    bases = section.integers("aliases", "[0x1802_0000]")
    if MAIN_WINDOW not in windows:
        raise section.error(
            f"'aliases' of device {name!r} are places of its main window, which has no base; add "
            f"one, like base = {_BASE_EXAMPLE}, or remove them",
            "aliases",
        )
    for base in bases:
        if base % WORD_BYTES:
            raise section.error(
                f"'aliases' of device {name!r} has {base:#x}, not a multiple of {WORD_BYTES}; "
                f"use {base - base % WORD_BYTES:#x}",
                "aliases",
            )
    return bases


def _windows(name: str, section: Section) -> tuple[dict[str, int], list[str], list[str]]:
    """The bases by window, the windows set to false, and those that answer elsewhere."""
    bases: dict[str, int] = {}
    absent: list[str] = []
    elsewhere: list[str] = []
    named = section.section("windows", "{ core = 0x1020_4400 }")
    if named.has(MAIN_WINDOW):
        raise named.error(
            f"{named.title} names a window ''; the main window's base is written "
            f"base = {_BASE_EXAMPLE}, outside of 'windows'",
            MAIN_WINDOW,
        )
    keys = [(section, "base", MAIN_WINDOW)] if section.has("base") else []
    keys += [(named, window, window) for window in named.names()]
    for table, key, window in keys:
        if table.is_false(key):
            absent.append(window)
            continue
        if table.is_text(key) and table.text(key, _BASE_EXAMPLE) == ELSEWHERE:
            if elsewhere:
                raise table.error(f"device {name!r} has two windows elsewhere; keep one", key)
            elsewhere.append(window)
            continue
        base = table.amount(key, _BASE_EXAMPLE)
        if base % WORD_BYTES:
            raise table.error(
                f"{key!r} of device {name!r} is {base:#x}, not a multiple of {WORD_BYTES}; "
                f"use {base - base % WORD_BYTES:#x}",
                key,
            )
        if base > WORD:
            raise table.error(
                f"{key!r} of device {name!r} is {base:#x}, beyond the 32-bit address space; "
                "move it down",
                key,
            )
        bases[window] = base
    return bases, absent, elsewhere


def _wait_states(section: Section, windows: list[str], absent: list[str]) -> dict[str, int]:
    """Cycles by window: one number for all windows, or a table."""
    if not section.is_table("wait_states"):
        cycles = section.integer("wait_states", "3", 0, maximum=MOST_WAIT_STATES)
        return dict.fromkeys(windows, cycles)
    table = section.section("wait_states")
    found: dict[str, int] = {}
    for window in table.names():
        if window not in windows and window not in absent:
            known = [each or '""' for each in (*windows, *absent)]
            problem = no_such("window", window, known)
            raise table.error(f"in {table.title} there is {problem}", window)
        found[window] = table.integer(window, "3", maximum=MOST_WAIT_STATES)
    return {window: cycles for window, cycles in found.items() if window in windows}


def _parameters(name: str, table: Section) -> dict[str, object]:
    found: dict[str, object] = {}
    for key in table.names():
        value = table.value(key, "8")
        if not isinstance(value, int | str | bool):
            raise table.error(
                f"parameter {key!r} of device {name!r} must be an integer, a string or true or "
                f"false, not {shown(value)}; see `vplat export` for what the device takes",
                key,
            )
        found[key] = value
    return found


def _events(table: Section) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for output in table.names():
        targets = table.texts(output, '"event_unit.lines[8]"')
        for target in targets:
            try:
                parse_target(target)
            except BoardError as error:
                raise table.error(f"{output!r} in {table.title}: {error}", output) from error
        found[output] = targets
    return found
