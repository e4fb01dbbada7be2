"""The nodes of an ONNX graph in an order in which they can be computed."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vplat.errors import DeployError

if TYPE_CHECKING:
    import onnx


def put_in_order(graph: onnx.GraphProto) -> None:
    """
    Order the nodes; those that are in order already stay as they are.

    :raises DeployError: a tensor is made twice or not at all, or nodes form a cycle
    """
    makers = _makers(graph)
    _expect_known_tensors(graph, makers)
    waits = [{makers[name] for name in node.input if name in makers} for node in graph.node]
    order = _order(waits)
    if len(order) < len(waits):
        raise DeployError(f"{_cycle(graph, waits, set(order))}, so none of these can be computed")
    if order != sorted(order):
        nodes = [graph.node[index] for index in order]
        copies = [type(node).FromString(node.SerializeToString()) for node in nodes]
        del graph.node[:]
        graph.node.extend(copies)


def _makers(graph: onnx.GraphProto) -> dict[str, int]:
    """Which node makes each tensor."""
    given = {each.name for each in (*graph.initializer, *graph.input)}
    makers: dict[str, int] = {}
    for index, node in enumerate(graph.node):
        if not any(node.output):
            raise DeployError(f"node {_called(node)} has no output")
        for name in filter(None, node.output):
            if name in makers or name in given:
                raise DeployError(f"the tensor '{name}' is made twice, once by {_called(node)}")
            makers[name] = index
    return makers


def _expect_known_tensors(graph: onnx.GraphProto, makers: dict[str, int]) -> None:
    known = {each.name for each in (*graph.initializer, *graph.input)} | set(makers)
    dangling = [
        f"'{name}' (taken by {_called(node)})"
        for node in graph.node
        for name in node.input
        if name and name not in known
    ]
    dangling += [f"'{each.name}' (an output)" for each in graph.output if each.name not in known]
    if dangling:
        raise DeployError(f"nothing makes {', '.join(dict.fromkeys(dangling))}")


def _order(waits: Sequence[set[int]]) -> list[int]:
    """Indices so that each comes after those it waits for, else lowest first; cycles are left."""
    left = [len(each) for each in waits]
    followers: list[list[int]] = [[] for _ in waits]
    for index, before in enumerate(waits):
        for each in before:
            followers[each].append(index)
    ready = [index for index, many in enumerate(left) if not many]
    order = []
    while ready:
        index = heapq.heappop(ready)
        order.append(index)
        for each in followers[index]:
            left[each] -= 1
            if not left[each]:
                heapq.heappush(ready, each)
    return order


def _cycle(graph: onnx.GraphProto, waits: Sequence[set[int]], done: set[int]) -> str:
    """One cycle in words. Every node that is not done waits for another one that is not."""
    index = next(each for each in range(len(waits)) if each not in done)
    path: list[int] = []
    while index not in path:
        path.append(index)
        index = min(waits[index] - done)
    cycle = [_called(graph.node[each]) for each in reversed(path[path.index(index) :])]
    return f"its graph has a cycle: {' feeds '.join((*cycle, cycle[0]))}"


def _called(node: onnx.NodeProto) -> str:
    return f"'{node.name or next(iter(node.output), '')}' ({node.op_type})"
