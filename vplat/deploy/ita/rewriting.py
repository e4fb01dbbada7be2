"""The network in a form that ITA takes more of: the same values, convolutions as products."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from vplat.deploy.layers.simplify import Builder
from vplat.deploy.layers.work import Work
from vplat.deploy.network import Element, Network, Node, needed
from vplat.deploy.network.operators import (
    Add,
    Concat,
    Convolution,
    ItaGelu,
    MatMul,
    Pad,
    Relu,
    Requantise,
    Reshape,
    Slice,
    Transpose,
)

from .legality import LARGEST_INNER


def with_products(network: Network, but: Collection[str] = ()) -> tuple[Network, dict[str, str]]:
    """
    Convolutions become products of patches with weights, and what follows them is done before the
    result is turned to the convolution's layout. Tensors keep their names and values.

    Convolutions named in ``but`` stay. Also returned are the names of the products' nodes, with
    those of the convolutions that they stand for.
    """
    rewriting = _Rewriting(network, but)
    return rewriting.run(), rewriting.products


class _Rewriting:
    """Nodes in the making."""

    def __init__(self, network: Network, but: Collection[str]) -> None:
        self.network, self.work, self._but = network, Work(network), but
        self.products: dict[str, str] = {}
        self.builder = Builder(network)
        self.upright: dict[str, str] = {}
        """Tensors that are another one, [places, channels], turned: the other one's name."""
        self._patches: dict[tuple[object, ...], str] = {}

    def run(self) -> Network:
        """The new network."""
        for node in self.network.nodes:
            if not (self._convolution(node) or self._follower(node)):
                self.builder.nodes.append(node)
        builder = self.builder
        return replace(
            self.network,
            nodes=needed(builder.nodes, self.network.outputs),
            types=builder.types,
            constants=builder.constants,
        )

    # Convolutions.

    def _convolution(self, node: Node) -> bool:
        operator = node.operator
        if not isinstance(operator, Convolution) or node.name in self._but:
            return False
        if not self._is_fit(node, operator):
            return False
        builder = self.builder
        _, weights, *bias = node.inputs
        values = self.work.constant(weights)
        rank = values.ndim - 2
        patches, by_taps = self._patched(node, operator, values.shape[2:])
        # Inner indices are taps, then channels, where rows overlap; else channels, then taps.
        order = (*range(2, 2 + rank), 1, 0) if by_taps else (1, *range(2, 2 + rank), 0)
        stored = values.transpose(order).reshape(-1, len(values))
        matrix = builder.constant(node, stored, builder.types[weights].element)
        sums = builder.add(node, MatMul(), (patches, matrix))
        self.products[builder.nodes[-1].name] = node.name
        if bias:
            sums = builder.add(node, Add(), (sums, bias[0]))
        self._turn(node, sums, node.output)
        return True

    def _is_fit(self, node: Node, operator: Convolution) -> bool:
        """Whether it is one that ITA can take, and whose patches are easily made."""
        source, weights, *bias = node.inputs
        if not all(map(self.work.is_constant, (weights, *bias))) or operator.groups != 1:
            return False
        if self.work.type(weights).element is not Element.INT8:
            return False
        if self.work.type(source).element is not Element.INT8 or self.work.shape(source)[0] != 1:
            return False
        _, channels, *kernel = self.work.shape(weights)
        if channels * int(np.prod(kernel)) > LARGEST_INNER or set(operator.dilations) != {1}:
            return False
        tiles_evenly = operator.strides == tuple(kernel) and not any(operator.pads)
        return len(kernel) == 1 or tiles_evenly

    def _patched(
        self, node: Node, operator: Convolution, kernel: tuple[int, ...]
    ) -> tuple[str, bool]:
        """Patches, [places, inner], made once for all convolutions that look at them."""
        source = node.inputs[0]
        by_taps = len(kernel) == 1
        key = (source, operator.strides, operator.pads, kernel)
        if key not in self._patches:
            make = self._overlapping if by_taps else self._separate
            self._patches[key] = make(node, operator, kernel)
        return self._patches[key], by_taps

    def _overlapping(self, node: Node, operator: Convolution, kernel: tuple[int, ...]) -> str:
        """Rows of as many positions as the kernel has taps, one or more positions apart."""
        builder, source = self.builder, node.inputs[0]
        _, channels, length = self.work.shape(source)
        before, after = operator.pads
        rows = builder.add(node, Transpose((0, 2, 1)), (source,))
        rows = builder.add(node, Reshape((length, channels)), (rows,))
        if before or after:
            rows = builder.add(node, Pad((before, 0), (after, 0), 0), (rows,))
        places, step = self.work.shape(node.output)[2], operator.strides[0]
        taps = []
        for tap in range(kernel[0]):
            end = tap + (places - 1) * step + 1
            taps.append(builder.add(node, Slice((tap,), (end,), (0,), (step,)), (rows,)))
        return builder.add(node, Concat(1), taps) if len(taps) > 1 else taps[0]

    def _separate(self, node: Node, operator: Convolution, kernel: tuple[int, ...]) -> str:
        """Patches side by side, each a row."""
        builder, source = self.builder, node.inputs[0]
        _, channels, *_ = self.work.shape(source)
        down, across = self.work.shape(node.output)[2:]
        high, wide = kernel
        box = tuple(slice(0, length) for length in (down * high, across * wide))
        if tuple(each.stop for each in box) != self.work.shape(source)[2:]:
            ends = tuple(each.stop for each in box)
            source = builder.add(node, Slice((0, 0), ends, (2, 3), (1, 1)), (source,))
        parted = Reshape((channels, down, high, across, wide))
        grid = builder.add(node, parted, (source,))
        turned = builder.add(node, Transpose((1, 3, 0, 2, 4)), (grid,))
        inner = channels * high * wide
        return builder.add(node, Reshape((down * across, inner)), (turned,))

    def _turn(self, node: Node, upright: str, output: str) -> None:
        """``output`` is ``upright``, [places, channels], in a convolution's layout."""
        shape = self.builder.types[output].shape
        turned = self.builder.add(node, Transpose((1, 0)), (upright,))
        self.builder.add(node, Reshape(shape), (turned,), output)
        self.upright[output] = upright

    # What follows.

    def _follower(self, node: Node) -> bool:
        """Does element by element what is done to turned tensors, before they are turned."""
        if not self._is_elementwise(node):
            return False
        inputs = [self.upright.get(name, name) for name in node.inputs]
        result = self.builder.add(node, node.operator, self._flattened(node, inputs))
        self._turn(node, result, node.output)
        return True

    def _is_elementwise(self, node: Node) -> bool:
        operands = [name for name in node.inputs if not self.work.is_constant(name)]
        if not operands or any(self.work.only_use(name) is None for name in operands):
            return False
        if not all(name in self.upright for name in operands):
            return False
        constants = [self.work.constant(each) for each in node.inputs if each not in operands]
        match node.operator:
            case Requantise():
                return all(each.size == 1 for each in constants)
            case Relu() | ItaGelu():
                return True
            case Add():
                return not constants
        return False

    def _flattened(self, node: Node, inputs: list[str]) -> list[str]:
        """Scalars get the rank that the operator asks for."""
        return [
            self.builder.constant(
                node, self.work.constant(name).reshape(()), self.work.type(name).element
            )
            if self.work.is_constant(name)
            else name
            for name in inputs
        ]
