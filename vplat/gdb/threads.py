"""Harts as gdb's threads: their names, and in a few words what each of them does."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from vplat.machine.hart import Hart, HartState
from vplat.session import Place

from .thread_ids import thread_name

if TYPE_CHECKING:
    from vplat.session import Session


def describe(session: Session, hart: Hart) -> str:
    """The hart's state, its function, and what it waits for."""
    if hart.state is HartState.HALTED:
        return "halted, it fetches nothing"
    place = Place.of(session.firmware, hart.pc)
    where = f" in {place.function}" if place.function else f" at {place.address:#010x}"
    if hart.runs:
        return f"running{where}"
    explanation = wait_of(session, hart)
    return f"waiting for {hart.reason or 'nothing'}{where}" + (
        f": {explanation}" if explanation else ""
    )


def wait_of(session: Session, hart: Hart) -> str:
    """What a sleeping hart waits for, as the devices that concern themselves with it say."""
    if hart.state is HartState.WAITING:
        enabled, pending = hart.csrs.mie, hart.lines
        return f"interrupts enabled in mie {enabled:#010x}, pending in mip {pending:#010x}"
    told = (device.explain_wait(hart.index) for device in session.machine.devices.values())
    return "; ".join(part for part in told if part)


def threads_xml(session: Session, *, with_process: bool) -> str:
    """The list of threads (E.25)."""
    lines = ['<?xml version="1.0"?>', "<threads>"]
    for hart in session.machine.harts:
        number = thread_name(hart.index, with_process=with_process)
        lines.append(
            f'<thread id={quoteattr(number)} core="{hart.index}" name="hart {hart.index}">'
            f"{escape(describe(session, hart))}</thread>"
        )
    return "\n".join([*lines, "</threads>\n"])
