"""Each hart's event buffer with its masks, and the interrupt it asks for."""

from __future__ import annotations

from typing import Final

from vplat.model import AccessFault, Declared, Input, Interrupts, State, Withheld

from .events import MAX_HARTS, event_words
from .views import EventViews

NONE: Final = -1
UNTOLD: Final = -2
STEADY: Final = frozenset(
    f"{owner}{name}"
    for owner in ("", "hart_")
    for name in ("buffer_masked", "buffer_irq_masked", "clock_status")
)
"""Registers whose read behaviours only look."""
Access = tuple[str, int]
"""A register that can stall, by name and index."""


class EventBuffers(EventViews):
    """The buffers, masks and interrupts of all harts (`pulp-cluster.md` sections 1.5 and 1.6).

    A behaviour that serves both views adds ``port`` and ``index``: in the core-private view the
    port is the accessing hart and the index 0, in the periph view the port is 0 and the index the
    hart.
    """

    lines = Input("Event lines 0 to 31: a pulse is latched as an event of that number.", count=32)
    irq = Interrupts("The highest event that is pending and set in irq_mask.")

    levels = State(0, "Event lines that are high now: they latch again whatever clears them.")
    requested = State[list[int]](
        lambda: [NONE] * MAX_HARTS,
        "The interrupt each hart is asked to take; NONE, or UNTOLD after it has taken one.",
    )
    waiting = State[list[Access | None]](
        lambda: [None] * MAX_HARTS, "The read that each hart stalled in last and has not finished."
    )
    clearing = State[list[int]](
        lambda: [NONE] * MAX_HARTS, "The cycle in which a wait-and-clear clears each hart's events."
    )
    lost = State[list[int]](
        lambda: [0] * MAX_HARTS, "Events each hart lost to that cycle since it last went on."
    )

    @property
    def everyone(self) -> int:
        """One bit for each hart that has a unit."""
        return (1 << self.harts) - 1

    def own(self, hart: int) -> int:
        """``hart`` if it has a unit; an ``AccessFault`` for another hart or master."""
        if 0 <= hart < self.harts:
            return hart
        who = f"hart {hart}" if hart >= 0 else "a master that is no hart"
        raise AccessFault(
            f"{self.name} gives {who} no unit of its own: it serves {self.harts} harts"
        )

    def masked(self, hart: int) -> int:
        """The hart's pending events that end a wait."""
        return self.words["event_buffer"][hart] & self.words["event_mask"][hart]

    def latch(self, harts: int, event: int, arrived: int | None = None) -> None:
        """Put ``event`` into the buffers of ``harts``; its line is high in the cycle ``arrived``.

        A wait-and-clear that clears in that cycle wins over the event if event_mask has it
        (section 1.5). ``arrived`` is None for an event that cannot meet one.
        """
        for hart in range(self.harts):
            if not harts >> hart & 1:
                continue
            if arrived == self.clearing[hart] and self.words["event_mask"][hart] >> event & 1:
                self.lost[hart] |= 1 << event
                continue
            self.words["event_buffer"][hart] |= 1 << event
            self.reconsider(hart)

    def clear(self, hart: int, events: int) -> None:
        """Take ``events`` out of the hart's buffer, but for those whose line is still high."""
        kept = self.words["event_buffer"][hart] & ~events
        self.words["event_buffer"][hart] = kept | self.levels & events
        self.reconsider(hart)

    def reconsider(self, hart: int) -> None:
        """Wake the hart and ask for its interrupt as its buffer and masks now demand."""
        if self.waiting[hart] is not None and self.masked(hart):
            self.wake(hart)
        pending = self.words["event_buffer"][hart] & self.words["irq_mask"][hart]
        number = pending.bit_length() - 1
        if number != self.requested[hart]:
            self.requested[hart] = number
            self.irq(hart, None if number == NONE else number)

    @lines.on_change
    def line_changes(self, index: int, level: int, harts: int) -> None:
        """Latch a pulse in its own cycle; the end of a level means nothing to a buffer."""
        if level:
            self.latch(harts, index, self.now)

    @irq.on_taken
    def interrupt_is_taken(self, hart: int, number: int) -> None:
        """The acknowledgement clears the event (`pulp-cluster.md` section 1.6)."""
        self.requested[hart] = UNTOLD
        self.clear(hart, 1 << number)

    @EventViews.event_mask.on_write
    @EventViews.hart_event_mask.on_write
    @EventViews.irq_mask.on_write
    @EventViews.hart_irq_mask.on_write
    def write_mask(self, port: int, index: int) -> None:
        """A new mask can end a wait, and ask for an interrupt or withdraw it."""
        hart = port + index
        if self._exists(hart):
            self.reconsider(hart)
        else:
            self.words["event_mask"][hart] = self.words["irq_mask"][hart] = 0

    @EventViews.event_mask_and.on_write
    @EventViews.hart_event_mask_and.on_write
    def mask_events(self, value: int, port: int, index: int) -> None:
        """Clear bits of the event mask."""
        self._change("event_mask", port + index, clear=value)

    @EventViews.event_mask_or.on_write
    @EventViews.hart_event_mask_or.on_write
    def unmask_events(self, value: int, port: int, index: int) -> None:
        """Set bits of the event mask."""
        self._change("event_mask", port + index, add=value)

    @EventViews.irq_mask_and.on_write
    @EventViews.hart_irq_mask_and.on_write
    def mask_interrupts(self, value: int, port: int, index: int) -> None:
        """Clear bits of the interrupt mask."""
        self._change("irq_mask", port + index, clear=value)

    @EventViews.irq_mask_or.on_write
    @EventViews.hart_irq_mask_or.on_write
    def unmask_interrupts(self, value: int, port: int, index: int) -> None:
        """Set bits of the interrupt mask."""
        self._change("irq_mask", port + index, add=value)

    @EventViews.sw_events_mask.on_write
    @EventViews.hart_sw_events_mask.on_write
    def cut_targets(self, port: int, index: int) -> None:
        """Keep one bit for each hart there is."""
        self._change("sw_events_mask", port + index, clear=~self.everyone)

    @EventViews.sw_events_mask_and.on_write
    @EventViews.hart_sw_events_mask_and.on_write
    def remove_targets(self, value: int, port: int, index: int) -> None:
        """Clear bits of the SW events' targets."""
        self._change("sw_events_mask", port + index, clear=value)

    @EventViews.sw_events_mask_or.on_write
    @EventViews.hart_sw_events_mask_or.on_write
    def add_targets(self, value: int, port: int, index: int) -> None:
        """Set bits of the SW events' targets."""
        self._change("sw_events_mask", port + index, add=value & self.everyone)

    @EventViews.buffer_clear.on_write
    @EventViews.hart_buffer_clear.on_write
    def clear_buffer(self, value: int, port: int, index: int) -> None:
        """Clear pending events by hand."""
        hart = port + index
        if self._exists(hart):
            self.clear(hart, value)

    def lasts(self, register: Declared, index: int, hart: int) -> bool:
        """What shows the buffers or a clock does nothing; other reads act."""
        return register.name in STEADY

    def withheld(self, hart: int) -> tuple[Withheld, ...]:
        """Events in the buffer that neither end a wait nor interrupt."""
        if not 0 <= hart < self.harts:
            return ()
        words = self.words
        masks = words["event_mask"][hart] | words["irq_mask"][hart]
        hidden = words["event_buffer"][hart] & ~masks
        bits = ", ".join(str(number) for number in range(32) if hidden >> number & 1)
        if not hidden:
            return ()
        by = f"{self.name}.event_mask and irq_mask of hart {hart}, whose bits {bits} are 0"
        return (Withheld(event_words(hidden), by),)

    @EventViews.buffer_masked.on_read
    @EventViews.hart_buffer_masked.on_read
    def read_masked(self, port: int, index: int) -> int:
        """The events that would end a wait."""
        return self.masked(port + index)

    @EventViews.buffer_irq_masked.on_read
    @EventViews.hart_buffer_irq_masked.on_read
    def read_interrupting(self, port: int, index: int) -> int:
        """The events that ask for an interrupt."""
        hart = port + index
        return self.words["event_buffer"][hart] & self.words["irq_mask"][hart]

    @EventViews.clock_status.on_read
    @EventViews.hart_clock_status.on_read
    def read_clock(self, hart: int, port: int, index: int) -> int:
        """1 while the clock runs, as that of a hart that reads its own does."""
        meant = port + index
        if not 0 <= meant < self.harts:
            return 0
        return int(meant == hart or not self.platform.is_asleep(meant))

    def _change(self, mask: str, hart: int, *, clear: int = 0, add: int = 0) -> None:
        if self._exists(hart):
            self.words[mask][hart] = self.words[mask][hart] & ~clear | add
            self.reconsider(hart)
        else:
            self.words[mask][hart] = 0

    def _exists(self, hart: int) -> bool:
        """Whether the hart has a unit; a store to one that has none is a finding."""
        if hart < self.harts:
            return True
        self.report(
            "no-such-hart",
            f"a store to the registers of hart {hart} has no effect: {self.name} has units for "
            f"{self.harts} harts; use numbers below that (pulp-cluster.md section 1.3)",
        )
        return False
