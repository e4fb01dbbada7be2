"""What the exports say in words, so that all of them say it alike."""

from __future__ import annotations

import inspect

from ..model import Declared, Field, Peripheral
from .names import one_line
from .revisions import condition


def introduction(kind: type[Peripheral]) -> str:
    """The class's docstring without its indentation."""
    return inspect.cleandoc(kind.__doc__ or "")


def answers_loads(kind: type[Peripheral], register: Declared) -> bool:
    """A load tells something: a field can be read, or a behaviour answers."""
    readable = any(field.access.readable for field in register.fields.values())
    return readable or kind.reacts_to("read", register)


def takes_stores(kind: type[Peripheral], register: Declared) -> bool:
    """A store has an effect: a field can be written, or a behaviour runs."""
    writable = any(field.access.writable for field in register.fields.values())
    return writable or kind.reacts_to("write", register)


def access_words(kind: type[Peripheral], register: Declared) -> str:
    """How firmware may touch a register: its fields' accesses, each named once."""
    words = list(dict.fromkeys(field.access.value for field in register.fields.values()))
    if kind.reacts_to("read", register) and words == ["write-only"]:
        words.append("a load acts")
    if kind.reacts_to("write", register) and words == ["read-only"]:
        words.append("a store acts")
    return ", ".join(words)


def bit_span(field: Field) -> str:
    """``bit 3`` or ``bits 7:4``."""
    return f"bit {field.low}" if field.width == 1 else f"bits {field.high}:{field.low}"


def meaning(kind: type[Peripheral], register: Declared) -> str:
    """What a register is for, with all that limits it, on one line."""
    parts = [one_line(register.doc.replace("{i}", "i"))]
    if register.mirrors is not None:
        parts.append(f"Shows {register.mirrors.name}.")
    if register.ports:
        parts.append("One for each port.")
    if found := condition(kind, register):
        parts.append(f"Exists {found}.")
    if register.todo:
        parts.append("Not modelled.")
    return " ".join(parts)


def field_meaning(field: Field) -> str:
    """What a field is for, on one line."""
    return one_line(field.doc) + (" Not modelled." if field.todo else "")
