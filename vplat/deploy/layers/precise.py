"""Rows of networks that were quantised after training: their own normalisation and softmax."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from vplat.deploy.network import Element, Integers, Node
from vplat.deploy.network.operators.precise import PreciseNorm, TableSoftmax
from vplat.errors import DeployError

from .c_text import truth
from .layer import Constant, Layer, Names
from .pipeline_layer import Work as StripeWork
from .rows import RowsLayer
from .stream import Plan
from .work import Work

HEADER: Final = "deploy/precise_layer.h"
LARGEST_WEIGHT: Final = 1 << 16
"""Of a column (firmware/kernels/precise.h)."""


class PreciseNormLayer(RowsLayer):
    """Normalisation by a root with bits after the point."""

    kind = "normalisation"
    cycles_each = 30

    def __init__(self, work: Work, last: Node, operator: PreciseNorm) -> None:
        source, *parameters = last.inputs
        of = work.type(source)
        super().__init__(last.name, (last.name,), work.home(source), last.output, of)
        self.operator = operator
        values = [work.constant(each) for each in parameters]
        if int(np.abs(values[0]).max(initial=0)) > LARGEST_WEIGHT:
            raise DeployError(
                f"{last.name}: its weights are more than {LARGEST_WEIGHT} steps of its result"
            )
        self.constants = tuple(
            Constant(role, each.astype(np.int32))
            for role, each in zip(("weights", "bias"), values, strict=True)
        )

    def work(self, sizes: Mapping[str, int], plan: Plan, names: Names) -> StripeWork:
        """`precise_norm_stripe`."""
        operator = self.operator
        values = {
            "in_is_unsigned": truth(self.element is Element.UINT8),
            "out_is_unsigned": truth(operator.element is Element.UINT8),
            "centres": truth(operator.centres),
            "shift": str(operator.shift),
            "epsilon": str(operator.epsilon),
            "zero": str(operator.zero),
        }
        return StripeWork("precise_norm_stripe", HEADER, "precise_norm_layer", values)


class TableSoftmaxLayer(RowsLayer):
    """Softmax by a table of weights."""

    kind = "softmax"
    cycles_each = 30

    def __init__(self, work: Work, last: Node, operator: TableSoftmax, weights: Integers) -> None:
        source = last.inputs[0]
        of = work.type(source)
        super().__init__(last.name, (last.name,), work.home(source), last.output, of)
        self.operator = operator
        self.constants = (Constant("weights", weights.astype(np.uint32)),)

    def work(self, sizes: Mapping[str, int], plan: Plan, names: Names) -> StripeWork:
        """`precise_softmax_stripe`."""
        operator = self.operator
        values = {
            "in_is_unsigned": truth(self.element is Element.UINT8),
            "out_is_unsigned": truth(operator.element is Element.UINT8),
            "levels": str(operator.levels),
            "zero": str(operator.zero),
        }
        return StripeWork("precise_softmax_stripe", HEADER, "precise_softmax_layer", values)


def match_precise(work: Work, last: Node) -> Layer | None:
    """Both of them."""
    if not all(map(work.is_constant, last.inputs[1:])):
        return None
    match last.operator:
        case PreciseNorm() as norm:
            return PreciseNormLayer(work, last, norm)
        case TableSoftmax() as softmax:
            return TableSoftmaxLayer(work, last, softmax, work.constant(last.inputs[1]))
    return None
