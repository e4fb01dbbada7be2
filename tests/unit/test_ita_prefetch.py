"""ITA's weight sets and their prefetch (`ita.md` section 3.4), in and out of step."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from vplat.peripherals.ita.engine import Engine
from vplat.peripherals.ita.hazards import Hazard
from vplat.peripherals.ita.job import Job
from vplat.peripherals.ita.revision import CURRENT
from vplat.peripherals.ita.sequence import Layer, Tiles

TILE, SET = 4096, 1024
INPUT, OUTPUT = 0x0000, 0x1000
FIRST, SECOND, THIRD = 0x2000, 0x3000, 0x4000


class Ram:
    """An identity matrix as input, and different weights at three places."""

    def __init__(self) -> None:
        self.octets = bytearray(0x5000)
        self.write(INPUT, np.eye(64, dtype=np.int8).tobytes())
        weights = np.random.default_rng(1).integers(-128, 128, 3 * TILE, np.int8)
        self.write(FIRST, weights.tobytes())

    def read(self, address: int, length: int) -> bytes:
        return bytes(self.octets[address : address + length])

    def write(self, address: int, data: bytes) -> None:
        self.octets[address : address + len(data)] = data

    def sets(self, *addresses: int) -> NDArray[np.int8]:
        """The output of the identity matrix times weight sets that lie at ``addresses``."""
        joined = b"".join(self.read(address, SET) for address in addresses)
        return np.frombuffer(joined, np.int8).reshape(64, 64).T

    @property
    def output(self) -> NDArray[np.int8]:
        return np.frombuffer(self.read(OUTPUT, TILE), np.int8).reshape(64, 64)


def job(weights: int = FIRST, *, following: int | None = None, preload: bool = True) -> Job:
    """One linear tile that stores input times weights, and prefetches for ``following``."""
    return Job(
        input_ptr=INPUT,
        weight_ptr0=weights,
        weight_ptr1=following or 0,
        bias_ptr=0,
        output_ptr=OUTPUT,
        tiles=Tiles(1, 1, 1, 1),
        mult=(1,) * 8,
        shift=(0,) * 8,
        add=(0,) * 8,
        layer=Layer.LINEAR,
        weight_preload=preload,
        weight_nextload=following is not None,
        bias_disable=True,
    )


def places(address: int) -> list[int]:
    return [address + SET * index for index in range(4)]


@pytest.fixture
def memory() -> Ram:
    return Ram()


@pytest.fixture
def engine() -> Engine:
    return Engine(CURRENT)


def test_a_proper_chain_of_jobs_has_no_hazards(engine: Engine, memory: Ram) -> None:
    chain = [job(FIRST, following=SECOND), job(SECOND, preload=False)]
    for each, weights in zip(chain, (FIRST, SECOND), strict=True):
        result = engine.run(each, memory)
        assert (result.hazards, result.hangs) == ((), False)
        np.testing.assert_array_equal(memory.output, memory.sets(*places(weights)))


def test_without_preload_or_prefetch_the_engine_waits_for_a_fourth_set(
    engine: Engine, memory: Ram
) -> None:
    result = engine.run(job(preload=False), memory)
    assert result.hazards == (Hazard.WEIGHTS_MISSING,)
    assert result.hangs
    assert engine.is_stuck
    assert not memory.output.any()


def test_without_prefetch_the_next_jobs_set_is_used_as_the_last(
    engine: Engine, memory: Ram
) -> None:
    result = engine.run(job(FIRST, following=SECOND, preload=False), memory)
    assert result.hazards == (Hazard.WEIGHTS_SHIFTED,)
    assert not result.hangs
    np.testing.assert_array_equal(memory.output, memory.sets(*places(FIRST)[1:], SECOND))
    assert engine.run(job(SECOND, preload=False), memory).hazards == (Hazard.WEIGHTS_MISSING,)


def test_a_left_over_set_goes_first_and_leaves_another_behind_it(
    engine: Engine, memory: Ram
) -> None:
    engine.run(job(FIRST, following=SECOND), memory)
    result = engine.run(job(THIRD), memory)
    assert result.hazards == (Hazard.WEIGHTS_LEFT_OVER,)
    assert not result.hangs
    np.testing.assert_array_equal(memory.output, memory.sets(SECOND, *places(THIRD)[:3]))
    again = engine.run(job(FIRST), memory)
    assert again.hazards == (Hazard.WEIGHTS_LEFT_OVER,)
    np.testing.assert_array_equal(memory.output, memory.sets(places(THIRD)[3], *places(FIRST)[:3]))


def test_a_left_over_set_ends_up_as_the_prefetch_of_a_job_that_it_is_not_meant_for(
    engine: Engine, memory: Ram
) -> None:
    engine.run(job(FIRST, following=SECOND), memory)
    engine.run(job(THIRD), memory)
    result = engine.run(job(SECOND, preload=False), memory)
    assert result.hazards == (Hazard.PREFETCH_FROM_ELSEWHERE,)
    np.testing.assert_array_equal(memory.output, memory.sets(places(THIRD)[3], *places(SECOND)[1:]))
    assert engine.run(job(FIRST), memory).hazards == ()


def test_a_third_left_over_set_stops_the_weight_stream(engine: Engine, memory: Ram) -> None:
    engine.run(job(FIRST, following=SECOND), memory)
    second = engine.run(job(SECOND, following=THIRD), memory)
    assert (second.hazards, second.hangs) == ((Hazard.WEIGHTS_LEFT_OVER,), False)
    third = engine.run(job(THIRD, following=FIRST), memory)
    assert third.hazards == (Hazard.WEIGHTS_LEFT_OVER, Hazard.WEIGHTS_OVERFLOW)
    assert third.hangs
    assert engine.is_stuck
    other = Engine(CURRENT)
    other.restore(engine.state())
    assert len(other.waiting_sets) == 3


def test_a_prefetch_from_another_address_is_used_all_the_same(engine: Engine, memory: Ram) -> None:
    engine.run(job(FIRST, following=THIRD), memory)
    result = engine.run(job(SECOND, preload=False), memory)
    assert result.hazards == (Hazard.PREFETCH_FROM_ELSEWHERE,)
    np.testing.assert_array_equal(memory.output, memory.sets(THIRD, *places(SECOND)[1:]))


def test_weights_that_arrive_after_their_prefetch_are_named_and_not_used(
    engine: Engine, memory: Ram
) -> None:
    engine.run(job(FIRST, following=SECOND), memory)
    old = memory.sets(*places(SECOND)).copy()
    memory.write(SECOND, bytes(SET))
    result = engine.run(job(SECOND, preload=False), memory)
    assert result.hazards == (Hazard.PREFETCH_TOO_EARLY,)
    np.testing.assert_array_equal(memory.output, old)


def test_a_memory_that_raises_while_operands_are_read_leaves_the_next_try_whole(
    engine: Engine, memory: Ram
) -> None:
    class Unmapped(Ram):
        def read(self, address: int, length: int) -> bytes:
            if address == THIRD:
                raise LookupError("nothing there")
            return super().read(address, length)

    engine.run(job(FIRST, following=SECOND), memory)
    with pytest.raises(LookupError, match="nothing there"):
        engine.run(job(SECOND, following=THIRD, preload=False), Unmapped())
    result = engine.run(job(SECOND, following=THIRD, preload=False), memory)
    assert result.hazards == ()
    np.testing.assert_array_equal(memory.output, memory.sets(*places(SECOND)))
