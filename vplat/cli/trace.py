"""``vplat trace``: what happens in a run, or what a ledger holds."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import rich_click

from vplat.trace.jsonl import heading_line, json_lines
from vplat.trace.text import text_lines

from .options import Elf, common_options
from .recording import FILE, select_options, tracing_for, write_traces
from .running import open_session, run_session, runs_firmware
from .writing import check_writable, whole_file

if TYPE_CHECKING:
    from vplat.session import Session
    from vplat.trace.store import Reader
    from vplat.trace.tracing import Tracing

PANEL: Final = "Trace"


@runs_firmware
@rich_click.command(
    "trace", epilog="Try: vplat trace firmware.elf --select 'mchan.*' --select 'harts[0]'"
)
@rich_click.argument("source", type=Elf(), metavar="ELF|LEDGER")
@select_options(("--select", "--from", "--until"), PANEL)
@rich_click.option(
    "--output",
    "outputs",
    metavar="FILE",
    multiple=True,
    type=FILE,
    panel=PANEL,
    help="Write to FILE and not to standard output: as text, JSON lines, for Perfetto, as waves, "
    "or as a ledger, which this verb reads again. The ending says how (.txt .jsonl .pftrace .vcd "
    ".ledger); may be given again.",
)
@rich_click.option(
    "--json", "wants_json", is_flag=True, panel=PANEL, help="Print JSON lines instead of text."
)
@rich_click.option(
    "--functions", is_flag=True, panel=PANEL, help="Print every change of function as well."
)
@common_options
@click.pass_context
def command(
    context: click.Context,
    source: Path,
    patterns: Sequence[str],
    begin: int | None,
    end: int | None,
    outputs: Sequence[Path],
    wants_json: bool,
    functions: bool,
) -> int:
    """Show what happens in a run, in the order of time.

    That is every access to a device with the function and the line, by register and field, from
    what to what; events; transfers and jobs from their beginning to their end; interrupts, traps
    and the sleep of harts. A pattern selects by path: `*` stands for anything, and `ita` takes all
    that is in it. `harts[3]` takes what hart 3 does.

    The trace is standard output; what the firmware prints goes to standard error. The exit status
    is that of `vplat run`.
    """
    from vplat.trace.store import is_ledger, open_ledger
    from vplat.trace.views import view_of

    for file in outputs:
        check_writable(file)
        view_of(file).check()
    tracing = _tracing(outputs, patterns, begin, end, functions)
    if is_ledger(source):
        reader = open_ledger(source)
        if patterns or begin or end:
            reader.narrow(tracing)
        _show_ledger(reader, outputs, wants_json=wants_json, functions=functions)
        return 0
    session = open_session(context, source, trace=tracing)
    return _run(session, outputs, wants_json=wants_json, functions=functions)


def _tracing(
    files: Sequence[Path],
    patterns: Sequence[str],
    begin: int | None,
    end: int | None,
    functions: bool,
) -> Tracing:
    import dataclasses

    from vplat.trace.tracing import Tracing

    found = tracing_for(files, patterns, begin, end)
    if found is None:
        return Tracing(tuple(patterns), begin or 0, end, functions=functions)
    return dataclasses.replace(found, functions=found.functions or functions)


def _run(session: Session, files: Sequence[Path], *, wants_json: bool, functions: bool) -> int:
    """Run, and print the trace while it comes in unless it goes to files."""
    from vplat.trace.ledger import Ledger

    if files:
        result = run_session(session)
        write_traces(session, files)
        return result.exit_status
    printed: list[_Printed] = []

    def print_more() -> None:
        ledger = session.observers.get(Ledger)
        if not printed:
            printed.append(_Printed(ledger.reader(), wants_json=wants_json, functions=functions))
        printed[0].more()

    def watch() -> None:
        session.observers.get(Ledger).settle()
        print_more()

    result = run_session(session, watch, print_more)
    return result.exit_status


def _show_ledger(
    reader: Reader, files: Sequence[Path], *, wants_json: bool, functions: bool
) -> None:
    from vplat.trace.views import view_of

    for file in files:
        with whole_file(file) as stream:
            view_of(file).write(stream, reader)
    if not files:
        _Printed(reader, wants_json=wants_json, functions=functions).more()


class _Printed:
    """A ledger on standard output, as far as it has come."""

    def __init__(self, reader: Reader, *, wants_json: bool, functions: bool) -> None:
        self._reader, self._wants_json, self._functions = reader, wants_json, functions
        if wants_json:
            self._print(heading_line(reader.heading))

    def more(self) -> None:
        """Print what has been written since."""
        entries = self._reader.more()
        if self._wants_json:
            lines = json_lines(entries)
        else:
            lines = text_lines(entries, functions=self._functions)
        for line in lines:
            self._print(line)
        sys.stdout.flush()

    def _print(self, line: str) -> None:
        sys.stdout.write(f"{line}\n")
