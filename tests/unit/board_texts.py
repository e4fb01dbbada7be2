"""Board files as text for tests, and what comes of reading them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from vplat.errors import BoardError
from vplat.machine.board import Board
from vplat.machine.board_file import parse_board

SMALL = """\
timing = "ri5cy"
energy = "cluster-22nm"

[harts]
count = 2
isa = "rv32imac_zicsr_zifencei"

[operating_points.nominal]
volts = 0.8
hertz = 100_000_000

[memories.ram]
base = 0x1000_0000
size = "64 KiB"

[devices.dma]
kind = "mover"
base = 0x2000_0000
"""
"""The least a board needs, and one device."""


def replaced(old: str, new: str, text: str = SMALL) -> str:
    """``text`` with the one ``old`` in it replaced."""
    assert text.count(old) == 1, old
    return text.replace(old, new)


def parse(text: str, others: Mapping[str, str] | None = None, source: str = "my.toml") -> Board:
    """The board in ``text``; ``others`` are the texts that it may extend, by name or path."""
    texts = others or {}

    def resolve(name: str) -> tuple[str, str]:
        if name not in texts:
            raise BoardError(f"there is no board {name!r}")
        return texts[name], name if name.endswith(".toml") else f"{name}.toml"

    return parse_board(text, source, resolve)


def problem(text: str, others: Mapping[str, str] | None = None) -> str:
    """The sentence that refuses ``text``."""
    with pytest.raises(BoardError) as caught:
        parse(text, others)
    return str(caught.value)
