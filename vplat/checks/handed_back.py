"""Numbers that devices give out and firmware is to hand back: which of them it has forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from vplat.machine.outcome import Ending
from vplat.machine.rows import COLUMNS, PC
from vplat.model import Declared, HandedBack, Observer, Peripheral

if TYPE_CHECKING:
    from vplat.machine.machine import Machine


class Place(NamedTuple):
    """Where in the firmware a number was taken."""

    hart: int
    pc: int
    cycle: int


class NumbersState(NamedTuple):
    """By device, rule and number, where it was taken."""

    taken: Mapping[tuple[str, str, int], Place]


class HandedBackRules(Observer):
    """Remembers who takes what, and reports at the end of a run that ended by itself.

    A finding is placed where the number was taken.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._taken: dict[tuple[str, str, int], Place] = {}

    def snapshot(self) -> NumbersState:
        """What is taken now."""
        return NumbersState(dict(self._taken))

    def restore(self, state: NumbersState) -> None:
        """Go back to what ``snapshot`` gave."""
        self._taken = dict(state.taken)

    def begin_late(self) -> None:
        """What was taken before is not known."""
        self._taken.clear()

    def access(
        self,
        device: Peripheral,
        register: Declared,
        index: int,
        kind: str,
        old: int,
        value: int,
        hart: int,
    ) -> None:
        """Note what is taken and handed back."""
        for rule in device.rules.values():
            if not isinstance(rule, HandedBack):
                continue
            if kind == "r" and register is rule.taken:
                pc = self._machine.engine.rows[hart * COLUMNS + PC] if hart >= 0 else 0
                place = Place(hart, pc, self._machine.now)
                self._taken[device.name, rule.name, value] = place
            elif kind == "w" and register is rule.by:
                bits = rule.field.get(value)
                for key in [key for key in self._taken if key[:2] == (device.name, rule.name)]:
                    if bits >> key[2] & 1:
                        del self._taken[key]

    def finish(self) -> None:
        """Report what has not been handed back, once for each place in the firmware."""
        outcome = self._machine.outcome
        if outcome is None or outcome.ending is not Ending.EXITED:
            return
        for device in self._machine.devices.values():
            for rule in device.rules.values():
                if isinstance(rule, HandedBack):
                    self._tell(device, rule)

    def _tell(self, device: Peripheral, rule: HandedBack) -> None:
        forgotten: dict[int, list[int]] = {}
        harts: dict[int, int] = {}
        for (owner, name, number), place in sorted(self._taken.items()):
            if (owner, name) == (device.name, rule.name):
                forgotten.setdefault(place.pc, []).append(number)
                harts.setdefault(place.pc, place.hart)
        for pc, numbers in forgotten.items():
            sentence = (
                f"what a load of {device.name}.{rule.taken.name} gave out here has not been handed "
                f"back at the end ({', '.join(map(str, numbers))}): {rule.because} ({rule.section})"
            )
            self._machine.report_at(device.name, "never-handed-back", sentence, harts[pc], pc)
