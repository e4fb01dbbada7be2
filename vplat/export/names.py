"""Declared names as identifiers of C, of SVD and of linker scripts."""

from __future__ import annotations

import re

from ..model import Peripheral

WORDS_OF_C_AND_CPP = """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t
    char8_t class co_await co_return co_yield compl concept const const_cast consteval constexpr
    constinit continue decltype default delete do double dynamic_cast else enum explicit export
    extern false float for friend goto if inline int long mutable namespace new noexcept not not_eq
    nullptr operator or or_eq private protected public register reinterpret_cast requires restrict
    return short signed sizeof static static_assert static_cast struct switch template this
    thread_local throw true try typedef typeid typename typeof union unsigned using virtual void
    volatile wchar_t while xor xor_eq
"""
KEYWORDS = frozenset(WORDS_OF_C_AND_CPP.split())
"""A register may be called ``default`` or ``new``, a member of a struct may not."""
LARGEST_DECIMAL = 0xFFFF


def identifier(text: str) -> str:
    """``text`` with everything but ASCII letters, digits and underscores made an underscore."""
    name = re.sub(r"\W", "_", text, flags=re.ASCII)
    return f"_{name}" if name[:1].isdigit() else name


def member(text: str) -> str:
    """The name of a struct member; a word of the language gets an underscore behind it."""
    name = identifier(text)
    return f"{name}_" if name in KEYWORDS else name


def macro(*parts: str) -> str:
    """``EVENT_UNIT_EVENT_MASK`` from its parts; empty ones are left out."""
    return "_".join(identifier(part).upper() for part in parts if part)


def window_name(window: str) -> str:
    """What a window is called where it needs a name: the main one is ``registers``."""
    return window or "registers"


def type_name(kind: type[Peripheral], window: str) -> str:
    """The C type of a window: ``event_unit_demux_t``, ``timer_registers_t`` for a main window.

    A main window is no plain ``timer_t`` because POSIX, and with it the C library, has that name.
    """
    return f"{identifier(kind.kind)}_{identifier(window_name(window))}_t"


def decimal_or_hexadecimal(value: int) -> str:
    """``value`` as people read it: above 16 bits it is an address, a size or a mask."""
    return f"{value:#x}" if value > LARGEST_DECIMAL else str(value)


def one_line(text: str) -> str:
    """``text`` with every run of white space made one blank."""
    return " ".join(text.split())
