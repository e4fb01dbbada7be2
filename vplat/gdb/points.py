"""Breakpoints and watchpoints as gdb sets them (E.2, "z" and "Z")."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from vplat.machine.debug_watches import Watch

from .conditions import BadExpression, evaluate
from .registers import FIRST_CSR
from .thread_ids import Malformed

if TYPE_CHECKING:
    from .debuggee import Debuggee

POINT: Final = re.compile(rb"([0-4]),([0-9a-fA-F]{1,8}),([0-9a-fA-F]{1,8})(.*)", re.DOTALL)
CONDITION: Final = re.compile(rb";?X([0-9a-fA-F]{1,4}),")
BREAKPOINTS: Final = (0, 1)
KINDS: Final = {2: (False, True), 3: (True, False), 4: (True, True)}
"""By gdb's number of a watchpoint's kind, whether loads and whether stores are meant."""
MHARTID: Final = FIRST_CSR + 0xF14
MOST_BYTES: Final = 1 << 16


class Points:
    """The points of one connection."""

    def __init__(self, debuggee: Debuggee) -> None:
        self._debuggee = debuggee
        self._watches: dict[tuple[int, int, int], Watch] = {}

    def set(self, text: bytes) -> None:
        """What comes behind ``Z``; ``Malformed`` if it makes no sense."""
        kind, address, length, rest = _parse(text)
        if kind in BREAKPOINTS:
            conditions = _conditions(rest)
            self._debuggee.control.breakpoints.set(
                (kind, address), address, self._harts(conditions), self._condition(conditions)
            )
            return
        if not 0 < length <= MOST_BYTES:
            raise Malformed(f"{length} bytes cannot be watched")
        if (kind, address, length) not in self._watches:
            loads, stores = KINDS[kind]
            watch = Watch(address, length, loads, stores, only_changes=not loads)
            self._debuggee.control.watches.add(watch)
            self._watches[kind, address, length] = watch

    def clear(self, text: bytes) -> None:
        """What comes behind ``z``."""
        kind, address, length, _ = _parse(text)
        if kind in BREAKPOINTS:
            self._debuggee.control.breakpoints.clear((kind, address))
            return
        watch = self._watches.pop((kind, address, length), None)
        if watch is not None:
            self._debuggee.control.watches.remove(watch)

    def _harts(self, conditions: list[bytes]) -> list[int] | None:
        """The harts for which it can hold at all; None for every one.

        A condition on ``$mhartid`` alone leaves the others at full speed.
        """
        if not conditions:
            return None
        return [
            hart
            for hart in range(self._debuggee.harts)
            if not all(self._is_never_true(code, hart) for code in conditions)
        ]

    def _is_never_true(self, code: bytes, hart: int) -> bool:
        def read_register(number: int) -> int:
            if number != MHARTID:
                raise KeyError(number)
            return self._debuggee.registers.read(hart, number) or 0

        try:
            return evaluate(code, _no_memory, read_register) == 0
        except BadExpression:
            return False

    def _condition(self, conditions: list[bytes]) -> Condition | None:
        return Condition(self._debuggee, conditions) if conditions else None


class Condition:
    """Whether any of several conditions holds; one that cannot be evaluated does, as gdb has it."""

    def __init__(self, debuggee: Debuggee, codes: list[bytes]) -> None:
        self._debuggee, self._codes = debuggee, codes

    def __call__(self, hart: int) -> bool:
        """For ``hart``, which stands at the breakpoint."""
        return any(self._holds(code, hart) for code in self._codes)

    def _holds(self, code: bytes, hart: int) -> bool:
        registers, memory = self._debuggee.registers, self._debuggee.memory

        def read_memory(address: int, length: int) -> bytes:
            return memory.peek(address, length, hart)

        def read_register(number: int) -> int:
            value = registers.read(hart, number)
            if value is None:
                raise KeyError(number)
            return value

        try:
            return evaluate(code, read_memory, read_register) != 0
        except BadExpression:
            return True


def _parse(text: bytes) -> tuple[int, int, int, bytes]:
    found = POINT.fullmatch(text)
    if found is None:
        raise Malformed("no point")
    return int(found[1]), int(found[2], 16), int(found[3], 16), found[4]


def _conditions(text: bytes) -> list[bytes]:
    """The expressions behind a breakpoint; they are hexadecimal, and commands may follow them."""
    found = []
    while (condition := CONDITION.match(text)) is not None:
        length, start = int(condition[1], 16), condition.end()
        code = text[start : start + 2 * length]
        try:
            found.append(bytes.fromhex(code.decode("ascii")))
        except ValueError:
            raise Malformed("a condition is no hexadecimal") from None
        if len(found[-1]) != length:
            raise Malformed("a condition is cut off")
        text = text[start + 2 * length :]
    return found


def _no_memory(address: int, length: int) -> bytes:  # noqa: ARG001 - as the evaluation asks
    return b""
