"""Files that belong together: what firmware includes, and the pages of a reference."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

from ..errors import UsageError
from ..model import Peripheral
from ..model.exporting import PlatformMap

Kinds = Sequence[type[Peripheral]]


@dataclasses.dataclass(frozen=True)
class FileSet:
    """A directory's worth of files, made from several boards and kinds of device at once.

    ``function`` gives the text of each file by its name.
    """

    name: str
    doc: str
    function: Callable[[Sequence[PlatformMap], Kinds], Mapping[str, str]]


def headers(platforms: Sequence[PlatformMap], kinds: Kinds) -> Mapping[str, str]:
    """The header of every kind, and of every board, which includes those of its kinds.

    A kind that several boards have is described as the first of them sets it up.
    """
    from .board_header import board_header
    from .c_header import c_header

    files: dict[str, str] = {}
    for kind in kinds:
        owner = next((each for each in platforms if kind in each.kinds), None)
        files[f"{kind.kind}.h"] = c_header(kind, owner.parameters_of(kind) if owner else None)
    for platform in platforms:
        name = f"{platform.board}.h"
        if name in files:
            raise UsageError(
                f"the board {platform.board!r} and the kind of device {platform.board!r} would "
                "share one header; rename one of them"
            )
        files[name] = board_header(platform)
    return files


def reference(_: Sequence[PlatformMap], kinds: Kinds) -> Mapping[str, str]:
    """A page for every kind, and an index."""
    from .markdown import reference_pages

    return reference_pages(kinds, "vplat export reference")


FILE_SETS = (
    FileSet(
        "headers", "The C headers of all devices and boards, for firmware's include path.", headers
    ),
    FileSet("reference", "The reference pages of all devices, with an index.", reference),
)
"""The sets vplat brings along."""
