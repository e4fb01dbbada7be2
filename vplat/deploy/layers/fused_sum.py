"""Sums of up to three tensors of bytes, requantised and normalised in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import prod
from typing import Final

from vplat.deploy.network import Node

from .c_text import truth
from .elementwise import HARTS, LEAST_STRIPE, flat, whole
from .expression import Grown
from .layer import Constant, Engine, Names
from .pipeline_layer import PipelineLayer, Work, pieces
from .stream import Extent, Plan, Stream
from .sum_tables import SumTables, Term, sum_of, tables_for
from .work import Work as Nodes

OPERAND_CYCLES: Final = {"BYTES": 3, "TERMS": 7}
BASE_CYCLES: Final = 4
NORMALISED_CYCLES: Final = 6
"""Of a hart for each element."""
STRIP_CYCLES: Final = 100
"""Of a hart for four columns of a stripe, whose weights it loads."""


class FusedSumLayer(PipelineLayer):
    """A sum by `firmware/kernels/fused_sum.h`: in runs of elements, or, normalised, in rows."""

    engine = Engine.CORES

    def __init__(
        self,
        name: str,
        nodes: tuple[str, ...],
        output: str,
        shape: tuple[int, ...],
        terms: tuple[Term, ...],
        tables: SumTables,
    ) -> None:
        self.name, self.nodes, self.terms, self.tables = name, nodes, terms, tables
        self.kind = "add" if len(terms) > 1 else "table"
        if tables.weight is not None:
            self.kind = "normalisation"
        self.inputs = tuple(dict.fromkeys(term.home for term in terms if term.stored is None))
        self.outputs = (output,)
        self.columns = shape[-1] if shape else 1
        self.rows = prod(shape[:-1])
        self.operations = self.rows * self.columns
        self.constants = tuple(self._constants())

    def _constants(self) -> Iterator[Constant]:
        for number, term in enumerate(self.terms):
            if term.stored is not None:
                yield Constant(f"operand_{number}", term.stored)
        yield Constant("tables", self.tables.tables)
        if self.tables.weight is not None and self.tables.bias is not None:
            yield Constant("weights", self.tables.weight)
            yield Constant("bias", self.tables.bias)

    def sizes(self) -> Iterator[Mapping[str, int]]:
        """Runs of elements, or some rows, in the end of what stays outside L1."""
        if self.tables.weight is None:
            for each in pieces(self.operations, LEAST_STRIPE):
                yield {"elements": each}
            return
        for in_l1 in (1, 0):
            for rows in pieces(self.rows):
                yield {"rows": rows, "in_l1": in_l1}

    def plan(self, sizes: Mapping[str, int]) -> Plan:
        """Operands, tables, weights, results."""
        is_flat, in_l1 = "elements" in sizes, bool(sizes.get("in_l1", 1))
        streams = [self._operand(number, sizes) for number in range(len(self.terms))]
        streams += [
            whole(constant.name, constant.name, int(constant.values.nbytes), in_l1=in_l1)
            for constant in self.constants
            if constant.name in ("tables", "weights", "bias")
        ]
        streams.append(self._dense("out", self.outputs[0], sizes, is_result=True))
        each = sizes["elements"] if is_flat else sizes["rows"] * self.columns
        stripes = -(-self.operations // each)
        cycles = BASE_CYCLES + OPERAND_CYCLES[self.tables.kind] * len(self.terms)
        cycles = (cycles + NORMALISED_CYCLES * (not is_flat)) * -(-each // HARTS)
        strips = 0 if is_flat else STRIP_CYCLES * -(-self.columns // (4 * HARTS))
        return Plan(
            tuple(streams),
            inner=stripes,
            compute_cycles=stripes * (cycles + strips),
            outside_bytes=0 if in_l1 else 8 * self.operations,
        )

    def _operand(self, number: int, sizes: Mapping[str, int]) -> Stream:
        term, role = self.terms[number], f"operand_{number}"
        if term.stored is None:
            return self._dense(role, term.home, sizes)
        return replace(self._dense(role, role, sizes), is_constant=True)

    def _dense(
        self, role: str, source: str, sizes: Mapping[str, int], *, is_result: bool = False
    ) -> Stream:
        if "elements" in sizes:
            size = self.operations
            return flat(role, source, size, sizes["elements"], 1, is_result=is_result)
        return Stream(
            role,
            source,
            Extent.cut(self.rows, sizes["rows"]),
            Extent.all(self.columns),
            self.columns,
            is_result=is_result,
            in_l1=bool(sizes["in_l1"]),
        )

    def work(self, sizes: Mapping[str, int], plan: Plan, names: Names) -> Work:
        """`fused_sum_stripe`."""
        tables = self.tables
        values = {
            "flipped": f"{tables.flipped:#x}",
            "operands": str(len(self.terms)),
            "kind": f"FUSED_SUM_{tables.kind}",
            "is_normalised": truth(tables.weight is not None),
            "shift": str(tables.shift),
            "norm_shift": str(tables.norm_shift),
        }
        return Work("fused_sum_stripe", "deploy/fused_sum_layer.h", "fused_sum_layer", values)


def fused_sum(work: Nodes, last: Node, grown: Grown) -> FusedSumLayer | None:
    """The layer for an expression that ends at ``last``; None if it is no such sum."""
    result = work.type(last.output)
    of = sum_of(grown.expression, result)
    if of is None or not result.size:
        return None
    tables = tables_for(of, result.element)
    if tables is None:
        return None
    names = tuple(node.name for node in grown.nodes)
    return FusedSumLayer(last.name, names, last.output, result.shape, of.terms, tables)
