"""The TCDM's test-and-set alias; `pulp-cluster.md` section 4.1."""

from __future__ import annotations

import pytest

from vplat.model import AccessFault
from vplat.peripherals.test_and_set import TcdmTestAndSet
from vplat.testing.bench import Bench

TCDM = 0x1000_0000


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def alias(bench: Bench) -> TcdmTestAndSet:
    return bench.build(TcdmTestAndSet)


def test_a_load_returns_the_old_word_and_leaves_all_ones(
    bench: Bench, alias: TcdmTestAndSet
) -> None:
    bench.bus.write(TCDM + 0x40, bytes([0x78, 0x56, 0x34, 0x12]))
    assert bench.load(alias, 0x40) == 0x1234_5678
    assert bench.load(alias, 0x40, hart=1) == 0xFFFF_FFFF
    assert bench.bus.read(TCDM + 0x40, 4) == b"\xff" * 4
    assert alias.activities == {"test_and_sets": 2}


@pytest.mark.parametrize(("size", "offset"), [(1, 0x41), (2, 0x42), (1, 0x43)])
def test_a_narrow_load_sets_only_the_bytes_it_reads(
    bench: Bench, alias: TcdmTestAndSet, size: int, offset: int
) -> None:
    bench.bus.write(TCDM + 0x40, bytes([1, 2, 3, 4]))
    expected = bytearray([1, 2, 3, 4])
    old = int.from_bytes(expected[offset - 0x40 :][:size], "little")
    expected[offset - 0x40 : offset - 0x40 + size] = b"\xff" * size
    assert bench.load(alias, offset, size=size) == old
    assert bench.bus.read(TCDM + 0x40, 4) == expected


def test_a_store_is_a_plain_store(bench: Bench, alias: TcdmTestAndSet) -> None:
    bench.load(alias, 0x80)
    bench.store(alias, 0x80, 0)
    assert bench.bus.read(TCDM + 0x80, 4) == bytes(4)
    bench.store(alias, 0x82, 0xABCD, size=2)
    bench.store(alias, 0x81, 0xEF, size=1)
    assert bench.bus.read(TCDM + 0x80, 4) == bytes([0x00, 0xEF, 0xCD, 0xAB])


def test_one_of_eight_harts_gets_the_lock_and_after_it_is_given_back_the_next(
    bench: Bench, alias: TcdmTestAndSet
) -> None:
    takers = [hart for hart in range(8) if bench.load(alias, 0, hart=hart) == 0]
    bench.store(alias, 0, 0, hart=takers[0])
    takers += [hart for hart in (5, 6) if bench.load(alias, 0, hart=hart) == 0]
    assert takers == [0, 5]


def test_the_tcdm_repeats_through_the_window(bench: Bench, alias: TcdmTestAndSet) -> None:
    bench.store(alias, 0xF_FFF0, 0x55)
    assert bench.bus.read(TCDM + 0x1_FFF0, 1) == b"\x55"


def test_a_board_says_where_the_tcdm_is_and_how_large(bench: Bench) -> None:
    alias = bench.build(TcdmTestAndSet, {"tcdm_base": 0x5000_0000, "tcdm_size": 0x4_0000})
    bench.store(alias, 0x4_0010, 0x77)
    assert bench.bus.read(0x5000_0010, 1) == b"\x77"


def test_a_master_that_is_no_hart_reads_without_taking_the_lock(
    bench: Bench, alias: TcdmTestAndSet
) -> None:
    assert bench.load(alias, 0x10, hart=-1) == 0
    assert bench.bus.read(TCDM + 0x10, 4) == bytes(4)


def test_a_fault_of_the_memory_behind_it_comes_through(bench: Bench, alias: TcdmTestAndSet) -> None:
    bench.bus.holes.append(range(TCDM, TCDM + 0x1000))
    with pytest.raises(AccessFault):
        bench.load(alias, 0x10)
