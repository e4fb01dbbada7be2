"""Calibration data: an .npz with some values of every input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from vplat.errors import DeployError

if TYPE_CHECKING:
    import onnx

Floats: TypeAlias = npt.NDArray[np.float32]
Samples: TypeAlias = Sequence[Mapping[str, Floats]]
"""One mapping from input to value for each run of the network."""


def float_inputs(model: onnx.ModelProto) -> dict[str, tuple[int, ...]]:
    """
    Inputs that are not parameters, with their shapes.

    :raises DeployError: one has a dimension that is not a number
    """
    parameters = {each.name for each in model.graph.initializer}
    shapes = {}
    for each in model.graph.input:
        if each.name in parameters:
            continue
        dimensions = each.type.tensor_type.shape.dim
        free = [d.dim_param or "?" for d in dimensions if not d.HasField("dim_value")]
        if free:
            raise DeployError(
                f"input '{each.name}' has the dimension '{free[0]}', which is not a number; export"
                " the network with fixed shapes"
            )
        shapes[each.name] = tuple(d.dim_value for d in dimensions)
    return shapes


def read_samples(path: Path, model: onnx.ModelProto) -> Samples:
    """
    Samples from an .npz: for each input an array of its name, or else the arrays in the inputs'
    order. An array has the input's shape, or one more axis in front, or more along the first axis.

    :raises DeployError: not such a file, an input without data, a shape that does not fit
    """
    shapes = float_inputs(model)
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, AttributeError, KeyError) as error:
        raise DeployError(f"{path} is not an .npz with arrays of numbers: {error}") from error
    if not set(shapes) <= set(arrays):
        if len(arrays) < len(shapes):
            missing = ", ".join(f"'{name}'" for name in shapes if name not in arrays)
            raise DeployError(f"{path} has no data for {missing}; it needs an array for each input")
        arrays = dict(zip(shapes, arrays.values(), strict=False))
    columns = {name: _runs(path, name, arrays[name], shape) for name, shape in shapes.items()}
    counts = {len(runs) for runs in columns.values()}
    if len(counts) != 1:
        told = ", ".join(f"'{name}' {len(runs)}" for name, runs in columns.items())
        raise DeployError(f"{path} has different numbers of samples: {told}")
    return [{name: columns[name][i] for name in shapes} for i in range(counts.pop())]


def _runs(path: Path, name: str, array: npt.NDArray[Any], shape: tuple[int, ...]) -> list[Floats]:
    if array.dtype.kind not in "fiu":
        raise DeployError(f"{path}: '{name}' holds {array.dtype}, not numbers")
    values = array.astype(np.float32)
    if not np.all(np.isfinite(values)):
        raise DeployError(f"{path}: '{name}' has values that are not finite")
    if values.shape == shape:
        return [values]
    if values.shape[1:] == shape and len(values):
        return list(values)
    if shape and len(values) and values.shape[1:] == shape[1:] and len(values) % shape[0] == 0:
        return list(values.reshape(-1, *shape))
    raise DeployError(
        f"{path}: '{name}' has the shape {list(values.shape)}, but the network's input is"
        f" {list(shape)}; samples lie along a first axis of their own"
    )
