"""Expressions as programs for `firmware/kernels/elementwise.h`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from vplat.deploy.network import Element, Integers, TensorType
from vplat.deploy.network.operators import (
    Add,
    Clip,
    Gelu,
    Hardswish,
    IntegerDivide,
    ItaGelu,
    Lookup,
    Multiply,
    NoNorm,
    Relu,
    Requantise,
    Scale,
)

from .c_text import wide
from .expression import Apply, Expression, Known, Leaf, Table, all_bytes
from .layer import Constant, Stored
from .rescaling import Rescale, initialiser

REGISTERS: Final = 3
MOST_OPERANDS: Final = 9
MOST_STEPS: Final = 16
NOTHING: Final = "NULL"


class DoesNotFitError(Exception):
    """The program needs more registers or operands than the machine has."""


@dataclass(frozen=True)
class ProgramOperand:
    """A tensor, or constants; ``shape`` broadcasts to the result's. A table is read by index."""

    source: str
    element: Element
    shape: tuple[int, ...]
    is_constant: bool = False


@dataclass
class Program:
    """Steps in order, what they read, and the C objects that their parameters are."""

    shape: tuple[int, ...]
    operands: list[ProgramOperand] = field(default_factory=list)
    constants: list[Constant] = field(default_factory=list)
    steps: list[tuple[str, int, int, str]] = field(default_factory=list)
    parameters: list[tuple[str, str]] = field(default_factory=list)
    """The type and the initialiser of each; a step names one as ``@0``."""

    def add_operand(self, operand: ProgramOperand) -> int:
        """Its number; one that is there already is not added again."""
        if operand not in self.operands:
            self.operands.append(operand)
        if len(self.operands) > MOST_OPERANDS:
            raise DoesNotFitError
        return self.operands.index(operand)

    def add_constant(self, values: Stored, shape: tuple[int, ...]) -> int:
        """The number of an operand that is a constant."""
        name = f"values_{len(self.constants)}"
        for constant in self.constants:
            if constant.values.dtype == values.dtype and np.array_equal(constant.values, values):
                name = constant.name
        if name == f"values_{len(self.constants)}":
            self.constants.append(Constant(name, values))
        element = Element(str(values.dtype))
        return self.add_operand(ProgramOperand(name, element, shape, True))

    def step(self, operation: str, operand: int = 0, other: int = 0, of: str = NOTHING) -> None:
        """Append a step."""
        if len(self.steps) == MOST_STEPS:
            raise DoesNotFitError
        self.steps.append((operation, operand, other, of))

    def parameter(self, kind: str, text: str) -> str:
        """A reference to a C object of that type and value."""
        if (kind, text) not in self.parameters:
            self.parameters.append((kind, text))
        return f"@{self.parameters.index((kind, text))}"


def smallest(values: Integers) -> Stored:
    """The values in the smallest type that holds them; int32 wraps."""
    for element in (Element.INT8, Element.UINT8):
        if values.size and element.least <= values.min() and values.max() <= element.greatest:
            return values.astype(element.value)
    return values.astype(np.int32)


def compiled(expression: Expression, result: TensorType) -> Program:
    """
    The program for an expression.

    :raises DoesNotFitError: it needs too much of the machine
    """
    program = Program(result.shape)
    _push(program, expression, 0)
    return program


def _push(program: Program, expression: Expression, depth: int) -> None:
    if depth >= REGISTERS:
        raise DoesNotFitError
    match expression:
        case Leaf():
            program.step("PUSH", _leaf(program, expression))
        case Known(values):
            program.step("PUSH", program.add_constant(smallest(values), values.shape))
        case Table(leaf, values):
            table = program.add_constant(values.astype(np.int32), ())
            program.step("PUSH_LOOKED_UP", _leaf(program, leaf), table)
        case Apply():
            _apply(program, expression, depth)


def _leaf(program: Program, leaf: Leaf) -> int:
    return program.add_operand(ProgramOperand(leaf.home, leaf.type.element, leaf.type.shape))


def _apply(program: Program, applied: Apply, depth: int) -> None:
    operator, arguments = applied.operator, applied.arguments
    match operator:
        case Add() | Multiply():
            _combine(program, applied, depth)
        case IntegerDivide():
            for number, argument in enumerate(arguments):
                _push(program, argument, depth + number)
            text = (
                f"{{.factor = {wide(operator.delta * operator.eta)}, .eta = {operator.eta}, "
                f".eps = {operator.eps}}}"
            )
            program.step("DIVIDE", of=program.parameter("struct integer_division", text))
        case NoNorm():
            _no_norm(program, applied, depth)
        case _:
            _push(program, arguments[0], depth)
            _unary(program, applied)


def _combine(program: Program, applied: Apply, depth: int) -> None:
    """Sums and products: what is deepest first, operands one by one."""
    word = "ADD" if isinstance(applied.operator, Add) else "MULTIPLY"
    arguments = sorted(applied.arguments, key=_order)
    _push(program, arguments[0], depth)
    for argument in arguments[1:]:
        match argument:
            case Leaf():
                program.step(f"{word}_OPERAND", _leaf(program, argument))
            case Known(values) if values.size == 1:
                _by_constant(program, word, int(values.flat[0]))
            case Known(values):
                operand = program.add_constant(smallest(values), values.shape)
                program.step(f"{word}_OPERAND", operand)
            case _:
                _push(program, argument, depth + 1)
                program.step(word)


def _order(argument: Expression) -> int:
    return {Apply: 0, Table: 1, Leaf: 2, Known: 3}[type(argument)]


def _by_constant(program: Program, word: str, value: int) -> None:
    name = "ADD_CONSTANT" if word == "ADD" else "SCALE"
    program.step(name, of=program.parameter("int32_t", str(_wrapped(value))))


def _wrapped(value: int) -> int:
    return (value + 2**31) % 2**32 - 2**31


def _no_norm(program: Program, applied: Apply, depth: int) -> None:
    operator, (x, weights, bias) = applied.operator, applied.arguments
    assert isinstance(operator, NoNorm)  # noqa: S101 - the caller looked
    product = Apply(Multiply(), (x, weights), Element.INT32)
    _push(program, Apply(Add(), (product, bias), Element.INT32), depth)
    shifted = Requantise(operator.log2_divisor, Element.INT8)
    text = initialiser(shifted, operator.mult, 0)
    program.step("RESCALE", of=program.parameter("struct rescale", text))


def _unary(program: Program, applied: Apply) -> None:
    operator = applied.operator
    match operator:
        case Requantise():
            _requantise(program, applied)
        case Scale(factor):
            _by_constant(program, "MULTIPLY", factor)
        case Clip(least, greatest):
            _clip(program, least, greatest)
        case Relu():
            _clip(program, 0, Element.INT32.greatest)
        case Lookup():
            table = applied.arguments[1]
            assert isinstance(table, Known)  # noqa: S101 - Lookup's contract
            program.step("LOOK_UP", program.add_constant(table.values.astype(np.int32), ()))
        case Gelu() | Hardswish() | ItaGelu():
            argument = applied.arguments[0]
            assert isinstance(argument, Apply)  # noqa: S101 - what has bytes alone is a table
            values = operator.compute([all_bytes(argument.element)])
            program.step("LOOK_UP", program.add_constant(values.astype(np.int32), ()))
        case _:
            raise DoesNotFitError


def _clip(program: Program, least: int, greatest: int) -> None:
    limits = f"{{{least if least > Element.INT32.least else 'INT32_MIN'}, {greatest}}}"
    program.step("CLIP", of=program.parameter("struct elementwise_limits", limits))


def _requantise(program: Program, applied: Apply) -> None:
    operator, (_, mult, add) = applied.operator, applied.arguments
    assert isinstance(operator, Requantise)  # noqa: S101 - the caller looked
    if not isinstance(mult, Known) or not isinstance(add, Known):
        raise DoesNotFitError
    scales = Rescale.of(operator, mult.values, add.values)
    if scales.is_scalar:
        text = initialiser(operator, int(scales.mult.flat[0]), int(scales.before.flat[0]))
        program.step("RESCALE", of=program.parameter("struct rescale", text))
        return
    mults = program.add_constant(scales.mult.astype(np.int32), scales.mult.shape)
    befores = program.add_constant(scales.before.astype(np.int32), scales.before.shape)
    text = initialiser(operator, 1, 0)
    program.step("RESCALE_EACH", mults, befores, program.parameter("struct rescale", text))
