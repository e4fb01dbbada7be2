"""The C view of a kind of device: a struct for each window, and macros for what lies in a word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..model import Declared, Field, Peripheral
from .c_text import INCLUDES, WORDS, Macros, comment, guarded, number
from .layout import WORD_BYTES, Cluster, Item, Member, WindowLayout, layouts
from .names import macro, type_name, window_name
from .revisions import Values
from .wording import access_words, bit_span, field_meaning, introduction, meaning, takes_stores


def c_header(kind: type[Peripheral], parameters: Values | None = None) -> str:
    """A header for C11, C++11 and the assembler.

    It has one struct type for each window (``event_unit_demux_t``; ``timer_registers_t`` for a main
    window), its offsets and size asserted, and for each register ``TIMER_CFG_OFFSET``, ``_RESET``
    and its fields' ``TIMER_CFG_ENABLE_MASK`` and ``_SHIFT``. Where registers of several revisions
    share an offset, those that ``parameters`` bring are in the struct, the others have macros only.
    Two declarations that would make one macro are a ``DeclarationError``.
    """
    windows = layouts(kind, parameters)
    macros = Macros(kind.kind)
    made = f"Generated from {kind.__module__} by `vplat export c-header`; do not edit."
    body = [
        *comment(f"{kind.kind}: {introduction(kind)}\n\n{made}"),
        *["", INCLUDES, "", WORDS],
        *_window_sizes(kind, windows, macros),
        *["", "#ifndef __ASSEMBLER__", *_types(kind, windows), "", "#endif"],
    ]
    left_out = {register for window in windows for register in window.left_out}
    for register in kind.registers.values():
        body += ["", *_register_macros(kind, register, register in left_out, macros)]
    return guarded(macro("vplat", kind.kind, "h"), body)


def _window_sizes(
    kind: type[Peripheral], windows: Sequence[WindowLayout], macros: Macros
) -> Iterator[str]:
    for window in windows:
        name = window_name(window.name)
        yield ""
        yield from comment(
            f"Bytes of the window {name!r}." + ("" if window.items else f" {window.doc}")
        )
        origin = f"the window {name!r}"
        yield macros.define(macro(kind.kind, name, "size"), number(window.size, 1), origin)


def _types(kind: type[Peripheral], windows: Sequence[WindowLayout]) -> Iterator[str]:
    written: list[WindowLayout] = []
    for window in windows:
        if not window.items:
            continue
        name = type_name(kind, window.name)
        yield ""
        yield from comment(window.doc)
        twin = next((each for each in written if each.same_shape(window)), None)
        if twin is not None:
            yield f"typedef {type_name(kind, twin.name)} {name};"
            continue
        written.append(window)
        yield "typedef struct {"
        yield from _members(kind, window.items, window.size, "    ")
        yield f"}} {name};"
        yield ""
        yield from _assertions(name, window)


def _members(
    kind: type[Peripheral], items: Sequence[Item], size: int, indent: str
) -> Iterator[str]:
    cursor = 0
    for item in items:
        yield from _gap(cursor, item.offset, indent)
        if isinstance(item, Cluster):
            yield f"{indent}struct {{"
            yield from _members(kind, item.members, item.stride, indent + "    ")
            yield f"{indent}}} {item.name}[{item.count}];"
        else:
            register = item.register
            access = access_words(kind, register)
            words = f"+{item.offset:#05x}, {access}: {meaning(kind, register)}"
            yield from comment(words, indent)
            const = "" if takes_stores(kind, register) else "const "
            extent = f"[{item.count}]" if item.count else ""
            yield f"{indent}volatile {const}uint32_t {item.name}{extent};"
        cursor = item.end
    yield from _gap(cursor, size, indent)


def _gap(start: int, end: int, indent: str) -> Iterator[str]:
    if words := (end - start) // WORD_BYTES:
        yield f"{indent}uint32_t _reserved_{start:x}[{words}];"


def _assertions(name: str, window: WindowLayout) -> Iterator[str]:
    for item in window.items:
        for place, offset in _places(item):
            yield f'_Static_assert(offsetof({name}, {place}) == {offset:#05x}, "{name}.{place}");'
    size = window.size - window.size % WORD_BYTES
    yield f'_Static_assert(sizeof({name}) == {size:#05x}, "{name}");'


def _places(item: Item) -> Iterator[tuple[str, int]]:
    """The designators of a member and where they must be: both ends of what is an array."""
    if isinstance(item, Member):
        yield item.name, item.offset
        if item.count > 1:
            yield f"{item.name}[{item.count - 1}]", item.end - WORD_BYTES
        return
    for index in (0, item.count - 1):
        for inner in item.members:
            offset = item.offset + item.stride * index + inner.offset
            yield f"{item.name}[{index}].{inner.name}", offset


def _register_macros(
    kind: type[Peripheral], register: Declared, left_out: bool, macros: Macros
) -> Iterator[str]:
    stem, origin = macro(kind.kind, register.name), f"the register {register.name!r}"
    words = f"{register.name} ({access_words(kind, register)}): {meaning(kind, register)}"
    if left_out:
        words += " Not in the struct, where another register has its place."
    yield from comment(words)
    if register.count:
        place = f"({number(register.offset, 3)} + {number(register.stride, 1)} * (i))"
        yield macros.define(f"{stem}_OFFSET(i)", place, origin)
        yield macros.define(f"{stem}_COUNT", number(register.count), origin)
    else:
        yield macros.define(f"{stem}_OFFSET", number(register.offset, 3), origin)
    yield macros.define(f"{stem}_RESET", number(register.reset, 8), origin)
    if not register.is_word:
        for field in register.fields.values():
            yield from _field_macros(stem, register, field, macros)


def _field_macros(stem: str, register: Declared, field: Field, macros: Macros) -> Iterator[str]:
    name, where = macro(stem, field.name), f"{register.name}.{field.name}"
    words = f"{field.name}, {bit_span(field)}, {field.access.value}: {field_meaning(field)}"
    yield from comment(words)
    yield macros.define(f"{name}_SHIFT", number(field.low), f"the field {where!r}")
    yield macros.define(f"{name}_MASK", number(field.mask, 8), f"the field {where!r}")
    for value in field.values or ():
        origin = f"the value {value.name!r} of {where!r}"
        yield macros.define(macro(name, value.name), number(int(value)), origin)
