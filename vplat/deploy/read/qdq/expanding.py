"""QLinear operators, written out as DequantizeLinear, the plain operator and QuantizeLinear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True)
class Form:
    """What is where: operands as triples of value, scale and zero point, then the result."""

    operator: str
    operands: tuple[int, ...]
    """Index of each operand's value; its scale and zero point follow it."""
    result: int
    """Index of the result's scale; its zero point follows."""
    bias: int | None = None
    """Index of an int32 bias, at the scale of the product."""


FORMS = {
    "QLinearMatMul": Form("MatMul", (0, 3), 6),
    "QLinearConv": Form("Conv", (0, 3), 6, bias=8),
    "QGemm": Form("Gemm", (0, 3), 7, bias=6),
    "QLinearAdd": Form("Add", (0, 3), 6),
    "QLinearMul": Form("Mul", (0, 3), 6),
    "QLinearSigmoid": Form("Sigmoid", (0,), 3),
    "QLinearLeakyRelu": Form("LeakyRelu", (0,), 3),
    "QLinearSoftmax": Form("Softmax", (0,), 3),
    "QLinearGlobalAveragePool": Form("GlobalAveragePool", (0,), 3),
    "QLinearReduceMean": Form("ReduceMean", (0,), 3),
}


def expanded(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.NodeProto]:
    """The nodes, with QLinear operators taken apart."""
    for node in nodes:
        form = FORMS.get(node.op_type)
        if form is not None:
            yield from _taken_apart(node, form)
        elif node.op_type == "QLinearConcat":
            yield from _concat_taken_apart(node)
        else:
            yield node


def _taken_apart(node: onnx.NodeProto, form: Form) -> Iterator[onnx.NodeProto]:
    from onnx import helper

    base = node.output[0]
    reals = []
    axis = _channel_axis(node, form)
    for index in form.operands:
        real = f"{base}/real_{index}"
        yield helper.make_node("DequantizeLinear", node.input[index : index + 3], [real], axis=axis)
        reals.append(real)
    if form.bias is not None and len(node.input) > form.bias and node.input[form.bias]:
        real = f"{base}/bias"
        scales = [node.input[index + 1] for index in form.operands]
        yield helper.make_node("BiasOfProduct", [node.input[form.bias], *scales], [real])
        reals.append(real)
    plain = helper.make_node(form.operator, reals, [f"{base}/real"], name=node.name)
    plain.attribute.extend(node.attribute)
    yield plain
    wanted = node.input[form.result : form.result + 2]
    yield helper.make_node("QuantizeLinear", [f"{base}/real", *wanted], [base])


def _channel_axis(node: onnx.NodeProto, form: Form) -> int:
    """The axis of weights along which scales may differ: that of what comes out."""
    if form.operator == "MatMul":
        return -1
    is_transposed = any(each.name == "transB" and each.i for each in node.attribute)
    return 1 if form.operator == "Gemm" and not is_transposed else 0


def _concat_taken_apart(node: onnx.NodeProto) -> Iterator[onnx.NodeProto]:
    from onnx import helper

    base, reals = node.output[0], []
    for index in range(2, len(node.input), 3):
        real = f"{base}/real_{index}"
        yield helper.make_node("DequantizeLinear", node.input[index : index + 3], [real])
        reals.append(real)
    plain = helper.make_node("Concat", reals, [f"{base}/real"], name=node.name)
    plain.attribute.extend(node.attribute)
    yield plain
    yield helper.make_node("QuantizeLinear", [f"{base}/real", *node.input[:2]], [base])
