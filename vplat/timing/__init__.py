"""What instructions cost in cycles: tables with a source on every line, and their pricing."""

from __future__ import annotations

from vplat.timing.table import TimingTable

__all__ = ["TimingTable"]
