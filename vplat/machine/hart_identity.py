"""Whether firmware can tell the harts that run it apart."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from .elf import Segment

READS_MHARTID: Final = re.compile(rb"[\x73\xf3][\x20-\x3f\x60-\x7f]\x40\xf1")
"""csrrs, csrrc, csrrsi and csrrci on mhartid (0xF14) that do not write, as they lie in memory."""


def tells_harts_apart(segments: Iterable[Segment]) -> bool:
    """Whether there is an instruction that reads mhartid anywhere in ``segments``.

    Firmware without one, such as a C library's start-up code for a single hart, would have all
    harts share one stack.
    """
    return any(
        (segment.address + found.start()) % 2 == 0
        for segment in segments
        for found in READS_MHARTID.finditer(bytes(segment.data))
    )
