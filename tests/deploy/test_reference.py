"""The host reference: what it keeps, what it refuses, and how it says where something differs."""

from __future__ import annotations

import numpy as np
import pytest

from vplat.deploy.network import Element, Network, Node, TensorType
from vplat.deploy.network.operators import Add, MatMul, Relu, Requantise
from vplat.deploy.reference import evaluate, first_difference
from vplat.errors import DeployError

BYTE, WIDE = TensorType(Element.INT8, (2, 2)), TensorType(Element.INT32, (2, 2))
SCALAR = TensorType(Element.INT32, ())
NETWORK = Network(
    "net",
    ("x",),
    ("y",),
    (
        Node("product", MatMul(), ("x", "w"), "p"),
        Node("back", Requantise(1, Element.INT8), ("p", "one", "none"), "r"),
        Node("last", Relu(), ("r",), "y"),
    ),
    {"x": BYTE, "w": BYTE, "p": WIDE, "r": BYTE, "y": BYTE, "one": SCALAR, "none": SCALAR},
    {
        "w": np.array([[1, 2], [3, 4]], dtype=np.int64),
        "one": np.array(1, dtype=np.int64),
        "none": np.array(0, dtype=np.int64),
    },
)
X = np.array([[5, -6], [7, 8]], dtype=np.int64)
RESULTS = {
    "x": X.tolist(),
    "p": [[-13, -14], [31, 46]],
    "r": [[-6, -7], [16, 23]],
    "y": [[0, 0], [16, 23]],
}


def test_every_tensor_is_evaluated_from_inputs_by_name_or_in_order() -> None:
    for inputs in ([X], {"x": X}):
        tensors = evaluate(NETWORK, inputs)
        assert {name: tensors[name].tolist() for name in tensors} == RESULTS
        assert len(tensors) == 4
        assert tensors["y"].dtype == np.int64


def test_tensors_are_dropped_after_their_last_use_unless_they_are_wanted() -> None:
    tensors = evaluate(NETWORK, [X], wanted={"p", "y"}.__contains__)
    assert {name: tensors[name].tolist() for name in tensors} == {
        name: RESULTS[name] for name in ("p", "y")
    }


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, "there are no values for the input 'x'"),
        ([], "there are 0 arrays, but the network has 1 input"),
        ({"x": X[0]}, "tensor 'x' has shape 2 instead of 2x2"),
        ({"x": X * 20}, "tensor 'x' has 140 at \\[1, 0\\], which is not int8 \\(-128 to 127\\)"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(inputs: object, message: str) -> None:
    with pytest.raises(DeployError, match=message):
        evaluate(NETWORK, inputs)  # type: ignore[arg-type]


def test_a_result_beyond_int32_is_told_with_its_node() -> None:
    network = Network(
        "net",
        ("x",),
        ("y",),
        (Node("twice", Add(), ("x", "x"), "y"),),
        {"x": WIDE, "y": WIDE},
        {},
    )
    with pytest.raises(DeployError, match=r"node 'twice': tensor 'y' has 2147483648 at \[0, 1\]"):
        evaluate(network, [np.array([[1, 1 << 30], [0, 0]], dtype=np.int64)])


def test_the_first_layer_that_differs_is_told_with_its_first_element() -> None:
    expected = evaluate(NETWORK, [X])
    got = {name: expected[name] for name in expected}
    assert first_difference(NETWORK, expected, got) is None
    got["y"] = got["y"] + 1
    got["r"] = got["r"] - np.array([[0, 0], [1, 1]])
    found = first_difference(NETWORK, expected, got)
    assert found is not None
    assert (found.layer, found.index, found.expected, found.got) == ("back", (1, 0), 16, 15)
    assert str(found) == (
        "layer 'back' differs first: 'r' at [1, 0] is 15 instead of 16; 2 of its 4 elements differ"
    )


def test_only_tensors_on_both_sides_are_compared() -> None:
    expected = evaluate(NETWORK, [X])
    assert first_difference(NETWORK, expected, {}) is None
    found = first_difference(NETWORK, {"y": expected["y"]}, {"y": expected["y"] * 2})
    assert found is not None
    assert found.count == 2
    with pytest.raises(DeployError, match="layer 'last': 'y' has shape 2 instead of 2x2"):
        first_difference(NETWORK, expected, {"y": expected["y"][0]})
