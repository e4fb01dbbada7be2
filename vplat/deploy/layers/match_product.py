"""Which nodes make up a product: MatMul, a bias added, a requantisation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

import numpy as np

from vplat.deploy.network import Integers, Node
from vplat.deploy.network.operators import Add, MatMul, Requantise

from .product import Finish, Operand, ProductLayer, is_general
from .rescaling import Rescale
from .work import View, Work


@dataclass(frozen=True)
class Chain:
    """An anchor with what follows it and is fused, from the first node to the last."""

    anchor: Node
    addend: str | None
    requantise: Node | None
    nodes: tuple[str, ...]


def chain_to(work: Work, last: Node, anchors: type | tuple[type, ...]) -> Chain | None:
    """The chain that ends at ``last`` and begins with an operator of ``anchors``."""
    nodes = [last.name]
    node, requantise, addend = last, None, None
    if isinstance(node.operator, Requantise) and all(map(work.is_constant, node.inputs[1:])):
        requantise = node
        before = work.only_use(node.inputs[0])
        if before is None:
            return None
        node = before
        nodes.insert(0, node.name)
    if isinstance(node.operator, Add) and len(node.inputs) == 2:
        constants = [name for name in node.inputs if work.is_constant(name)]
        others = [name for name in node.inputs if not work.is_constant(name)]
        before = work.only_use(others[0]) if len(constants) == 1 else None
        if before is None or work.shape(before.output) != work.shape(node.output):
            return None
        addend, node = constants[0], before
        nodes.insert(0, node.name)
    if not isinstance(node.operator, anchors):
        return None
    return Chain(node, addend, requantise, tuple(nodes))


def fit_bias(values: Integers, axis: int, shape: tuple[int, ...]) -> Integers | None:
    """An addend as one value for each index along ``axis``; None if it is none such."""
    for i, length in enumerate(values.shape, len(shape) - values.ndim):
        if length != 1 and i != axis:
            return None
    wanted = [length if i == axis else 1 for i, length in enumerate(shape)]
    flat: Integers = np.broadcast_to(
        values.reshape((1,) * (len(shape) - values.ndim) + values.shape), wanted
    ).reshape(-1)
    return flat


def rescale_of(work: Work, node: Node) -> Rescale:
    """The scales of a Requantise whose operands are constants."""
    assert isinstance(node.operator, Requantise)  # noqa: S101 - callers looked
    return Rescale.of(node.operator, *(work.constant(name) for name in node.inputs[1:]))


def match_product(work: Work, last: Node) -> ProductLayer | None:
    """The layer that ends at ``last``; None if that ends no product, or none that can be fused."""
    chain = chain_to(work, last, MatMul)
    if chain is None:
        return None
    left, right = chain.anchor.inputs
    inner = work.shape(left)[-1]
    finish = _finish(work, chain)
    general = is_general(work.type(left).element, work.type(right).element, inner)
    if finish is None or (general and (chain.addend or chain.requantise)):
        return None
    return _layer(work, chain, last, finish)


def _finish(work: Work, chain: Chain) -> Finish | None:
    shape = work.shape(chain.anchor.output)
    rank, bias = len(shape), None
    if chain.addend is not None:
        bias = fit_bias(work.constant(chain.addend), rank - 1, shape)
        if bias is None:
            return None
    if chain.requantise is None:
        return Finish(bias)
    rescale = rescale_of(work, chain.requantise)
    axes = rescale.axes(rank)
    if not axes:
        return Finish(bias, rescale)
    if axes <= set(range(rank - 2)):
        return Finish(bias, rescale, "batches", batch_shape=(*shape[:-2], 1, 1))
    if not rescale.fits_words or axes not in ({rank - 1}, {rank - 2}):
        return None
    axis = min(axes)
    mult, before = rescale.along(axis, shape)
    return Finish(bias, rescale, "columns" if axis == rank - 1 else "rows", mult, before)


def _layer(work: Work, chain: Chain, last: Node, finish: Finish) -> ProductLayer:
    left_name, right_name = chain.anchor.inputs
    shape = work.shape(chain.anchor.output)
    left, left_values = _left(work, left_name, shape[:-2])
    right, by_columns, right_values = _right(work, right_name, shape[:-2])
    rows = shape[-2]
    if finish.scales in ("one", "columns") and len(set(right.batches)) <= 1:
        step = rows * left.stride
        if left.batches == tuple(step * i for i in range(len(left.batches))) and left.batches:
            left = replace(left, rows=rows * len(left.batches), batches=(0,))
            right = replace(right, batches=right.batches[:1])
    return ProductLayer(
        chain.anchor.name,
        chain.nodes,
        left,
        right,
        last.output,
        finish,
        by_columns=by_columns,
        left_values=left_values,
        right_values=right_values,
    )


def _offsets(view: View, batch: tuple[int, ...]) -> tuple[int, ...]:
    """Where each batch's matrix begins, in elements; the view's batches broadcast to ``batch``."""
    lead = len(batch) - (len(view.shape) - 2)
    offsets = np.full(batch, view.offset, dtype=np.int64)
    for axis, (length, stride) in enumerate(
        zip(view.shape[:-2], view.strides[:-2], strict=True), lead
    ):
        steps = np.arange(batch[axis]) * (stride if length != 1 else 0)
        offsets = offsets + steps.reshape([-1 if i == axis else 1 for i in range(len(batch))])
    return tuple(int(offset) for offset in offsets.reshape(-1))


def _own(work: Work, name: str) -> View:
    """The tensor at its own home."""
    shape = work.shape(name)
    return View(work.home(name), shape, _strides(shape), 0)


def _is_contiguous(view: View, axis: int) -> bool:
    return view.strides[axis] == 1 or view.shape[axis] == 1


def _left(work: Work, name: str, batch: tuple[int, ...]) -> tuple[Operand, Integers | None]:
    view = work.view(name)
    if not _is_contiguous(view, -1) or min(view.strides, default=0) < 0 or work.is_constant(name):
        view = _own(work, name)
    constant = work.is_constant(name)
    operand = Operand(
        "left" if constant else view.base,
        work.type(name).element,
        view.shape[-2],
        view.shape[-1],
        view.strides[-2],
        _offsets(view, batch),
        constant,
    )
    return operand, work.constant(name) if constant else None


def _right(work: Work, name: str, batch: tuple[int, ...]) -> tuple[Operand, bool, Integers | None]:
    element = work.type(name).element
    if work.is_constant(name):
        values = np.ascontiguousarray(np.swapaxes(work.constant(name), -1, -2))
        view = View("right", values.shape, _strides(values.shape), 0)
        offsets = _offsets(view, batch)
        columns, inner = values.shape[-2:]
        return Operand("right", element, columns, inner, inner, offsets, True), True, values
    view = work.view(name)
    by_rows, by_columns = _is_contiguous(view, -1), _is_contiguous(view, -2)
    if not (by_rows or by_columns) or min(view.strides, default=0) < 0:
        view, by_rows = _own(work, name), True
    offsets, (inner, columns) = _offsets(view, batch), view.shape[-2:]
    if by_rows:
        return Operand(view.base, element, inner, columns, view.strides[-2], offsets), False, None
    return Operand(view.base, element, columns, inner, view.strides[-1], offsets), True, None


def _strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(prod(shape[i + 1 :]) for i in range(len(shape)))
