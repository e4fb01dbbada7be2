"""Which nodes go to ITA, in which form, and the reasons of those that do not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.deploy.ita_networks import Blocks, kinds
from tests.deploy.ita_programs import ARENA_BYTES, rates_of
from vplat.deploy.ita import ItaMatching, Target, prepared, with_norms_beside
from vplat.deploy.ita.attention_layer import AttentionLayer
from vplat.deploy.ita.product_layer import ProductLayer
from vplat.deploy.ita.sum_layer import SumLayer
from vplat.deploy.layers.layer import Layer
from vplat.deploy.layers.lowering import lower
from vplat.deploy.models.building import build
from vplat.deploy.network import Element, Network
from vplat.deploy.network.operators import (
    Add,
    Convolution,
    ItaGelu,
    LayerNorm,
    MatMul,
    NoNorm,
    Relu,
    Scale,
    Softmax2,
    Transpose,
)
from vplat.deploy.read.read_network import read_network
from vplat.deploy.reference import evaluate
from vplat.plugins import Plugins
from vplat.session.boards import find_board

TARGET = Target(rates_of("snitch-ita"), ARENA_BYTES)


def lowered(blocks: Blocks, *outputs: str) -> tuple[tuple[Layer, ...], dict[str, str]]:
    """Layers and reasons; the prepared network has the values of the original one."""
    network = blocks.network(*outputs)
    made = prepared(network, TARGET)
    inputs = blocks.sample()
    before, after = evaluate(network, inputs), evaluate(made, inputs)
    assert all(np.array_equal(before[name], after[name]) for name in outputs)
    matching = ItaMatching(TARGET)
    return lower(made, matching.matchers).layers, matching.reasons


def test_a_linear_layer_is_one_product() -> None:
    blocks = Blocks()
    layers, reasons = lowered(blocks, blocks.linear(blocks.input(1, 70, 100), 130))
    assert kinds(layers) == [("ITA", "product")]
    assert layers[0].operations == 70 * 100 * 130
    assert reasons == {}


@pytest.mark.parametrize("mult", [77, -77])
def test_a_negative_scale_goes_into_weights_and_bias(mult: int) -> None:
    blocks = Blocks()
    x = blocks.input(1, 4, 8)
    sums = blocks.node(MatMul(), x, blocks.constant(np.ones((8, 6), np.int64), Element.INT8))
    layers, _ = lowered(blocks, blocks.requantised(sums, mult))
    assert isinstance(layers[0], ProductLayer)
    right = layers[0].product.right
    assert isinstance(right, np.ndarray)
    assert set(right.reshape(-1).tolist()) == {1 if mult > 0 else -1}


def test_activations_with_their_requantisation_are_part_of_a_product() -> None:
    blocks = Blocks()
    x = blocks.input(1, 64, 64)
    gelu = blocks.requantised(blocks.node(ItaGelu(-80, -7091), blocks.linear(x, 64)), 74, 20)
    relu = blocks.requantised(blocks.node(Relu(), blocks.linear(x, 64)), 200, 7)
    plain = blocks.node(Relu(), blocks.linear(x, 64))
    layers, _ = lowered(blocks, gelu, relu, plain)
    assert kinds(layers) == [("ITA", "product")] * 3


def test_attention_of_several_heads_is_one_layer_and_its_values_come_transposed() -> None:
    blocks = Blocks()
    layers, reasons = lowered(blocks, blocks.attention(blocks.input(1, 100, 96), 3))
    assert reasons == {}
    assert kinds(layers) == [("ITA", "product")] * 3 + [("ITA", "attention")]
    attention = layers[-1]
    assert isinstance(attention, AttentionLayer)
    assert (attention.attention.count, attention.attention.width) == (3, 32)
    assert attention.guarded
    turned = [
        each for each in layers if isinstance(each, ProductLayer) and each.product.bias_by_rows
    ]
    assert [each.product.out.rows for each in turned] == [96]


def test_another_softmax_is_left_to_the_harts_and_nothing_is_transposed_for_it() -> None:
    blocks = Blocks()
    result = blocks.attention(blocks.input(1, 64, 64), 2, Softmax2(65280, 5, None))
    layers, reasons = lowered(blocks, result)
    assert Counter(kinds(layers))["ITA", "product"] == 3
    assert not any(isinstance(each, AttentionLayer) for each in layers)
    assert not any(isinstance(each, ProductLayer) and each.product.bias_by_rows for each in layers)
    assert any("is not ITA's" in reason for reason in reasons.values())


def test_residual_sums_and_no_norm_are_products_with_diagonals() -> None:
    blocks = Blocks()
    x = blocks.input(1, 70, 100)
    both = blocks.node(Add(), blocks.node(Scale(3), x), blocks.linear(x, 100))
    three = blocks.requantised(blocks.node(Add(), both, blocks.linear(x, 100)), 91, 8)
    weights, bias = blocks.weights(100), blocks.constant(np.arange(100) * 50)
    layers, reasons = lowered(blocks, blocks.node(NoNorm(3, 9), three, weights, bias))
    assert reasons == {}
    assert kinds(layers)[2:] == [("ITA", "sum")] * 2
    total = layers[2]
    assert isinstance(total, SumLayer)
    assert sorted(total.scaled.scales.tolist()) == [1, 1, 3]


def test_a_convolution_in_one_dimension_multiplies_rows_that_overlap() -> None:
    blocks = Blocks()
    x = blocks.input(1, 40, 90)
    weights, bias = blocks.weights(50, 40, 3), blocks.constant(np.arange(50) * 9)
    convolved = blocks.node(Convolution((2,), (1, 1), (1,)), x, weights, bias)
    inner = blocks.requantised(convolved)
    turned = blocks.node(Transpose((0, 2, 1)), blocks.node(Relu(), inner))
    layers, _ = lowered(blocks, turned)
    assert [engine for engine, kind in kinds(layers) if kind != "movement"] == ["ITA"]
    product = layers[-1]
    assert isinstance(product, ProductLayer)
    left = product.product.left
    assert not isinstance(left, np.ndarray)
    assert (left.rows, left.columns, left.stride) == (45, 120, 80)


def test_patches_that_do_not_overlap_are_put_into_rows() -> None:
    blocks = Blocks()
    x, weights = blocks.input(1, 3, 29, 42), blocks.weights(20, 3, 7, 7)
    convolved = blocks.node(Convolution((7, 7), (0, 0, 0, 0), (1, 1)), x, weights)
    layers, _ = lowered(blocks, blocks.requantised(convolved))
    assert ("ITA", "product") in kinds(layers)


def test_a_convolution_that_ITA_cannot_finish_stays_one() -> None:  # noqa: N802 - a name
    blocks = Blocks()
    x, weights = blocks.input(1, 40, 90), blocks.weights(50, 40, 3)
    convolved = blocks.node(Convolution((1,), (1, 1), (1,)), x, weights)
    layers, _ = lowered(blocks, blocks.requantised(convolved, 257))
    assert kinds(layers) == [("cores", "convolution")]


def test_every_block_that_stays_on_the_harts_has_its_reason() -> None:
    blocks = Blocks()
    x, unsigned = blocks.input(1, 8, 70), blocks.input(1, 8, 70, element=Element.UINT8)
    wide = blocks.linear(x, 10, mult=257)
    bytes_ = blocks.requantised(blocks.node(MatMul(), unsigned, blocks.weights(70, 10)))
    sums = blocks.node(MatMul(), x, blocks.weights(70, 10))
    long = blocks.requantised(
        blocks.node(MatMul(), blocks.input(1, 2, 1000), blocks.weights(1000, 4))
    )
    both = blocks.requantised(
        blocks.node(MatMul(), x, blocks.node(Transpose((0, 2, 1)), blocks.input(1, 9, 70)))
    )
    layers, reasons = lowered(blocks, wide, bytes_, sums, long, both)
    assert all(engine != "ITA" for engine, _ in kinds(layers))
    assert {reasons[name] for name in (wide, bytes_, sums, long, both)} == {
        "its multiplier 257 does not fit ITA's 8 bits",
        "an operand is uint8, and ITA multiplies int8",
        "its sums are not requantised to int8",
        "it sums over 1000, and ITA over 960 at most",
        "neither of its operands is constant",
    }


def test_without_room_in_l1_a_product_is_left_to_the_harts() -> None:
    blocks = Blocks()
    result = blocks.linear(blocks.input(1, 64, 640), 64)
    matching = ItaMatching(Target(TARGET.rates, 8 * 1024))
    layers = lower(blocks.network(result), matching.matchers).layers
    assert kinds(layers) == [("cores", "product")]
    assert "there is too little L1" in matching.reasons[result]


@pytest.mark.parametrize(
    ("board", "is_target"), [("snitch-ita", True), ("pulp-ita", True), ("snitch-ita-2024", False)]
)
def test_the_first_release_of_ita_is_no_target(board: str, is_target: bool) -> None:
    found = Target.of(find_board(board, Plugins(installed=False)), ARENA_BYTES)
    assert (found is not None) is is_target


def test_a_norm_that_only_products_read_is_done_beside_them() -> None:
    blocks = Blocks()
    x = blocks.input(1, 70, 64)
    weights, bias = (blocks.constant(np.arange(64) * factor) for factor in (900, 31))
    made = blocks.node(LayerNorm(12), x, weights, bias)
    network = blocks.network(blocks.attention(made, 2))
    low = lower(prepared(network, TARGET), ItaMatching(TARGET).matchers)
    assert kinds(low.layers)[0] == ("cores", "normalisation")
    joined = with_norms_beside(low, TARGET)
    assert kinds(joined.layers) == [("ITA", "norm and products"), ("ITA", "attention")]
    assert joined.layers[0].inputs == (x,)
    assert len(joined.layers[0].outputs) == 3


def test_a_norm_that_others_read_too_stays_a_layer() -> None:
    blocks = Blocks()
    x = blocks.input(1, 70, 64)
    weights, bias = (blocks.constant(np.arange(64) * factor) for factor in (900, 31))
    made = blocks.node(LayerNorm(12), x, weights, bias)
    network = blocks.network(blocks.linear(made, 64), made)
    low = with_norms_beside(lower(prepared(network, TARGET), ItaMatching(TARGET).matchers), TARGET)
    assert kinds(low.layers) == [("cores", "normalisation"), ("ITA", "product")]


def read(name: str, folder: Path) -> Network:
    path = folder / "model.onnx"
    path.write_bytes(build(name, layers=1, sequence=33).SerializeToString())
    return read_network(path).network


@pytest.mark.parametrize(
    ("name", "attention", "harts"),
    [
        ("mobilebert", 1, Counter()),
        ("dinov2-small", 1, Counter({"normalisation": 1})),
        ("whisper-tiny-encoder", 1, Counter({"normalisation": 1, "add": 1})),
    ],
)
def test_of_the_paper_s_networks_only_the_last_norm_and_movement_stay_on_the_harts(
    name: str, attention: int, harts: Counter[str], tmp_path: Path
) -> None:
    network = read(name, tmp_path)
    low = lower(prepared(network, TARGET), ItaMatching(TARGET).matchers)
    layers = with_norms_beside(low, TARGET).layers
    found = Counter(kinds(layers))
    assert found["ITA", "attention"] == attention
    left = Counter(
        kind for engine, kind in kinds(layers) if engine == "cores" and kind != "movement"
    )
    assert left == harts
