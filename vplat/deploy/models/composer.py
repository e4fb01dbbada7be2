"""
Composing a quantised network node by node, calibrating as it goes.

Each operation computes its integers for all calibration samples with the operators of the host
reference, looks at them to choose the next scale, and writes its nodes. What decides is integer
and the same everywhere; the floats that go along are only for comparison and decide nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vplat.deploy.network import Element, Integers
from vplat.deploy.network.operators import Add, Requantise

from .draws import Draws, Floats
from .scaling import LIMIT, nearest_rescale, reach, rounded
from .value import Value
from .writing import GraphWriter

if TYPE_CHECKING:
    from onnx import ModelProto

Watcher = Callable[[Value], None]
"""Is shown every value once it is composed."""


class Composer:
    """
    A network under construction.

    :param draws: where parameters come from
    :param watch: is shown every value; if it is given, values have ``reals``
    """

    def __init__(self, name: str, draws: Draws, watch: Watcher | None = None) -> None:
        self.draws = draws
        self.writer = GraphWriter(name)
        self._watch = watch

    def input(self, name: str, samples: Integers, scale: float) -> Value:
        """One more int8 input of the network, with what it holds in each calibration sample."""
        reals = samples[:1].astype(np.float64) * scale if self._watch else None
        value = Value(name, Element.INT8, samples, scale, reals)
        self.writer.input(name, value.element.value, value.shape)
        return value

    def emit(
        self,
        kind: str,
        operands: Sequence[str],
        value: Value,
        attributes: Mapping[str, Any] | None = None,
    ) -> Value:
        """Write the node that makes ``value`` of the tensors named; ``value`` again."""
        self.writer.declare(value.name, value.element.value, value.shape)
        self.writer.node(kind, operands, value.name, attributes)
        if self._watch:
            self._watch(value)
        return value

    def parameter(self, label: str, values: Integers, element: Element) -> str:
        """Store values that are known; the name they have."""
        return self.writer.constant(label, values.astype(element.value))

    def constant(self, label: str, reals: Floats, scale: float) -> Value:
        """An int8 tensor that is the same for every sample; its shape begins with 1."""
        integers = np.clip(rounded(reals / scale), -LIMIT, LIMIT)
        name = self.parameter(label, integers, Element.INT8)
        return Value(name, Element.INT8, integers, scale, reals if self._watch else None)

    def requantise(
        self, x: Value, label: str, *, to: float | None = None, negate: bool = False
    ) -> Value:
        """
        Back to int8: at the scale ``to``, or so that what ``x`` was seen to hold fills 8 bits.

        :param negate: change the sign of integers and scale, which ITA's requantiser cannot
        """
        rescale = nearest_rescale(LIMIT / reach(x.integers) if to is None else x.scale / to)
        sign = -1 if negate else 1
        mult, add = np.array(sign * rescale.mult), np.array(0)
        integers = Requantise(rescale.shift, Element.INT8).compute((x.integers, mult, add))
        scale = sign * x.scale / rescale.factor if to is None else to
        value = Value(label, Element.INT8, integers, scale, x.reals)
        operands = (
            x.name,
            self.parameter(f"{label}.mul", mult, Element.INT32),
            self.parameter(f"{label}.add", add, Element.INT32),
        )
        attributes = {"div": 1 << rescale.shift, "n_levels": 256, "signed": 1}
        return self.emit("RequantShift", operands, value, attributes)

    def add(self, label: str, *operands: Value) -> Value:
        """The sum of tensors of one scale."""
        integers = Add().compute([each.integers for each in operands])
        reals = operands[0].reals
        for each in operands[1:]:
            reals = None if reals is None or each.reals is None else reals + each.reals
        value = Value(label, Element.INT32, integers, operands[0].scale, reals)
        return self.emit("Add", [each.name for each in operands], value)

    def reshape(self, x: Value, label: str, *shape: int) -> Value:
        """Other axes behind the first one."""
        made = self._moved(x, label, lambda array: array.reshape(len(array), *shape))
        wanted = self.writer.constant(f"{label}.shape", np.array([1, *shape], np.int64))
        return self.emit("Reshape", (x.name, wanted), made)

    def transpose(self, x: Value, label: str, *axes: int) -> Value:
        """The axes in another order; the first one, 0, stays."""
        made = self._moved(x, label, lambda array: array.transpose(axes))
        return self.emit("Transpose", (x.name,), made, {"perm": list(axes)})

    def concat(self, label: str, axis: int, *operands: Value) -> Value:
        """Tensors of one scale behind one another; those that are constant are repeated."""
        samples = max(len(each.integers) for each in operands)
        parts = [each.integers.repeat(samples // len(each.integers), 0) for each in operands]
        reals = [each.reals for each in operands if each.reals is not None]
        value = Value(
            label,
            operands[0].element,
            np.concatenate(parts, axis),
            operands[0].scale,
            np.concatenate(reals, axis) if len(reals) == len(operands) else None,
        )
        return self.emit("Concat", [each.name for each in operands], value, {"axis": axis})

    def _moved(self, x: Value, label: str, move: Callable[[Any], Any]) -> Value:
        reals = None if x.reals is None else move(x.reals)
        return Value(label, x.element, move(x.integers), x.scale, reals)

    def model(self, output: Value, about: str) -> ModelProto:
        """The network that ends with ``output``."""
        return self.writer.model([output.name], about)
