"""The full networks on an input they were not calibrated with: every tensor carries something."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from vplat.deploy import models
from vplat.deploy.models import NETWORKS
from vplat.deploy.network import Element, Integers, Network
from vplat.deploy.network.operators import Requantise, Softmax2
from vplat.deploy.read import read_network
from vplat.deploy.reference import evaluate

Found = tuple[Network, Mapping[str, Integers]]
"""A network, and what every tensor of it holds."""


@pytest.fixture(scope="module", params=NETWORKS)
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Found:
    """A network as it is read, and what every node of it makes of a fresh input."""
    path = tmp_path_factory.mktemp("models") / "model.onnx"
    path.write_bytes(models.build(request.param).SerializeToString())
    read = read_network(path)
    inputs = read.bind_inputs(models.sample_inputs(request.param))
    return read.network, evaluate(read.network, inputs)


def test_no_tensor_is_saturated_or_constant(
    found: Found,
) -> None:
    network, values = found
    for name, tensor in values.items():
        kind = network.types[name]
        assert tensor.shape == kind.shape
        if kind.element is Element.INT8:
            assert np.mean((tensor <= -128) | (tensor >= 127)) < 0.02, name
            assert 1.5 < tensor.std() < 50, name
            assert len(np.unique(tensor)) > 12, name
            assert np.abs(tensor.std(axis=-1)).min() > 0, name


def test_positions_keep_differing_from_one_another(
    found: Found,
) -> None:
    network, values = found
    rows = values[network.outputs[0]][0].astype(np.float64)
    apart = rows - rows.mean(axis=0)
    assert apart.std() > 0.5 * rows.std()


def test_attention_is_neither_on_one_position_nor_on_all(
    found: Found,
) -> None:
    network, values = found
    softmaxes = [node for node in network.nodes if isinstance(node.operator, Softmax2)]
    assert softmaxes
    for node in softmaxes:
        weights = values[node.output]
        shares = weights / np.maximum(weights.sum(axis=-1, keepdims=True), 1)
        assert 2 / weights.shape[-1] < shares.max(axis=-1).mean() < 0.5, node.name
        # Truncation takes some of the 255 of a row, but no row is lost.
        assert weights.sum(axis=-1).mean() > 128, node.name
        assert weights.sum(axis=-1).min() > 32, node.name


def test_products_of_requantisations_fit_32_bits(
    found: Found,
) -> None:
    network, values = found
    for node in network.nodes:
        if isinstance(node.operator, Requantise):
            mult = int(np.abs(network.constants[node.inputs[1]]).max())
            assert int(np.abs(values[node.inputs[0]]).max()) * mult < 1 << 30, node.name
