"""The views of a ledger: what each is called, which files hold it, and what it needs."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO, Final

from vplat.errors import ToolError, UsageError

from .jsonl import heading_line, json_lines
from .perfetto import write_perfetto
from .store import Reader
from .text import text_lines
from .vcd import write_vcd


@dataclasses.dataclass(frozen=True)
class View:
    """A form that a ledger can be written in.

    Files whose names end with one of ``suffixes`` are of it. ``functions`` and ``counters`` say
    what it shows beyond accesses and events; ``package`` is what it needs installed.
    """

    name: str
    suffixes: tuple[str, ...]
    doc: str
    write: Callable[[BinaryIO, Reader], None]
    functions: bool = False
    counters: bool = False
    package: str = ""

    def check(self) -> None:
        """A ``ToolError`` if the package that it needs is not installed."""
        if self.package:
            try:
                importlib.import_module(self.package)
            except ImportError:
                raise ToolError(
                    f"the view {self.name!r} needs a package that is not installed; "
                    "get it with: pip install 'vplat[trace]'"
                ) from None


def _write_lines(file: BinaryIO, lines: Iterable[str]) -> None:
    file.writelines(f"{line}\n".encode("utf-8", "replace") for line in lines)


def _write_text(file: BinaryIO, reader: Reader) -> None:
    _write_lines(file, text_lines(reader))


def _write_json_lines(file: BinaryIO, reader: Reader) -> None:
    _write_lines(file, [heading_line(reader.heading)])
    _write_lines(file, json_lines(reader))


def _write_perfetto(file: BinaryIO, reader: Reader) -> None:
    write_perfetto(file, reader.heading, reader)


def _write_ledger(file: BinaryIO, reader: Reader) -> None:
    reader.copy_to(file)


VIEWS: Final = (
    View("text", (".txt", ".log"), "One line an entry, in columns.", _write_text),
    View("json", (".jsonl",), "One JSON object an entry, a line each.", _write_json_lines),
    View(
        "perfetto",
        (".pftrace", ".perfetto-trace"),
        "For https://ui.perfetto.dev: harts with their functions, devices, counters.",
        _write_perfetto,
        functions=True,
        counters=True,
        package="perfetto.trace_builder.proto_builder",
    ),
    View(
        "vcd",
        (".vcd",),
        "Waves for GTKWave: registers, events, what harts do.",
        write_vcd,
        functions=True,
        counters=True,
        package="vcd",
    ),
    View(
        "ledger",
        (".ledger",),
        "All of it, from which `vplat trace` makes the other views.",
        _write_ledger,
        functions=True,
        counters=True,
    ),
)


def view_of(path: Path) -> View:
    """The view that a file of this name is to hold; a ``UsageError`` if its ending says none."""
    for view in VIEWS:
        if path.name.endswith(view.suffixes):
            return view
    known = ", ".join(f"{view.suffixes[0]} ({view.name})" for view in VIEWS)
    raise UsageError(f"{path}: its ending does not say which view it is to hold; use {known}")
