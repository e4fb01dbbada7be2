"""The boards that come with vplat, one TOML file each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from vplat.hookspecs import hookimpl

FOLDER: Final = Path(__file__).parent


def board_files() -> Mapping[str, Path]:
    """The files by the names of their boards."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}


@hookimpl
def vplat_boards() -> list[Path]:
    """All of them."""
    return list(board_files().values())
