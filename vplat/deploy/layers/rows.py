"""Layers that take a matrix row by row: normalisation and softmax."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from math import prod
from typing import Final

import numpy as np

from vplat.deploy.network import Element, Integers, TensorType
from vplat.deploy.network.operators import LayerNorm, NoNorm, PolynomialSoftmax, RmsNorm, Softmax2
from vplat.errors import DeployError

from .c_text import truth
from .elementwise import whole
from .layer import Constant, Engine, Names
from .pipeline_layer import PipelineLayer, Work, pieces
from .stream import Extent, Plan, Stream

HARTS: Final = 8
NORM_CYCLES, SOFTMAX_CYCLES = 28, 20
"""Of a hart for each element."""
ROW_CYCLES: Final = 200
LARGEST_COLUMNS: Final = 32767
"""Rows that the kernels of normalisation take (firmware/kernels/normalise.h)."""
LARGEST_PRODUCT: Final = 1 << 29
LARGEST_BIAS: Final = 1 << 30
LONGEST_ROW: Final = 65535
LARGEST_WEIGHT: Final = 1 << 21
"""Of a distance in iSoftmax (firmware/kernels/softmax.h)."""


class RowsLayer(PipelineLayer):
    """A function of each row of bytes, with constants that all rows share."""

    engine = Engine.CORES
    cycles_each = NORM_CYCLES
    rows_at_once = 1

    def __init__(
        self, name: str, nodes: tuple[str, ...], source: str, output: str, type_: TensorType
    ) -> None:
        self.name, self.nodes = name, nodes
        self.inputs, self.outputs = (source,), (output,)
        self.element = type_.element
        self.columns = type_.shape[-1]
        self.rows = prod(type_.shape[:-1])
        self.operations = self.rows * self.columns

    def sizes(self) -> Iterator[Mapping[str, int]]:
        """Some rows; in the end everything outside L1."""
        for in_l1 in (1, 0):
            for rows in pieces(self.rows):
                yield {"rows": rows, "in_l1": in_l1}

    def plan(self, sizes: Mapping[str, int]) -> Plan:
        """Values, constants, results."""
        in_l1 = bool(sizes["in_l1"])
        streams = [self._rows("values", self.inputs[0], sizes, in_l1=in_l1)]
        for constant in self.constants:
            size = int(constant.values.nbytes)
            streams.append(whole(constant.name, constant.name, size, in_l1=in_l1))
        streams.append(self._rows("out", self.outputs[0], sizes, in_l1=in_l1, is_result=True))
        return Plan(
            tuple(streams),
            inner=-(-self.rows // sizes["rows"]),
            compute_cycles=-(-self.rows // sizes["rows"])
            * self._rows_of_a_hart(sizes["rows"])
            * (self.columns * self.cycles_each + ROW_CYCLES),
            outside_bytes=0 if in_l1 else 8 * self.operations,
        )

    def _rows_of_a_hart(self, rows: int) -> int:
        """Of a stripe, as many as it takes the time of; some kernels take two at once."""
        each = -(-min(rows, self.rows) // HARTS)
        return -(-each // self.rows_at_once) * self.rows_at_once

    def _rows(
        self,
        role: str,
        source: str,
        sizes: Mapping[str, int],
        *,
        in_l1: bool,
        is_result: bool = False,
    ) -> Stream:
        return Stream(
            role,
            source,
            Extent.cut(self.rows, sizes["rows"]),
            Extent.all(self.columns),
            self.columns,
            is_result=is_result,
            in_l1=in_l1,
        )

    @abstractmethod
    def work(self, sizes: Mapping[str, int], plan: Plan, names: Names) -> Work:
        """The kernel."""


class NormLayer(RowsLayer):
    """iLayerNorm or iRMSNorm."""

    kind = "normalisation"
    rows_at_once = 2

    def __init__(
        self,
        name: str,
        nodes: tuple[str, ...],
        source: str,
        output: str,
        type_: TensorType,
        operator: LayerNorm | RmsNorm,
        parameters: tuple[Integers, ...],
    ) -> None:
        super().__init__(name, nodes, source, output, type_)
        self.operator = operator
        columns = (self.columns,)
        self.constants = tuple(
            Constant(role, np.broadcast_to(values, columns).astype(np.int32))
            for role, values in zip(("weights", "bias"), parameters, strict=False)
        )
        if self.columns > LONGEST_ROW:
            raise DeployError(f"{name}: rows of {self.columns} are longer than {LONGEST_ROW}")

    @property
    def is_wide(self) -> bool:
        """Whether it takes 64 bits."""
        signed = self.element is Element.INT8 and isinstance(self.operator, RmsNorm)
        weights, *bias = (
            int(np.abs(constant.values.astype(np.int64)).max(initial=0))
            for constant in self.constants
        )
        product = weights * (128 if signed else 255)
        too_large = product >= LARGEST_PRODUCT or max(bias, default=0) > LARGEST_BIAS
        return too_large or self.columns > LARGEST_COLUMNS

    def work(self, sizes: Mapping[str, int], plan: Plan, names: Names) -> Work:
        """`layer_norm_stripe` or `rms_norm_stripe`."""
        is_layer_norm = isinstance(self.operator, LayerNorm)
        values = {
            "is_unsigned": truth(self.element is Element.UINT8),
            "log2_divisor": str(self.operator.log2_divisor),
        }
        function = "layer_norm_stripe" if is_layer_norm else "rms_norm_stripe"
        return _narrow_or_wide(function, "normalise_layer", values, is_wide=self.is_wide)


def _narrow_or_wide(
    function: str, structure: str, values: Mapping[str, str], *, is_wide: bool
) -> Work:
    """The kernel of 32 bits, or its slower counterpart of 64."""
    if is_wide:
        return Work(f"wide_{function}", "deploy/wide_rows_layer.h", structure, values)
    return Work(function, "deploy/rows_layer.h", structure, values)


class SoftmaxLayer(RowsLayer):
    """Softmax of base 2."""

    kind = "softmax"
    cycles_each = SOFTMAX_CYCLES

    def __init__(
        self,
        name: str,
        nodes: tuple[str, ...],
        source: str,
        output: str,
        type_: TensorType,
        operator: Softmax2,
    ) -> None:
        super().__init__(name, nodes, source, output, type_)
        self.operator = operator

    def work(self, sizes: Mapping[str, int], plan: Plan, names: Names) -> Work:
        """`softmax_stripe`."""
        operator = self.operator
        group = "SOFTMAX_WHOLE_ROW" if operator.group is None else str(operator.group)
        rule = f"{{{operator.numerator}, {operator.step_log2}, {group}}}"
        return Work("softmax_stripe", "deploy/rows_layer.h", "softmax_layer", {"rule": rule})


class PolynomialSoftmaxLayer(RowsLayer):
    """iSoftmax: weights by distance, from a table."""

    kind = "softmax"
    cycles_each = SOFTMAX_CYCLES

    def __init__(
        self,
        name: str,
        nodes: tuple[str, ...],
        source: str,
        output: str,
        type_: TensorType,
        operator: PolynomialSoftmax,
    ) -> None:
        super().__init__(name, nodes, source, output, type_)
        self.operator = operator
        weights: Integers = np.array(operator.exponentials(), dtype=np.int64)
        largest = int(weights.max())
        self.is_wide = largest >= LARGEST_WEIGHT or largest * self.columns >= 1 << 32
        self.constants = (Constant("weights", weights.astype(np.uint32)),)

    def work(self, sizes: Mapping[str, int], plan: Plan, names: Names) -> Work:
        """`isoftmax_stripe`."""
        values = {"greatest": str(self.operator.levels - 1)}
        return _narrow_or_wide("isoftmax_stripe", "isoftmax_layer", values, is_wide=self.is_wide)


class NoNormLayer(RowsLayer):
    """iNoNorm with a weight and a bias for each column."""

    kind = "normalisation"

    def __init__(
        self,
        name: str,
        nodes: tuple[str, ...],
        source: str,
        output: str,
        type_: TensorType,
        operator: NoNorm,
        parameters: tuple[Integers, Integers],
    ) -> None:
        super().__init__(name, nodes, source, output, type_)
        self.operator = operator
        weights, bias = parameters
        self.constants = (
            Constant("weights", weights.astype(np.int8)),
            Constant("bias", bias.astype(np.int32)),
        )

    @staticmethod
    def takes(operator: NoNorm, type_: TensorType, weights: Integers, bias: Integers) -> bool:
        """Whether the kernel does: int8 throughout, one parameter a column, 32 bits enough."""
        columns = type_.shape[-1:]
        if type_.element is not Element.INT8 or not weights.size or operator.log2_divisor > 31:
            return False
        if weights.shape != columns or bias.shape != columns:
            return False
        if weights.min() < Element.INT8.least or weights.max() > Element.INT8.greatest:
            return False
        sums = np.abs(weights) * 128 + np.abs(bias)
        return int(sums.max()) * abs(operator.mult) < 1 << 31

    def work(self, sizes: Mapping[str, int], plan: Plan, names: Names) -> Work:
        """`no_norm_stripe`."""
        values = {
            "mult": str(self.operator.mult),
            "log2_divisor": str(self.operator.log2_divisor),
        }
        return Work("no_norm_stripe", "deploy/rows_layer.h", "no_norm_layer", values)
