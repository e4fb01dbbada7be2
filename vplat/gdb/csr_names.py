"""The names of the standard CSRs (privileged specification 1.12, tables 2.2 to 2.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

NUMBERED: Final = {
    "mhpmevent{}": 0x320,
    "mhpmcounter{}": 0xB00,
    "mhpmcounter{}h": 0xB80,
    "hpmcounter{}": 0xC00,
    "hpmcounter{}h": 0xC80,
}
"""Those of which there are 29, from number 3 on."""
SINGLE: Final = """
    001 fflags    002 frm       003 fcsr
    300 mstatus   301 misa      304 mie        305 mtvec      306 mcounteren
    30A menvcfg   310 mstatush  31A menvcfgh   320 mcountinhibit
    340 mscratch  341 mepc      342 mcause     343 mtval      344 mip
    7A0 tselect   7A1 tdata1    7A2 tdata2     7A3 tdata3     7A4 tinfo
    B00 mcycle    B02 minstret  B80 mcycleh    B82 minstreth
    C00 cycle     C01 time      C02 instret    C80 cycleh     C81 timeh     C82 instreth
    F11 mvendorid F12 marchid   F13 mimpid     F14 mhartid    F15 mconfigptr
"""


def _names() -> Iterator[tuple[int, str]]:
    words = SINGLE.split()
    for number, name in zip(words[::2], words[1::2], strict=True):
        yield int(number, 16), name
    for pattern, base in NUMBERED.items():
        for count in range(3, 32):
            yield base + count, pattern.format(count)


CSR_NAMES: Final = dict(_names())
"""By number."""
