"""What a run comes to: for the exit status, for people, and as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from vplat.energy import Energy
from vplat.machine.findings import Dump, Finding
from vplat.machine.outcome import Ending, Outcome
from vplat.machine.regions import Region
from vplat.machine.statistics import DeviceStatistics, HartStatistics, Statistics

from .crash import CrashReport, Place

if TYPE_CHECKING:
    from vplat.machine.explain.explanation import Explanation

    from .session import Session

GREATEST_STATUS: Final = 123
OUT_OF_TIME: Final = 124
CRASHED: Final = 126
INTERRUPTED: Final = 130
"""128 + SIGINT, as shells report it."""


@dataclasses.dataclass(frozen=True)
class Result:
    """The end of a session."""

    outcome: Outcome
    board: str
    elf: str
    seconds: float
    statistics: Statistics
    energy: Energy
    regions: tuple[tuple[Region, Energy], ...]
    """Those that firmware has marked and ended, with what each has cost."""
    console: str
    crash: CrashReport | None
    waiting: tuple[tuple[int, Place, str, str], ...]
    findings: tuple[tuple[Finding, Place | None], ...]
    dumps: tuple[Dump, ...] = ()
    explanation: Explanation | None = None
    """What harts did at the end, and why; None where firmware ended the run itself."""

    @classmethod
    def of(cls, session: Session, outcome: Outcome) -> Result:
        """What ``session`` came to."""
        machine = session.machine
        statistics = session.statistics()
        crash = None
        if outcome.trap is not None:
            crash = CrashReport.of(machine, outcome.message, outcome.trap)
        return cls(
            outcome=outcome,
            board=session.board.name,
            elf=str(session.firmware.path),
            seconds=session.seconds,
            statistics=statistics,
            energy=session.energy(statistics),
            regions=tuple(
                (region, session.energy(region.statistics)) for region in machine.regions.finished
            ),
            console=getattr(session.console, "text", ""),
            crash=crash,
            waiting=tuple(
                (w.hart, Place.of(session.firmware, w.pc), w.reason, w.explanation)
                for w in outcome.waiting
            ),
            findings=tuple(
                (finding, Place.of(session.firmware, finding.pc) if finding.pc else None)
                for finding in machine.findings
            ),
            dumps=tuple(machine.dumps),
            explanation=None if outcome.ending is Ending.EXITED else session.explain(),
        )

    @property
    def exit_status(self) -> int:
        """What the command line ends with (DESIGN section 6)."""
        match self.outcome.ending:
            case Ending.EXITED:
                status = self.outcome.status or 0
                return status if 0 <= status <= GREATEST_STATUS else GREATEST_STATUS
            case Ending.OUT_OF_CYCLES:
                return OUT_OF_TIME
            case Ending.INTERRUPTED:
                return INTERRUPTED
            case _:
                return CRASHED

    def as_json(self) -> dict[str, Any]:
        """One object of plain data; fields are only ever added."""
        statistics = self.statistics
        return {
            "outcome": str(self.outcome.ending),
            "exit_code": self.exit_status,
            "message": self.outcome.message,
            "board": self.board,
            "elf": self.elf,
            "seconds": self.seconds,
            **_work(statistics),
            "energy": _energy(self.energy),
            "regions": [
                {
                    "number": region.number,
                    "begin": region.begin,
                    "end": region.end,
                    **_work(region.statistics),
                    "energy": _energy(energy),
                }
                for region, energy in self.regions
            ],
            "console": self.console,
            "dumps": _dumped_values(self.dumps),
            "dump_writes": [dataclasses.asdict(dump) for dump in self.dumps],
            "crash": self.crash.as_json() if self.crash else None,
            "waiting": [
                {"hart": hart, "place": str(place), "reason": reason, "explanation": explanation}
                for hart, place, reason, explanation in self.waiting
            ],
            "explanation": self.explanation.as_json() if self.explanation else None,
            "findings": [
                {**dataclasses.asdict(finding), "place": str(place) if place else ""}
                for finding, place in self.findings
            ],
        }


def _work(statistics: Statistics) -> dict[str, Any]:
    return {
        "cycles": statistics.cycles,
        "instructions": statistics.instructions,
        "harts": [_hart(hart) for hart in statistics.harts],
        "devices": {name: _device(device) for name, device in statistics.devices.items()},
    }


def _energy(energy: Energy) -> dict[str, Any]:
    return {
        "total_joules": energy.total_joules,
        "average_watts": energy.average_watts,
        "by_component": dict(energy.by_component),
        "by_part": {name: dict(parts) for name, parts in energy.by_part.items() if parts},
        "operating_point": energy.operating_point.name,
        "figures": {name: str(figure) for name, figure in energy.figures.items()},
        "figure": str(energy.figure),
        "unpriced": list(energy.unpriced),
    }


def _dumped_values(dumps: Iterable[Dump]) -> dict[str, list[int]]:
    """The values that each hart has dumped, in its order."""
    found: dict[str, list[int]] = {}
    for dump in dumps:
        found.setdefault(str(dump.hart), []).append(dump.value)
    return found


def _hart(hart: HartStatistics) -> dict[str, Any]:
    return {
        "id": hart.id,
        "cycles": hart.cycles,
        "active_cycles": hart.active_cycles,
        "sleep_cycles": hart.sleep_cycles,
        "instructions": hart.instructions,
    }


def _device(device: DeviceStatistics) -> dict[str, Any]:
    return {
        "kind": device.kind,
        "busy_cycles": device.busy_cycles,
        "jobs": device.jobs,
        **device.activities,
    }
