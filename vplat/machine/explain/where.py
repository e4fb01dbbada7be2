"""Places in the firmware for people: function, source line and its text."""

from __future__ import annotations

import dataclasses
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ..elf import Firmware
from ..lines import SourceLine

SOURCES: Final = frozenset((".c", ".h", ".s", ".S", ".cc", ".cpp", ".cxx", ".hpp", ".inc", ".rs"))
"""Ends of the names of files that source lines are shown from: an ELF can name any file."""
LARGEST_SOURCE: Final = 4 << 20
"""Bytes."""
LONGEST_LINE: Final = 100


@dataclasses.dataclass(frozen=True)
class Where:
    """An address in the firmware; what is not known is ''. ``line`` is ``main.c:42``."""

    address: int
    function: str = ""
    line: str = ""
    text: str = ""

    @classmethod
    def of(cls, firmware: Firmware | None, address: int) -> Where:
        """The place of ``address``."""
        if firmware is None:
            return cls(address)
        known = firmware.symbols.function(address) is not None
        function = firmware.symbols.name(address) if known else ""
        source = firmware.lines.lookup(address)
        line = firmware.lines.describe(address) or ""
        return cls(address, function, line, _text(source) if source is not None else "")

    def __str__(self) -> str:
        text = f"{self.address:#010x}"
        if self.function:
            text += f" in {self.function}"
        return text + (f" at {self.line}" if self.line else "")


def _text(source: SourceLine) -> str:
    lines = _lines(Path(source.file.path))
    if not 0 < source.line <= len(lines):
        return ""
    text = " ".join(lines[source.line - 1].split())
    printable = "".join(each if each.isprintable() else "?" for each in text)
    return printable if len(printable) <= LONGEST_LINE else printable[:LONGEST_LINE] + "..."


def _lines(path: Path) -> Sequence[str]:
    """The lines of a source file; none if it cannot be read or is no source file."""
    try:
        status = path.stat()
        if path.suffix not in SOURCES or not stat.S_ISREG(status.st_mode):
            return ()
        if status.st_size > LARGEST_SOURCE:
            return ()
        return path.read_text("utf-8", "replace").splitlines()
    except (OSError, ValueError):
        return ()
