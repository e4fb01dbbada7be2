"""What a stop is about, in words for gdb's terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vplat.machine.debug import Stop, StopReason
from vplat.machine.debug_watches import Hit
from vplat.machine.machine import Machine
from vplat.machine.outcome import Ending
from vplat.session.crash import CAUSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vplat.session import Session

MOST_BYTES = 16
"""Of an access that are shown."""


def sentences(session: Session, stop: Stop) -> Iterator[str]:
    """What gdb itself cannot know of it: who accessed memory, why the run is over."""
    machine = session.machine
    if stop.reason is StopReason.WATCHPOINT:
        yield from (tell_hit(machine, hit) for hit in stop.hits)
    elif stop.reason is StopReason.BEGINNING:
        yield "there is nothing before this: it is where the debugger came"
    elif stop.reason is StopReason.ASLEEP:
        yield f"hart {stop.hart} sleeps, and the others stand still, so nothing can happen"
    elif stop.reason is StopReason.ENDED and machine.outcome is not None:
        yield from _ending(machine)


def tell_hit(machine: Machine, hit: Hit) -> str:
    """``dma wrote 4 bytes at 0x10000400 (tcdm) in cycle 1234: 00000000 -> 78563412``."""
    who = f"hart {hit.hart}" if not hit.device else hit.device
    through = f", on behalf of hart {hit.hart}," if hit.device and hit.hart >= 0 else ""
    name = machine.bus.name_of(hit.address)
    what = "wrote" if hit.stores else "read"
    text = (
        f"{who}{through} {what} {len(hit.new)} bytes at {hit.address:#010x}"
        f"{f' ({name})' if name else ''} in cycle {hit.cycle}"
    )
    shown = _hexadecimal(hit.new)
    return f"{text}: {_hexadecimal(hit.old)} -> {shown}" if hit.stores else f"{text}: {shown}"


def _ending(machine: Machine) -> Iterator[str]:
    outcome = machine.outcome
    if outcome is None or outcome.ending is Ending.EXITED:
        return
    yield f"{outcome.ending}: {outcome.message}"
    if outcome.trap is not None:
        cause = CAUSES.get(outcome.trap.cause, f"exception {outcome.trap.cause}")
        detail = f": {outcome.trap.detail}" if outcome.trap.detail else ""
        yield f"hart {outcome.trap.hart}: {cause} at {outcome.trap.pc:#010x}{detail}"
    for waiting in outcome.waiting:
        because = f": {waiting.explanation}" if waiting.explanation else ""
        yield f"hart {waiting.hart} waits for {waiting.reason}{because}"


def _hexadecimal(data: bytes) -> str:
    return data[:MOST_BYTES].hex() + ("..." if len(data) > MOST_BYTES else "")
