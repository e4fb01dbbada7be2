"""The observers of a run: who watches, and when they are shown the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from vplat.errors import PluginError
from vplat.model import Observer

if TYPE_CHECKING:
    from vplat.machine.symbols import SymbolTable

    from .session import Session

Kind = TypeVar("Kind", bound=Observer)
PARTS_OF_WHAT_IS_DONE: Final = 256
"""Samples are at least this part of the cycles before them apart, so that they stay few."""


class Observers:
    """Those that plugins contribute to one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.all: list[Observer] = []
        for owner, observer in session.plugins.collect("vplat_observers", session=session):
            if not isinstance(observer, Observer):
                raise PluginError(
                    f"plugin {owner!r}: vplat_observers gave {observer!r}, which is no observer; "
                    "make it a subclass of vplat.model.Observer"
                )
            session.machine.watching.watch(observer)
            self.all.append(observer)
        self._sampling = [each for each in self.all if each.sample_cycles > 0]

    def get(self, kind: type[Kind]) -> Kind:
        """The first one of a kind; ``KeyError`` if the session's settings asked for none."""
        for each in self.all:
            if isinstance(each, kind):
                return each
        raise KeyError(kind.__name__)

    def next_slice(self, done: int) -> int | None:
        """How many cycles to run until the next sample; None where nobody wants any.

        It depends on the cycles that are ``done`` and on nothing else.
        """
        if not self._sampling:
            return None
        least = min(each.sample_cycles for each in self._sampling)
        return max(least, done // PARTS_OF_WHAT_IS_DONE)

    def sample(self) -> None:
        """Show the whole to those who want to see it; between two turns."""
        if not self._sampling:
            return
        statistics = self._session.statistics()
        joules = self._session.energy(statistics).total_joules
        activities = {name: done.activities for name, done in statistics.devices.items()}
        for observer in self._sampling:
            observer.sample(statistics.cycles, activities, joules)

    def finish(self) -> None:
        """The run is over."""
        self.sample()
        for observer in self.all:
            observer.finish()
            self._session.machine.watching.unwatch(observer)


class FunctionNumbers:
    """Functions by number, for the engine, which compares them."""

    def __init__(self, symbols: SymbolTable) -> None:
        self._symbols = symbols
        self._numbers: dict[int, int] = {}

    def __call__(self, address: int) -> int:
        """The number of the function that holds ``address``; -1 for none."""
        function = self._symbols.function(address)
        if function is None:
            return -1
        return self._numbers.setdefault(function.address, len(self._numbers))
