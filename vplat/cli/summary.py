"""What is said on standard error when a run has ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from vplat.machine.outcome import Ending
from vplat.machine.statistics import BUSY_CYCLES, DeviceStatistics, HartStatistics
from vplat.session import Place, Result, Session

from .failures import printable
from .quantities import engineering, ranges, share
from .terminal import table

SHOWN_FINDINGS: Final = 20
"""Different ones; a driver that does the same thing wrong a million times is told once."""
ENDING_STYLES: Final = {
    Ending.EXITED: "green",
    Ending.INTERRUPTED: "yellow",
    Ending.OUT_OF_CYCLES: "yellow",
}
FIGURE_STYLES: Final = {"exact": "green", "calibrated": "cyan", "estimated": "yellow"}


def report(session: Session, result: Result, console: Console, *, quiet: bool) -> None:
    """Findings, then the crash or who waits for what, then, unless ``quiet``, the summary."""
    for line in _findings(result):
        console.print(line)
    for line in (*_crash(result), *_waiting(result)):
        console.print(line)
    ended = result.outcome.ending is Ending.EXITED
    if not quiet or not ended:
        console.print(_heading(session, result))
    if not quiet:
        console.print(_tables(session, result))


def _findings(result: Result) -> Iterator[Text]:
    seen: dict[tuple[str, str], int] = {}
    for finding, place in result.findings:
        where = f" at {place}" if place is not None else ""
        told = f"{finding.device}: {finding.sentence} (hart {finding.hart}{where})"
        if finding.hart < 0:
            told = f"{finding.device}: {finding.sentence}"
        key = (finding.rule, printable(told))
        seen[key] = seen.get(key, 0) + 1
    for (rule, told), times in list(seen.items())[:SHOWN_FINDINGS]:
        again = f" [{times} times]" if times > 1 else ""
        yield Text.assemble(("finding ", "bold yellow"), f"{told}{again} ", (rule, "dim"))
    if len(seen) > SHOWN_FINDINGS:
        yield Text(f"and {len(seen) - SHOWN_FINDINGS} more findings; --json has them all")


def _crash(result: Result) -> Iterator[Text]:
    if result.crash is None:
        return
    first, *others = result.crash.lines()
    yield Text(printable(first), "bold red")
    for line in others:
        # The report's own indentation stays; what comes from the file is made harmless.
        yield Text("  " + printable(line))


def _waiting(result: Result) -> Iterator[Text]:
    alike: dict[str, list[int]] = {}
    for hart, place, reason, explanation in result.waiting:
        because = f": {explanation}" if explanation else ""
        alike.setdefault(f"waits for {reason or 'nothing'} in {place}{because}", []).append(hart)
    for told, harts in alike.items():
        who = f"hart {harts[0]}" if len(harts) == 1 else f"harts {ranges(harts)}"
        yield Text.assemble((f"{who} ", "bold red"), printable(told))


def _heading(session: Session, result: Result) -> Text:
    cycles, seconds = result.statistics.cycles, result.seconds
    simulated = cycles / session.point.hertz
    clock = engineering(session.point.hertz, "Hz")
    rate = result.statistics.instructions / seconds if seconds else 0.0
    return Text.assemble(
        ("vplat: ", "bold"),
        (_ending(result), f"bold {ENDING_STYLES.get(result.outcome.ending, 'red')}"),
        f" after {cycles:,} cycles on {result.board}: {engineering(simulated, 's')} at {clock}, ",
        f"in {engineering(seconds, 's')} of host time ({engineering(rate, 'instructions/s')})",
    )


def _ending(result: Result) -> str:
    outcome = result.outcome
    if outcome.ending is not Ending.EXITED:
        message = printable(outcome.message)
        return message if message == outcome.ending else f"{outcome.ending}: {message}"
    status = outcome.status or 0
    told = f"exited with status {status}"
    return told if status == result.exit_status else f"{told} ({result.exit_status} to the shell)"


def _tables(session: Session, result: Result) -> RenderableType:
    parts: list[RenderableType] = ["", _harts(session, result)]
    devices = _devices(result)
    if devices.row_count:
        parts += ["", devices]
    return Group(*parts, "", _energy(session, result))


def _harts(session: Session, result: Result) -> Table:
    # Where harts were is news only if the firmware did not end by itself.
    ended = result.outcome.ending is Ending.EXITED
    columns = ("hart", "active cycles", "active", "instructions", "IPC")
    made = table(*columns, *(() if ended else ("where",)), right="hart active instructions IPC")
    made.columns[1].justify = "right"
    for hart in result.statistics.harts:
        row = _hart_row(hart)
        made.add_row(*row, *(() if ended else (_where(session, hart.id),)))
    return made


def _hart_row(hart: HartStatistics) -> tuple[str, ...]:
    per_cycle = hart.instructions / hart.active_cycles if hart.active_cycles else 0.0
    return (
        str(hart.id),
        f"{hart.active_cycles:,}",
        share(hart.active_cycles, hart.cycles),
        f"{hart.instructions:,}",
        f"{per_cycle:.2f}",
    )


def _where(session: Session, index: int) -> Text:
    hart = session.machine.harts[index]
    place = Place.of(session.firmware, hart.pc)
    state = f"{hart.state.value}, {hart.reason}" if hart.reason else hart.state.value
    return Text(printable(f"{state} at {place}"))


def _devices(result: Result) -> Table:
    made = table("device", "busy", "work", right="busy")
    for name, device in result.statistics.devices.items():
        if device.activities:
            busy = share(device.busy_cycles, result.statistics.cycles)
            made.add_row(name, busy if device.busy_cycles else "-", _work(device))
    return made


def _work(device: DeviceStatistics) -> Text:
    done = [
        f"{what.replace('_', ' ')} {amount:,}"
        for what, amount in device.activities.items()
        if what != BUSY_CYCLES and amount
    ]
    return Text(", ".join(done))


def _energy(session: Session, result: Result) -> RenderableType:
    energy = result.energy
    made = table("energy", "joules", "share", "figure", right="joules share")
    parts = sorted(energy.by_component.items(), key=lambda part: -part[1])
    for component, joules in parts:
        if joules:
            figure = str(energy.figures.get(component, ""))
            made.add_row(
                component.replace("_", " "),
                engineering(joules, "J"),
                share(joules, energy.total_joules),
                Text(figure, FIGURE_STYLES.get(figure, "")),
            )
    point = session.point
    total = Text.assemble(
        (engineering(energy.total_joules, "J"), "bold"),
        " in all, mean power ",
        (engineering(energy.average_watts, "W"), "bold"),
        f" at {point.volts:.2f} V, {engineering(point.hertz, 'Hz')} ({energy.figure})",
    )
    if energy.unpriced:
        total.append(f"; without {', '.join(energy.unpriced)}, which no table prices")
    return Group(made, total)
