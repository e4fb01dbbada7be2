"""Sums and means along axes that lie side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from vplat.deploy.network import Element

from .c_text import truth
from .layer import Engine, Names
from .pipeline_layer import PipelineLayer, Work, pieces
from .stream import Extent, Plan, Stream

HARTS: Final = 8
TERM_CYCLES: Final = 5
LARGEST_GROUP: Final = 4096
"""Bytes of a group up to which groups make better stripes than columns do."""


class ReduceLayer(PipelineLayer):
    """``out[group][column]`` = the sum of ``in[group][term][column]``, divided by ``divisor``."""

    kind = "reduction"
    engine = Engine.CORES

    def __init__(
        self,
        name: str,
        nodes: tuple[str, ...],
        source: str,
        output: str,
        elements: tuple[Element, Element],
        extents: tuple[int, int, int],
        divisor: int,
    ) -> None:
        self.name, self.nodes, self.divisor = name, nodes, divisor
        self.inputs, self.outputs = (source,), (output,)
        self.of, self.to = elements
        self.groups, self.terms, self.columns = extents
        self.operations = self.groups * self.terms * self.columns

    def sizes(self) -> Iterator[Mapping[str, int]]:
        """Some groups, if they are small; else some columns of one group after the other."""
        by_groups = self.terms * self.columns * self.of.bytes <= LARGEST_GROUP
        for in_l1 in (1, 0):
            if by_groups or not in_l1:
                for groups in pieces(self.groups):
                    yield {"groups": groups, "columns": 0, "in_l1": in_l1}
            if in_l1:
                for columns in pieces(self.columns, 16):
                    yield {"groups": 0, "columns": columns, "in_l1": 1}

    def plan(self, sizes: Mapping[str, int]) -> Plan:
        """Values and results."""
        if sizes["groups"]:
            return self._by_groups(sizes["groups"], in_l1=bool(sizes["in_l1"]))
        return self._by_columns(sizes["columns"])

    @property
    def _cycles(self) -> int:
        return self.operations * TERM_CYCLES // HARTS

    def _by_groups(self, groups: int, *, in_l1: bool) -> Plan:
        row, out_row = self.columns * self.of.bytes, self.columns * self.to.bytes
        group = self.terms * row
        cut = Extent.cut(self.groups, groups)
        all_of_it = Extent.all(out_row)
        streams = (
            Stream("in", self.inputs[0], cut, Extent.all(group), group, in_l1=in_l1),
            Stream("out", self.outputs[0], cut, all_of_it, out_row, is_result=True, in_l1=in_l1),
        )
        outside = 0 if in_l1 else self.operations
        inner = -(-self.groups // groups)
        return Plan(streams, inner=inner, compute_cycles=self._cycles, outside_bytes=outside)

    def _by_columns(self, columns: int) -> Plan:
        row, out_row = self.columns * self.of.bytes, self.columns * self.to.bytes
        streams = (
            Stream(
                "in",
                self.inputs[0],
                Extent.all(self.terms),
                Extent.cut(row, columns * self.of.bytes),
                row,
                batches=tuple(number * self.terms * row for number in range(self.groups)),
            ),
            Stream(
                "out",
                self.outputs[0],
                Extent.all(1),
                Extent.cut(out_row, columns * self.to.bytes),
                out_row,
                is_result=True,
                batches=tuple(number * out_row for number in range(self.groups)),
            ),
        )
        inner = -(-self.columns // columns)
        return Plan(streams, inner=inner, batches=self.groups, compute_cycles=self._cycles)

    def work(self, sizes: Mapping[str, int], plan: Plan, names: Names) -> Work:
        """`reduce_stripe`."""
        values = {
            "in": f"ELEMENT_{self.of.name}",
            "out": f"ELEMENT_{self.to.name}",
            "has_groups_in_rows": truth(bool(sizes["groups"])),
            "terms": str(self.terms),
            "columns": str(self.columns),
            "divisor": str(self.divisor),
        }
        return Work("reduce_stripe", "deploy/reduce_layer.h", "reduce_layer", values)
