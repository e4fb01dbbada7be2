"""All kinds of nodes, in shapes and with operands that are drawn at random."""

from __future__ import annotations

from math import prod

import numpy as np

from tests.deploy.made_up_networks import Sketch
from vplat.deploy.network import Element
from vplat.deploy.network.operators import (
    Add,
    Clip,
    Concat,
    Convolution,
    Gather,
    Gelu,
    Gemm,
    Hardswish,
    IntegerDivide,
    LayerNorm,
    Lookup,
    MatMul,
    MaxPool,
    Multiply,
    NoNorm,
    Pad,
    PolynomialSoftmax,
    ReduceMean,
    ReduceSum,
    Relu,
    Requantise,
    Reshape,
    RmsNorm,
    Scale,
    Slice,
    Softmax2,
    Transpose,
)

INT8, UINT8, INT32 = Element.INT8, Element.UINT8, Element.INT32
SCALES = ("one", "columns", "rows", "channels", "batches")


def all_kinds(seed: int) -> Sketch:
    """A network with some of every kind."""
    sketch = Sketch(seed)
    for add in (products, attention, gemms, convolutions, sums, activations, rows, pools, moves):
        add(sketch)
    return sketch


def number(sketch: Sketch, least: int, most: int) -> int:
    """One from ``least`` to ``most``."""
    return int(sketch.random.integers(least, most, endpoint=True))


def byte(sketch: Sketch) -> Element:
    """int8 or uint8."""
    return (INT8, UINT8)[number(sketch, 0, 1)]


def requantised(
    sketch: Sketch,
    name: str,
    scales: str = "one",
    element: Element = INT8,
    *,
    negative: bool = False,
) -> str:
    """A tensor through a Requantise whose scales differ along what ``scales`` says."""
    shape, random = sketch.types[name].shape, sketch.random
    rank = len(shape)
    of = {
        "one": (),
        "columns": (1,) * (rank - 1) + shape[-1:],
        "rows": (1,) * (rank - 2) + (*shape[-2:-1], 1),
        "channels": (1, shape[1]) + (1,) * (rank - 2) if rank > 1 else (),
        "batches": (*shape[:-2], 1, 1),
    }[scales]
    shift = number(sketch, 0, 23)
    most = max(2, min(1 << 15, (1 << shift) // 64))
    mult = np.asarray(random.integers(-most if negative else 1, most, of), dtype=np.int64)
    add = np.asarray(random.integers(-1 << shift + 4, 1 << shift + 4, of), dtype=np.int64)
    operands = (sketch.constant(INT32, mult), sketch.constant(INT32, add))
    return sketch.add(Requantise(shift, element), name, *operands)


def products(sketch: Sketch) -> None:
    """With constant weights, and of two tensors with batches that broadcast."""
    for weights in (INT8, INT8, UINT8):
        rows, inner, columns = (number(sketch, 1, most) for most in (40, 70, 40))
        x = sketch.input(byte(sketch), rows, inner)
        product = sketch.add(
            MatMul(), x, sketch.weights(inner, columns, element=weights), shown=False
        )
        biased = sketch.add(Add(), product, sketch.weights(columns, element=INT32), shown=False)
        requantised(sketch, biased, SCALES[number(sketch, 0, 2)], byte(sketch))
    outer, heads = number(sketch, 1, 3), number(sketch, 1, 3)
    rows, inner, columns = (number(sketch, 1, most) for most in (20, 40, 20))
    left = sketch.input(byte(sketch), outer, heads, rows, inner)
    right = sketch.input(INT8, outer, heads, inner, columns)
    scales = ("one", "batches", "columns", "rows")[number(sketch, 0, 3)]
    requantised(sketch, sketch.add(MatMul(), left, right, shown=False), scales, byte(sketch))
    sketch.add(MatMul(), left, sketch.input(byte(sketch), heads, inner, columns))
    turned = sketch.add(
        Transpose((0, 1, 3, 2)), sketch.input(INT8, outer, 1, columns, inner), shown=False
    )
    sketch.add(MatMul(), left, turned)


def attention(sketch: Sketch) -> None:
    """Heads as views of one tensor, softmax, values, and the heads side by side again."""
    heads, width = number(sketch, 1, 4), number(sketch, 1, 9)
    rows, keys = number(sketch, 1, 20), number(sketch, 1, 20)

    def split(count: int, element: Element, *perm: int) -> str:
        x = sketch.input(element, 1, count, heads * width)
        divided = sketch.add(Reshape((1, count, heads, width)), x, shown=False)
        return sketch.add(Transpose(perm), divided, shown=False)

    logits = sketch.add(
        MatMul(), split(rows, byte(sketch), 0, 2, 1, 3), split(keys, INT8, 0, 2, 3, 1), shown=False
    )
    weights = sketch.add(
        Softmax2(65280, (0, 5)[number(sketch, 0, 1)], (None, 16)[number(sketch, 0, 1)]),
        requantised(sketch, logits, "batches"),
        shown=False,
    )
    mixed = sketch.add(MatMul(), weights, split(keys, INT8, 0, 2, 1, 3), shown=False)
    together = sketch.add(Transpose((0, 2, 1, 3)), requantised(sketch, mixed), shown=False)
    sketch.add(Reshape((1, rows, heads * width)), together)


def gemms(sketch: Sketch) -> None:
    """Transposed or not, with factors, and an addend of any shape that broadcasts."""
    for addend in range(3):
        rows, inner, columns = (number(sketch, 1, most) for most in (20, 40, 20))
        turns = [bool(number(sketch, 0, 1)) for _ in range(2)]
        x = sketch.input(INT8, *((inner, rows) if turns[0] else (rows, inner)))
        y = sketch.weights(*((columns, inner) if turns[1] else (inner, columns)))
        shape = ((columns,), (rows, columns), (rows, 1))[addend]
        gemm = Gemm(number(sketch, 1, 3), number(sketch, 0, 3), *turns)
        added = sketch.weights(*shape, element=INT32)
        requantised(sketch, sketch.add(gemm, x, y, added, shown=False), "rows")


def convolutions(sketch: Sketch) -> None:
    """Over one axis and two; all channels, some, one by one; strides, pads, dilations."""
    for some, dimensions in ((1, 2), (1, 2), (2, 2), (0, 2), (1, 1), (0, 1)):
        channels = number(sketch, 1, 8) * max(1, some)
        groups = some or channels
        made = groups * number(sketch, 1, 6)
        axes = range(dimensions)
        x = sketch.input(
            byte(sketch), number(sketch, 1, 2), channels, *(number(sketch, 8, 16) for _ in axes)
        )
        kernel = tuple(number(sketch, 1, 4) for _ in axes)
        weights = sketch.weights(
            made, channels // groups, *kernel, element=byte(sketch) if groups == 1 else INT8
        )
        convolution = Convolution(
            tuple(number(sketch, 1, 3) for _ in axes),
            tuple(number(sketch, 0, 2) for _ in range(2 * dimensions)),
            tuple(number(sketch, 1, 2) for _ in axes),
            groups,
        )
        bias = [sketch.weights(made, element=INT32)] * number(sketch, 0, 1)
        sums = sketch.add(convolution, x, weights, *bias, shown=False)
        requantised(sketch, sums, ("one", "channels")[number(sketch, 0, 1)], byte(sketch))


def sums(sketch: Sketch) -> None:
    """Element-wise, of all types, with broadcasting."""
    shape = [number(sketch, 1, most) for most in (3, 5, 20, 40)]
    x, y = sketch.input(byte(sketch), *shape), sketch.input(byte(sketch), *shape)
    wide = sketch.input(INT32, *shape)
    some = sketch.input(byte(sketch), *(length * number(sketch, 0, 1) or 1 for length in shape))
    sketch.add(Add(), x, y)
    both = sketch.add(Add(), requantised(sketch, x), requantised(sketch, y), shown=False)
    requantised(sketch, both, "one", byte(sketch))
    requantised(sketch, sketch.add(Add(), x, some, shown=False), "channels")
    requantised(sketch, sketch.add(Multiply(), x, some, shown=False), "one", byte(sketch))
    sketch.add(Add(), x, y, wide, some, x)
    sketch.add(Multiply(), wide, sketch.constant(INT32, np.array(7)))
    for scales in ("channels", "columns", "rows"):
        requantised(sketch, wide, scales, byte(sketch), negative=True)
    sketch.add(Scale(8191), x)
    divisors = sketch.add(Clip(1, 50, UINT8), y, shown=False)
    sketch.add(IntegerDivide(16, 20, 1), wide, divisors)
    rows = number(sketch, 1, 9)
    parameters = ((30,), (30,)), ((rows, 30), (rows, 1))
    for weights, bias in parameters:
        norm = NoNorm(number(sketch, 1, 400), number(sketch, 0, 16))
        operands = sketch.weights(*weights), sketch.weights(*bias, element=INT32)
        sketch.add(norm, sketch.input(byte(sketch), rows, 30), *operands)


def activations(sketch: Sketch) -> None:
    """Functions of one value, of bytes and of wider ones."""
    x = sketch.input(byte(sketch), number(sketch, 1, 5), number(sketch, 1, 300))
    wide = sketch.input(INT32, number(sketch, 1, 5), number(sketch, 1, 300))
    sketch.add(Clip(-5, 9, INT8), wide)
    sketch.add(Clip(3, 90, UINT8), x)
    sketch.add(Relu(), wide)
    sketch.add(Relu(), x)
    signed = sketch.add(Clip(-128, 127, INT8), x, shown=False)
    requantised(sketch, sketch.add(Gelu(-60, 3600), signed, shown=False))
    sketch.add(Hardswish(100, 200, 33), x)
    sketch.add(Lookup(), x, sketch.weights(256, element=INT32))
    sketch.add(Lookup(), x, sketch.weights(256, element=UINT8))
    sketch.add(Gelu(-60, 3600), requantised(sketch, wide, "columns"))


def rows(sketch: Sketch) -> None:
    """Normalisation and softmax of either sign."""
    for element in (INT8, UINT8):
        x = sketch.input(element, *(number(sketch, 1, most) for most in (3, 20, 80)))
        columns = sketch.types[x].shape[-1:]
        weights = sketch.constant(INT32, sketch.values(INT32, columns, -(1 << 17), 1 << 17))
        bias = sketch.constant(INT32, sketch.values(INT32, columns, -(1 << 20), 1 << 20))
        sketch.add(LayerNorm(number(sketch, 0, 16)), x, weights, bias)
        sketch.add(RmsNorm(number(sketch, 0, 20)), x, weights)
        for rule in ((65280, 0, 16), (32512, 5, 16), (65280, 5, None)):
            sketch.add(Softmax2(*rule), x)
        sketch.add(PolynomialSoftmax(1, 345, 62395, 255, 256), x)
        sketch.add(PolynomialSoftmax(100, 4000, 7, 99, 256), x)
        wide = sketch.constant(INT32, sketch.values(INT32, columns, -(1 << 27), 1 << 27))
        sketch.add(LayerNorm(20), x, wide, bias)
        sketch.add(RmsNorm(20), x, wide)


def pools(sketch: Sketch) -> None:
    """The greatest, sums and means."""
    for element in (INT8, UINT8, INT32):
        lengths = number(sketch, 9, 14), number(sketch, 9, 14)
        x = sketch.input(element, number(sketch, 1, 2), number(sketch, 1, 5), *lengths)
        kernel = number(sketch, 2, 4), number(sketch, 2, 4)
        pads = tuple(number(sketch, 0, 1) for _ in range(4))
        strides = number(sketch, 1, 3), number(sketch, 1, 3)
        sketch.add(MaxPool(kernel, strides, pads, (1, number(sketch, 1, 2))), x)
        sketch.add(MaxPool((3,), (2,), (1, 1), (1,)), sketch.input(element, 2, 3, 20))
        for axes in ((1,), (3,), (2, 3), (0, 2), (1, 3), (0, 1, 2, 3)):
            sketch.add(ReduceMean(axes, bool(number(sketch, 0, 1))), x)
            sketch.add(ReduceSum(axes, bool(number(sketch, 0, 1))), x)


def moves(sketch: Sketch) -> None:
    """Everything that only moves values."""
    for element in (INT8, INT32):
        x = sketch.input(element, *(number(sketch, 2, most) for most in (3, 5, 9, 12)))
        shape = sketch.types[x].shape
        sketch.add(Transpose(tuple(int(axis) for axis in sketch.random.permutation(4))), x)
        sketch.add(Transpose((3, 2, 1, 0)), x)
        for index, axis in ((1, 2), (1, 3), (0, 0)):
            sketch.add(Gather(index, axis), x)
        sketch.add(Slice((0, 1), shape[2:], (2, 3), (1, 1)), x)
        sketch.add(Slice((shape[2] - 1, shape[3] - 1), (-1, -1), (2, 3), (-1, -2)), x)
        sketch.add(Pad((0, 1, 1, 2), (1, 0, number(sketch, 0, 2), 1), number(sketch, -3, 3)), x)
        more = sketch.input(element, *shape[:2], number(sketch, 0, 4), shape[3])
        sketch.add(Concat(2), x, more, sketch.weights(*shape[:2], 2, shape[3]), x)
        turned = sketch.add(Transpose((0, 2, 1, 3)), x, shown=False)
        sketch.add(Reshape((shape[0], shape[2], shape[1] * shape[3])), turned)
        sketch.add(Slice((1,), (2,), (1,), (1,)), turned)
        sketch.add(Reshape((prod(shape),)), x)
