"""Shapes collapsed, boxes cut into windows, names made: what layers reckon with."""

from __future__ import annotations

from math import prod

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vplat.deploy.layers.box import Cut, Dimension, cuts, merged
from vplat.deploy.layers.c_text import comment, identifier
from vplat.deploy.layers.elementwise import collapsed

SHAPES = st.lists(st.integers(1, 5), min_size=1, max_size=5).map(tuple)


@given(SHAPES, st.lists(st.integers(0, 31), min_size=1, max_size=3))
def test_collapsed_dimensions_find_the_same_elements(
    shape: tuple[int, ...], masks: list[int]
) -> None:
    operands = [
        tuple(length if mask >> axis & 1 else 1 for axis, length in enumerate(shape))
        for mask in masks
    ]
    lengths, strides = collapsed(shape, operands)
    assert prod(lengths) == prod(shape)
    assert len(lengths) <= len(shape)
    for operand, steps in zip(operands, strides, strict=True):
        values = np.arange(prod(operand)).reshape(operand)
        wanted = np.broadcast_to(values, shape).reshape(-1)
        indices = np.indices(lengths).reshape(len(lengths), -1)
        assert (np.array(steps) @ indices == wanted).all()


@given(SHAPES.flatmap(lambda shape: st.tuples(st.just(shape), st.permutations(range(len(shape))))))
def test_every_cut_of_a_box_copies_every_element_once(
    drawn: tuple[tuple[int, ...], list[int]],
) -> None:
    shape, perm = drawn
    source = np.arange(prod(shape)).reshape(shape).transpose(perm)
    strides = [int(stride) // source.itemsize for stride in source.strides]
    dense = [prod(source.shape[axis + 1 :]) for axis in range(source.ndim)]
    box = merged([Dimension(*each) for each in zip(source.shape, strides, dense, strict=True)])
    found = list(cuts(box))
    assert found[-1].source is None
    for cut in found:
        assert (_copied(cut, prod(shape)) == source.reshape(-1)).all()


def _copied(cut: Cut, size: int) -> np.ndarray:
    """What a cut makes of the numbers 0, 1, ..., window by window as the pipeline does."""
    home, result = np.arange(size), np.full(size, -1)
    offsets = zip(cut.offsets(of_source=True), cut.offsets(of_source=False), strict=True)
    indices = np.indices([each.size for each in cut.dimensions]).reshape(len(cut.dimensions), -1)
    for at, to in offsets:
        if cut.source is None or cut.result is None:
            places = np.array([each.source for each in cut.dimensions]) @ indices
            targets = np.array([each.result for each in cut.dimensions]) @ indices
            result[to + targets] = home[at + places]
            continue
        rows = np.arange(cut.source.rows)[:, None] * cut.source.stride
        loaded = home[at + rows + np.arange(cut.source.columns)].reshape(-1)
        stored = np.full(cut.result.size, -1)
        places = np.array(cut.result.strides) @ indices
        stored[places] = loaded[np.array(cut.source.strides) @ indices]
        rows = np.arange(cut.result.rows)[:, None] * cut.result.stride
        result[to + rows + np.arange(cut.result.columns)] = stored.reshape(
            cut.result.rows, cut.result.columns
        )
        if cut.needs_no_hart:
            assert (loaded == stored).all()
    return result


@given(st.text())
def test_any_name_makes_an_identifier_and_a_comment(name: str) -> None:
    made = identifier(name)
    assert made.isidentifier() or made[0].isdigit()
    assert made.isascii()
    assert len(made) <= 40
    assert "*/" not in comment(name)
    assert "\n" not in comment(name)
