"""Hardware barriers: harts arrive, and an event releases them together."""

from __future__ import annotations

from vplat.model import RO, RW, WO, Inert, Parameter, Registers, State, Words, bits

from .events import BARRIER, hart_words
from .waits import EventWaits

COUNT = 16
STRIDE = 0x20
RELEASE_CYCLES = 2
"""From the last arrival to the event in the buffers (`pulp-cluster.md` section 5.4)."""
ONE_BIT = "One bit for each hart."


class Barriers(EventWaits):
    """Barriers that share event 16 (`pulp-cluster.md` section 1.7)."""

    barriers = Parameter(8, "How many barriers there are.", minimum=1, maximum=COUNT)

    barrier_trigger_mask = Registers(
        COUNT,
        0x200,
        "The harts that barrier {i} waits for; none set disables it.",
        stride=STRIDE,
        windows=(EventWaits.demux,),
        harts=bits(15, 0, RW, ONE_BIT),
    )
    barrier_status = Registers(
        COUNT,
        0x204,
        "The harts that have arrived at barrier {i}.",
        stride=STRIDE,
        windows=(EventWaits.demux,),
        harts=bits(15, 0, RO, ONE_BIT),
    )
    barrier_status_summary = Words(
        COUNT,
        0x208,
        RO,
        "In the manual but not in the hardware: reads 0.",
        stride=STRIDE,
        windows=(EventWaits.demux,),
    )
    barrier_target_mask = Registers(
        COUNT,
        0x20C,
        "The harts that get the barrier event when barrier {i} is reached by all.",
        stride=STRIDE,
        windows=(EventWaits.demux,),
        harts=bits(15, 0, RW, ONE_BIT),
    )
    barrier_trigger = Registers(
        COUNT,
        0x210,
        "Marks harts as arrived at barrier {i}.",
        stride=STRIDE,
        windows=(EventWaits.demux,),
        harts=bits(15, 0, WO, ONE_BIT),
    )
    barrier_trigger_self = Words(
        COUNT,
        0x214,
        RO,
        "Marks the reader as arrived at barrier {i} and does not wait; reads the pending events "
        "that are set in event_mask.",
        stride=STRIDE,
        windows=(EventWaits.demux,),
    )
    barrier_trigger_wait = Words(
        COUNT,
        0x218,
        RO,
        "Marks the reader as arrived at barrier {i}, then waits as event_wait does.",
        stride=STRIDE,
        windows=(EventWaits.demux,),
    )
    barrier_trigger_wait_clear = Words(
        COUNT,
        0x21C,
        RO,
        "Marks the reader as arrived at barrier {i}, then waits as event_wait_clear does.",
        stride=STRIDE,
        windows=(EventWaits.demux,),
    )

    periph_barrier_trigger_mask = Registers(
        COUNT,
        0x400,
        "The harts that barrier {i} waits for; none set disables it.",
        stride=STRIDE,
        mirrors=barrier_trigger_mask,
        harts=bits(15, 0, RW, ONE_BIT),
    )
    periph_barrier_status = Registers(
        COUNT,
        0x404,
        "The harts that have arrived at barrier {i}.",
        stride=STRIDE,
        mirrors=barrier_status,
        harts=bits(15, 0, RO, ONE_BIT),
    )
    periph_barrier_target_mask = Registers(
        COUNT,
        0x40C,
        "The harts that get the barrier event when barrier {i} is reached by all.",
        stride=STRIDE,
        mirrors=barrier_target_mask,
        harts=bits(15, 0, RW, ONE_BIT),
    )
    periph_barrier_trigger = Registers(
        COUNT,
        0x410,
        "Marks harts as arrived at barrier {i}.",
        stride=STRIDE,
        harts=bits(15, 0, WO, ONE_BIT),
    )

    absent = Inert(
        barrier_status_summary,
        because="the hardware does not have it; barrier_status says who has arrived",
        section="pulp-cluster.md section 1.2",
    )

    latest = State[list[int]](
        lambda: [0] * COUNT, "The cycle of the latest arrival at each barrier."
    )

    early = State[list[int]](
        lambda: [0] * COUNT, "The harts that arrived again while a barrier was being released."
    )

    @barrier_trigger_mask.on_write
    @periph_barrier_trigger_mask.on_write
    def choose_members(self, index: int) -> None:
        """A new trigger mask can be what the arrivals so far were waiting for."""
        self._cut("barrier_trigger_mask", index)
        if self._is_there(index):
            self._warn_of_outsiders(index, self.words["barrier_status"][index])
            self._compare(index)

    @barrier_target_mask.on_write
    @periph_barrier_target_mask.on_write
    def choose_targets(self, index: int) -> None:
        """Keep one bit for each hart there is."""
        self._cut("barrier_target_mask", index)
        self._is_there(index)

    @barrier_trigger.on_write
    @periph_barrier_trigger.on_write
    def mark_arrivals(self, value: int, index: int) -> None:
        """Harts arrive by somebody's store."""
        self._arrive(index, value & self.everyone)

    @barrier_trigger_self.on_read
    def arrive_alone(self, hart: int, index: int) -> int:
        """Arrive and go on."""
        self._arrive(index, 1 << self.own(hart))
        return self.masked(hart)

    @barrier_trigger_wait.on_read
    def arrive_and_wait(self, hart: int, index: int) -> int:
        """Arrive and wait."""
        access = ("barrier_trigger_wait", index)
        if self.begins(hart, access, BARRIER):
            self._arrive(index, 1 << hart)
        return self.wait(hart, access, event=BARRIER)

    @barrier_trigger_wait_clear.on_read
    def arrive_and_wait_and_clear(self, hart: int, index: int) -> int:
        """Arrive, wait and clear."""
        access = ("barrier_trigger_wait_clear", index)
        if self.begins(hart, access, BARRIER):
            self._arrive(index, 1 << hart)
        return self.wait(hart, access, clears=True, event=BARRIER)

    def release(self, index: int) -> None:
        """Send the event, unless an outsider or a new mask came in between."""
        if not self._is_complete(index):
            return
        targets = self.words["barrier_target_mask"][index]
        self.words["barrier_status"][index], self.early[index] = self.early[index], 0
        self.latest[index] = 0
        self._compare(index)
        self.account("barriers", 1)
        self._warn_of_forgotten(index, targets)
        self.latch(targets, BARRIER, self.now - 1)

    def explain_barrier(self, index: int) -> str:
        """Who has arrived and who is missing."""
        if index >= self.barriers:
            return f"barrier {index}, which does not exist"
        members = self.words["barrier_trigger_mask"][index]
        status = self.words["barrier_status"][index]
        text = f"barrier {index}: arrived {hart_words(status)}, "
        if not members:
            return text + "its trigger mask is 0, so nobody's arrival completes it"
        text += f"missing {hart_words(members & ~status)}"
        if outsiders := status & ~members:
            text += (
                f"; {hart_words(outsiders)} arrived without being in its trigger mask "
                f"{members:#06x}, so it can never be complete"
            )
        return text

    def _arrive(self, index: int, harts: int) -> None:
        if not self._is_there(index):
            return
        self._warn_of_outsiders(index, harts)
        if self._is_complete(index) and self.now > self.latest[index]:
            # The match that is under way clears the status first.
            self.early[index] |= harts
            return
        self.words["barrier_status"][index] |= harts
        self.latest[index] = max(self.latest[index], self.now)
        self._compare(index)

    def _compare(self, index: int) -> None:
        if self._is_complete(index):
            # Harts run apart in time: what counts is the cycle of the latest arrival.
            self.latest[index] = max(self.latest[index], self.now)
            self.after(self.latest[index] - self.now + RELEASE_CYCLES, self.release, index)

    def _is_complete(self, index: int) -> bool:
        members = self.words["barrier_trigger_mask"][index]
        return members != 0 and self.words["barrier_status"][index] == members

    def _cut(self, mask: str, index: int) -> None:
        self.words[mask][index] &= self.everyone if index < self.barriers else 0

    def _is_there(self, index: int) -> bool:
        if index < self.barriers:
            return True
        self.report(
            "no-such-barrier",
            f"barrier {index} does not exist: {self.name} has {self.barriers}, and nobody who "
            f"waits at another one is released; use numbers below {self.barriers} "
            f"(pulp-cluster.md section 1.1)",
        )
        return False

    def _warn_of_outsiders(self, index: int, harts: int) -> None:
        members = self.words["barrier_trigger_mask"][index]
        if members and (outsiders := harts & ~members):
            self.report(
                "barrier-outsider",
                f"barrier {index} keeps the arrival of {hart_words(outsiders)}, not in its trigger "
                f"mask {members:#06x}: status and mask can no longer be equal, so it releases "
                f"nobody; let members alone arrive (pulp-cluster.md section 1.7)",
            )

    def _warn_of_forgotten(self, index: int, targets: int) -> None:
        here = (("barrier_trigger_wait", index), ("barrier_trigger_wait_clear", index))
        sleepers = sum(1 << h for h in range(self.harts) if self.waiting[h] in here)
        if forgotten := sleepers & ~targets:
            self.report(
                "barrier-target",
                f"barrier {index} is complete, but its target mask {targets:#06x} leaves out "
                f"{hart_words(forgotten)}, waiting there: no event wakes them; add them to it "
                f"(pulp-cluster.md section 1.7)",
            )
