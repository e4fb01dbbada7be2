"""``vplat bench``: how fast vplat is on this machine, and how its figures stand to the paper's."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import rich_click

from . import terminal
from .options import board_option, common_options, json_flag, load_plugins
from .terminal import table
from .writing import as_json

if TYPE_CHECKING:
    from .networks.report import Row as NetworkRow
    from .paper.report import Row
    from .speed.report import Report


@rich_click.group(
    "bench",
    context_settings={"rich_help_config": {"commands_panel_title": "Commands"}},
    short_help="Measure vplat: its speed, its figures beside the paper's.",
)
def command() -> None:
    """Measure how fast vplat is on this machine, or what it says of the paper's benchmarks.

    While speed is measured leave the machine alone: what else runs on it shows in the figures. The
    benchmarks of the paper are simulated, and give the same figures on every machine.
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


@command.command("paper")
@board_option(help_text="One board, not all of those the benchmarks are built for.")
@rich_click.option(
    "--operating-point",
    metavar="NAME",
    default="0.65V",
    help="Voltage and clock, 0.65V if not given, as the paper's figures.",
)
@rich_click.option(
    "--markdown",
    "page",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the tables into a page like docs/paper.md, between its marks.",
)
@json_flag
@common_options
@click.pass_context
def paper(
    context: click.Context,
    board: str | None,
    operating_point: str,
    page: Path | None,
    wants_json: bool,
) -> None:
    """Run the micro-benchmarks of arXiv 2408.02473 and set them beside its figures.

    Products and attention on ITA and on eight cores, and the layers around them. The paper's
    figures are as remembered, and its cluster is snitch-ita. docs/paper.md says what is exact,
    calibrated and estimated.
    """
    from .paper.benchmarks import ENDINGS
    from .paper.page import update
    from .paper.report import take

    boards = [board] if board else list(ENDINGS)
    with terminal.errors().status("measuring") as status:
        rows = take(boards, operating_point, load_plugins(context), status.update)
    if page is not None:
        update(page, rows)
    if wants_json:
        sys.stdout.write(as_json({"measurements": [row.as_json() for row in rows]}))
    elif page is None:
        _print_paper(rows)


@command.command("networks")
@rich_click.argument("names", metavar="[NETWORK]...", nargs=-1)
@board_option(help_text="One board, not both clusters.")
@rich_click.option(
    "--engines",
    type=click.Choice(["both", "ita", "cores"]),
    default="both",
    help="Cores and ITA, the cores alone, or one after the other, as without this option.",
)
@rich_click.option(
    "--operating-point",
    metavar="NAME",
    default="0.65V",
    help="Voltage and clock, 0.65V if not given, as the paper's figures.",
)
@rich_click.option(
    "--layers", metavar="N", type=int, help="Only the first N layers, beside nothing of the paper."
)
@rich_click.option(
    "--markdown",
    "page",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the tables into a page like docs/networks.md, between its marks.",
)
@json_flag
@common_options
@click.pass_context
def networks(
    context: click.Context,
    names: tuple[str, ...],
    board: str | None,
    engines: str,
    operating_point: str,
    layers: int | None,
    page: Path | None,
    wants_json: bool,
) -> None:
    """Deploy the paper's networks, run an inference of each, and set it beside the paper.

    Every layer is compared with the host reference; a difference is an error. All of it takes many
    minutes, most of them for the cores alone: name networks, a board or engines to do less.
    """
    from vplat.deploy.models import NETWORKS, describe

    from .networks.measuring import Wanted
    from .networks.report import markdown, take
    from .paper.benchmarks import ENDINGS
    from .paper.page import fill

    boards = [board] if board else list(ENDINGS)
    if page is not None:
        fill(page, {})  # many minutes later is too late to say that it has no place
    wanted = [
        Wanted(describe(name).name, each, alone, operating_point, layers)
        for each in boards
        for name in names or NETWORKS
        for alone in {"both": (False, True), "ita": (False,), "cores": (True,)}[engines]
    ]
    with terminal.errors().status("measuring") as status:
        rows = take(wanted, load_plugins(context), status.update)
    if page is not None:
        fill(page, {each: markdown(rows, each) for each in boards})
    if wants_json:
        sys.stdout.write(as_json({"measurements": [row.as_json() for row in rows]}))
    elif page is None:
        _print_networks(rows, boards)


def _print_networks(rows: list[NetworkRow], boards: list[str]) -> None:
    from rich.text import Text

    from .networks.report import HEADINGS, cells, gains

    console = terminal.output()
    for board in boards:
        made = table(*HEADINGS, title=f"\n{board}")
        for column in made.columns[1:]:
            column.justify = "right"
        for row in rows:
            if row.measured.wanted.board == board:
                name, *figures = cells(row)
                beneath = [each.replace(" (", "\n(") for each in figures]
                made.add_row(Text(name.replace(", ", "\n"), no_wrap=True), *beneath)
        console.print(made)
        for told in gains(rows, board):
            console.print(told)
    console.print(
        Text(
            "\nIn brackets the paper's figures: MobileBERT's inf/s and mW from its abstract, the "
            "others as remembered. Every result equals the host reference.",
            "dim",
        )
    )


def _print_paper(rows: list[Row]) -> None:
    from rich.text import Text

    from .paper.report import HEADINGS, cells

    console = terminal.output()
    for board in dict.fromkeys(row.measured.board for row in rows):
        made = table(*HEADINGS, title=f"\n{board}")
        for column in made.columns[1:-1]:
            column.justify = "right"
        for row in rows:
            if row.measured.board == board:
                told = [Text(cell) for cell in cells(row)]
                told[0].stylize("bold" if row.is_compared else "")
                made.add_row(*told)
        console.print(made)
    console.print(
        Text(
            "\nBold: the size held against the paper, whose figures are as remembered; energy is "
            "fitted to these three.",
            "dim",
        )
    )


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
