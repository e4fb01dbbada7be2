"""The core-local interruptor: software interrupts between harts, and the machine timer.

The register layout is the one of SiFive's CLINT, with 64-bit registers as two words each.
"""

from __future__ import annotations

from vplat.hookspecs import hookimpl
from vplat.model import RW, Line, Parameter, Peripheral, Registers, State, Word, Words, bit

MOST_HARTS = 32
HALF_MASK = 0xFFFF_FFFF
TIME_MASK = 0xFFFF_FFFF_FFFF_FFFF
NEVER_CYCLES = 1 << 62
"""No run gets that far, so a compare value beyond is one that is switched off."""


class Clint(Peripheral, kind="clint", size=0xC000, undefined=0):
    """Raises the software and timer interrupts of the harts.

    ``mtime`` is worked out when somebody looks: a hart sees the time of its own cycle. Registers of
    harts that the board does not have read as zero and ignore stores.
    """

    specification = "the RISC-V ACLINT specification"

    harts = Parameter(8, "Number of harts.", minimum=1, maximum=MOST_HARTS)
    tick_divider = Parameter(
        1, "Cycles that one tick of mtime takes; with 1, mtime counts cycles.", minimum=1
    )

    msip = Registers(
        MOST_HARTS,
        0x0000,
        "Software interrupt of hart {i}.",
        pending=bit(0, RW, "The level of the hart's machine software interrupt (mip.MSIP)."),
    )
    mtimecmp_lo = Words(
        MOST_HARTS,
        0x4000,
        RW,
        "Bits 31:0 of the time from which on hart {i} has its timer interrupt (mip.MTIP). Store "
        "all ones to mtimecmp_hi first, so that no value in between is reached.",
        stride=8,
        reset=HALF_MASK,
    )
    mtimecmp_hi = Words(
        MOST_HARTS,
        0x4004,
        RW,
        "Bits 63:32 of the time from which on hart {i} has its timer interrupt (mip.MTIP).",
        stride=8,
        reset=HALF_MASK,
    )
    mtime_lo = Word(0xBFF8, RW, "Bits 31:0 of the time, in ticks. A store sets the whole word.")
    mtime_hi = Word(
        0xBFFC,
        RW,
        "Bits 63:32 of the time. Read it before and after mtime_lo, so that a carry shows. A store "
        "sets the whole word.",
    )

    software = Line("The harts' machine software interrupts.")
    timer = Line("The harts' machine timer interrupts: mtime has reached mtimecmp.")

    offset = State(0, "What mtime is ahead of the ticks since reset, modulo 2**64.")
    reached = State(0, "Harts whose timer interrupt is raised.")

    def real_time(self) -> int:
        """``mtime`` in the current cycle; the harts' ``time`` CSR."""
        return (self.now // self.tick_divider + self.offset) & TIME_MASK

    def on_reset(self) -> None:
        """Leave out the harts that the board does not have."""
        for hart in range(self.harts, MOST_HARTS):
            self.mtimecmp_lo[hart] = self.mtimecmp_hi[hart] = 0

    @mtime_lo.on_read
    def read_low(self) -> int:
        return self.real_time() & HALF_MASK

    @mtime_hi.on_read
    def read_high(self) -> int:
        return self.real_time() >> 32

    @mtime_lo.on_write
    def set_low(self, value: int) -> None:
        self._set_time(self.real_time() & ~HALF_MASK | value)

    @mtime_hi.on_write
    def set_high(self, value: int) -> None:
        self._set_time(self.real_time() & HALF_MASK | value << 32)

    @msip.on_write
    def interrupt(self, index: int) -> None:
        if index < self.harts:
            self.software(self.msip[index].pending, harts=1 << index)
        else:
            self.msip[index].pending = 0

    @mtimecmp_lo.on_write
    @mtimecmp_hi.on_write
    def compare(self, index: int) -> None:
        if index < self.harts:
            self._drive(1 << index)
        else:
            self.mtimecmp_lo[index] = self.mtimecmp_hi[index] = 0

    def tick(self) -> None:
        """The time has come to raise somebody's timer interrupt."""
        # Only raise: harts are not in step, so one may have its interrupt since a later cycle.
        self._drive(self._all_harts & ~self.reached)

    def doing(self) -> str:
        """How long it is to the next timer interrupt."""
        if (wait := self._next_wait()) is None:
            return ""
        return f"timer of hart {wait[1]} in {wait[0]} ticks"

    @property
    def _all_harts(self) -> int:
        return (1 << self.harts) - 1

    def _target(self, hart: int) -> int:
        return self.mtimecmp_lo[hart] | self.mtimecmp_hi[hart] << 32

    def _set_time(self, value: int) -> None:
        self.offset = (value - self.now // self.tick_divider) & TIME_MASK
        self._drive(self._all_harts)

    def _drive(self, harts: int) -> None:
        """Drive the timer interrupts of ``harts`` as they are now, and come back for the next."""
        now = self.real_time()
        reached = sum(
            1 << hart
            for hart in range(self.harts)
            if harts >> hart & 1 and now >= self._target(hart)
        )
        raised, dropped = reached & ~self.reached, self.reached & harts & ~reached
        self.reached = self.reached & ~harts | reached
        self.cancel(self.tick)
        if (wait := self._next_wait()) is not None:
            self.after(
                max(0, wait[0] * self.tick_divider - self.now % self.tick_divider), self.tick
            )
        if raised:
            self.timer(1, harts=raised)
        if dropped:
            self.timer(0, harts=dropped)

    def _next_wait(self) -> tuple[int, int] | None:
        """Ticks to the next timer interrupt, and whose it is; None if there will be none."""
        now = self.real_time()
        ticks, hart = min(
            (
                (self._target(hart) - now, hart)
                for hart in range(self.harts)
                if not self.reached >> hart & 1
            ),
            default=(NEVER_CYCLES, 0),
        )
        return (ticks, hart) if ticks * self.tick_divider < NEVER_CYCLES else None


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    return [Clint]
