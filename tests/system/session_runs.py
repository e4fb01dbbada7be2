"""Sessions of the programs that come with vplat, and what they come to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.system.firmware_tree import PREBUILT, board_of
from vplat.machine.console import RecordingConsole
from vplat.machine.snapshot.state import MachineState
from vplat.plugins import Plugins
from vplat.session import Result, Session, Settings


def session_of(
    program: str, *, native: bool = True, typed: bytes = b"", files: Path | None = None
) -> Session:
    """A session that has not begun."""
    settings = Settings(board=board_of(program), native=native, files=files)
    plugins = Plugins(installed=False)
    return Session(PREBUILT / f"{program}.elf", plugins, RecordingConsole(typed), settings)


def without_time(result: Result) -> dict[str, Any]:
    """The JSON, but for host time."""
    found = result.as_json()
    assert found.pop("seconds") > 0
    return found


def ending(session: Session) -> dict[str, Any]:
    """What ``session`` comes to when it runs on."""
    return without_time(session.run())


def states_at(session: Session, plain: dict[str, Any], cycles: list[int]) -> list[MachineState]:
    """Snapshots at these cycles of a run to its end, which is ``plain`` all the same."""
    states: list[MachineState] = []
    for cycle in cycles:
        session.when(cycle, lambda: states.append(session.snapshot()))
    assert ending(session) == plain
    assert len(states) == len(cycles)
    return states
