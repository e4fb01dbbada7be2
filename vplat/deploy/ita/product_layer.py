"""A product of two int8 matrices as a layer on ITA."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vplat.deploy.layers import Constant
from vplat.deploy.network import Integers

from .matrices import IDENTITY, Activation, Matrix, Requant, constant_operand, product_setup
from .packing import packed_biases
from .planning import Plan, product_plans
from .scheduled_layer import ScheduledLayer, Target


@dataclass(frozen=True)
class Product:
    """
    ``out = activate(requant(left @ right.T + bias))``; one of the two may be constant.

    ``left`` is [M, K], ``right`` [N, K], ``out`` [M, N], each a part of a tensor at its home, or
    the values themselves. ``bias`` has N values, or M with ``bias_by_rows``.
    """

    left: Matrix | Integers
    right: Matrix | Integers
    out: Matrix
    requant: Requant
    bias: Integers | None = None
    bias_by_rows: bool = False
    activation: Activation = IDENTITY

    @property
    def inner(self) -> int:
        """What is summed over."""
        return self.left.columns if isinstance(self.left, Matrix) else self.left.shape[1]


class ProductLayer(ScheduledLayer):
    """A product, whose tiles come and go while ITA multiplies."""

    kind = "product"

    def __init__(self, name: str, nodes: tuple[str, ...], product: Product, target: Target) -> None:
        constants: list[Constant] = []
        left = constant_operand("left", product.left, constants)
        right = constant_operand("right", product.right, constants)
        if product.bias is not None:
            constants.append(Constant("biases", packed_biases(product.bias)))
        self.product = product
        self.operations = product.out.rows * product.out.columns * product.inner
        super().__init__(name, nodes, (left, right, product.out), constants, target)

    def plans(self, slots: int) -> Sequence[Plan]:
        left, right, out = self.grids
        biased, by_rows = self.product.bias is not None, self.product.bias_by_rows
        return product_plans(left, right, out, biased, by_rows, slots, self.speeds)

    def setups(self) -> Sequence[str]:
        inner = self.grids[0].columns
        return [product_setup(inner, self.product.requant, self.product.activation)]
