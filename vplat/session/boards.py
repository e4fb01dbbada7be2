"""Finding a board by name or by file."""

from __future__ import annotations

import difflib
from pathlib import Path

from vplat.errors import BoardError, PluginError
from vplat.machine.board import Board
from vplat.machine.board_file import load_board
from vplat.plugins import Plugins


def board_paths(plugins: Plugins) -> dict[str, Path]:
    """The board files that plugins contribute, by name; two of one name is a ``PluginError``."""
    found: dict[str, Path] = {}
    owners: dict[str, str] = {}
    for owner, path in plugins.collect("vplat_boards"):
        name = Path(path).stem
        if name in found:
            raise PluginError(
                f"board {name!r} comes from two plugins, {owners[name]!r} and {owner!r}; "
                "leave one of them out, or rename its file"
            )
        found[name], owners[name] = Path(path), owner
    return found


def all_boards(plugins: Plugins) -> dict[str, Board]:
    """Every board there is, by name."""
    paths = board_paths(plugins)
    return {name: load_board(path, paths) for name, path in sorted(paths.items())}


def find_board(name: str, plugins: Plugins) -> Board:
    """The board of that name, or of that file; ``BoardError`` if there is none."""
    paths = board_paths(plugins)
    if name in paths:
        return load_board(paths[name], paths)
    if name.endswith(".toml") or "/" in name:
        return load_board(Path(name), paths)
    close = difflib.get_close_matches(name, paths, n=1)
    hint = f"did you mean {close[0]!r}?" if close else "`vplat boards` lists them."
    raise BoardError(
        f"there is no board {name!r}; {hint} A board file is given by its path, "
        f"like ./{name}.toml{plugins.hint()}"
    )
