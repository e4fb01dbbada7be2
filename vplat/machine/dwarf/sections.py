"""Debug sections as pyelftools wants them, with every read charged to a budget."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elftools.dwarf.dwarfinfo import DebugSectionDescriptor, DWARFInfo

    from vplat.machine.elf_sections import SectionTable

READS_PER_BYTE = 8
LEB128_LIMIT = 256
_WORD_SIZE = 4


class DamagedDebugInfoError(Exception):
    """The debug information contradicts itself; never leaves this package."""


@contextmanager
def wall() -> Iterator[None]:
    """Around calls of pyelftools: whatever a damaged file leads it to raise gets one name."""
    try:
        yield
    except Exception as error:
        cause: BaseException | None = error
        while cause is not None:  # pyelftools wraps what our streams raise in errors of its own
            if isinstance(cause, DamagedDebugInfoError):
                raise cause from None
            cause = cause.__context__
        raise DamagedDebugInfoError("it contradicts itself") from error


class ReadBudget:
    """How much may still be read, in reads of up to 16 bytes."""

    def __init__(self, sizes: Iterable[int]) -> None:
        """Honest information is read about once; ``sizes`` in bytes allow several times that."""
        self._left = READS_PER_BYTE * sum(sizes) + (1 << 16)

    @property
    def spent(self) -> bool:
        """True once more was read than allowed."""
        return self._left < 0

    def spend(self, size: int) -> None:
        """Account for one read of ``size`` bytes."""
        self._left -= 1 + size // 16
        if self._left < 0:
            raise DamagedDebugInfoError("it refers to the same bytes over and over")


class BudgetedStream(io.BytesIO):
    """The bytes of one section. Numbers of variable length (LEB128) have to end in time, too:
    pyelftools takes quadratic time for a long one.
    """

    def __init__(self, data: bytes, budget: ReadBudget) -> None:
        super().__init__(data)
        self._budget = budget
        self._continued = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self._budget.spend(len(data))
        if len(data) == 1 and data[0] >= 0x80:
            self._continued += 1
            if self._continued > LEB128_LIMIT:
                raise DamagedDebugInfoError("it holds a number that does not end")
        else:
            self._continued = 0
        return data

    def seek(self, position: int, whence: int = 0, /) -> int:
        self._continued = 0
        return super().seek(position, whence)


class DebugSections:
    """The debug sections of one file, each read at most once."""

    def __init__(self, table: SectionTable | None = None) -> None:
        self._table = table
        self._known: dict[str, tuple[bytes, int] | None] = {}

    def get(self, name: str) -> tuple[bytes, int] | None:
        """The contents and the address of the section called ``name``, or None."""
        if name not in self._known:
            section = self._table.named(name) if self._table else None
            data = self._table.contents(section) if self._table and section else None
            self._known[name] = (data, section.address) if section and data else None
        return self._known[name]


def open_dwarf(sections: DebugSections, budget: ReadBudget) -> DWARFInfo:
    """pyelftools over the sections that lines and frames need; the others stay closed."""
    from elftools.dwarf.dwarfinfo import DebugSectionDescriptor, DwarfConfig, DWARFInfo

    def section(name: str) -> DebugSectionDescriptor | None:
        found = sections.get(name)
        if found is None:
            return None
        data, address = found
        return DebugSectionDescriptor(BudgetedStream(data, budget), name, 0, len(data), address)

    return DWARFInfo(
        DwarfConfig(True, "RISC-V", _WORD_SIZE),
        debug_info_sec=section(".debug_info"),
        debug_abbrev_sec=section(".debug_abbrev"),
        debug_line_sec=section(".debug_line"),
        debug_line_str_sec=section(".debug_line_str"),
        debug_str_sec=section(".debug_str"),
        debug_frame_sec=section(".debug_frame"),
        eh_frame_sec=section(".eh_frame"),
        debug_str_offsets_sec=section(".debug_str_offsets"),
        debug_aranges_sec=None,
        debug_loc_sec=None,
        debug_ranges_sec=None,
        debug_pubtypes_sec=None,
        debug_pubnames_sec=None,
        debug_addr_sec=None,
        debug_loclists_sec=None,
        debug_rnglists_sec=None,
        debug_sup_sec=None,
        gnu_debugaltlink_sec=None,
        debug_types_sec=None,
    )
