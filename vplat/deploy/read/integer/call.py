"""One node of the file at the time it is lowered: its operands by role, and where results go."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from vplat.deploy.network import Element, Integers, Operator
from vplat.deploy.network.shapes import fits, printed
from vplat.deploy.read.attributes import Attributes
from vplat.deploy.read.culprit import first_of
from vplat.deploy.read.file_graph import FileNode, Numbers
from vplat.errors import DeployError

from .building import Building, Value, constant


@dataclass(frozen=True)
class Literal:
    """A constant as the file has it, before its place says which integers it must hold."""

    name: str
    numbers: Numbers

    def integers(self) -> Integers:
        """
        Its true values.

        :raises DeployError: one is no integer, in one sentence with its place
        """
        numbers = self.numbers
        if numbers.dtype.kind == "f":
            wide = numbers.astype(np.float64)
            broken = ~np.isfinite(wide) | (wide != np.rint(wide)) | (np.abs(wide) >= 2.0**63)
        else:
            broken = numbers > np.iinfo(np.int64).max
        if broken.any():
            raise DeployError(
                f"constant '{self.name}' has {first_of(numbers, broken)}, but this dialect"
                " computes on integers"
            )
        return numbers.astype(np.int64)


Operand = Value | Literal


@dataclass(frozen=True)
class Call:
    """A node's operands (None: left out), its attributes, and the network that it goes to."""

    node: FileNode
    building: Building
    operands: tuple[Operand | None, ...]
    attributes: Attributes

    def has(self, index: int) -> bool:
        """Whether there is such an operand."""
        return index < len(self.operands) and self.operands[index] is not None

    def given(self, index: int) -> Operand:
        """An operand that has to be there."""
        operand = self.operands[index] if index < len(self.operands) else None
        if operand is None:
            raise DeployError(f"its operand {index} is missing")
        return operand

    def value(self, index: int, element: Element | None = None) -> Value:
        """An operand; a constant is stored as ``element`` (the narrowest one, if None)."""
        operand = self.given(index)
        if isinstance(operand, Literal):
            return constant(operand.name, operand.integers(), element)
        if operand.values is not None and element is not None:
            return constant(operand.name, operand.values, element)
        return operand

    def alike(self) -> list[Value]:
        """All operands. Constants are stored as one of the others, as far as their values fit."""
        values = [self.value(index) for index in range(len(self.operands))]
        elements = {each.type.element for each in values if each.values is None}
        return [_stored_as(each, elements) if each.values is not None else each for each in values]

    def byte(self, index: int) -> Value:
        """An operand of eight bits: int8 or uint8."""
        value = self.value(index)
        if value.type.element is Element.INT32 and value.values is not None:
            # Reports the value that is too large, and its place.
            return constant(value.name, value.values, Element.INT8)
        return value

    def known(self, index: int) -> Integers:
        """The true values of an operand that has to be constant."""
        operand = self.given(index)
        values = operand.integers() if isinstance(operand, Literal) else operand.values
        if values is None:
            raise DeployError(f"its operand {index} ('{operand.name}') must be constant")
        return values

    def parameter(self, index: int) -> Value:
        """A constant of int32."""
        values = self.known(index)
        return constant(self.given(index).name, values, Element.INT32)

    def spread(self, index: int, x: Value, element: Element = Element.INT32) -> Value:
        """A constant for every element of x, stored without repetition (`spread`)."""
        return spread(self.given(index).name, self.known(index), x.type.shape, element)

    def numbers(self, name: str, index: int) -> tuple[int, ...] | None:
        """Integers that older files have as an attribute and newer ones as an operand."""
        if name in self.attributes:
            return self.attributes.integers(name)
        if self.has(index):
            return tuple(int(each) for each in self.known(index).reshape(-1))
        return None

    def make(self, operator: Operator, *operands: Value) -> Value:
        """The node's result, under the file's name."""
        return self.building.emit(self.node.name, operator, operands, self.node.outputs[0])

    def step(self, what: str, operator: Operator, *operands: Value) -> Value:
        """Something on the way to the result, under a name of its own."""
        output = self.building.fresh(f"{self.node.outputs[0]} {what}")
        return self.building.emit(f"{self.node.name} {what}", operator, operands, output)


def _stored_as(value: Value, elements: Collection[Element]) -> Value:
    if value.values is None or not value.values.size or value.type.element in elements:
        return value
    least, greatest = int(value.values.min()), int(value.values.max())
    for element in Element:
        if element in elements and element.least <= least and greatest <= element.greatest:
            return constant(value.name, value.values, element)
    return value


def spread(name: str, values: Integers, shape: tuple[int, ...], element: Element) -> Value:
    """
    A constant for a tensor of a shape, stored without repetition: a scalar, or of full rank with
    axes of length 1 where it does not vary. Numpy's rule says which value is for which element; a
    flat vector that does not broadcast has one for each channel, on axis 1 (section 3.2).
    """
    constant(name, values, element)  # refuses a value with its place in the file's own shape
    if values.size == 1:
        values = values.reshape(())
    if not fits(values.shape, shape):
        flat = len(shape) > 1 and values.size == max(values.shape) == shape[1]
        if not flat:
            raise DeployError(
                f"constant '{name}' of shape {printed(values.shape)} fits neither"
                f" {printed(shape)} nor its channels"
            )
        values = values.reshape(-1, *(1,) * (len(shape) - 2))
    values = values.reshape((1,) * (len(shape) - values.ndim) + values.shape)
    for axis in range(values.ndim):
        first = values.take([0], axis=axis) if values.shape[axis] else values
        if (values == first).all():
            values = first
    if values.size == 1:
        values = values.reshape(())
    return constant(name, values, element)
