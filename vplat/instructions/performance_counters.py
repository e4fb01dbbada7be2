"""The performance counters of RI5CY, as CSRs beside the standard ones.

PCER chooses events by bit, PCMR bit 0 lets the chosen ones count, PCCRn is the counter of event n
(RI5CY user manual, "Performance Counters"). Event 0, cycles, and event 1, instructions, are
counted; the counters of the other events keep what is written to them. All of it is kept by a
device of kind ``core_counters``.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, Final

from vplat.hookspecs import hookimpl
from vplat.machine.instruction_set import (
    CustomCsr,
    HartPort,
    InstructionSet,
    no_instructions,
    refuse,
)

PCCR, ALL_COUNTERS, PCER, PCMR = 0x780, 0x79F, 0xCC0, 0xCC1
COUNTERS: Final = 31


def csrs() -> list[CustomCsr]:
    """PCCR0 to PCCR30, the register that writes all of them, PCER and PCMR."""
    counters = [
        CustomCsr(
            PCCR + event,
            f"pccr{event}",
            functools.partial(_read, event),
            functools.partial(_write, event),
        )
        for event in range(COUNTERS)
    ]
    return [
        *counters,
        CustomCsr(ALL_COUNTERS, "pccr_all", lambda hart: 0, _write_all),
        CustomCsr(
            PCER,
            "pcer",
            lambda hart: int(_of(hart).events),
            lambda hart, value: _of(hart).control(_live(hart), events=value),
        ),
        CustomCsr(
            PCMR,
            "pcmr",
            lambda hart: int(_of(hart).mode),
            lambda hart, value: _of(hart).control(_live(hart), mode=value),
        ),
    ]


def _of(hart: HartPort) -> Any:
    return hart.device.of(hart.index)


def _live(hart: HartPort) -> tuple[int, int]:
    return hart.cycles, hart.instructions


def _read(event: int, hart: HartPort) -> int:
    return int(_of(hart).value(event, _live(hart)))


def _write(event: int, hart: HartPort, value: int) -> None:
    _of(hart).set(event, value, _live(hart))


def _write_all(hart: HartPort, value: int) -> None:
    for event in range(COUNTERS):
        _write(event, hart, value)


@hookimpl
def vplat_instructions() -> Iterable[InstructionSet]:
    """The set called ``xpulp-counters``."""
    doc = "RI5CY's performance counters PCER, PCMR and PCCRn"
    return [
        InstructionSet(
            "xpulp-counters", doc, no_instructions, refuse, csrs(), device_kind="core_counters"
        )
    ]
