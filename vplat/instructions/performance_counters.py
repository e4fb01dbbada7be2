"""The performance counters of RI5CY, as CSRs beside the standard ones.

PCER chooses events by bit, PCMR bit 0 lets the chosen ones count, PCCRn is the counter of event n
(RI5CY user manual, "Performance Counters"). Event 0, cycles, and event 1, instructions, are
counted; the counters of the other events keep what is written to them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Final

from vplat.hookspecs import hookimpl
from vplat.machine.instruction_set import CustomCsr, HartPort, InstructionSet
from vplat.machine.isa import Instruction

PCCR, ALL_COUNTERS, PCER, PCMR = 0x780, 0x79F, 0xCC0, 0xCC1
COUNTERS: Final = 31
WORD: Final = 0xFFFF_FFFF


class Counters:
    """The counters of one hart: what each held when it last stood still, and when that was."""

    def __init__(self) -> None:
        self.events = self.mode = 0
        self.held = [0] * COUNTERS
        self.since = [0] * COUNTERS

    def read(self, event: int, hart: HartPort) -> int:
        """The counter's value now."""
        running = self._live(event, hart) - self.since[event] if self._counts(event) else 0
        return self.held[event] + running & WORD

    def write(self, event: int, value: int, hart: HartPort) -> None:
        """Let the counter go on from ``value``."""
        self.held[event], self.since[event] = value, self._live(event, hart)

    def control(
        self, hart: HartPort, *, events: int | None = None, mode: int | None = None
    ) -> None:
        """Choose events, or start and stop them."""
        self.held = [self.read(event, hart) for event in range(COUNTERS)]
        self.events = self.events if events is None else events
        self.mode = self.mode if mode is None else mode & 3
        self.since = [self._live(event, hart) for event in range(COUNTERS)]

    def _counts(self, event: int) -> bool:
        return bool(self.mode & 1 and self.events >> event & 1)

    @staticmethod
    def _live(event: int, hart: HartPort) -> int:
        return (hart.cycles, hart.instructions)[event] if event < 2 else 0


class AllCounters:
    """The counters of every hart of one machine, as CSRs."""

    def __init__(self) -> None:
        self._harts: dict[int, Counters] = {}

    def csrs(self) -> list[CustomCsr]:
        """PCCR0 to PCCR30, the register that writes all of them, PCER and PCMR."""
        counters = [
            CustomCsr(
                PCCR + event,
                f"pccr{event}",
                functools.partial(self._read, event),
                functools.partial(self._write, event),
            )
            for event in range(COUNTERS)
        ]
        return [
            *counters,
            CustomCsr(ALL_COUNTERS, "pccr_all", lambda hart: 0, self._write_all),
            CustomCsr(
                PCER,
                "pcer",
                lambda hart: self._of(hart).events,
                lambda hart, value: self._of(hart).control(hart, events=value),
            ),
            CustomCsr(
                PCMR,
                "pcmr",
                lambda hart: self._of(hart).mode,
                lambda hart, value: self._of(hart).control(hart, mode=value),
            ),
        ]

    def _of(self, hart: HartPort) -> Counters:
        return self._harts.setdefault(hart.index, Counters())

    def _read(self, event: int, hart: HartPort) -> int:
        return self._of(hart).read(event, hart)

    def _write(self, event: int, hart: HartPort, value: int) -> None:
        self._of(hart).write(event, value, hart)

    def _write_all(self, hart: HartPort, value: int) -> None:
        for event in range(COUNTERS):
            self._of(hart).write(event, value, hart)


def refuse(hart: HartPort, instruction: Instruction) -> None:
    """Never called: no instruction belongs to the set."""
    raise NotImplementedError(instruction.mnemonic)


@hookimpl
def vplat_instructions() -> Iterable[InstructionSet]:
    """The set called ``xpulp-counters``."""
    doc = "RI5CY's performance counters PCER, PCMR and PCCRn"
    return [InstructionSet("xpulp-counters", doc, lambda word: None, refuse, AllCounters().csrs())]
