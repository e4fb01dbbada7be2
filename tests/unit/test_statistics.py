"""Statistics of a machine that has run, from stand-ins for its parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rv32_code import (
    A0,
    A1,
    DECODER,
    T0,
    X0,
    addi,
    branch,
    ecall,
    fence,
    lw,
    multiply,
    sw,
)
from vplat.machine.blocks import Block
from vplat.machine.isa import Instruction, InstructionClass
from vplat.machine.rows import NOW, new_turns
from vplat.machine.statistics import DeviceStatistics, HartStatistics, Sampler, Statistics

Kind = InstructionClass


@dataclass
class Hart:
    index: int
    cycles: int = 0
    instructions: int = 0
    sleep_cycles: int = 0
    asleep_since: int = 0
    runs: bool = True


@dataclass
class Device:
    kind: str
    activities: dict[str, int]


class Engine:
    """Counts of blocks by hart, which the tests set."""

    def __init__(self, harts: int) -> None:
        self.runs: list[Counter[int]] = [Counter() for _ in range(harts)]
        self.blocks = 0

    def counts(self, hart: int) -> Sequence[int]:
        return [self.runs[hart][number] for number in range(self.blocks)]


@dataclass
class Blocks:
    blocks: list[Block] = field(default_factory=list)


@dataclass
class Machine:
    """As much of a machine as has statistics."""

    harts: list[Hart]
    engine: Engine
    devices: Mapping[str, Device] = field(default_factory=dict)
    blocks: Blocks = field(default_factory=Blocks)
    turns: memoryview = field(default_factory=new_turns)

    def meet(self, instructions: Sequence[Instruction], number: int | None = None) -> int:
        """Let the machine meet a new block, or new code in an old one; its number."""
        block = block_of(instructions)
        if number is None:
            self.blocks.blocks.append(block)
            self.engine.blocks += 1
            return self.engine.blocks - 1
        self.blocks.blocks[number] = block
        return number

    def run(self, hart: int, number: int, *, until: int | None = None) -> None:
        """A hart runs a block, or leaves it before its instruction ``until``."""
        block = self.blocks.blocks[number]
        count = len(block.instructions) if until is None else until
        self.engine.runs[hart][number] += 1
        self.harts[hart].instructions += count
        if count < len(block.instructions):
            key = hart, block.addresses[count]
            block.left_early[key] = block.left_early.get(key, 0) + 1


def block_of(instructions: Sequence[Instruction]) -> Block:
    """A block at 0x1000 whose instructions take one cycle each."""
    places = list(accumulate((each.length for each in instructions), initial=0x1000))
    return Block(
        address=0x1000,
        code=b"".join(each.word.to_bytes(each.length, "little") for each in instructions),
        instructions=tuple(instructions),
        addresses=tuple(places[:-1]),
        cycles=len(instructions),
        before={address: (count, count) for count, address in enumerate(places)},
        answered=(),
    )


def machine_of(harts: int) -> Machine:
    return Machine([Hart(index) for index in range(harts)], Engine(harts))


def counted(hart: HartStatistics) -> dict[InstructionClass, int]:
    return {kind: count for kind, count in hart.mix.items() if count}


LOOP = [lw(T0, 0, A0), multiply(0, T0, T0, A1), addi(A0, A0, 4), branch(1, A0, A1, -12)]


def test_the_mix_counts_every_class_of_the_blocks_each_hart_has_run() -> None:
    machine = machine_of(2)
    loop, call = machine.meet(LOOP), machine.meet([sw(T0, A0), ecall()])
    for _ in range(3):
        machine.run(0, loop)
    machine.run(1, loop)
    machine.run(1, call)
    first, second = Statistics.of(machine).harts
    assert counted(first) == {Kind.LOAD: 3, Kind.MUL: 3, Kind.ALU: 3, Kind.BRANCH: 3}
    assert counted(second) == {
        Kind.LOAD: 1,
        Kind.MUL: 1,
        Kind.ALU: 1,
        Kind.BRANCH: 1,
        Kind.STORE: 1,
        Kind.SYSTEM: 1,
    }
    assert set(first.mix) == set(InstructionClass)


def test_what_a_hart_left_out_of_a_block_is_not_counted() -> None:
    machine = machine_of(2)
    loop = machine.meet(LOOP)
    machine.run(0, loop)
    machine.run(0, loop, until=1)
    machine.run(0, loop, until=1)
    machine.run(1, loop, until=0)
    first, second = Statistics.of(machine).harts
    assert counted(first) == {Kind.LOAD: 3, Kind.MUL: 1, Kind.ALU: 1, Kind.BRANCH: 1}
    assert counted(second) == {}


def test_cycles_of_a_running_hart_are_its_own_less_what_it_has_slept() -> None:
    machine = machine_of(1)
    machine.harts[0] = Hart(0, cycles=1000, sleep_cycles=300)
    statistics = Statistics.of(machine)
    hart = statistics.harts[0]
    assert (hart.cycles, hart.active_cycles, hart.sleep_cycles) == (1000, 700, 300)
    assert statistics.cycles == 1000


def test_a_hart_that_sleeps_has_slept_until_the_end_of_the_run() -> None:
    machine = machine_of(2)
    machine.harts[0] = Hart(0, cycles=1000)
    machine.harts[1] = Hart(1, cycles=400, sleep_cycles=50, asleep_since=400, runs=False)
    hart = Statistics.of(machine).harts[1]
    assert (hart.cycles, hart.active_cycles, hart.sleep_cycles) == (1000, 350, 650)


def test_while_all_harts_sleep_time_goes_on_with_the_devices() -> None:
    machine = machine_of(1)
    machine.harts[0] = Hart(0, cycles=400, asleep_since=400, runs=False)
    machine.turns[NOW] = 5000
    statistics = Statistics.of(machine)
    assert statistics.cycles == statistics.harts[0].cycles == 5000
    assert statistics.harts[0].active_cycles == 400


def test_a_device_shows_its_kind_its_work_and_its_busy_cycles() -> None:
    machine = machine_of(1)
    copied = {"bytes": 4096, "busy_cycles": 530}
    machine.devices = {"dma": Device("mchan", copied), "timer": Device("pulp_timer", {})}
    devices = Statistics.of(machine).devices
    copied["bytes"] = 0
    assert devices["dma"].kind == "mchan"
    assert devices["dma"].activities == {"bytes": 4096, "busy_cycles": 530}
    assert [device.busy_cycles for device in devices.values()] == [530, 0]


def test_a_machine_that_has_not_started_has_empty_statistics() -> None:
    statistics = Statistics.of(machine_of(2))
    assert (statistics.cycles, statistics.instructions) == (0, 0)
    assert [counted(hart) for hart in statistics.harts] == [{}, {}]


def test_a_later_sample_sees_new_blocks_and_leaves_the_earlier_one_alone() -> None:
    machine = machine_of(1)
    sampler = Sampler(machine)
    machine.run(0, machine.meet([fence()]))
    earlier = sampler.sample()
    for _ in range(200):
        machine.run(0, machine.meet(LOOP), until=3)
    later = sampler.sample()
    assert counted(earlier.harts[0]) == {Kind.FENCE: 1}
    assert counted(later.harts[0]) == {Kind.FENCE: 1, Kind.LOAD: 200, Kind.MUL: 200, Kind.ALU: 200}
    assert later.harts[0].mix == Statistics.of(machine).harts[0].mix


def test_a_block_whose_code_has_changed_is_counted_as_what_it_is_now() -> None:
    machine = machine_of(1)
    sampler = Sampler(machine)
    number = machine.meet([fence(), fence()])
    machine.run(0, number, until=1)
    sampler.sample()
    machine.engine.runs[0].clear()
    machine.harts[0].instructions = 0
    machine.meet([lw(T0, 0, A0), addi(X0, X0, 0)], number)
    machine.run(0, number, until=1)
    assert counted(sampler.sample().harts[0]) == {Kind.LOAD: 1}


words = st.integers(0, 0xFFFFFFFF).map(lambda word: word | 3)
runs = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 9)), max_size=40)


@given(st.lists(st.lists(words, max_size=8), min_size=1, max_size=4), runs)
def test_the_mix_of_each_hart_adds_up_to_its_instructions(
    codes: list[list[int]], turns: list[tuple[int, int, int]]
) -> None:
    machine = machine_of(3)
    sampler = Sampler(machine)
    numbers = [machine.meet([DECODER.decode(word) for word in code]) for code in codes]
    expected: list[Counter[InstructionClass]] = [Counter() for _ in machine.harts]
    for hart, block, until in turns:
        number = numbers[block % len(numbers)]
        instructions = machine.blocks.blocks[number].instructions
        stop = min(until, len(instructions))
        machine.run(hart, number, until=stop)
        expected[hart].update(each.kind for each in instructions[:stop])
        sampler.sample()
    statistics = sampler.sample()
    for found, wanted in zip(statistics.harts, expected, strict=True):
        assert counted(found) == dict(wanted)
        assert sum(found.mix.values()) == found.instructions
    assert statistics.instructions == sum(hart.instructions for hart in machine.harts)


def test_a_device_has_finished_as_many_jobs_as_it_accounts_for_jobs_or_transfers() -> None:
    devices = [
        DeviceStatistics("ita", {"jobs": 3, "macs": 9}),
        DeviceStatistics("mchan", {"transfers": 2}),
        DeviceStatistics("uart", {"bytes": 5}),
    ]
    assert [device.jobs for device in devices] == [3, 2, 0]
