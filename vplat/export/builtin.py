"""The forms of export vplat brings along, as a plugin like any other."""

from __future__ import annotations

from collections.abc import Iterable

from ..hookspecs import hookimpl
from ..model.exporting import Exporter
from . import EXPORTERS


@hookimpl
def vplat_exporters() -> Iterable[Exporter]:
    """The built-in forms."""
    return EXPORTERS
