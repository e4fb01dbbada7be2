"""Layers that move values and compute nothing: transposition, slices, concatenation, padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import Final

from vplat.deploy.network import Element, Integers

from .box import Cut, Dimension, cuts, merged
from .c_text import members
from .layer import Buffer, Code, Constant, Cost, Engine, Layer, Names, Tiling
from .pipeline_layer import Work, pieces, pipeline_text
from .stream import Extent, Plan, Stream, aligned

SHORT_RUN: Final = 16
"""Elements side by side are copied as words, but it takes some to make up for finding them."""


@dataclass(frozen=True)
class Part:
    """
    A box of the result: where its elements come from and where they go. ``offsets`` are elements.
    Without a source, ``filled`` elements from ``result_offset`` on become ``value``.
    """

    source: str
    dimensions: tuple[Dimension, ...]
    source_offset: int = 0
    result_offset: int = 0
    is_constant: bool = False
    value: int = 0
    filled: int = 0


class MoveLayer(Layer):
    """Boxes copied, or filled, one after the other."""

    kind = "movement"

    def __init__(
        self,
        name: str,
        nodes: tuple[str, ...],
        parts: Sequence[Part],
        output: str,
        element: Element,
        size: int,
        constants: dict[str, Integers],
    ) -> None:
        self.name, self.nodes, self.element, self.size = name, nodes, element, size
        self.parts = tuple(parts)
        sources = (part.source for part in parts if part.source and not part.is_constant)
        self.inputs, self.outputs = tuple(dict.fromkeys(sources)), (output,)
        self.constants = tuple(
            Constant(each, values.astype(element.value)) for each, values in constants.items()
        )
        self.operations = size
        best = (self._best(part, 1 << 16) for part in parts if part.source)
        self.engine = Engine.DMA if all(cut.needs_no_hart for cut in best) else Engine.CORES

    def _best(self, part: Part, l1_bytes: int) -> Cut:
        return _best(part.dimensions, self.element.bytes, l1_bytes)

    def tilings(self, l1_bytes: int) -> Sequence[Tiling]:
        """One: the best that fits for each part."""
        buffers: list[Buffer] = []
        cost = [0, 0, 0, 0]
        for number, plan in enumerate(self._plans(l1_bytes)):
            buffers += [
                Buffer(each.name, each.bytes, each.alignment, number, number)
                for each in plan.buffers()
            ]
            each_cost = plan.cost()
            cost[0] += each_cost.dma_bytes
            cost[1] += each_cost.transfers
            cost[2] += each_cost.barriers
            cost[3] += plan.outside_bytes
        total = Cost(
            0, dma_bytes=cost[0], transfers=cost[1], barriers=cost[2], outside_bytes=cost[3]
        )
        return [Tiling({"l1_bytes": l1_bytes}, tuple(buffers), total)]

    def _plans(self, l1_bytes: int) -> Iterator[Plan]:
        for number, part in enumerate(self.parts):
            if part.source:
                yield self._copy_plan(number, part, self._best(part, l1_bytes))
            else:
                yield self._fill_plan(number, part, l1_bytes)

    def _fill_plan(self, number: int, part: Part, l1_bytes: int) -> Plan:
        size = self.element.bytes
        for each in pieces(part.filled, 64):
            if 2 * aligned(each * size) <= l1_bytes or each == 1:
                break
        total = part.filled * size
        stream = Stream(
            f"out_{number}",
            self.outputs[0],
            Extent.all(1),
            Extent.cut(total, each * size),
            total,
            is_result=True,
            offset=part.result_offset * size,
        )
        return Plan((stream,), inner=-(-part.filled // each))

    def _copy_plan(self, number: int, part: Part, cut: Cut) -> Plan:
        size = self.element.bytes
        place = f"moved_{number}" if cut.needs_no_hart else ""
        streams = []
        for of_source in (True, False):
            window = cut.source if of_source else cut.result
            offset = part.source_offset if of_source else part.result_offset
            offsets = cut.offsets(of_source=of_source)
            # A window begins at its lowest address; at home strides may be negative.
            least = min(offsets) if window else 0
            rows = window.rows if window else 1
            columns = window.columns if window else 1
            streams.append(
                Stream(
                    f"{'in' if of_source else 'out'}_{number}",
                    part.source if of_source else self.outputs[0],
                    Extent.all(rows),
                    Extent.all(columns * size),
                    (window.stride if window else 1) * size,
                    is_constant=of_source and part.is_constant,
                    is_result=not of_source,
                    in_l1=window is not None,
                    offset=(offset + least) * size if window else 0,
                    batches=tuple((each - least) * size for each in offsets),
                    place=place,
                )
            )
        outside = 0 if cut.source else prod(each.size for each in cut.dimensions)
        return Plan(tuple(streams), batches=cut.stripes, outside_bytes=2 * outside * size)

    def code(self, tiling: Tiling, names: Names) -> Code:
        """A pipeline for each part."""
        body, declarations = "", []
        l1_bytes = tiling.sizes["l1_bytes"]
        plans = list(self._plans(l1_bytes))
        for number, (part, plan) in enumerate(zip(self.parts, plans, strict=True)):
            prefix = f"{names.prefix}_{number}" if len(plans) > 1 else names.prefix
            work = self._work(part, self._best(part, l1_bytes) if part.source else None)
            declarations.append(pipeline_text(prefix, plan, work, names))
            if number:
                body += "    hal_barrier();\n"
            body += f"    pipeline_run(&{prefix}_pipeline);\n"
        return Code(
            body=body,
            declarations="\n".join(declarations),
            includes=("hal/hal.h", "deploy/pipeline.h", "deploy/copy_layer.h"),
        )

    def _work(self, part: Part, cut: Cut | None) -> Work:
        header = "deploy/copy_layer.h"
        if cut is None:
            values = {"element_bytes": str(self.element.bytes), "value": str(part.value)}
            return Work("fill_stripe", header, "fill_layer", values)
        if cut.needs_no_hart:
            return Work("", header)
        source: Sequence[int] = [each.source for each in cut.dimensions]
        result: Sequence[int] = [each.result for each in cut.dimensions]
        if cut.source and cut.result:
            source, result = cut.source.strides, cut.result.strides
        # The last dimension is the one that harts copy in a run: it should be long.
        steps = zip((each.size for each in cut.dimensions), source, result, strict=True)
        sizes, source, result = zip(*sorted(steps, key=_run), strict=True)
        box = {
            "rank": str(len(cut.dimensions)),
            "element_bytes": str(self.element.bytes),
            "sizes": _numbers(sizes),
            "in_strides": _numbers(source),
            "out_strides": _numbers(result),
        }
        values = {"box": "{" + members(box) + "}"}
        if cut.source is None:
            values["in_offset"] = str(part.source_offset)
            values["out_offset"] = str(part.result_offset)
        return Work("copy_stripe", header, "copy_layer", values)


def _run(dimension: tuple[int, int, int]) -> tuple[int, int]:
    """How good a dimension is for a run: side by side on both sides, then long."""
    size, source, result = dimension
    return (size >= SHORT_RUN and source == result == 1, size)


def _numbers(values: Sequence[int]) -> str:
    return "{" + ", ".join(map(str, values)) + "}"


@cache
def _best(dimensions: tuple[Dimension, ...], size: int, l1_bytes: int) -> Cut:
    room = l1_bytes - 256  # of alignment
    fitting = (cut for cut in cuts(dimensions) if cut.bytes_in_l1(size) <= room)
    return min(fitting, key=Cut.cycles)


def box_of(shape: tuple[int, ...], source: Sequence[int], result: Sequence[int]) -> Part:
    """A part without a name, of these extents and strides."""
    dimensions = [Dimension(*each) for each in zip(shape, source, result, strict=True)]
    return Part("", merged(dimensions))
