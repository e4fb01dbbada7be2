"""Buffers that are lent to devices: who touches them before they have been handed back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from vplat.machine.board_file.targets import HARTS, parse_target
from vplat.machine.rows import COLUMNS, PC
from vplat.model import Lent, Loan, Observer, Peripheral, Rows

from .lookout import Lookout, Stretch

if TYPE_CHECKING:
    from vplat.machine.machine import Machine
    from vplat.model import Declared, Window

READ_EARLY: Final = "buffer-read-early"
OVERWRITTEN: Final = "buffer-overwritten"
NOT_AWAITED: Final = "buffer-not-awaited"


@dataclasses.dataclass(frozen=True)
class Held:
    """A loan, since ``cycle``, of work of a device as ``Observer.borrow`` names it.

    With ``is_over`` the device has done, and nobody in the firmware can know.
    """

    device: str
    what: str
    number: int
    loan: Loan
    cycle: int
    hart: int
    is_over: bool = False


class BuffersState(NamedTuple):
    """What is lent, and which findings there have been."""

    held: tuple[Held, ...]
    told: frozenset[tuple[str, str, int]]


class BufferRules(Observer):
    """Looks at every access to memory that a device reads or writes with a job or a transfer.

    Firmware must not load what is still being written, nor store where a device still reads or
    writes. It must not give the same bytes to another device either. A loan begins when the device
    takes the work over, and ends when it is done. But while no hart could learn of that, because
    none has loaded from a device, woken or trapped, firmware that goes on has not waited.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._lookout = Lookout(machine, self._touched)
        self._held: dict[int, Held] = {}
        self._stretches: dict[int, list[Stretch]] = {}
        self._keys: dict[tuple[str, str, int], int] = {}
        self._over: list[int] = []
        self._next_key = 0
        self._told: set[tuple[str, str, int]] = set()
        self._told_by_loads = {name for name in machine.devices if self._tells_by_loads(name)}

    # Part of the machine's snapshots.

    def snapshot(self) -> BuffersState:
        """What is lent now."""
        return BuffersState(tuple(self._held.values()), frozenset(self._told))

    def restore(self, state: BuffersState) -> None:
        """Go back to what ``snapshot`` gave."""
        self.begin_late()
        for held in state.held:
            self._hold(held)
        self._told = set(state.told)

    def begin_late(self) -> None:
        """What was lent before is not known."""
        for key in list(self._held):
            self._drop(key)

    def finish(self) -> None:
        """Watch nothing any more, until something is lent again."""
        self.begin_late()
        self._lookout.close()
        self._machine.accesses.check(None)

    # Loans.

    def borrow(self, device: Peripheral, what: str, number: int, loan: Loan) -> None:
        """Hold the new loan against the others, and watch over it."""
        if (key := self._keys.get((device.name, what, number))) is not None:
            self._drop(key)
        hart = self._machine.accesses.current
        held = Held(device.name, what, number, loan, self._machine.now, hart)
        for other in list(self._held.values()):
            self._compare(held, other)
        self._hold(held)

    def hand_back(self, device: Peripheral, what: str, number: int) -> None:
        """The loan is over; it is kept for as long as nobody can know."""
        key = self._keys.get((device.name, what, number))
        if key is None:
            return
        if device.name not in self._told_by_loads:
            self._drop(key)
        elif not self._held[key].is_over:
            self._held[key] = dataclasses.replace(self._held[key], is_over=True)
            self._over.append(key)

    def _hold(self, held: Held) -> None:
        self._machine.accesses.check(self._lookout)
        key, self._next_key = self._next_key, self._next_key + 1
        self._held[key] = held
        self._keys[held.device, held.what, held.number] = key
        if held.is_over:
            self._over.append(key)
        ends = ((held.loan.reads, False), (held.loan.writes, True))
        placed = (
            self._lookout.place(rows, 2 * key + writes, loads=writes)
            for several, writes in ends
            for rows in several
        )
        self._stretches[key] = [each for each in placed if each is not None]
        self._lookout.mind(self._stretches[key])

    def _drop(self, key: int) -> None:
        held = self._held.pop(key)
        self._keys.pop((held.device, held.what, held.number))
        if held.is_over:
            self._over.remove(key)
        self._lookout.forget(self._stretches.pop(key))

    # When firmware may have learned that a device has done.

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
        """A load may tell."""
        if kind == "r":
            self._learn()

    def window_access(
        self,
        device: Peripheral,
        window: Window,
        offset: int,
        size: int,
        kind: str,
        value: int,
        hart: int,
    ) -> None:
        """A load may tell."""
        if kind == "r":
            self._learn()

    def hart_woke(self, hart: int, cycle: int, pc: int) -> None:
        """That may be what woke it."""
        self._learn()

    def hart_trapped(self, hart: int, cycle: int, cause: int, pc: int, value: int) -> None:
        """That may be what interrupts it."""
        self._learn()

    def was_asked(self, device: Peripheral) -> None:
        """That may tell as well."""
        self._learn()

    def _learn(self) -> None:
        while self._over:
            self._drop(self._over[-1])

    def _tells_by_loads(self, name: str) -> bool:
        """Whether nothing but loads and the like, wakes and traps can tell that a device has done.

        A line to the harts can be seen in mip as well.
        """
        spec = next(each for each in self._machine.board.devices if each.name == name)
        targets = (parse_target(each) for several in spec.events.values() for each in several)
        to_harts = any(target.owner == HARTS for target in targets)
        return self._rule_of(name) is not None and not to_harts

    def _rule_of(self, device: str) -> Lent | None:
        rules = self._machine.devices[device].rules.values()
        return next((rule for rule in rules if isinstance(rule, Lent)), None)

    # Findings.

    def _touched(self, hart: int, address: int, keys: Sequence[int], stores: bool) -> None:
        """A hart accesses lent bytes."""
        machine = self._machine
        if self not in machine.watching.observers:
            return  # what happens now has happened before
        pc = machine.engine.rows[hart * COLUMNS + PC]
        for key in keys:
            held, writes = self._held[key // 2], bool(key % 2)
            if machine.now + 2 * machine.board.turn_cycles < held.cycle:
                continue  # somebody went back to before the loan; harts are not so far apart
            rule = OVERWRITTEN if stores else READ_EARLY
            rule = NOT_AWAITED if held.is_over else rule
            if (rule, held.device, pc) not in self._told:
                self._told.add((rule, held.device, pc))
                does = f"hart {hart} {'stores to' if stores else 'loads from'} {address:#010x}"
                sentence = f"{does}, {self._bytes_of(held, writes=writes, stores=stores)}"
                machine.report_at(held.device, rule, sentence, hart, pc)

    def _compare(self, new: Held, old: Held) -> None:
        """Report what a job or a transfer shares with another one that is under way."""
        if (new.device, new.loan.order) == (old.device, old.loan.order):
            return
        shared = (
            (READ_EARLY, "read", new.loan.reads, old.loan.writes, True),
            (OVERWRITTEN, "write", new.loan.writes, old.loan.reads, False),
            (OVERWRITTEN, "write", new.loan.writes, old.loan.writes, True),
        )
        for rule, verb, mine, others, writes in shared:
            address = next(self._common(mine, others), None)
            if address is None:
                continue
            does = f"{new.device} is to {verb} {address:#010x} ({new.loan.label})"
            told = self._bytes_of(old, writes=writes, stores=verb == "write")
            self._machine.report(
                new.device, NOT_AWAITED if old.is_over else rule, f"{does}, {told}"
            )
            return

    def _common(self, some: Sequence[Rows], others: Sequence[Rows]) -> Iterator[int]:
        """Where in memory rows of both meet, as an address of the first ones."""
        for mine in some:
            place = self._lookout.place(mine, 0, loads=False)
            for other in others:
                there = self._lookout.place(other, 0, loads=False)
                if place is None or there is None or place.memory != there.memory:
                    continue
                if (offset := place.rows.first_common(there.rows)) is not None:
                    yield mine.start - place.rows.start + offset

    def _bytes_of(self, held: Held, *, writes: bool, stores: bool) -> str:
        """Whose bytes these are, what comes of touching them, and what to wait for."""
        rule = self._rule_of(held.device)
        until = rule.until if rule else "it is done"
        section = rule.section if rule else self._machine.devices[held.device].specification
        since = f"since cycle {held.cycle}" + (f" for hart {held.hart}" * (held.hart >= 0))
        verb = "writes" if writes else "reads"
        if held.is_over:
            state = f"which {held.device} {verb} ({held.loan.label}, {since}) and happens to have "
            state += "done with, though nobody has waited for it"
        else:
            state = f"which {held.device} still {verb} ({held.loan.label}, {since})"
            state += f": {_effect(writes=writes, stores=stores)}"
        return f"{state}; wait until {until}" + (f" ({section})" if section else "")


def _effect(*, writes: bool, stores: bool) -> str:
    if not stores:
        return "the old bytes may be there yet"
    return "they are overwritten" if writes else "it may get the new bytes"
