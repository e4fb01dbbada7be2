"""Names for addresses: which function, label or object lies where."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import cached_property
from typing import Generic, NamedTuple, TypeVar

Value = TypeVar("Value")


class SymbolKind(Enum):
    """What a symbol stands for."""

    FUNCTION = "function"
    OBJECT = "object"
    LABEL = "label"  # untyped, in a section of instructions: an assembly routine
    OTHER = "other"  # untyped elsewhere, or absolute: a linker script's constant


class Symbol(NamedTuple):
    """A name for ``address``; ``size`` in bytes, 0 when the file does not say.

    ``rank`` is 0 for a global symbol, 1 for a weak one, 2 for a local one. ``limit`` is the address
    behind the section that holds the symbol.
    """

    name: str
    address: int
    size: int = 0
    kind: SymbolKind = SymbolKind.FUNCTION
    rank: int = 0
    limit: int = 1 << 32

    @property
    def end(self) -> int:
        """The address behind the symbol's last byte."""
        return min(self.address + self.size, 1 << 32)


class Intervals(Generic[Value]):
    """Which value covers an address, where of several the one that starts last wins."""

    def __init__(self, spans: Iterable[tuple[int, int, Value]]) -> None:
        """``spans`` are (start, end, value), ``end`` excluded; of equal starts the last wins."""
        self._starts: list[int] = []
        self._spans: list[tuple[int, int, Value]] = []
        open_spans: list[tuple[int, int, Value]] = []
        cursor = 0
        for span in sorted(spans, key=lambda each: each[0]):
            self._fill(open_spans, cursor, span[0])
            cursor = span[0]
            open_spans.append(span)
        self._fill(open_spans, cursor, 1 << 32)

    def _fill(self, open_spans: list[tuple[int, int, Value]], cursor: int, limit: int) -> None:
        """Give [cursor, limit) to the innermost open spans and drop those that end before it."""
        while open_spans and cursor < limit:
            _start, end, value = open_spans[-1]
            if end > cursor:
                upto = min(end, limit)
                self._starts.append(cursor)
                self._spans.append((cursor, upto, value))
                cursor = upto
            if end <= cursor:
                open_spans.pop()

    def at(self, address: int) -> Value | None:
        """The value that covers ``address``, or None."""
        span = self.span_at(address)
        return None if span is None else span[2]

    def span_at(self, address: int) -> tuple[int, int, Value] | None:
        """The (start, end, value) that holds ``address``, or None."""
        position = bisect_right(self._starts, address) - 1
        if position < 0 or address >= self._spans[position][1]:
            return None
        return self._spans[position]

    def previous_end(self, address: int) -> int:
        """Where the last span that starts at or before ``address`` ends; 0 when there is none."""
        position = bisect_right(self._starts, address) - 1
        return self._spans[position][1] if position >= 0 else 0

    def spans(self) -> Sequence[tuple[int, int, Value]]:
        """Every span, ascending and disjoint."""
        return self._spans


class SymbolTable:
    """The symbols of one file, by address and by name."""

    def __init__(self, symbols: Iterable[Symbol] = ()) -> None:
        self._symbols = tuple(symbols)

    def __len__(self) -> int:
        return len(self._symbols)

    def __iter__(self) -> Iterator[Symbol]:
        """Every symbol, in the file's order."""
        return iter(self._symbols)

    def find(self, name: str) -> Symbol | None:
        """The symbol called ``name``; of several a global one, then a weak one, then the first."""
        return self._by_name.get(name)

    def function(self, address: int) -> Symbol | None:
        """The function or the assembly routine that holds ``address``, or None.

        A function with a size wins; a label, or a function without one, reaches to the next symbol
        of code or to the end of its section.
        """
        address &= 0xFFFF_FFFF
        sized = self._sized_functions
        function = sized.at(address)
        if function is not None:
            return function
        position = bisect_right(self._label_addresses, address) - 1
        if position < 0:
            return None
        label = self._labels[position]
        intruder = sized.previous_end(address) > label.address
        return None if intruder or address >= label.limit else label

    def name(self, address: int) -> str:
        """``address`` for people: ``main``, ``main+0x12``, ``table+0x4``, else ``0x1c000000``."""
        address &= 0xFFFF_FFFF
        symbol = self.function(address) or self._objects.at(address)
        if symbol is None:
            return f"{address:#010x}"
        offset = address - symbol.address
        return f"{symbol.name}+{offset:#x}" if offset else symbol.name

    @cached_property
    def functions(self) -> tuple[Symbol, ...]:
        """Functions and assembly routines by address, one for each address."""
        labels = [each for each in self._labels if self.function(each.address) is each]
        sized = dict.fromkeys(value for _, _, value in self._sized_functions.spans())
        return tuple(sorted((*sized, *labels), key=lambda each: each.address))

    @cached_property
    def _by_name(self) -> dict[str, Symbol]:
        names: dict[str, Symbol] = {}
        for symbol in self._symbols:
            known = names.get(symbol.name)
            if known is None or symbol.rank < known.rank:
                names[symbol.name] = symbol
        return names

    @cached_property
    def _sized_functions(self) -> Intervals[Symbol]:
        return self._intervals(SymbolKind.FUNCTION)

    @cached_property
    def _objects(self) -> Intervals[Symbol]:
        return self._intervals(SymbolKind.OBJECT)

    def _intervals(self, kind: SymbolKind) -> Intervals[Symbol]:
        sized = [each for each in self._symbols if each.kind is kind and each.size]
        return Intervals((each.address, each.end, each) for each in sorted(sized, key=_worst_first))

    @cached_property
    def _labels(self) -> list[Symbol]:
        """Code symbols without a size, by address; of several at one address the best known."""
        code = (
            each
            for each in self._symbols
            if each.kind is SymbolKind.LABEL or (each.kind is SymbolKind.FUNCTION and not each.size)
        )
        best = {each.address: each for each in sorted(code, key=_worst_first)}
        return sorted(best.values(), key=lambda each: each.address)

    @cached_property
    def _label_addresses(self) -> list[int]:
        return [each.address for each in self._labels]


def _worst_first(symbol: Symbol) -> tuple[bool, int, str]:
    """Orders aliases of one address so that the name to show comes last."""
    return (symbol.kind is SymbolKind.FUNCTION, -symbol.rank, symbol.name)
