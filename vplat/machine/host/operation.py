"""The operations of RISC-V semihosting 1.0, which are those of Arm's semihosting 2.0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Final

Operations = Mapping[int, Callable[[int], int]]
"""What runs each operation, by its number: from the parameter in ``a1`` to the result in ``a0``."""


class Operation(IntEnum):
    """What ``a0`` asks for."""

    SYS_OPEN = 0x01
    SYS_CLOSE = 0x02
    SYS_WRITEC = 0x03
    SYS_WRITE0 = 0x04
    SYS_WRITE = 0x05
    SYS_READ = 0x06
    SYS_READC = 0x07
    SYS_ISERROR = 0x08
    SYS_ISTTY = 0x09
    SYS_SEEK = 0x0A
    SYS_FLEN = 0x0C
    SYS_TMPNAM = 0x0D
    SYS_REMOVE = 0x0E
    SYS_RENAME = 0x0F
    SYS_CLOCK = 0x10
    SYS_TIME = 0x11
    SYS_SYSTEM = 0x12
    SYS_ERRNO = 0x13
    SYS_GET_CMDLINE = 0x15
    SYS_HEAPINFO = 0x16
    SYS_EXIT = 0x18
    SYS_EXIT_EXTENDED = 0x20
    SYS_ELAPSED = 0x30
    SYS_TICKFREQ = 0x31


FEATURES: Final = b"SHFB" + bytes([0b11])
"""The file ``:semihosting-features``: magic, then SH_EXT_EXIT_EXTENDED and SH_EXT_STDOUT_STDERR."""

APPLICATION_EXIT: Final = 0x20026
STOP_REASONS: Final = {
    0x20000: "ADP_Stopped_BranchThroughZero",
    0x20001: "ADP_Stopped_UndefinedInstr",
    0x20002: "ADP_Stopped_SoftwareInterrupt",
    0x20003: "ADP_Stopped_PrefetchAbort",
    0x20004: "ADP_Stopped_DataAbort",
    0x20005: "ADP_Stopped_AddressException",
    0x20006: "ADP_Stopped_IRQ",
    0x20007: "ADP_Stopped_FIQ",
    0x20020: "ADP_Stopped_BreakPoint",
    0x20021: "ADP_Stopped_WatchPoint",
    0x20022: "ADP_Stopped_StepComplete",
    0x20023: "ADP_Stopped_RunTimeErrorUnknown",
    0x20024: "ADP_Stopped_InternalError",
    0x20025: "ADP_Stopped_UserInterruption",
    APPLICATION_EXIT: "ADP_Stopped_ApplicationExit",
    0x20027: "ADP_Stopped_StackOverflow",
    0x20028: "ADP_Stopped_DivisionByZero",
    0x20029: "ADP_Stopped_OSSpecific",
}
