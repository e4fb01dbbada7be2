"""The registers of a Snitch cluster (`snitch-ita-cluster.md` section 6)."""

from __future__ import annotations

from typing import Final

from vplat.hookspecs import hookimpl
from vplat.model import (
    MAIN,
    RO,
    RW,
    WO,
    Declared,
    Inert,
    Input,
    Line,
    Parameter,
    Peripheral,
    Register,
    Registers,
    State,
    Word,
    Words,
    bit,
    bits,
)

from .events import CYCLE, EVENTS, TCDM_ACCESSED, selected

COUNTERS: Final = 16
COUNTER_MASK: Final = (1 << 48) - 1
WORD: Final = 0xFFFF_FFFF
DECODED_BYTES: Final = 0x200
"""Nine bits of the address are decoded, so the registers repeat (``BlockAw``)."""
STRIDE: Final = 8
EVENTS_PER_HART: Final = 2
OFF: Final = -1
"""In place of an event: the counter stands still."""


class SnitchClusterPeripherals(
    Peripheral, kind="snitch_cluster_peripherals", size=0x1_0000, undefined=WORD
):
    """Performance counters, interrupts between the harts, and what the accelerator does.

    Registers are 64 bits apart. Sixteen counters each count one event of the one hart that
    hart_select names. Offsets without a register read as all ones, and the whole repeats every 512
    bytes.
    """

    specification = "snitch-ita-cluster.md section 6"

    harts = Parameter(9, "Harts of the cluster.", minimum=1, maximum=32)
    dma = Parameter("", "The device whose work the DMA's events count; '' if there is none.")

    perf_counter_enable = Registers(
        COUNTERS,
        0x000,
        "What counter {i} counts: one bit, the lowest if several are set; none stops it.",
        stride=STRIDE,
        **{
            event.name: bit(
                number, RW, event.doc + (f" Not counted: {event.missing}." * bool(event.missing))
            )
            for number, event in enumerate(EVENTS)
        },
    )
    hart_select = Registers(
        COUNTERS,
        0x080,
        "Whose events counter {i} counts, where they are a hart's own.",
        stride=STRIDE,
        hart=bits(9, 0, RW, "Number of the hart, modulo the harts of the cluster."),
    )
    perf_counter = Words(
        COUNTERS,
        0x100,
        RW,
        "Bits 31:0 of counter {i}. A store sets all 48 bits, the upper ones to 0.",
        stride=STRIDE,
    )
    perf_counter_high = Registers(
        COUNTERS,
        0x104,
        "Bits 47:32 of counter {i}.",
        stride=STRIDE,
        value=bits(15, 0, RW, "The upper bits."),
    )
    cl_clint_set = Word(
        0x180, WO, "Bit i raises the cluster interrupt of hart i (bit 19 of mip). Reads as 0."
    )
    cl_clint_clear = Word(0x188, WO, "Bit i lowers the cluster interrupt of hart i. Reads as 0.")
    hw_barrier = Word(
        0x190, RO, "Of an older barrier: reads as 0 at once. The barrier is the CSR 0x7C2."
    )
    older_barrier = Inert(
        hw_barrier,
        because="it answers at once, whoever is missing; the barrier is the CSR 0x7C2",
        section="snitch-ita-cluster.md section 6",
    )
    icache_prefetch_enable = Register(
        0x198,
        "Instruction cache.",
        enable=bit(0, WO, "Prefetch instructions. Not modelled.", reset=1),
    )
    hwpe_evt = Register(
        0x1A0,
        "Events of the accelerator in this very cycle; a poll hardly ever meets one.",
        events=bits(17, 0, RO, "Bit 2i: the accelerator tells hart i that its job has ended."),
    )
    hwpe_busy = Register(
        0x1A8,
        "State of the accelerator.",
        busy=bit(0, RO, "A job runs."),
    )

    interrupt = Line("The cluster interrupt of each hart (harts.fast[3], bit 19 of mip).")
    hwpe_finished = Input("The accelerator ends a job; connect its finished.")
    hwpe_running = Input("The accelerator is busy; connect its busy.")

    raised = State(0, "Harts whose cluster interrupt is high, as a mask.")
    told_at = State(-1, "Cycle of the accelerator's last event.")
    told = State(0, "Its bits, as hwpe_evt has them.")
    counting: State[list[int]] = State(
        lambda: [OFF] * COUNTERS, "The event that each counter counts, or -1."
    )
    subjects: State[list[int]] = State(lambda: [0] * COUNTERS, "The hart that it counts it of.")
    held: State[list[int]] = State(
        lambda: [0] * COUNTERS, "What each counter had when it began to count."
    )
    since: State[list[int]] = State(
        lambda: [0] * COUNTERS, "What its event had come to at that time."
    )
    noticed: State[list[int]] = State(list, "Events that are not counted and were reported.")

    # Performance counters.

    @perf_counter_enable.on_write
    def choose_event(self, index: int) -> None:
        """Go on with another event, or stand still."""
        self._settle(index)
        event = selected(self.perf_counter_enable[index].word)
        self.counting[index] = event
        self._begin(index)
        if event >= 0 and (reason := EVENTS[event].missing) and event not in self.noticed:
            self.noticed.append(event)
            self.report(
                "not-modelled",
                f"{self.name}.perf_counter_enable[{index}]: {EVENTS[event].name} is not counted "
                f"and stays as it is: {reason}",
            )

    @hart_select.on_write
    def choose_hart(self, index: int) -> None:
        """Go on with another hart."""
        self._settle(index)
        self.subjects[index] = self.hart_select[index].hart % self.harts
        self._begin(index)

    @perf_counter.on_read
    def read_low(self, index: int) -> int:
        """The counter now."""
        return self._value(index) & WORD

    @perf_counter_high.on_read
    def read_high(self, index: int) -> int:
        """The counter now."""
        return self._value(index) >> 32

    @perf_counter.on_write
    def write_low(self, value: int, index: int) -> None:
        """The register is written as a whole; what the bus does not carry is 0."""
        self.held[index] = value
        self._begin(index)

    @perf_counter_high.on_write
    def write_high(self, value: int, index: int) -> None:
        """Only the upper bits change."""
        self._settle(index)
        self.held[index] = value << 32 & COUNTER_MASK | self.held[index] & WORD

    def _settle(self, index: int) -> None:
        """The counter holds what it has come to, and counts on from there."""
        self.held[index] = self._value(index)
        self._begin(index)

    def _begin(self, index: int) -> None:
        self.since[index] = self._source(index)

    def _value(self, index: int) -> int:
        return self.held[index] + self._source(index) - self.since[index] & COUNTER_MASK

    def _source(self, index: int) -> int:
        """What the event that a counter counts has come to since the beginning."""
        number = self.counting[index]
        if number == CYCLE:
            return self.now
        if number == OFF:
            return 0
        if number == TCDM_ACCESSED:
            counters = map(self.platform.hart_counters, range(self.harts))
            return sum(each.accesses for each in counters)
        event = EVENTS[number]
        if event.hart is not None:
            return event.hart(self.platform.hart_counters(self.subjects[index]))
        return 0 if event.dma is None else event.dma(self.platform.activities(self.dma))

    # Interrupts.

    @cl_clint_set.on_write
    def raise_interrupts(self, value: int) -> None:
        """Raise the lines that were low."""
        fresh = value & ~self.raised & self._everybody
        self.raised |= fresh
        if fresh:
            self.interrupt(1, fresh)

    @cl_clint_clear.on_write
    def lower_interrupts(self, value: int) -> None:
        """Lower the lines that were high."""
        old = value & self.raised
        self.raised &= ~old
        if old:
            self.interrupt(0, old)

    @property
    def _everybody(self) -> int:
        return (1 << self.harts) - 1

    # The accelerator.

    @hwpe_running.on_change
    def follow_busy(self, level: int) -> None:
        """Show it."""
        self.hwpe_busy.busy = level

    @hwpe_finished.on_change
    def note_event(self, level: int, harts: int) -> None:
        """Keep it for this cycle."""
        if level:
            self.told = sum(
                1 << EVENTS_PER_HART * hart for hart in range(COUNTERS) if harts >> hart & 1
            )
            self.told_at = self.now

    @hwpe_evt.on_read
    def read_events(self) -> int:
        """They last a cycle."""
        return self.told & 0x3_FFFF if self.told_at == self.now else 0

    def lasts(self, register: Declared, index: int, hart: int) -> bool:
        """Events are gone after their cycle; counters count on."""
        return register is type(self).hwpe_evt and self.told_at < self.now

    # Incomplete decoding.

    @MAIN.on_other_load
    def load_elsewhere(self, offset: int, size: int, hart: int) -> int:
        """The same registers again, or none."""
        again = offset % DECODED_BYTES
        if again != offset:
            return self.ports[""].load(again, size, hart)
        return WORD

    @MAIN.on_other_store
    def store_elsewhere(self, offset: int, size: int, value: int, hart: int) -> None:
        """The same registers again, or none."""
        again = offset % DECODED_BYTES
        if again != offset:
            self.ports[""].store(again, size, value, hart)

    def doing(self) -> str:
        """Which cluster interrupts are high."""
        raised = [str(hart) for hart in range(self.harts) if self.raised >> hart & 1]
        return f"interrupt of hart {', '.join(raised)}" if raised else ""


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    """The device of this package."""
    return [SnitchClusterPeripherals]
