"""How firmware may touch a field."""

from __future__ import annotations

from enum import Enum


class Access(Enum):
    """What a firmware access does to a field. The peripheral's own code may always write it."""

    RW = "read-write"
    RO = "read-only"
    WO = "write-only"
    W1C = "write-1-to-clear"
    W1S = "write-1-to-set"
    W1P = "write-1-to-pulse"
    RC = "read-to-clear"

    @property
    def readable(self) -> bool:
        """A load returns the field's value; otherwise it returns zeros there."""
        return self not in (Access.WO, Access.W1P)

    @property
    def writable(self) -> bool:
        """A store to the field has an effect."""
        return self not in (Access.RO, Access.RC)


RW, RO, WO, W1C, W1S, W1P, RC = Access
