"""Convolutions and pools: layers on planes of channels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np

from vplat.deploy.network import Element, Integers, TensorType
from vplat.deploy.network.operators import Convolution, MaxPool

from .c_text import members, truth
from .layer import Buffer, Constant, Engine, Names
from .pipeline_layer import PipelineLayer, Work, pieces
from .product import (
    BLOCK_CYCLES,
    DIRECT_CYCLES,
    HARTS,
    PAIRED_CYCLES,
    SETUP_CYCLES,
    Finish,
    padded_scratch,
)
from .stream import Extent, Plan, Stream

LEAST_COLUMNS: Final = 4
"""Output channels from which gathering pays."""
PIXELS: Final = (16, 8, 4)
POOL_CYCLES: Final = 8
GATHER_CYCLES: Final = 11
"""Of a hart for each byte, the interleaving included."""


@dataclass(frozen=True)
class Shape:
    """A `struct convolution_shape`, and how many rows come out. One dimension is a column."""

    height: int
    width: int
    out_height: int
    out_width: int
    kernel: tuple[int, int]
    strides: tuple[int, int]
    dilations: tuple[int, int]
    top: int
    left: int

    @classmethod
    def of(
        cls,
        lengths: tuple[int, ...],
        places: tuple[int, ...],
        kernel: tuple[int, ...],
        operator: Convolution | MaxPool,
    ) -> Shape:
        """From an operator's attributes for one axis or two."""
        rank = len(lengths)

        def two(values: tuple[int, ...]) -> tuple[int, int]:
            return (values[0], 1 if rank == 1 else values[1])

        return cls(
            *two(lengths),
            *two(places),
            two(kernel),
            two(operator.strides),
            two(operator.dilations),
            operator.pads[0],
            0 if rank == 1 else operator.pads[1],
        )

    def text(self) -> str:
        """A C initialiser."""
        values = {
            "height": self.height,
            "width": self.width,
            "out_width": self.out_width,
            "kernel_y": self.kernel[0],
            "kernel_x": self.kernel[1],
            "stride_y": self.strides[0],
            "stride_x": self.strides[1],
            "dilation_y": self.dilations[0],
            "dilation_x": self.dilations[1],
            "top": self.top,
            "left": self.left,
        }
        return "{" + members({name: str(value) for name, value in values.items()}) + "}"

    def rows_for(self, rows: int) -> int:
        """Rows of the input that so many rows of the output need."""
        return (rows - 1) * self.strides[0] + (self.kernel[0] - 1) * self.dilations[0] + 1

    def inputs(self, rows: int, size: int) -> Extent:
        """The bytes of each plane that a stripe of ``rows`` output rows needs."""
        width = self.width * size
        return Extent(
            self.rows_for(rows) * width,
            self.height * width,
            inner=rows * self.strides[0] * width,
            lead=self.top * width,
        )

    def outputs(self, rows: int, size: int) -> Extent:
        """The bytes of each plane that a stripe makes."""
        width = self.out_width * size
        return Extent.cut(self.out_height * width, rows * width)


class ConvolutionLayer(PipelineLayer):
    """A convolution, with bias and requantisation fused."""

    kind = "convolution"
    engine = Engine.CORES

    def __init__(
        self,
        name: str,
        nodes: tuple[str, ...],
        source: str,
        output: str,
        types: tuple[TensorType, TensorType],
        operator: Convolution,
        weights: Integers,
        finish: Finish,
    ) -> None:
        self.name, self.nodes, self.operator, self.finish = name, nodes, operator, finish
        self.inputs, self.outputs = (source,), (output,)
        self.source_type, result = types
        self.images, self.out_channels = result.shape[0], result.shape[1]
        self.channels = weights.shape[1]
        self.group = self.out_channels // operator.groups
        self.shape = Shape.of(
            self.source_type.shape[2:], result.shape[2:], weights.shape[2:], operator
        )
        self.taps = prod(weights.shape[1:])
        self.operations = result.size * self.taps
        self.constants = tuple(self._constants(weights))

    def _constants(self, weights: Integers) -> Iterator[Constant]:
        yield Constant("weights", weights.astype(np.int8))
        if self.source_type.element is Element.UINT8:
            sums = weights.reshape(self.out_channels, -1).sum(axis=1)
            yield Constant("weight_sums", sums.astype(np.int32))
        for role in ("bias", "mult", "before"):
            values = getattr(self.finish, role)
            if values is not None:
                yield Constant(role, values.astype(np.int32))

    @property
    def out_element(self) -> Element:
        """What the results are."""
        return self.finish.rescale.element if self.finish.rescale else Element.INT32

    def sizes(self) -> Iterator[Mapping[str, int]]:
        """Gathered, if there are channels enough; in the end directly, outside L1."""
        if self.group >= LEAST_COLUMNS:
            for paired in (1, 0):
                for pixels in PIXELS:
                    for channels in pieces(self.group, 4):
                        for rows in pieces(self.shape.out_height):
                            yield self._sizes(rows, min(channels, self.group), pixels, paired, 1)
        # Directly: whole groups, or, if there is one, any channels, which all see the same input.
        groups = self.operator.groups
        cut, each = (groups, self.group) if groups > 1 else (self.group, 1)
        for in_l1 in (1, 0):
            for some in pieces(cut):
                for rows in pieces(self.shape.out_height):
                    yield self._sizes(rows, min(some, cut) * each, 0, 0, in_l1)

    def _sizes(
        self, rows: int, channels: int, pixels: int, paired: int, in_l1: int
    ) -> Mapping[str, int]:
        return {
            "rows": min(rows, self.shape.out_height),
            "channels": channels,
            "pixels": pixels,
            "paired": paired,
            "in_l1": in_l1,
        }

    def plan(self, sizes: Mapping[str, int]) -> Plan:
        """Gathered: a batch for each image and group. Directly: one for each image."""
        groups = self.operator.groups if sizes["pixels"] else 1
        in_l1 = bool(sizes["in_l1"])
        return Plan(
            tuple(self._streams(sizes, groups)),
            inner=-(-self.shape.out_height // sizes["rows"]),
            outer=-(-(self.out_channels // groups) // sizes["channels"]),
            batches=self.images * groups,
            scratch=self._scratch(sizes),
            compute_cycles=self._cycles(sizes) * self.images * groups,
            outside_bytes=0 if in_l1 else self.operations,
        )

    def _cycles(self, sizes: Mapping[str, int]) -> int:
        """Of an image and a group of channels, where some harts may have less to do than others."""
        outputs, channels, pixels = (
            sizes["rows"] * self.shape.out_width,
            sizes["channels"],
            sizes["pixels"],
        )
        of = self.group if pixels else self.out_channels
        stripes = -(-self.shape.out_height // sizes["rows"]) * -(-of // channels)
        if not pixels:
            each = -(-channels * outputs // HARTS) * (self.taps * DIRECT_CYCLES + 30)
            return int(stripes * (each + SETUP_CYCLES))
        cycles = PAIRED_CYCLES if sizes["paired"] else DIRECT_CYCLES
        turns = -(-outputs // (pixels * HARTS))
        blocks = pixels // 4 * -(-channels // 4) * (16 * self.taps * cycles + BLOCK_CYCLES)
        turn = pixels * self.taps * GATHER_CYCLES + blocks + SETUP_CYCLES + 12 * channels
        return int(stripes * turns * turn)

    def _streams(self, sizes: Mapping[str, int], groups: int) -> Iterator[Stream]:
        channels, in_l1 = sizes["channels"], bool(sizes["in_l1"])
        out_channels = self.out_channels // groups
        across = Extent.cut(out_channels, channels, outer=True)
        yield self._input(sizes, groups)
        for constant in self.constants:
            is_weights = constant.name == "weights"
            if constant.name == "weight_sums" and not sizes["paired"]:
                continue
            size = self.taps if is_weights else 4
            yield Stream(
                constant.name,
                constant.name,
                across if is_weights else Extent.all(1),
                Extent.all(self.taps)
                if is_weights
                else Extent(4 * across.count, 4 * across.total, 4 * across.outer),
                self.taps if is_weights else 4 * out_channels,
                is_constant=True,
                in_l1=in_l1,
                batches=tuple(
                    group * out_channels * size
                    for _ in range(self.images)
                    for group in range(groups)
                ),
            )
        size = self.out_element.bytes
        plane = self.shape.out_height * self.shape.out_width * size
        yield Stream(
            "out",
            self.outputs[0],
            across,
            self.shape.outputs(sizes["rows"], size),
            plane,
            is_result=True,
            in_l1=in_l1,
            batches=tuple(number * out_channels * plane for number in range(self.images * groups)),
        )

    def _input(self, sizes: Mapping[str, int], groups: int) -> Stream:
        plane = self.shape.height * self.shape.width
        channels = self.source_type.shape[1] // groups
        rows = Extent.all(channels)
        if groups == 1 and self.operator.groups > 1:  # only those that the output channels need
            rows = Extent.cut(channels, sizes["channels"] // self.group * self.channels, outer=True)
        return Stream(
            "in",
            self.inputs[0],
            rows,
            self.shape.inputs(sizes["rows"], 1),
            plane,
            in_l1=bool(sizes["in_l1"]),
            batches=tuple(number * channels * plane for number in range(self.images * groups)),
        )

    def _scratch(self, sizes: Mapping[str, int]) -> tuple[Buffer, ...]:
        if not sizes["pixels"]:
            return ()
        gathered = -(-self.taps * sizes["pixels"] // 4) * 4
        each = padded_scratch(self.taps, bool(sizes["paired"])) + gathered
        return (Buffer("gathered", HARTS * each),)

    def work(self, sizes: Mapping[str, int], plan: Plan, names: Names) -> Work:
        """`convolution_stripe`."""
        roles = [stream.role for stream in plan.streams]
        values = {
            "shape": self.shape.text(),
            "channels": str(self.channels),
            "group": str(sizes["channels"] if self.operator.groups == 1 else self.group),
        }
        for role in ("in", "weights", "bias", "weight_sums", "mult", "before", "out"):
            values[role] = str(roles.index(role)) if role in roles else "NO_STREAM"
        values["in_is_unsigned"] = truth(self.source_type.element is Element.UINT8)
        declarations = ""
        if self.finish.rescale is not None:
            declarations = self.finish.rescale.declaration(f"{names.prefix}_rescale")
            values["rescale"] = f"{names.prefix}_rescale"
        values["pixels"] = str(sizes["pixels"])
        values["is_paired"] = truth(bool(sizes["paired"]))
        if sizes["pixels"]:
            values["scratch"] = names.l1("gathered")
        header = "deploy/convolution_layer.h"
        return Work("convolution_stripe", header, "convolution_layer", values, declarations)


class PoolLayer(PipelineLayer):
    """Max pooling."""

    kind = "pool"
    engine = Engine.CORES

    def __init__(
        self,
        name: str,
        nodes: tuple[str, ...],
        source: str,
        output: str,
        types: tuple[TensorType, TensorType],
        operator: MaxPool,
    ) -> None:
        self.name, self.nodes = name, nodes
        self.inputs, self.outputs = (source,), (output,)
        of, result = types
        self.element = of.element
        self.planes = prod(of.shape[:2])
        self.shape = Shape.of(of.shape[2:], result.shape[2:], operator.kernel, operator)
        self.operations = result.size * prod(operator.kernel)

    def sizes(self) -> Iterator[Mapping[str, int]]:
        """Some planes, some rows of each."""
        for in_l1 in (1, 0):
            for planes in pieces(self.planes):
                for rows in pieces(self.shape.out_height):
                    yield {"planes": planes, "rows": rows, "in_l1": in_l1}

    def plan(self, sizes: Mapping[str, int]) -> Plan:
        """Input and output."""
        size, shape, rows = self.element.bytes, self.shape, sizes["rows"]
        across = Extent.cut(self.planes, sizes["planes"], outer=True)
        in_l1 = bool(sizes["in_l1"])
        return Plan(
            (
                Stream(
                    "in",
                    self.inputs[0],
                    across,
                    shape.inputs(rows, size),
                    shape.height * shape.width * size,
                    in_l1=in_l1,
                ),
                Stream(
                    "out",
                    self.outputs[0],
                    across,
                    shape.outputs(rows, size),
                    shape.out_height * shape.out_width * size,
                    is_result=True,
                    in_l1=in_l1,
                ),
            ),
            inner=-(-shape.out_height // rows),
            outer=-(-self.planes // sizes["planes"]),
            compute_cycles=self.operations * POOL_CYCLES // HARTS,
            outside_bytes=0 if in_l1 else self.operations,
        )

    def work(self, sizes: Mapping[str, int], plan: Plan, names: Names) -> Work:
        """`pool_stripe`."""
        values = {"shape": self.shape.text(), "element": f"ELEMENT_{self.element.name}"}
        return Work("pool_stripe", "deploy/convolution_layer.h", "pool_layer", values)
