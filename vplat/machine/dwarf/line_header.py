"""Checks of a line number program's header (DWARF 5 section 6.2.4) before pyelftools reads it."""

from __future__ import annotations

import struct

from vplat.machine.dwarf.sections import DamagedDebugInfoError
from vplat.machine.leb128 import read_uleb128

UNIT_SIZE_LIMIT = 2 << 20
_FIXED_SIZE_FORMS = {
    0x05: 2,  # data2
    0x06: 4,  # data4
    0x07: 8,  # data8
    0x0B: 1,  # data1
    0x0E: 4,  # strp
    0x1E: 16,  # data16
    0x1F: 4,  # line_strp
}
_FORM_STRING, _FORM_BLOCK, _FORM_UDATA = 0x08, 0x09, 0x0F


def check_unit(data: bytes, offset: int) -> None:
    """Raise DamagedDebugInfoError unless the unit at ``offset`` of ``.debug_line`` is safe to read.

    It must lie inside the section and be of version 2 to 5. In version 5, where directories and
    files come as tables of self-described entries, every entry must take up bytes: entries of none
    could be there in any number.
    """
    if offset + 6 > len(data):
        raise DamagedDebugInfoError("a line table lies outside .debug_line")
    length, version = struct.unpack_from("<IH", data, offset)
    end = offset + 4 + length
    if end > len(data) or length > UNIT_SIZE_LIMIT:
        raise DamagedDebugInfoError("a line table is larger than .debug_line or absurdly large")
    if not 2 <= version <= 5:
        raise DamagedDebugInfoError(f"a line table has version {version}")
    if version == 5:
        _check_tables(data[offset:end])


def _check_tables(unit: bytes) -> None:
    if len(unit) < 18:
        raise DamagedDebugInfoError("a line table ends inside its header")
    opcode_base = unit[17]
    position = 18 + max(opcode_base - 1, 0)
    for _table in ("directories", "files"):
        position = _skip_table(unit, position)


def _skip_table(unit: bytes, position: int) -> int:
    format_count = unit[position] if position < len(unit) else 0
    position += 1
    forms = []
    for _ in range(format_count):
        _content_type, position = read_uleb128(unit, position)
        form, position = read_uleb128(unit, position)
        forms.append(form)
    count, position = read_uleb128(unit, position)
    if count and not forms:
        raise DamagedDebugInfoError("a line table has entries without contents")
    for _ in range(count):
        for form in forms:
            position = _skip_form(unit, position, form)
        if position > len(unit):
            raise DamagedDebugInfoError("a line table ends inside its file names")
    return position


def _skip_form(unit: bytes, position: int, form: int) -> int:
    """The position behind a value of ``form``; forms that take no byte are refused."""
    if form in _FIXED_SIZE_FORMS:
        return position + _FIXED_SIZE_FORMS[form]
    if form == _FORM_STRING:
        end = unit.find(b"\0", position)
        return end + 1 if end >= 0 else len(unit) + 1
    if form == _FORM_UDATA:
        return read_uleb128(unit, position)[1] if position < len(unit) else position + 1
    if form == _FORM_BLOCK:
        size, position = read_uleb128(unit, position)
        return position + size + 1 if position >= len(unit) else position + size
    raise DamagedDebugInfoError(f"a line table describes its files in form {form:#x}")
