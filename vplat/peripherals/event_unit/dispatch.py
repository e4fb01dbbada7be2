"""The dispatch FIFO: one hart hands values to a team of harts."""

from __future__ import annotations

from vplat.model import RW, WO, Register, State, Word, bits

from .events import DISPATCH, MAX_HARTS, hart_words
from .waits import EventWaits

DEPTH = 8


class Dispatch(EventWaits):
    """A ring of eight values, one write pointer, a read pointer for each hart.

    Nothing protects it from overflow: a ninth value takes the place of the oldest
    (`pulp-cluster.md` section 1.9).
    """

    dispatch_fifo = Word(
        0x80,
        RW,
        "Writing hands a value to every hart in dispatch_team_config. Reading sleeps until there "
        "is a value for the reader, reads the oldest and clears the events in event_mask.",
        windows=(EventWaits.demux,),
    )
    dispatch_team_config = Register(
        0x84,
        "The harts that get the values written from now on.",
        windows=(EventWaits.demux,),
        harts=bits(15, 0, WO, "One bit for each hart."),
    )
    values = State[list[int]](lambda: [0] * DEPTH, "The values of the ring.")
    teams = State[list[int]](lambda: [0] * DEPTH, "Who has still to read each value.")
    write_pointer = State(0, "Where the next value goes.")
    read_pointers = State[list[int]](lambda: [0] * MAX_HARTS, "The next value each hart looks at.")
    popping = State(0, "The harts whose read is in progress.")

    @dispatch_team_config.on_write
    def choose_team(self) -> None:
        """Keep one bit for each hart there is."""
        self.words["dispatch_team_config"][0] &= self.everyone

    @dispatch_fifo.on_write
    def push(self, value: int) -> None:
        """Hand ``value`` to the team as it is configured now."""
        team = self.words["dispatch_team_config"][0]
        if not team:
            self.report(
                "dispatch-team",
                f"the value {value:#x} is pushed while dispatch_team_config is 0, so no hart gets "
                f"it; write the team first (pulp-cluster.md section 1.9)",
            )
        self.after(1, self.append, value, team)

    @dispatch_fifo.on_read
    def pop(self, hart: int) -> int:
        """Wait for a value and take it."""
        access = ("dispatch_fifo", 0)
        first = self.begins(hart, access, DISPATCH)
        if first:
            self.popping |= 1 << hart
            self.after(1, self.offer, hart)
        self.wait(hart, access, clears=True, event=DISPATCH)
        slot = self.read_pointers[hart]
        # A read that another event grants in its first cycle leaves its request standing: the unit
        # acknowledges only requests that it has registered (`pulp-cluster.md` section 1.9).
        if not first:
            self.popping &= ~(1 << hart)
            self.teams[slot] &= ~(1 << hart)
            self.read_pointers[hart] = (slot + 1) % DEPTH
        return self.values[slot]

    def append(self, value: int, team: int) -> None:
        """The value is in the ring; who waits for one sees it in the next cycle."""
        slot = self.write_pointer
        if unread := self.teams[slot]:
            self.report(
                "dispatch-overflow",
                f"the value {self.values[slot]:#x} is overwritten by {value:#x} before "
                f"{hart_words(unread)} read it: the FIFO holds {DEPTH} values; wait for the team "
                f"before the next push (pulp-cluster.md section 1.9)",
            )
        self.values[slot], self.teams[slot] = value, team
        self.write_pointer = (slot + 1) % DEPTH
        self.account("dispatched_values", 1)
        for hart in range(self.harts):
            if self.popping >> hart & 1:
                self.after(1, self.offer, hart)

    def offer(self, hart: int) -> None:
        """Send event 18 if a value for ``hart`` is found, one cycle later for each one skipped."""
        if not self.popping >> hart & 1:
            return
        slot, skipped = self.read_pointers[hart], 0
        while not self.teams[slot] >> hart & 1 and slot != self.write_pointer:
            slot, skipped = (slot + 1) % DEPTH, skipped + 1
        self.read_pointers[hart] = slot
        if not self.teams[slot] >> hart & 1:
            return
        if skipped:
            self.after(skipped, self.offer, hart)
        else:
            self.latch(1 << hart, DISPATCH)

    def explain_dispatch(self, hart: int) -> str:
        """Whether the ring has a value for ``hart``."""
        unread = sum(team >> hart & 1 for team in self.teams)
        team = self.words["dispatch_team_config"][0]
        return f"dispatch FIFO: {unread or 'no'} values for hart {hart}, team is {hart_words(team)}"
