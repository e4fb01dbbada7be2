"""Events that harts send to each other."""

from __future__ import annotations

from vplat.model import RO, WO, Words

from .waits import EventWaits

COUNT = 8


class SoftwareEvents(EventWaits):
    """Eight events that software triggers (`pulp-cluster.md` sections 1.2 and 1.3).

    The event is in the buffers in the cycle after the trigger (derived from section 1.11: the
    buffers latch at the end of the cycle in which a line is high).
    """

    sw_event_trigger = Words(
        COUNT,
        0x100,
        WO,
        "Triggers SW event {i} for the harts whose bits are set; 0 means all harts.",
        windows=(EventWaits.demux,),
    )
    sw_event_trigger_wait = Words(
        COUNT,
        0x140,
        RO,
        "Triggers SW event {i} for the harts in sw_events_mask, then waits as event_wait does.",
        windows=(EventWaits.demux,),
    )
    sw_event_trigger_wait_clear = Words(
        COUNT,
        0x180,
        RO,
        "Triggers SW event {i} for the harts in sw_events_mask, then waits as event_wait_clear "
        "does.",
        windows=(EventWaits.demux,),
    )
    periph_sw_event_trigger = Words(
        COUNT,
        0x600,
        WO,
        "Triggers SW event {i} for the harts whose bits are set; 0 means all harts.",
    )

    @sw_event_trigger.on_write
    @periph_sw_event_trigger.on_write
    def trigger(self, value: int, hart: int, index: int) -> None:
        """Send to the harts in ``value``, bits of harts that do not exist left aside."""
        if value and not value & self.everyone:
            self.report(
                "no-such-hart",
                f"SW event {index} is triggered for the harts {value:#x}, none of which exists, "
                f"and so goes to all: {self.name} serves {self.harts} harts; use bits below that "
                f"(pulp-cluster.md section 1.2)",
            )
        self._send(index, value & self.everyone, hart)

    @sw_event_trigger_wait.on_read
    def trigger_and_wait(self, hart: int, index: int) -> int:
        """Send, then wait."""
        access = ("sw_event_trigger_wait", index)
        if self.begins(hart, access):
            self._send_and_count(index, hart)
        return self.wait(hart, access)

    @sw_event_trigger_wait_clear.on_read
    def trigger_and_wait_and_clear(self, hart: int, index: int) -> int:
        """Send, then wait and clear."""
        access = ("sw_event_trigger_wait_clear", index)
        if self.begins(hart, access):
            self._send_and_count(index, hart)
        return self.wait(hart, access, clears=True)

    def software_event_arrives(self, event: int, harts: int) -> None:
        """The cycle after the trigger."""
        self.latch(harts, event, self.now - 1)

    def _send(self, event: int, targets: int, hart: int) -> None:
        targets = targets or self.everyone
        self.account("software_events", 1)
        # The sender finds its own event with its very next access, however close that follows.
        mine = targets & 1 << hart if hart >= 0 else 0
        self.latch(mine, event)
        if others := targets & ~mine:
            self.after(1, self.software_event_arrives, event, others)

    def _send_and_count(self, event: int, hart: int) -> None:
        at_once = self.masked(hart)
        self._send(event, self.words["sw_events_mask"][hart], hart)
        if not at_once and self.masked(hart):
            self.platform.stretch(1)
