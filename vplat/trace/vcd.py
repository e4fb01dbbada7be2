"""The ledger as a value change dump, which GTKWave and its like show as waves.

A signal shows what the ledger knows: a register has the value that harts last read or wrote, and x
before that. Times are picoseconds at the run's clock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from .record import STATES, Entry, FieldLayout, Kind, Path, seen_fields

if TYPE_CHECKING:
    from vcd.writer import Variable, VCDWriter

    from .store import Reader

PICOSECONDS: Final = 1e12
WORD_BITS: Final = 32
ODD: Final = re.compile(r"[^A-Za-z0-9_]+")


def write_vcd(file: BinaryIO, reader: Reader) -> None:
    """Write a dump. It needs the package pyvcd.

    The store is read twice: signals are declared before their first change.
    """
    from vcd import VCDWriter

    text = TextIOWrapper(file, "utf-8", write_through=True)
    heading = reader.heading
    version = f"vplat: {heading['elf']} on {heading['board']}"
    with VCDWriter(text, timescale="1 ps", date="", version=version) as writer:
        _Dump(writer, heading).write(reader)
    text.detach()


class _Dump:
    def __init__(self, writer: VCDWriter, heading: Mapping[str, Any]) -> None:
        self._writer, self._hertz = writer, heading["hertz"]
        self._signals: dict[tuple[str, str], Variable[Any]] = {}
        self._under_way: dict[str, int] = {}
        for hart, state in enumerate(heading["states"]):
            self._add(f"harts.hart{hart}", "runs", "wire", 1, int(state == STATES[0]))
            self._add(f"harts.hart{hart}", "state", "string", None, state)

    def write(self, reader: Reader) -> None:
        declared: set[tuple[str, Kind]] = set()
        for entry in reader:
            key = entry.path.name, entry.kind
            if key not in declared:
                declared.add(key)
                self._declare(entry)
        for entry in reader:
            self._change(entry, round(entry.cycle * PICOSECONDS / self._hertz))

    def _declare(self, entry: Entry) -> None:
        path, scope, name = entry.path, _name(entry.path.owner), _name(entry.path.member)
        match entry.kind:
            case Kind.READ | Kind.WRITE:
                self._declare_register(path, scope, name)
            case Kind.PULSE:
                self._add(scope, name, "event", None)
            case Kind.LEVEL:
                self._add(scope, name, "wire", 1)
            case Kind.BEGIN:
                self._add(scope, f"{name}s", "integer", WORD_BITS, 0)
                self._add(scope, f"{name}_label", "string", None, "")
            case Kind.FUNCTION:
                self._add(f"harts.hart{entry.hart}", "function", "string", None, "")
            case Kind.TRAP | Kind.INTERRUPT | Kind.RETURN:
                self._add(f"harts.hart{entry.hart}", name, "event", None)
            case Kind.COUNTER:
                self._add(scope, name or "joules", "real", None, 0.0)

    def _declare_register(self, path: Path, scope: str, name: str) -> None:
        if (scope, name) in self._signals:
            return
        self._add(scope, name, "reg", WORD_BITS)
        for field in seen_fields(path.fields, stored=False):
            self._add(f"{scope}.{name}_fields", field.name, "reg", field.high - field.low + 1)

    def _add(
        self, scope: str, name: str, kind: str, size: int | None, value: str | float = "x"
    ) -> None:
        if (scope, name) not in self._signals:
            start = None if kind == "event" else value
            made = self._writer.register_var(scope, name, kind, size, start)
            self._signals[scope, name] = made

    def _change(self, entry: Entry, time: int) -> None:
        scope, name = _name(entry.path.owner), _name(entry.path.member)
        hart = f"harts.hart{entry.hart}"
        match entry.kind:
            case Kind.READ:
                self._register(entry, time, entry.first)
            case Kind.WRITE:
                self._register(entry, time, entry.third)
            case Kind.PULSE:
                self._put(scope, name, time, True)
            case Kind.LEVEL:
                self._put(scope, name, time, entry.second)
            case Kind.BEGIN | Kind.END:
                self._work(entry, scope, name, time)
            case Kind.SLEEP | Kind.WAKE:
                asleep = entry.kind is Kind.SLEEP
                state = f"{STATES[entry.first]} {entry.text}".rstrip() if asleep else STATES[0]
                self._put(hart, "runs", time, int(not asleep))
                self._put(hart, "state", time, _text(state))
            case Kind.FUNCTION:
                self._put(hart, "function", time, _text(entry.place.function))
            case Kind.TRAP | Kind.INTERRUPT | Kind.RETURN:
                self._put(hart, name, time, True)
            case Kind.COUNTER:
                self._put(scope, name or "joules", time, entry.value)

    def _register(self, entry: Entry, time: int, value: int) -> None:
        scope, name = _name(entry.path.owner), _name(entry.path.member)
        self._put(scope, name, time, value)
        for field in seen_fields(entry.path.fields, stored=False):
            self._put_field(f"{scope}.{name}_fields", field, time, value)

    def _put_field(self, scope: str, field: FieldLayout, time: int, word: int) -> None:
        self._put(scope, field.name, time, field.get(word))

    def _work(self, entry: Entry, scope: str, name: str, time: int) -> None:
        begins = entry.kind is Kind.BEGIN
        count = self._under_way.get(entry.path.name, 0) + (1 if begins else -1)
        if count < 0 or (scope, f"{name}s") not in self._signals:
            return  # it began before the trace did
        self._under_way[entry.path.name] = count
        self._put(scope, f"{name}s", time, count)
        self._put(scope, f"{name}_label", time, _text(entry.text) if begins or count else "")

    def _put(self, scope: str, name: str, time: int, value: str | float) -> None:
        signal = self._signals[scope, name]
        self._writer.change(signal, max(time, 0), value)


def _name(path: str) -> str:
    """A path as the name of a signal, where brackets would be bits."""
    return ODD.sub("_", path).strip("_")


def _text(text: str) -> str:
    """A value of a string: without blanks, which end it."""
    return ODD.sub("_", text)
