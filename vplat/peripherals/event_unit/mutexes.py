"""Hardware mutexes: a read locks, a write unlocks and leaves a message."""

from __future__ import annotations

from vplat.model import RW, Parameter, State, Words

from .events import MUTEX, hart_words
from .waits import EventWaits

COUNT = 16
FREE = -1


class Mutexes(EventWaits):
    """Mutexes that share event 17 (`pulp-cluster.md` section 1.8).

    Requests and unlocks take effect in the cycle after the access, in the order of their cycles;
    the owner's event is then in its buffer.
    """

    mutexes = Parameter(1, "How many mutexes there are.", minimum=1, maximum=COUNT)
    mutex = Words(
        COUNT,
        0xC0,
        RW,
        "Reading locks mutex {i}: sleeps until the reader owns it, reads the message of the last "
        "unlock and clears the events in event_mask. Writing unlocks it and leaves the value as "
        "the message.",
        windows=(EventWaits.demux,),
    )
    owners = State[list[int]](
        lambda: [FREE] * COUNT, "The hart that owns each mutex; FREE for none."
    )
    requests = State[list[dict[int, int]]](
        lambda: [{} for _ in range(COUNT)],
        "The harts that wait for each mutex, with the cycle of the request.",
    )
    unlocks = State[list[int]](lambda: [0] * COUNT, "Unlocks that take effect in the next cycle.")
    messages = State[list[int]](lambda: [0] * COUNT, "What the last unlock of each mutex wrote.")

    @mutex.on_read
    def lock(self, hart: int, index: int) -> int:
        """Ask for the mutex and wait until it is this hart's."""
        access = ("mutex", index)
        if self.begins(hart, access, MUTEX) and self._mutex_is_there(index):
            if self.owners[index] == hart and not self.unlocks[index]:
                self.report(
                    "mutex-relock",
                    f"hart {hart} locks mutex {index}, which it owns already, and so waits for "
                    f"itself; unlock it first (pulp-cluster.md section 1.8)",
                )
            self.requests[index][hart] = self.now
            self.after(1, self.arbitrate, index)
        self.wait(hart, access, clears=True, event=MUTEX)
        return self.messages[index]

    @mutex.on_write
    def unlock(self, value: int, hart: int, index: int) -> None:
        """Give the mutex away; the hardware does not look at who does."""
        self.own(hart)
        if not self._mutex_is_there(index):
            return
        owner = self.owners[index]
        if owner == FREE:
            self.report(
                "mutex-not-locked",
                f"hart {hart} unlocks mutex {index}, which nobody has locked: only the message "
                f"{value:#x} is kept; lock it first (pulp-cluster.md section 1.8)",
            )
        elif owner != hart:
            self.report(
                "mutex-not-owner",
                f"hart {hart} unlocks mutex {index}, which hart {owner} owns: it is taken from "
                f"that hart within its critical section; let the owner unlock "
                f"(pulp-cluster.md section 1.8)",
            )
        self.unlocks[index] += 1
        self.after(1, self.pass_on, index, hart, value)

    def arbitrate(self, index: int) -> None:
        """Give a free mutex to the lowest hart that asked for it before this cycle."""
        if self.owners[index] == FREE:
            self._give(index, self.requests[index])

    def pass_on(self, index: int, hart: int, message: int) -> None:
        """Free the mutex, or give it to the lowest waiting hart."""
        self.messages[index] = message
        self.unlocks[index] -= 1
        if self.owners[index] == FREE:
            return
        self.owners[index] = FREE
        requests = self.requests[index]
        # A request of the unlocking hart came after its unlock, however close it followed.
        self._give(index, {each: since for each, since in requests.items() if each != hart})
        self.arbitrate(index)

    def explain_mutex(self, index: int) -> str:
        """Who owns the mutex and who else waits."""
        if index >= self.mutexes:
            return f"mutex {index}, which does not exist"
        owner = self.owners[index]
        waiting = sum(1 << hart for hart in self.requests[index])
        held = "owned by nobody" if owner == FREE else f"owned by hart {owner}"
        return f"mutex {index}: {held}, wanted by {hart_words(waiting)}"

    def _give(self, index: int, candidates: dict[int, int]) -> None:
        hart = min((h for h, since in candidates.items() if since < self.now), default=FREE)
        if hart != FREE:
            del self.requests[index][hart]
            self.owners[index] = hart
            self.account("mutex_locks", 1)
            self.latch(1 << hart, MUTEX)

    def _mutex_is_there(self, index: int) -> bool:
        if index < self.mutexes:
            return True
        self.report(
            "no-such-mutex",
            f"mutex {index} does not exist: {self.name} has {self.mutexes}, and a lock of another "
            f"one is never granted; use numbers below {self.mutexes} "
            f"(pulp-cluster.md section 1.1)",
        )
        return False
