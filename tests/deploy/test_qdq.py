"""Networks in the QDQ dialect, against onnxruntime."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.deploy.qdq_models import Graph, steps_apart
from vplat.deploy.network import Element
from vplat.deploy.network.operators import Add, MatMul, Requantise
from vplat.deploy.read import read_network
from vplat.deploy.read.qdq import is_qdq, read_qdq
from vplat.errors import DeployError

UNARY: dict[str, dict[str, Any]] = {
    "Abs": {},
    "Elu": {},
    "Erf": {},
    "Exp": {},
    "Gelu": {},
    "HardSigmoid": {},
    "HardSwish": {},
    "LeakyRelu": {"alpha": 0.1},
    "Neg": {},
    "Relu": {},
    "Sigmoid": {},
    "Softplus": {},
    "Tanh": {},
}


def numbers(seed: int = 7) -> np.random.Generator:
    return np.random.default_rng(seed)


def sample(*shape: int) -> np.ndarray:
    return numbers(sum(shape)).standard_normal(shape).astype(np.float32)


def within(graph: Graph, output: str, steps: float, **inputs: np.ndarray) -> float:
    """The part of the elements that are at most so many steps from onnxruntime's."""
    model = graph.model(output)
    [apart] = steps_apart(read_qdq(model), model, inputs)
    assert apart.size
    return float(np.mean(apart <= steps + 1e-3))


@pytest.mark.parametrize("kind", UNARY)
def test_a_function_of_one_value_is_a_table(kind: str) -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 4, 32), 0.03, -5)
    y = graph.stored(graph.node(kind, x, **UNARY[kind]), 0.05, 3)
    values = sample(4, 32) * 2
    assert within(graph, y, 1, x=values) == 1
    assert within(graph, y, 0, x=values) > 0.98  # float32 rounds halves either way


def test_a_gelu_written_out_with_erf_is_one_table() -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 4, 32), 0.03, -5)
    inner = graph.node("Erf", graph.node("Div", x, graph.parameter(np.sqrt(2))))
    doubled = graph.node("Mul", x, graph.node("Add", inner, graph.parameter(1)))
    y = graph.stored(graph.node("Mul", doubled, graph.parameter(0.5)), 0.03, -100)
    model = graph.model(y)
    assert len(read_qdq(model).network.nodes) == 1
    assert within(graph, y, 0, x=sample(4, 32)) == 1


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
@pytest.mark.parametrize("zero", [0, 9])
def test_a_product_with_weights_is_exact_whatever_the_zero_points(dtype: type, zero: int) -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 2, 8, 24), 0.02, zero, dtype)
    weights = graph.weights(numbers().integers(-127, 128, (24, 16)), 0.01)
    product = graph.node("MatMul", x, weights)
    biased = graph.node("Add", product, graph.parameter(numbers().standard_normal(16)))
    y = graph.stored(biased, 0.05, -zero if dtype is np.int8 else zero, dtype)
    assert within(graph, y, 0, x=sample(2, 8, 24)) > 0.97
    assert within(graph, y, 1, x=sample(2, 8, 24)) == 1


@pytest.mark.parametrize(("left", "right"), [(0, 0), (5, 0), (0, -7), (11, 3)])
def test_a_product_of_two_tensors_is_exact_whatever_the_zero_points(left: int, right: int) -> None:
    graph = Graph()
    a = graph.stored(graph.input("a", 2, 6, 16), 0.02, left)
    b = graph.stored(graph.input("b", 2, 16, 10), 0.03, right)
    y = graph.stored(graph.node("MatMul", a, b), 0.1, 2)
    assert within(graph, y, 1, a=sample(2, 6, 16), b=sample(2, 16, 10)) == 1
    assert within(graph, y, 0, a=sample(2, 6, 16), b=sample(2, 16, 10)) > 0.99


def test_a_gemm_has_its_factors_and_its_transposed_sides() -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 24, 6), 0.02, 4)
    weights = graph.weights(numbers().integers(-127, 128, (10, 24)), 0.01)
    bias = graph.parameter(numbers().standard_normal(10))
    made = graph.node("Gemm", x, weights, bias, transA=1, transB=1, alpha=0.5, beta=2.0)
    assert within(graph, graph.stored(made, 0.05, -3), 1, x=sample(24, 6)) == 1


def test_weights_may_have_a_scale_for_each_column() -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 5, 24), 0.02)
    weights = graph.weights(
        numbers().integers(-127, 128, (24, 8)), np.linspace(0.005, 0.02, 8), axis=1
    )
    assert (
        within(graph, graph.stored(graph.node("MatMul", x, weights), 0.05), 1, x=sample(5, 24)) == 1
    )


@pytest.mark.parametrize(
    "attributes", [{}, {"pads": [1, 2, 1, 0], "strides": [2, 1]}, {"group": 4}]
)
def test_a_convolution_pads_with_the_zero_point(attributes: dict[str, Any]) -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 1, 4, 9, 8), 0.02, -20)
    channels = 4 // int(str(attributes.get("group", 1)))
    weights = graph.weights(numbers().integers(-127, 128, (8, channels, 3, 3)), 0.01)
    bias = graph.parameter(numbers().standard_normal(8))
    y = graph.stored(graph.node("Conv", x, weights, bias, **attributes), 0.04, 6)
    assert within(graph, y, 1, x=sample(1, 4, 9, 8)) == 1


@pytest.mark.parametrize("zeros", [100, [100, 128, 3, 255, 0, 90, 1, 200]])
def test_a_convolution_may_have_weights_that_int8_cannot_centre(zeros: Any) -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 1, 4, 9, 8), 0.02, -20)
    scale = graph.parameter(np.full(np.shape(zeros), 0.01))
    integers = graph.parameter(numbers().integers(0, 256, (8, 4, 3, 3)), np.uint8)
    zero = graph.parameter(zeros, np.uint8)
    weights = graph.node("DequantizeLinear", integers, scale, zero, axis=0)
    y = graph.stored(graph.node("Conv", x, weights, pads=[1, 1, 1, 1]), 0.1, 6)
    assert within(graph, y, 1, x=sample(1, 4, 9, 8)) == 1


@pytest.mark.parametrize("zeros", [100, [100, 128, 3, 255, 0, 90, 1, 200]])
def test_a_product_may_have_weights_that_int8_cannot_centre(zeros: Any) -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 5, 24), 0.02, 7)
    scale = graph.parameter(np.full(np.shape(zeros), 0.01))
    integers = graph.parameter(numbers().integers(0, 256, (24, 8)), np.uint8)
    zero = graph.parameter(zeros, np.uint8)
    weights = graph.node("DequantizeLinear", integers, scale, zero, axis=1)
    y = graph.stored(graph.node("MatMul", x, weights), 0.2, 6)
    assert within(graph, y, 1, x=sample(5, 24)) == 1


def test_a_product_and_its_relu_need_no_scale_between_them() -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 5, 24), 0.02)
    product = graph.node("MatMul", x, graph.weights(numbers().integers(-127, 128, (24, 8)), 0.01))
    y = graph.stored(graph.node("Relu", product), 0.03, -128)
    assert within(graph, y, 1, x=sample(5, 24)) == 1


def test_a_sum_of_tensors_at_different_scales_is_rounded_once() -> None:
    graph = Graph()
    a = graph.stored(graph.input("a", 4, 16), 0.02, 3)
    b = graph.stored(graph.input("b", 4, 16), 0.07, -9)
    y = graph.stored(graph.node("Add", a, b), 0.05, 1)
    assert within(graph, y, 0, a=sample(4, 16), b=sample(4, 16)) == 1


@pytest.mark.parametrize("kind", ["Sub", "Mul"])
def test_two_tensors_can_be_joined_by(kind: str) -> None:
    graph = Graph()
    a = graph.stored(graph.input("a", 4, 16), 0.02, 3)
    b = graph.stored(graph.input("b", 4, 16), 0.02, -100)
    y = graph.stored(graph.node(kind, a, b), 0.1)
    assert within(graph, y, 1, a=sample(4, 16), b=sample(4, 16) + 1) == 1


def test_a_tensor_has_parameters_added_and_multiplied_by_column() -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 4, 16), 0.02, 3)
    scaled = graph.node("Mul", x, graph.parameter(numbers().uniform(0.5, 2, 16)))
    moved = graph.node("Add", scaled, graph.parameter(numbers().standard_normal(16)))
    assert within(graph, graph.stored(moved, 0.05, 1), 0, x=sample(4, 16)) > 0.98


@pytest.mark.parametrize(("scale", "zero"), [(1 / 255, -128), (1 / 127, 0)])
def test_softmax_is_within_a_step(scale: float, zero: int) -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 3, 7, 50), 0.04, 2)
    y = graph.stored(graph.node("Softmax", x, axis=-1), scale, zero)
    assert within(graph, y, 1, x=sample(3, 7, 50)) == 1
    assert within(graph, y, 0, x=sample(3, 7, 50)) > 0.99


@pytest.mark.parametrize("columns", [16, 100, 1024])
def test_layer_normalisation_is_within_a_step(columns: int) -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 9, columns), 0.03, -4)
    weight, bias = numbers().uniform(0.5, 2, columns), numbers().standard_normal(columns)
    parameters = graph.parameter(weight), graph.parameter(bias)
    y = graph.stored(graph.node("LayerNormalization", x, *parameters, axis=-1), 0.05, 7)
    assert within(graph, y, 1, x=sample(9, columns)) == 1
    assert within(graph, y, 0, x=sample(9, columns)) > 0.99


MOVES: dict[str, Callable[[Graph, str], str]] = {
    "Reshape": lambda g, x: g.node("Reshape", x, g.parameter([0, -1, 2], np.int64)),
    "Transpose": lambda g, x: g.node("Transpose", x, perm=[2, 0, 1]),
    "Flatten": lambda g, x: g.node("Flatten", x, axis=2),
    "Unsqueeze": lambda g, x: g.node("Unsqueeze", x, g.parameter([0, 2], np.int64)),
    "Gather": lambda g, x: g.node("Gather", x, g.parameter(1, np.int64), axis=1),
    "Slice": lambda g, x: g.node(
        "Slice", x, *(g.parameter([n], np.int64) for n in (-1, -9, 2, -2))
    ),
    "Pad": lambda g, x: g.node("Pad", x, g.parameter([0, 1, 0, 0, 0, 2], np.int64)),
}


@pytest.mark.parametrize("kind", MOVES)
def test_what_only_moves_values_has_no_error(kind: str) -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 2, 5, 6), 0.03, -4)
    assert within(graph, graph.stored(MOVES[kind](graph, x), 0.03, -4), 0, x=sample(2, 5, 6)) == 1


def test_tensors_at_different_scales_are_concatenated_at_the_scale_of_the_result() -> None:
    graph = Graph()
    a = graph.stored(graph.input("a", 2, 5), 0.02, 3)
    b = graph.stored(graph.input("b", 2, 4), 0.05, -9)
    y = graph.stored(graph.node("Concat", a, b, axis=1), 0.0413, 1)
    assert within(graph, y, 0, a=sample(2, 5), b=sample(2, 4)) == 1


@pytest.mark.parametrize("kind", ["ReduceMean", "GlobalAveragePool"])
def test_means_are_within_a_step(kind: str) -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 1, 5, 6, 4), 0.03, -4)
    axes = [graph.parameter([2, 3], np.int64)] if kind == "ReduceMean" else []
    assert (
        within(graph, graph.stored(graph.node(kind, x, *axes), 0.01), 1, x=sample(1, 5, 6, 4)) == 1
    )


def test_max_pool_keeps_the_scale() -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 1, 3, 8, 8), 0.03, -4)
    pooled = graph.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    assert within(graph, graph.stored(pooled, 0.03, -4), 0, x=sample(1, 3, 8, 8)) == 1


def test_qlinear_operators_are_read_as_what_they_are_made_of() -> None:
    graph = Graph()
    zero, one = graph.parameter(0, np.int8), graph.parameter(3, np.int8)
    sx, sw, sy = (graph.parameter(each) for each in (0.02, 0.01, 0.05))
    x = graph.node("QuantizeLinear", graph.input("x", 4, 24), sx, one)
    weights = graph.parameter(numbers().integers(-127, 128, (24, 8)), np.int8)
    product = graph.node("QLinearMatMul", x, sx, one, weights, sw, zero, sy, one)
    total = graph.node(
        "QLinearAdd", product, sy, one, product, sy, one, sy, zero, domain="com.microsoft"
    )
    y = graph.node("DequantizeLinear", total, sy, zero)
    assert within(graph, y, 1, x=sample(4, 24)) == 1


def test_a_multiplier_of_eight_bits_is_taken_where_it_is_exact() -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 4, 8), 2.0**-6)
    weights = graph.weights(numbers().integers(-127, 128, (8, 8)), 2.0**-6)
    network = read_qdq(
        graph.model(graph.stored(graph.node("MatMul", x, weights), 2.0**-4 / 3))
    ).network
    [requantise] = [n for n in network.nodes if isinstance(n.operator, Requantise)]
    assert network.constants[requantise.inputs[1]].reshape(-1).tolist() == [192]


def test_a_bias_and_the_zero_point_are_one_addition() -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 4, 8), 0.1, 5)
    weights = graph.weights(numbers().integers(-127, 128, (8, 8)), 0.1)
    made = graph.node("Add", graph.node("MatMul", x, weights), graph.parameter(sample(8)))
    nodes = read_qdq(graph.model(graph.stored(made, 0.3, 4))).network.nodes
    assert [type(node.operator) for node in nodes] == [MatMul, Add, Requantise]


def test_probabilities_from_minus_128_on_are_stored_without_a_zero_point() -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 4, 8), 0.1)
    network = read_qdq(graph.model(graph.stored(graph.node("Softmax", x), 1 / 255, -128))).network
    assert network.types[network.outputs[0]].element is Element.UINT8


@settings(max_examples=40, deadline=None)
@given(
    scales=some.tuples(*[some.floats(0.001, 1.0)] * 3),
    zeros=some.tuples(*[some.integers(-128, 127)] * 2),
    seed=some.integers(0, 2**32 - 1),
)
def test_a_product_at_any_scales_is_within_a_step(
    scales: tuple[float, float, float], zeros: tuple[int, int], seed: int
) -> None:
    random = np.random.default_rng(seed)
    graph = Graph()
    x = graph.stored(graph.input("x", 4, 12), scales[0], zeros[0])
    weights = graph.weights(random.integers(-127, 128, (12, 4)), scales[1])
    y = graph.stored(graph.node("MatMul", x, weights), scales[2], zeros[1])
    values = random.standard_normal((4, 12)).astype(np.float32)
    assert within(graph, y, 1, x=values) == 1


def test_all_that_cannot_be_lowered_is_told_at_once() -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 4, 8), 0.1)
    first = graph.stored(graph.node("CumSum", x, graph.parameter(1, np.int64)), 0.1)
    second = graph.stored(graph.node("TopKish", x), 0.1)
    with pytest.raises(DeployError) as told:
        read_qdq(graph.model(graph.node("Add", first, second)))
    assert "CumSum 'cumsum_2': there is no integer lowering" in str(told.value)
    assert "TopKish" in str(told.value)
    assert str(told.value).count("\n") == 2


def test_a_quotient_of_two_tensors_is_refused() -> None:
    graph = Graph()
    a, b = (graph.stored(graph.input(name, 4, 8), 0.1) for name in "ab")
    with pytest.raises(DeployError, match="Div of two tensors has no integer lowering"):
        read_qdq(graph.model(graph.stored(graph.node("Div", a, b), 0.1)))


def test_weights_that_are_float_are_refused() -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 4, 8), 0.1)
    y = graph.stored(graph.node("MatMul", x, graph.parameter(sample(8, 8))), 0.1)
    with pytest.raises(DeployError, match="are float; quantise them to int8"):
        read_qdq(graph.model(y))


def test_an_output_that_is_not_quantised_is_refused() -> None:
    graph = Graph()
    x = graph.stored(graph.input("x", 4, 8), 0.1)
    with pytest.raises(DeployError, match="put a QuantizeLinear behind it"):
        read_qdq(graph.model(graph.node("Softmax", x)))


def test_the_dialect_is_known_by_its_nodes() -> None:
    graph = Graph()
    x = graph.input("x", 4, 8)
    assert not is_qdq(graph.model(graph.node("Relu", x)))
    assert is_qdq(graph.model(graph.stored(x, 0.1)))


def small_file() -> bytes:
    graph = Graph()
    x = graph.stored(graph.input("x", 2, 8), 0.1, 3)
    weights = graph.weights(numbers().integers(-127, 128, (8, 4)), 0.01)
    bias = graph.parameter(sample(4))
    product = graph.stored(graph.node("Gemm", x, weights, bias), 0.1)
    joined = graph.node("Concat", graph.node("Gelu", product), product, axis=1)
    flat = graph.node("Reshape", graph.stored(joined, 0.1), graph.parameter([4, -1], np.int64))
    made: bytes = graph.model(
        graph.stored(graph.node("Softmax", flat), 1 / 255, -128)
    ).SerializeToString()
    return made


SMALL_FILE = small_file()


@settings(max_examples=300, deadline=None)
@given(
    changes=some.lists(
        some.tuples(some.integers(0, len(SMALL_FILE) - 1), some.integers(0, 255)), min_size=1
    )
)
def test_a_damaged_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    damaged = bytearray(SMALL_FILE)
    for place, value in changes:
        damaged[place] = value
    path = tmp_path_factory.mktemp("damaged") / "network.onnx"
    path.write_bytes(damaged)
    with contextlib.suppress(DeployError):
        read_network(path)
