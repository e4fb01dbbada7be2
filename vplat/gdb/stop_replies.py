"""What gdb is told when the machine stands still (E.3, "Stop Reply Packets")."""

from __future__ import annotations

from typing import Final

from vplat.machine.debug import Stop, StopReason
from vplat.machine.debug_watches import Hit
from vplat.machine.machine import Machine
from vplat.machine.outcome import Ending, Outcome

from .registers import PC, Registers
from .thread_ids import PROCESS, thread_name

INTERRUPTED: Final = 2
ILLEGAL: Final = 4
TRAPPED: Final = 5
ABORTED: Final = 6
BUS_ERROR: Final = 7
SEGMENT_FAULT: Final = 11
TERMINATED: Final = 15
"""Signals, by gdb's numbers."""
SIGNAL_OF_CAUSE: Final = {
    0: BUS_ERROR,
    1: SEGMENT_FAULT,
    2: ILLEGAL,
    3: TRAPPED,
    4: BUS_ERROR,
    5: SEGMENT_FAULT,
    6: BUS_ERROR,
    7: SEGMENT_FAULT,
}
"""By exception code (privileged specification, table 3.6)."""
STACK_POINTER, FRAME_POINTER = 2, 8
GREATEST_STATUS: Final = 255


def stop_reply(
    stop: Stop, hart: int, machine: Machine, registers: Registers, *, with_process: bool
) -> bytes:
    """A ``T`` packet about ``hart``, with the registers that gdb always asks for."""
    parts = []
    if stop.reason is StopReason.BREAKPOINT:
        parts.append("swbreak:")
    elif stop.reason is StopReason.WATCHPOINT:
        parts.append(_watch(stop.hits[-1]))
    elif stop.reason is StopReason.BEGINNING:
        parts.append("replaylog:begin")
    parts.append(f"thread:{thread_name(hart, with_process=with_process)}")
    parts.append(f"core:{hart:x}")
    for number in (STACK_POINTER, FRAME_POINTER, PC):
        parts += [f"{number:02x}:{registers.shown(hart, number).decode()}"]
    return f"T{_signal(stop, machine):02x}{';'.join(parts)};".encode()


def exit_reply(outcome: Outcome, *, with_process: bool) -> bytes:
    """``W`` where the firmware ended itself, ``X`` where it was ended."""
    process = f";process:{PROCESS:x}" if with_process else ""
    if outcome.ending is Ending.EXITED:
        status = min(max(outcome.status or 0, 0), GREATEST_STATUS)
        return f"W{status:02x}{process}".encode()
    return f"X{_signal_of(outcome):02x}{process}".encode()


def _signal(stop: Stop, machine: Machine) -> int:
    if stop.reason is StopReason.ASKED:
        return INTERRUPTED
    if stop.reason is StopReason.ENDED and machine.outcome is not None:
        return _signal_of(machine.outcome)
    return TRAPPED


def _signal_of(outcome: Outcome) -> int:
    if outcome.trap is not None:
        return SIGNAL_OF_CAUSE.get(outcome.trap.cause, ABORTED)
    return ABORTED if outcome.ending in (Ending.CRASHED, Ending.DEADLOCKED) else TERMINATED


def _watch(hit: Hit) -> str:
    kind = "awatch" if hit.watch.loads and hit.watch.stores else "rwatch"
    kind = "watch" if not hit.watch.loads else kind
    return f"{kind}:{hit.watch.address:x}"
