"""Breakpoints: instructions in front of which harts stop."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING

from .holding import Holds, standing

if TYPE_CHECKING:
    from .machine import Machine

Condition = Callable[[int], bool]
"""Whether the breakpoint holds for a hart, which stands in front of the instruction."""


@dataclasses.dataclass(frozen=True)
class Breakpoint:
    """Stops ``harts`` before the instruction at ``address``, where ``condition`` says so."""

    address: int
    harts: frozenset[int]
    condition: Condition | None = None


class Breakpoints:
    """The breakpoints of one machine, each under a key of its owner's.

    Code runs at full speed but for the instructions that have one, on the harts that it is for. A
    hart stops once for each time that it comes to the instruction: not again when it goes on, nor
    when the instruction is issued again because a device let it wait.
    """

    def __init__(self, machine: Machine, holds: Holds) -> None:
        self._machine, self._holds = machine, holds
        self._known: dict[object, Breakpoint] = {}
        self._at: dict[int, list[Breakpoint]] = {}
        self._passed: dict[int, tuple[int, int]] = {}
        self.is_asleep = False
        """Nobody stops anywhere."""

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(self._known.values())

    def set(
        self,
        key: object,
        address: int,
        harts: Collection[int] | None = None,
        condition: Condition | None = None,
    ) -> None:
        """Stop ``harts`` (None: all) there; it replaces what ``key`` stood for."""
        self.clear(key)
        everyone = range(len(self._machine.harts))
        chosen = frozenset(everyone if harts is None else harts)
        breakpoint_ = Breakpoint(address, chosen, condition)
        self._known[key] = breakpoint_
        self._at.setdefault(address, []).append(breakpoint_)
        for hart in chosen:
            self._holds.add(hart, address)

    def clear(self, key: object) -> bool:
        """Remove what ``key`` stands for; False if that is nothing."""
        found = self._known.pop(key, None)
        if found is None:
            return False
        self._at[found.address].remove(found)
        if not self._at[found.address]:
            del self._at[found.address]
        for hart in found.harts:
            self._holds.drop(hart, found.address)
        return True

    def clear_all(self) -> None:
        """Remove every one."""
        for key in list(self._known):
            self.clear(key)

    def reached(self, hart: int, address: int) -> bool:
        """In a callback before the instruction at ``address``: whether the hart stops."""
        found = [each for each in self._at.get(address, ()) if hart in each.harts]
        if not found or self.is_asleep:
            return False
        now = address, self._machine.harts[hart].instructions
        if self._passed.get(hart) == now:
            return False
        self._passed[hart] = now
        return any(each.condition is None or each.condition(hart) for each in found)

    def stands_at(self, hart: int) -> None:
        """Between turns: the hart has stopped where it stands, and does not stop there again."""
        now = standing(self._machine, hart)
        self._passed[hart] = now.pc, now.instructions

    def forget_stops(self) -> None:
        """The machine has been moved: nobody has stopped anywhere."""
        self._passed.clear()
