"""Layers on ITA on the boards: random shapes, each byte compared, the driver's rules kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.deploy.ita_programs import ARENA_BYTES, Program, Ran, Workshop, rates_of
from vplat.deploy.ita.attention_layer import Attention, AttentionLayer, Heads
from vplat.deploy.ita.legality import SOFTMAX
from vplat.deploy.ita.matrices import Activation, Function, Matrix, Requant
from vplat.deploy.ita.norm_layer import Norm, NormLayer
from vplat.deploy.ita.product_layer import Product, ProductLayer
from vplat.deploy.ita.scheduled_layer import ScheduledLayer, Target
from vplat.deploy.ita.sum_layer import ScaledSum, SumLayer
from vplat.deploy.network import Element, Integers
from vplat.deploy.network.operators import ItaGelu, LayerNorm, Relu, Requantise, RmsNorm
from vplat.errors import DeployError
from vplat.machine.outcome import Ending

BOARDS = ("snitch-ita", "pulp-ita")
SEED = 5
Stored = npt.NDArray[Any]


def requantised(sums: Integers, by: Requant) -> Integers:
    add = np.array(by.add << by.shift)
    return Requantise(by.shift, Element.INT8).compute((sums, np.array(by.mult), add))


class Cases:
    """Layers that run one after the other, with what each must leave."""

    def __init__(self, board: str) -> None:
        self.target = Target(rates_of(board), ARENA_BYTES - 2048)
        self.random = np.random.default_rng(SEED)
        self.layers: list[ScheduledLayer] = []
        self.tensors: dict[str, Stored] = {}
        self.expected: dict[str, Stored] = {}

    def draw(self, *shape: int) -> Integers:
        return self.random.integers(-128, 128, shape)

    def tensor(self, values: Integers) -> str:
        name = f"t{len(self.tensors)}"
        self.tensors[name] = values.astype(np.int8)
        return name

    def result(self, expected: Integers) -> str:
        """Where a layer writes; what is around it in the tensor stays."""
        name = self.tensor(np.full(expected.shape, 85))
        self.expected[name] = expected.astype(np.int8)
        return name

    def product(
        self, rows: int, inner: int, columns: int, activation: Activation | None = None
    ) -> None:
        left, right = self.draw(rows, inner), self.draw(columns, inner)
        bias = self.random.integers(-40000, 40000, columns)
        by = Requant(53, 20, -3)
        values = requantised(left @ right.T + bias, by)
        activation = activation or Activation()
        match activation.function:
            case Function.RELU:
                values = requantised(Relu().compute((values,)), activation.requant)
            case Function.GELU:
                gelu = ItaGelu(activation.gelu_b, activation.gelu_c)
                values = requantised(gelu.compute((values,)), activation.requant)
        out = Matrix(self.result(values), rows, columns, columns)
        matrix = Matrix(self.tensor(left), rows, inner, inner)
        product = Product(matrix, right, out, by, bias, activation=activation)
        self.layers.append(ProductLayer("product", ("a",), product, self.target))

    def turned_product(self, weights: int, inner: int, places: int) -> None:
        """Weights on the left, into a slice of a wider tensor."""
        left, right = self.draw(weights, inner), self.draw(places, inner)
        bias = self.random.integers(-40000, 40000, weights)
        by = Requant(101, 21, 4)
        whole = np.full((weights, places + 30), 85)
        whole[:, 20 : 20 + places] = requantised(left @ right.T + bias[:, None], by)
        out = Matrix(self.result(whole), weights, places, places + 30, 20)
        matrix = Matrix(self.tensor(right), places, inner, inner)
        product = Product(left, matrix, out, by, bias, bias_by_rows=True)
        self.layers.append(ProductLayer("turned", ("a",), product, self.target))

    def patches(self, places: int, step: int, taps: int, channels: int, columns: int) -> None:
        """Rows that overlap."""
        source, right = (
            self.draw(places * step + taps, channels),
            self.draw(columns, taps * channels),
        )
        rows = np.stack([source[at * step : at * step + taps].reshape(-1) for at in range(places)])
        by = Requant(7, 17, 0)
        out = Matrix(self.result(requantised(rows @ right.T, by)), places, columns, columns)
        left = Matrix(self.tensor(source), places, taps * channels, step * channels)
        product = Product(left, right, out, by)
        self.layers.append(ProductLayer("patches", ("a",), product, self.target))

    def sum(self, rows: int, columns: int, operands: int, *, constant: bool = False) -> None:
        values = [self.draw(rows, columns) for _ in range(operands)]
        scales = self.random.integers(-127, 128, (operands, columns))
        bias = self.random.integers(-9000, 9000, columns)
        by = Requant(99, 14, 2)
        total = sum(each * scale for each, scale in zip(values, scales, strict=True)) + bias
        out = Matrix(self.result(requantised(total, by)), rows, columns, columns)
        given: list[Matrix | Integers] = [
            Matrix(self.tensor(each), rows, columns, columns) for each in values
        ]
        if constant:
            given[-1] = values[-1]
        scaled = ScaledSum(tuple(given), scales, out, by, bias)
        self.layers.append(SumLayer("sum", ("a",), scaled, self.target))

    def attention(
        self, heads: int, sequence: int, width: int, *, flat: bool = False, bias: int = 0
    ) -> None:
        """With ``flat``, logits are small, so that padded keys would count."""
        queries, keys, values = (self.draw(sequence, heads * width) for _ in range(3))
        logits = Requant(31, 24, -127) if flat else Requant(31, 16, 0)
        mixed = Requant(9, 10, 1)
        expected = np.zeros((sequence, heads * width), np.int64)
        for head in range(heads):
            part = slice(head * width, (head + 1) * width)
            scores = requantised(queries[:, part] @ keys[:, part].T + bias, logits)
            weights = SOFTMAX.compute((scores,))
            expected[:, part] = requantised(weights @ values[:, part], mixed)

        def side_by_side(name: str) -> Heads:
            return Heads(Matrix(name, sequence, width, heads * width), width)

        turned = Matrix(self.tensor(values.T), width, sequence, sequence)
        described = Attention(
            heads,
            side_by_side(self.tensor(queries)),
            side_by_side(self.tensor(keys)),
            Heads(turned, width * sequence),
            side_by_side(self.result(expected)),
            logits,
            mixed,
            bias,
        )
        self.layers.append(AttentionLayer("attention", ("a",), described, self.target))

    def normalised(self, rows: int, columns: int, *, centred: bool, wild: bool = False) -> None:
        """Three products of one norm, one of them transposed; ``wild`` results leave 8 bits."""
        values = np.clip(self.random.normal(4, 30, (rows, columns)).round(), -128, 127)
        weights = self.random.integers(-(1 << 21), 1 << 21, columns) >> (0 if wild else 4)
        bias = self.random.integers(-40000, 40000, columns)
        operator = LayerNorm(12) if centred else RmsNorm(12)
        made = operator.compute([values.astype(np.int64), weights, bias][: 2 + centred])
        by, products = Requant(41, 19, 1), []
        for width in (70, 64):
            right, added = self.draw(width, columns), self.random.integers(-999, 999, width)
            out = Matrix(self.result(requantised(made @ right.T + added, by)), rows, width, width)
            left = Matrix("made", rows, columns, columns)
            products.append(Product(left, right, out, by, added))
        left_weights = self.draw(90, columns)
        out = Matrix(self.result(requantised(left_weights @ made.T, by)), 90, rows, rows)
        turned = Matrix("made", rows, columns, columns)
        products.append(Product(left_weights, turned, out, by, bias_by_rows=True))
        source = Matrix(self.tensor(values.astype(np.int64)), rows, columns, columns)
        norm = Norm(source, weights, bias if centred else None, 12)
        self.layers.append(NormLayer("norm", ("a",), norm, products, self.target))

    def check(self, workshop: Workshop, times: int = 1) -> Ran:
        ran = workshop.run(Program(self.layers, self.tensors, times=times))
        assert ran.result.outcome.ending is Ending.EXITED
        assert ran.result.findings == ()
        assert ran.untouched()
        wrong = [
            name
            for name, values in self.tensors.items()
            if not np.array_equal(ran.tensor(name), self.expected.get(name, values))
        ]
        assert wrong == []
        return ran


@pytest.fixture(scope="module", params=BOARDS)
def workshop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(request.param, tmp_path_factory.mktemp(request.param))


def test_products_of_any_shape_are_exact_and_may_run_twice(workshop: Workshop) -> None:
    cases = Cases(workshop.board)
    cases.product(64, 64, 64)
    cases.product(1, 3, 5)
    cases.product(130, 70, 200)
    cases.product(65, 960, 64)
    cases.product(200, 128, 512)
    cases.product(100, 100, 90, Activation(Function.RELU, requant=Requant(200, 7, 5)))
    gelu = Activation(Function.GELU, -80, -7091, Requant(74, 20, 0))
    cases.product(70, 130, 66, gelu)
    cases.check(workshop, times=2)


def test_harts_normalise_rows_while_those_before_are_multiplied(workshop: Workshop) -> None:
    cases = Cases(workshop.board)
    cases.normalised(200, 192, centred=True)
    cases.normalised(1, 64, centred=True)
    cases.normalised(70, 100, centred=False)
    cases.normalised(65, 72, centred=True, wild=True)
    cases.normalised(5, 4, centred=False, wild=True)
    cases.check(workshop, times=2)


@pytest.mark.parametrize("board", [*BOARDS, "pulp-ita-idma"])
def test_weights_may_be_on_the_left_and_results_slices(
    board: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    workshop = Workshop(board, tmp_path_factory.mktemp("slices"))
    cases = Cases(board)
    cases.turned_product(70, 90, 100)
    cases.turned_product(128, 64, 241)
    cases.patches(90, 2, 3, 40, 70)
    cases.patches(70, 1, 3, 21, 33)
    cases.check(workshop)


def test_sums_are_exact(workshop: Workshop) -> None:
    cases = Cases(workshop.board)
    cases.sum(64, 64, 1)
    cases.sum(70, 100, 2)
    cases.sum(130, 200, 3, constant=True)
    cases.sum(1, 10, 2)
    cases.check(workshop)


def test_attention_of_any_shape_is_exact(workshop: Workshop) -> None:
    cases = Cases(workshop.board)
    cases.attention(1, 64, 64)
    cases.attention(2, 128, 32, bias=-300)
    cases.attention(2, 100, 64)
    cases.attention(3, 70, 20)
    cases.attention(1, 130, 96, bias=77)
    cases.check(workshop, times=2)


def test_rows_that_padded_keys_would_disturb_are_computed_by_the_harts(workshop: Workshop) -> None:
    cases = Cases(workshop.board)
    cases.attention(2, 9, 8, flat=True)
    cases.check(workshop)


def test_logits_may_need_all_of_l1() -> None:
    cases = Cases("snitch-ita")
    cases.attention(1, 900, 64)
    layer = cases.layers[0]
    assert layer.plan.slots < 2 * 15
    assert layer.tilings(ARENA_BYTES)[0].cost.barriers > 15


def test_the_accelerator_is_busy_for_95_percent_of_a_long_product(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    workshop = Workshop("snitch-ita", tmp_path_factory.mktemp("busy"))
    cases = Cases("snitch-ita")
    cases.product(241, 384, 384)
    ran = cases.check(workshop, times=2)
    region, _ = ran.result.regions[-1]
    ita = region.statistics.devices["ita"]
    assert ita.activities["jobs"] == 4 * 6 * 6
    assert ita.activities["busy_cycles"] > 0.95 * region.statistics.cycles


def test_too_little_l1_is_told_with_the_bytes_that_are_missing() -> None:
    cases = Cases("snitch-ita")
    cases.target = Target(cases.target.rates, 3 * 4096)
    with pytest.raises(DeployError, match=r"layer 'product' lacks \d+ bytes of L1: on ITA it"):
        cases.product(64, 128, 64)


def test_layers_of_one_shape_share_their_steps() -> None:
    cases = Cases("snitch-ita")
    cases.product(128, 128, 128)
    cases.product(128, 128, 128)
    steps: Sequence[Stored] = [
        constant.values
        for layer in cases.layers
        for constant in layer.constants
        if constant.name == "steps"
    ]
    assert np.array_equal(steps[0], steps[1])
