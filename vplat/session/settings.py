"""What a person chooses for a run."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Final

from vplat.trace.tracing import Tracing

DEFAULT_BOARD: Final = "pulp-ita"


@dataclasses.dataclass(frozen=True)
class Settings:
    """The choices of one run; every one has a default.

    ``board`` is a name, or the path of a board file. ``native`` chooses the probe: None the best
    there is, True the compiled one, False the Python one. ``check`` holds the firmware to the rules
    of its devices. ``files`` is the directory that semihosting may use. ``max_cycles`` counts
    simulated cycles, ``timeout_seconds`` host time. ``trace`` has a ledger kept; ``profile`` and
    ``coverage`` have what those need noted.
    """

    board: str = DEFAULT_BOARD
    operating_point: str | None = None
    max_cycles: int | None = None
    timeout_seconds: float | None = None
    files: Path | None = None
    native: bool | None = None
    trace: Tracing | None = None
    profile: bool = False
    coverage: bool = False
    check: bool = False
