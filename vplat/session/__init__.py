"""A session: plugins, a board, firmware and a console, put together and run once."""

from __future__ import annotations

from .boards import all_boards, board_paths, find_board
from .console import HostConsole
from .crash import CrashReport, Place
from .platform_map import platform_map
from .result import Result
from .session import Session
from .settings import DEFAULT_BOARD, Settings

__all__ = [
    "DEFAULT_BOARD",
    "CrashReport",
    "HostConsole",
    "Place",
    "Result",
    "Session",
    "Settings",
    "all_boards",
    "board_paths",
    "find_board",
    "platform_map",
]
