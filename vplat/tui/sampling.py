"""Taking a snapshot of a session."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from vplat.machine.hart import HartState
from vplat.machine.outcome import Ending

from .state import Core, Course, Device, Doing, Snapshot, Spent
from .wording import clean, last_lines

if TYPE_CHECKING:
    from vplat.energy import Energy
    from vplat.machine.elf import Firmware
    from vplat.machine.findings import Finding
    from vplat.machine.hart import Hart
    from vplat.machine.machine import Machine
    from vplat.machine.outcome import Outcome
    from vplat.machine.statistics import Statistics
    from vplat.session import Session, Settings

    from .record import Record

CONSOLE_LINES: Final = 100
CONSOLE_COLUMNS: Final = 320
LACKING: Final = re.compile(r"missing harts? (.*)")
STATES: Final = {
    HartState.RUNNING: Doing.RUNNING,
    HartState.STALLED: Doing.WAITING,
    HartState.WAITING: Doing.ASLEEP,
    HartState.HALTED: Doing.HALTED,
}


def sample(session: Session, record: Record, seconds: float) -> Snapshot:
    """What ``session`` is at, ``seconds`` of host time after it began."""
    machine, firmware, outcome = session.machine, session.firmware, session.machine.outcome
    record.note_work()
    statistics, energy = note_energy(session, record)
    return Snapshot(
        firmware=clean(firmware.path.name),
        board=clean(session.board.name),
        volts=session.point.volts,
        hertz=session.point.hertz,
        cycles=statistics.cycles,
        seconds=seconds,
        instructions=statistics.instructions,
        ending=str(outcome.ending) if outcome else "",
        status=outcome.status if outcome else None,
        message=clean(outcome.message) if outcome else "",
        cores=_cores(machine, firmware, statistics, record),
        devices=_devices(machine, statistics, record),
        energy=_spent(energy, record),
        console=_console_lines(getattr(session.console, "text", "")),
        findings=len(machine.findings),
        newest_finding=_sentence(machine.findings[-1], firmware) if machine.findings else "",
        course=_course(session.settings, statistics.cycles, seconds),
    )


def note_energy(session: Session, record: Record) -> tuple[Statistics, Energy]:
    """Take a sample of the energy spent; what it was made of."""
    statistics = session.statistics()
    energy = session.energy(statistics)
    record.note_energy(statistics.cycles, energy.total_joules)
    return statistics, energy


def _cores(
    machine: Machine, firmware: Firmware, statistics: Statistics, record: Record
) -> tuple[Core, ...]:
    return tuple(
        Core(
            index=hart.index,
            doing=_doing(hart, machine.outcome),
            function=_function(firmware, hart.pc),
            wait=_wait(machine, hart),
            cycles=statistics.cycles,
            active_cycles=done.active_cycles,
            instructions=done.instructions,
            history=record.of_hart(hart.index),
        )
        for hart, done in zip(machine.harts, statistics.harts, strict=True)
    )


def _doing(hart: Hart, outcome: Outcome | None) -> Doing:
    if outcome is not None and outcome.trap is not None and outcome.trap.hart == hart.index:
        return Doing.CRASHED
    if outcome is not None and outcome.ending is Ending.EXITED and hart.runs:
        return Doing.DONE
    return STATES[hart.state]


def _function(firmware: Firmware, pc: int) -> str:
    symbol = firmware.symbols.function(pc)
    return clean(symbol.name) if symbol is not None else firmware.symbols.name(pc)


def _wait(machine: Machine, hart: Hart) -> str:
    """What a stalled hart waits for: the device's own words up to the first semicolon."""
    if hart.state is not HartState.STALLED:
        return ""
    for device in machine.devices.values():
        words = device.explain_wait(hart.index)
        if words:
            return clean(_in_short(words.partition(";")[0]))
    return clean(hart.reason)


def _in_short(clause: str) -> str:
    """What is missing, without what is there and without the name of the register that waits.

    A row of a table that is about harts need not say that numbers are theirs.
    """
    head, colon, reason = clause.partition(": ")
    if lacking := LACKING.search(reason):
        reason = lacking.expand(r"missing \1")
    if not colon or "_" not in head:
        return head + colon + reason
    return reason.removeprefix("none of ").removesuffix(" has come")


def _devices(machine: Machine, statistics: Statistics, record: Record) -> tuple[Device, ...]:
    return tuple(
        Device(
            name=clean(name),
            kind=clean(done.kind),
            doing=clean(machine.devices[name].doing()),
            activities=done.activities,
            cycles=statistics.cycles,
            history=record.of_device(name),
        )
        for name, done in statistics.devices.items()
    )


def _spent(energy: Energy, record: Record) -> Spent:
    components = [
        (clean(name.replace("_", " ")), joules)
        for name, joules in energy.by_component.items()
        if joules
    ]
    return Spent(
        joules=energy.total_joules,
        watts=energy.average_watts,
        components=tuple(sorted(components, key=lambda component: -component[1])),
        figure=energy.figure,
        history=record.of_energy(),
    )


def _console_lines(text: str | bytes) -> tuple[str, ...]:
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return last_lines(text, CONSOLE_LINES, CONSOLE_COLUMNS)


def _sentence(finding: Finding, firmware: Firmware) -> str:
    place = f" ({_function(firmware, finding.pc)}, hart {finding.hart})" if finding.pc else ""
    return clean(f"{finding.device}: {finding.sentence}{place}")


def _course(settings: Settings, cycles: int, seconds: float) -> Course | None:
    """The limit that the run is nearest to."""
    courses = []
    if settings.max_cycles:
        courses.append(Course(min(cycles / settings.max_cycles, 1.0), "of max cycles"))
    if settings.timeout_seconds:
        courses.append(Course(min(seconds / settings.timeout_seconds, 1.0), "of timeout"))
    return max(courses, key=lambda course: course.share, default=None)
