"""``RequantShift`` and what it is fused with (sections 3.2 and 3.3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vplat.deploy.network import Element, Integers
from vplat.deploy.network.operators import Add, Clip, Requantise
from vplat.deploy.read.attributes import Attributes
from vplat.errors import DeployError

from .building import Value, constant
from .call import Call, spread


def log2_of(attributes: Attributes, name: str) -> int:
    """The binary logarithm of an attribute that is a power of two."""
    divisor = attributes.integer(name)
    if divisor < 1 or divisor & (divisor - 1) or divisor > 1 << 31:
        raise DeployError(
            f"its attribute '{name}' is {divisor}, but must be a power of two up to 2^31"
        )
    return divisor.bit_length() - 1


def levels_of(attributes: Attributes, prefix: str = "", default: int | None = None) -> int:
    """``n_levels``, which some files call ``n_levels_out``."""
    name = next(
        (each for each in (f"{prefix}n_levels", f"{prefix}n_levels_out") if each in attributes),
        f"{prefix}n_levels",
    )
    levels = attributes.integer(name, default)
    if not 2 <= levels <= 256 or levels % 2:
        raise DeployError(f"its attribute '{name}' is {levels}, but 2, 4 .. 256 are possible")
    return levels


@dataclass(frozen=True)
class Rule:
    """The attributes of a requantisation."""

    shift: int
    levels: int
    signed: bool

    @classmethod
    def of(cls, attributes: Attributes, prefix: str = "") -> Rule:
        """Read from ``div``, ``n_levels`` and ``signed``, each behind the prefix."""
        return cls(
            log2_of(attributes, f"{prefix}div"),
            levels_of(attributes, prefix),
            bool(attributes.integer(f"{prefix}signed")),
        )

    @property
    def element(self) -> Element:
        """What holds a result."""
        return Element.INT8 if self.signed else Element.UINT8

    @property
    def limits(self) -> Clip | None:
        """What narrows the result further; None for 256 levels."""
        return clip_to(self.levels, self.signed)


def clip_to(levels: int, signed: bool) -> Clip | None:
    """The clip to fewer levels than a byte has; None for 256."""
    if levels == 256:
        return None
    if signed:
        return Clip(-levels // 2, levels // 2 - 1, Element.INT8)
    return Clip(0, levels - 1, Element.UINT8)


def requant_shift(call: Call) -> Value:
    """``RequantShift(x, mult, add)``."""
    return requantised(call, call.value(0), mult=1, add=2)


def requantised(call: Call, x: Value, *, mult: int, add: int) -> Value:
    """The node's result: x requantised with the operands ``mult`` and ``add``."""
    return _finish(call, x, call.spread(mult, x), call.spread(add, x))


def requantised_with_divided_addend(call: Call, x: Value, *, mult: int, add: int) -> Value:
    """
    The rule of ``RequantizediGELU`` and its like: what is added is ``add`` divided by ``mult`` and
    rounded to the nearest, halves to even.
    """
    multipliers, addends = call.known(mult), call.known(add)
    names = call.given(mult).name, call.given(add).name
    return divided_and_requantised(call, x, multipliers, addends, names)


def divided_and_requantised(
    call: Call, x: Value, mult: Integers, add: Integers, names: tuple[str, str]
) -> Value:
    """As `requantised_with_divided_addend`, for numbers that need not be operands."""
    multipliers, addends = np.broadcast_arrays(mult, add)
    if ((multipliers == 0) & (addends != 0)).any():
        raise DeployError("its add is divided by its mul, which has a 0")
    safe = np.where(multipliers == 0, 1, multipliers)
    quotients: Integers = np.rint(addends / safe).astype(np.int64)
    shape = x.type.shape
    multiplier = spread(names[0], mult, shape, Element.INT32)
    return _finish(call, x, multiplier, spread(names[1], quotients, shape, Element.INT32))


def _finish(call: Call, x: Value, mult: Value, add: Value) -> Value:
    rule = Rule.of(call.attributes)
    operator = Requantise(rule.shift, rule.element)
    if rule.limits is None:
        return call.make(operator, x, mult, add)
    return call.make(rule.limits, call.step("requantised", operator, x, mult, add))


def requantised_add(call: Call) -> Value:
    """
    ``RequantizedAdd``: each operand requantised by attributes ``rqs1_*`` and ``rqs2_*``, and their
    sum by ``rqsOut_*``. The half that rounds is in their ``add``.
    """
    branches = []
    for index, prefix in enumerate(("rqs1_", "rqs2_")):
        branches.append(_by_attributes(call, call.value(index), prefix, last=False))
    total = call.step("sum", Add(), *branches)
    return _by_attributes(call, total, "rqsOut_", last=True)


def _by_attributes(call: Call, x: Value, prefix: str, *, last: bool) -> Value:
    rule = Rule.of(call.attributes, prefix)
    half = (1 << rule.shift) >> 1
    numbers = {
        name: np.asarray(call.attributes.integer(f"{prefix}{name}"), dtype=np.int64)
        for name in ("mul", "add")
    }
    mult = constant(f"{call.node.name} {prefix}mul", numbers["mul"], Element.INT32)
    add = constant(f"{call.node.name} {prefix}add", numbers["add"] - half, Element.INT32)
    operator = Requantise(rule.shift, rule.element)
    if rule.limits is None and last:
        return call.make(operator, x, mult, add)
    result = call.step(f"{prefix}requantised", operator, x, mult, add)
    if rule.limits is None:
        return result
    if last:
        return call.make(rule.limits, result)
    return call.step(f"{prefix}clipped", rule.limits, result)
