"""What a run has done so far: cycles, instructions by class, and the work of devices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from .blocks import Block
from .isa import Instruction, InstructionClass
from .rows import NOW

CLASSES: Final = tuple(InstructionClass)
COLUMN: Final = {kind: column for column, kind in enumerate(CLASSES)}
BUSY_CYCLES: Final = "busy_cycles"
"""The activity under which a device accounts for the cycles it was at work."""
FINISHED: Final = ("jobs", "transfers")
"""The activities under which devices account for finished work; a device has one of them."""

Counts = npt.NDArray[np.int64]


class CountedHart(Protocol):
    """What is asked of a hart; ``vplat.machine.hart.Hart`` has it."""

    @property
    def index(self) -> int: ...
    @property
    def cycles(self) -> int: ...
    @property
    def instructions(self) -> int: ...
    @property
    def sleep_cycles(self) -> int: ...
    @property
    def asleep_since(self) -> int: ...
    @property
    def runs(self) -> bool: ...


class CountedDevice(Protocol):
    """What is asked of a device; ``vplat.model.Peripheral`` has it."""

    @property
    def kind(self) -> str: ...
    @property
    def activities(self) -> Mapping[str, int]: ...


class CountedBlocks(Protocol):
    """``vplat.machine.blocks.BlockTable``."""

    @property
    def blocks(self) -> Sequence[Block]: ...


class CountedEngine(Protocol):
    """``vplat.machine.engine.Engine``."""

    def counts(self, hart: int) -> Sequence[int]: ...


class CountedMachine(Protocol):
    """What is asked of a machine; ``vplat.machine.machine.Machine`` has it."""

    @property
    def harts(self) -> Sequence[CountedHart]: ...
    @property
    def devices(self) -> Mapping[str, CountedDevice]: ...
    @property
    def blocks(self) -> CountedBlocks: ...
    @property
    def engine(self) -> CountedEngine: ...
    @property
    def turns(self) -> Sequence[int] | memoryview: ...


@dataclass(frozen=True, slots=True)
class HartStatistics:
    """What one hart has done.

    ``cycles`` is its own time; that of a hart which sleeps reaches to the end of the run. It is the
    sum of ``active_cycles`` and ``sleep_cycles``. ``mix`` counts the retired instructions of every
    class and adds up to ``instructions``.
    """

    id: int
    cycles: int
    active_cycles: int
    sleep_cycles: int
    instructions: int
    mix: Mapping[InstructionClass, int]

    def since(self, before: HartStatistics) -> HartStatistics:
        """What it has done since ``before``."""
        return HartStatistics(
            self.id,
            self.cycles - before.cycles,
            self.active_cycles - before.active_cycles,
            self.sleep_cycles - before.sleep_cycles,
            self.instructions - before.instructions,
            {kind: count - before.mix[kind] for kind, count in self.mix.items()},
        )


@dataclass(frozen=True, slots=True)
class DeviceStatistics:
    """What one device has accounted for, in its own units."""

    kind: str
    activities: Mapping[str, int]

    @property
    def busy_cycles(self) -> int:
        """Cycles it was at work; 0 for a device that does not say."""
        return self.activities.get(BUSY_CYCLES, 0)

    @property
    def jobs(self) -> int:
        """Jobs or transfers that it has finished; 0 for a device that has none."""
        return next((self.activities[name] for name in FINISHED if name in self.activities), 0)

    def since(self, before: DeviceStatistics) -> DeviceStatistics:
        """What it has accounted for since ``before``."""
        done = {
            what: amount - before.activities.get(what, 0)
            for what, amount in self.activities.items()
        }
        return DeviceStatistics(self.kind, done)


@dataclass(frozen=True, slots=True)
class Statistics:
    """A whole run so far; ``cycles`` is the time of the hart that is furthest ahead."""

    cycles: int
    instructions: int
    harts: tuple[HartStatistics, ...]
    devices: Mapping[str, DeviceStatistics]

    @classmethod
    def of(cls, machine: CountedMachine) -> Statistics:
        """The statistics of a run that is over, or stands between two turns."""
        return Sampler(machine).sample()

    def since(self, before: Statistics) -> Statistics:
        """What has been done since ``before``, an earlier sample of the same machine."""
        harts = tuple(now.since(then) for now, then in zip(self.harts, before.harts, strict=True))
        devices = {
            name: device.since(before.devices[name]) for name, device in self.devices.items()
        }
        instructions = self.instructions - before.instructions
        return Statistics(self.cycles - before.cycles, instructions, harts, devices)


class Sampler:
    """Takes the statistics of one machine again and again.

    It remembers the instruction classes of blocks it has seen, so that a sample of some thousand
    blocks and eight harts takes about a millisecond.
    """

    def __init__(self, machine: CountedMachine) -> None:
        self._machine = machine
        self._known: list[Block] = []
        self._mixes = _Rows()
        self._tails = _Rows()
        self._tail_of: dict[tuple[int, int], int] = {}
        self._places: dict[int, _Places] = {}
        """Where the tails of a block are counted, by the block's number."""

    def sample(self) -> Statistics:
        """The statistics now; between two turns, not inside a callback of the engine."""
        machine = self._machine
        end = max([machine.turns[NOW], *(hart.cycles for hart in machine.harts)])
        mixes = self._mix_of_harts()
        harts = tuple(
            _hart_statistics(hart, end, mix) for hart, mix in zip(machine.harts, mixes, strict=True)
        )
        devices = {
            name: DeviceStatistics(device.kind, dict(device.activities))
            for name, device in machine.devices.items()
        }
        return Statistics(end, sum(hart.instructions for hart in harts), harts, devices)

    def mix_of(self, hart: int) -> dict[InstructionClass, int]:
        """Instructions of one hart by class, the whole of the block that runs included."""
        return dict(zip(CLASSES, self._mix_of_harts()[hart], strict=True))

    def _mix_of_harts(self) -> list[list[int]]:
        """Retired instructions by hart and class."""
        self._learn()
        machine, blocks = self._machine, len(self._known)
        mix = -(self._left_early() @ self._tails.filled)
        for index, hart in enumerate(machine.harts):
            counts = np.array(machine.engine.counts(hart.index)[:blocks], np.int64)
            met = counts.nonzero()[0]  # a hart runs few of the blocks that some hart has run
            mix[index] += counts[met] @ self._mixes.filled[met]
        result: list[list[int]] = mix.tolist()
        return result

    def _learn(self) -> None:
        """The classes of blocks that are new, or whose code has changed."""
        blocks = self._machine.blocks.blocks
        if len(blocks) < len(self._known):  # the machine has gone back in time
            self._mixes.keep(len(blocks))
            del self._known[len(blocks) :]
            self._tail_of = {key: row for key, row in self._tail_of.items() if key[0] < len(blocks)}
            self._places.clear()
        for number, block in enumerate(blocks):
            if number == len(self._known):
                self._known.append(block)
                self._mixes.append(_mix(block.instructions))
            elif self._known[number] is not block:
                self._known[number] = block
                self._mixes.filled[number] = _mix(block.instructions)
                for key in [key for key in self._tail_of if key[0] == number]:
                    del self._tail_of[key]
                self._places.pop(number, None)

    def _left_early(self) -> Counts:
        """By hart and row of ``_tails``, how often that rest of a block was entered but not run."""
        harts = len(self._machine.harts)
        found: list[int] = []
        times: list[int] = []
        for number, block in enumerate(self._known):
            if early := block.left_early:
                places = self._places.get(number)
                if places is None:
                    self._places[number] = places = _Places(self._tail, number, harts)
                found += map(places.__getitem__, early)
                times += early.values()
        left = np.zeros(len(self._tails.filled) * harts, np.int64)
        left[np.array(found, np.int64)] = times
        return left.reshape(-1, harts).T

    def _tail(self, number: int, address: int) -> int:
        """The row of ``_tails`` that holds a block's instructions from ``address`` to its end."""
        key = number, address
        row = self._tail_of.get(key)
        if row is None:
            block = self._known[number]
            row = self._tails.append(_mix(block.instructions[block.before[address][1] :]))
            self._tail_of[key] = row
        return row


class _Places(dict[tuple[int, int], int]):
    """By hart and address, where in a matrix with a row a tail and a column a hart that one is."""

    def __init__(self, tail: Callable[[int, int], int], number: int, harts: int) -> None:
        super().__init__()
        self._tail, self._number, self._harts = tail, number, harts

    def __missing__(self, key: tuple[int, int]) -> int:
        hart, address = key
        self[key] = place = self._tail(self._number, address) * self._harts + hart
        return place


class _Rows:
    """A matrix with a column a class, which grows by rows."""

    def __init__(self) -> None:
        self._room = np.zeros((64, len(CLASSES)), np.int64)
        self._count = 0

    @property
    def filled(self) -> Counts:
        """The rows appended so far."""
        return self._room[: self._count]

    def keep(self, count: int) -> None:
        """Forget all rows but the first so many."""
        self._count = count

    def append(self, row: Counts) -> int:
        """Add a row; its number."""
        if self._count == len(self._room):
            self._room = np.concatenate([self._room, np.zeros_like(self._room)])
        self._room[self._count] = row
        self._count += 1
        return self._count - 1


def _mix(instructions: Iterable[Instruction]) -> Counts:
    mix = np.zeros(len(CLASSES), np.int64)
    for each in instructions:
        mix[COLUMN[each.kind]] += 1
    return mix


def _hart_statistics(hart: CountedHart, end: int, mix: Sequence[int]) -> HartStatistics:
    """``mix`` is by column."""
    cycles, slept = hart.cycles, hart.sleep_cycles
    if not hart.runs:
        cycles = end
        slept += end - hart.asleep_since
    return HartStatistics(
        id=hart.index,
        cycles=cycles,
        active_cycles=cycles - slept,
        sleep_cycles=slept,
        instructions=hart.instructions,
        mix=dict(zip(CLASSES, mix, strict=True)),
    )
