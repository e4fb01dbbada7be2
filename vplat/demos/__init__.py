"""The prebuilt firmware that comes with vplat.

A wheel carries the ELF files beside this module. A checkout keeps them in ``firmware/prebuilt``,
where they are built, so an editable install always sees the current ones.
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_PLACES = (_HERE, _HERE.parents[1] / "firmware" / "prebuilt")


def prebuilt() -> dict[str, Path]:
    """The ELF files by name (``attention``), sorted; empty where an install lost them."""
    for place in _PLACES:
        files = sorted(place.glob("*.elf"))
        if files:
            return {file.stem: file for file in files}
    return {}
