"""iLayerNorm and iRMSNorm by words, where weights and results are small enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from vplat.deploy.network import Element, Integers, Node, TensorType
from vplat.deploy.network.operators import LayerNorm, RmsNorm

from .c_text import truth
from .layer import Buffer, Constant, Names, Stored
from .pipeline_layer import Work as StripeWork
from .pipeline_layer import pieces
from .rows import HARTS, LARGEST_COLUMNS, RowsLayer
from .stream import Plan
from .work import Work

MOST_WEIGHT: Final = (1 << 21) - 1
"""Of a column (firmware/kernels/table_norm.h)."""
MOST_RESULTS: Final = 8192
WORD: Final = 4
FOUND_BYTES: Final = 12
"""Of a `struct table_norm_row`."""
SUM_CYCLES, WORD_CYCLES, ROW_CYCLES, STRIP_CYCLES = 7, 66, 300, 120
"""Of a hart: to sum up an element, to normalise four, for each row, and for four columns of all."""
ROOTS: Final = 256


def largest_distance(columns: int, most: int) -> int:
    """
    What no |x - mean| / root of ``columns`` values exceeds, rounded up; ``most`` is the largest
    |x - mean| there can be.

    With S the sum of squared distances, of which none is more than S, the root is that of
    S // columns + 1: so for each quotient there is a largest distance.
    """
    quotients = np.arange(most * most + 1, dtype=np.int64)
    roots = np.floor(np.sqrt((quotients + 1).astype(np.float64))).astype(np.int64)
    distances = np.sqrt((quotients * columns + columns - 1).astype(np.float64))
    return int(np.ceil(np.minimum(distances, most) / roots).max())


class TableNormLayer(RowsLayer):
    """Either norm, with the limits of results in a table."""

    kind = "normalisation"

    def __init__(
        self,
        last: Node,
        source: str,
        type_: TensorType,
        operator: LayerNorm | RmsNorm,
        parameters: tuple[Integers, Integers, Integers],
    ) -> None:
        super().__init__(last.name, (last.name,), source, last.output, type_)
        self.operator = operator
        weights, bias, results = parameters
        self.constants = (
            Constant("weights", (weights * 4).astype(np.int32)),
            Constant("bias", bias.astype(np.int32)),
            Constant("tables", np.concatenate([_inverses(), results.astype(np.int8)])),
        )

    def sizes(self) -> Iterator[Mapping[str, int]]:
        """Rows that harts share evenly."""
        for in_l1 in (1, 0):
            for rows in pieces(self.rows, HARTS):
                yield {"rows": min(rows, self.rows), "in_l1": in_l1}

    def plan(self, sizes: Mapping[str, int]) -> Plan:
        """As for any rows, in two steps: what rows have in common, then columns by four."""
        plan = super().plan(sizes)
        rows = sizes["rows"]
        strips = self.columns // WORD
        each = -(-rows // HARTS) * (SUM_CYCLES * self.columns + ROW_CYCLES)
        each += -(-rows * strips // HARTS) * WORD_CYCLES + -(-strips // HARTS) * STRIP_CYCLES
        found = Buffer("found", FOUND_BYTES * (rows + 1))
        return replace(plan, compute_cycles=plan.stripes * each, steps=2, scratch=(found,))

    def work(self, sizes: Mapping[str, int], plan: Plan, names: Names) -> StripeWork:
        """`table_norm_stripe`."""
        values = {
            "in_is_unsigned": truth(self.element is Element.UINT8),
            "is_centred": truth(isinstance(self.operator, LayerNorm)),
            "shift": str(self.operator.log2_divisor),
            "found": names.l1("found"),
        }
        return StripeWork(
            "table_norm_stripe", "deploy/table_norm_layer.h", "table_norm_layer", values
        )


def match_table_norm(work: Work, last: Node) -> TableNormLayer | None:
    """Normalisation of rows of whole words."""
    operator = last.operator
    if not isinstance(operator, LayerNorm | RmsNorm):
        return None
    if not all(map(work.is_constant, last.inputs[1:])):
        return None
    source = last.inputs[0]
    columns = work.shape(last.output)[-1]
    if not columns or columns % WORD or columns > LARGEST_COLUMNS:
        return None
    found = [np.broadcast_to(work.constant(each), (columns,)) for each in last.inputs[1:]]
    weights, bias = found[0], found[1] if len(found) > 1 else np.zeros(columns, np.int64)
    element = work.type(source).element
    fitted = _results(operator, element, weights, bias)
    if fitted is None:
        return None
    return TableNormLayer(last, work.home(source), work.type(source), operator, (weights, *fitted))


def _inverses() -> Stored:
    """`struct table_norm_inverse` of all roots, as bytes."""
    inverses = np.zeros((ROOTS, 2), np.int32)
    for root in range(1, ROOTS):
        log2 = root.bit_length() - 1
        inverses[root] = (1 << (30 + log2)) // root + 1, log2
    return np.frombuffer(inverses.astype("<i4").tobytes(), np.int8)


def _results(
    operator: LayerNorm | RmsNorm, element: Element, weights: Integers, bias: Integers
) -> tuple[Integers, Integers] | None:
    """The bias from which places begin with 0, and the results by place; None if they are many."""
    signed_root_mean = isinstance(operator, RmsNorm) and element is Element.INT8
    most = 128 if signed_root_mean else 255
    if int(np.abs(weights).max()) > MOST_WEIGHT:
        return None
    reach = np.abs(weights) * largest_distance(weights.size, most)
    least = int((bias - reach).min()) >> operator.log2_divisor
    greatest = int((bias + reach).max()) >> operator.log2_divisor
    shifted = bias - (least << operator.log2_divisor)
    if greatest - least >= MOST_RESULTS or int((shifted + reach).max()) >= 1 << 31:
        return None
    places: Integers = np.arange(least, greatest + 1, dtype=np.int64)
    return shifted, np.clip(places, Element.INT8.least, Element.INT8.greatest)
