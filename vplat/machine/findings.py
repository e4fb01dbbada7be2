"""What a machine records of the firmware beside what it counts."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Finding:
    """What the firmware did wrong without crashing; ``hart`` -1 and ``pc`` 0 are unknown ones."""

    rule: str
    device: str
    sentence: str
    cycle: int
    hart: int
    pc: int


@dataclasses.dataclass(frozen=True)
class Dump:
    """A value that ``hart`` wrote to a CSR which does not exist, on a board that shows it."""

    cycle: int
    hart: int
    csr: int
    value: int
