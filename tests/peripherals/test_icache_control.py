"""Control of the instruction caches, from its registers; `pulp-cluster.md` section 4.1."""

from __future__ import annotations

import pytest

from vplat.peripherals.icache_control import IcacheControl
from vplat.testing.bench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def icache(bench: Bench) -> IcacheControl:
    return bench.build(IcacheControl)


def flushes(bench: Bench) -> int:
    return sum(sent.output == "flush" and sent.level == 1 for sent in bench.sent)


@pytest.mark.parametrize(
    ("name", "value"),
    [("flush_icache", 1), ("flush_l1_only", 1), ("sel_flush_icache", 0x1C00_8080)],
)
def test_a_flush_is_told_and_over_at_once(
    bench: Bench, icache: IcacheControl, name: str, value: int
) -> None:
    bench.store(icache, name, value)
    assert flushes(bench) == 1
    assert bench.load(icache, name) == 0
    assert icache.activities == {"flushes": 1}


@pytest.mark.parametrize("name", ["flush_icache", "flush_l1_only"])
def test_a_flush_needs_its_bit(bench: Bench, icache: IcacheControl, name: str) -> None:
    bench.store(icache, name, 0xFFFF_FFFE)
    assert flushes(bench) == 0


def test_a_selective_flush_of_address_zero_is_one(bench: Bench, icache: IcacheControl) -> None:
    bench.store(icache, "sel_flush_icache", 0)
    assert flushes(bench) == 1


def test_enabling_the_caches_is_kept_and_flushes_nothing(
    bench: Bench, icache: IcacheControl
) -> None:
    assert bench.load(icache, "enable_icache") == 0
    bench.store(icache, "enable_icache", 0xFFFF_FFFF)
    assert bench.load(icache, "enable_icache") == 1
    assert flushes(bench) == 0


def test_bypassing_the_caches_makes_harts_see_memory(bench: Bench, icache: IcacheControl) -> None:
    bench.store(icache, "enable_icache", 1)
    bench.store(icache, "enable_icache", 0)
    assert flushes(bench) == 1


def test_counters_can_be_enabled_and_cleared(bench: Bench, icache: IcacheControl) -> None:
    bench.store(icache, "enable_cnts", 0xFFFF_FFFF)
    bench.store(icache, "clear_cnts", 0xFFFF_FFFF)
    assert bench.load(icache, "enable_cnts") == 1
    assert bench.load(icache, "clear_cnts") == 0
    assert bench.sent == []


@pytest.mark.parametrize("offset", [0x1C, 0x18, 0x20, 0x3FC])
def test_prefetch_and_what_is_no_register_read_as_zero(
    bench: Bench, icache: IcacheControl, offset: int
) -> None:
    bench.store(icache, offset, 0xFFFF_FFFF)
    assert bench.load(icache, offset) == 0
    assert bench.sent == []
