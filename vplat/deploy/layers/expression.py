"""Element-wise nodes as expressions: what a layer computes for each element of its result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from vplat.deploy.network import Element, Integers, Node, Operator, TensorType
from vplat.deploy.network.operators import (
    Add,
    Clip,
    Gelu,
    Hardswish,
    IntegerDivide,
    ItaGelu,
    Lookup,
    Multiply,
    NoNorm,
    Relu,
    Requantise,
    Scale,
)

from .work import Work

ELEMENTWISE = (
    Add,
    Clip,
    Gelu,
    Hardswish,
    IntegerDivide,
    ItaGelu,
    Lookup,
    Multiply,
    NoNorm,
    Relu,
    Requantise,
    Scale,
)
MOST_LEAVES = 6
"""A layer reads so many tensors at most."""


@dataclass(frozen=True)
class Leaf:
    """A tensor that is read at ``home``."""

    name: str
    home: str
    type: TensorType


@dataclass(frozen=True, eq=False)
class Known:
    """Values that are known beforehand."""

    values: Integers


@dataclass(frozen=True, eq=False)
class Table:
    """A function of a tensor of bytes: one value for each of the 256 there are, by its byte."""

    leaf: Leaf
    values: Integers
    element: Element


@dataclass(frozen=True, eq=False)
class Apply:
    """An operator on other expressions."""

    operator: Operator
    arguments: tuple[Expression, ...]
    element: Element


Expression: TypeAlias = Leaf | Known | Table | Apply


def all_bytes(element: Element) -> Integers:
    """The 256 values of an 8-bit element, in the order of their bytes."""
    return np.arange(256, dtype=np.uint8).astype(element.value).astype(np.int64)


def leaves(expression: Expression) -> Iterator[Leaf]:
    """Every tensor that it reads, as often as it does."""
    match expression:
        case Leaf():
            yield expression
        case Table():
            yield expression.leaf
        case Apply():
            for argument in expression.arguments:
                yield from leaves(argument)


@dataclass(frozen=True, eq=False)
class Grown:
    """An expression with the nodes that it covers."""

    expression: Expression
    nodes: tuple[Node, ...]


def grow(work: Work, last: Node, may_absorb: Callable[[Node], bool]) -> Grown:
    """
    The expression that ends at ``last``: it takes in what else computes element by element, has the
    same shape, and is used nowhere else, as far as ``may_absorb`` likes it.
    """
    nodes = [last]
    read = sum(not work.is_constant(name) for name in last.inputs)

    def argument(name: str) -> Expression:
        nonlocal read
        if work.is_constant(name):
            return Known(work.constant(name))
        node = work.only_use(name)
        same = work.shape(name) == work.shape(last.output)
        if node is None or not same or not isinstance(node.operator, ELEMENTWISE):
            return Leaf(name, work.home(name), work.type(name))
        more = sum(not work.is_constant(each) for each in node.inputs) - 1
        if read + more > MOST_LEAVES or not may_absorb(node):
            return Leaf(name, work.home(name), work.type(name))
        read += more
        nodes.append(node)
        return built(node)

    def built(node: Node) -> Expression:
        element = work.type(node.output).element
        return tabulated(node.operator, tuple(map(argument, node.inputs)), element)

    return Grown(built(last), tuple(reversed(nodes)))


def tabulated(
    operator: Operator, arguments: tuple[Expression, ...], element: Element
) -> Expression:
    """An operator applied, as a table where it is a function of one tensor of bytes."""
    if isinstance(operator, IntegerDivide):
        return Apply(operator, arguments, element)  # not every byte need be a divisor
    leaf: Leaf | None = None
    inputs: list[Integers] = []
    for argument in arguments:
        match argument:
            case Known(values) if values.size == 1:
                inputs.append(values.reshape(()))
            case Known(values) if isinstance(operator, Lookup):
                inputs.append(values)
            case Leaf() if argument.type.element is not Element.INT32 and leaf in (None, argument):
                leaf = argument
                inputs.append(all_bytes(argument.type.element))
            case Table() if leaf in (None, argument.leaf):
                leaf = argument.leaf
                inputs.append(argument.values)
            case _:
                return Apply(operator, arguments, element)
    if leaf is None:
        return Apply(operator, arguments, element)
    values = np.broadcast_to(operator.compute(inputs), (256,)).astype(np.int64)
    return Table(leaf, values, element)
