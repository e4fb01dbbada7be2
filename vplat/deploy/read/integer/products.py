"""Products of matrices, and their forms with a requantisation (section 3.3)."""

from __future__ import annotations

from vplat.deploy.network import Element
from vplat.deploy.network.operators import Add, Gemm, MatMul, Reshape
from vplat.errors import DeployError

from .building import Value
from .call import Call
from .requantisation import requantised


def matmul(call: Call) -> Value:
    """``MatMul``, with the vectors that ONNX allows for either side."""
    left, right = call.byte(0), call.byte(1)
    if len(left.type.shape) > 1 and len(right.type.shape) > 1:
        return call.make(MatMul(), left, right)
    if not left.type.shape or not right.type.shape:
        raise DeployError("one of its operands is a scalar")
    row, column = len(left.type.shape) == 1, len(right.type.shape) == 1
    if row:
        left = call.step("row", Reshape((1, *left.type.shape)), left)
    if column:
        right = call.step("column", Reshape((*right.type.shape, 1)), right)
    product = call.step("product", MatMul(), left, right)
    shape = list(product.type.shape)
    if row:
        del shape[-2]
    if column:
        del shape[-1]
    return call.make(Reshape(tuple(shape)), product)


def gemm(call: Call) -> Value:
    """``Gemm``; its addend may be left out."""
    return call.make(_gemm(call), *_gemm_operands(call, call.has(2)))


def requantised_gemm(call: Call) -> Value:
    """``RQGemm`` and ``RequantizedGemm``: inputs A, B, possibly C, then add and mult."""
    has_addend = call.has(4)
    product = call.step("product", _gemm(call), *_gemm_operands(call, has_addend))
    add = 3 if has_addend else 2
    return requantised(call, product, mult=add + 1, add=add)


def requantised_matmul(call: Call) -> Value:
    """``RQMatMul``: inputs A, B, then add and mult, or A, B, C, add, mult."""
    product = call.step("product", MatMul(), call.byte(0), call.byte(1))
    if call.has(4):
        product = call.step("sum", Add(), product, call.value(2, Element.INT32))
        return requantised(call, product, mult=4, add=3)
    return requantised(call, product, mult=3, add=2)


def _gemm(call: Call) -> Gemm:
    return Gemm(
        alpha=call.attributes.short("alpha", 1),
        beta=call.attributes.short("beta", 1),
        transpose_left=bool(call.attributes.integer("transA", 0)),
        transpose_right=bool(call.attributes.integer("transB", 0)),
    )


def _gemm_operands(call: Call, has_addend: bool) -> list[Value]:
    operands = [call.byte(0), call.byte(1)]
    if has_addend:
        operands.append(call.value(2, Element.INT32))
    return operands
