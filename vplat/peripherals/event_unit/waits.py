"""The blocking read: fire once, sleep until an unmasked event is pending, perhaps clear."""

from __future__ import annotations

from vplat.model import RO, Stall, State, Word

from .buffers import NONE, Access, EventBuffers
from .events import MAX_HARTS, NAMES, event_words


class EventWaits(EventBuffers):
    """How harts wait (`pulp-cluster.md` section 1.5).

    A read that waits is issued again after each wake, and after an interrupt handler that may have
    waited for something else. What it sets off, it sets off once: it is kept in ``pending`` from
    its first issue to the one that is granted.
    """

    event_wait = Word(
        0x38,
        RO,
        "Sleeps until an event in event_mask is pending; reads those that are. Clears nothing.",
        windows=(EventBuffers.demux,),
    )
    event_wait_clear = Word(
        0x3C,
        RO,
        "Sleeps until an event in event_mask is pending; reads those that are and clears them.",
        windows=(EventBuffers.demux,),
    )
    pending = State[list[list[Access]]](
        lambda: [[] for _ in range(MAX_HARTS)],
        "The reads of each hart that were issued and not granted yet.",
    )

    @event_wait.on_read
    def wait_for_event(self, hart: int) -> int:
        """Wait for whatever the mask lets through."""
        access = ("event_wait", 0)
        self.begins(hart, access)
        return self.wait(hart, access)

    @event_wait_clear.on_read
    def wait_for_event_and_clear(self, hart: int) -> int:
        """Wait for whatever the mask lets through, and clear it."""
        access = ("event_wait_clear", 0)
        self.begins(hart, access)
        return self.wait(hart, access, clears=True)

    def begins(self, hart: int, access: Access, event: int | None = None) -> bool:
        """Whether this is the first issue of ``access``, whose side effect is then due.

        A wait that would sleep although ``event``, or any event, could never end it is a finding.
        """
        pending = self.pending[self.own(hart)]
        # The port took no access in the cycle of the clear, so that cycle is over.
        self.clearing[hart] = NONE
        if access in pending:
            return False
        pending.append(access)
        mask = self.words["event_mask"][hart]
        if not self.masked(hart) and (mask == 0 if event is None else not mask >> event & 1):
            bit = "no bit" if event is None else f"bit {event} ({NAMES[event]}) not"
            self.report(
                "event-mask",
                f"hart {hart} waits in {_words(access)} with {bit} set in its event_mask, "
                f"{mask:#010x}, so it sleeps on when the event comes; "
                f"set the bit before the wait (pulp-cluster.md section 1.5)",
            )
        return True

    def wait(
        self, hart: int, access: Access, *, clears: bool = False, event: int | None = None
    ) -> int:
        """The events that let ``access`` be granted now; without any, the hart sleeps.

        ``event`` is the one that says that what was asked for has happened. Another one ends the
        wait as well, which is a finding.
        """
        ready = self.masked(hart)
        if not ready:
            self.waiting[hart] = access
            raise Stall(_words(access))
        self.pending[hart].remove(access)
        self.waiting[hart], self.lost[hart] = None, 0
        if event is not None and not ready >> event & 1:
            self.report(
                "other-event",
                f"hart {hart} goes on from {_words(access)} because of {event_words(ready)}, and "
                f"event {event} ({NAMES[event]}) has not come; leave only the bit of what is "
                f"waited for in event_mask, {self.words['event_mask'][hart]:#010x} "
                f"(pulp-cluster.md section 1.5)",
            )
        if clears:
            self.clearing[hart] = self.now + 1
            # The port takes no access in the cycle that clears (`pulp-cluster.md` section 5.4).
            self.platform.stretch(1)
            self.clear(hart, self.words["event_mask"][hart])
        return ready


def _words(access: Access) -> str:
    name, index = access
    return name if name.startswith(("event", "dispatch")) else f"{name}[{index}]"
