"""Products of matrices on the harts, with bias and requantisation fused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from vplat.deploy.network import Element, Integers

from .c_text import truth
from .layer import Buffer, Constant, Engine, Names
from .pipeline_layer import PipelineLayer, Work, pieces
from .rescaling import Rescale
from .stream import Extent, Plan, Stream

HARTS = 8
PAIRED_CYCLES, DIRECT_CYCLES = 2.5, 4.5
"""Of a hart for each multiply-accumulate: between those of the two clusters."""
BLOCK_CYCLES, SETUP_CYCLES = 450, 400
"""For what becomes of a block's sums; for a hart's part of a stripe."""
LARGEST_INNER = 2048
"""With rows longer than this the interleaved copies of eight harts leave no room in L1."""


@dataclass(frozen=True)
class Operand:
    """
    Matrices, one for each batch: ``rows`` of ``columns`` side by side, ``stride`` elements apart,
    the first one ``batches[batch]`` elements from the source's beginning.
    """

    source: str
    element: Element
    rows: int
    columns: int
    stride: int
    batches: tuple[int, ...]
    is_constant: bool = False

    def stream(self, role: str, rows: Extent, columns: Extent, *, in_l1: bool) -> Stream:
        """Its stream; ``columns`` are elements."""
        size = self.element.bytes
        first = min(self.batches)
        return Stream(
            role,
            self.source,
            rows,
            Extent(
                columns.count * size,
                columns.total * size,
                columns.outer * size,
                columns.inner * size,
            ),
            self.stride * size,
            is_constant=self.is_constant,
            in_l1=in_l1,
            offset=first * size,
            batches=tuple((batch - first) * size for batch in self.batches),
        )


@dataclass(frozen=True)
class Finish:
    """What becomes of the sums: bias by columns, and scales."""

    bias: Integers | None = None
    rescale: Rescale | None = None
    scales: str = "one"
    """``one`` for all, or different ``columns``, ``rows`` or ``batches``."""
    mult: Integers | None = None
    before: Integers | None = None
    """By columns, by rows: one each. By batches: the shape of the batches."""
    batch_shape: tuple[int, ...] = ()


def padded_scratch(inner: int, paired: bool) -> int:
    """`gemm_scratch_bytes` of firmware/kernels/gemm.c."""
    size = 8 * (inner + (inner & 1)) if paired else 4 * inner
    return -(-(size - 8) // 64) * 64 + 8 if size > 8 else 8


def is_general(left: Element, right: Element, inner: int) -> bool:
    """Whether it takes the kernel for all types, which finishes nothing but sums."""
    return left is Element.INT32 or right is not Element.INT8 or inner > LARGEST_INNER


class ProductLayer(PipelineLayer):
    """``left @ right`` for each batch. ``by_columns``: the right matrix is stored transposed."""

    kind = "product"
    engine = Engine.CORES

    def __init__(
        self,
        name: str,
        nodes: tuple[str, ...],
        left: Operand,
        right: Operand,
        output: str,
        finish: Finish,
        *,
        by_columns: bool,
        left_values: Integers | None = None,
        right_values: Integers | None = None,
    ) -> None:
        self.name, self.nodes = name, nodes
        self.left, self.right, self.by_columns = left, right, by_columns
        self.finish = finish
        self.outputs = (output,)
        operands = (each.source for each in (left, right) if not each.is_constant)
        self.inputs = tuple(dict.fromkeys(operands))
        self.rows, self.inner = left.rows, left.columns
        self.columns = right.rows if by_columns else right.columns
        self.operations = self.rows * self.columns * self.inner * len(left.batches)
        self.is_general = is_general(left.element, right.element, self.inner)
        self.constants = tuple(self._constants(left_values, right_values))

    def _constants(
        self, left_values: Integers | None, right_values: Integers | None
    ) -> Iterator[Constant]:
        if left_values is not None:
            yield Constant("left", left_values.astype(self.left.element.value))
        if right_values is not None:
            yield Constant("right", right_values.astype(self.right.element.value))
            if self.left.element is Element.UINT8 and not self.is_general:
                sums = right_values.sum(axis=-1 if self.by_columns else -2)
                yield Constant("right_sums", sums.astype(np.int32))
        if self.finish.bias is not None:
            yield Constant("bias", self.finish.bias.astype(np.int32))
        if self.finish.scales in ("rows", "columns"):
            assert self.finish.mult is not None  # noqa: S101 - as the class says
            assert self.finish.before is not None  # noqa: S101
            yield Constant("mult", self.finish.mult.astype(np.int32))
            yield Constant("before", self.finish.before.astype(np.int32))

    @property
    def out_element(self) -> Element:
        """What the results are."""
        return self.finish.rescale.element if self.finish.rescale else Element.INT32

    def sizes(self) -> Iterator[Mapping[str, int]]:
        """Whole columns rather than whole rows, paired rather than direct."""
        for paired in (0,) if self.is_general else (1, 0):
            for columns in pieces(self.columns, 4):
                for rows in pieces(self.rows, 4):
                    yield {"rows": rows, "columns": columns, "paired": paired, "in_l1": 1}
        yield {"rows": self.rows, "columns": self.columns, "paired": 0, "in_l1": 0}

    def plan(self, sizes: Mapping[str, int]) -> Plan:
        """Rows in the inner loop, columns in the outer one."""
        rows, columns = Extent.cut(self.rows, sizes["rows"]), sizes["columns"]
        across = Extent.cut(self.columns, columns, outer=True)
        whole, in_l1 = Extent.all(self.inner), bool(sizes["in_l1"])
        right = (across, whole) if self.by_columns else (whole, across)
        streams = [
            self.left.stream("left", rows, whole, in_l1=in_l1),
            self.right.stream("right", *right, in_l1=in_l1),
            *self._words(rows, across),
            self._result(rows, across, in_l1=in_l1),
        ]
        return Plan(
            tuple(streams),
            inner=-(-self.rows // sizes["rows"]) if self.rows else 0,
            outer=-(-self.columns // columns) if self.columns else 0,
            batches=len(self.left.batches),
            steps=2 if self._makes_sums(sizes) else 1,
            scratch=self._scratch(sizes),
            compute_cycles=self._cycles(sizes),
            outside_bytes=0 if in_l1 else self.operations,
        )

    def _cycles(self, sizes: Mapping[str, int]) -> int:
        """Blocks of 4 x 4, which harts share, and rows that each of them interleaves first."""
        down = -(-min(sizes["rows"], self.rows) // 4)
        across = -(-min(sizes["columns"], self.columns) // 4)
        each = PAIRED_CYCLES if sizes["paired"] else DIRECT_CYCLES
        blocks = -(-down * across // HARTS)
        panels = 1 + (blocks - 1) // max(1, across)
        one = blocks * (16 * self.inner * each + BLOCK_CYCLES) + panels * 11 * self.inner
        made = 3 * self.inner * across * 4 // HARTS if self._makes_sums(sizes) else 0
        stripes = -(-self.rows // sizes["rows"]) * -(-self.columns // sizes["columns"])
        return int(len(self.left.batches) * stripes * (one + made + SETUP_CYCLES))

    def _words(self, rows: Extent, across: Extent) -> Iterator[Stream]:
        """Bias, sums and scales: one row of words."""
        batches = len(self.left.batches)
        by_rows = self.finish.scales == "rows"
        for constant in self.constants:
            if constant.name in ("left", "right"):
                continue
            cut = rows if by_rows and constant.name in ("mult", "before") else across
            matrices = range(batches) if constant.values.ndim > 1 else (0,) * batches
            yield Stream(
                constant.name,
                constant.name,
                Extent.all(1),
                Extent(4 * cut.count, 4 * cut.total, 4 * cut.outer, 4 * cut.inner),
                4 * cut.total,
                is_constant=True,
                batches=tuple(self._matrix(number) * 4 * cut.total for number in matrices),
            )

    def _matrix(self, batch: int) -> int:
        """Which of the right constant's matrices a batch has."""
        size = self.right.rows * self.right.stride
        return self.right.batches[batch] // size if size else 0

    def _result(self, rows: Extent, across: Extent, *, in_l1: bool) -> Stream:
        size = self.out_element.bytes
        matrix = self.rows * self.columns * size
        return Stream(
            "out",
            self.outputs[0],
            rows,
            Extent(size * across.count, size * across.total, size * across.outer),
            size * self.columns,
            is_result=True,
            in_l1=in_l1,
            batches=tuple(number * matrix for number in range(len(self.left.batches))),
        )

    def _makes_sums(self, sizes: Mapping[str, int]) -> bool:
        return bool(
            sizes["paired"] and self.left.element is Element.UINT8 and not self.right.is_constant
        )

    def _scratch(self, sizes: Mapping[str, int]) -> tuple[Buffer, ...]:
        if self.is_general:
            return ()
        scratch = [Buffer("panels", HARTS * padded_scratch(self.inner, bool(sizes["paired"])))]
        if self._makes_sums(sizes):
            scratch.append(Buffer("made_sums", 4 * sizes["columns"]))
        return tuple(scratch)

    def work(self, sizes: Mapping[str, int], plan: Plan, names: Names) -> Work:
        """`gemm_stripe`, or `product_stripe` for what that does not take."""
        if self.is_general:
            values = {
                "left": f"ELEMENT_{self.left.element.name}",
                "right": f"ELEMENT_{self.right.element.name}",
                "right_by_columns": truth(self.by_columns),
            }
            header = "deploy/product_layer.h"
            return Work("product_stripe", header, "product_layer", values)
        roles = [stream.role for stream in plan.streams]
        values = {
            role: str(roles.index(role)) if role in roles else "NO_STREAM"
            for role in ("left", "right", "bias", "right_sums", "mult", "before", "out")
        }
        values["left_is_unsigned"] = truth(self.left.element is Element.UINT8)
        values["right_by_columns"] = truth(self.by_columns)
        values["scales_by_rows"] = truth(self.finish.scales == "rows")
        values["is_paired"] = truth(bool(sizes["paired"]))
        declarations = ""
        if self.finish.rescale is not None:
            by_batches = self.finish.scales == "batches"
            name = f"{names.prefix}_rescale"
            shape = self.finish.batch_shape if by_batches else ()
            declarations = self.finish.rescale.declaration(name, shape)
            values["rescales"] = name
            values["has_rescale_each_batch"] = truth(by_batches)
        if self._makes_sums(sizes):
            values["made_sums"] = f"(int32_t *)(void *)({names.l1('made_sums')})"
        values["scratch"] = names.l1("panels")
        return Work("gemm_stripe", "deploy/gemm_layer.h", "gemm_layer", values, declarations)
