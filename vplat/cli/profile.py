"""``vplat profile``: where cycles and joules went."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import rich_click

from vplat.errors import UsageError

from . import terminal
from .options import Elf, common_options, json_flag
from .quantities import engineering, share
from .recording import FILE, profile_report
from .running import open_session, run_session, runs_firmware
from .terminal import table
from .writing import as_json, check_writable, write_whole

if TYPE_CHECKING:
    from rich.table import Table

    from vplat.trace.profile.forms import Report
    from vplat.trace.profile.profile import Cost

ORDERS: Final[Mapping[str, str]] = {
    "cycles": "cycles",
    "instructions": "instructions",
    "energy": "joules",
    "asleep": "asleep",
}
SHOWN: Final = 25
PANEL: Final = "Profile"
ENDING: Final = 2
"""How many parts of a path are shown where nobody can open it."""


@runs_firmware
@rich_click.command(
    "profile", epilog="Try: vplat profile firmware.elf --output firmware.speedscope.json"
)
@rich_click.argument("elf", type=Elf(), metavar="ELF")
@rich_click.option(
    "--lines", "by_line", is_flag=True, panel=PANEL, help="Show lines and not functions."
)
@rich_click.option(
    "--hart",
    "harts",
    metavar="N",
    type=int,
    multiple=True,
    panel=PANEL,
    help="Show one hart; may be given again.",
)
@rich_click.option(
    "--sort",
    "order",
    type=click.Choice(tuple(ORDERS)),
    default="cycles",
    panel=PANEL,
    help="What comes first: the most cycles, if not given.",
)
@rich_click.option(
    "--top",
    metavar="N",
    type=click.IntRange(min=0),
    default=SHOWN,
    panel=PANEL,
    help=f"How many rows; 0 for all, {SHOWN} if not given.",
)
@rich_click.option(
    "--output",
    "outputs",
    metavar="FILE",
    multiple=True,
    type=FILE,
    panel=PANEL,
    help="Write the whole profile to FILE: NAME.json, NAME.speedscope.json or NAME.collapsed for "
    "flame graphs, callgrind.out.NAME for KCachegrind; may be given again.",
)
@json_flag
@common_options
@click.pass_context
def command(
    context: click.Context,
    elf: Path,
    by_line: bool,
    harts: Sequence[int],
    order: str,
    top: int,
    outputs: Sequence[Path],
    wants_json: bool,
) -> int:
    """Show where the cycles and the joules of a run went, by function or by line.

    The firmware is run as it is. The figures of functions and lines are exact: they are worked out
    from how often each piece of code ran. Only the call stacks of flame graphs, and what a call
    costs with all below it, come from samples.

    The table is standard output; what the firmware prints goes to standard error. The exit status
    is that of `vplat run`.
    """
    from vplat.trace.profile.forms import as_json as whole
    from vplat.trace.profile.forms import form_of

    forms = [form_of(file) for file in outputs]
    for file in outputs:
        check_writable(file)
    session = open_session(context, elf, profile=True)
    for hart in harts:
        if not 0 <= hart < len(session.machine.harts):
            last = len(session.machine.harts) - 1
            raise UsageError(f"there is no hart {hart} on {session.board.name}; it has 0 to {last}")
    result = run_session(session)
    report = profile_report(session, result)
    for file, form in zip(outputs, forms, strict=True):
        write_whole(file, form(report))
    if wants_json:
        sys.stdout.write(as_json(whole(report)))
    else:
        _print(report, list(harts) or None, by_line=by_line, order=ORDERS[order], top=top)
    return result.exit_status


def _print(report: Report, harts: list[int] | None, *, by_line: bool, order: str, top: int) -> None:
    from rich.text import Text

    from vplat.trace.profile.forms import ordered

    profile = report.profile
    costs: Mapping[Any, Cost] = (profile.by_spot if by_line else profile.by_function)(harts)
    rows = ordered(costs, order)
    shown = rows[:top] if top else rows
    console = terminal.output()
    active = sum(report.active[hart] for hart in harts or range(profile.harts))
    console.print(_table(shown, active, by_line=by_line))
    remains = [f"{len(rows) - len(shown)} more"] if len(rows) > len(shown) else []
    if lost := report.unattributed(harts):
        remains.append(f"{lost:,} cycles lost to other harts at shared memories and units")
    joules = sum(cost.joules for cost in costs.values())
    console.print(
        Text(
            f"{active:,} active cycles; {engineering(joules, 'J')} of the harts, of "
            f"{engineering(report.joules, 'J')} of the whole platform"
            + "".join(f"; {each}" for each in remains),
            "dim",
        )
    )


def _table(rows: Sequence[tuple[Any, Cost]], active: int, *, by_line: bool) -> Table:
    columns = ["line", "function"] if by_line else ["function", "line"]
    made = table("cycles", "share", "instructions", "asleep", "energy", *columns)
    for column in made.columns[:5]:
        column.justify, column.no_wrap = "right", True
    for subject, cost in rows:
        place = f"{_short(subject.file)}:{subject.line}" if subject.line else ""
        name = subject.function.name if by_line else subject.name
        made.add_row(
            f"{cost.cycles:,}",
            share(cost.cycles, active),
            f"{cost.instructions:,}",
            f"{cost.asleep:,}",
            engineering(cost.joules, "J"),
            *((place, name) if by_line else (name, place)),
        )
    return made


def _short(file: str) -> str:
    """A source file; of one that is not found from here the end of its path, as of a C library."""
    parts = Path(file).parts
    return file if len(parts) <= ENDING or Path(file).is_file() else str(Path(*parts[-ENDING:]))
