"""The ITA engine, job by job: every layer against a slow reference, and snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vplat.peripherals.ita.activation import Activation, ActivationConstants
from vplat.peripherals.ita.engine import Engine
from vplat.peripherals.ita.job import Job
from vplat.peripherals.ita.layout import pack_biases, pack_tiles, pack_weights, unpack_tiles
from vplat.peripherals.ita.revision import AUGUST_2024, CURRENT, Revision
from vplat.peripherals.ita.sequence import Layer, Step, Tiles

TILE = 4096
BIASES = 192
Int8 = NDArray[np.int8]


class Ram:
    """A megabyte of zeros, which grows from the bottom as regions are placed."""

    def __init__(self) -> None:
        self.octets = bytearray(1 << 20)
        self.top = 0

    def read(self, address: int, length: int) -> memoryview:
        return memoryview(self.octets)[address : address + length]

    def write(self, address: int, data: bytes) -> None:
        self.octets[address : address + len(data)] = data

    def place(self, image: bytes) -> int:
        address, self.top = self.top, self.top + len(image)
        self.write(address, image)
        return address


@dataclass(frozen=True)
class Pass:
    """One step's loop over output tiles (`ita.md` section 3.2), and where its operands are."""

    rows: range
    columns: int
    inner: int
    inputs: int
    weights: int
    biases: int | None
    outputs: int
    bias_by_row: bool = False
    layer: Layer = Layer.LINEAR
    activation: Activation = Activation.IDENTITY

    def jobs(self, template: Job) -> Iterator[Job]:
        for y in self.rows:
            for x in range(self.columns):
                for i in range(self.inner):
                    bias = 0 if self.biases is None else self.biases
                    yield replace(
                        template,
                        input_ptr=self.inputs + (y * self.inner + i) * TILE,
                        weight_ptr0=self.weights + (x * self.inner + i) * TILE,
                        bias_ptr=bias + BIASES * (y if self.bias_by_row else x),
                        output_ptr=self.outputs + (y * self.columns + x) * TILE,
                        layer=self.layer,
                        activation=self.activation,
                        bias_disable=self.biases is None,
                        bias_direction=self.bias_by_row,
                        output_disable=i < self.inner - 1,
                    )


def chained(passes: list[Pass], template: Job) -> list[Job]:
    """The jobs of all passes, each prefetching for the next (`ita.md` section 3.4)."""
    jobs = [job for each in passes for job in each.jobs(template)]
    following = [*jobs[1:], jobs[0]]
    return [
        replace(
            job,
            weight_preload=index == 0,
            weight_nextload=index < len(jobs) - 1,
            weight_ptr1=after.weight_ptr0,
        )
        for index, (job, after) in enumerate(zip(jobs, following, strict=True))
    ]


def slow_requantise(accumulators: NDArray[np.int64], mult: int, shift: int, add: int) -> Int8:
    product = accumulators * mult
    rounded = product >> shift
    if shift:
        rounded += (product >> (shift - 1)) & 1
    result: Int8 = np.clip(rounded + add, -128, 127).astype(np.int8)
    return result


def slow_probabilities(logits: Int8, revision: Revision) -> NDArray[np.int64]:
    """`ita.md` section 5.3, a logit at a time."""

    def exponent(distance: int) -> int:
        return distance if revision.softmax_shift == 0 else (distance + 16) >> 5

    result = []
    for row in logits.tolist():
        maximum, total = -128, 0
        for low in range(0, len(row), 16):
            new = max(maximum, *row[low : low + 16])
            total >>= exponent(new - maximum)
            total += sum(256 >> exponent(new - each) for each in row[low : low + 16])
            maximum = new
        inverse = revision.softmax_unit * 256 // total
        result.append([inverse >> exponent(maximum - each) & 0xFF for each in row])
    return np.array(result, np.int64)


def row_blocks(
    tiles: Tiles, q: int, k: int, vt: int, a: int, o: int, layer: Layer
) -> Iterator[Pass]:
    """QK and AV, which take turns block by block."""
    for block in range(tiles.s):
        rows = range(block, block + 1)
        yield Pass(rows, tiles.s, tiles.p, q, k, None, a, layer=layer)
        yield Pass(rows, tiles.p, tiles.s, a, vt, None, o, layer=layer)


class Random:
    """Matrices, biases and requantisation parameters that follow from a seed."""

    def __init__(self, seed: int, tiles: Tiles) -> None:
        self._generator = np.random.default_rng(seed)
        self.tiles = tiles
        integers = self._generator.integers
        self.template = Job(
            input_ptr=0,
            weight_ptr0=0,
            weight_ptr1=0,
            bias_ptr=0,
            output_ptr=0,
            tiles=tiles,
            mult=tuple(integers(30, 256, 8).tolist()),
            shift=tuple(integers(12, 17, 8).tolist()),
            add=tuple(integers(-128, 128, 8).tolist()),
            activation_constants=ActivationConstants(-80, -7091, 120, 20, -3),
        )

    def matrix(self, rows: int, columns: int) -> Int8:
        return self._generator.integers(-128, 128, (64 * rows, 64 * columns), np.int8)

    def biases(self, count: int) -> NDArray[np.int64]:
        return self._generator.integers(-(1 << 18), 1 << 18, 64 * count)

    def requantised(self, index: int, accumulators: NDArray[np.int64]) -> Int8:
        job = self.template
        return slow_requantise(accumulators, job.mult[index], job.shift[index], job.add[index])


def product(left: NDArray[np.integer], right: NDArray[np.integer]) -> NDArray[np.int64]:
    result: NDArray[np.int64] = left.astype(np.int64) @ right.astype(np.int64)
    return result


def run(jobs: list[Job], memory: Ram, revision: Revision = CURRENT) -> None:
    engine = Engine(revision)
    for job in jobs:
        result = engine.run(job, memory)
        assert result.hazards == ()
        assert not result.hangs
        assert result.stored is not job.output_disable
    assert engine.sequence.step is Step.IDLE
    assert engine.waiting_sets == []


SEED = st.integers(0, 1 << 32)
COUNT = st.integers(1, 2)


@settings(max_examples=15)
@given(SEED, COUNT, st.integers(1, 4), COUNT, st.sampled_from(list(Activation)[:3]), st.data())
def test_a_linear_layer_is_the_requantised_product_of_its_matrices(
    seed: int, s: int, e: int, p: int, activation: Activation, data: st.DataObject
) -> None:
    values = Random(seed, Tiles(s, e, p, 1))
    x, w = values.matrix(s, e), values.matrix(e, p)
    by_row = data.draw(st.booleans(), "bias by row")
    biases = values.biases(s if by_row else p)
    has_bias = data.draw(st.booleans(), "bias")
    memory = Ram()
    place = Pass(
        rows=range(s),
        columns=p,
        inner=e,
        inputs=memory.place(pack_tiles(x)),
        weights=memory.place(pack_weights(w)),
        biases=memory.place(pack_biases(biases)) if has_bias else None,
        outputs=memory.place(bytes(s * p * TILE)),
        bias_by_row=by_row,
        activation=activation,
    )
    run(chained([place], values.template), memory)
    accumulators = product(x, w)
    if has_bias:
        accumulators += biases[:, None] if by_row else biases
    expected = values.requantised(0, accumulators)
    constants = values.template.activation_constants
    if activation is Activation.RELU:
        positive = np.maximum(expected, 0).astype(np.int64)
        expected = slow_requantise(positive, *constants[2:])
    if activation is Activation.GELU:
        wide = expected.astype(np.int64)
        polynomial = (np.minimum(np.abs(wide), 80) - 80) ** 2 - 7091
        expected = slow_requantise(wide * (np.sign(wide) * polynomial - 7091), *constants[2:])
    stored = unpack_tiles(memory.read(place.outputs, s * p * TILE), 64 * s, 64 * p)
    np.testing.assert_array_equal(stored, expected)


@settings(max_examples=8)
@given(SEED, COUNT, COUNT, COUNT, st.sampled_from([CURRENT, AUGUST_2024]))
def test_attention_follows_its_six_steps_with_the_softmax_of_its_revision(
    seed: int, s: int, e: int, p: int, revision: Revision
) -> None:
    values = Random(seed, Tiles(s, e, p, 1))
    matrix, memory = values.matrix, Ram()
    x, wq, wk, wv, wo = matrix(s, e), matrix(e, p), matrix(e, p), matrix(e, p), matrix(p, e)
    bq, bk, bv, bo = (values.biases(count) for count in (p, p, p, e))
    at_x = memory.place(pack_tiles(x))
    weights = [memory.place(pack_weights(each)) for each in (wq, wk, wv, wo)]
    biases = [memory.place(pack_biases(each)) for each in (bq, bk, bv, bo)]
    sizes = [s * p, s * p, p * s, s * s, s * p, s * e]
    at_q, at_k, at_vt, at_a, at_o, at_ow = (memory.place(bytes(TILE * n)) for n in sizes)
    one = Layer.ATTENTION
    passes = [
        Pass(range(s), p, e, at_x, weights[0], biases[0], at_q, layer=one),
        Pass(range(s), p, e, at_x, weights[1], biases[1], at_k, layer=one),
        Pass(range(p), s, e, weights[2], at_x, biases[2], at_vt, bias_by_row=True, layer=one),
        *row_blocks(values.tiles, at_q, at_k, at_vt, at_a, at_o, one),
        Pass(range(s), e, p, at_o, weights[3], biases[3], at_ow, layer=one),
    ]
    jobs = chained(passes, values.template)
    assert len(jobs) == 3 * s * p * e + 2 * s * s * p + s * e * p
    run(jobs, memory, revision)

    q = values.requantised(0, product(x, wq) + bq)
    k = values.requantised(1, product(x, wk) + bk)
    v = values.requantised(2, product(x, wv) + bv)
    logits = values.requantised(3, product(q, k.T))
    o = values.requantised(4, product(slow_probabilities(logits, revision), v))
    ow = values.requantised(5, product(o, wo) + bo)
    for at, expected in (
        (at_q, q),
        (at_k, k),
        (at_vt, v.T),
        (at_a, logits),
        (at_o, o),
        (at_ow, ow),
    ):
        stored = unpack_tiles(memory.read(at, expected.size), *expected.shape)
        np.testing.assert_array_equal(stored, expected)


@settings(max_examples=8)
@given(SEED, COUNT, COUNT, COUNT)
def test_feed_forward_activates_between_its_two_products(seed: int, s: int, e: int, f: int) -> None:
    values = Random(seed, Tiles(s, e, 1, f))
    memory = Ram()
    x, w1, w2 = values.matrix(s, e), values.matrix(e, f), values.matrix(f, e)
    b1, b2 = values.biases(f), values.biases(e)
    at_x, at_w1, at_w2, at_b1, at_b2, at_f1, at_f2 = (
        memory.place(image)
        for image in (
            pack_tiles(x),
            pack_weights(w1),
            pack_weights(w2),
            pack_biases(b1),
            pack_biases(b2),
            bytes(s * f * TILE),
            bytes(s * e * TILE),
        )
    )
    one = Layer.FEEDFORWARD
    relu = Activation.RELU
    first = Pass(range(s), f, e, at_x, at_w1, at_b1, at_f1, layer=one, activation=relu)
    second = Pass(range(s), e, f, at_f1, at_w2, at_b2, at_f2, layer=one)
    jobs = chained([first, second], values.template)
    assert len(jobs) == 2 * s * e * f
    run(jobs, memory)
    hidden = values.requantised(6, product(x, w1) + b1)
    positive = np.maximum(hidden, 0).astype(np.int64)
    hidden = slow_requantise(positive, *values.template.activation_constants[2:])
    expected = values.requantised(7, product(hidden, w2) + b2)
    stored = unpack_tiles(memory.read(at_f2, expected.size), *expected.shape)
    np.testing.assert_array_equal(stored, expected)


def attention_jobs(memory: Ram) -> list[Job]:
    """Single attention over two row blocks, on random operands."""
    values = Random(5, Tiles(2, 1, 2, 1))
    at_q = memory.place(pack_tiles(values.matrix(2, 2)))
    at_k = memory.place(pack_tiles(values.matrix(2, 2)))
    at_vt = memory.place(pack_tiles(values.matrix(2, 2)))
    at_a, at_o = memory.place(bytes(4 * TILE)), memory.place(bytes(4 * TILE))
    layer = Layer.SINGLE_ATTENTION
    passes = list(row_blocks(values.tiles, at_q, at_k, at_vt, at_a, at_o, layer))
    return chained(passes, values.template)


def test_single_attention_alternates_its_two_steps_per_row_block() -> None:
    memory, engine = Ram(), Engine(CURRENT)
    results = [engine.run(job, memory) for job in attention_jobs(memory)]
    block = ["QK"] * 4 + ["AV"] * 4
    assert [each.step.name for each in results] == block * 2
    assert [each.first_inner for each in results] == [True, False] * 8
    assert [each.last_inner for each in results] == [False, True] * 8
    assert [each.stored for each in results] == [False, True] * 8
    assert [each.reads for each in results] == [168, *[160] * 14, 152]
    assert [each.writes for each in results] == [0, 128] * 8


@pytest.mark.parametrize("revision", [CURRENT, AUGUST_2024], ids=lambda each: each.name)
@settings(max_examples=12)
@given(done=st.integers(0, 16))
def test_an_engine_goes_on_from_a_snapshot_as_if_nothing_had_happened(
    revision: Revision, done: int
) -> None:
    straight, resumed = Ram(), Ram()
    engine = Engine(revision)
    jobs = [replace(job, layer=Layer.SINGLE_ATTENTION) for job in attention_jobs(straight)]
    attention_jobs(resumed)
    for job in jobs[:done]:
        engine.run(job, straight)
        resumed.write(job.output_ptr, bytes(straight.read(job.output_ptr, TILE)))
    state = engine.state()
    other = Engine(revision)
    other.run(jobs[0], Ram())
    other.restore(state)
    assert other.state() == state
    for job in jobs[done:]:
        assert other.run(job, resumed) == engine.run(job, straight)
    assert resumed.octets == straight.octets
    assert other.state() == engine.state()


def some_state() -> bytes:
    memory, engine = Ram(), Engine(CURRENT)
    for job in attention_jobs(memory)[:5]:
        engine.run(job, memory)
    return engine.state()


@given(st.integers(0, 1 << 16))
def test_a_snapshot_cut_short_is_refused_with_a_sentence_and_changes_nothing(cut: int) -> None:
    state, engine = some_state(), Engine(CURRENT)
    before = engine.state()
    with pytest.raises(ValueError, match=r"not the state of this ITA engine: it has \d+ bytes"):
        engine.restore(state[: cut % len(state)])
    assert engine.state() == before


@pytest.mark.parametrize(
    ("offset", "value", "why"),
    [
        (0, 0x78, "does not begin with"),
        (10, 2, "version 1"),
        (12, 0x33, "not of revision 2025-04"),
        (28, 10, "step 10 in layer 3"),
        (29, 4, "in layer 4"),
        (35, 0xFF, "more than 11 bits"),
        (44, 4, "names 4 weight sets"),
    ],
)
def test_a_snapshot_that_no_engine_made_is_refused_by_what_is_wrong(
    offset: int, value: int, why: str
) -> None:
    state = bytearray(some_state())
    state[offset] = value
    with pytest.raises(ValueError, match=why):
        Engine(CURRENT).restore(bytes(state))


def test_a_snapshot_of_the_other_revision_is_refused() -> None:
    with pytest.raises(ValueError, match="it is not of revision 2024-08"):
        Engine(AUGUST_2024).restore(some_state())
