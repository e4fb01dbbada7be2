"""What the operators' checks share: shapes that broadcast, axes, and windows that slide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vplat.errors import DeployError

from .tensor import Element, TensorType

Shape = tuple[int, ...]

LONGEST: Final = 1 << 24
"""Places along an axis that a window can slide over."""


def printed(shape: Sequence[int]) -> str:
    """A shape as messages print it: ``1x64x128``; a scalar's is ``scalar``."""
    return "x".join(map(str, shape)) if shape else "scalar"


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """The shape that all of these broadcast to, by numpy's rule."""
    rank = max(map(len, shapes))
    result = [1] * rank
    for shape in shapes:
        for axis, length in enumerate(shape, rank - len(shape)):
            if length not in (1, result[axis]):
                if result[axis] != 1:
                    together = " and ".join(map(printed, shapes))
                    raise DeployError(f"the shapes {together} do not broadcast")
                result[axis] = length
    return tuple(result)


def fits(shape: Shape, to: Shape) -> bool:
    """Whether a shape broadcasts to another one, which is not enlarged by that."""
    behind = to[len(to) - len(shape) :]
    return len(shape) <= len(to) and all(
        length in (1, wanted) for length, wanted in zip(shape, behind, strict=True)
    )


def expect(operands: Sequence[TensorType], least: int, most: int | None = None) -> None:
    """Refuses a number of operands other than ``least`` up to ``most`` (``least``, if None)."""
    most = least if most is None else most
    if not least <= len(operands) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise DeployError(f"it has {len(operands)} operands instead of {wanted}")


def expect_byte(operand: TensorType, what: str) -> None:
    """Refuses an operand that is wider than a byte."""
    if operand.element is Element.INT32:
        raise DeployError(f"{what} is int32, but int8 or uint8 is what it computes on")


def expect_axis(axis: int, shape: Shape) -> None:
    """Refuses an axis that the shape does not have. Axes count from 0."""
    if not 0 <= axis < len(shape):
        raise DeployError(f"there is no axis {axis} in the shape {printed(shape)}")


def windows(
    lengths: Sequence[int],
    kernel: Sequence[int],
    strides: Sequence[int],
    pads: Sequence[int],
    dilations: Sequence[int],
) -> Shape:
    """How many places a window has along each axis; ``pads`` has all begins, then all ends."""
    rank = len(lengths)
    given = (len(kernel), len(strides), len(dilations), len(pads))
    if given != (rank, rank, rank, 2 * rank):
        raise DeployError(
            f"kernel, strides, dilations and pads have {', '.join(map(str, given))} numbers,"
            f" but {rank} axes need {rank}, {rank}, {rank}, {2 * rank}"
        )
    if min((*kernel, *strides, *dilations)) < 1 or min(pads) < 0:
        raise DeployError("a kernel, a stride or a dilation is below 1, or a pad below 0")
    places = []
    for axis, length in enumerate(lengths):
        padded = length + pads[axis] + pads[rank + axis]
        if padded > LONGEST:
            raise DeployError(f"with its pads an axis has {padded} places, more than {LONGEST}")
        free = padded - dilations[axis] * (kernel[axis] - 1) - 1
        if free < 0:
            raise DeployError(
                f"a kernel of {printed(kernel)} does not fit {printed(lengths)} with its pads"
            )
        places.append(free // strides[axis] + 1)
    return tuple(places)
