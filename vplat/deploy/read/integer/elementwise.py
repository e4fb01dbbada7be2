"""Element by element: sums, products, quotients and activations (sections 3.3, 3.6 and 3.7)."""

from __future__ import annotations

import numpy as np

from vplat.deploy.network import Element, Operator
from vplat.deploy.network.operators import (
    Add,
    Clip,
    Gelu,
    Hardswish,
    IntegerDivide,
    ItaGelu,
    Multiply,
    Relu,
    Reshape,
    Scale,
)
from vplat.errors import DeployError

from .building import Value
from .call import Call
from .requantisation import divided_and_requantised, requantised_with_divided_addend


def add(call: Call) -> Value:
    """``Add`` and ``Sum`` of any number of operands; of one, a copy."""
    values = call.alike()
    if len(values) == 1:
        return call.make(Reshape(values[0].type.shape), *values)
    return call.make(Add(), *values)


def subtract(call: Call) -> Value:
    """``Sub``: the sum with the second operand negated."""
    left, right = call.alike()
    return call.make(Add(), left, call.step("negated", Scale(-1), right))


def multiply(call: Call) -> Value:
    """``Mul``."""
    return call.make(Multiply(), *call.alike())


def true_integer_division(call: Call) -> Value:
    """``TrueIntegerDiv``: by a constant, so a product with ``floor(Delta eta / (y eta + eps))``."""
    delta, eta, eps, y = (call.attributes.integer(each) for each in ("Delta", "eta", "eps", "y"))
    divisor = y * eta + eps
    if divisor < 1:
        raise DeployError(f"its divisor y * eta + eps is {divisor}, but must be positive")
    factor = delta * eta // divisor
    _expect_int32("factor", factor)
    return call.make(Scale(factor), call.value(0))


def integer_division(call: Call) -> Value:
    """``IntegerDiv``."""
    return call.make(_division(call), call.value(0), call.value(1))


def requantised_division(call: Call) -> Value:
    """``RQIntegerDiv(a, b, mult, add)``."""
    quotient = call.step("quotient", _division(call), call.value(0), call.value(1))
    return requantised_with_divided_addend(call, quotient, mult=2, add=3)


def _division(call: Call) -> IntegerDivide:
    return IntegerDivide(*(call.attributes.integer(each) for each in ("Delta", "eta", "eps")))


def gelu(call: Call) -> Value:
    """``iGELU``."""
    return call.make(_gelu(call), call.byte(0))


def requantised_gelu(call: Call) -> Value:
    """``RequantizediGELU(x, mult, add)``."""
    return _requantised(call, _gelu(call))


def _gelu(call: Call) -> Gelu:
    # one is about b squared, so it has twice its bits.
    one = call.attributes.integer("one")
    _expect_int32("attribute 'one'", one)
    return Gelu(call.attributes.short("b"), one)


def hardswish(call: Call) -> Value:
    """``iHardswish``."""
    return call.make(_hardswish(call), call.byte(0))


def requantised_hardswish(call: Call) -> Value:
    """``RequantizediHardswish(x, mult, add)``; mult and add may be attributes instead."""
    if call.has(1):
        return _requantised(call, _hardswish(call))
    activated = call.step("activated", _hardswish(call), call.byte(0))
    mult, add = (
        np.asarray(call.attributes.integer(each), dtype=np.int64) for each in ("mul", "add")
    )
    names = f"{call.node.name} mul", f"{call.node.name} add"
    return divided_and_requantised(call, activated, mult, add, names)


def _hardswish(call: Call) -> Hardswish:
    return Hardswish(*(call.attributes.short(each) for each in ("three", "six", "one_over_six")))


def _requantised(call: Call, operator: Operator) -> Value:
    activated = call.step("activated", operator, call.byte(0))
    return requantised_with_divided_addend(call, activated, mult=1, add=2)


def _expect_int32(what: str, number: int) -> None:
    if not Element.INT32.least <= number <= Element.INT32.greatest:
        raise DeployError(f"its {what} {number} is not int32")


def ita_gelu(call: Call) -> Value:
    """``ITAGELU``, vplat's own: ITA's activation before its requantisation."""
    return call.make(
        ItaGelu(call.attributes.integer("b"), call.attributes.integer("c")), call.byte(0)
    )


def relu(call: Call) -> Value:
    """``Relu``."""
    return call.make(Relu(), call.value(0))


def clip(call: Call) -> Value:
    """``Clip``; what leaves only bytes makes bytes."""
    x = call.value(0)
    least, greatest = _limit(call, "min", 1), _limit(call, "max", 2)
    least = x.type.element.least if least is None else max(least, x.type.element.least)
    greatest = x.type.element.greatest if greatest is None else greatest
    greatest = min(greatest, x.type.element.greatest)
    for element in (Element.INT8, Element.UINT8):
        if element.least <= least and greatest <= element.greatest:
            return call.make(Clip(least, greatest, element), x)
    return call.make(Clip(least, greatest, Element.INT32), x)


def _limit(call: Call, name: str, index: int) -> int | None:
    numbers = call.numbers(name, index)
    if numbers is None:
        return None
    if len(numbers) != 1:
        raise DeployError(f"its {name} has {len(numbers)} numbers instead of one")
    return numbers[0]
