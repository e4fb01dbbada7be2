"""The kernels for the harts, on the platform: shapes with tails, random and extreme values."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from tests.system import core_kernels_cases as cases
from tests.system.core_kernels_cases import INT8, UINT8, Channels, Product, Source, values
from tests.system.core_kernels_reference import SOFTMAX_RULES, Head, Matrix, Projection, Scale
from tests.system.core_kernels_script import COMPUTING, Case, Ran, Script, run
from tests.system.firmware_tree import FIRMWARE

SHAPES = (
    *((1, 1, 1), (1, 4, 1), (4, 4, 8), (3, 4, 0), (2, 3, 5), (6, 1, 9), (5, 7, 9), (4, 8, 16)),
    *((17, 33, 31), (9, 66, 1), (8, 5, 17), (12, 12, 2), (1, 40, 64), (19, 6, 70), (64, 64, 64)),
)
"""Rows, columns, inner: with tails of every length in each."""

BY = Scale.requant(77, 13, -3)
WORD = 4
GROUPS = (
    *("products", "extreme products", "products at the end of memory", "scales", "channels"),
    *("softmax", "isoftmax", "norms", "sums", "tables", "transposed", "attention"),
)
T = TypeVar("T")
ATTENTION_SHAPES = ((1, 4, 1, 4), (9, 21, 11, 6), (16, 32, 24, 16), (64, 64, 64, 64))
"""Queries, keys, embedding, width."""


class Groups:
    """All cases in one script, by what they show."""

    def __init__(self) -> None:
        self.script = Script()
        self.source: Source = np.random.default_rng(20240805)
        self._turn = itertools.cycle(range(1, COMPUTING + 1))
        self.of = {
            "products": list(self.products()),
            "extreme products": list(self.extreme_products()),
            "products at the end of memory": list(self.products_at_the_end()),
            "scales": list(self.scales()),
            "channels": list(self.channels()),
            "softmax": list(self.softmax()),
            "isoftmax": list(self.isoftmax()),
            "norms": list(self.norms()),
            "sums": [*self.aligned(1, self.sums()), *self.aligned(WORD, self.sums())],
            "tables": [*self.aligned(1, self.tables()), *self.aligned(WORD, self.tables())],
            "transposed": list(self.transposed()),
            "attention": list(self.attention()),
        }
        self.alike = [*self.aligned(WORD, self.alike_but_for_data())]

    def aligned(self, bytes_: int, made: Iterator[T]) -> Iterator[T]:
        """What is made, with operands at multiples of so many bytes: some kernels load words."""
        self.script.alignment = bytes_
        yield from made
        self.script.alignment = 1

    def workers(self) -> int:
        """Another number each time."""
        return next(self._turn)

    def draw(self, *shape: int, limits: tuple[int, int] = INT8) -> Matrix:
        return values(self.source, shape, limits)

    def products(self) -> Iterator[Case]:
        flags = itertools.product((False, True), repeat=4)
        for number, (by_columns, is_paired, is_unsigned, is_rescaled) in enumerate(flags):
            for rows, columns, inner in SHAPES:
                how = Product(
                    by_columns=by_columns,
                    out_by_columns=bool((rows + number) % 2),
                    is_paired=is_paired,
                    is_unsigned=is_unsigned,
                    padding=number % 3,
                    workers=self.workers(),
                )
                left = self.draw(rows, inner, limits=UINT8 if is_unsigned else INT8)
                right, bias = self.draw(inner, columns), self.draw(columns, limits=(-9000, 9000))
                by = BY if is_rescaled else None
                yield cases.gemm(self.script, left, right, bias if inner % 3 else None, by, how)

    def extreme_products(self) -> Iterator[Case]:
        for by_columns, is_paired in itertools.product((False, True), repeat=2):
            for is_unsigned, inner in ((False, 101), (True, 64), (False, 512)):
                limits = UINT8 if is_unsigned else INT8
                for left, right in itertools.product(limits, INT8):
                    how = Product(by_columns, False, is_paired, is_unsigned, 0, self.workers())
                    ones = np.ones((4, inner), np.int64), np.ones((inner, 8), np.int64)
                    yield cases.gemm(self.script, ones[0] * left, ones[1] * right, None, None, how)

    def products_at_the_end(self) -> Iterator[Case]:
        """Whoever reads beyond an operand does not get as far as a result."""
        flags = itertools.product((False, True), repeat=3)
        for (by_columns, is_paired, is_unsigned), side in itertools.product(
            flags, ("left", "right")
        ):
            for rows, columns, inner in ((5, 7, 9), (6, 9, 16), (3, 2, 5)):
                how = Product(
                    by_columns=by_columns,
                    is_paired=is_paired,
                    is_unsigned=is_unsigned,
                    workers=self.workers(),
                    at_the_end=side,
                )
                left = self.draw(rows, inner, limits=UINT8 if is_unsigned else INT8)
                yield cases.gemm(self.script, left, self.draw(inner, columns), None, BY, how)

    def scales(self) -> Iterator[Case]:
        """All widths of the arithmetic: 32 bits, two times 32, 64."""
        for by in (
            Scale.requant(255, 8, 127),
            Scale.requant(1, 0, -128),
            Scale.requant(0, 34, 5),
            *(Scale.requant(200, shift) for shift in (1, 9, 17, 22, 25, 31, 32, 34)),
            Scale.requant_shift(-1915, 1_000_000, 20),
            Scale.requant_shift(425, (1 << 30), 18, signed=False),
            Scale.requant_shift(1 << 20, -123_456_789, 29),
            Scale.requant_shift(-(1 << 28) + 1, -123_456_789, 37),
            Scale.requant_shift((1 << 29) - 1, 1 << 30, 39),
            Scale.requant_shift((1 << 31) - 1, -(1 << 31), 40),
            Scale.requant_shift(-(1 << 31), (1 << 31) - 1, 31, signed=False),
            Scale.requant_shift(1, 0, 0),
        ):
            left, right = self.draw(7, 96), self.draw(96, 5)
            left[0], right[:, 0] = -128, -128
            left[1], right[:, 1] = 127, -128
            yield cases.gemm(self.script, left, right, None, by, Product(workers=self.workers()))
            few = right[:, :2]
            yield cases.gemm(self.script, left, few, None, by, Product(workers=self.workers()))

    def channels(self) -> Iterator[Case]:
        for by_rows, limit, columns in ((False, 300, 7), (True, 300, 7), (True, 1 << 20, 2)):
            left, right = self.draw(6, 33), self.draw(33, columns)
            count = 6 if by_rows else columns
            channels = Channels(
                self.draw(count, limits=(-limit, limit)),
                self.draw(count, limits=(-limit << 8, limit << 8)),
                by_rows,
            )
            by = Scale(1, shift=18 if limit < 1 << 20 else 30)
            how = Product(is_paired=by_rows, workers=self.workers())
            yield cases.gemm(self.script, left, right, None, by, how, channels)

    def softmax(self) -> Iterator[Case]:
        for rule in SOFTMAX_RULES:
            for columns in (1, 15, 16, 17, 64, 100, 256, 300):
                spreads = [self.draw(3, columns, limits=(-s, s - 1)) for s in (1, 6, 40, 128)]
                constant = np.full((1, columns), 127), np.full((1, columns), -128)
                logits = np.concatenate([*spreads, *constant, np.sort(spreads[2], axis=1)])
                for in_place in (False, True):
                    workers = self.workers()
                    yield cases.softmax(self.script, logits, rule, workers, in_place=in_place)

    def isoftmax(self) -> Iterator[Case]:
        for coefficients in ((1, 10, 50, 7), (1, 173, 15599, 127), (3, 20, 209, 15), (1, 2, 1, 1)):
            for columns in (1, 13, 128):
                logits = np.concatenate(
                    [self.draw(5, columns), self.draw(4, columns, limits=(-4, 3))]
                )
                logits[0], logits[-1] = 127, -128
                yield cases.isoftmax(self.script, logits, coefficients, self.workers())

    def norms(self) -> Iterator[Case]:
        for columns, is_unsigned in itertools.product((1, 3, 16, 65, 384), (False, True)):
            limits = UINT8 if is_unsigned else INT8
            rows = self.draw(9, columns, limits=limits)
            rows[0], rows[1] = limits
            rows[2, ::2], rows[2, 1::2] = limits
            rows[3] = 3
            rows[3, 0] = 4
            for magnitude, log2_divisor in ((1 << 21, 16), (460_000, 14), (40, 0)):
                weight = self.draw(columns, limits=(-magnitude, magnitude))
                bias = self.draw(columns, limits=(-magnitude * 2, magnitude * 2))
                weight[0] = -magnitude
                shape = (log2_divisor, self.workers())
                yield cases.norm(self.script, rows, weight, bias, *shape, is_unsigned=is_unsigned)
                yield cases.norm(self.script, rows, weight, None, *shape, is_unsigned=is_unsigned)
            if not is_unsigned:
                greatest = (1 << 22) - 1
                weight = self.draw(columns, limits=(-greatest, greatest))
                weight[0] = greatest
                yield cases.norm(self.script, rows, weight, None, 16, self.workers())
                weight, bias = self.draw(columns), self.draw(columns, limits=(-20000, 20000))
                yield cases.no_norm(self.script, rows, weight, bias, self.workers())

    def sums(self) -> Iterator[Case]:
        for count in (1, 7, 8, 9, 64, 333):
            left, right = self.draw(1, count), self.draw(1, count)
            left[0, 0] = right[0, 0] = -128
            for by_table in (False, True):
                by = Scale.requant(181, 8, -4)
                yield cases.add(self.script, left, right, by, self.workers(), by_table=by_table)
            scales = (
                Scale.requant_shift(90, 3, 7),
                Scale.requant_shift(33, -700, 5),
                Scale.requant_shift(5, 9, 3, signed=bool(count % 2)),
            )
            sides = (left + 128, right)
            yield cases.add_rescaled(self.script, sides, (True, False), scales, self.workers())
            for heads in (1, 3, 16):
                stacked = self.draw(heads, count)
                stacked[:, 0] = -128
                yield cases.head_sum(self.script, stacked, BY, self.workers())
            wide = Scale.requant_shift(1 << 29, 12345, 33)
            yield cases.head_sum(self.script, stacked, wide, self.workers())

    def tables(self) -> Iterator[Case]:
        gelu = Scale.requant(74, 20)
        yield cases.table(self.script, "ita_gelu", (-80, -7091), gelu, self.workers())
        for b, c in ((-32768, 32767), (17, -3), (-1, -32768)):
            widest = Scale.requant(255, 18, 7)
            yield cases.table(self.script, "ita_gelu", (b, c), widest, self.workers())
        relu = Scale.requant(200, 7, -100)
        yield cases.table(self.script, "ita_relu", (), relu, self.workers())
        fused = Scale.requant_shift(37, 99, 13)
        yield cases.table(self.script, "integer_gelu", (-42, 1929), fused, self.workers())
        hardswish = Scale.requant_shift(3, 0, 18)
        numbers = (765, 1530, 33)
        yield cases.table(self.script, "integer_hardswish", numbers, hardswish, self.workers())
        for is_unsigned in (False, True):
            by = Scale.requant_shift(-3, 77, 1, signed=False)
            yield cases.table(
                self.script, "itself", (), by, self.workers(), is_unsigned=is_unsigned
            )

    def transposed(self) -> Iterator[Case]:
        for rows, columns in ((1, 1), (3, 5), (4, 4), (9, 17), (33, 64)):
            yield cases.transpose(self.script, self.draw(rows, columns), self.workers())

    def head(self, embedding: int, width: int, rule: str) -> Head:
        def projection(outputs: int, inputs: int) -> Projection:
            bias = self.draw(outputs, limits=(-1000, 1000))
            return Projection(self.draw(outputs, inputs), bias, Scale.requant(50, 15, 1))

        return Head(
            query=projection(width, embedding),
            key=projection(width, embedding),
            value=projection(width, embedding),
            output=projection(embedding, width),
            logits=Scale.requant(40, 16),
            mixed=Scale.requant(100, 13, -1),
            rule=rule,
        )

    def attention(self) -> Iterator[Case]:
        ways = itertools.product(ATTENTION_SHAPES, (False, True), ("ita", "ita 2024-08"))
        for (queries, keys, embedding, width), is_paired, rule in ways:
            inputs = self.draw(queries, embedding), self.draw(keys, embedding)
            head = self.head(embedding, width, rule)
            yield cases.attention(self.script, head, inputs, self.workers(), is_paired=is_paired)

    def alike_but_for_data(self) -> Iterator[tuple[str, list[Case]]]:
        """Kernels, each run on matrices of zeros, of random values and of extreme ones."""
        bias, head = self.draw(10, limits=(-500, 500)), self.head(16, 8, "ita")
        weight, add = self.draw(20, limits=(-4000, 4000)), Scale.requant(181, 8)

        def filled(*shape: int) -> list[Matrix]:
            return [np.zeros(shape, np.int64), self.draw(*shape), np.full(shape, -128)]

        pairs = list(zip(filled(9, 20), filled(20, 10), strict=True))
        for is_paired, mult in itertools.product((False, True), (7, 200, 1 << 30)):
            by = Scale.requant_shift(mult, 0, 12)
            how = Product(is_paired=is_paired, workers=3)
            name = f"gemm {is_paired} {mult}"
            yield name, [cases.gemm(self.script, a, b, bias, by, how) for a, b in pairs]
        rows = [left for left, _ in pairs]
        for rule in SOFTMAX_RULES:
            yield (
                f"softmax {rule}",
                [cases.softmax(self.script, each, rule, 3, in_place=False) for each in rows],
            )
        yield "isoftmax", [cases.isoftmax(self.script, each, (1, 9, 50, 7), 3) for each in rows]
        yield "norm", [cases.norm(self.script, each, weight, weight, 3, 3) for each in rows]
        for by_table in (False, True):
            yield (
                f"add {by_table}",
                [cases.add(self.script, r, r, add, 3, by_table=by_table) for r in filled(1, 90)],
            )
        yield "head sum", [cases.head_sum(self.script, each, add, 3) for each in rows]
        inputs = zip(filled(9, 16), filled(12, 16), strict=True)
        yield (
            "attention",
            [cases.attention(self.script, head, each, 3, is_paired=True) for each in inputs],
        )


@pytest.fixture(scope="module")
def groups() -> Groups:
    return Groups()


@pytest.fixture(scope="module", params=["pulp-ita", "snitch-ita"])
def board(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def ran(groups: Groups, board: str, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """All cases, run as one program."""
    return run(groups.script, tmp_path_factory.mktemp("core_kernels"), board)


@pytest.mark.parametrize("group", GROUPS)
def test_results_are_those_of_the_specification(groups: Groups, ran: Ran, group: str) -> None:
    assert groups.of[group]
    for case in groups.of[group]:
        ran.check(case)


def test_nothing_is_written_beside_the_results(groups: Groups, ran: Ran) -> None:
    before = np.frombuffer(groups.script.after, np.uint8)
    after = np.frombuffer(ran.arena, np.uint8)
    changed = np.flatnonzero((before != after) & ~groups.script.is_scratch)
    assert changed.tolist() == []


def test_the_number_of_instructions_does_not_depend_on_data(groups: Groups, ran: Ran) -> None:
    for name, alike in groups.alike:
        counts = ran.instructions[[case.number for case in alike], : alike[0].workers]
        assert (counts > 0).all()
        assert (counts == counts[0]).all(), f"{name}: {counts.tolist()}"


@pytest.mark.parametrize("app", ["bench_cores_gemm", "bench_cores_attention", "bench_cores_layers"])
def test_the_sums_that_a_benchmark_expects_are_those_of_its_generator(
    app: str, tmp_path: Path
) -> None:
    generate = FIRMWARE / "apps" / app / "generate.py"
    subprocess.run([sys.executable, "-B", generate, tmp_path], check=True)
    assert (tmp_path / "golden.h").read_text() == generate.with_name("golden.h").read_text()
