"""Tensors as matrices that the DMA can cut into tiles: rows of neighbours, evenly spaced."""

from __future__ import annotations

from math import prod

from vplat.deploy.layers.work import View, Work
from vplat.deploy.network import Node
from vplat.deploy.network.operators import Concat, Slice

from .attention_layer import Heads
from .legality import NotOnItaError
from .matrices import Matrix


def rows_of(work: Work, name: str) -> Matrix:
    """
    All of an int8 tensor but the last axis as rows; the tensor itself where a view is not even.
    """
    return _overlapping(work, name) or _even(work.view(name)) or _own(work, name)


def columns_of(work: Work, name: str) -> Matrix | None:
    """The columns of a matrix [.., K, N] as rows of neighbours; None if they are none."""
    view = work.view(name)
    if prod(view.shape[:-2]) != 1:
        return None
    (inner, columns), (step, stride) = view.shape[-2:], view.strides[-2:]
    if (step != 1 and inner != 1) or stride < 0:
        return None
    return Matrix(view.base, columns, inner, stride, view.offset)


def heads_of(work: Work, name: str, *, turned: bool = False) -> Heads | None:
    """
    The matrices of a tensor [.., rows, columns], one after the other; ``turned`` swaps the axes.
    None if they are not evenly spaced, or their rows' values are not neighbours.
    """
    view = work.view(name)
    rows, columns = (-1, -2) if turned else (-2, -1)
    if view.strides[columns] != 1 and view.shape[columns] != 1:
        return None
    step = _collapsed(view.shape[:-2], view.strides[:-2])
    if step is None or min(view.strides) < 0:
        return None
    first = Matrix(
        view.base, view.shape[rows], view.shape[columns], view.strides[rows], view.offset
    )
    return Heads(first, step)


def whole(work: Work, name: str) -> Matrix:
    """A tensor that is written: its last axis are the columns."""
    return _own(work, name)


def _own(work: Work, name: str) -> Matrix:
    shape = work.shape(name)
    columns = shape[-1] if shape else 1
    if not prod(shape):
        raise NotOnItaError("it has no elements")
    return Matrix(work.home(name), prod(shape[:-1]), columns, columns)


def _even(view: View) -> Matrix | None:
    if not view.shape or min(view.strides) < 0 or not prod(view.shape):
        return None
    if view.strides[-1] != 1 and view.shape[-1] != 1:
        return None
    step = _collapsed(view.shape[:-1], view.strides[:-1])
    if step is None:
        return None
    return Matrix(view.base, prod(view.shape[:-1]), view.shape[-1], step, view.offset)


def _collapsed(shape: tuple[int, ...], strides: tuple[int, ...]) -> int | None:
    """The distance of neighbours, where axes can be gone through as one; 0 for a single one."""
    step, expected = 0, None
    for length, stride in zip(reversed(shape), reversed(strides), strict=True):
        if length == 1:
            continue
        if expected is None:
            step = stride
        elif stride != expected:
            return None
        expected = stride * length
    return step


def _overlapping(work: Work, name: str) -> Matrix | None:
    """
    Neighbouring rows side by side, as the patches of a convolution in one dimension are: they need
    not be put together, for they already lie so.
    """
    node = work.producer(name)
    if node is None or not isinstance(node.operator, Concat) or len(work.shape(name)) != 2:
        return None
    if node.operator.axis != 1:
        return None
    taps = [work.producer(each) for each in node.inputs]
    if not all(_is_tap(tap, number, taps[0]) for number, tap in enumerate(taps)):
        return None
    first = taps[0]
    assert first is not None  # noqa: S101 - it is a tap
    source, (places, inner) = _own(work, first.inputs[0]), work.shape(name)
    operator = first.operator
    assert isinstance(operator, Slice)  # noqa: S101 - it is a tap
    return Matrix(source.tensor, places, inner, operator.steps[0] * source.columns)


def _is_tap(node: Node | None, number: int, first: Node | None) -> bool:
    """Whether it takes every so many-th row, from row ``number`` on."""
    if node is None or first is None or not isinstance(node.operator, Slice):
        return False
    operator, other = node.operator, first.operator
    assert isinstance(other, Slice)  # noqa: S101 - the first one was looked at first
    return (
        node.inputs[0] == first.inputs[0]
        and operator.axes == (0,)
        and operator.starts == (number,)
        and operator.steps == other.steps
    )
