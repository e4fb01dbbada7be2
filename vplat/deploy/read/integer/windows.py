"""Operators with a window that slides: convolutions and pools."""

from __future__ import annotations

from dataclasses import dataclass

from vplat.deploy.network.operators import Convolution, MaxPool, ReduceMean
from vplat.deploy.network.shapes import printed
from vplat.errors import DeployError

from .building import Value
from .call import Call


def convolution(call: Call) -> Value:
    """``Conv`` over one or two axes, with any pads, dilations and groups."""
    x, weights = call.byte(0), call.byte(1)
    kernel = weights.type.shape[2:]
    if len(kernel) not in (1, 2):
        raise DeployError(
            f"its weights have shape {printed(weights.type.shape)} instead of one for 1-D or 2-D"
        )
    declared = call.attributes.integers("kernel_shape", kernel)
    if declared != kernel:
        raise DeployError(
            f"its kernel_shape is {printed(declared)}, but its weights have {printed(kernel)}"
        )
    if len(x.type.shape) != len(weights.type.shape):
        raise DeployError(
            f"an input of shape {printed(x.type.shape)} does not fit weights of shape"
            f" {printed(weights.type.shape)}"
        )
    window = Window.of(call, x, kernel)
    groups = call.attributes.integer("group", 1)
    operator = Convolution(window.strides, window.pads, window.dilations, groups)
    return call.make(operator, x, weights, *([call.parameter(2)] if call.has(2) else []))


def max_pool(call: Call) -> Value:
    """``MaxPool``; its second output, the places of the greatest, is not computed."""
    x = call.value(0)
    window = Window.of(call, x, call.attributes.integers("kernel_shape"))
    return call.make(MaxPool(window.kernel, window.strides, window.pads, window.dilations), x)


def global_max_pool(call: Call) -> Value:
    """``GlobalMaxPool``: one window over all of it."""
    x = call.value(0)
    lengths = x.type.shape[2:]
    ones, zeros = (1,) * len(lengths), (0,) * 2 * len(lengths)
    return call.make(MaxPool(lengths, ones, zeros, ones), x)


def global_average_pool(call: Call) -> Value:
    """``GlobalAveragePool``: the integer mean of section 3.7 over all axes after the channels."""
    x = call.value(0)
    return call.make(ReduceMean(tuple(range(2, len(x.type.shape))), keep=True), x)


def average_pool(call: Call) -> Value:
    """``AveragePool`` with one window over all of it, which is `global_average_pool`."""
    x = call.value(0)
    window = Window.of(call, x, call.attributes.integers("kernel_shape"))
    if window.kernel != x.type.shape[2:] or any(window.pads):
        raise DeployError(
            f"its window of {printed(window.kernel)} is not all of the input"
            f" {printed(x.type.shape)}, and the dialect rounds no other mean of a window"
        )
    return global_average_pool(call)


@dataclass(frozen=True)
class Window:
    """A window as attributes describe it, ``auto_pad`` and ``ceil_mode`` turned into pads."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    pads: tuple[int, ...]
    dilations: tuple[int, ...]

    @classmethod
    def of(cls, call: Call, x: Value, kernel: tuple[int, ...]) -> Window:
        """The window of a node whose input is ``[N, C, ...]``."""
        lengths = x.type.shape[2:]
        ones, zeros = (1,) * len(kernel), (0,) * 2 * len(kernel)
        window = cls(
            kernel,
            call.attributes.integers("strides", ones),
            call.attributes.integers("pads", zeros),
            call.attributes.integers("dilations", ones),
        )
        given = (len(window.strides), len(window.dilations), len(window.pads) / 2)
        if any(number != len(kernel) for number in (*given, len(lengths))):
            raise DeployError(
                f"its kernel {printed(kernel)}, strides, dilations and pads do not fit an input of"
                f" shape {printed(x.type.shape)}"
            )
        if min((*kernel, *window.strides, *window.dilations), default=1) < 1:
            raise DeployError("a kernel, a stride or a dilation is below 1")
        auto = call.attributes.text("auto_pad", "NOTSET")
        if auto not in ("NOTSET", ""):
            return window._padded(auto, lengths)
        return window._rounded_up(lengths) if call.attributes.integer("ceil_mode", 0) else window

    def _reach(self, axis: int) -> int:
        return self.dilations[axis] * (self.kernel[axis] - 1) + 1

    def _padded(self, auto: str, lengths: tuple[int, ...]) -> Window:
        if auto not in ("VALID", "SAME_UPPER", "SAME_LOWER"):
            raise DeployError(f"its auto_pad '{auto}' is none of ONNX's")
        begins, ends = [], []
        for axis, length in enumerate(lengths):
            places = -(-length // self.strides[axis])
            needed = max((places - 1) * self.strides[axis] + self._reach(axis) - length, 0)
            total = 0 if auto == "VALID" else needed
            less, more = total // 2, total - total // 2
            begins.append(more if auto == "SAME_LOWER" else less)
            ends.append(less if auto == "SAME_LOWER" else more)
        return Window(self.kernel, self.strides, (*begins, *ends), self.dilations)

    def _rounded_up(self, lengths: tuple[int, ...]) -> Window:
        """Ends padded for the window that ``ceil_mode`` adds where it begins within the tensor."""
        rank = len(lengths)
        ends = []
        for axis, length in enumerate(lengths):
            begin, end = self.pads[axis], self.pads[rank + axis]
            rest = (length + begin + end - self._reach(axis)) % self.strides[axis]
            added = self.strides[axis] - rest if rest else 0
            last = length + begin + end + added - self._reach(axis)
            ends.append(end + added if last < length + begin else end)
        pads = (*self.pads[:rank], *ends)
        return Window(self.kernel, self.strides, pads, self.dilations)
