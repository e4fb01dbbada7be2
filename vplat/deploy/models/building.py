"""From a network's name to its model, and to inputs for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from vplat.deploy.network import Integers
from vplat.errors import DeployError

from . import inputs
from .catalogue import Description, describe
from .composer import Composer, Watcher
from .draws import Draws

if TYPE_CHECKING:
    from onnx import ModelProto

PARAMETERS, SHARED, CALIBRATION, SAMPLE = range(4)
"""What a stream of draws is for."""
CALIBRATION_SAMPLES: Final = 2
SEEDS: Final = 1 << 32


def build(
    name: str,
    seed: int = 0,
    *,
    layers: int | None = None,
    sequence: int | None = None,
    watch: Watcher | None = None,
) -> ModelProto:
    """
    A network of `NETWORKS` as quantised ONNX, the same bytes for the same arguments everywhere.

    :param layers: only the first so many layers, for a quicker look
    :param sequence: another length than the paper's
    :param watch: is shown every tensor as it is composed, with what it held for the calibration
        samples and what the network of floats has in its place
    :raises DeployError: no such network or size, or the package onnx is missing
    """
    found = describe(name)
    depth, length = found.sized(layers, sequence)
    key = _key(seed)
    composer = Composer(found.name, Draws(key, PARAMETERS), watch)
    samples = [
        _sample(found, key, length, CALIBRATION, index) for index in range(CALIBRATION_SAMPLES)
    ]
    entered = composer.input(found.input, np.stack(samples), 1 / inputs.STEPS_A_DEVIATION)
    output = found.compose(composer, entered, depth)
    return composer.model(
        output,
        f"{found.title}, synthetic weights of seed {seed}, {depth} of {found.layers} layers, "
        f"S = {length}. In: {found.takes}. Out: {found.gives}.",
    )


def sample_inputs(
    name: str, seed: int = 0, *, sequence: int | None = None
) -> dict[str, npt.NDArray[np.int8]]:
    """
    An input that the model of that name and seed was not calibrated with, by the graph's names.

    :raises DeployError: no such network or size
    """
    found = describe(name)
    _, length = found.sized(None, sequence)
    sample = _sample(found, _key(seed), length, SAMPLE, 0)
    return {found.input: sample[None].astype(np.int8)}


def operations(model: Any) -> int:
    """
    The operations of an inference: two for each multiply-accumulate of every product and
    convolution of an integer model that declares its shapes, and nothing else.
    """
    shapes = {
        each.name: tuple(axis.dim_value for axis in each.type.tensor_type.shape.dim)
        for each in (*model.graph.value_info, *model.graph.input, *model.graph.output)
    }
    shapes |= {each.name: tuple(each.dims) for each in model.graph.initializer}
    total = 0
    for node in model.graph.node:
        size = int(np.prod(shapes[node.output[0]], dtype=np.int64))
        if node.op_type == "MatMul":
            total += 2 * size * shapes[node.input[0]][-1]
        elif node.op_type == "Conv":
            total += 2 * size * int(np.prod(shapes[node.input[1]][1:], dtype=np.int64))
    return total


def _key(seed: int) -> int:
    if not 0 <= seed < SEEDS:
        raise DeployError(f"a seed is 0 to {SEEDS - 1}, not {seed}")
    return seed


def _sample(found: Description, key: int, length: int, purpose: int, index: int) -> Integers:
    drawn = found.draw(Draws(key, SHARED), Draws(key, purpose, index), length)
    return inputs.quantised(drawn)
