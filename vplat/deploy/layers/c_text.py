"""C, written from Python values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

LONGEST_IDENTIFIER: Final = 40
LINE: Final = 96


def identifier(text: str) -> str:
    """``text`` as a part of a C identifier: lower case, digits, single underscores."""
    cleaned = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return cleaned[-LONGEST_IDENTIFIER:].strip("_") or "unnamed"


def comment(text: str) -> str:
    """``text`` on one line, such that it ends no comment."""
    return " ".join(text.replace("*/", "* /").replace("/*", "/ *").split())


def truth(value: bool) -> str:
    """``true`` or ``false``."""
    return "true" if value else "false"


def members(values: Mapping[str, str]) -> str:
    """Designated members, ``.rows = 4, .columns = 5``; those that are empty are left out."""
    return ", ".join(f".{name} = {value}" for name, value in values.items() if value != "")


def structure(kind: str, name: str, values: Mapping[str, str]) -> str:
    """A constant structure, a member on each line."""
    lines = "".join(f"    .{key} = {value},\n" for key, value in values.items() if value != "")
    return f"static const struct {kind} {name} = {{\n{lines}}};\n"


def array(kind: str, name: str, values: Iterable[str]) -> str:
    """A constant array, as many values on a line as fit."""
    lines = [""]
    for value in values:
        piece = f"{value}, "
        if lines[-1] and len(lines[-1]) + len(piece) > LINE:
            lines.append("")
        lines[-1] += piece
    body = "".join(f"    {line.rstrip()}\n" for line in lines)
    return f"static const {kind} {name}[] = {{\n{body}}};\n"


def wide(value: int) -> str:
    """An integer constant of whatever width it needs."""
    if -(2**31) < value < 2**31:
        return str(value)
    return f"({value + 1}LL - 1)" if value == -(2**63) else f"{value}LL"
