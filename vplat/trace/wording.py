"""What an entry says, in words and in plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vplat.model import ALL_HARTS

from .record import STATES, Arrival, Entry, FieldLayout, Kind, seen_fields

VERBS: Final = {
    Kind.READ: "read",
    Kind.WRITE: "write",
    Kind.PULSE: "event",
    Kind.LEVEL: "line",
    Kind.BEGIN: "begin",
    Kind.END: "end",
    Kind.SLEEP: "sleep",
    Kind.WAKE: "wake",
    Kind.TRAP: "trap",
    Kind.INTERRUPT: "interrupt",
    Kind.RETURN: "return",
    Kind.FUNCTION: "function",
    Kind.COUNTER: "counter",
}
SLEEPS: Final = {"stalled": "waits for", "waiting": "sleeps in", "halted": "is halted"}
ADDRESSES: Final = ("from", "to")
"""Details of work that are addresses."""


def in_words(entry: Entry) -> str:
    """What happened, without when, who, what to and where."""
    match entry.kind:
        case Kind.READ:
            return _read(entry)
        case Kind.WRITE:
            return _write(entry)
        case Kind.PULSE | Kind.LEVEL:
            level = f"-> {entry.second}" if entry.kind is Kind.LEVEL else ""
            return " ".join(part for part in (level, _harts(entry.first)) if part)
        case Kind.BEGIN:
            return entry.text
        case Kind.SLEEP:
            return f"{SLEEPS[STATES[entry.first]]} {entry.text}".rstrip()
        case Kind.TRAP:
            return f"cause {entry.first}, mtval {entry.second:#x}"
        case Kind.INTERRUPT:
            return f"interrupt {entry.first}"
        case Kind.FUNCTION:
            return f"{Arrival(entry.first).name.lower()} {entry.place.function}".rstrip()
        case Kind.COUNTER:
            return f"{entry.value:.6g} {entry.path.unit}"
        case _:
            return ""


def subject(entry: Entry) -> str:
    """What it happened to: the path, with the number of the work."""
    if entry.kind in (Kind.BEGIN, Kind.END):
        return f"{entry.path.name} {entry.number}"
    return entry.path.name


def changes(entry: Entry) -> dict[str, tuple[int, int]]:
    """The fields that a store changed: by name, before and after."""
    return {
        field.name: (field.get(entry.first), field.get(entry.third))
        for field in seen_fields(entry.path.fields, stored=True)
        if field.get(entry.first) != field.get(entry.third)
    }


def as_json(entry: Entry) -> dict[str, Any]:
    """The entry as plain data."""
    said: dict[str, Any] = {
        "cycle": entry.cycle,
        "kind": VERBS[entry.kind],
        "path": entry.path.name,
    }
    if entry.hart >= 0:
        said["hart"] = entry.hart
    said |= _figures(entry)
    if entry.pc:
        said |= {"pc": entry.pc, "function": entry.place.function, "line": entry.place.line}
    return said


def _figures(entry: Entry) -> dict[str, Any]:
    match entry.kind:
        case Kind.READ:
            fields = seen_fields(entry.path.fields, stored=False)
            values = {field.name: field.get(entry.first) for field in fields}
            return {"value": entry.first, **({"fields": values} if values else {})}
        case Kind.WRITE:
            fields = seen_fields(entry.path.fields, stored=True)
            changed = {
                each.name: {
                    "old": each.get(entry.first),
                    "written": each.get(entry.second),
                    "new": each.get(entry.third),
                }
                for each in fields
            }
            told = {"old": entry.first, "written": entry.second, "new": entry.third}
            return {**told, **({"fields": changed} if changed else {})}
        case Kind.PULSE:
            return {"harts": entry.first}
        case Kind.LEVEL:
            return {"harts": entry.first, "level": entry.second}
        case Kind.BEGIN:
            return {"number": entry.number, "label": entry.text, **entry.details}
        case Kind.END:
            return {"number": entry.number}
        case Kind.SLEEP:
            return {"state": STATES[entry.first], "reason": entry.text}
        case Kind.TRAP:
            return {"cause": entry.first, "value": entry.second}
        case Kind.INTERRUPT:
            return {"number": entry.first}
        case Kind.FUNCTION:
            return {"how": Arrival(entry.first).name.lower()}
        case Kind.COUNTER:
            return {"value": entry.value, "unit": entry.path.unit}
        case _:
            return {}


def shown_details(details: Mapping[str, int | str]) -> str:
    """The figures of work for people: addresses in hexadecimal."""
    return ", ".join(
        f"{name} {value:#010x}"
        if name in ADDRESSES and isinstance(value, int)
        else f"{name} {value}"
        for name, value in details.items()
    )


def _read(entry: Entry) -> str:
    fields = seen_fields(entry.path.fields, stored=False)
    named = [_said(field, field.get(entry.first)) for field in fields if field.get(entry.first)]
    return " ".join([f"{entry.first:#x}", *named])


def _write(entry: Entry) -> str:
    """The word before and after, or what was written where that is neither; then the fields."""
    old, written, new = entry.first, entry.second, entry.third
    told = f"{old:#x} -> {new:#x}" if new == written and entry.path.readable else f"{written:#x}"
    if not entry.path.fields:
        stays = new in (written, old) or not entry.path.readable
        return told if stays else f"{told} ({old:#x} -> {new:#x})"
    parts = []
    for field in seen_fields(entry.path.fields, stored=True):
        before, after, given = field.get(old), field.get(new), field.get(written)
        if before != after and field.readable:
            parts.append(f"{field.name} {field.shown(before)} -> {field.shown(after)}")
        elif given:
            parts.append(_said(field, given))
    return " ".join([told, ", ".join(parts)]).rstrip()


def _said(field: FieldLayout, value: int) -> str:
    """``busy`` for a set bit, ``len=0x100`` for what is wider or has names."""
    plain = field.high == field.low and not field.values
    return field.name if plain else f"{field.name}={field.shown(value)}"


def _harts(mask: int) -> str:
    """``for harts 0, 3``; nothing where it is for all of them."""
    if mask == ALL_HARTS:
        return ""
    named = [str(hart) for hart in range(32) if mask >> hart & 1]
    return f"for hart{'s' if len(named) > 1 else ''} {', '.join(named)}" if named else "for no hart"
