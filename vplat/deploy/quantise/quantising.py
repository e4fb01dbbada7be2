"""
Quantisation after training: onnxruntime's quantiser, and scales that the accelerator can multiply.

ITA scales a product by an 8-bit multiplier and a shift (``ita.md`` section 2.2). A scale that
calibration found is a real number, and its nearest such multiplier is up to 0.4 % off: half a step
of the result. So each product's scale is moved up by less than 0.8 %, to where the multiplier is
exact, and the network is quantised once more with those scales.
"""

from __future__ import annotations

import logging
import math
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vplat.errors import DeployError

from .samples import Samples, float_inputs

if TYPE_CHECKING:
    import onnx

PRODUCTS = ("MatMul", "Gemm", "Conv")
GREATEST_MULTIPLIER = 255
GREATEST_SHIFT = 30


class Method(Enum):
    """How the range of a tensor follows from what it was seen to hold."""

    MINMAX = "minmax"
    ENTROPY = "entropy"
    PERCENTILE = "percentile"


def quantise(
    model: onnx.ModelProto,
    samples: Samples,
    *,
    method: Method = Method.MINMAX,
    symmetric: bool = True,
) -> onnx.ModelProto:
    """
    The network in the QDQ dialect: int8 values and weights, one scale a tensor.

    ``symmetric`` puts all zero points at 0, which spares the cores corrections and costs functions
    that are never negative one bit.

    :raises DeployError: the network is quantised already, or onnxruntime cannot run it
    """
    if any(node.op_type == "QuantizeLinear" for node in model.graph.node):
        raise DeployError("the network is quantised already; deploy it as it is")
    if not samples:
        raise DeployError("there are no samples to calibrate with")
    float_inputs(model)
    with tempfile.TemporaryDirectory(prefix="vplat-quantise-") as folder, _quietly():
        prepared = _prepared(model, Path(folder))
        first = _quantised(prepared, samples, Path(folder), method, symmetric, {})
        overrides = tuned_scales(first)
        return _quantised(prepared, samples, Path(folder), method, symmetric, overrides)


@contextmanager
def _quietly() -> Iterator[None]:
    """onnxruntime logs and warns about what its callers cannot change."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        root.setLevel(level)


def _prepared(model: onnx.ModelProto, folder: Path) -> Path:
    import onnx
    from onnxruntime.quantization.shape_inference import quant_pre_process

    given, prepared = folder / "given.onnx", folder / "prepared.onnx"
    onnx.save(model, given)
    try:
        quant_pre_process(str(given), str(prepared), skip_symbolic_shape=True)
    except Exception as error:
        raise DeployError(f"onnxruntime cannot read this network: {_first_line(error)}") from error
    return prepared


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


class _Reader:
    """Hands samples to onnxruntime."""

    def __init__(self, samples: Samples) -> None:
        self._rest = iter(samples)

    def get_next(self) -> dict[str, Any] | None:
        sample = next(self._rest, None)
        return None if sample is None else dict(sample)


def _quantised(
    prepared: Path,
    samples: Samples,
    folder: Path,
    method: Method,
    symmetric: bool,
    overrides: dict[str, list[dict[str, Any]]],
) -> onnx.ModelProto:
    import onnx
    from onnxruntime.quantization import (
        CalibrationDataReader,
        CalibrationMethod,
        QuantFormat,
        QuantType,
        quantize_static,
    )

    class Reader(_Reader, CalibrationDataReader):  # type: ignore[misc]  # no annotations
        pass

    methods = {
        Method.MINMAX: CalibrationMethod.MinMax,
        Method.ENTROPY: CalibrationMethod.Entropy,
        Method.PERCENTILE: CalibrationMethod.Percentile,
    }
    result = folder / "quantised.onnx"
    try:
        quantize_static(
            str(prepared),
            str(result),
            Reader(samples),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
            per_channel=False,
            calibrate_method=methods[method],
            extra_options={
                "ActivationSymmetric": symmetric,
                "WeightSymmetric": True,
                "TensorQuantOverrides": overrides,
            },
        )
    except Exception as error:
        raise DeployError(
            f"onnxruntime cannot quantise this network: {_first_line(error)}"
        ) from error
    return onnx.load(result)


def exact_scale(product: float, wanted: float) -> float:
    """
    The least scale, not below ``wanted``, at which ``product`` (the scale of a product's sums) over
    it is an 8-bit multiplier over a power of two.
    """
    ratio = product / wanted
    if not 0 < ratio < GREATEST_MULTIPLIER:
        return wanted
    shift = min(math.floor(math.log2(GREATEST_MULTIPLIER / ratio)), GREATEST_SHIFT)
    multiplier = math.floor(ratio * 2.0**shift)
    return product * 2.0**shift / multiplier if multiplier else wanted


def tuned_scales(quantised: onnx.ModelProto) -> dict[str, list[dict[str, Any]]]:
    """For each product's result, by the name of its tensor, the scale that ITA can have."""
    from onnx import numpy_helper

    graph = quantised.graph
    numbers = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    scale_of = {
        node.output[0]: node.input[1] for node in graph.node if node.op_type == "DequantizeLinear"
    }
    results = {node.input[0]: node for node in graph.node if node.op_type == "QuantizeLinear"}
    tuned: dict[str, np.float32] = {}
    overrides: dict[str, list[dict[str, Any]]] = {}
    for node in graph.node:
        result = results.get(node.output[0]) if node.output else None
        if node.op_type not in PRODUCTS or result is None:
            continue
        names = [scale_of.get(name, "") for name in node.input[:2]]
        scales = [tuned.get(name, numbers.get(name)) for name in names]
        if any(each is None or np.size(each) != 1 for each in scales):
            continue
        product = math.prod(float(np.reshape(each, ())) for each in scales if each is not None)
        owner = result.input[1].removesuffix("_scale")
        if result.input[1] in tuned or owner != node.output[0]:
            continue
        scale = np.float32(exact_scale(product, float(numbers[result.input[1]].reshape(()))))
        tuned[result.input[1]] = scale
        zero = numbers[result.input[2]]
        overrides[owner] = [{"scale": np.array(scale), "zero_point": zero}]
    return overrides
