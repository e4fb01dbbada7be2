"""Kinds of devices drawn at random, for properties of whatever is derived from them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from vplat.model import (
    RC,
    RO,
    RW,
    W1C,
    W1P,
    W1S,
    WO,
    Field,
    Peripheral,
    Register,
    Registers,
    Word,
    Words,
    bits,
)

ACCESSES = st.sampled_from([RW, RO, WO, W1C, W1S, W1P, RC])
NAMES = st.from_regex(r"[a-d]x(_[a-d]y){0,2}", fullmatch=True)
WINDOW_BYTES = 0x100


@st.composite
def field_sets(draw: st.DrawFn) -> dict[str, Field]:
    """Fields side by side, at least one."""
    cuts = sorted(draw(st.sets(st.integers(0, 32), min_size=2, max_size=6)))
    names = draw(st.lists(NAMES, min_size=len(cuts), max_size=len(cuts), unique=True))
    return {
        f"f{name}": bits(high - 1, low, draw(ACCESSES), "A field.")
        for name, low, high in zip(names, cuts, cuts[1:], strict=False)
    }


@st.composite
def kinds(draw: st.DrawFn) -> type[Peripheral]:
    """A kind with registers and arrays that interleave, nest and leave gaps, none on another."""
    declared: dict[str, Any] = {"__doc__": "Drawn."}
    taken: set[int] = set()
    for name in draw(st.lists(NAMES, min_size=1, max_size=8, unique=True)):
        offset = 4 * draw(st.integers(0, 16))
        count, stride = draw(st.integers(0, 4)), 4 * draw(st.integers(1, 6))
        places = {offset + stride * i for i in range(count or 1)}
        if taken & places or max(places) >= WINDOW_BYTES:
            continue
        taken |= places
        declared[name] = draw(_register(offset, count, stride))
    return type("Drawn", (Peripheral,), declared, kind="drawn", size=WINDOW_BYTES)


@st.composite
def _register(draw: st.DrawFn, offset: int, count: int, stride: int) -> object:
    if draw(st.booleans()):
        fields = draw(field_sets())
        if count:
            return Registers(count, offset, "Fields {i}.", stride=stride, **fields)
        return Register(offset, "Fields.", **fields)
    access = draw(ACCESSES)
    if count:
        return Words(count, offset, access, "Word {i}.", stride=stride)
    return Word(offset, access, "A word.")
