"""ITA's arithmetic: requantisation, activations, softmax and layouts, against slow references."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from vplat.peripherals.ita import layout
from vplat.peripherals.ita.activation import (
    Activation,
    ActivationConstants,
    activate,
    activation_table,
    gelu,
)
from vplat.peripherals.ita.requantisation import requantise, wrap
from vplat.peripherals.ita.revision import AUGUST_2024, CURRENT, Revision
from vplat.peripherals.ita.softmax import SoftmaxRows, streaming_softmax

U8 = st.integers(0, 255)
S8 = st.integers(-128, 127)
S16 = st.integers(-(1 << 15), (1 << 15) - 1)
ACCUMULATOR = st.integers(-(1 << 25), (1 << 25) - 1)
EVERY_INT8 = np.arange(256, dtype=np.uint8).view(np.int8)
# `ita.md` section 5.4: the constants for an input scale of 1/32.
GELU = ActivationConstants(gelu_b=-80, gelu_c=-7091, mult=74, shift=20, add=0)


def slow_requantise(accumulator: int, mult: int, shift: int, add: int) -> int:
    """The pseudo-code of `ita.md` section 5.2 on unbounded integers."""
    product = accumulator * mult
    rounded = product >> shift
    if shift > 0:
        rounded += (product >> (shift - 1)) & 1
    return max(-128, min(127, rounded + add))


def slow_gelu(x: int, b: int, c: int) -> int:
    """The polynomial of `ita.md` section 5.4, reduced to 26 bits once at the end."""
    polynomial = (min(abs(x), -b) + b) ** 2 + c
    value = x * ((-polynomial if x < 0 else polynomial) + c)
    return (value + (1 << 25)) % (1 << 26) - (1 << 25)


def slow_softmax(row: list[int], revision: Revision) -> tuple[int, int, list[int]]:
    """Maximum, inverse and probabilities of one row, a logit at a time."""

    def exponent(distance: int) -> int:
        return distance if revision.softmax_shift == 0 else (distance + 16) >> 5

    maximum = total = 0
    for low in range(0, len(row), 16):
        group = row[low : low + 16]
        new = max(group) if low == 0 else max(maximum, *group)
        kept = 0 if low == 0 else total >> exponent(new - maximum)
        maximum, total = new, kept + sum(256 >> exponent(new - v) for v in group)
    inverse = revision.softmax_unit * 256 // total
    return maximum, inverse, [(inverse >> exponent(maximum - v)) & 0xFF for v in row]


def one_row(*columns: int) -> NDArray[np.int8]:
    return np.array([columns], np.int8)


@pytest.mark.parametrize(
    ("mult", "shift", "add", "accumulator", "result"),
    [
        (108, 15, 0, 12345, 41),
        (108, 15, 0, -12345, -41),
        (64, 8, 0, -2, 0),
        (64, 8, 0, 2, 1),
        (64, 8, -5, 510, 123),
        (64, 8, -5, -510, -128),
        (255, 4, 0, 100, 127),
        (1, 1, 0, 3, 2),
        (1, 1, 0, -3, -1),
        (1, 1, 0, -1, 0),
        (3, 1, 1, -1, 0),
        (1, 0, 1, 127, 127),
    ],
)
def test_requantisation_gives_the_worked_examples(
    mult: int, shift: int, add: int, accumulator: int, result: int
) -> None:
    assert requantise(np.array([accumulator]), mult, shift, add).tolist() == [result]


@given(st.lists(ACCUMULATOR, min_size=1, max_size=32), U8, U8, S8)
def test_requantisation_equals_the_formula_on_unbounded_integers(
    accumulators: list[int], mult: int, shift: int, add: int
) -> None:
    expected = [slow_requantise(each, mult, shift, add) for each in accumulators]
    whole = np.array(accumulators, np.int32)
    for held in (whole, whole.astype(np.int64), whole.astype(np.float64)):
        result = requantise(held, mult, shift, add)
        assert result.dtype == np.int8
        assert result.tolist() == expected


@given(st.lists(st.integers(-(1 << 40), 1 << 40), min_size=1, max_size=8))
def test_wrapping_keeps_26_bits_and_their_sign(values: list[int]) -> None:
    wrapped = wrap(np.array(values)).tolist()
    assert all(-(1 << 25) <= each < 1 << 25 for each in wrapped)
    assert [(w - v) % (1 << 26) for w, v in zip(wrapped, values, strict=True)] == [0] * len(values)


def test_gelu_gives_the_worked_examples() -> None:
    x = [-128, -127, -96, -64, -48, -32, -16, -8, -1, 0, 1, 8, 16, 32, 48, 64, 80, 96, 127]
    y = [0, 0, 0, 1, 3, 5, 5, 3, 0, 0, -1, -5, -11, -27, -45, -63, -80, -96, -127]
    assert activate(np.array(x, np.int8), Activation.GELU, GELU).tolist() == y
    assert gelu(np.array([32, -32], np.int8), -80, -7091).tolist() == [-380096, 73728]


@given(S16, S16)
def test_gelu_equals_the_polynomial_modulo_26_bits_for_any_constants(b: int, c: int) -> None:
    expected = [slow_gelu(int(x), b, c) for x in EVERY_INT8]
    assert gelu(EVERY_INT8, b, c).tolist() == expected


def test_relu_with_the_constants_meant_for_gelu_gives_zeros() -> None:
    assert not activate(EVERY_INT8, Activation.RELU, GELU).any()


@given(U8, U8, S8)
def test_relu_requantises_what_is_above_zero(mult: int, shift: int, add: int) -> None:
    constants = ActivationConstants(0, 0, mult, shift, add)
    expected = [slow_requantise(max(int(x), 0), mult, shift, add) for x in EVERY_INT8]
    assert activate(EVERY_INT8, Activation.RELU, constants).tolist() == expected


@pytest.mark.parametrize("activation", [Activation.IDENTITY, Activation.RESERVED])
def test_identity_and_the_reserved_activation_pass_values_through(activation: Activation) -> None:
    assert activate(EVERY_INT8, activation, GELU).tolist() == EVERY_INT8.tolist()


@pytest.mark.parametrize("activation", list(Activation))
def test_an_activation_table_translates_bytes_as_the_activation_does_values(
    activation: Activation,
) -> None:
    values = EVERY_INT8[::-1]
    translated = values.tobytes().translate(activation_table(activation, GELU))
    assert translated == activate(values, activation, GELU).tobytes()


def test_softmax_gives_the_worked_example_of_a_sparse_row() -> None:
    values = {0: 10, 1: 9, 17: 12, 18: 11, 40: 8, 63: 12}
    logits = one_row(*(values.get(column, -20) for column in range(64)))
    rows = SoftmaxRows(CURRENT, 1)
    rows.begin()
    sums = []
    for low in range(0, 64, 16):
        rows.accumulate(logits[:, low : low + 16])
        sums.append((int(rows.maximum[0]), int(rows.total[0])))
    assert sums == [(10, 384), (12, 480), (12, 496), (12, 752)]
    rows.divide()
    assert rows.inverse.tolist() == [86]
    probabilities = {0: 21, 1: 10, 17: 86, 18: 43, 40: 5, 63: 86}
    expected = [probabilities.get(column, 0) for column in range(64)]
    assert rows.probabilities(logits).tolist() == [expected]


def test_softmax_of_equal_logits_is_3_in_each_of_64_columns() -> None:
    assert streaming_softmax(one_row(*[7] * 64), CURRENT).tolist() == [[3] * 64]


def test_softmax_of_a_ramp_weighs_only_its_end() -> None:
    probabilities = streaming_softmax(one_row(*range(-32, 32)), CURRENT)
    assert probabilities.tolist() == [[0] * 57 + [1, 3, 7, 15, 31, 63, 127]]


def test_a_row_whose_sum_exceeds_65280_becomes_zeros() -> None:
    assert streaming_softmax(one_row(*[-5] * 240), CURRENT).tolist() == [[1] * 240]
    assert streaming_softmax(one_row(*[-5] * 256), CURRENT).tolist() == [[0] * 256]


def test_softmax_depends_on_the_order_of_groups() -> None:
    totals = []
    for logits in (one_row(*[-9] * 16, *[0] * 16), one_row(*[0] * 16, *[-9] * 16)):
        rows = SoftmaxRows(CURRENT, 1)
        rows.begin()
        rows.accumulate(logits)
        totals.append(int(rows.total[0]))
    assert totals == [4096 + 8, 4096]


def test_the_older_softmax_halves_a_weight_at_a_distance_of_16_and_then_every_32() -> None:
    rows = SoftmaxRows(AUGUST_2024, 1)
    distances = [0, 15, 16, 47, 48, 255]
    logits = one_row(*(127 - distance for distance in distances), *[-128] * 10)
    rows.begin()
    rows.accumulate(logits)
    rows.divide()
    assert int(rows.total[0]) == 256 + 256 + 128 + 128 + 64 + 1 + 10
    assert int(rows.inverse[0]) == 127 * 256 // 843 == 38
    assert rows.probabilities(logits)[0, :6].tolist() == [38, 38, 19, 19, 9, 0]


def test_a_single_peak_has_the_whole_unit_of_its_revision() -> None:
    peak = one_row(*[-128] * 31, 127)
    assert streaming_softmax(peak, CURRENT)[0, -1] == 255
    assert streaming_softmax(one_row(*[-128] * 15, 127), AUGUST_2024)[0, -1] == 32512 // (256 + 15)


@pytest.mark.parametrize("revision", [CURRENT, AUGUST_2024], ids=lambda each: each.name)
@given(data=st.data())
def test_softmax_equals_a_scalar_reference_in_any_cut_of_its_columns(
    revision: Revision, data: st.DataObject
) -> None:
    shape = st.tuples(st.integers(1, 3), st.sampled_from([16, 64, 128, 320]))
    spread = data.draw(st.sampled_from([2, 9, 40, 127]))
    elements = st.integers(-spread - 1, spread)
    logits = data.draw(hnp.arrays(np.int8, shape, elements=elements))
    expected = [slow_softmax(row, revision) for row in logits.tolist()]
    assert streaming_softmax(logits, revision).tolist() == [each[2] for each in expected]
    rows = SoftmaxRows(revision, len(logits))
    rows.begin()
    cut = 16 * data.draw(st.integers(0, logits.shape[1] // 16))
    rows.accumulate(logits[:, :cut])
    rows.accumulate(logits[:, cut:])
    rows.divide()
    assert rows.maximum.tolist() == [each[0] for each in expected]
    assert rows.inverse.tolist() == [each[1] for each in expected]


def test_a_new_block_of_rows_ignores_the_sums_before_it() -> None:
    lowest = one_row(*[-128] * 16)
    rows = SoftmaxRows(CURRENT, 1)
    for _ in range(2):
        rows.begin()
        rows.accumulate(lowest)
        assert rows.total.tolist() == [16 * 256]


def test_a_sum_keeps_19_bits() -> None:
    rows = SoftmaxRows(CURRENT, 1)
    rows.begin()
    for columns, total in ((1024, 1 << 18), (1024, 0), (16, 4096)):
        rows.accumulate(one_row(*[3] * columns))
        rows.divide()
        assert rows.total.tolist() == [total]


def test_a_bias_is_three_bytes_little_endian() -> None:
    packed = layout.pack_biases(np.array([1, -1, 0x123456, -2], np.int32))
    assert packed.hex(" ").upper() == "01 00 00 FF FF FF 56 34 12 FE FF FF"


@given(st.lists(st.integers(-(1 << 23), (1 << 23) - 1), max_size=64))
def test_biases_come_back_from_their_packing(biases: list[int]) -> None:
    packed = layout.pack_biases(np.array(biases, np.int32))
    assert packed == b"".join(each.to_bytes(3, "little", signed=True) for each in biases)
    assert layout.unpack_biases(packed + bytes(32), len(biases)).tolist() == biases


@pytest.mark.parametrize("bias", [1 << 23, -(1 << 23) - 1])
def test_a_bias_of_more_than_24_bits_is_refused_by_name(bias: int) -> None:
    with pytest.raises(ValueError, match=rf"bias {bias} does not fit 24 bits"):
        layout.pack_biases(np.array([5, bias], np.int32))


def test_too_few_bytes_of_biases_are_refused() -> None:
    with pytest.raises(ValueError, match="64 biases take 192 bytes, not 191"):
        layout.unpack_biases(bytes(191))


@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 1 << 16))
def test_each_byte_of_a_tiled_image_is_where_the_formula_says(
    tile_rows: int, tile_columns: int, seed: int
) -> None:
    rows, columns = 64 * tile_rows, 64 * tile_columns
    matrix = np.random.default_rng(seed).integers(-128, 128, (rows, columns), np.int8)
    image = layout.pack_tiles(matrix)
    r, c = np.indices((rows, columns))
    address = ((r // 64) * (columns // 64) + c // 64) * 4096 + 64 * (r % 64) + c % 64
    stored = np.frombuffer(image, np.int8)
    np.testing.assert_array_equal(stored[address], matrix)
    np.testing.assert_array_equal(layout.unpack_tiles(image, rows, columns), matrix)
    assert layout.pack_weights(matrix) == layout.pack_tiles(np.ascontiguousarray(matrix.T))
    weights = layout.unpack_weights(layout.pack_weights(matrix), rows, columns)
    np.testing.assert_array_equal(weights, matrix)


def test_a_matrix_that_is_not_made_of_tiles_is_refused_until_it_is_padded() -> None:
    matrix = np.ones((50, 100), np.int8)
    with pytest.raises(ValueError, match="50 x 100 matrix is not made of 64 x 64 tiles; pad it"):
        layout.pack_tiles(matrix)
    padded = layout.pad_to_tiles(matrix)
    assert padded.shape == (64, 128)
    assert padded.sum() == 5000
    assert len(layout.pack_tiles(padded)) == 64 * 128


def test_an_image_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="has 8192 bytes, not 4096"):
        layout.unpack_tiles(bytes(4096), 64, 128)
