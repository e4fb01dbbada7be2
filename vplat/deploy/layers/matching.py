"""From nodes to layers on the harts: what each kind of node becomes, with what is fused into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod
from typing import Final, TypeAlias

import numpy as np

from vplat.deploy.network import Element, Integers, Node
from vplat.deploy.network.operators import (
    Concat,
    Convolution,
    Gather,
    LayerNorm,
    MatMul,
    MaxPool,
    NoNorm,
    Pad,
    PolynomialSoftmax,
    ReduceMean,
    ReduceSum,
    Requantise,
    Reshape,
    RmsNorm,
    Slice,
    Softmax2,
    Transpose,
)

from .elementwise import SUM_OFFSET, SUMS, AddLayer, ElementwiseLayer, TableLayer
from .expression import ELEMENTWISE, Apply, Expression, Grown, Leaf, Table, all_bytes, grow
from .fused_sum import fused_sum
from .layer import Layer
from .match_product import chain_to, fit_bias, match_product, rescale_of
from .movement import MoveLayer, Part, box_of
from .planes import ConvolutionLayer, PoolLayer
from .precise import match_precise
from .product import Finish
from .program import DoesNotFitError, compiled
from .reduce import ReduceLayer
from .rows import NoNormLayer, NormLayer, PolynomialSoftmaxLayer, SoftmaxLayer
from .table_norm import match_table_norm
from .work import Work

Matcher: TypeAlias = Callable[[Work, Node], Layer | None]
"""
Makes the layer whose last node is the one given, or None if it is not for that.

Nodes are offered from the network's end to its beginning, so what comes after a node has its layer
already. A matcher looks back through `Work.only_use` and fuses what is used nowhere else. The
layer's ``nodes`` name all that it covers, its last one's output is among its ``outputs``, and its
``inputs`` are names that `Work.home` answers.
"""


def match_convolution(work: Work, last: Node) -> Layer | None:
    """Convolutions with a bias and a requantisation by channels."""
    chain = chain_to(work, last, Convolution)
    if chain is None:
        return None
    source, weights, *bias = chain.anchor.inputs
    operator = chain.anchor.operator
    assert isinstance(operator, Convolution)  # noqa: S101 - the anchor that was asked for
    known = all(map(work.is_constant, (weights, *bias)))
    if not known or work.type(weights).element is not Element.INT8:
        return None
    finish = _channels(work, chain.addend, chain.requantise, bias, work.shape(last.output))
    if finish is None:
        return None
    return ConvolutionLayer(
        chain.anchor.name,
        chain.nodes,
        work.home(source),
        last.output,
        (work.type(source), work.type(last.output)),
        operator,
        work.constant(weights),
        finish,
    )


def _channels(
    work: Work,
    addend: str | None,
    requantise: Node | None,
    bias: Sequence[str],
    shape: tuple[int, ...],
) -> Finish | None:
    """What becomes of a convolution's sums, channel by channel; None if that is not all."""
    total: Integers | None = work.constant(bias[0]) if bias else None
    if addend is not None:
        fitted = fit_bias(work.constant(addend), 1, shape)
        if fitted is None:
            return None
        total = fitted if total is None else total + fitted
    if requantise is None:
        return Finish(total)
    rescale = rescale_of(work, requantise)
    axes = rescale.axes(len(shape))
    if not axes:
        return Finish(total, rescale)
    if axes != {1} or not rescale.fits_words:
        return None
    return Finish(total, rescale, "columns", *rescale.along(1, shape))


def match_fused_sum(work: Work, last: Node) -> Layer | None:
    """Sums of bytes, requantised, normalised: in one pass by tables."""
    if not isinstance(last.operator, ELEMENTWISE):
        return None
    return fused_sum(work, last, grow(work, last, lambda node: not ends_product(work, node)))


def match_elementwise(work: Work, last: Node) -> Layer | None:
    """Tables, sums by tables, programs."""
    if not isinstance(last.operator, ELEMENTWISE):
        return None

    def may_absorb(node: Node) -> bool:
        return not ends_product(work, node)

    grown = grow(work, last, may_absorb)
    found = _tabulated(work, last, grown)
    if found is None:
        found = _programmed(work, last, grown)
    if found is None:
        found = _programmed(work, last, grow(work, last, lambda node: False))
    return found


def ends_product(work: Work, node: Node) -> bool:
    """Whether a product or a convolution is better off with this node at its end."""
    if not isinstance(node.operator, Requantise) and chain_to(work, node, (MatMul, Convolution)):
        return match_product(work, node) is not None or match_convolution(work, node) is not None
    if chain_to(work, node, MatMul):
        return match_product(work, node) is not None
    if chain_to(work, node, Convolution):
        return match_convolution(work, node) is not None
    return False


def _names(grown: Grown) -> tuple[str, ...]:
    return tuple(node.name for node in grown.nodes)


def _tabulated(work: Work, last: Node, grown: Grown) -> Layer | None:
    result = work.type(last.output)
    match grown.expression:
        case Table(leaf, values, element) if leaf.type.shape and element is not Element.INT32:
            if leaf.type.size != result.size:
                return None
            return TableLayer(
                last.name, _names(grown), leaf.home, last.output, result.size, values, element
            )
        case Apply() if result.element is not Element.INT32:
            return _sum_by_tables(work, last, grown)
    return None


def _sum_by_tables(work: Work, last: Node, grown: Grown) -> Layer | None:
    """A function of one sum of two functions of bytes."""
    from vplat.deploy.network.operators import Add

    result, chain = work.type(last.output), []
    expression: Expression = grown.expression
    while isinstance(expression, Apply) and not isinstance(expression.operator, Add):
        others = expression.arguments[1:]
        if any(getattr(each, "values", np.empty(2)).size != 1 for each in others):
            return None
        chain.append((expression.operator, [each.values for each in others]))  # type: ignore[union-attr]
        expression = expression.arguments[0]
    if not isinstance(expression, Apply):
        return None
    sides = [_side(argument) for argument in expression.arguments]
    tables = [side for side in sides if side is not None]
    if len(tables) != 2 or any(side.leaf.type.size != result.size for side in tables):
        return None
    if any(side.values.min() < -128 or side.values.max() > 127 for side in tables):
        return None
    sums: Integers = np.arange(SUMS, dtype=np.int64) - SUM_OFFSET
    for operator, constants in reversed(chain):
        sums = operator.compute([sums, *(values.reshape(()) for values in constants)])
    left, right = tables
    return AddLayer(
        last.name,
        _names(grown),
        (left.leaf.home, right.leaf.home),
        last.output,
        result.size,
        (left.values, right.values, sums),
        result.element,
    )


def _side(argument: Expression) -> Table | None:
    match argument:
        case Table():
            return argument
        case Leaf(_, _, type_) if type_.element is not Element.INT32:
            return Table(argument, all_bytes(type_.element), type_.element)
    return None


def _programmed(work: Work, last: Node, grown: Grown) -> Layer | None:
    result = work.type(last.output)
    try:
        program = compiled(grown.expression, result)
    except DoesNotFitError:
        return None
    return ElementwiseLayer(last.name, _names(grown), program, last.output, result)


def match_no_norm(work: Work, last: Node) -> Layer | None:
    """iNoNorm, where a kernel of its own takes it; what is left computes element by element."""
    operator = last.operator
    if not isinstance(operator, NoNorm) or not all(map(work.is_constant, last.inputs[1:])):
        return None
    source, columns = last.inputs[0], work.shape(last.output)[-1:]
    parameters = []
    for name in last.inputs[1:]:
        values = work.constant(name)
        rows = values.reshape(-1, values.shape[-1]) if values.ndim else values.reshape(1, 1)
        if len(rows) == 0 or (rows != rows[0]).any() or rows.shape[1] not in (1, *columns):
            return None
        parameters.append(np.broadcast_to(rows[0], columns))
    weights, bias = parameters
    if not NoNormLayer.takes(operator, work.type(source), weights, bias):
        return None
    return NoNormLayer(
        last.name,
        (last.name,),
        work.home(source),
        last.output,
        work.type(source),
        operator,
        (weights, bias),
    )


def match_rows(work: Work, last: Node) -> Layer | None:
    """Normalisation and softmax."""
    name, nodes = last.name, (last.name,)
    source = last.inputs[0] if last.inputs else ""
    type_ = work.type(last.output)
    match last.operator:
        case LayerNorm() | RmsNorm() as operator:
            if not all(map(work.is_constant, last.inputs[1:])):
                return None
            parameters = tuple(work.constant(each) for each in last.inputs[1:])
            of = replace(type_, element=work.type(source).element)
            return NormLayer(name, nodes, work.home(source), last.output, of, operator, parameters)
        case Softmax2() as base_2:
            return SoftmaxLayer(name, nodes, work.home(source), last.output, type_, base_2)
        case PolynomialSoftmax() as polynomial:
            return PolynomialSoftmaxLayer(
                name, nodes, work.home(source), last.output, type_, polynomial
            )
    return None


def match_pool(work: Work, last: Node) -> Layer | None:
    """Max pooling."""
    if not isinstance(last.operator, MaxPool):
        return None
    source = last.inputs[0]
    types = (work.type(source), work.type(last.output))
    return PoolLayer(last.name, (last.name,), work.home(source), last.output, types, last.operator)


def match_reduction(work: Work, last: Node) -> Layer | None:
    """Sums and means along axes that lie side by side."""
    operator = last.operator
    if not isinstance(operator, ReduceMean | ReduceSum):
        return None
    source = last.inputs[0]
    of, to = work.type(source), work.type(last.output)
    axes = [axis for axis in operator.axes if of.shape[axis] != 1]
    first, end = (min(axes), max(axes) + 1) if axes else (len(of.shape), len(of.shape))
    terms = prod(of.shape[first:end])
    return ReduceLayer(
        last.name,
        (last.name,),
        work.home(source),
        last.output,
        (of.element, to.element),
        (prod(of.shape[:first]), terms, prod(of.shape[end:])),
        terms if isinstance(operator, ReduceMean) else 1,
    )


def match_movement(work: Work, last: Node) -> Layer | None:
    """Whatever moves values and cannot be a view."""
    type_, constants = work.type(last.output), {}
    parts: list[Part] = []
    match last.operator:
        case Transpose() | Slice() | Gather() | Reshape():
            parts = [_viewed(work, last)]
        case Concat(axis):
            offset = 0
            for name in last.inputs:
                parts.append(_placed(work, last.output, name, _at(axis, offset, type_.shape)))
                offset += work.shape(name)[axis]
                if work.is_constant(name):
                    constants[name] = work.constant(name)
        case Pad(before, _, value):
            around = _around(work.shape(last.inputs[0]), before, type_.shape, value)
            parts = [*around, _placed(work, last.output, last.inputs[0], before)]
        case _:
            return None
    parts = [part for part in parts if not part.source or all(d.size for d in part.dimensions)]
    if not type_.size:
        parts = []
    element, size = type_.element, type_.size
    return MoveLayer(last.name, (last.name,), parts, last.output, element, size, constants)


def _at(axis: int, offset: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(offset if i == axis else 0 for i in range(len(shape)))


def _around(
    inner: tuple[int, ...], before: tuple[int, ...], outer: tuple[int, ...], value: int
) -> list[Part]:
    """What is to be filled: all of it, unless that lies in front and behind."""
    padded = [axis for axis in range(len(outer)) if inner[axis] != outer[axis]]
    if len(padded) != 1 or prod(outer[: padded[0]]) != 1:
        return [Part("", (), value=value, filled=prod(outer))]
    [axis] = padded
    each = prod(outer[axis + 1 :])
    front = before[axis] * each
    behind = front + inner[axis] * each
    parts = (
        Part("", (), value=value, filled=front),
        Part("", (), result_offset=behind, value=value, filled=prod(outer) - behind),
    )
    return [part for part in parts if part.filled]


def _dense(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(prod(shape[i + 1 :]) for i in range(len(shape)))


def _viewed(work: Work, last: Node) -> Part:
    """The node's result, copied from wherever its values lie."""
    view = work.view(last.output)
    if view.base == last.output:  # a reshape of something that is itself no plain tensor
        view = work.view(last.inputs[0])
        assert isinstance(last.operator, Reshape | Slice)  # noqa: S101 - the others are views
    box = box_of(view.shape, view.strides, _dense(view.shape))
    return replace(box, source=view.base, source_offset=view.offset)


def _placed(work: Work, result: str, name: str, at: tuple[int, ...]) -> Part:
    """A tensor as a box of the result that begins at the index ``at``."""
    strides = _dense(work.shape(result))
    view = work.view(name)
    box = box_of(view.shape, view.strides, strides)
    return replace(
        box,
        source=view.base,
        source_offset=view.offset,
        result_offset=sum(index * step for index, step in zip(at, strides, strict=True)),
        is_constant=work.is_constant(name),
    )


MATCHERS: Final[Sequence[Matcher]] = (
    match_product,
    match_convolution,
    match_fused_sum,
    match_no_norm,
    match_elementwise,
    match_table_norm,
    match_rows,
    match_precise,
    match_pool,
    match_reduction,
    match_movement,
)
"""Those of the harts, in the order in which they are asked."""
