"""What the live view shows, as plain data: sampled from a session, drawn by panels."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from .history import History

if TYPE_CHECKING:
    from vplat.session import Session

    from .record import Record


NO_HISTORY: Final = History()


class Doing(StrEnum):
    """What a core does."""

    RUNNING = "running"
    WAITING = "waiting"
    """A device withholds the answer to a load or store: an event, a barrier, a mutex."""
    ASLEEP = "asleep in wfi"
    HALTED = "halted"
    DONE = "done"
    """The firmware has ended the run."""
    CRASHED = "crashed"


@dataclasses.dataclass(frozen=True)
class Core:
    """One hart. ``cycles`` is the time of the whole machine, in which it was active or slept.

    ``wait`` says in a clause what a waiting core waits for. ``history`` holds its active cycles.
    """

    index: int
    doing: Doing
    function: str = ""
    wait: str = ""
    cycles: int = 0
    active_cycles: int = 0
    instructions: int = 0
    history: History = NO_HISTORY

    @property
    def active(self) -> float:
        """The share of time it was active, 0 to 1."""
        return min(self.active_cycles / self.cycles, 1.0) if self.cycles else 0.0

    @property
    def instructions_per_cycle(self) -> float:
        """Of the cycles in which it was active."""
        return self.instructions / self.active_cycles if self.active_cycles else 0.0


@dataclasses.dataclass(frozen=True)
class Device:
    """One device: what it does now, in words ('' when idle), and the work it has accounted for.

    ``history`` holds its busy cycles; it is None while the device has accounted for none.
    """

    name: str
    kind: str
    doing: str = ""
    activities: Mapping[str, int] = dataclasses.field(default_factory=dict)
    cycles: int = 0
    history: History | None = None

    @property
    def busy_cycles(self) -> int:
        """Cycles in which it worked."""
        return self.activities.get("busy_cycles", 0)

    @property
    def utilisation(self) -> float:
        """The share of time it was busy, 0 to 1."""
        return min(self.busy_cycles / self.cycles, 1.0) if self.cycles else 0.0


@dataclasses.dataclass(frozen=True)
class Spent:
    """Energy so far, in joules and mean watts; ``components`` in joules, what spent most first.

    ``figure`` is their class: exact, calibrated or estimated. ``history`` holds joules.
    """

    joules: float = 0.0
    watts: float = 0.0
    components: tuple[tuple[str, float], ...] = ()
    figure: str = ""
    history: History = NO_HISTORY


NOTHING_SPENT: Final = Spent()


@dataclasses.dataclass(frozen=True)
class Course:
    """How far the run is on its way to a limit: the share of 1, and which limit it is."""

    share: float
    limit: str


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """A moment of a run.

    ``cycles`` is simulated time at ``hertz`` and ``volts``, ``seconds`` the host's. While the run
    goes on, ``ending`` is ''; then it is how it ended, with ``message`` a sentence on it and
    ``status`` the firmware's own exit status if it has one. ``console`` holds the last lines that
    were printed.
    """

    firmware: str
    board: str
    volts: float
    hertz: int
    cycles: int = 0
    seconds: float = 0.0
    instructions: int = 0
    ending: str = ""
    status: int | None = None
    message: str = ""
    cores: tuple[Core, ...] = ()
    devices: tuple[Device, ...] = ()
    energy: Spent = NOTHING_SPENT
    console: tuple[str, ...] = ()
    findings: int = 0
    newest_finding: str = ""
    course: Course | None = None

    @classmethod
    def of(
        cls, session: Session, record: Record | None = None, *, seconds: float | None = None
    ) -> Snapshot:
        """What ``session`` is at now, with the histories of ``record``; it gets one sample more.

        ``seconds`` is the host time since the run began; without it, what the session says, which
        is the whole time of a run that has ended.
        """
        from .record import Record
        from .sampling import sample

        return sample(
            session,
            Record(session.machine) if record is None else record,
            session.seconds if seconds is None else seconds,
        )

    @property
    def simulated_seconds(self) -> float:
        """The platform's own time."""
        return self.cycles / self.hertz
