"""The FIFO of events from outside the cluster."""

from __future__ import annotations

from vplat.model import RO, Input, Register, State, Word, bit, bits

from .buffers import EventBuffers
from .events import SOC_EVENT

DEPTH = 8
VALID = 1 << 31


class SocEvents(EventBuffers):
    """Eight event ids and the level of line 27 (`pulp-cluster.md` section 1.10)."""

    soc_events = Input("Events of the SoC by id: a pulse puts the id into the FIFO.", count=256)
    soc_event_fifo = Register(
        0x700,
        "Reading takes the oldest event out of the FIFO. Event 27 is pending while there is one.",
        id=bits(7, 0, RO, "Which event it is."),
        valid=bit(31, RO, "There was an event to read."),
    )
    inter_cluster_fifo = Word(
        0x780, RO, "Reserved for events between clusters; nothing is connected, it reads 0."
    )
    queue = State[list[int]](list, "The ids in the FIFO, oldest first.")
    held_back = State[list[int]](
        list, "The ids whose producers are stalled because the FIFO is full."
    )

    @soc_events.on_change
    def soc_event_comes(self, index: int, level: int) -> None:
        """Queue the id; while the FIFO is full its producer is held back, and raises no other."""
        if not level:
            return
        if len(self.queue) < DEPTH:
            self._queue(index)
        elif index not in self.held_back:
            self.held_back.append(index)

    @soc_event_fifo.on_read
    def pop_soc_event(self) -> int:
        """The oldest id, and room for a producer that is held back."""
        if not self.queue:
            return 0
        oldest = self.queue.pop(0)
        if self.held_back:
            self._queue(self.held_back.pop(0))
        if not self.queue:
            self.levels &= ~(1 << SOC_EVENT)
        return VALID | oldest

    @inter_cluster_fifo.on_read
    def nothing_connected(self) -> int:
        """A finding: no firmware gets anything here."""
        self.report(
            "inter-cluster-fifo",
            f"the inter-cluster FIFO of {self.name} is not connected and reads 0; "
            f"do not use it (pulp-cluster.md section 1.3)",
        )
        return 0

    def _queue(self, event: int) -> None:
        self.queue.append(event)
        self.account("soc_events", 1)
        self.levels |= 1 << SOC_EVENT
        self.latch(self.everyone, SOC_EVENT, self.now)
