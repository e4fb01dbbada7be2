"""GELU and ReLU on requantised values (`ita.md` section 5.4)."""

from __future__ import annotations

import enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .requantisation import requantise, wrap


class Activation(enum.IntEnum):
    """CTRL_ENGINE.activation."""

    IDENTITY = 0
    GELU = 1
    RELU = 2
    RESERVED = 3
    """Names no activation; the hardware passes values through."""


class ActivationConstants(NamedTuple):
    """GELU_B_C and ACT_REQUANT: ``b`` and ``c`` s16, then the second requantiser's u8, u8, s8."""

    gelu_b: int
    gelu_c: int
    mult: int
    shift: int
    add: int


def gelu(values: NDArray[np.int8], b: int, c: int) -> NDArray[np.int64]:
    """The 26-bit GELU polynomial before its requantiser; ``b`` and ``c`` are s16.

    Every term but ``|x|`` and ``b`` is taken modulo 2^26; the values are not clamped to -127 first,
    as the golden model does.
    """
    x = values.astype(np.int64)
    clipped = np.minimum(np.abs(x), -b)
    polynomial = wrap(wrap((clipped + b) ** 2) + c)
    error = np.where(x < 0, -polynomial, polynomial)
    return wrap(x * wrap(error + c))


def relu(values: NDArray[np.int8]) -> NDArray[np.int8]:
    """``max(x, 0)`` before the second requantiser."""
    return np.maximum(values, np.int8(0))


def activate(
    values: NDArray[np.int8], activation: Activation, constants: ActivationConstants
) -> NDArray[np.int8]:
    """The values the hardware stores for requantised ``values``."""
    _, _, mult, shift, add = constants
    match activation:
        case Activation.GELU:
            raw = gelu(values, constants.gelu_b, constants.gelu_c)
            return requantise(raw, mult, shift, add)
        case Activation.RELU:
            return requantise(relu(values), mult, shift, add)
        case _:
            return values


def activation_table(activation: Activation, constants: ActivationConstants) -> bytes:
    """256 bytes for ``bytes.translate``: the activated value of every int8, by its bit pattern."""
    every = np.arange(256, dtype=np.uint8).view(np.int8)
    return activate(every, activation, constants).tobytes()
