"""2-D copies of the three DMAs: their rows at once against their rows one after the other."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from vplat.machine.board import PAGE, MemorySpec, Span
from vplat.machine.bus import Bus, memory_places
from vplat.model.transfer import BurstFlow, Refusals
from vplat.peripherals.idma import movement as idma_movement
from vplat.peripherals.idma import timing as idma_timing
from vplat.peripherals.idma import transfer as idma
from vplat.peripherals.mchan import command as mchan
from vplat.peripherals.mchan import movement as mchan_movement
from vplat.peripherals.mchan import timing as mchan_timing
from vplat.peripherals.xdma import movement as xdma_movement
from vplat.peripherals.xdma import timing as xdma_timing
from vplat.peripherals.xdma import transfer as xdma

TCDM, ALIAS, ROM, L3 = 0x1000_0000, 0x1800_0000, 0x7FFF_F000, 0x8000_0000
TCDM_BYTES, L3_BYTES = PAGE, 4 * PAGE
MEMORIES = (
    # It goes on where the DMAs see something else.
    MemorySpec("tcdm", TCDM, 6 * PAGE, aliases=(Span(ALIAS, 6 * PAGE),)),
    MemorySpec("rom", ROM, PAGE, writable=False),
    MemorySpec("l3", L3, L3_BYTES),
)
XDMA_REACH = xdma_movement.Reach(TCDM, ALIAS, 16 * PAGE, TCDM_BYTES, 4 * PAGE, 2 * PAGE)
MCHAN_REACH = mchan_movement.Reach(TCDM, TCDM_BYTES, 32, 8)
IDMA_REACH = idma_movement.Reach(TCDM, TCDM_BYTES)

addresses = st.builds(
    int.__add__,
    st.sampled_from([TCDM, TCDM + TCDM_BYTES, TCDM + 4 * PAGE, ALIAS, L3, L3, L3 + L3_BYTES, ROM]),
    st.integers(-70, PAGE) | st.sampled_from([-512, -64, 0, 64, PAGE - 512, PAGE - 64]),
)
lengths = st.integers(1, 64) | st.integers(1, 300) | st.sampled_from([64, 2 * PAGE])
rows = st.integers(1, 20)
firsts = st.just(0) | st.integers(0, 4000)
counts = st.just(1 << 20) | st.integers(1, 4000)
strides = st.integers(-300, 600) | st.sampled_from([64, 128, 128, 300, -128, PAGE])
flows = st.builds(
    BurstFlow,
    st.just(3),
    st.integers(0, 40),
    st.integers(0, 60),
    st.lists(st.integers(0, 70), max_size=3).map(sorted),
)


class Plain:
    """A bus that copies no rows at once."""

    def __init__(self, bus: Bus) -> None:
        self.read, self.write = bus.read, bus.write


class World:
    """Memories, and what is refused there."""

    def __init__(self) -> None:
        self.places = memory_places(MEMORIES)
        for place in self.places:
            place.data[:] = [(index * 7 + (index >> 8)) & 0xFF for index in range(len(place.data))]
            place.written[:] = 0
        self.bus = Bus(self.places, ())
        self.hidden: dict[int, bytearray] = {}
        self.refusals = Refusals()

    def state(self) -> list[object]:
        """Everything that a copy can change."""
        memories = [(bytes(place.data), bytes(place.written)) for place in self.places]
        return [memories, self.hidden, dataclasses.astuple(self.refusals)]


def same_bytes(move: Callable[[World, Bus | Plain], None]) -> None:
    """``move`` does the same whether or not the bus can copy rows at once."""
    at_once, one_by_one = World(), World()
    move(at_once, at_once.bus)
    move(one_by_one, Plain(one_by_one.bus))
    assert at_once.state() == one_by_one.state()


def same_course(module: str, flow: BurstFlow, run: Callable[[BurstFlow], object]) -> None:
    """``run`` comes to the same whether or not rows are cut at once."""
    together, apart = copy.deepcopy(flow), copy.deepcopy(flow)
    found = run(together)
    with patch(f"{module}.can_cut", return_value=False):
        assert run(apart) == found
    assert together == apart


snitch_copies = st.builds(
    xdma.Transfer,
    st.just(2),
    st.integers(0, 50),
    addresses | addresses | st.integers(0, 1 << 48),
    addresses,
    lengths,
    rows,
    strides,
    strides,
)


@settings(max_examples=200, deadline=None)
@given(snitch_copies, firsts, counts, flows)
def test_the_snitch_dma_does_the_same_rows_at_once(
    transfer: xdma.Transfer, begin: int, count: int, flow: BurstFlow
) -> None:
    begin %= transfer.bytes
    end = min(begin + count, transfer.bytes)
    runs = [run for part in transfer.parts(begin, end) for run in part.runs()]
    assert runs == expected_runs(transfer, begin, end)

    def move(world: World, bus: Bus | Plain) -> None:
        wide = xdma_movement.WideBus(bus, XDMA_REACH, world.hidden)
        xdma_movement.move(transfer, begin, end, wide, world.refusals)

    same_bytes(move)
    rates = xdma_timing.Rates(64, 3, 8, 1)
    schedule = xdma_timing.schedule
    same_course(
        xdma_timing.__name__,
        flow,
        lambda flow: schedule(transfer, begin, end, flow, rates, XDMA_REACH),
    )
    for width in (8, 64):
        found = xdma.traffic(transfer, begin, end, width)
        with patch(f"{xdma.__name__}.can_cut", return_value=False):
            assert xdma.traffic(transfer, begin, end, width) == found
    moved = xdma_movement.bytes_of(transfer, begin, end, XDMA_REACH)
    with patch.object(xdma_movement.Reach, "region_of", return_value=None):
        assert xdma_movement.bytes_of(transfer, begin, end, XDMA_REACH) == moved


def expected_runs(transfer: xdma.Transfer, begin: int, end: int) -> list[tuple[int, int, int]]:
    """Each row's bytes between ``begin`` and ``end``."""
    found = []
    for row in range(transfer.rows):
        first = max(begin, row * transfer.length)
        last = min(end, (row + 1) * transfer.length)
        if first < last:
            offset = first - row * transfer.length
            source = transfer.source + row * transfer.source_stride + offset
            destination = transfer.destination + row * transfer.destination_stride + offset
            mask = xdma.ADDRESS_MASK
            found.append((source & mask, destination & mask, last - first))
    return found


def commands() -> st.SearchStrategy[mchan.Command]:
    """Commands that are linear, or strided on one side or both."""
    side = st.tuples(
        st.sampled_from([8, 64, 64, 100, 1 << 16]),
        st.integers(0, 600) | st.sampled_from([64, 128, (1 << 31) - 64]),
    )

    def build(
        start: int, tcdm: int, length: int, sides: tuple[tuple[int, int], ...], flags: list[bool]
    ) -> mchan.Command:
        outer, inner = (
            mchan.Side(at, min(length, row), stride)
            for at, (row, stride) in zip((start, tcdm), sides, strict=True)
        )
        direction = mchan.Direction(flags[0])
        increments = flags[1] or flags[2]
        return mchan.Command(
            0, 0, 5, length, direction, increments, False, False, False, outer, inner
        )

    return st.builds(
        build,
        addresses | st.just((1 << 32) - 100),
        st.integers(TCDM - 70, TCDM + 3 * PAGE) | st.integers(TCDM + PAGE - 999, TCDM + PAGE),
        st.integers(1, 1500) | st.integers(1, 20).map(lambda count: 64 * count),
        st.tuples(side, side),
        st.lists(st.booleans(), min_size=3, max_size=3),
    )


@settings(max_examples=200, deadline=None)
@given(commands(), flows)
def test_the_mchan_does_the_same_rows_at_once(command: mchan.Command, flow: BurstFlow) -> None:
    def move(world: World, bus: Bus | Plain) -> None:
        world.refusals = MCHAN_REACH.move(command, bus)

    same_bytes(move)
    rates = mchan_timing.Rates(8, 3, 20, 2)
    same_course(
        mchan_timing.__name__, flow, lambda flow: mchan_timing.schedule(command, flow, rates)
    )


ends = st.builds(
    idma.End,
    addresses | st.integers(0, idma.ADDRESS_MASK),
    st.sampled_from([idma.Protocol.AXI, idma.Protocol.OBI, idma.Protocol.OBI, idma.Protocol.INIT]),
    strides.map(lambda stride: stride & idma.ADDRESS_MASK),
    strides.map(lambda stride: stride & idma.ADDRESS_MASK),
    st.sampled_from([8, 64, 2048]),
)
launches = st.builds(
    idma.Transfer,
    *map(st.just, (0, 0, 2)),
    st.integers(0, 50),
    lengths,
    rows,
    st.integers(1, 3),
    ends,
    ends,
    st.booleans(),
)


@settings(max_examples=200, deadline=None)
@given(launches, firsts, counts, flows)
def test_the_idma_does_the_same_rows_at_once(
    transfer: idma.Transfer, begin: int, count: int, flow: BurstFlow
) -> None:
    begin %= transfer.bytes
    end = min(begin + count, transfer.bytes)
    runs = [run for part in transfer.parts(begin, end) for run in part.runs()]
    assert runs == list(transfer.runs(begin, end))
    same_bytes(lambda world, bus: IDMA_REACH.move(transfer, begin, end, bus, world.refusals))
    rates = idma_timing.Rates(8, 3, 20, 2)
    same_course(
        idma_timing.__name__,
        flow,
        lambda flow: idma_timing.schedule(transfer, begin, end, flow, rates),
    )
