"""``vplat bench``: how fast vplat is on this machine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
import rich_click

from . import terminal
from .options import board_option, common_options, json_flag, load_plugins
from .terminal import table
from .writing import as_json

if TYPE_CHECKING:
    from .speed.report import Report


@rich_click.group(
    "bench",
    context_settings={"rich_help_config": {"commands_panel_title": "Commands"}},
    short_help="Measure how fast vplat is on this machine.",
)
def command() -> None:
    """Measure how fast vplat is on this machine.

    Leave the machine alone meanwhile: what else runs on it shows in the figures.
    """


@command.command("speed")
@board_option(help_text="The board to measure on, pulp-ita if not given.")
@rich_click.option("--quick", is_flag=True, help="A few seconds, with figures less steady.")
@json_flag
@common_options
@click.pass_context
def speed(context: click.Context, board: str | None, quick: bool, wants_json: bool) -> None:
    """Compare the platform with the bare engine, and time accesses, jobs and a whole run.

    The same machine code, six instructions a round with a load and a store among them, runs on bare
    Unicorn at its best and on the platform with cycles and energy counted, in turns. The ratios are
    what counts: they hold for other machines too.
    """
    from .speed.report import take

    plugins = load_plugins(context)
    console = terminal.errors()
    with console.status("measuring") as status:
        report = take(board, plugins, quick=quick, tell=status.update)
    if wants_json:
        sys.stdout.write(as_json(report.as_json()))
    else:
        _print(report)


def _print(report: Report) -> None:
    from rich.text import Text

    console = terminal.output()
    made = table("what", "measured", "to bare", "goal", right="measured")
    made.columns[2].justify = "right"
    for row in report.rows:
        goal = Text("")
        if row.goal:
            goal = Text(row.goal, "green" if row.met else "bold red")
            goal.append("" if row.met else " (missed)")
        made.add_row(Text(row.what, "bold"), row.measured, row.ratio, goal)
    console.print(made)
    console.print()
    told = ", ".join(f"{name} {value}" for name, value in report.host.items())
    console.print(Text(f"{report.board}, turns of {report.turn_cycles} cycles; {told}", "dim"))
