"""Colours that mean something: one for each kind of layer, from the one that takes the longest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..figures import Report
from ..tables import by_kind

OWN_COLOURS: Final = 8
"""Kinds with a colour of their own; the others share one more."""


def colours(report: Report) -> Mapping[str, str]:
    """The class of each kind of layer."""
    kinds = [each.kind for each in by_kind(report)]
    return {kind: f"k{min(place, OWN_COLOURS)}" for place, kind in enumerate(kinds)}
