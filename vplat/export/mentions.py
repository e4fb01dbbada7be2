"""What a device's code says and its declarations do not: what it accounts for, what it reports."""

from __future__ import annotations

import ast
import inspect
import textwrap

from ..model import Peripheral


def activities(kind: type[Peripheral]) -> tuple[str, ...]:
    """What devices of this kind count with ``account``, in the order of the source."""
    return _named_in_calls(kind, "account")


def findings(kind: type[Peripheral]) -> tuple[str, ...]:
    """The rules that devices of this kind ``report`` firmware by, in the order of the source."""
    return _named_in_calls(kind, "report")


def _named_in_calls(kind: type[Peripheral], method: str) -> tuple[str, ...]:
    """The constant first arguments of calls of ``method``; what is computed is not seen."""
    own = [each for each in reversed(kind.__mro__) if each not in Peripheral.__mro__]
    calls = [
        node
        for cls in own
        for node in ast.walk(ast.parse(_source(cls)))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == method
    ]
    calls.sort(key=lambda call: call.lineno)
    names = [
        call.args[0].value for call in calls if call.args and isinstance(call.args[0], ast.Constant)
    ]
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str)))


def _source(cls: type) -> str:
    try:
        return textwrap.dedent(inspect.getsource(cls))
    except (OSError, TypeError):
        # A class made by a program has no source; it is none the worse for that.
        return ""
