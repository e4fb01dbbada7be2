"""Numbers of variable length, as DWARF and ELF attributes write them."""

from __future__ import annotations


def read_uleb128(data: bytes, position: int) -> tuple[int, int]:
    """The number at ``position`` modulo 2**64, and the position behind it.

    Bytes past the end of ``data`` are not read: the number then ends early.
    """
    value = shift = 0
    while position < len(data):
        byte = data[position]
        position += 1
        if shift < 64:
            value |= (byte & 0x7F) << shift
            shift += 7
        if byte < 0x80:
            break
    return value & 0xFFFF_FFFF_FFFF_FFFF, position
