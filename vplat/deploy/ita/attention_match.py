"""Attention among the nodes of a network: which nodes it is made of, and whether ITA takes it."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from vplat.deploy.layers.match_product import chain_to
from vplat.deploy.layers.work import Work
from vplat.deploy.network import Node
from vplat.deploy.network.operators import (
    MatMul,
    Requantise,
    Reshape,
    Softmax2,
    Transpose,
)

from .attention_layer import Attention, Heads
from .legality import (
    SOFTMAX,
    Fitted,
    NotOnItaError,
    check_inner,
    check_int8,
    check_padding,
    fitted,
)
from .matrices import Matrix
from .views import heads_of

HEADS_BEHIND_POSITIONS = (0, 2, 1, 3)


@dataclass(frozen=True)
class AttentionNodes:
    """
    ``requant(softmax(requant(queries @ keys + bias)) @ values)``: its tensors and nodes.

    With ``joined`` the result's heads lie side by side, behind each position.
    """

    name: str
    queries: str
    keys: str
    values: str
    addend: str | None
    logits: Node
    softmax: Node
    mixed: Node
    output: str
    joined: bool
    nodes: tuple[str, ...]


def find_attention(work: Work, last: Node) -> AttentionNodes | None:
    """The attention that ends at ``last``; None if there is none."""
    mixed, moved = _before_movement(work, last)
    if mixed is None:
        return None
    mixing = chain_to(work, mixed, MatMul)
    if mixing is None or mixing.requantise is None or mixing.addend is not None:
        return None
    weights, values = mixing.anchor.inputs
    softmax = work.only_use(weights)
    if softmax is None or not isinstance(softmax.operator, Softmax2):
        return None
    requantise = work.only_use(softmax.inputs[0])
    scoring = chain_to(work, requantise, MatMul) if requantise is not None else None
    if scoring is None or scoring.requantise is None:
        return None
    queries, keys = scoring.anchor.inputs
    return AttentionNodes(
        name=mixing.anchor.name,
        queries=queries,
        keys=keys,
        values=values,
        addend=scoring.addend,
        logits=scoring.requantise,
        softmax=softmax,
        mixed=mixing.requantise,
        output=last.output,
        joined=bool(moved),
        nodes=(*scoring.nodes, softmax.name, *mixing.nodes, *moved),
    )


def _before_movement(work: Work, last: Node) -> tuple[Node | None, tuple[str, ...]]:
    """The requantisation whose heads are then put side by side, and the nodes that do that."""
    node: Node | None = last
    moved: tuple[str, ...] = ()
    if isinstance(last.operator, Reshape):
        node = work.only_use(last.inputs[0])
        moved = (last.name,)
        if node is None or not isinstance(node.operator, Transpose):
            return None, ()
        *_, heads, width = work.shape(node.output)
        if work.shape(last.output)[-1] != heads * width:
            return None, ()
    if node is not None and isinstance(node.operator, Transpose):
        if node.operator.perm != HEADS_BEHIND_POSITIONS or work.shape(node.output)[0] != 1:
            return None, ()
        moved = (node.name, *moved)
        node = work.only_use(node.inputs[0])
    if node is None or not isinstance(node.operator, Requantise):
        return None, ()
    return node, moved


def fitted_attention(work: Work, found: AttentionNodes) -> Attention:
    """
    The attention as ITA does it.

    :raises NotOnItaError: it cannot
    """
    *batch, rows, width = work.shape(found.queries)
    keys = work.shape(found.keys)[-1]
    _check_shapes(work, found, rows, keys, width)
    if found.softmax.operator != SOFTMAX:
        raise NotOnItaError(f"its softmax {found.softmax.operator} is not ITA's {SOFTMAX}")
    logits, mixed = _fit(work, found.logits), _fit(work, found.mixed)
    if logits.sign < 0 or mixed.sign < 0 or mixed.bias:
        raise NotOnItaError("a scale is negative, or an addend cannot come after the shift")
    check_padding(keys, width, logits.requant)
    if found.addend is not None:
        raise NotOnItaError("something is added to its logits")
    values = heads_of(work, found.values, turned=True)
    if values is None:
        raise NotOnItaError("its values are not the transposed result of a product")
    return Attention(
        prod(batch),
        _heads(work, found.queries, "queries"),
        _heads(work, found.keys, "keys", turned=True),
        values,
        _out(work, found, rows),
        logits.requant,
        mixed.requant,
        logits.bias,
    )


def _check_shapes(work: Work, found: AttentionNodes, rows: int, keys: int, width: int) -> None:
    for name in (found.queries, found.keys, found.values):
        if work.is_constant(name):
            raise NotOnItaError("an operand is constant")
        check_int8(work.type(name), "an operand")
    heads = {work.shape(name)[:-2] for name in (found.queries, found.keys, found.values)}
    if len(heads) != 1 or prod(heads.pop()) == 0:
        raise NotOnItaError("its operands have different numbers of heads")
    if rows != keys:
        raise NotOnItaError(f"it has {rows} queries and {keys} keys, and ITA as many of both")
    if work.shape(found.values)[-1] != width:
        raise NotOnItaError("its values are not as wide as its queries")
    check_inner(keys)
    check_inner(width)


def _fit(work: Work, node: Node) -> Fitted:
    assert isinstance(node.operator, Requantise)  # noqa: S101 - `chain_to` looked
    mult, add = (work.constant(name) for name in node.inputs[1:])
    return fitted(node.operator, mult, add)


def _heads(work: Work, name: str, what: str, *, turned: bool = False) -> Heads:
    heads = heads_of(work, name, turned=turned)
    if heads is None:
        raise NotOnItaError(f"its {what} do not lie in rows")
    return heads


def _out(work: Work, found: AttentionNodes, rows: int) -> Heads:
    shape = work.shape(found.mixed.output)
    heads, width = prod(shape[:-2]), shape[-1]
    home = work.home(found.output)
    if found.joined:
        return Heads(Matrix(home, rows, width, heads * width), width)
    return Heads(Matrix(home, rows, width, width), rows * width)
