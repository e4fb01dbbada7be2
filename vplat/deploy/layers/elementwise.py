"""Layers that compute element by element: tables, sums by tables, and programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from vplat.deploy.network import Element, Integers, TensorType

from .c_text import array, members, truth
from .layer import Constant, Engine, Names
from .pipeline_layer import PipelineLayer, Work, pieces
from .program import Program, ProgramOperand
from .stream import Extent, Plan, Stream

HARTS: Final = 8
TABLE_CYCLES, ADD_CYCLES, STEP_CYCLES = 6, 10, 10
"""Of a hart for each element."""
SUMS: Final = 511
SUM_OFFSET: Final = 256
"""Entries of a table of sums, and which one is that of 0 (firmware/kernels/add.h)."""
LEAST_STRIPE: Final = 256


def flat(
    role: str, source: str, total: int, each: int, size: int, *, is_result: bool = False
) -> Stream:
    """A tensor as one row, cut into stripes of ``each`` elements of ``size`` bytes."""
    return Stream(
        role,
        source,
        Extent.all(1),
        Extent.cut(total * size, each * size),
        total * size,
        is_result=is_result,
    )


def whole(
    role: str, source: str, size: int, *, is_constant: bool = True, in_l1: bool = True
) -> Stream:
    """A row of bytes that every stripe has."""
    return Stream(
        role,
        source,
        Extent.all(1),
        Extent.all(size),
        size,
        is_constant=is_constant,
        in_l1=in_l1,
    )


class FlatLayer(PipelineLayer):
    """A layer whose stripes are runs of elements."""

    engine = Engine.CORES
    size: int

    def sizes(self) -> Iterator[Mapping[str, int]]:
        """Runs of elements."""
        for each in pieces(self.size, LEAST_STRIPE):
            yield {"elements": each}

    def stripes(self, sizes: Mapping[str, int]) -> int:
        """How many."""
        return -(-self.size // sizes["elements"])


class TableLayer(FlatLayer):
    """A function of bytes, as a table of 256."""

    kind = "table"

    def __init__(
        self,
        name: str,
        nodes: tuple[str, ...],
        source: str,
        output: str,
        size: int,
        table: Integers,
        element: Element,
    ) -> None:
        self.name, self.nodes = name, nodes
        self.inputs, self.outputs = (source,), (output,)
        self.size = self.operations = size
        self.constants = (Constant("table", table.astype(element.value)),)

    def plan(self, sizes: Mapping[str, int]) -> Plan:
        """Values, the table, results."""
        each = sizes["elements"]
        streams = (
            flat("values", self.inputs[0], self.size, each, 1),
            whole("table", "table", 256),
            flat("out", self.outputs[0], self.size, each, 1, is_result=True),
        )
        cycles = self.size * TABLE_CYCLES // HARTS
        return Plan(streams, inner=self.stripes(sizes), compute_cycles=cycles)

    def work(self, sizes: Mapping[str, int], plan: Plan, names: Names) -> Work:
        """`table_stripe`."""
        return Work("table_stripe", "deploy/table_layer.h")


class AddLayer(FlatLayer):
    """A function of the sum of two functions of bytes, each of them a table."""

    kind = "add"

    def __init__(
        self,
        name: str,
        nodes: tuple[str, ...],
        sources: tuple[str, str],
        output: str,
        size: int,
        tables: tuple[Integers, Integers, Integers],
        element: Element,
    ) -> None:
        self.name, self.nodes, self.sources = name, nodes, sources
        self.inputs, self.outputs = tuple(dict.fromkeys(sources)), (output,)
        self.size = self.operations = size
        left, right, sums = tables
        self.constants = (
            Constant("left_table", left.astype(np.int8)),
            Constant("right_table", right.astype(np.int8)),
            Constant("sum_table", sums.astype(element.value)),
        )

    def plan(self, sizes: Mapping[str, int]) -> Plan:
        """Both operands, three tables, results."""
        each = sizes["elements"]
        streams = (
            flat("left", self.sources[0], self.size, each, 1),
            flat("right", self.sources[1], self.size, each, 1),
            whole("left_table", "left_table", 256),
            whole("right_table", "right_table", 256),
            whole("sum_table", "sum_table", SUMS),
            flat("out", self.outputs[0], self.size, each, 1, is_result=True),
        )
        cycles = self.size * ADD_CYCLES // HARTS
        return Plan(streams, inner=self.stripes(sizes), compute_cycles=cycles)

    def work(self, sizes: Mapping[str, int], plan: Plan, names: Names) -> Work:
        """`add_stripe`."""
        return Work("add_stripe", "deploy/table_layer.h")


class ElementwiseLayer(FlatLayer):
    """Any chain of element-wise operations, as a program."""

    kind = "elementwise"

    def __init__(
        self, name: str, nodes: tuple[str, ...], program: Program, output: str, result: TensorType
    ) -> None:
        self.name, self.nodes, self.program = name, nodes, program
        sources = (each.source for each in program.operands if not each.is_constant)
        self.inputs, self.outputs = tuple(dict.fromkeys(sources)), (output,)
        self.result = result
        self.size = self.operations = result.size
        self.constants = tuple(program.constants)
        self.dimensions, self.strides = collapsed(
            result.shape, [operand.shape for operand in program.operands]
        )

    def sizes(self) -> Iterator[Mapping[str, int]]:
        """Runs of elements; in the end with what is broadcast left outside L1."""
        for in_l1 in (1, 0):
            for sizes in super().sizes():
                yield {**sizes, "in_l1": in_l1}

    def _is_dense(self, operand: ProgramOperand) -> bool:
        return TensorType(operand.element, operand.shape).size == self.size > 1

    def plan(self, sizes: Mapping[str, int]) -> Plan:
        """Operands in the program's order, results."""
        each, streams, outside = sizes["elements"], [], 0
        for number, operand in enumerate(self.program.operands):
            role, size = f"operand_{number}", operand.element.bytes
            if self._is_dense(operand):
                stream = flat(role, operand.source, self.size, each, size)
            else:
                total = self._bytes(operand)
                in_l1 = bool(sizes["in_l1"])
                stream = whole(role, operand.source, total, in_l1=in_l1)
                outside += 0 if in_l1 else self.size * size
            streams.append(_of(stream, operand))
        size = self.result.element.bytes
        streams.append(flat("out", self.outputs[0], self.size, each, size, is_result=True))
        return Plan(
            tuple(streams),
            inner=self.stripes(sizes),
            compute_cycles=self.size * STEP_CYCLES * len(self.program.steps) // HARTS,
            outside_bytes=outside,
        )

    def _bytes(self, operand: ProgramOperand) -> int:
        for constant in self.constants:
            if operand.is_constant and constant.name == operand.source:
                return int(constant.values.nbytes)
        return TensorType(operand.element, operand.shape).bytes

    def work(self, sizes: Mapping[str, int], plan: Plan, names: Names) -> Work:
        """`elementwise_stripe` with the program."""
        prefix, declarations = names.prefix, []
        for number, (kind, text) in enumerate(self.program.parameters):
            name = f"{prefix}_parameter_{number}"
            declarations.append(f"static const {kind} {name} = {text};\n")
        steps = []
        for operation, operand, other, of in self.program.steps:
            parameter = f"&{prefix}_parameter_{of[1:]}" if of.startswith("@") else of
            steps.append(f"{{ELEMENTWISE_{operation}, {operand}, {other}, {parameter}}}")
        declarations.append(array("struct elementwise_step", f"{prefix}_steps", steps))
        operands = [
            "{"
            + members(
                {
                    "element": f"ELEMENT_{operand.element.name}",
                    "is_dense": truth(self._is_dense(operand)),
                    "strides": "{" + ", ".join(map(str, strides)) + "}",
                }
            )
            + "}"
            for operand, strides in zip(self.program.operands, self.strides, strict=True)
        ]
        declarations.append(array("struct elementwise_operand", f"{prefix}_operands", operands))
        program = {
            "steps": f"{prefix}_steps",
            "step_count": str(len(steps)),
            "operands": f"{prefix}_operands",
            "operand_count": str(len(operands)),
            "result": f"ELEMENT_{self.result.element.name}",
            "rank": str(len(self.dimensions)),
            "sizes": "{" + ", ".join(map(str, self.dimensions)) + "}",
        }
        return Work(
            "elementwise_stripe",
            "deploy/elementwise_layer.h",
            "elementwise_layer",
            {"program": "{" + members(program) + "}"},
            "".join(declarations),
        )


def _of(stream: Stream, operand: ProgramOperand) -> Stream:
    from dataclasses import replace

    return replace(stream, is_constant=operand.is_constant)


def collapsed(
    shape: tuple[int, ...], operands: list[tuple[int, ...]]
) -> tuple[tuple[int, ...], list[tuple[int, ...]]]:
    """
    The fewest dimensions that describe a result and how operands broadcast to it: their lengths,
    and for each operand its strides, 0 where it is broadcast.
    """
    rank = len(shape)
    strides: list[list[int]] = []
    for operand in operands:
        padded = (1,) * (rank - len(operand)) + operand
        step = 1
        found: list[int] = []
        for length in reversed(padded):
            found.insert(0, 0 if length == 1 else step)
            step *= length
        strides.append(found)
    axes = [axis for axis in range(rank) if shape[axis] != 1] or [rank - 1] * bool(rank)
    lengths = [shape[axis] for axis in axes] or [1]
    steps = [[each[axis] for axis in axes] or [0] for each in strides]
    i = len(lengths) - 1
    while i > 0:
        if all(each[i - 1] == each[i] * lengths[i] for each in steps):
            lengths[i - 1] *= lengths[i]
            del lengths[i]
            for each in steps:
                del each[i - 1]
        i -= 1
    return tuple(lengths), [tuple(each) for each in steps]
