"""One memory of a board."""

from __future__ import annotations

from typing import Final

from ..board import PAGE, MemorySpec, Span
from .section import WORD, Section

MOST_WAIT_STATES: Final = 100_000
MOST_BANKS: Final = 1024
WIDEST_BANK_BYTES: Final = 1024
WORD_BYTES: Final = 4


def read_memory(name: str, section: Section) -> MemorySpec:
    """``[memories.NAME]``."""
    span = _span(section, f"memory {name!r}")
    aliases = []
    for number, row in enumerate(
        section.rows("aliases", "[{ base = 0x1002_0000, size = 0xE_0000 }]")
    ):
        aliases.append(_span(row, f"alias {number + 1} of memory {name!r}"))
        row.finish()
    bank_bytes = section.integer("bank_bytes", "4", 4, minimum=1, maximum=WIDEST_BANK_BYTES)
    if bank_bytes & (bank_bytes - 1):
        raise section.error(
            f"'bank_bytes' in {section.title} is {bank_bytes}, not a power of two; use 4 or 8, say",
            "bank_bytes",
        )
    return MemorySpec(
        name=name,
        base=span.base,
        size=span.size,
        wait_states=section.integer("wait_states", "13", 0, maximum=MOST_WAIT_STATES),
        writable=section.boolean("writable", default=True),
        aliases=tuple(aliases),
        banks=section.integer("banks", "16", 1, minimum=1, maximum=MOST_BANKS),
        bank_bytes=bank_bytes,
        doc=section.text("doc", '"What it is for."', ""),
        contents=_contents(name, section, span.size),
    )


def _contents(name: str, section: Section, size: int) -> dict[int, tuple[int, ...]]:
    """The words it holds from the start, by offset."""
    found: dict[int, tuple[int, ...]] = {}
    end = 0
    for row in section.rows("contents", "[{ offset = 0, words = [0x1050_0073] }]"):
        offset = row.integer("offset", "0x24", 0)
        words = row.integers("words", "[0x1050_0073]")
        if offset % WORD_BYTES:
            raise row.error(
                f"'offset' in {row.title} is {offset:#x}, not a multiple of {WORD_BYTES}; "
                f"use {offset - offset % WORD_BYTES:#x}",
                "offset",
            )
        if offset < end:
            raise row.error(
                f"'offset' in {row.title} is {offset:#x}, but the contents before it reach to "
                f"{end:#x}; list them in order and without overlaps",
                "offset",
            )
        end = offset + WORD_BYTES * len(words)
        if end > size:
            raise row.error(
                f"the words in {row.title} reach to {end:#x}, beyond the end of memory {name!r} "
                f"at {size:#x}; make it larger or them fewer",
                "words",
            )
        row.finish()
        found[offset] = words
    return found


def _span(section: Section, what: str) -> Span:
    base = section.amount("base", "0x1C00_0000")
    size = section.amount("size", '"128 KiB"')
    for key, value in (("base", base), ("size", size)):
        if value % PAGE:
            raise section.error(
                f"{key!r} of {what} is {value:#x}, not a multiple of the page of {PAGE} bytes; "
                f"use {value - value % PAGE:#x} or {value - value % PAGE + PAGE:#x}",
                key,
            )
    if not size:
        raise section.error(
            f"'size' of {what} is 0; give it a page of {PAGE} bytes at least", "size"
        )
    if base + size > WORD + 1:
        raise section.error(
            f"{what} would end at {base + size:#x}, beyond the 32-bit address space; "
            "move it down or make it smaller",
            "base",
        )
    return Span(base, size)
