"""What ITA does when a driver breaks a rule of `ita.md`, sections 2.4 and 11, and what it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from vplat.peripherals.ita.activation import Activation
from vplat.peripherals.ita.engine import Engine
from vplat.peripherals.ita.hazards import Hazard
from vplat.peripherals.ita.job import Job
from vplat.peripherals.ita.layout import pack_biases
from vplat.peripherals.ita.revision import AUGUST_2024, CURRENT
from vplat.peripherals.ita.sequence import Layer, Step, Tiles

TILE = 4096
SET = 1024
INPUT, BIASES, OUTPUT = 0x0000, 0x2000, 0x3000
FIRST, SECOND, THIRD = 0x10000, 0x11000, 0x12000
ONE_TILE = Tiles(1, 1, 1, 1)
TWO_INNER = Tiles(1, 2, 1, 1)


class Ram:
    """An identity matrix as input, random weights at FIRST, and zeros."""

    def __init__(self) -> None:
        self.octets = bytearray(0x20000)
        generator = np.random.default_rng(1)
        identity = np.eye(64, dtype=np.int8)
        self.write(INPUT, identity.tobytes())
        self.write(FIRST, generator.integers(-128, 128, TILE, np.int8).tobytes())

    def read(self, address: int, length: int) -> bytes:
        return bytes(self.octets[address : address + length])

    def write(self, address: int, data: bytes) -> None:
        self.octets[address : address + len(data)] = data

    @property
    def output(self) -> NDArray[np.int8]:
        return np.frombuffer(self.read(OUTPUT, TILE), np.int8).reshape(64, 64)


def job(weights: int = FIRST) -> Job:
    """One linear tile, alone: it stores input times weights."""
    return Job(
        input_ptr=INPUT,
        weight_ptr0=weights,
        weight_ptr1=0,
        bias_ptr=BIASES,
        output_ptr=OUTPUT,
        tiles=ONE_TILE,
        mult=(1,) * 8,
        shift=(0,) * 8,
        add=(0,) * 8,
        layer=Layer.LINEAR,
        weight_preload=True,
        bias_disable=True,
    )


@pytest.fixture
def memory() -> Ram:
    return Ram()


@pytest.fixture
def engine() -> Engine:
    return Engine(CURRENT)


def test_output_before_the_last_inner_tile_hangs_but_the_engine_moves_on(
    engine: Engine, memory: Ram
) -> None:
    early = replace(job(), tiles=TWO_INNER)
    result = engine.run(early, memory)
    assert result.hazards == (Hazard.OUTPUT_BEFORE_LAST_INNER_TILE,)
    assert (result.hangs, result.stored, result.last_inner) == (True, False, False)
    assert not memory.output.any()
    assert not engine.is_stuck
    assert engine.sequence.inner == 1


def test_no_output_on_the_last_inner_tile_hangs_this_job_and_all_after_it_until_a_reset(
    engine: Engine, memory: Ram
) -> None:
    result = engine.run(replace(job(), output_disable=True), memory)
    assert result.hazards == (Hazard.NO_OUTPUT_ON_LAST_INNER_TILE,)
    assert result.hangs
    for _ in range(2):
        later = engine.run(job(), memory)
        assert (later.hazards, later.hangs) == ((Hazard.ENGINE_STUCK,), True)
    assert not memory.output.any()
    engine.reset()
    assert not engine.run(job(), memory).hangs


def test_a_job_cut_off_by_a_soft_clear_leaves_the_engine_stuck(engine: Engine, memory: Ram) -> None:
    engine.abandon()
    assert engine.is_stuck
    assert engine.run(job(), memory).hazards == (Hazard.ENGINE_STUCK,)
    other = Engine(CURRENT)
    other.restore(engine.state())
    assert other.run(job(), memory).hangs


def test_a_layer_that_changes_within_a_sequence_is_named_and_ignored(
    engine: Engine, memory: Ram
) -> None:
    engine.run(replace(job(), tiles=TWO_INNER, output_disable=True), memory)
    result = engine.run(replace(job(), tiles=TWO_INNER, layer=Layer.FEEDFORWARD), memory)
    assert result.hazards == (Hazard.LAYER_CHANGED,)
    assert result.step is Step.MATMUL


def test_tiles_that_change_within_a_sequence_are_named(engine: Engine, memory: Ram) -> None:
    engine.run(replace(job(), tiles=TWO_INNER, output_disable=True), memory)
    three = replace(job(), tiles=Tiles(1, 3, 1, 1), output_disable=True)
    result = engine.run(three, memory)
    assert result.hazards == (Hazard.TILES_CHANGED,)
    assert not result.last_inner


def test_a_count_that_the_layer_does_not_use_may_change(engine: Engine, memory: Ram) -> None:
    engine.run(replace(job(), tiles=TWO_INNER, output_disable=True), memory)
    assert engine.run(replace(job(), tiles=Tiles(1, 2, 1, 9)), memory).hazards == ()


def test_unwritten_tiles_in_the_next_context_end_the_inner_loop_and_the_next_job_hangs(
    engine: Engine, memory: Ram
) -> None:
    engine.run(replace(job(), tiles=TWO_INNER, output_disable=True), memory)
    assert engine.observe(Layer.ATTENTION, ONE_TILE) == (Hazard.LOOP_CUT_SHORT,)
    assert engine.sequence.step is Step.IDLE
    result = engine.run(replace(job(), tiles=TWO_INNER), memory)
    assert result.first_inner
    assert result.hangs


def test_tiles_that_match_no_counter_between_jobs_do_nothing(engine: Engine, memory: Ram) -> None:
    three = Tiles(1, 3, 1, 1)
    engine.run(replace(job(), tiles=three, output_disable=True), memory)
    assert engine.observe(Layer.LINEAR, three) == ()
    assert engine.observe(Layer.LINEAR, TWO_INNER) == ()
    assert engine.sequence.inner == 1


def test_zero_counts_seen_between_jobs_move_nothing(memory: Ram) -> None:
    engine = Engine(AUGUST_2024)
    engine.run(replace(job(), layer=Layer.ATTENTION), memory)
    assert engine.sequence.step is Step.K
    assert engine.observe(Layer.ATTENTION, Tiles(0, 0, 0, 0)) == ()
    assert (engine.sequence.step, engine.sequence.tile) == (Step.K, 0)


def test_a_layer_without_a_way_out_of_av_keeps_the_engine_there(
    engine: Engine, memory: Ram
) -> None:
    attention = replace(job(), layer=Layer.SINGLE_ATTENTION)
    engine.run(attention, memory)
    result = engine.run(replace(attention, layer=Layer.LINEAR), memory)
    assert result.hazards == (Hazard.LAYER_CHANGED,)
    again = engine.run(attention, memory)
    assert again.step is Step.AV
    assert engine.run(attention, memory).step is Step.QK


def test_av_without_all_row_sums_waits_for_ever(engine: Engine, memory: Ram) -> None:
    tiles = Tiles(2, 1, 2, 1)
    attention = replace(job(), layer=Layer.SINGLE_ATTENTION, tiles=tiles)
    inner = replace(attention, output_disable=True)
    for stored in (False, True) * 4:
        assert not engine.run(attention if stored else inner, memory).hangs
    engine.run(inner, memory)
    assert engine.observe(Layer.SINGLE_ATTENTION, ONE_TILE) == (Hazard.LOOP_CUT_SHORT,)
    result = engine.run(inner, memory)
    assert result.step is Step.AV
    assert result.hazards == (Hazard.ROW_SUMS_NOT_READY,)
    assert result.hangs


def test_a_zero_count_is_never_reached_in_the_first_release(memory: Ram) -> None:
    words = [INPUT, FIRST, 0, BIASES, OUTPUT, *[0] * 8, 0b00101]
    result = Engine(AUGUST_2024).run(Job.from_registers(words, AUGUST_2024), memory)
    assert result.hazards == (Hazard.TILE_COUNT_ZERO, Hazard.OUTPUT_BEFORE_LAST_INNER_TILE)
    assert result.hangs
    words = [INPUT, FIRST, 0, BIASES, OUTPUT, *[0] * 8, 0, 0b00101, 0, 0]
    assert Engine(CURRENT).run(Job.from_registers(words, CURRENT), memory).hazards == ()


@pytest.mark.parametrize("shift", [34, 35])
def test_a_shift_past_the_product_is_named(engine: Engine, memory: Ram, shift: int) -> None:
    expected = (Hazard.SHIFT_OUT_OF_RANGE,) if shift > 34 else ()
    assert engine.run(replace(job(), shift=(shift,) * 8), memory).hazards == expected
    constants = job().activation_constants._replace(shift=shift)
    activated = replace(job(), activation=Activation.RELU, activation_constants=constants)
    assert engine.run(activated, memory).hazards == expected
    unused = replace(activated, activation=Activation.IDENTITY)
    assert engine.run(unused, memory).hazards == ()


def test_an_activation_in_attention_is_named_and_applied_after_the_statistics(
    engine: Engine, memory: Ram
) -> None:
    attention = replace(job(), layer=Layer.SINGLE_ATTENTION)
    plain, activated = engine, Engine(CURRENT)
    plain.run(attention, memory)
    logits = memory.output.copy()
    constants = attention.activation_constants._replace(mult=1)
    result = activated.run(
        replace(attention, activation=Activation.RELU, activation_constants=constants), memory
    )
    assert result.hazards == (Hazard.ACTIVATION_UNEXPECTED,)
    np.testing.assert_array_equal(memory.output, np.maximum(logits, 0))
    np.testing.assert_array_equal(activated.rows.total, plain.rows.total)


def test_each_job_has_its_own_activation_constants(engine: Engine, memory: Ram) -> None:
    for mult in (1, 0):
        constants = job().activation_constants._replace(mult=mult)
        engine.run(
            replace(job(), activation=Activation.RELU, activation_constants=constants), memory
        )
        assert memory.output.any() == bool(mult)


def test_an_activation_that_does_not_exist_passes_values_through(
    engine: Engine, memory: Ram
) -> None:
    result = engine.run(replace(job(), activation=Activation.RESERVED), memory)
    assert result.hazards == (Hazard.ACTIVATION_UNKNOWN,)
    weights = np.frombuffer(memory.read(FIRST, TILE), np.int8).reshape(64, 64)
    np.testing.assert_array_equal(memory.output, weights.T)


def test_an_accumulator_that_a_bias_pushes_out_of_26_bits_wraps(
    engine: Engine, memory: Ram
) -> None:
    """Only AV comes that far: 15 tiles of probability 255 times -128, and the lowest bias."""
    peak = np.full((64, 64), -128, np.int8)
    peak[:, 0] = 127
    memory.write(SECOND, bytes(TILE))
    single = Tiles(15, 1, 1, 1)
    keys = replace(job(SECOND), layer=Layer.SINGLE_ATTENTION, tiles=single)
    for tile in range(15):
        # Zero products: the addend of the first tile makes the peak, the others lie far below.
        engine.run(replace(keys, add=(0, 0, 0, 127 if tile == 0 else -128, 0)), memory)
    engine.rows.maximum.fill(127)
    engine.rows.inverse.fill(255)
    memory.write(INPUT, bytes([127]) * TILE)
    memory.write(THIRD, bytes([0x80]) * TILE)
    memory.write(BIASES, pack_biases(np.full(64, -(1 << 23))))
    values = replace(job(THIRD), layer=Layer.SINGLE_ATTENTION, tiles=single, shift=(24,) * 8)
    for _ in range(14):
        result = engine.run(replace(values, output_disable=True), memory)
        assert (result.step, result.hazards) == (Step.AV, ())
    result = engine.run(replace(values, bias_disable=False), memory)
    assert result.hazards == (Hazard.ACCUMULATOR_OVERFLOW,)
    wrapped = -15 * 64 * 255 * 128 - (1 << 23) + (1 << 26)
    assert set(memory.output.flat) == {(wrapped + (1 << 23)) >> 24}


def test_partial_sums_of_more_inner_tiles_than_registers_allow_wrap_at_26_bits(
    engine: Engine, memory: Ram
) -> None:
    memory.write(INPUT, bytes([0x80]) * TILE)
    memory.write(FIRST, bytes([0x80]) * TILE)
    inner = replace(job(), tiles=Tiles(1, 40, 1, 1), shift=(18,) * 8)
    for _ in range(39):
        engine.run(replace(inner, output_disable=True), memory)
    assert engine.run(inner, memory).stored
    assert set(memory.output.flat) == {((40 << 20) - (1 << 26)) >> 18}


@pytest.mark.parametrize(
    ("changes", "overlaps"),
    [
        ({"output_ptr": INPUT}, True),
        ({"output_ptr": INPUT + TILE - 4}, True),
        ({"output_ptr": INPUT + TILE}, False),
        ({"output_ptr": FIRST - TILE + 4}, True),
        ({"output_ptr": FIRST - TILE}, False),
        ({"output_ptr": SECOND, "weight_nextload": True, "weight_ptr1": SECOND}, True),
        ({"output_ptr": SECOND + SET, "weight_nextload": True, "weight_ptr1": SECOND}, False),
        ({"output_ptr": BIASES + 188, "bias_disable": False}, True),
        ({"output_ptr": BIASES + 192, "bias_disable": False}, False),
        ({"output_ptr": BIASES + 188}, False),
    ],
)
def test_an_output_over_what_the_same_job_reads_is_named(
    engine: Engine, memory: Ram, changes: dict[str, int], overlaps: bool
) -> None:
    result = engine.run(replace(job(), **changes), memory)  # type: ignore[arg-type]
    assert result.hazards == ((Hazard.OUTPUT_OVERLAPS_OPERANDS,) if overlaps else ())


@pytest.mark.parametrize("pointer", ["input_ptr", "weight_ptr0", "output_ptr", "bias_ptr"])
def test_the_low_bits_of_a_pointer_are_dropped_and_named(
    engine: Engine, memory: Ram, pointer: str
) -> None:
    aligned = replace(job(), bias_disable=False)
    engine.run(aligned, memory)
    expected = memory.output.copy()
    memory.write(OUTPUT, bytes(TILE))
    off = replace(aligned, **{pointer: getattr(aligned, pointer) + 3})
    assert engine.run(off, memory).hazards == (Hazard.POINTER_UNALIGNED,)
    np.testing.assert_array_equal(memory.output, expected)


def test_a_pointer_that_the_job_does_not_follow_may_be_anything(
    engine: Engine, memory: Ram
) -> None:
    unused = replace(job(), bias_ptr=0xFFFF_FFFF, weight_ptr1=0xFFFF_FFFF)
    assert engine.run(unused, memory).hazards == ()


def test_biases_are_read_with_two_beats_and_used_only_in_the_last_inner_tile(
    engine: Engine,
) -> None:
    reads: list[tuple[int, int]] = []

    class Watched(Ram):
        def read(self, address: int, length: int) -> bytes:
            reads.append((address, length))
            return super().read(address, length)

    watched = Watched()
    watched.write(BIASES, pack_biases(np.arange(64)))
    watched.write(SECOND, bytes(TILE))
    zeros = replace(job(SECOND), tiles=TWO_INNER, bias_disable=False)
    engine.run(replace(zeros, output_disable=True), watched)
    engine.run(zeros, watched)
    assert [length for address, length in reads if address == BIASES] == [224, 224]
    np.testing.assert_array_equal(watched.output, np.tile(np.arange(64), (64, 1)))


@pytest.mark.parametrize("hazard", list(Hazard), ids=lambda each: each.name)
def test_every_hazard_has_a_sentence_that_says_what_to_do(hazard: Hazard) -> None:
    assert hazard.sentence.endswith(".")
    assert hazard.sentence.isascii()
    assert len({each.sentence for each in Hazard}) == len(Hazard)
