"""The element of an array that is to blame."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def first_of(array: npt.NDArray[Any], where: npt.NDArray[np.bool_]) -> str:
    """The first element for which ``where`` holds, as messages print it: ``300 at [1, 0]``."""
    place = [int(each) for each in np.argwhere(where)[0]]
    value = array[tuple(place)]
    return f"{value} at {place}" if place else str(value)
