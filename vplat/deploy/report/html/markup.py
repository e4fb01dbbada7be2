"""HTML from names, attributes and text; whatever is text is escaped here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final, TypeAlias

VOID: Final = frozenset({"meta", "input", "br", "hr"})


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Content: TypeAlias = "str | Iterable[str]"


def tag(name: str, /, *content: Content, **attributes: str | float | bool | None) -> Markup:
    """
    An element. Strings are escaped unless they are `Markup`.

    Of an attribute's name a final ``_`` is dropped and any other ``_`` is a hyphen: ``class_``,
    ``aria_label``. ``True`` is an attribute without a value; ``None`` and ``False`` are left out.
    """
    told = "".join(
        f" {_name(key)}" if value is True else f' {_name(key)}="{escape(_text(value))}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in VOID:
        return Markup(f"<{name}{told}>")
    return Markup(f"<{name}{told}>{join(*content)}</{name}>")


def join(*content: Content) -> Markup:
    """All of it, one after the other."""
    parts: list[str] = []
    for each in content:
        pieces = [each] if isinstance(each, str) else each
        parts += [piece if isinstance(piece, Markup) else escape(piece) for piece in pieces]
    return Markup("".join(parts))


def number(value: float) -> str:
    """A coordinate: at most two decimals, none that are zero."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _name(key: str) -> str:
    # SVG has attributes whose capitals count; HTML's parsers restore those of embedded SVG.
    return key.removesuffix("_").replace("_", "-")


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else number(value)
