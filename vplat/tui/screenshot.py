"""A frame of the live view as a picture."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final

from rich.console import Console

from .app import panels_of
from .frame import Frame
from .state import Snapshot

if TYPE_CHECKING:
    from vplat.session import Session

FONT_FACE: Final = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Fonts that the picture would fetch from the network; without them the reader's own are used."""


def screenshot_svg(
    session: Session, snapshot: Snapshot | None = None, *, width: int = 120, height: int = 30
) -> str:
    """The live view of ``session`` as SVG, ``width`` by ``height`` cells.

    It shows ``snapshot``, or what the session is at now.
    """
    console = Console(
        file=io.StringIO(),
        record=True,
        width=width,
        height=height,
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
        legacy_windows=False,
    )
    now = Snapshot.of(session) if snapshot is None else snapshot
    console.print(Frame(panels_of(session), now), end="")
    picture = console.export_svg(title=f"vplat run --tui {now.firmware}", unique_id="vplat")
    return FONT_FACE.sub("", picture)
