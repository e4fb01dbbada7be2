"""Values of attention, computed transposed, as ITA wants them (`ita.md` section 3.2, step V)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from vplat.deploy.layers.match_product import Chain, chain_to, fit_bias
from vplat.deploy.layers.simplify import Builder
from vplat.deploy.layers.work import Work
from vplat.deploy.network import Network, Node
from vplat.deploy.network.operators import Add, MatMul, Requantise, Transpose

from .attention_match import AttentionNodes, find_attention
from .views import heads_of


def with_turned_values(network: Network, but: Collection[str] = ()) -> tuple[Network, list[str]]:
    """
    Products that make values of attention and nothing else become products of transposed weights
    and inputs, whose results are the transposed values. Tensors keep their names and values.

    Those of attention named in ``but`` stay. Also returned are the names of attention whose
    values were turned, which are those of its second product.
    """
    work = Work(network)
    turned: dict[str, Chain] = {}
    names = []
    for node in network.nodes:
        attention = find_attention(work, node)
        if attention is None or attention.name in but:
            continue
        base, chain = _turnable(work, attention)
        if chain is not None:
            turned[base] = chain
            names.append(attention.name)
    left_out = {name for chain in turned.values() for name in chain.nodes}
    builder = Builder(network)
    for node in network.nodes:
        if node.output in turned:
            _turn(work, builder, node, turned[node.output])
        elif node.name not in left_out:
            builder.nodes.append(node)
    made = replace(
        network, nodes=tuple(builder.nodes), types=builder.types, constants=builder.constants
    )
    return made, names


def _turnable(work: Work, attention: AttentionNodes) -> tuple[str, Chain | None]:
    """The tensor that holds the values, with the product that makes it, if that can be turned."""
    if heads_of(work, attention.values, turned=True) is not None:
        return "", None
    base = work.view(attention.values).base
    last = work.only_use(base)
    chain = chain_to(work, last, MatMul) if last is not None else None
    return base, chain if chain is not None and _is_plain(work, chain) else None


def _is_plain(work: Work, chain: Chain) -> bool:
    """Weights on the right, the same for a single batch, and a requantisation by one scale."""
    left, right = chain.anchor.inputs
    shape = work.shape(chain.anchor.output)
    if chain.requantise is None or not work.is_constant(right) or work.is_constant(left):
        return False
    if work.constant(right).ndim != 2 or any(length != 1 for length in shape[:-2]):
        return False
    if any(work.constant(name).size != 1 for name in chain.requantise.inputs[1:]):
        return False
    addend = chain.addend
    return addend is None or fit_bias(work.constant(addend), len(shape) - 1, shape) is not None


def _turn(work: Work, builder: Builder, last: Node, chain: Chain) -> None:
    left, right = chain.anchor.inputs
    shape = work.shape(chain.anchor.output)
    swapped = (*range(len(shape) - 2), len(shape) - 1, len(shape) - 2)
    weights = builder.constant(last, work.constant(right).T, work.type(right).element)
    columns = builder.add(last, Transpose(swapped), (left,))
    result = builder.add(last, MatMul(), (weights, columns))
    if chain.addend is not None:
        bias = fit_bias(work.constant(chain.addend), len(shape) - 1, shape)
        assert bias is not None  # noqa: S101 - `_is_plain` looked
        stored = builder.constant(last, bias[:, None], work.type(chain.addend).element)
        result = builder.add(last, Add(), (result, stored))
    assert chain.requantise is not None  # noqa: S101 - likewise
    operator, scales = chain.requantise.operator, []
    assert isinstance(operator, Requantise)  # noqa: S101 - `chain_to` looked
    for name in chain.requantise.inputs[1:]:
        scalar = work.constant(name).reshape(())
        scales.append(builder.constant(last, scalar, work.type(name).element))
    result = builder.add(last, operator, (result, *scales))
    builder.add(last, Transpose(swapped), (result,), last.output)
