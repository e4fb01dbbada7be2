"""Cases for the kernels: each function lays operands and results into a script and runs one kernel.

A row's stride is larger than the row where ``PADDING`` says so.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from tests.system import core_kernels_reference as reference
from tests.system.core_kernels_reference import Head, Matrix, Projection, Scale
from tests.system.core_kernels_script import NOWHERE, WORD, Case, Script, scale

Source = np.random.Generator
INT8, UINT8 = (-128, 127), (0, 255)
PADDING = 3


def values(source: Source, shape: tuple[int, ...], limits: tuple[int, int] = INT8) -> Matrix:
    """Numbers that are alike likely, limits included."""
    return source.integers(limits[0], limits[1] + 1, shape)


@dataclasses.dataclass(frozen=True)
class Channels:
    """Scales that differ from column to column, or from row to row."""

    mult: Matrix
    before: Matrix
    by_rows: bool


@dataclasses.dataclass(frozen=True)
class Product:
    """The ways a product can be computed."""

    by_columns: bool = False
    out_by_columns: bool = False
    is_paired: bool = False
    is_unsigned: bool = False
    padding: int = 0
    workers: int = 1
    at_the_end: str = ""
    """Which operand, ``left`` or ``right``, lies where memory ends."""


def padded(matrix: Matrix, padding: int) -> Matrix:
    """Columns that no kernel may look at behind each row."""
    return np.pad(matrix, ((0, 0), (0, padding)), constant_values=0x55)


def gemm(
    script: Script,
    left: Matrix,
    right: Matrix,
    bias: Matrix | None,
    by: Scale | None,
    how: Product,
    channels: Channels | None = None,
) -> Case:
    """left @ right + bias, rescaled, or int32 where ``by`` is None."""
    rows, inner = left.shape
    columns = right.shape[1]
    wanted = left @ right + (0 if bias is None else bias)
    if by is not None:
        wanted = by(wanted) if channels is None else _by_channels(by, wanted, channels)
    stored_right = right.T if how.by_columns else right
    stored = wanted.T if how.out_by_columns else wanted
    out_stride = stored.shape[1] + how.padding
    out = script.expect(stored, WORD if by is None else np.dtype("<i1"), out_stride)
    nothing = [NOWHERE, NOWHERE, 0]
    if channels is not None:
        nothing = [script.words(channels.mult), script.words(channels.before), channels.by_rows]
    return script.run(
        "gemm",
        how.workers,
        *(rows, columns, inner, how.is_unsigned, how.by_columns),
        *(how.out_by_columns, how.is_paired),
        *(script.put(padded(left, how.padding)), inner + how.padding),
        *(script.put(padded(stored_right, how.padding)), stored_right.shape[1] + how.padding),
        NOWHERE if bias is None else script.words(bias),
        *(out, out_stride, by is not None),
        *scale(by or Scale(0)),
        *nothing,
        left.size * (how.at_the_end == "left"),
        right.size * (how.at_the_end == "right"),
        out=out,
    )


def _by_channels(by: Scale, sums: Matrix, channels: Channels) -> Matrix:
    rows, columns = sums.shape
    wanted = np.zeros_like(sums)
    for row in range(rows):
        for column in range(columns):
            channel = row if channels.by_rows else column
            own = dataclasses.replace(
                by, mult=int(channels.mult[channel]), before=int(channels.before[channel])
            )
            wanted[row, column] = own(sums[row : row + 1, column : column + 1])[0, 0]
    return wanted


def softmax(script: Script, logits: Matrix, rule: str, workers: int, *, in_place: bool) -> Case:
    """Of the base-2 family."""
    wanted = reference.softmax_base2(logits, rule)
    columns = logits.shape[1]
    if in_place:
        source = out = script.expect_in_place(logits, wanted)
        stride = out_stride = columns
    else:
        source, stride = script.put(padded(logits, PADDING)), columns + PADDING
        out, out_stride = script.expect(wanted, stride=columns + PADDING), columns + PADDING
    which = list(reference.SOFTMAX_RULES).index(rule)
    shape = (source, stride, out, out_stride, len(logits), columns)
    return script.run("softmax", workers, *shape, which, out=out)


def isoftmax(
    script: Script, logits: Matrix, coefficients: tuple[int, int, int, int], workers: int
) -> Case:
    """With 256 levels."""
    columns = logits.shape[1]
    out = script.expect(reference.isoftmax(logits, *coefficients, 256))
    shape = (script.put(logits), columns, out, columns, len(logits), columns)
    return script.run("isoftmax", workers, *shape, *coefficients, 255, out=out)


def norm(
    script: Script,
    rows: Matrix,
    weight: Matrix,
    bias: Matrix | None,
    log2_divisor: int,
    workers: int,
    *,
    is_unsigned: bool = False,
) -> Case:
    """iLayerNorm, or iRMSNorm without a bias."""
    if bias is None:
        wanted = reference.rms_norm(rows, weight, log2_divisor)
    else:
        wanted = reference.layer_norm(rows, weight, bias, log2_divisor)
    count, columns = rows.shape
    out = script.expect(wanted, stride=columns + PADDING)
    return script.run(
        "norm",
        workers,
        *(script.put(padded(rows, PADDING)), columns + PADDING, is_unsigned),
        *(out, columns + PADDING, count, columns),
        *(script.words(weight), NOWHERE if bias is None else script.words(bias), log2_divisor),
        out=out,
    )


def no_norm(script: Script, rows: Matrix, weight: Matrix, bias: Matrix, workers: int) -> Case:
    """iNoNorm with a scale of 425 / 2^16."""
    count, columns = rows.shape
    out = script.expect(reference.no_norm(rows, weight, bias, 425, 16))
    shape = (script.put(rows), columns, out, columns, count, columns)
    operands = (script.put(weight), script.words(bias), 425, 16)
    return script.run("no_norm", workers, *shape, *operands, out=out)


def add(
    script: Script, left: Matrix, right: Matrix, by: Scale, workers: int, *, by_table: bool
) -> Case:
    """Of rows that have one length each, as [1, count]."""
    out = script.expect(by(left + right))
    operands = (script.put(left), script.put(right), left.size)
    return script.run("add", workers, out, *operands, by_table, *scale(by), out=out)


def add_rescaled(
    script: Script,
    sides: tuple[Matrix, Matrix],
    are_unsigned: tuple[bool, bool],
    scales: tuple[Scale, Scale, Scale],
    workers: int,
) -> Case:
    """Both sides rescaled, then their sum."""
    left, right = sides
    out = script.expect(scales[2](scales[0](left) + scales[1](right)))
    operands = (script.put(left), script.put(right), left.size, *are_unsigned)
    numbers = [number for each in scales for number in scale(each)]
    return script.run("add_rescaled", workers, out, *operands, *numbers, out=out)


def head_sum(script: Script, heads: Matrix, by: Scale, workers: int) -> Case:
    """Of [heads, count]."""
    out = script.expect(by(heads.sum(axis=0))[None])
    operands = [script.put(head) for head in heads]
    shape = (out, heads.shape[1], len(heads))
    return script.run("head_sum", workers, *shape, *scale(by), *operands, out=out)


def table(
    script: Script,
    function: str,
    parameters: tuple[int, ...],
    by: Scale,
    workers: int,
    *,
    is_unsigned: bool = False,
) -> Case:
    """A function of all 256 values, in an order of their own."""
    order = np.random.default_rng(5).permutation(256)[None]
    inputs = order if is_unsigned else order - 128
    out = script.expect(by(reference.FUNCTIONS[function](inputs, *parameters)))
    which = list(reference.FUNCTIONS).index(function)
    operands = (out, script.put(inputs), inputs.size, is_unsigned)
    # The program reads as many parameters as any function has.
    rest = (*parameters, 0, 0, 0)[:3]
    return script.run("table", workers, *operands, *scale(by), which, *rest, out=out)


def transpose(script: Script, matrix: Matrix, workers: int) -> Case:
    """With rows further apart than they are long."""
    rows, columns = matrix.shape
    out = script.expect(matrix.T, stride=rows + PADDING)
    operands = (out, rows + PADDING, script.put(padded(matrix, PADDING)), columns + PADDING)
    return script.run("transpose", workers, *operands, rows, columns, out=out)


def attention(
    script: Script, head: Head, inputs: tuple[Matrix, Matrix], workers: int, *, is_paired: bool
) -> Case:
    """One head, for the queries and the keys that ``inputs`` are."""
    queries, keys = inputs
    width, embedding = head.query.weights.shape
    out = script.expect(head(queries, keys))
    shape = (len(queries), len(keys), embedding, width)
    return script.run(
        "attention",
        workers,
        *(*shape, script.put(queries), script.put(keys)),
        *_projection(script, head.query),
        *_projection(script, head.key),
        *_projection(script, head.value),
        *_projection(script, head.output),
        *scale(head.logits),
        *scale(head.mixed),
        list(reference.SOFTMAX_RULES).index(head.rule),
        *(out, script.room(width * len(keys)), script.room(width * len(keys))),
        *(script.room(4 * width), is_paired),
        out=out,
    )


def _projection(script: Script, projection: Projection) -> tuple[int, ...]:
    weights, bias = script.put(projection.weights), script.words(projection.bias)
    return (weights, bias, *scale(projection.scale))
