"""
Which integers an input holds.

Files of this dialect declare their inputs as float32 (section 3.1), so the graph says less than one
would like. What it does not say is int8, unless the user or, beyond int8, a sample says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from vplat.deploy.network import Element
from vplat.deploy.read.file_graph import FileGraph, FileInput, FileNode, Numbers, names_of
from vplat.errors import DeployError

PRODUCTS: Final = ("MatMul", "Gemm", "Conv", "RQMatMul", "RQGemm", "RequantizedGemm")
OTHERS_ON_BYTES: Final = (
    "iLayerNorm",
    "iRMSNorm",
    "iNoNorm",
    "iSoftmax",
    "ITAMax",
    "ITAPartialMax",
    "ITASoftmax",
    "iGELU",
    "iHardswish",
    "ITAGELU",
    "RequantizediGELU",
    "RequantizediHardswish",
)
MOVING: Final = (
    "Cast",
    "Dropout",
    "Flatten",
    "Gather",
    "Identity",
    "MaxPool",
    "GlobalMaxPool",
    "GlobalAveragePool",
    "AveragePool",
    "IntegerMean",
    "Pad",
    "ReduceMean",
    "Relu",
    "Reshape",
    "Slice",
    "Split",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
)
"""Kinds whose result has the element type of their first operand."""

BYTES: Final = {"int8": Element.INT8, "uint8": Element.UINT8, "bool": Element.UINT8}


INTEGERS: Final = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
NUMBERS: Final = (*INTEGERS, "bool", "float16", "float32", "float64")


def input_elements(
    graph: FileGraph,
    given: Mapping[str, Element],
    samples: Sequence[Numbers] | None,
) -> tuple[dict[str, Element], list[str]]:
    """
    The element type of every input, and notes on those that a sample has widened. In this order:

    1. What the user says (``given``).
    2. A declared int8 or uint8; bool is uint8.
    3. A wider declared integer is int32, unless an operator that computes on bytes takes the input.
    4. Everything else is int8. Where a sample has a value past it, it is the narrowest of uint8
       and int32 that has the sample.

    :raises DeployError: ``given`` names no input of the network, or one of them has no numbers
    """
    unknown = sorted(set(given) - {each.name for each in graph.inputs})
    if unknown:
        has = names_of(each.name for each in graph.inputs)
        raise DeployError(f"it has no input '{unknown[0]}' to give a type; it has {has}")
    for each in graph.inputs:
        if each.declared not in NUMBERS:
            raise DeployError(
                f"input '{each.name}' is declared {each.declared}, but numbers of the usual types"
                " are needed"
            )
    on_bytes = _taken_as_bytes(graph.nodes)
    elements, notes = {}, []
    for index, each in enumerate(graph.inputs):
        sample = samples[index] if samples is not None and index < len(samples) else None
        element = given.get(each.name) or _declared(each, on_bytes)
        if element is None:
            element = _of_sample(sample)
            if element is not Element.INT8:
                notes.append(
                    f"input '{each.name}' is declared {each.declared}, and its sample does not fit"
                    f" int8, so it is {element.value}; --input-type {each.name}={element.value}"
                    " says so without a sample"
                )
        elements[each.name] = element
    return elements, notes


def _declared(given: FileInput, on_bytes: set[str]) -> Element | None:
    if given.declared in BYTES:
        return BYTES[given.declared]
    if given.declared in INTEGERS and given.name not in on_bytes:
        return Element.INT32
    return None


def _of_sample(sample: Numbers | None) -> Element:
    if sample is None or not sample.size or sample.dtype.kind not in "biuf":
        return Element.INT8
    least, greatest = sample.min(), sample.max()
    if not (np.isfinite(least) and np.isfinite(greatest)):
        return Element.INT8
    order = (Element.INT8, Element.UINT8)
    fits = (each for each in order if each.least <= least and greatest <= each.greatest)
    return next(fits, Element.INT32)


def _taken_as_bytes(nodes: Sequence[FileNode]) -> set[str]:
    """Tensors that reach, moved at most, an operand that has eight bits (section 3)."""
    result: set[str] = set()
    for node in reversed(nodes):
        if node.kind in PRODUCTS:
            result.update(node.inputs[:2])
        elif node.kind in OTHERS_ON_BYTES or (
            node.kind in MOVING and result.intersection(node.outputs)
        ):
            result.update(node.inputs[:1])
        elif node.kind == "Concat" and result.intersection(node.outputs):
            result.update(node.inputs)
    return result
