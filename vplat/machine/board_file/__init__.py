"""Boards in TOML: one table a board, read into the plain data of ``vplat.machine.board``.

``load_board`` and ``parse_board`` check all that the table itself can tell. ``check_devices`` and
``check_instructions`` check the rest against what plugins provide. Each says what is wrong in one
sentence that begins with the file and the line, as a ``BoardError``.
"""

from __future__ import annotations

from .devices import check_devices as check_devices
from .devices import check_instructions as check_instructions
from .devices import window_bytes as window_bytes
from .reading import load_board as load_board
from .reading import parse_board as parse_board
