"""What a person chooses for a run."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Final

DEFAULT_BOARD: Final = "pulp-ita"


@dataclasses.dataclass(frozen=True)
class Settings:
    """The choices of one run; every one has a default.

    ``board`` is a name, or the path of a board file. ``native`` chooses the probe: None the best
    there is, True the compiled one, False the Python one. ``files`` is the directory that
    semihosting may use. ``max_cycles`` counts simulated cycles, ``timeout_seconds`` host time.
    """

    board: str = DEFAULT_BOARD
    operating_point: str | None = None
    max_cycles: int | None = None
    timeout_seconds: float | None = None
    files: Path | None = None
    native: bool | None = None
