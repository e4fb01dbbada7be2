"""The event unit put together, and what it tells about itself."""

from __future__ import annotations

from vplat.hookspecs import hookimpl
from vplat.model import Awaited, AwaitedLine, Peripheral

from .barriers import Barriers
from .buffers import Access
from .dispatch import Dispatch
from .events import BARRIER, DISPATCH, MUTEX, NAMES, event_words
from .mutexes import FREE, Mutexes
from .soc_events import SocEvents
from .software_events import SoftwareEvents


class EventUnit(SoftwareEvents, Barriers, Mutexes, Dispatch, SocEvents, kind="event_unit"):
    """Puts harts to sleep until something happens: events, barriers, mutexes, dispatched work.

    A hart reads a wait register of the core-private view and sleeps until an event that is set in
    its event_mask is pending. Set the bit of what is waited for first: 16 for a barrier, 17 for a
    mutex, 18 for the dispatch FIFO. The periph view shows the plain registers of all harts to any
    master.
    """

    specification = "pulp-cluster.md section 1"

    def explain_wait(self, hart: int) -> str:
        """What the hart waits for, what is missing, and whether its mask would let it through."""
        access = self.waiting[hart] if 0 <= hart < self.harts else None
        if access is None:
            return ""
        name, index = access
        mask, buffer = self.words["event_mask"][hart], self.words["event_buffer"][hart]
        missing: int | None = None
        if name.startswith("barrier"):
            what, missing = self.explain_barrier(index), BARRIER
        elif name == "mutex":
            what, missing = self.explain_mutex(index), MUTEX
        elif name == "dispatch_fifo":
            what, missing = self.explain_dispatch(hart), DISPATCH
        else:
            what = f"{name}: none of {event_words(mask)} has come" if mask else name
        text = f"{what}; event mask {mask:#010x}, buffer {buffer:#010x}"
        return text + self._left_out(hart, access) + self._what_is_masked(hart, missing)

    def awaited(self, hart: int) -> Awaited | None:
        """The events that the hart's mask lets through, and the harts that a barrier or a mutex
        lacks."""
        access = self.waiting[hart] if 0 <= hart < self.harts else None
        if access is None:
            return None
        name, index = access
        mask, missing = self.words["event_mask"][hart], 0
        if name.startswith("barrier") and index < self.barriers:
            arrived = self.words["barrier_status"][index]
            missing = self.words["barrier_trigger_mask"][index] & ~arrived
            mask &= ~(1 << BARRIER)
        elif name == "mutex" and index < self.mutexes:
            missing = 1 << self.owners[index] if self.owners[index] not in (FREE, hart) else 0
            mask &= ~(1 << MUTEX)
        elif name == "dispatch_fifo":
            mask &= ~(1 << DISPATCH)
        lines = tuple(
            AwaitedLine("lines", number, event_words(1 << number))
            for number in range(32)
            if mask >> number & 1
        )
        return Awaited(lines, tuple(each for each in range(self.harts) if missing >> each & 1))

    def doing(self) -> str:
        """Barriers under way, mutexes that are held, SoC events that wait."""
        parts = [
            self.explain_barrier(index)
            for index in range(self.barriers)
            if self.words["barrier_status"][index]
        ]
        parts += [
            self.explain_mutex(index) for index in range(self.mutexes) if self.owners[index] != FREE
        ]
        if unread := [team for team in self.teams if team]:
            parts.append(f"dispatch FIFO: {len(unread)} values not read by all")
        if self.queue:
            parts.append(f"SoC event FIFO: {len(self.queue)} events")
        return "; ".join(parts)

    def _left_out(self, hart: int, access: Access) -> str:
        name, index = access
        targets = self.words["barrier_target_mask"][index] if name.startswith("barrier") else ~0
        if targets >> hart & 1:
            return ""
        return f"; its target mask {targets:#06x} leaves out hart {hart}"

    def _what_is_masked(self, hart: int, wanted: int | None) -> str:
        mask, buffer = self.words["event_mask"][hart], self.words["event_buffer"][hart]
        text = ""
        if wanted is not None and not mask >> wanted & 1:
            arrived = "has come but" if buffer >> wanted & 1 else "would not end the wait:"
            text = f"; event {wanted} ({NAMES[wanted]}) {arrived} bit {wanted} of the mask is clear"
        elif not mask:
            text = "; the mask is 0, so no event ends the wait"
            if buffer:
                text += f", not even {event_words(buffer)}, which has come"
        if self.lost[hart]:
            text += f"; {event_words(self.lost[hart])} came in the cycle of a clear and was lost"
        return text


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    """The event unit."""
    return [EventUnit]
