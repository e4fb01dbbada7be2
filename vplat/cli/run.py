"""``vplat run``: firmware to its end."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import rich_click

from vplat.machine.outcome import Ending

from . import terminal
from .debugging import Asked, gdb_options, let_gdb_in
from .dumps import show_dumps, show_kept_dumps
from .failures import note
from .interruption import Interruption
from .options import (
    Cycles,
    Elf,
    Seconds,
    ValueAfterEquals,
    board_option,
    common_options,
    load_plugins,
)
from .recording import Recording, recording_options
from .snapshotting import Snapshotting, snapshot_options
from .writing import STANDARD_OUTPUT, as_json, check_writable, write_whole

if TYPE_CHECKING:
    from vplat.session import HostConsole, Result, Session

PROBES = {"native": True, "python": False}
FINDINGS = 1
"""The status of ``--check=error`` where firmware breaks a rule and ends well."""

option = rich_click.option


@rich_click.command(
    "run",
    cls=ValueAfterEquals,
    epilog="Try: vplat run firmware.elf --max-cycles 10M --json results.json",
)
@rich_click.argument("elf", type=Elf(), metavar="ELF", required=False)
@board_option(help_text="The board to run on, pulp-ita if not given; `vplat boards` lists them.")
@option(
    "--operating-point",
    metavar="NAME",
    panel="Machine",
    help="Voltage and clock, one of the board's; its first if not given.",
)
@option(
    "--files",
    metavar="DIR",
    type=click.Path(path_type=Path),
    panel="Machine",
    help="The one directory whose files firmware may use through semihosting.",
)
@option(
    "--probe",
    type=click.Choice(tuple(PROBES)),
    panel="Machine",
    help="Who counts cycles: the compiled probe, or the one in Python, slower with the same "
    "results. The best there is if not given.",
)
@option(
    "--max-cycles",
    metavar="N",
    type=Cycles(),
    panel="Limits",
    help="End after so many simulated cycles, like 1_000_000 or 10M, with status 124.",
)
@option(
    "--timeout",
    metavar="SECONDS",
    type=Seconds(),
    panel="Limits",
    help="End after so much host time, with status 124.",
)
@option(
    "--json",
    "json_file",
    metavar="FILE",
    type=click.Path(path_type=Path, allow_dash=True),
    panel="Output",
    help="Write the results to FILE as one JSON object. With - it goes to standard output, and "
    "what the firmware prints to standard error.",
)
@option(
    "--check",
    metavar="error",
    is_flag=False,
    flag_value="findings",
    type=click.Choice(("findings", "error")),
    panel="Checks",
    help="Hold the firmware to the rules of its devices, and tell each breach with the driver's "
    "line. With --check=error a run with findings ends with status 1 where it would end with 0.",
)
@option(
    "--sarif",
    "sarif_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    panel="Checks",
    help="Write the findings to FILE as SARIF, for code hosts and editors.",
)
@gdb_options
@recording_options
@snapshot_options
@option("-q", "--quiet", is_flag=True, panel="Output", help="Leave out the summary.")
@option("--tui", "live", is_flag=True, panel="Output", help="Show what happens while it happens.")
@common_options
@click.pass_context
def command(
    context: click.Context,
    elf: Path | None,
    board: str | None,
    operating_point: str | None,
    files: Path | None,
    probe: str | None,
    max_cycles: int | None,
    timeout: float | None,
    json_file: Path | None,
    check: str | None,
    sarif_file: Path | None,
    quiet: bool,
    live: bool,
) -> int:
    """Run firmware to its end.

    What the firmware prints is standard output; all that vplat itself says is standard error.

    \b
    The exit status tells how it ended:
      0 to 123  the firmware's own status (123 for greater ones)
      124       out of cycles or time
      125       an error of vplat's own: usage, files, boards, plugins
      126       the firmware crashed, or every hart waits for ever
      130       Ctrl-C
    """
    for file in filter(None, (json_file, sarif_file)):
        check_writable(file)
    recording = Recording.asked_for(context)
    snapshots = Snapshotting.asked_for(context)
    elf = snapshots.firmware(elf, context)
    if snapshots.about is not None:
        board = board or snapshots.about.board
        operating_point = operating_point or snapshots.about.operating_point
    live = live and _has_terminal()
    with _no_collection():
        from vplat.session import Session, Settings

        settings = Settings(
            board=board or Settings.board,
            operating_point=operating_point,
            max_cycles=max_cycles,
            timeout_seconds=timeout,
            files=files,
            native=PROBES.get(probe or ""),
            **recording.settings(),
            check=check is not None,
        )
        console = _console(apart=json_file == STANDARD_OUTPUT, live=live)
        session = Session(elf, load_plugins(context), console, settings)
        snapshots.prepare(session)
    if not quiet:
        _tell_first(session, live=live)
    result = _run(session, console, Asked.by(context), live=live)
    _finish(session, result, console, json_file, quiet=quiet, tables=not live)
    recording.write(session, result)
    snapshots.tell()
    if sarif_file is not None:
        from vplat.session.sarif import sarif

        write_whole(sarif_file, as_json(sarif(result)))
    if check == "error" and result.findings and result.exit_status == 0:
        return FINDINGS
    return result.exit_status


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Look for no garbage while everything is made: that takes a tenth of a short run."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _console(*, apart: bool, live: bool) -> HostConsole:
    """Where the firmware's console goes: while the live view is up, not onto the same terminal."""
    from vplat.session import HostConsole

    sys.stdout.flush()
    sys.stderr.flush()
    output: int | None = 2 if apart else 1
    errors: int | None = 2
    if live:
        output = None if output is not None and os.isatty(output) else output
        errors = None
    return HostConsole(output, errors, 0)


def _has_terminal() -> bool:
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return True
    note("standard error is no terminal, so there is no live view; everything else is the same")
    return False


def _tell_first(session: Session, *, live: bool) -> None:
    if not live:
        show_dumps(session)
    for record in session.plugins.broken:
        note(f"plugin {record.name!r} did not load; `vplat plugins` says why")
    for sentence in session.firmware.warnings:
        note(sentence)


def _run(session: Session, console: HostConsole, asked: Asked, *, live: bool) -> Result:
    with Interruption() as interruption, contextlib.ExitStack() as stack:
        gdb = stack.enter_context(let_gdb_in(session, asked, interruption))

        def stop(_: Session) -> bool:
            if gdb is not None:
                gdb.look()
            return interruption.asked or console.broken is not None

        watch: Callable[[Session], bool] = stop
        if live:
            from vplat.tui import Live

            view = stack.enter_context(Live(session, terminal.errors()))
            watch = lambda running: view.update(running) or stop(running)  # noqa: E731
        ready = gdb.wait if gdb is not None and asked.waits else None
        result = session.run(watch, ready=ready, steers=gdb is not None)
        if gdb is not None:
            gdb.finish(result.outcome)
        return result


def _finish(
    session: Session,
    result: Result,
    console: HostConsole,
    json_file: Path | None,
    *,
    quiet: bool,
    tables: bool,
) -> None:
    """Tell the result to whoever wants it."""
    if not (quiet or tables):
        show_kept_dumps(session, result)
    if console.withheld:
        console.show_kept(2 if json_file == STANDARD_OUTPUT else 1)
    if console.broken is not None:
        raise console.broken
    if json_file is not None and json_file != STANDARD_OUTPUT:
        write_whole(json_file, as_json(result.as_json()))
    if not quiet or result.findings or result.outcome.ending is not Ending.EXITED:
        from .summary import report

        _end_line(console)
        report(session, result, terminal.errors(), quiet=quiet, tables=tables)
    if json_file == STANDARD_OUTPUT:
        sys.stdout.write(as_json(result.as_json()))


def _end_line(console: HostConsole) -> None:
    """Let what follows begin on a line of its own where both go to one place."""
    unfinished = console.text and not console.text.endswith("\n")
    if unfinished and os.path.sameopenfile(1, 2):
        sys.stderr.write("\n")
