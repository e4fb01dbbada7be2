"""A node's attributes, which writers of files spell in many ways, as the numbers they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vplat.errors import DeployError

from .file_graph import Attribute


@dataclass(frozen=True)
class Attributes:
    """
    Attributes by name. Where one number is asked for, a tensor or a list with one element will do,
    and a float that is an integer is one (``quantised-operators.md`` section 3.1).
    """

    values: Mapping[str, Attribute]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def integer(self, name: str, default: int | None = None) -> int:
        """One integer; without a default it has to be there."""
        if name not in self.values and default is not None:
            return default
        numbers = self.integers(name)
        if len(numbers) != 1:
            raise DeployError(f"its attribute '{name}' has {len(numbers)} numbers instead of one")
        return numbers[0]

    def short(self, name: str, default: int | None = None) -> int:
        """One integer of at most 16 bits, so that what it is multiplied with stays within 64."""
        number = self.integer(name, default)
        if not -(1 << 15) <= number < 1 << 15:
            raise DeployError(f"its attribute '{name}' is {number}, which takes more than 16 bits")
        return number

    def integers(self, name: str, default: tuple[int, ...] | None = None) -> tuple[int, ...]:
        """A list of integers; without a default it has to be there."""
        if name not in self.values:
            if default is None:
                raise DeployError(f"its attribute '{name}' is missing")
            return default
        value = self.values[name]
        if isinstance(value, str):
            raise DeployError(f"its attribute '{name}' is '{value}', but must be a number")
        if isinstance(value, int):
            return (value,)
        array = np.asarray(value)
        if array.dtype.kind == "f" and not (np.isfinite(array) & (array == np.rint(array))).all():
            raise DeployError(f"its attribute '{name}' is {value}, but must be an integer")
        return tuple(int(each) for each in array.reshape(-1).tolist())

    def text(self, name: str, default: str) -> str:
        """A word."""
        value = self.values.get(name, default)
        if not isinstance(value, str):
            raise DeployError(f"its attribute '{name}' is {value}, but must be a word")
        return value
