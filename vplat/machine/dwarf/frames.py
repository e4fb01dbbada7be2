"""Call frame information: ``.debug_frame`` and ``.eh_frame``."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from vplat.machine.dwarf.sections import (
    DamagedDebugInfoError,
    DebugSections,
    ReadBudget,
    open_dwarf,
    wall,
)
from vplat.machine.frame_rule import FrameRule, Recovery
from vplat.machine.symbols import Intervals

if TYPE_CHECKING:
    from elftools.dwarf.callframe import FDE

ENTRY_SIZE_LIMIT = 1 << 16
CELLS_LIMIT = 1 << 18
_REGISTERS = 32
_SPECIAL_KEYS = ("pc", "cfa")
_RECOVERIES = {
    "OFFSET": Recovery.AT_CFA,
    "VAL_OFFSET": Recovery.IS_CFA,
    "REGISTER": Recovery.IN_REGISTER,
    "UNDEFINED": Recovery.LOST,
    "EXPRESSION": Recovery.LOST,
    "VAL_EXPRESSION": Recovery.LOST,
}


class CallFrames:
    """Frame rules by pc. Nothing here raises for what a file holds; what is damaged is absent."""

    def __init__(self, sections: DebugSections) -> None:
        self._sections = sections
        self._known: dict[int, FrameRule | None] = {}

    def rule(self, pc: int) -> FrameRule | None:
        """How to leave a frame whose next instruction is at ``pc``, or None when not described."""
        if pc not in self._known:
            self._known[pc] = self._worked_out(pc)
        return self._known[pc]

    def _worked_out(self, pc: int) -> FrameRule | None:
        description = self._descriptions.at(pc)
        if description is None:
            return None
        try:
            with wall():
                return _rule(description, pc)
        except DamagedDebugInfoError:
            return None

    @cached_property
    def _descriptions(self) -> Intervals[FDE]:
        spans: list[tuple[int, int, FDE]] = []
        for section in (".eh_frame", ".debug_frame"):
            with suppress(DamagedDebugInfoError), wall():
                spans += self._read(section)
        return Intervals(spans)

    def _read(self, name: str) -> Iterator[tuple[int, int, FDE]]:
        found = self._sections.get(name)
        if found is None:
            return
        from elftools.dwarf.callframe import FDE

        data, _address = found
        exception_handling = name == ".eh_frame"
        _check_entries(data, exception_handling)
        dwarf = open_dwarf(self._sections, ReadBudget([len(data)]))
        for entry in dwarf.EH_CFI_entries() if exception_handling else dwarf.CFI_entries():
            if isinstance(entry, FDE):
                start = entry["initial_location"] & 0xFFFF_FFFF
                yield start, min(start + entry["address_range"], 1 << 32), entry


def _check_entries(data: bytes, exception_handling: bool) -> None:
    """Raise DamagedDebugInfoError unless entries tile the section and refer to real CIEs.

    Otherwise each of many entries could have pyelftools parse the rest of the section as its CIE.
    """
    common: set[int] = set()
    wanted: set[int] = set()
    offset = 0
    while offset + 4 <= len(data):
        (length,) = struct.unpack_from("<I", data, offset)
        if exception_handling and length == 0:
            offset += 4
            continue
        if length < 4 or length > ENTRY_SIZE_LIMIT or offset + 4 + length > len(data):
            raise DamagedDebugInfoError(f"entry {offset:#x} has {length:#x} bytes")
        (pointer,) = struct.unpack_from("<I", data, offset + 4)
        if pointer == (0 if exception_handling else 0xFFFF_FFFF):
            common.add(offset)
        else:
            wanted.add(offset + 4 - pointer if exception_handling else pointer)
        offset += 4 + length
    if not wanted <= common:
        raise DamagedDebugInfoError("an entry refers to a CIE that does not exist")


def _rule(description: FDE, pc: int) -> FrameRule | None:
    _check_decoding(description)
    rows = [row for row in description.get_decoded().table if row["pc"] <= pc]
    common = description.cie
    if not rows or common is None:
        return None
    row = rows[-1]
    cfa, return_register = row["cfa"], common["return_address_register"]
    if cfa.reg is None or cfa.offset is None or cfa.reg >= _REGISTERS:
        return None
    if return_register >= _REGISTERS:
        return None
    saved = {
        register: _recovery(rule)
        for register, rule in row.items()
        if register not in _SPECIAL_KEYS and register < _REGISTERS and rule.type in _RECOVERIES
    }
    return FrameRule(
        cfa_register=cfa.reg,
        cfa_offset=cfa.offset,
        saved=saved,
        return_register=return_register,
        interrupted=True in common.augmentation_dict,
    )


def _recovery(rule: Any) -> tuple[Recovery, int]:
    kind = _RECOVERIES[rule.type]
    return kind, rule.arg if kind is not Recovery.LOST else 0


def _check_decoding(description: FDE) -> None:
    """Raise DamagedDebugInfoError when the table would be absurd: pyelftools copies every register
    for every row and every remembered state.
    """
    common = description.cie
    instructions = [*(common.instructions if common else ()), *description.instructions]
    operands = {each.args[0] for each in instructions if each.args}  # no fewer than the registers
    if len(instructions) * (len(operands) + 2) > CELLS_LIMIT:
        raise DamagedDebugInfoError("an entry describes absurdly many rows")
