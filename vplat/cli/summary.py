"""What is said on standard error when a run has ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from vplat.machine.outcome import Ending
from vplat.machine.statistics import DeviceStatistics, HartStatistics
from vplat.session import Result, Session

from .failures import printable
from .quantities import engineering, ranges, share
from .terminal import table

if TYPE_CHECKING:
    from vplat.machine.explain.explanation import Explanation

SHOWN_FINDINGS: Final = 20
"""Different ones; a driver that does the same thing wrong a million times is told once."""
ENDING_STYLES: Final = {
    Ending.EXITED: "green",
    Ending.INTERRUPTED: "yellow",
    Ending.OUT_OF_CYCLES: "yellow",
}
FIGURE_STYLES: Final = {"exact": "green", "calibrated": "cyan", "estimated": "yellow"}


def report(
    session: Session, result: Result, console: Console, *, quiet: bool, tables: bool
) -> None:
    """Findings, the crash, where harts were, how it ended; then, unless ``quiet``, the figures.

    Those are one line and, with ``tables``, the tables that the live view shows as well.
    """
    ended = result.outcome.ending is Ending.EXITED
    sentences = [*_findings(result), *_crash(result)]
    if result.explanation is not None:
        sentences += _standing(result.explanation, crashed=result.crash is not None)
    if not quiet or not ended:
        sentences.append(_ending(result))
    for sentence in sentences:
        # In a file or a pipe a sentence is a line, whatever its length.
        console.print(sentence, soft_wrap=not console.is_terminal)
    if not quiet:
        console.print(_pace(session, result), soft_wrap=not console.is_terminal)
        if tables:
            console.print(_tables(result))


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
    first, *others = result.crash.lines()[:-1]  # the last is how it ended, which comes anyway
    yield Text(printable(first), "bold red")
    for line in others:
        yield _indented(line)


def _standing(explanation: Explanation, *, crashed: bool) -> Iterator[Text]:
    """What each hart waits for, or where it was; harts that were alike are told of once."""
    for harts, report in explanation.groups():
        if report.state == "crashed":
            continue  # that comes anyway
        who = f"hart {harts[0]}" if len(harts) == 1 else f"harts {ranges(list(harts))}"
        yield Text.assemble((f"{who}: ", "bold"), printable(report.headline()))
        for line in report.details():
            yield _indented(line, by=2)
    if explanation.devices and not crashed:
        yield from (_indented(line) for line in explanation.device_lines())


def _indented(line: str, by: int = 0) -> Text:
    indentation = line[: len(line) - len(line.lstrip())]
    told = line.strip() if line.isprintable() else printable(line)
    return Text(" " * by + indentation + told)


def _ending(result: Result) -> Text:
    outcome = result.outcome
    style = f"bold {ENDING_STYLES.get(outcome.ending, 'red')}"
    if outcome.ending is Ending.EXITED:
        status, shown = outcome.status or 0, result.exit_status
        told = f"exited with status {status}"
        told += "" if status == shown else f", {shown} to the shell"
        style = style if status == 0 else "bold yellow"
    else:
        told = f"{outcome.ending}: {outcome.message}"
        told = str(outcome.ending) if outcome.message == outcome.ending else told
    return Text.assemble(("vplat: ", "bold"), (printable(told), style))


def _tables(result: Result) -> RenderableType:
    parts: list[RenderableType] = ["", _harts(result)]
    devices = _devices(result)
    if devices.row_count:
        parts += ["", devices]
    if result.regions:
        parts += ["", _regions(result)]
    return Group(*parts, "", _energy(result))


def _pace(session: Session, result: Result) -> Text:
    statistics, seconds = result.statistics, result.seconds
    simulated = engineering(statistics.cycles / session.point.hertz, "s")
    mips = statistics.instructions / seconds / 1e6 if seconds else 0.0
    return Text(
        f"{result.board}: {statistics.cycles:,} cycles, {simulated} at "
        f"{engineering(session.point.hertz, 'Hz')}, {statistics.instructions:,} instructions; "
        f"host: {engineering(seconds, 's')}, {mips:.3g} MIPS"
    )


def _harts(result: Result) -> Table:
    made = table("hart", "active", "of its time", "instructions", "IPC", right="hart active")
    for column in made.columns[2:]:
        column.justify = "right"
    for hart in result.statistics.harts:
        made.add_row(*_hart_row(hart))
    return made


def _hart_row(hart: HartStatistics) -> tuple[str, ...]:
    per_cycle = hart.instructions / hart.active_cycles if hart.active_cycles else 0.0
    return (
        str(hart.id),
        f"{hart.active_cycles:,} cycles",
        share(hart.active_cycles, hart.cycles),
        f"{hart.instructions:,}",
        f"{per_cycle:.2f}",
    )


def _devices(result: Result) -> Table:
    made = table("device", "busy", "work", right="busy")
    for name, device in result.statistics.devices.items():
        if device.activities:
            busy = share(device.busy_cycles, result.statistics.cycles)
            made.add_row(name, busy if device.busy_cycles else "-", _work(device))
    return made


def _regions(result: Result) -> Table:
    made = table("region", "from cycle", "cycles", "instructions", "energy", "mean power")
    for column in made.columns:
        column.justify = "right"
    for region, energy in result.regions:
        made.add_row(
            str(region.number),
            f"{region.begin:,}",
            f"{region.cycles:,}",
            f"{region.statistics.instructions:,}",
            engineering(energy.total_joules, "J"),
            engineering(energy.average_watts, "W"),
        )
    return made


def _work(device: DeviceStatistics) -> Text:
    done = [
        f"{what.replace('_', ' ')} {amount:,}"
        for what, amount in device.activities.items()
        if amount and not what.endswith(("cycles", "_macs"))  # of each part: for --json
    ]
    return Text(", ".join(done))


def _energy(result: Result) -> RenderableType:
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
    point = energy.operating_point
    total = Text.assemble(
        (engineering(energy.total_joules, "J"), "bold"),
        " in all, mean power ",
        (engineering(energy.average_watts, "W"), "bold"),
        f" at {point.volts:.2f} V, {engineering(point.hertz, 'Hz')} ({energy.figure})",
    )
    if energy.unpriced:
        total.append(f"; without {', '.join(energy.unpriced)}, which no table prices")
    return Group(made, total)
