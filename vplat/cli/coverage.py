"""``vplat coverage``: which lines and branches have run, over several runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import rich_click

from vplat.errors import UsageError

from . import terminal
from .failures import note
from .options import Elf, common_options, json_flag
from .quantities import share
from .recording import FILE
from .running import open_session, run_session, runs_firmware
from .terminal import table
from .writing import as_json, check_writable, write_whole

if TYPE_CHECKING:
    from vplat.trace.coverage.coverage import Coverage, FileCoverage

PANEL = "Coverage"
MAGIC = b"\x7fELF"


@runs_firmware
@rich_click.command("coverage", epilog="Try: vplat coverage a.elf b.elf --lcov all.info")
@rich_click.argument("sources", nargs=-1, required=True, type=Elf(), metavar="ELF|INFO...")
@rich_click.option(
    "--lcov",
    "lcov_file",
    metavar="FILE",
    type=FILE,
    panel=PANEL,
    help="Write it to FILE as lcov does, for genhtml and code hosts.",
)
@rich_click.option(
    "--all",
    "everything",
    is_flag=True,
    panel=PANEL,
    help="Take in source files as well that are not found from here, like those of a C library.",
)
@json_flag
@common_options
@click.pass_context
def command(
    context: click.Context,
    sources: Sequence[Path],
    lcov_file: Path | None,
    everything: bool,
    wants_json: bool,
) -> int:
    """Show which lines, branches and functions of a firmware have run.

    Each ELF is run as it is, without being compiled for it; what a file of lcov holds is read. All
    of it is added up, so coverage can be merged over runs: `vplat run` writes such files with
    --coverage. A branch is a conditional branch instruction, taken or not.

    The table is standard output; what the firmware prints goes to standard error. The exit status
    is that of the first run that did not end with 0.
    """
    from vplat.trace.coverage.coverage import Coverage
    from vplat.trace.coverage.lcov import to_lcov

    if lcov_file is not None:
        check_writable(lcov_file)
    whole, status = Coverage(), 0
    for source in sources:
        found, ended = _covered(context, source)
        whole.add(found)
        status = status or ended
    hidden = [] if everything else [name for name in whole.files if not Path(name).is_file()]
    if hidden:
        count = f"{len(hidden)} source file{'s' if len(hidden) > 1 else ''}"
        note(f"{count} not found from here and left out; --all shows them")
    shown = Coverage({name: each for name, each in whole.files.items() if name not in set(hidden)})
    if lcov_file is not None:
        write_whole(lcov_file, to_lcov(shown))
    if wants_json:
        sys.stdout.write(as_json(_as_json(shown)))
    else:
        _print(shown)
    return status


def _covered(context: click.Context, source: Path) -> tuple[Coverage, int]:
    """What a run of an ELF covers, or what a tracefile holds, and the status."""
    from vplat.trace.coverage.branches import Branches
    from vplat.trace.coverage.coverage import Coverage
    from vplat.trace.coverage.lcov import from_lcov

    try:
        with source.open("rb") as file:
            is_elf = file.read(len(MAGIC)) == MAGIC
        text = "" if is_elf else source.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        is_elf = True  # the loader says what is wrong with it
    if not is_elf:
        return from_lcov(text, str(source)), 0
    session = open_session(context, source, coverage=True)
    result = run_session(session)
    found = Coverage.of(session.machine, session.observers.get(Branches))
    if not found.files:
        raise UsageError(
            f"{source} has no debug information, so nobody can tell its lines; build it with -g"
        )
    return found, result.exit_status


def _shares(file: FileCoverage) -> dict[str, tuple[int, int]]:
    return {
        "lines": file.line_share,
        "branches": file.branch_share,
        "functions": file.function_share,
    }


def _print(coverage: Coverage) -> None:
    made = table("file", "lines", "", "branches", " ", "functions")
    for column in made.columns[1:]:
        column.justify, column.no_wrap = "right", True
    for name, file in sorted(coverage.files.items()):
        made.add_row(name, *_cells(file))
    made.add_section()
    made.add_row("all", *_cells(coverage.total()))
    terminal.output().print(made)


def _cells(file: FileCoverage) -> list[str]:
    lines, branches, functions = _shares(file).values()
    return [
        f"{lines[0]}/{lines[1]}",
        share(*lines),
        f"{branches[0]}/{branches[1]}",
        share(*branches),
        f"{functions[0]}/{functions[1]}",
    ]


def _as_json(coverage: Coverage) -> dict[str, Any]:
    def told(file: FileCoverage) -> dict[str, Any]:
        return {what: {"hit": hit, "of": of} for what, (hit, of) in _shares(file).items()}

    files = {name: told(file) for name, file in sorted(coverage.files.items())}
    return {"total": told(coverage.total()), "files": files}
