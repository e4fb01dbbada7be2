"""Which registers a kind of device has under which parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..model import Declared, Parameter, Peripheral
from .names import decimal_or_hexadecimal

Values = Mapping[str, int | str | bool]
LONGEST_RANGE = 64


def exists(kind: type[Peripheral], register: Declared, parameters: Values | None = None) -> bool:
    """Whether a device with ``parameters``, defaults where they say nothing, has ``register``."""
    if register.only is None:
        return True
    # The test is on a device, but only on its parameters: no need for a platform to build it on.
    device = object.__new__(kind)
    device.name = kind.kind
    defaults = {name: each.default for name, each in kind.declared_parameters.items()}
    device.parameters = defaults | dict(parameters or {})
    return bool(register.only(device))


def condition(kind: type[Peripheral], register: Declared) -> str:
    """``where revision is "2024-08"`` for a register that only some parameters bring, else ''.

    Parameters are varied one at a time, the others at their defaults.
    """
    if register.only is None:
        return ""
    found = []
    for name, parameter in kind.declared_parameters.items():
        values = _candidates(parameter)
        holds = [each for each in values if exists(kind, register, {name: each})]
        if 0 < len(holds) < len(values):
            found.append(f"{name} is {_listed(holds)}")
    return f"where {' and '.join(found)}" if found else "under some parameters"


def allowed(parameter: Parameter[Any]) -> str:
    """The values a parameter may have, for people; '' where any will do."""
    if parameter.choices:
        return ", ".join(map(literal, parameter.choices))
    if isinstance(parameter.default, bool):
        return "true, false"
    low, high = parameter.minimum, parameter.maximum
    if low is not None and high is not None:
        return f"{literal(low)}..{literal(high)}"
    if low is not None:
        return f"at least {literal(low)}"
    return f"at most {literal(high)}" if high is not None else ""


def literal(value: int | str | bool) -> str:
    """A parameter's value as a board's TOML spells it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else decimal_or_hexadecimal(value)


def _candidates(parameter: Parameter[Any]) -> Sequence[int | str | bool]:
    if parameter.choices:
        return parameter.choices
    if isinstance(parameter.default, bool):
        return (False, True)
    low, high = parameter.minimum, parameter.maximum
    if low is None or high is None or high - low >= LONGEST_RANGE:
        return ()
    return range(low, high + 1)


def _listed(values: Sequence[int | str | bool]) -> str:
    numbers = [each for each in values if isinstance(each, int) and not isinstance(each, bool)]
    whole = len(numbers) == len(values) > 2
    if whole and sorted(numbers) == list(range(min(numbers), max(numbers) + 1)):
        return f"{min(numbers)}..{max(numbers)}"
    return " or ".join(map(literal, values))
