"""Snapshots of a session in files."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from vplat import __version__
from vplat.errors import SnapshotError, VplatError
from vplat.machine.arrival import go_on
from vplat.machine.rows import NOW
from vplat.machine.snapshot.file import About, check_fits, read_snapshot, write_snapshot
from vplat.machine.snapshot.identity import board_digest, digest, layouts
from vplat.machine.snapshot.state import MachineState

from .moments import GOES_ON

if TYPE_CHECKING:
    from .session import Session


def save(session: Session, path: Path) -> None:
    """Write what ``session`` has come to.

    ``UsageError`` if ``path`` cannot be written, ``SnapshotError`` if a device has a state that a
    file cannot hold.
    """
    write_snapshot(path, session.machine, session.machine.snapshot(), about(session))


def load(session: Session, path: Path) -> None:
    """Let ``session`` go on from a file.

    ``SnapshotError`` if the file is damaged, or of another board or firmware; then the session is
    as it was before.
    """
    file = read_snapshot(path)
    check_fits(path, file.about, about(session))
    state = _going_on(file.state(session.machine))
    before = session.machine.snapshot()
    try:
        session.machine.restore(state)
    except VplatError:
        session.machine.restore(before)
        raise
    except Exception as error:
        session.machine.restore(before)
        raise SnapshotError(
            f"the snapshot {path} cannot be restored: {error}; take it again"
        ) from error
    go_on(session.machine)


def about(session: Session) -> About:
    """Whose snapshots these are."""
    return About(
        vplat=__version__,
        board=session.board.name,
        board_digest=board_digest(session.board),
        timing_digest=_timing_digest(session),
        layouts=layouts(session.machine),
        operating_point=session.point.name,
        firmware=str(session.firmware.path),
        firmware_digest=session.firmware.sha256,
        cycle=session.machine.turns[NOW],
    )


def _timing_digest(session: Session) -> str:
    lines = sorted((key, cost.amount) for key, cost in session.timing.lines.items())
    return digest(str(lines))


def _going_on(state: MachineState) -> MachineState:
    """A run that was ended from outside is not over."""
    outcome = state.run.outcome
    if outcome is None or outcome.ending not in GOES_ON:
        return state
    return dataclasses.replace(state, run=dataclasses.replace(state.run, outcome=None))
