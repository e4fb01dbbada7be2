"""``vplat debug``: firmware under gdb, in one command."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import rich_click

from vplat.errors import ToolError
from vplat.machine.outcome import Ending

from .debugging import GDBS, attaching, find_gdb
from .failures import note
from .options import Elf, board_option, common_options, load_plugins

if TYPE_CHECKING:
    from vplat.gdb import GdbServer
    from vplat.session import Result, Session


@rich_click.command(
    "debug", epilog="Try: vplat debug firmware.elf -- -ex 'break main' -ex continue"
)
@rich_click.argument("elf", type=Elf(), metavar="ELF")
@rich_click.argument("gdb_arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- GDB...]")
@board_option(help_text="The board to run on, pulp-ita if not given; `vplat boards` lists them.")
@rich_click.option(
    "--gdb",
    "program",
    metavar="PROGRAM",
    panel="Debugging",
    help=f"The gdb to start; if not given the first that is installed of {', '.join(GDBS)}.",
)
@rich_click.option(
    "--files",
    metavar="DIR",
    type=click.Path(path_type=Path),
    panel="Machine",
    help="The one directory whose files firmware may use through semihosting.",
)
@common_options
@click.pass_context
def command(
    context: click.Context,
    elf: Path,
    gdb_arguments: Sequence[str],
    board: str | None,
    program: str | None,
    files: Path | None,
) -> int:
    """Debug firmware: start gdb, with the firmware in front of its first instruction.

    Harts are gdb's threads. `monitor help` at gdb's prompt lists what there is beside it: device
    registers by name, who waits for what, energy, snapshots. When gdb ends, so does the run. What
    stands behind -- goes to gdb.

    To attach a gdb from an editor or from another terminal, see `vplat run --gdb`.
    """
    from vplat.gdb import GdbServer
    from vplat.session import HostConsole, Session, Settings

    chosen = program or find_gdb()
    if chosen is None:
        raise ToolError(
            f"no gdb for RISC-V is installed (one of {', '.join(GDBS)}); install gdb-multiarch, or "
            f"name another with --gdb. To attach a gdb yourself: vplat run --gdb {elf}"
        )
    settings = Settings(board=board or Settings.board, files=files)
    session = Session(elf, load_plugins(context), HostConsole(1, 2, None), settings)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_interrupts_are_gdbs())
        gdb: list[subprocess.Popen[bytes]] = []
        server = GdbServer(
            session,
            port=0,
            ends_with_gdb=True,
            is_over=lambda: bool(gdb) and gdb[0].poll() is not None,
        )
        stack.enter_context(contextlib.closing(server))
        gdb.append(_start(chosen, elf, attaching(server), gdb_arguments))
        stack.callback(gdb[0].wait)
        result = _run(session, server)
    return _status(result)


def _start(
    program: str, elf: Path, options: Sequence[str], arguments: Sequence[str]
) -> subprocess.Popen[bytes]:
    sys.stdout.flush()
    try:
        return subprocess.Popen([program, "-q", str(elf), *options, *arguments])  # noqa: S603
    except OSError as error:
        raise ToolError(
            f"{program} cannot be started: {error.strerror}; name another gdb with --gdb"
        ) from None


def _run(session: Session, server: GdbServer) -> Result:
    def look(_: Session) -> bool:
        server.look()
        return False

    result = session.run(watch=look, ready=server.wait)
    server.finish(result.outcome)
    return result


def _status(result: Result) -> int:
    """Leaving gdb in the middle of a run is no failure."""
    if result.outcome.ending is Ending.INTERRUPTED:
        return 0
    if result.outcome.ending is not Ending.EXITED:
        note(f"{result.outcome.ending}: {result.outcome.message}")
    return result.exit_status


@contextlib.contextmanager
def _interrupts_are_gdbs() -> Iterator[None]:
    """Ctrl-C reaches this process as well, but gdb says what it means.

    A function in place of ``SIG_IGN``, which gdb would inherit.
    """
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
