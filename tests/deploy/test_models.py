"""The paper's networks as ONNX: the same everywhere, legal for ITA, close to the real ones."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from vplat.deploy import models
from vplat.deploy.models import NETWORKS
from vplat.errors import DeployError

if TYPE_CHECKING:
    from onnx import ModelProto

SMALL = {"mobilebert": 64, "dinov2-small": 17, "whisper-tiny-encoder": 32}
"""Sequence lengths for which one layer is made in a moment."""
DIGESTS = {
    "mobilebert": "0687b861467225a4",
    "dinov2-small": "ce44233af314c001",
    "whisper-tiny-encoder": "012c79aabc249a04",
}
"""Of the constants and nodes of the small variants with seed 0."""
ITA_INNER = 960


def small(name: str, seed: int = 0) -> ModelProto:
    """One layer of a short sequence."""
    return models.build(name, seed, layers=1, sequence=SMALL[name])


def constants(model: ModelProto) -> dict[str, Any]:
    """Every initialiser's values by its name."""
    from onnx import numpy_helper

    return {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}


def digest(model: ModelProto) -> str:
    """Of what the network computes, however it is encoded."""
    made = hashlib.sha256()
    for name, values in constants(model).items():
        made.update(f"{name} {values.dtype} {values.shape}".encode())
        made.update(values.astype("<i8").tobytes())
    for node in model.graph.node:
        made.update(f"{node.op_type} {node.input} {node.output}".encode())
    return made.hexdigest()[:16]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_model_has_the_bytes_that_every_machine_gives_it(name: str) -> None:
    assert digest(small(name)) == DIGESTS[name]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_second_build_gives_the_same_file_and_another_seed_another_one(name: str) -> None:
    first = small(name).SerializeToString(deterministic=True)
    assert small(name).SerializeToString(deterministic=True) == first
    assert small(name, seed=1).SerializeToString(deterministic=True) != first


@pytest.mark.parametrize("name", NETWORKS)
def test_onnx_finds_nothing_wrong_with_a_model(name: str) -> None:
    import onnx

    onnx.checker.check_model(small(name))


@pytest.mark.parametrize("name", NETWORKS)
def test_every_tensor_is_declared_with_an_integer_type_and_its_shape(name: str) -> None:
    from onnx import TensorProto

    graph = small(name).graph
    kinds = {TensorProto.INT8, TensorProto.UINT8, TensorProto.INT32}
    declared = {each.name: each.type.tensor_type for each in (*graph.value_info, *graph.output)}
    for node in graph.node:
        assert declared[node.output[0]].elem_type in kinds
        assert all(axis.dim_value > 0 for axis in declared[node.output[0]].shape.dim)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_operations_of_a_model_are_those_of_its_description(name: str) -> None:
    described = models.describe(name).multiply_accumulates
    assert models.operations(small(name)) == 2 * described(1, SMALL[name])


@pytest.mark.parametrize("name", NETWORKS)
def test_ita_can_take_every_product_and_its_requantisation(name: str) -> None:
    from onnx import helper, numpy_helper

    model = small(name)
    known = constants(model)
    makers = {node.output[0]: node for node in model.graph.node}
    for node in model.graph.node:
        inner = 0
        if node.op_type == "MatMul" and node.input[1] in known:
            inner = known[node.input[1]].shape[0]
        elif node.op_type == "Conv":
            inner = int(np.prod(known[node.input[1]].shape[1:]))
            assert np.abs(known.get("".join(node.input[2:]), np.zeros(1))).max() < 1 << 23
        assert inner <= ITA_INNER
        if node.op_type == "Add" and node.input[1] in known and known[node.input[1]].ndim == 1:
            assert makers[node.input[0]].op_type == "MatMul"
            assert np.abs(known[node.input[1]]).max() < 1 << 23
        if node.op_type == "ITAGELU":
            values = {
                each.name: numpy_helper.to_array(helper.get_attribute_value(each)).item()
                for each in node.attribute
            }
            assert all(-(1 << 15) <= value < 1 << 15 for value in values.values())
            assert values["b"] < 0
        if node.op_type == "RequantShift":
            source = makers[node.input[0]].op_type
            mult, add = known[node.input[1]].item(), known[node.input[2]].item()
            # The one exception is Whisper's second GELU, which stands behind a sum on the cores.
            assert mult in range(256) or (source, node.output[0]) == ("ITAGELU", "conv2")
            assert add == 0


def cosine(left: Any, right: Any) -> float:
    """Of two arrays as vectors."""
    product = float((left * right).sum())
    return product / float(np.sqrt((left**2).sum() * (right**2).sum()))


@pytest.mark.parametrize(
    ("name", "operations", "weights"),
    [("mobilebert", 5.34, 20.1), ("dinov2-small", 11.41, 21.6), ("whisper-tiny-encoder", 9.5, 7.8)],
)
def test_the_full_network_has_the_published_ones_size_and_is_close_to_the_real_one(
    name: str, operations: float, weights: float
) -> None:
    # In millions; DINOv2-Small has 22.1 in all, of which 0.5 are for more positions.
    seen: list[models.Value] = []
    model = models.build(name, watch=seen.append)
    stored = sum(array.size for array in constants(model).values() if array.dtype == np.int8)
    described = NETWORKS[name]
    counted = 2 * described.multiply_accumulates(described.layers, described.sequence)
    assert models.operations(model) == counted
    assert (round(counted / 1e9, 2), round(stored / 1e6, 1)) == (operations, weights)
    last = seen[-1]
    assert last.reals is not None
    integers, reals = last.integers[0] * last.scale, last.reals[0]
    assert cosine(integers, reals) > 0.96
    # What all positions have in common does not count.
    assert cosine(integers - integers.mean(axis=0), reals - reals.mean(axis=0)) > 0.96


def test_watching_does_not_change_a_model() -> None:
    seen: list[models.Value] = []
    watched = models.build("mobilebert", layers=1, sequence=64, watch=seen.append)
    assert watched == small("mobilebert")
    assert {node.output[0] for node in watched.graph.node} == {each.name for each in seen}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_sample_input_fits_the_model_and_depends_on_the_seed(name: str) -> None:
    sample = models.sample_inputs(name, sequence=SMALL[name])
    entered = small(name).graph.input
    assert [each.name for each in entered] == list(sample)
    array = sample[entered[0].name]
    axes = entered[0].type.tensor_type.shape.dim
    assert array.shape == tuple(axis.dim_value for axis in axes)
    assert array.dtype == np.int8
    assert 20 < array.std() < 45
    other = models.sample_inputs(name, 1, sequence=SMALL[name])
    assert not np.array_equal(array, other[entered[0].name])


def test_a_models_first_layer_does_not_depend_on_how_many_follow() -> None:
    one, two = (
        constants(models.build("mobilebert", layers=layers, sequence=32)) for layers in (1, 2)
    )
    assert len(two) == 2 * len(one)
    assert all(np.array_equal(values, two[name]) for name, values in one.items())


def test_what_there_is_not_is_refused_with_what_there_is() -> None:
    with pytest.raises(DeployError, match=r"no network 'dinov2'; did you mean 'dinov2-small'\?"):
        models.build("dinov2")
    with pytest.raises(DeployError, match="there are mobilebert, dinov2-small"):
        models.sample_inputs("zzz")
    with pytest.raises(DeployError, match="whisper-tiny-encoder has 1 to 4 layers, not 5"):
        models.build("whisper-tiny-encoder", layers=5)
    with pytest.raises(DeployError, match="mobilebert takes sequences of 2 to 512, not 513"):
        models.build("mobilebert", sequence=513)
    with pytest.raises(DeployError, match="a seed is 0 to 4294967295, not -1"):
        models.build("mobilebert", seed=-1)


def test_dinov2s_patches_are_in_the_squarest_grid_there_is() -> None:
    assert models.sample_inputs("dinov2-small")["image"].shape == (1, 3, 210, 224)
    assert models.sample_inputs("dinov2-small", sequence=8)["image"].shape == (1, 3, 14, 98)
