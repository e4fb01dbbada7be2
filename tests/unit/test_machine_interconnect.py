"""Banks that devices and harts share: who is refused how often."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.machine.board import MemorySpec
from vplat.machine.interconnect import Interconnect, march_refusals
from vplat.machine.machine import Machine
from vplat.machine.rows import ACCESSES, COLUMNS, FRACTION_BITS, WAIT, new_rows
from vplat.model import Mark, MemoryPort, Rank

TCDM, L2 = 0x1000_0000, 0x1C00_0000
DMA_BYTES, ACCELERATOR_BYTES = 64, 128


@dataclasses.dataclass
class Stage:
    """As much of a machine as an interconnect needs: a clock, rows of two harts, two memories."""

    banks: int = 32
    bank_bytes: int = 8
    now: int = 0
    due: list[int] = dataclasses.field(default_factory=list)
    rows: memoryview = dataclasses.field(default_factory=lambda: new_rows(2))

    @property
    def engine(self) -> Stage:
        return self

    @property
    def board(self) -> Stage:
        return self

    @property
    def memories(self) -> list[MemorySpec]:
        tcdm = MemorySpec("tcdm", TCDM, 0x2_0000, banks=self.banks, bank_bytes=self.bank_bytes)
        return [tcdm, MemorySpec("l2", L2, 0x1000)]

    def schedule(self, cycle: int, _behaviour: Callable[[], None], _: tuple[int, ...]) -> None:
        self.due.append(cycle)

    def connect(self) -> Interconnect:
        return Interconnect(cast(Machine, self))

    def access(self, hart: int, count: int) -> None:
        self.rows[hart * COLUMNS + ACCESSES] += count

    def wait(self, hart: int) -> float:
        parts: int = self.rows[hart * COLUMNS + WAIT]
        return parts / (1 << FRACTION_BITS)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def accelerator(interconnect: Interconnect, rank: Rank = Rank.IN_TURN) -> MemoryPort:
    return interconnect.port("ita", TCDM, ACCELERATOR_BYTES, rank)


def dma(interconnect: Interconnect, rank: Rank = Rank.BEFORE_HARTS) -> MemoryPort:
    return interconnect.port("dma", TCDM, DMA_BYTES, rank)


def test_a_port_alone_is_never_refused(stage: Stage) -> None:
    port = accelerator(stage.connect())
    mark = port.mark()
    port.occupy(0, 300, 290)
    stage.now = 300
    assert port.refused(mark) == 0.0


def test_a_dma_refuses_two_of_five_aligned_accesses_of_half_the_banks(stage: Stage) -> None:
    interconnect = stage.connect()
    port, other = accelerator(interconnect), dma(interconnect)
    mark = port.mark()
    other.occupy(20, 84, 64)
    stage.now = 300
    assert port.refused(mark) == pytest.approx(0.4 * 64)


def test_only_the_part_of_a_transfer_up_to_now_counts(stage: Stage) -> None:
    interconnect = stage.connect()
    port, other = accelerator(interconnect), dma(interconnect)
    stage.now = 50
    mark = port.mark()
    other.occupy(0, 100, 100)
    stage.now = 70
    assert port.refused(mark) == pytest.approx(0.4 * 20)


def test_accesses_with_pauses_between_them_meet_as_often_as_chance_has_it(stage: Stage) -> None:
    interconnect = stage.connect()
    port, other = accelerator(interconnect), dma(interconnect)
    mark = port.mark()
    other.occupy(0, 300, 100)
    stage.now = 300
    assert port.refused(mark) == pytest.approx(0.5 * 100)


def test_the_one_that_goes_before_loses_nothing(stage: Stage) -> None:
    interconnect = stage.connect()
    port, other = accelerator(interconnect), dma(interconnect)
    mark = other.mark()
    port.occupy(0, 300, 290)
    stage.now = 300
    assert other.refused(mark) == 0.0


def test_ports_that_take_turns_share_what_is_lost(stage: Stage) -> None:
    interconnect = stage.connect()
    port, other = accelerator(interconnect), dma(interconnect, Rank.IN_TURN)
    mark = port.mark()
    other.occupy(0, 64, 64)
    stage.now = 64
    assert port.refused(mark) == pytest.approx(0.2 * 64)


@pytest.mark.parametrize(
    ("rank", "lost"), [(Rank.AFTER_HARTS, 50), (Rank.IN_TURN, 25), (Rank.BEFORE_HARTS, 0)]
)
def test_a_hart_refuses_as_many_accesses_as_the_rank_of_the_port_says(
    stage: Stage, rank: Rank, lost: int
) -> None:
    port = accelerator(stage.connect(), rank)
    mark = port.mark()
    stage.access(0, 100)
    stage.now = 300
    assert port.refused(mark) == pytest.approx(lost)


def test_two_harts_refuse_an_access_if_either_does(stage: Stage) -> None:
    port = accelerator(stage.connect(), Rank.AFTER_HARTS)
    mark = port.mark()
    stage.access(0, 150)
    stage.access(1, 150)
    stage.now = 300
    assert port.refused(mark) == pytest.approx(300 * (1 - 0.75**2))


def test_what_harts_did_before_does_not_count(stage: Stage) -> None:
    port = accelerator(stage.connect(), Rank.AFTER_HARTS)
    stage.access(0, 1000)
    stage.now = 500
    mark = port.mark()
    stage.now = 600
    assert port.refused(mark) == 0.0


def test_a_port_as_wide_as_the_memory_loses_every_cycle_in_which_another_is_served() -> None:
    stage = Stage(banks=16, bank_bytes=4)
    interconnect = stage.connect()
    port = accelerator(interconnect, Rank.AFTER_HARTS)
    other = interconnect.port("mchan", TCDM, 8, Rank.IN_TURN)
    mark = port.mark()
    other.occupy(0, 100, 90)
    stage.now = 100
    assert port.refused(mark) == pytest.approx(90)


def test_a_limit_of_refusals_lets_the_weaker_one_through() -> None:
    stage = Stage(banks=16, bank_bytes=4)
    interconnect = stage.connect()
    port = accelerator(interconnect, Rank.AFTER_HARTS)
    other = interconnect.port("mchan", TCDM, 8, Rank.IN_TURN)
    interconnect.arbitrate(TCDM, Rank.AFTER_HARTS, 4)
    mark = port.mark()
    other.occupy(0, 100, 100)
    stage.now = 100
    assert port.refused(mark) == pytest.approx(80)


def test_an_inverted_priority_makes_the_dma_wait_in_place_of_the_accelerator(stage: Stage) -> None:
    interconnect = stage.connect()
    port = accelerator(interconnect, Rank.AFTER_HARTS)
    other = interconnect.port("mchan", TCDM, 8, Rank.IN_TURN)
    interconnect.arbitrate(TCDM, Rank.BEFORE_HARTS, 0)
    mark = port.mark()
    port.occupy(0, 100, 100)
    other.occupy(0, 100, 100)
    stage.now = 100
    assert port.refused(mark) == 0.0
    assert other.refused(mark) == pytest.approx(50)


def test_harts_wait_for_ports_while_they_are_used_and_no_longer(stage: Stage) -> None:
    interconnect = stage.connect()
    dma(interconnect).occupy(10, 74, 64)
    assert stage.due == [10, 74]
    waits = []
    for stage.now in (0, 10, 74):
        interconnect.tell_harts()
        waits.append([stage.wait(hart) for hart in (0, 1)])
    assert waits == [[0.0, 0.0], [0.25, 0.25], [0.0, 0.0]]


def test_a_hart_in_turn_with_a_port_waits_for_every_other_access_that_it_meets(
    stage: Stage,
) -> None:
    interconnect = stage.connect()
    accelerator(interconnect).occupy(0, 100, 80)
    interconnect.tell_harts()
    assert stage.wait(0) == pytest.approx(0.8 * 0.5 / 2, abs=1e-4)


def test_the_waits_of_harts_are_bounded_where_a_port_before_them_has_all_banks() -> None:
    stage = Stage(banks=16, bank_bytes=4)
    interconnect = stage.connect()
    port = accelerator(interconnect, Rank.BEFORE_HARTS)
    interconnect.arbitrate(TCDM, Rank.BEFORE_HARTS, 8)
    port.occupy(0, 100, 100)
    interconnect.tell_harts()
    assert stage.wait(0) == 8.0


def test_a_memory_without_banks_has_no_contention(stage: Stage) -> None:
    interconnect = stage.connect()
    ports = [interconnect.port(name, L2, 128, Rank.IN_TURN) for name in ("ita", "dma")]
    mark = ports[0].mark()
    ports[1].occupy(0, 100, 100)
    stage.now = 100
    assert ports[0].refused(mark) == 0.0
    assert stage.due == []


def test_a_device_that_is_reset_has_used_nothing(stage: Stage) -> None:
    interconnect = stage.connect()
    port = accelerator(interconnect)
    dma(interconnect).occupy(0, 100, 100)
    dma(interconnect)
    stage.now = 100
    assert port.refused(Mark(0, (0, 0))) == 0.0


def test_a_snapshot_brings_back_who_used_what(stage: Stage) -> None:
    interconnect = stage.connect()
    port, other = accelerator(interconnect), dma(interconnect)
    mark = port.mark()
    other.occupy(0, 100, 100)
    then = interconnect.snapshot()
    other.occupy(100, 200, 100)
    interconnect.arbitrate(TCDM, Rank.AFTER_HARTS, 3)
    stage.now = 300
    assert port.refused(mark) == 0.0
    interconnect.restore(then)
    assert port.refused(mark) == pytest.approx(40)
    assert interconnect.snapshot() == then


@given(
    st.integers(1, 4).map(lambda bits: 1 << bits),
    st.integers(0, 3).map(lambda bits: 1 << bits),
    st.floats(0.0, 1.0),
)
def test_a_march_refuses_no_more_than_one_access_a_cycle_and_more_to_those_with_more_blocks(
    blocks: int, covered: int, unaligned: float
) -> None:
    refused = march_refusals(blocks, covered, unaligned)
    assert 0.0 < refused <= 1.0
    assert refused <= march_refusals(blocks, 2 * covered, unaligned) + 1e-9
