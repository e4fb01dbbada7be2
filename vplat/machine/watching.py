"""Telling observers: each is told what it overrides, and what nobody overrides costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from vplat.model import Observer

from .rows import COLUMNS, SAMPLE

if TYPE_CHECKING:
    from .machine import Machine

OF_DEVICES: Final = (
    "access",
    "window_access",
    "activity",
    "event",
    "begin_work",
    "end_work",
    "borrow",
    "hand_back",
    "was_asked",
)
OF_HARTS: Final = ("hart_slept", "hart_woke", "hart_trapped", "hart_returned")
WAITS: Final = "hart_waited"
PASSES: Final = "hart_passed"
STEPS: Final = "functions_entered"


class Watching:
    """The observers of one machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.observers: list[Observer] = []

    def watch(self, observer: Observer) -> None:
        """Tell ``observer`` from now on; it may be told of what happens right now already."""
        self.observers.append(observer)
        self._fold()

    def unwatch(self, observer: Observer) -> None:
        """Tell ``observer`` nothing any more."""
        self.observers.remove(observer)
        self._fold()

    @contextmanager
    def nobody(self) -> Iterator[None]:
        """What happens inside is told to no observer."""
        observers, self.observers = self.observers, []
        self._fold()
        try:
            yield
        finally:
            self.observers = observers
            self._fold()

    def sample_hart(self, hart: int, cycle: int) -> None:
        """Have ``hart_passed`` called before the first block that a hart enters from ``cycle`` on.

        That is once; of several cycles asked for the last one holds.
        """
        self._machine.engine.rows[hart * COLUMNS + SAMPLE] = max(cycle, 1)

    def _fold(self) -> None:
        machine = self._machine
        for device in machine.devices.values():
            device.observer = _one_of(self._telling(OF_DEVICES))
        for hart in machine.harts:
            hart.observer = _one_of(self._telling(OF_HARTS))
        machine.accesses.waits = _one_of(self._telling([WAITS]))
        machine.accesses.passes = _one_of(self._telling([PASSES]))
        machine.accesses.steps = _one_of(self._telling([STEPS]))

    def _telling(self, names: Iterable[str]) -> list[Observer]:
        """The observers that override one of these methods."""
        return [
            each
            for each in self.observers
            if any(getattr(type(each), name) is not getattr(Observer, name) for name in names)
        ]


def _one_of(observers: Sequence[Observer]) -> Observer | None:
    """None, the only one, or one that tells all of them in their order."""
    if not observers:
        return None
    return observers[0] if len(observers) == 1 else _Several(observers)


class _Several(Observer):
    """Passes on what it is told."""

    def __init__(self, observers: Iterable[Observer]) -> None:
        for name in (*OF_DEVICES, *OF_HARTS, WAITS, PASSES, STEPS):
            setattr(self, name, _each([getattr(each, name) for each in observers]))


def _each(methods: Sequence[Callable[..., None]]) -> Callable[..., None]:
    def tell(*arguments: Any) -> None:
        for method in methods:
            method(*arguments)

    return tell
