"""Sums and norms in one pass: odd shapes, all types, extreme values, on both clusters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.deploy.made_up_networks import Sketch, deploy_sketch, run_sketch
from vplat.deploy.layers.fused_sum import FusedSumLayer
from vplat.deploy.layers.lowering import lower
from vplat.deploy.layers.movement import MoveLayer
from vplat.deploy.layers.table_norm import TableNormLayer, largest_distance
from vplat.deploy.network import Element
from vplat.deploy.network.operators import (
    Add,
    ItaGelu,
    LayerNorm,
    NoNorm,
    Pad,
    Requantise,
    RmsNorm,
    Scale,
    Transpose,
)

INT8, UINT8, INT32 = Element.INT8, Element.UINT8, Element.INT32
SHAPES = ((1, 4), (3, 8), (9, 20), (5, 7), (2, 130), (17, 36), (1, 1), (33, 64))
"""Rows and columns, of which some are no whole words."""
BOARDS = ("pulp-ita", "snitch-ita")


def requantised(
    sketch: Sketch, name: str, mult: int, shift: int, element: Element = INT8, add: int = 0
) -> str:
    """A tensor through one scale."""
    operands = (sketch.constant(INT32, np.array(each)) for each in (mult, add))
    return sketch.add(Requantise(shift, element), name, *operands, shown=False)


def normalised(sketch: Sketch, name: str, columns: int, shift: int = 6) -> str:
    """A tensor through iNoNorm with a weight for each column."""
    bias = sketch.constant(INT32, sketch.values(INT32, (columns,), -4000, 4000))
    weights = sketch.weights(columns)
    return sketch.add(NoNorm(3, shift), name, weights, bias)


def shown(sketch: Sketch, name: str) -> None:
    """Make a tensor an output, which nothing behind it may absorb."""
    sketch.outputs.append(name)


def weighted(sketch: Sketch, *names: str) -> str:
    """The sum of tensors at scales of their own."""
    factors = (741455, -398211, 151)
    scaled = [
        sketch.add(Scale(factor), name, shown=False)
        for factor, name in zip(factors, names, strict=False)
    ]
    return sketch.add(Add(), *scaled, shown=False)


def all_sums(seed: int, shapes: tuple[tuple[int, int], ...] = SHAPES) -> Sketch:
    """Sums of one to three tensors, with and without what may come in front and behind."""
    sketch = Sketch(seed)
    for number, (rows, columns) in enumerate(shapes):
        element = UINT8 if number % 3 == 2 else INT8
        operands = [sketch.input(element, 1, rows, columns) for _ in range(3)]
        other = sketch.input(INT8 if element is UINT8 else UINT8, 1, rows, columns)
        positions = sketch.weights(1, rows, columns)
        shown(sketch, requantised(sketch, sketch.add(Add(), *operands[:2], shown=False), 77, 7))
        of_three = sketch.add(Add(), *operands, shown=False)
        shown(sketch, requantised(sketch, of_three, -91, 8, UINT8, 11000))
        shown(
            sketch,
            requantised(sketch, sketch.add(Add(), operands[0], positions, shown=False), 1, 1),
        )
        sum_ = requantised(sketch, sketch.add(Add(), *operands[:2], shown=False), 95, 7)
        normalised(sketch, sum_, columns)
        sum_ = requantised(sketch, sketch.add(Add(), *operands, shown=False), 63, 7)
        normalised(sketch, sum_, columns, 7)
        normalised(sketch, operands[0], columns)
        sources = (operands[1], other, operands[2])
        shown(sketch, requantised(sketch, weighted(sketch, *sources[:2]), 1, 20, add=-5 << 20))
        gelu = requantised(sketch, weighted(sketch, *sources[:2]), 1, 20)
        gelu = sketch.add(ItaGelu(-10, 20), gelu, shown=False)
        shown(sketch, requantised(sketch, gelu, 13, 7))
        normalised(sketch, requantised(sketch, weighted(sketch, *sources), 1, 19), columns)
        branches = [requantised(sketch, name, 80 + i, 7) for i, name in enumerate(operands[:2])]
        total = requantised(sketch, sketch.add(Add(), *branches, shown=False), 101, 7)
        normalised(sketch, total, columns)
    return sketch


def all_norms(seed: int) -> Sketch:
    """Rows of whole words: random, all alike, and of two extremes."""
    sketch = Sketch(seed)
    for rows, columns in ((1, 4), (3, 8), (9, 20), (17, 36), (30, 64), (2, 1028), (8, 516)):
        for element in (INT8, UINT8):
            drawn = sketch.input(element, 1, rows, columns)
            small = sketch.input(element, rows, columns, least=100, most=103)
            ends = sketch.input(element, rows, columns, least=0, most=1)
            sketch.inputs[ends] = np.where(sketch.inputs[ends], element.greatest, element.least)
            alike = sketch.input(element, rows, columns)
            sketch.inputs[alike] = np.full((rows, columns), element.least, np.int64)
            wide = sketch.constant(INT32, sketch.values(INT32, (columns,), -100_000, 100_000))
            bias = sketch.constant(INT32, sketch.values(INT32, (columns,), -30_000, 30_000))
            for name in (drawn, small, ends, alike):
                sketch.add(LayerNorm(12), name, wide, bias)
                sketch.add(RmsNorm(11), name, wide)
    return sketch


@pytest.mark.parametrize("board", BOARDS)
def test_sums_and_what_is_fused_with_them_compute_what_the_host_does(
    tmp_path: Path, board: str
) -> None:
    sketch = all_sums(3)
    run = run_sketch(sketch, deploy_sketch(sketch, tmp_path / "project", board))
    assert run.first_difference is None
    assert set(run.outputs) == set(sketch.outputs)


@pytest.mark.parametrize("board", BOARDS)
def test_norms_of_whole_words_compute_what_the_host_does(tmp_path: Path, board: str) -> None:
    sketch = all_norms(5)
    run = run_sketch(sketch, deploy_sketch(sketch, tmp_path / "project", board))
    assert run.first_difference is None
    assert set(run.outputs) == set(sketch.outputs)


def test_sums_and_norms_that_are_cut_into_stripes_compute_what_the_host_does(
    tmp_path: Path,
) -> None:
    sketch = all_sums(7, ((21, 60), (50, 36)))
    columns = 60
    bias = sketch.constant(INT32, sketch.values(INT32, (columns,), -30_000, 30_000))
    weights = sketch.constant(INT32, sketch.values(INT32, (columns,), -9_000, 9_000))
    sketch.add(LayerNorm(8), sketch.input(INT8, 67, columns), weights, bias)
    project = deploy_sketch(sketch, tmp_path / "project", "snitch-ita", l1_bytes=9 * 1024)
    assert run_sketch(sketch, project).first_difference is None


def test_every_sum_of_bytes_is_one_layer_with_all_that_follows_it() -> None:
    layers = lower(all_sums(1, ((6, 8),)).network()).layers
    assert [type(layer) for layer in layers] == [FusedSumLayer] * 10
    assert [len(layer.nodes) for layer in layers] == [2, 3, 2, 3, 4, 1, 4, 6, 7, 5]


def test_small_norms_are_done_by_words_and_great_ones_are_not() -> None:
    sketch = Sketch(1)
    x = sketch.input(INT8, 3, 8)
    for weight in (90_000, 1 << 22):
        sketch.add(RmsNorm(12), x, sketch.constant(INT32, np.full(8, weight)))
    odd = sketch.input(INT8, 3, 9)
    sketch.add(RmsNorm(12), odd, sketch.constant(INT32, np.full(9, 70)))
    kinds = [isinstance(layer, TableNormLayer) for layer in lower(sketch.network()).layers]
    assert kinds == [True, False, False]


@pytest.mark.parametrize("board", BOARDS)
def test_padding_and_turning_lay_values_out_as_the_host_does(tmp_path: Path, board: str) -> None:
    sketch = Sketch(9)
    x = sketch.input(INT8, 1, 20, 33)
    turned = sketch.add(Transpose((0, 2, 1)), x)
    sketch.add(Pad((0, 1, 0), (0, 2, 0), -3), turned)
    sketch.add(Pad((0, 0, 2), (0, 0, 1), 4), x)
    sketch.add(Pad((0, 3, 0), (0, 0, 0), 5), x)
    sketch.add(Pad((1, 0, 0), (0, 2, 0), 6), x)
    sketch.add(Pad((0, 0, 0), (0, 0, 0), 7), x)
    run = run_sketch(sketch, deploy_sketch(sketch, tmp_path / "project", board))
    assert run.first_difference is None


def test_padding_in_front_and_behind_fills_nothing_else() -> None:
    sketch = Sketch(2)
    sketch.add(Pad((0, 1, 0), (0, 2, 0), -3), sketch.input(INT8, 1, 50, 8))
    [layer] = lower(sketch.network()).layers
    assert isinstance(layer, MoveLayer)
    assert [part.filled for part in layer.parts] == [8, 16, 0]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 255), min_size=1, max_size=40),
    st.sampled_from((0, 1, 100, 254, 255)),
    st.integers(0, 200),
)
def test_no_distance_is_further_than_the_bound(values: list[int], far: int, alike: int) -> None:
    row = np.array([far, *values, *([values[0]] * alike)], dtype=np.int64)
    distances = row - int(row.sum()) // row.size
    variance = int((distances**2).sum()) // row.size
    root = int(np.sqrt(variance + 1))
    assert int(np.abs(distances).max()) <= largest_distance(row.size, 255) * root
