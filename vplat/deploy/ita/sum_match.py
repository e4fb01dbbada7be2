"""Sums of tensors, and NoNorm, among the nodes of a network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from vplat.deploy.layers.work import Work
from vplat.deploy.network import Element, Integers, Node
from vplat.deploy.network.operators import (
    Add,
    ItaGelu,
    Lookup,
    NoNorm,
    Relu,
    Requantise,
    Scale,
)

from .legality import (
    NotOnItaError,
    check_int8,
    checked_bias,
    checked_weights,
    fitted_no_norm,
)
from .matrices import IDENTITY, Activation, Matrix
from .product_match import KEPT, activation_before, activation_of, fit_of, plain_fit
from .sum_layer import ScaledSum
from .views import rows_of, whole

MOST_OPERANDS: Final = 3
"""More would leave too few places in L1 for each."""
GREATEST_SCALE: Final = 127


@dataclass(frozen=True)
class MatchedSum:
    """A sum and the nodes that it stands for, by the name of the last one."""

    name: str
    nodes: tuple[str, ...]
    scaled: ScaledSum


def match_no_norm(work: Work, last: Node) -> MatchedSum | None:
    """
    The NoNorm that ``last`` is; None if it is none.

    :raises NotOnItaError: ITA cannot take it
    """
    operator = last.operator
    if not isinstance(operator, NoNorm) or not all(map(work.is_constant, last.inputs[1:])):
        return None
    source = last.inputs[0]
    check_int8(work.type(source), "its input")
    fit = fitted_no_norm(operator)
    shape = work.shape(last.output)
    weights, bias = (_by_column(work.constant(each), shape) for each in last.inputs[1:])
    scaled = ScaledSum(
        (rows_of(work, source),),
        checked_weights(weights, fit.sign)[None],
        whole(work, last.output),
        fit.requant,
        checked_bias(bias * fit.sign + fit.bias),
    )
    return MatchedSum(last.name, (last.name,), scaled)


def match_sum(work: Work, last: Node) -> MatchedSum | None:
    """
    The requantised sum that ends at ``last``, maybe with an activation; None if none does.

    :raises NotOnItaError: ITA cannot take it
    """
    found = _Summed.before(work, last)
    if found is None or any(work.type(name).element is Element.INT32 for name, _ in found.terms):
        return None
    fit = fit_of(work, found.requantise)
    found.check(work, last)
    shape = work.shape(last.output)
    scaled = ScaledSum(
        tuple(_term(work, name) for name, _ in found.terms),
        np.array([factor * fit.sign for _, factor in found.terms], np.int64),
        whole(work, last.output),
        fit.requant,
        np.full(shape[-1], fit.bias) if fit.bias else None,
        found.activation,
    )
    return MatchedSum(last.name, tuple(node.name for node in found.nodes), scaled)


@dataclass
class _Summed:
    """Terms, each with its factor, and the nodes that add, requantise and activate them."""

    requantise: Node
    nodes: list[Node]
    activation: Activation = IDENTITY
    terms: list[tuple[str, int]] = field(default_factory=list)

    @classmethod
    def before(cls, work: Work, last: Node) -> _Summed | None:
        """What ends at ``last``."""
        node, follows = activation_before(work, last)
        first = work.only_use(node.inputs[0]) if node is not None else last
        added = None
        if first is not None and isinstance(first.operator, Requantise):
            added = work.only_use(first.inputs[0])
        if first is None or added is None or not isinstance(added.operator, Add):
            return None
        found = cls(first, [first])
        if node is not None:
            found.nodes += [node, last] if follows else [node]
            found.activation = activation_of(node, plain_fit(work, last) if follows else KEPT)
        found._collect(work, added, 1)
        return found

    def _collect(self, work: Work, added: Node, factor: int) -> None:
        self.nodes.insert(0, added)
        for operand in added.inputs:
            name, scale = operand, factor
            node = work.only_use(name)
            if node is not None and isinstance(node.operator, Scale):
                self.nodes.insert(0, node)
                name, scale = node.inputs[0], factor * node.operator.factor
                node = work.only_use(name)
            if node is not None and isinstance(node.operator, Add):
                self._collect(work, node, scale)
            else:
                self.terms.append((name, scale))

    def check(self, work: Work, last: Node) -> None:
        """
        Whether ITA takes the terms.

        :raises NotOnItaError: it does not
        """
        if len(self.terms) > MOST_OPERANDS:
            raise NotOnItaError(f"it has {len(self.terms)} operands, and ITA takes {MOST_OPERANDS}")
        for name, factor in self.terms:
            check_int8(work.type(name), "an operand")
            if abs(factor) > GREATEST_SCALE:
                raise NotOnItaError(f"an operand is scaled by {factor}, beyond int8")
            if work.shape(name) != work.shape(last.output):
                raise NotOnItaError("an operand is broadcast")
            if _is_mapped(work, name):
                raise NotOnItaError("an operand is mapped before, which harts do in one go")


def _is_mapped(work: Work, name: str) -> bool:
    """Whether an operand is a function of bytes that harts would look up on the way."""
    node = work.only_use(name)
    if node is None or not isinstance(node.operator, Requantise | Relu | ItaGelu | Lookup):
        return False
    return work.type(node.inputs[0]).element is not Element.INT32


def _term(work: Work, name: str) -> Matrix | Integers:
    if not work.is_constant(name):
        return rows_of(work, name)
    values = work.constant(name)
    return values.reshape(-1, values.shape[-1])


def _by_column(values: Integers, shape: tuple[int, ...]) -> Integers:
    rows = values.reshape(-1, values.shape[-1]) if values.ndim else values.reshape(1, 1)
    if len(rows) == 0 or (rows != rows[0]).any() or rows.shape[1] not in (1, shape[-1]):
        raise NotOnItaError("its parameters differ from row to row")
    return np.broadcast_to(rows[0], shape[-1:])
