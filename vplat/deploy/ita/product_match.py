"""Products among the nodes of a network, with what ITA does to their results."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vplat.deploy.layers.match_product import Chain, chain_to, fit_bias
from vplat.deploy.layers.work import Work
from vplat.deploy.network import Integers, Node
from vplat.deploy.network.operators import ItaGelu, MatMul, Relu, Requantise

from .legality import (
    Fitted,
    NotOnItaError,
    check_inner,
    check_int8,
    checked_bias,
    checked_weights,
    fitted,
)
from .matrices import IDENTITY, Activation, Function, Matrix, Requant
from .product_layer import Product
from .views import columns_of, rows_of, whole

KEPT = Requant(1, 0)
"""The requantisation that changes nothing."""


@dataclass(frozen=True)
class MatchedProduct:
    """A product and the nodes that it stands for, by the name of its MatMul."""

    name: str
    nodes: tuple[str, ...]
    product: Product


def match_product(work: Work, last: Node) -> MatchedProduct | None:
    """
    The product that ends at ``last``; None if none does.

    :raises NotOnItaError: ITA cannot take it
    """
    activated = activated_chain(work, last)
    if activated is None:
        return None
    chain, activation = activated
    if chain.requantise is None:
        raise NotOnItaError("its sums are not requantised to int8")
    left, right = chain.anchor.inputs
    fit = fit_of(work, chain.requantise)
    by_rows = work.is_constant(left)
    if by_rows == work.is_constant(right):
        raise NotOnItaError("neither of its operands is constant")
    for name in (left, right):
        check_int8(work.type(name), "an operand")
    check_inner(work.shape(left)[-1])
    bias = _bias(work, chain, fit, by_rows)
    operands = _operands(work, left, right, fit.sign)
    out = whole(work, last.output)
    if by_rows and out.rows != work.shape(left)[-2]:
        raise NotOnItaError("it has several batches of weights times activations")
    product = Product(*operands, out, fit.requant, bias, by_rows, activation)
    return MatchedProduct(chain.anchor.name, chain.nodes, product)


def activated_chain(work: Work, last: Node) -> tuple[Chain, Activation] | None:
    """A product with an activation, or without, ending at ``last``; None if it is none."""
    chain = chain_to(work, last, MatMul)
    if chain is not None and chain.requantise is not None:
        return chain, IDENTITY
    node, follows = activation_before(work, last)
    if node is None:
        return (chain, IDENTITY) if chain is not None else None
    first = work.only_use(node.inputs[0])
    chain = chain_to(work, first, MatMul) if first is not None else None
    if chain is None or chain.requantise is None:
        return None
    extra = (node.name, last.name) if follows else (node.name,)
    names = (*chain.nodes, *extra)
    after = plain_fit(work, last) if follows else KEPT
    return Chain(chain.anchor, chain.addend, chain.requantise, names), activation_of(node, after)


def activation_before(work: Work, last: Node) -> tuple[Node | None, bool]:
    """The activation that ends at ``last``, and whether a requantisation follows it there."""
    node, follows = last, False
    if isinstance(last.operator, Requantise):
        before = work.only_use(last.inputs[0])
        if before is None:
            return None, False
        node, follows = before, True
    return (node, follows) if isinstance(node.operator, Relu | ItaGelu) else (None, False)


def activation_of(node: Node, after: Requant) -> Activation:
    """A Relu or an ItaGelu with the requantisation behind it."""
    match node.operator:
        case ItaGelu(b, c):
            return Activation(Function.GELU, b, c, after)
        case _:
            return Activation(Function.RELU, requant=after)


def plain_fit(work: Work, node: Node) -> Requant:
    """A requantisation behind an activation, which has no bias to fold an addend into."""
    fit = fit_of(work, node)
    if fit.bias or fit.sign < 0:
        raise NotOnItaError("what follows its activation has a negative scale or an odd addend")
    return fit.requant


def fit_of(work: Work, node: Node) -> Fitted:
    """A Requantise as ITA does it; its constants are scalars, or all the same."""
    assert isinstance(node.operator, Requantise)  # noqa: S101 - callers looked
    if not all(map(work.is_constant, node.inputs[1:])):
        raise NotOnItaError("its scale is not constant")
    mult, add = (work.constant(name) for name in node.inputs[1:])
    return fitted(node.operator, mult, add)


def _bias(work: Work, chain: Chain, fit: Fitted, by_rows: bool) -> Integers | None:
    """What is added to the sums, a value for each column, or for each row."""
    shape = work.shape(chain.anchor.output)
    axis = len(shape) - (2 if by_rows else 1)
    total = np.full(shape[axis], fit.bias, np.int64)
    if chain.addend is not None:
        bias = fit_bias(work.constant(chain.addend), axis, shape)
        if bias is None:
            raise NotOnItaError("its bias differs along more than one axis")
        total = total + fit.sign * bias
    return checked_bias(total)


def _operands(
    work: Work, left: str, right: str, sign: int
) -> tuple[Matrix | Integers, Matrix | Integers]:
    """Both as matrices of rows to be summed over."""
    if work.is_constant(right):
        weights = checked_weights(_matrix(work.constant(right)), sign)
        return rows_of(work, left), weights.T
    columns = columns_of(work, right)
    if columns is None:
        raise NotOnItaError("the columns of its right operand do not lie side by side")
    return checked_weights(_matrix(work.constant(left)), sign), columns


def _matrix(values: Integers) -> Integers:
    if values.ndim < 2 or values.size != values.shape[-1] * values.shape[-2]:
        raise NotOnItaError("its weights differ from batch to batch")
    return values.reshape(values.shape[-2:])
