"""Who has the banks of a memory when, and what the others lose by it.

A bank serves one access a cycle. A device with a wide port needs many banks at once; it and the
harts, or two such devices, get into each other's way. Nothing is looked at per access: devices tell
when they make how many accesses, the harts' rows count theirs, and what is refused follows from how
likely two of them meet. The same run gives the same numbers, always.

How the banks arbitrate: `pulp-cluster.md` sections 2.3 and 5.2, ``mem_wide_narrow_mux.sv``,
``snitch_tcdm_interconnect.sv``, ``hci_arbiter.sv``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from vplat.model import FreePort, Mark, MemoryPort, Rank

from .board import MemorySpec
from .rows import ACCESSES, COLUMNS, FRACTION_BITS, WAIT

if TYPE_CHECKING:
    from .machine import Machine

REMEMBERED_USES: Final = 64
"""Uses of a port that are kept: more than overlap with a job of an accelerator."""
MARCH_STEPS: Final = 64
"""Steps after which the odds of a march no longer change in a digit that matters."""
SPARSE: Final = 0.5
"""From this density down, accesses come so far apart that the one before makes no difference."""
LOSES_TO_HART: Final = {Rank.AFTER_HARTS: 1.0, Rank.IN_TURN: 0.5, Rank.BEFORE_HARTS: 0.0}
"""How likely a device's access is refused where it meets one of a hart."""
LONGEST_HART_WAIT: Final = 255
"""Cycles; as many as the HCI's counter of refusals reaches."""


class Use(NamedTuple):
    """``accesses``, evenly from ``begin`` to ``end``."""

    begin: int
    end: int
    accesses: int

    @property
    def density(self) -> float:
        """Accesses a cycle."""
        return self.accesses / (self.end - self.begin)

    def cycles_within(self, begin: int, end: int) -> int:
        """How many of the cycles from ``begin`` to ``end`` are the use's."""
        return max(0, min(self.end, end) - max(self.begin, begin))


def march_refusals(blocks: int, covered: int, unaligned: float) -> float:
    """How many accesses are refused for each one of a stream that goes before them.

    The stream takes one of ``blocks`` blocks of banks in each cycle, one after the other. The
    accesses that suffer follow one another without a pause, each at a random place: most have
    ``covered`` blocks, from a multiple of that on, and the share ``unaligned`` of them one more. An
    access that meets the stream waits until the stream has left its blocks. What is worked out is
    where the stream stands when an access is first made.
    """
    if covered >= blocks:
        return 1.0
    kinds = [(1.0 - unaligned, covered), (unaligned, min(covered + 1, blocks))]
    starts = range(0, blocks, covered)
    places = [(odds / len(starts), start, long) for odds, long in kinds for start in starts if odds]
    if any(long == blocks and odds > 0.0 for odds, _, long in places):
        return 1.0
    at = [1.0 / blocks] * blocks
    waited = 0.0
    for _ in range(MARCH_STEPS):
        after, waited = [0.0] * blocks, 0.0
        for block, here in enumerate(at):
            for odds, start, long in places:
                into = (block - start) % blocks
                wait = long - into if into < long else 0
                after[(block + wait + 1) % blocks] += here * odds
                waited += here * odds * wait
        # Half a step at a time, for odds that would otherwise swing for ever.
        at = [(old + new) / 2 for old, new in zip(at, after, strict=True)]
    return waited / (1.0 + waited)


class PortState(NamedTuple):
    """What a port remembers: whom it goes before, and its latest uses."""

    rank: Rank
    longest_wait: int
    uses: tuple[Use, ...]


class BankedMemory:
    """One memory whose banks are shared, and the ports of devices that lead to it."""

    def __init__(self, machine: Machine, spec: MemorySpec) -> None:
        self.machine, self.spec = machine, spec
        self.ports: list[BankedPort] = []

    def banks_of(self, width: int) -> int:
        """Banks that an access of ``width`` bytes has at once."""
        return min(self.spec.banks, -(-width // self.spec.bank_bytes))

    def accesses(self) -> tuple[int, ...]:
        """How many accesses each hart has made so far."""
        rows = self.machine.engine.rows
        return tuple(rows[ACCESSES::COLUMNS])


class BankedPort:
    """``vplat.model.MemoryPort``."""

    def __init__(self, interconnect: Interconnect, memory: BankedMemory, width: int) -> None:
        self._interconnect, self._memory = interconnect, memory
        self._banks = memory.banks_of(width)
        self._share = self._banks / memory.spec.banks
        self._marches: dict[tuple[int, float], float] = {}
        self.rank, self.longest_wait = Rank.IN_TURN, 0
        self.uses: deque[Use] = deque(maxlen=REMEMBERED_USES)

    def renew(self, rank: Rank) -> None:
        """As it is when its device is reset."""
        self.rank, self.longest_wait = rank, 0
        self.uses.clear()

    def occupy(self, begin: int, end: int, accesses: int) -> None:
        """Note accesses."""
        if end > begin and accesses:
            self.uses.append(Use(begin, end, accesses))
            self._interconnect.look_anew(begin, end)

    def mark(self) -> Mark:
        """This moment."""
        return Mark(self._memory.machine.now, self._memory.accesses())

    def refused(self, since: Mark, unaligned: float = 0.0) -> float:
        """What went before this port's accesses, from ``since`` until now."""
        now = self._memory.machine.now
        cycles = now - since.cycle
        if cycles <= 0:
            return 0.0
        granted = self._granted_beside_harts(since, cycles)
        for other in self._memory.ports:
            if other is not self and other.rank >= self.rank:
                lost = other.met_by(self._banks, unaligned, since.cycle, now)
                lost *= 0.5 if other.rank == self.rank else 1.0
                granted *= max(0.0, 1.0 - lost / cycles)
        if self.longest_wait:
            granted = max(granted, 1.0 / (1 + self.longest_wait))
        return cycles * (1.0 - granted)

    def _granted_beside_harts(self, since: Mark, cycles: int) -> float:
        """How likely none of the harts keeps an access of this port from its banks."""
        odds = self._share * LOSES_TO_HART[self.rank]
        granted = 1.0
        if odds:
            for now, before in zip(self._memory.accesses(), since.accesses, strict=True):
                granted *= 1.0 - odds * min(1.0, max(0, now - before) / cycles)
        return granted

    def met_by(self, banks: int, unaligned: float, begin: int, end: int) -> float:
        """In how many cycles from ``begin`` to ``end`` accesses of ``banks`` meet one from here."""
        met = 0.0
        for use in self.uses:
            if use.end > begin and use.begin < end:
                odds = self._odds(banks, unaligned, use.density)
                met += use.cycles_within(begin, end) * use.density * odds
        return met

    def _odds(self, banks: int, unaligned: float, density: float) -> float:
        """How likely an access from here meets one of ``banks`` that is always waiting."""
        if banks < self._banks:
            return self._share
        blocks = self._memory.spec.banks // self._banks
        covered = banks // self._banks
        apart = min(1.0, (covered + unaligned) / blocks)
        if density <= SPARSE:
            return apart
        key = banks, unaligned
        if key not in self._marches:
            self._marches[key] = march_refusals(blocks, covered, unaligned)
        dense = (min(density, 1.0) - SPARSE) / (1.0 - SPARSE)
        return apart + (self._marches[key] - apart) * dense

    def hart_wait(self, cycle: int) -> float:
        """The cycles that a hart's access waits for this port at ``cycle``, on average."""
        if self.rank is Rank.AFTER_HARTS:
            return 0.0
        density = 0.0
        for use in self.uses:
            if use.begin <= cycle < use.end:
                density += use.density
        odds = min(density, 1.0) * self._share
        if self.rank is Rank.IN_TURN:
            return odds / 2
        # A port that has less than half the banks at once has moved on in the next cycle.
        most = self.longest_wait or LONGEST_HART_WAIT
        wait = odds if self._share < 0.5 else odds / max(1.0 - odds, 1.0 / (1 + most))
        return min(wait, most)

    def state(self) -> PortState:
        """What it remembers."""
        return PortState(self.rank, self.longest_wait, tuple(self.uses))

    def go_back(self, state: PortState) -> None:
        """Remember what it did then."""
        self.rank, self.longest_wait = state.rank, state.longest_wait
        self.uses = deque(state.uses, maxlen=REMEMBERED_USES)


class Interconnect:
    """The banked memories of a machine, and who has ports to them."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._memories = [
            BankedMemory(machine, spec) for spec in machine.board.memories if spec.banks > 1
        ]
        self._ports: dict[str, BankedPort] = {}

    def port(self, device: str, address: int, width: int, rank: Rank) -> MemoryPort:
        """The device's port to the memory at ``address``; one without contention where the memory
        has no banks, or there is none."""
        for memory in self._memories:
            if any(span.base <= address < span.end for span in memory.spec.spans):
                key = f"{device} {memory.spec.name} {width}"
                if key not in self._ports:
                    self._ports[key] = BankedPort(self, memory, width)
                    memory.ports.append(self._ports[key])
                self._ports[key].renew(rank)
                return self._ports[key]
        return FreePort()

    def arbitrate(self, address: int, rank: Rank, longest_wait: int) -> None:
        """Whom the ports go before that do not take turns with the harts."""
        for memory in self._memories:
            if any(span.base <= address < span.end for span in memory.spec.spans):
                for port in memory.ports:
                    if port.rank is not Rank.IN_TURN:
                        port.rank, port.longest_wait = rank, longest_wait
                self.look_anew()

    def look_anew(self, *cycles: int) -> None:
        """What harts wait for changes at these cycles; without any, now."""
        now = self._machine.now
        for cycle in cycles or (now,):
            if cycle >= now:
                self._machine.schedule(cycle, self.tell_harts, ())

    def tell_harts(self) -> None:
        """Say in the harts' rows what their accesses wait for the ports of devices, from now on."""
        rows, now = self._machine.engine.rows, self._machine.now
        for memory in self._memories[:1]:  # the rows count accesses to one memory
            cycles = sum(port.hart_wait(now) for port in memory.ports)
            parts = round(cycles * (1 << FRACTION_BITS))
            for hart in range(len(rows) // COLUMNS):
                rows[hart * COLUMNS + WAIT] = parts

    # Snapshots.

    def snapshot(self) -> Mapping[str, PortState]:
        """What every port remembers."""
        return {key: port.state() for key, port in self._ports.items()}

    def restore(self, state: Mapping[str, PortState]) -> None:
        """Go back to what ``snapshot`` returned."""
        for key, port in self._ports.items():
            port.go_back(state[key])
