"""Float networks, quantised, read and computed on integers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.deploy.qdq_models import Graph, steps_apart
from vplat.deploy.network.operators import Requantise
from vplat.deploy.quantise import Method, quantise, read_samples
from vplat.deploy.quantise.quantising import exact_scale
from vplat.deploy.read.qdq import read_qdq
from vplat.errors import DeployError

SEQUENCE, WIDTH, HEADS, INNER = 16, 32, 2, 64


def linear(graph: Graph, x: str, random: np.random.Generator, inner: int, columns: int) -> str:
    weights = random.standard_normal((inner, columns)) / np.sqrt(inner)
    product = graph.node("MatMul", x, graph.parameter(weights))
    return graph.node("Add", product, graph.parameter(0.1 * random.standard_normal(columns)))


def attention(graph: Graph, x: str, random: np.random.Generator) -> str:
    split = graph.parameter([1, SEQUENCE, HEADS, WIDTH // HEADS], np.int64)
    heads = []
    for order in ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]):
        made = graph.node("Reshape", linear(graph, x, random, WIDTH, WIDTH), split)
        heads.append(graph.node("Transpose", made, perm=order))
    logits = graph.node("MatMul", heads[0], heads[1])
    scaled = graph.node("Mul", logits, graph.parameter(np.sqrt(HEADS / WIDTH)))
    mixed = graph.node("MatMul", graph.node("Softmax", scaled, axis=-1), heads[2])
    flat = graph.parameter([1, SEQUENCE, WIDTH], np.int64)
    joined = graph.node("Reshape", graph.node("Transpose", mixed, perm=[0, 2, 1, 3]), flat)
    return linear(graph, joined, random, WIDTH, WIDTH)


def normalised(graph: Graph, x: str, random: np.random.Generator) -> str:
    weight = graph.parameter(1 + 0.1 * random.standard_normal(WIDTH))
    bias = graph.parameter(0.1 * random.standard_normal(WIDTH))
    return graph.node("LayerNormalization", x, weight, bias, axis=-1)


def encoder_layer(seed: int = 0) -> onnx.ModelProto:
    """A transformer's layer in float."""
    random = np.random.default_rng(seed)
    graph = Graph()
    x = graph.input("x", 1, SEQUENCE, WIDTH)
    first = graph.node("Add", attention(graph, normalised(graph, x, random), random), x)
    hidden = linear(graph, normalised(graph, first, random), random, WIDTH, INNER)
    hidden = linear(graph, graph.node("Gelu", hidden), random, INNER, WIDTH)
    return graph.model(graph.node("Add", hidden, first))


def samples(count: int, seed: int = 1) -> list[dict[str, np.ndarray]]:
    random = np.random.default_rng(seed)
    shape = (1, SEQUENCE, WIDTH)
    return [{"x": random.standard_normal(shape).astype(np.float32)} for _ in range(count)]


@pytest.mark.parametrize("symmetric", [True, False])
def test_a_quantised_layer_agrees_with_onnxruntime_within_a_step(symmetric: bool) -> None:
    model = quantise(encoder_layer(), samples(4), symmetric=symmetric)
    read = read_qdq(model)
    apart = np.concatenate(
        [steps_apart(read, model, each)[0].reshape(-1) for each in samples(4, seed=2)]
    )
    assert np.mean(apart <= 1.001) >= 0.99


def test_every_product_has_a_multiplier_of_eight_bits() -> None:
    network = read_qdq(quantise(encoder_layer(), samples(4))).network
    by_output = {node.output: node for node in network.nodes}
    products = [
        node
        for node in network.nodes
        if isinstance(node.operator, Requantise)
        and not node.name.startswith(("add_", "y"))
        and "_product" in " ".join((*node.inputs, *by_output[node.inputs[0]].inputs))
    ]
    assert len(products) == 8
    for node in products:
        assert network.constants[node.inputs[1]].max() <= 255


@pytest.mark.parametrize("method", [Method.ENTROPY, Method.PERCENTILE])
def test_ranges_may_follow_from_distributions(method: Method) -> None:
    assert read_qdq(quantise(encoder_layer(), samples(4), method=method)).network.nodes


def test_the_same_data_gives_the_same_network() -> None:
    first, second = (quantise(encoder_layer(), samples(2)) for _ in range(2))
    assert first.SerializeToString() == second.SerializeToString()


@given(some.floats(1e-6, 10), some.floats(1e-6, 10))
def test_a_tuned_scale_is_exact_and_hardly_larger(product: float, wanted: float) -> None:
    scale = exact_scale(product, wanted)
    assert wanted <= scale * (1 + 1e-12)
    if wanted * 2.0**-22 < product < wanted * 255:
        assert scale <= wanted * (1 + 1 / 126)
        ratio = product / scale
        shift = np.floor(np.log2(255 / ratio))
        assert abs(ratio * 2.0**shift - round(ratio * 2.0**shift)) < 1e-6


def test_a_network_that_is_quantised_already_is_refused() -> None:
    model = quantise(encoder_layer(), samples(1))
    with pytest.raises(DeployError, match="quantised already"):
        quantise(model, samples(1))


def test_samples_are_read_in_each_layout(tmp_path: Path) -> None:
    model = encoder_layer()
    for shape, count in (
        ((1, SEQUENCE, WIDTH), 1),
        ((3, 1, SEQUENCE, WIDTH), 3),
        ((3, SEQUENCE, WIDTH), 3),
    ):
        path = tmp_path / "data.npz"
        np.savez(path, x=np.zeros(shape))
        read = read_samples(path, model)
        assert [each["x"].shape for each in read] == [(1, SEQUENCE, WIDTH)] * count


@pytest.mark.parametrize(
    ("arrays", "complaint"),
    [
        ({"x": np.zeros((3, 4))}, "has the shape \\[3, 4\\]"),
        ({"x": np.full((1, SEQUENCE, WIDTH), np.nan)}, "not finite"),
        ({"x": np.zeros((1, SEQUENCE, WIDTH), complex)}, "complex128"),
        ({}, "no data for 'x'"),
    ],
)
def test_samples_that_do_not_fit_are_refused(
    tmp_path: Path, arrays: dict[str, np.ndarray], complaint: str
) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]  # names are not those of its options
    with pytest.raises(DeployError, match=complaint):
        read_samples(path, encoder_layer())


def test_a_file_that_is_no_npz_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    path.write_text("numbers")
    with pytest.raises(DeployError, match=r"data\.npz is not an \.npz"):
        read_samples(path, encoder_layer())
