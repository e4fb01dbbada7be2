"""Finds the few lines of an encoding table that a word can match."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import and_
from typing import Final

from vplat.machine.isa.encoding import Encoding


class EncodingIndex:
    """An encoding table, looked up in two steps.

    `group_mask` selects bits that every line fixes (the opcode). The lines of a group are then told
    apart by all the bits that every one of them fixes. Lines keep the table's order.
    """

    def __init__(self, encodings: Iterable[Encoding], group_mask: int) -> None:
        groups: dict[int, list[Encoding]] = {}
        for encoding in encodings:
            if group_mask & ~encoding.mask:
                raise ValueError(f"{encoding.mnemonic}: mask does not cover {group_mask:#x}")
            groups.setdefault(encoding.match & group_mask, []).append(encoding)
        self._group_mask: Final = group_mask
        self._groups: Final = {key: _told_apart(lines) for key, lines in groups.items()}

    def candidates(self, word: int) -> tuple[Encoding, ...]:
        """The lines that `word` may match; each is still to be compared under its own mask."""
        group = self._groups.get(word & self._group_mask)
        if group is None:
            return ()
        key_mask, lines = group
        return lines.get(word & key_mask, ())


def _told_apart(lines: list[Encoding]) -> tuple[int, dict[int, tuple[Encoding, ...]]]:
    key_mask = reduce(and_, (line.mask for line in lines))
    keys = dict.fromkeys(line.match & key_mask for line in lines)
    return key_mask, {
        key: tuple(line for line in lines if line.match & key_mask == key) for key in keys
    }
