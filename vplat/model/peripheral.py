"""A peripheral: declared registers, lines and state, and behaviours between them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from ..errors import DeclarationError
from .event import Event, Input, Interrupts, Line, Sink
from .field import no_such
from .loan import Loan
from .observer import Observer, Work
from .parameter import Parameter
from .plan import Behaviour, adapt, check_asks
from .platform import Bus, Culprit, Platform
from .port import Port
from .register import Declared
from .rule import Rule
from .state import State
from .waiting import Awaited, Lasting, Withheld
from .window import MAIN, Window

Output = Event | Line
DECLARATIONS = (Declared, Event, Line, Input, Interrupts, State, Parameter, Window, Rule)


class Peripheral:
    """Base of every device: subclass, declare, decorate.

    ``kind`` is the name boards use; ``size`` the bytes of the main window; ``undefined`` what a
    load outside any register returns (stores there are dropped), or None when it faults;
    ``specification`` is where the registers are described, for messages.
    """

    kind: ClassVar[str] = ""
    size: ClassVar[int] = 0
    undefined: ClassVar[int | None] = None
    specification: ClassVar[str] = ""
    registers: ClassVar[dict[str, Declared]] = {}
    outputs: ClassVar[dict[str, Output]] = {}
    inputs: ClassVar[dict[str, Input]] = {}
    declared_states: ClassVar[dict[str, State[Any]]] = {}
    declared_parameters: ClassVar[dict[str, Parameter[Any]]] = {}
    windows: ClassVar[dict[str, Window]] = {}
    rules: ClassVar[dict[str, Rule]] = {}
    _triggers: ClassVar[dict[tuple[str, str, str | None], list[tuple[str, tuple[str, ...]]]]] = {}

    name: str
    platform: Platform
    observer: Observer | None
    parameters: dict[str, int | str | bool]
    activities: dict[str, int]
    words: dict[str, list[int]]
    states: dict[str, Any]
    ports: dict[str, Port]
    _sinks: dict[str, list[Sink]]

    def __init_subclass__(
        cls, *, kind: str = "", size: int | None = None, undefined: int | None = None
    ) -> None:
        cls.kind = kind or cls.kind
        cls.size = cls.size if size is None else size
        cls.undefined = cls.undefined if undefined is None else undefined
        declared = {
            name: value for base in reversed(cls.__mro__) for name, value in vars(base).items()
        }
        _check_names(cls.__name__, declared)
        cls.registers = _of_type(declared, Declared)
        cls.outputs = {n: v for n, v in declared.items() if isinstance(v, Event | Line)}
        cls.inputs = _of_type(declared, Input)
        cls.declared_states = _of_type(declared, State)
        cls.declared_parameters = _of_type(declared, Parameter)
        cls.windows = {"": MAIN} if cls.size else {}
        cls.windows |= _of_type(declared, Window)
        cls.rules = _of_type(declared, Rule)
        cls._triggers = _triggers(cls.__name__, declared)
        for name, register in cls.registers.items():
            _check_place(f"{cls.__name__}.{name}", register, cls)

    def __init__(
        self, name: str, platform: Platform, parameters: Mapping[str, object] | None = None
    ) -> None:
        self.name, self.platform = name, platform
        self.observer = None
        self.parameters = self._chosen(parameters or {})
        self.activities, self.words, self.states = {}, {}, {}
        for register in self.registers.values():
            if register.only is None or register.only(self):
                shown = self.words[register.mirrors.name] if register.mirrors else None
                self.words[register.name] = shown or [register.reset] * register.words
        self._sinks = {name: [] for name in self.outputs}
        self.ports = {name: Port(self, window) for name, window in self.windows.items()}
        self.reset()

    # What can be told from the class alone.

    @classmethod
    def reacts_to(cls, when: str, declared: Declared | Window, field: str | None = None) -> bool:
        """Whether a behaviour runs ``when`` ("read", "write", "window load") that is touched.

        For "set" ``field`` says of which field.
        """
        return (when, declared.name, field) in cls._triggers

    # What the machine does with a device.

    def window_size(self, window: Window) -> int:
        """Bytes at which a window of this instance answers.

        Override where a parameter makes it other than what the class declares.
        """
        return self.size if window is MAIN else window.size

    def reset(self) -> None:
        """Registers and state as after a hard reset, then ``on_reset``."""
        for name, words in self.words.items():
            words[:] = [self.registers[name].reset] * len(words)
        for name, state in self.declared_states.items():
            self.states[name] = state.fresh()
        self.activities.clear()
        self.on_reset()

    def on_reset(self) -> None:
        """Override to finish a reset with what declarations cannot say."""

    def on_boot(self, entry: int) -> None:
        """Override: firmware that begins at ``entry`` has been loaded and the harts are let go."""

    def on_end(self) -> None:
        """Override: the run is over; show what is still buffered."""

    def connect(self, output: str, sink: Sink) -> None:
        """Wire an outgoing event or line to ``sink(level, harts)``."""
        self._sinks[output].append(sink)

    def sinks(self, output: str) -> list[Sink]:
        """What an output is connected to."""
        return list(self._sinks[output])

    def reroute(self, output: str, sinks: list[Sink]) -> list[Sink]:
        """Connect an output to ``sinks`` and nothing else; what it was connected to before."""
        before, self._sinks[output] = self._sinks[output], sinks
        return before

    def input(self, name: str, index: int = 0) -> Sink:
        """The sink of one incoming line."""
        if name not in self.inputs:
            raise DeclarationError(f"{self.name} has {no_such('input', name, self.inputs)}")
        count = self.inputs[name].count
        if not 0 <= index < count:
            raise DeclarationError(
                f"{self.name}.{name}[{index}] does not exist: it has {count} lines"
            )
        calls = [
            (getattr(self, method), asks)
            for method, asks in self._triggers.get(("input", name, None), ())
        ]

        def sink(level: int, harts: int) -> None:
            given = {"index": index, "level": level, "harts": harts}
            for method, asks in calls:
                method(*[given[ask] for ask in asks])

        return sink

    def interrupt_taken(self, hart: int, number: int) -> None:
        """The hart has taken the interrupt this device requested."""
        given = {"hart": hart, "number": number}
        for (when, _, _), methods in self._triggers.items():
            if when == "taken":
                for method, asks in methods:
                    getattr(self, method)(*[given[ask] for ask in asks])

    def behaviours(
        self, when: str, declared: Declared | Window, field: str | None, index: int = 0
    ) -> list[Behaviour]:
        """The behaviours of one trigger, each adapted to what it asks for."""
        found = self._triggers.get((when, declared.name, field), ())
        return [adapt(getattr(self, method), asks, index, declared) for method, asks in found]

    def window_behaviour(self, when: str, window: Window) -> tuple[Any, tuple[str, ...]] | None:
        """The method that serves a whole window, with what it asks for; None for registers."""
        found = self._triggers.get((when, window.name, None))
        return (getattr(self, found[-1][0]), found[-1][1]) if found else None

    def snapshot(self) -> dict[str, Any]:
        """All mutable state as plain data, shared with nobody."""
        return {
            "words": {name: list(words) for name, words in self.words.items()},
            "states": copy.deepcopy(self.states),
            "activities": dict(self.activities),
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Go back to a ``snapshot`` of a device of the same kind and parameters."""
        for name, words in snapshot["words"].items():
            self.words[name][:] = words
        self.states = copy.deepcopy(snapshot["states"])
        self.activities = dict(snapshot["activities"])

    def explain_wait(self, hart: int) -> str:
        """Override: what a stalled hart waits for and what is missing, in a few words."""
        return ""

    def awaited(self, hart: int) -> Awaited | None:
        """Override: what would end the wait of a hart that this device has stalled."""
        return None

    def withheld(self, hart: int) -> tuple[Withheld, ...]:
        """Override: what has come for ``hart`` and does not reach it because of a mask."""
        return ()

    def lasts(self, register: Declared, index: int, hart: int) -> bool:
        """Override: a load of a register with a behaviour has no effect as things are, and answers
        the same for as long as nobody does anything, however much time passes."""
        return False

    def lasting_load(self, window: Window, offset: int, size: int) -> Lasting | None:
        """Override: the same for a load where the device has no registers; None if it is not so."""
        return None

    def doing(self) -> str:
        """Override: what the device does now, in a few words; '' when idle."""
        return ""

    def real_time(self) -> int | None:
        """Override: the platform's real-time counter, which the harts' ``time`` CSR reads."""
        return None

    # What a device does with the machine.

    @property
    def bus(self) -> Bus:
        """The memory system, mastered by this device."""
        return self.platform.bus

    @property
    def now(self) -> int:
        """The current cycle."""
        return self.platform.now

    def after(self, cycles: int, behaviour: Callable[..., None], *arguments: int) -> None:
        """Call ``behaviour(*arguments)``, a method of this device, in ``cycles`` cycles."""
        self.platform.after(cycles, behaviour, *arguments)

    def cancel(self, behaviour: Callable[..., None]) -> None:
        """Forget every pending call of ``behaviour``."""
        self.platform.cancel(behaviour)

    def wake(self, hart: int) -> None:
        """Let a hart that stalled issue its access again."""
        self.platform.wake(hart)

    def account(self, what: str, amount: int) -> None:
        """Count work done, in the device's own unit; the energy meter prices it."""
        self.activities[what] = self.activities.get(what, 0) + amount
        if self.observer is not None:
            self.observer.activity(self, what, amount)

    def begin_work(self, what: str, number: int, describe: Callable[[], Work]) -> None:
        """Say that a job or a transfer begins, for traces: ``describe`` is called if one is kept.

        ``what`` is its kind ("job", "transfer"). Work of one kind that is under way at the same
        time has different numbers.
        """
        if self.observer is not None:
            self.observer.begin_work(self, what, number, describe())

    def end_work(self, what: str, number: int) -> None:
        """Say that what ``begin_work`` was told of has ended."""
        if self.observer is not None:
            self.observer.end_work(self, what, number)

    def borrow(self, what: str, number: int, describe: Callable[[], Loan]) -> None:
        """Say that firmware has given the device memory, for checkers: until ``hand_back``.

        Say so when the device takes a job or a transfer over, which may be before it begins; what
        and which it is as with ``begin_work``. ``describe`` is called if somebody checks.
        """
        if self.observer is not None:
            self.observer.borrow(self, what, number, describe())

    def hand_back(self, what: str, number: int) -> None:
        """Say that the memory is the firmware's again, before firmware can know."""
        if self.observer is not None:
            self.observer.hand_back(self, what, number)

    def was_asked(self) -> None:
        """Say, for checkers, that an instruction that is no load has told how far the device is."""
        if self.observer is not None:
            self.observer.was_asked(self)

    def report(self, rule: str, sentence: str, culprit: Culprit | None = None) -> None:
        """Tell the developer what the firmware did wrong.

        What comes to light later, when no access is being served, was the doing of ``culprit``:
        that is ``platform.culprit`` while the access is served that leads to it.
        """
        self.platform.report(self.name, rule, sentence, culprit)

    def emit(self, output: Output, level: int, harts: int) -> None:
        """Drive an output; ``self.finished()`` and ``self.irq(1)`` come here."""
        if self.observer is not None:
            self.observer.event(self, output, level, harts)
        for sink in self._sinks[output.name]:
            sink(level, harts)

    def elements(self) -> Iterator[tuple[Declared, int, Window, int]]:
        """Every register of this instance: declaration, index, window, offset in the window."""
        for name in self.words:
            register = self.registers[name]
            for window in register.windows:
                for index, offset in enumerate(register.offsets):
                    yield register, index, window, offset

    def _chosen(self, given: Mapping[str, object]) -> dict[str, int | str | bool]:
        where = f"device {self.name!r} ({self.kind})"
        for name in given:
            if name not in self.declared_parameters:
                problem = no_such("parameter", name, self.declared_parameters)
                raise DeclarationError(f"{where}: {problem}")
        return {
            name: parameter.check(given.get(name, parameter.default), where)
            for name, parameter in self.declared_parameters.items()
        }


def _check_names(owner: str, declared: dict[str, Any]) -> None:
    """Refuse what would hide a part of ``Peripheral`` itself."""
    taken = {*vars(Peripheral), *Peripheral.__annotations__}
    for name, value in declared.items():
        if name in taken and isinstance(value, DECLARATIONS):
            what = type(value).__name__
        elif name in taken and hasattr(value, "_vplat_triggers"):
            what = "behaviour"
        else:
            continue
        raise DeclarationError(
            f"{owner}.{name}: every peripheral has an attribute {name!r} of its own, which this "
            f"{what} would hide; rename it"
        )


def _of_type(declared: dict[str, Any], kind: type[Any]) -> dict[str, Any]:
    return {name: value for name, value in declared.items() if isinstance(value, kind)}


def _triggers(
    owner: str, declared: dict[str, Any]
) -> dict[tuple[str, str, str | None], list[tuple[str, tuple[str, ...]]]]:
    found: dict[tuple[str, str, str | None], list[tuple[str, tuple[str, ...]]]] = {}
    for name, method in declared.items():
        for when, subject, field in getattr(method, "_vplat_triggers", ()):
            asks = check_asks(f"{owner}.{name}", method, when)
            found.setdefault((when, subject.name, field), []).append((name, asks))
    return found


def _check_place(where: str, register: Declared, cls: type[Peripheral]) -> None:
    for window in register.windows:
        if register.ports and window.port >= register.ports:
            raise DeclarationError(
                f"{where} has {register.ports} ports and {window} shows port {window.port}; "
                "give it more ports"
            )
        size = cls.size if window is MAIN else window.size
        for offset in register.offsets:
            if offset % 4 or not 0 <= offset < size:
                raise DeclarationError(
                    f"{where} at {offset:#x} is not a word within the {size:#x} bytes of its window"
                )
