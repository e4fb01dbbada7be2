"""What watches a machine is told: accesses, events, work of devices, traps and sleep of harts."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .event import Event, Line
    from .loan import Loan
    from .peripheral import Peripheral
    from .register import Declared
    from .window import Window


class Address(int):
    """A number that is an address on the bus, so that people see it in hexadecimal."""


@dataclasses.dataclass(frozen=True)
class Work:
    """A job or a transfer that a device begins: ``label`` in a few words, ``details`` by name.

    A transfer says how many ``bytes`` it moves, and as an ``Address`` each ``from`` where and
    ``to`` where.
    """

    label: str
    details: Mapping[str, int | str] = dataclasses.field(default_factory=dict)


class Observer:
    """Whoever watches a machine: a trace, a profile, a checker.

    Subclass it, override what you want to be told, and give it to ``Machine.watch``. It must not
    change what it is told about. A hart is its index, -1 a master of the bus that is none. What
    nobody overrides costs nothing.
    """

    sample_cycles: int = 0
    """About how often ``sample`` is to be called; 0 for never."""

    # Devices. The machine's time is that of the access or of the due behaviour.

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
        """Firmware read (``kind`` "r") or wrote ("w") a register, which held ``old`` before.

        ``index`` is that of the element; of a register that each port has, the number of the port.
        A store is told before what it sets off; ``value`` is the word on the bus.
        """

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
        """Firmware accessed ``size`` bytes of a window where the device has no registers.

        It is told when it is done. Where the device serves it as an access to one of its registers,
        that was told before.
        """

    def activity(self, device: Peripheral, what: str, amount: int) -> None:
        """The device accounted for work done."""

    def event(self, device: Peripheral, event: Event | Line, level: int, harts: int) -> None:
        """An output of the device pulsed or changed, for a mask of harts."""

    def begin_work(self, device: Peripheral, what: str, number: int, work: Work) -> None:
        """The device begins a job or a transfer.

        ``what`` is its kind ("job", "transfer"). Work of one kind that is under way at the same
        time has different numbers.
        """

    def end_work(self, device: Peripheral, what: str, number: int) -> None:
        """The device has ended it."""

    def borrow(self, device: Peripheral, what: str, number: int, loan: Loan) -> None:
        """The device was given memory, with a job or a transfer that it has taken over.

        That may wait a while before it begins. ``what`` and ``number`` are as with ``begin_work``.
        """

    def hand_back(self, device: Peripheral, what: str, number: int) -> None:
        """The device has done with it; told before firmware can know. It need not have any."""

    def was_asked(self, device: Peripheral) -> None:
        """Firmware has asked the device how far it is, with an instruction that is no load."""

    # Harts.

    def hart_slept(self, hart: int, cycle: int, pc: int, state: str, reason: str) -> None:
        """The hart executes nothing any more: it is "stalled", "waiting" (in wfi) or "halted".

        It goes on at ``pc``.
        """

    def hart_woke(self, hart: int, cycle: int, pc: int) -> None:
        """The hart goes on."""

    def hart_trapped(self, hart: int, cycle: int, cause: int, pc: int, value: int) -> None:
        """The hart meets an exception at ``pc``, or takes an interrupt before it.

        ``cause`` is what mcause gets, ``value`` what mtval gets.
        """

    def hart_returned(self, hart: int, cycle: int, pc: int) -> None:
        """The hart has executed ``mret`` and goes on at ``pc``."""

    def hart_waited(self, hart: int, pc: int, cycles: int) -> None:
        """The instruction at ``pc`` took so many cycles beyond those of its class.

        That is a device's wait states, or what entering a trap takes.
        """

    def hart_passed(self, hart: int, cycle: int, pc: int, frame: tuple[int, int, int, int]) -> None:
        """The hart enters a block at ``pc``, the first since the cycle given to ``sample_hart``.

        ``frame`` are ra, sp, t0 and s0, by which its call frames are found.
        """

    def functions_entered(self, steps: bytes) -> None:
        """Harts went from function to function; late, all together, if the engine notes it.

        Each step is four numbers of 64 bits: the cycle, the hart, and the numbers of the blocks it
        came from (-1 for none) and went to.
        """

    # The whole.

    def sample(
        self, cycle: int, activities: Mapping[str, Mapping[str, int]], joules: float
    ) -> None:
        """What devices have accounted for, by device, and the energy spent since the beginning.

        It is told about every ``sample_cycles``, at the same cycles in every run.
        """

    def finish(self) -> None:
        """The run is over, however it ended."""
