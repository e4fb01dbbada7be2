"""Layers put together, so that harts and ITA work at the same time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from math import prod
from typing import Final

import numpy as np

from vplat.deploy.layers.layer import Layer
from vplat.deploy.layers.lowering import Lowered
from vplat.deploy.network import Element, Integers, Node
from vplat.deploy.network.operators import LayerNorm, RmsNorm
from vplat.errors import DeployError

from .legality import LARGEST_INNER
from .matrices import Matrix
from .norm_layer import LARGEST_WEIGHT, MOST_PRODUCTS, Norm, NormLayer
from .product_layer import ProductLayer
from .scheduled_layer import Target

WORD: Final = 4


def with_norms_beside(lowered: Lowered, target: Target, but: Collection[str] = ()) -> Lowered:
    """
    Normalisation whose result only products on ITA read becomes one layer with those.

    It comes where it was itself: products depend on nothing else. Nodes named in ``but`` stay.
    """
    nodes = {node.name: node for node in lowered.network.nodes}
    kept = set(lowered.homes.values())
    layers = list(lowered.layers)
    for layer in lowered.layers:
        norm = _norm(lowered, layer, nodes)
        if norm is None or layer.nodes[0] in but:
            continue
        products = list(_readers(layer, norm, layers, kept))
        joined = _joined(layer, norm, products, target)
        if joined is not None:
            layers[layers.index(layer)] = joined
            layers = [each for each in layers if each not in products]
    return replace(lowered, layers=tuple(layers))


def _norm(lowered: Lowered, layer: Layer, nodes: dict[str, Node]) -> Norm | None:
    """What a layer normalises, if that is all it does, and the kernel for tiles can do it."""
    node = nodes.get(layer.nodes[0]) if len(layer.nodes) == 1 else None
    if node is None or not isinstance(node.operator, LayerNorm | RmsNorm):
        return None
    network, (source,) = lowered.network, layer.inputs
    shape = network.types[node.output].shape
    if not all(name in network.constants for name in node.inputs[1:]) or not prod(shape):
        return None
    columns = shape[-1]
    weights, *bias = (_by_column(network.constants[name], columns) for name in node.inputs[1:])
    if network.types[source].element is not Element.INT8 or columns % WORD:
        return None
    if columns > LARGEST_INNER or int(np.abs(weights).max()) > LARGEST_WEIGHT:
        return None
    matrix = Matrix(source, prod(shape[:-1]), columns, columns)
    centred = isinstance(node.operator, LayerNorm)
    return Norm(matrix, weights, bias[0] if centred else None, node.operator.log2_divisor)


def _by_column(values: Integers, columns: int) -> Integers:
    return np.broadcast_to(values.reshape(-1), (columns,))


def _readers(
    layer: Layer, norm: Norm, layers: Iterable[Layer], kept: set[str]
) -> Iterator[ProductLayer]:
    """The products that read what is normalised; none if others do, too."""
    (made,) = layer.outputs
    readers = [each for each in layers if made in each.inputs]
    whole = replace(norm.source, tensor=made)
    products = [each for each in readers if _reads_all(each, whole)]
    if made in kept or len(products) != len(readers) or len(readers) > MOST_PRODUCTS:
        return
    for each in products:
        assert isinstance(each, ProductLayer)  # noqa: S101 - `_reads_all` looked
        yield each


def _reads_all(layer: Layer, whole: Matrix) -> bool:
    """Whether it multiplies the whole normalised matrix with a constant one."""
    if not isinstance(layer, ProductLayer):
        return False
    operands = (layer.product.left, layer.product.right)
    return [each for each in operands if isinstance(each, Matrix)] == [whole]


def _joined(
    layer: Layer, norm: Norm, products: Sequence[ProductLayer], target: Target
) -> NormLayer | None:
    """One layer for all; None if there are no products, or no room for it in L1."""
    if not products:
        return None
    nodes = (*layer.nodes, *(node for each in products for node in each.nodes))
    try:
        return NormLayer(layer.name, nodes, norm, [each.product for each in products], target)
    except DeployError:
        return None
