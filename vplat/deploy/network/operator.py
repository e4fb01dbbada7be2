"""What every operator can say of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TypeAlias

from .interval import Interval
from .tensor import Integers, TensorType

Arrays: TypeAlias = Sequence[Integers]


class Operator(ABC):
    """
    One computation on integers, exact. Operators are frozen dataclasses; their fields are small
    constants (an axis, a shift), while whatever is a tensor is an operand: weights, too.
    """

    @abstractmethod
    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        """
        The result's type, from the operands' types alone.

        :raises vplat.errors.DeployError: the operands do not fit this operator, in one sentence
        """

    @abstractmethod
    def compute(self, operands: Arrays) -> Integers:
        """The result's true values. Shapes are those that `infer` has accepted."""

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        """
        Between what the result's values are, whatever the operands' are within their bounds. A
        constant's bounds meet, so a product's are those of its actual weights. They may exceed the
        result's element type: then the operator can overflow.
        """
        return Interval.of_type(result)
