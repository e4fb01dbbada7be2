"""The parts of C that every header of ours is made of."""

from __future__ import annotations

import textwrap

from ..errors import DeclarationError
from .names import one_line

COLUMNS = 100
WORDS = """\
#ifndef VPLAT_U
#ifdef __ASSEMBLER__
#define VPLAT_U(number) number
#else
#define VPLAT_U(number) number##u
#endif
/* A field's value in a word read from its register: VPLAT_GET(DMA_STATUS_ID, word). */
#define VPLAT_GET(field, word) (((word) & field##_MASK) >> field##_SHIFT)
/* A value in its field's place, to be written: VPLAT_PUT(DMA_CTRL_MODE, DMA_CTRL_MODE_FAST). */
#define VPLAT_PUT(field, value) (((uint32_t)(value) << field##_SHIFT) & field##_MASK)
#endif"""
INCLUDES = """\
#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>
#if defined(__cplusplus) && !defined(_Static_assert)
#define _Static_assert(x, y) static_assert(x, y)
#endif
#endif"""


def number(value: int, digits: int = 0) -> str:
    """An unsigned constant for C and for the assembler; in hexadecimal where it has ``digits``."""
    return f"VPLAT_U({value:#0{digits + 2}x})" if digits else f"VPLAT_U({value})"


def comment(text: str, indent: str = "") -> list[str]:
    """A block comment; paragraphs of ``text`` stay apart, the rest is filled to the line width."""
    safe = text.replace("*/", "* /").replace("/*", "/ *")
    paragraphs = [one_line(each) for each in safe.split("\n\n") if each.strip()]
    room = COLUMNS - len(indent) - 3
    lines: list[str] = []
    for paragraph in paragraphs:
        lines += [""] if lines else []
        lines += textwrap.wrap(paragraph, room, break_long_words=False, break_on_hyphens=False)
    if len(lines) == 1 and len(lines[0]) <= room - 3:
        return [f"{indent}/* {lines[0]} */"]
    body = [f"{indent} * {line}".rstrip() for line in lines]
    return [f"{indent}/*", *body, f"{indent} */"]


def guarded(name: str, body: list[str]) -> str:
    """A whole header file between its include guards."""
    return "\n".join(
        [f"#ifndef {name}", f"#define {name}", "", *body, "", f"#endif /* {name} */", ""]
    )


class Macros:
    """The macros of one header, so that no name is defined twice.

    ``where`` is the culprit named in the ``DeclarationError`` for one that would be.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self._origins: dict[str, str] = {}

    def define(self, name: str, body: str, origin: str) -> str:
        """The line that defines ``name``; ``origin`` says what it is made from, in words."""
        stem = name.partition("(")[0]
        if stem in self._origins:
            raise DeclarationError(
                f"{self.where}: {self._origins[stem]} and {origin} would both be the macro {stem}; "
                "rename one of the two"
            )
        self._origins[stem] = origin
        return f"#define {name} {body}"
