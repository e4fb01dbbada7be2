"""Declarations folded into closures: an access looks nothing up by name and formats nothing."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import DeclarationError
from .access import RC, RO, W1C, W1S, Access
from .platform import AccessFault, Stall
from .register import WORD_MASK, Declared
from .window import HART_PORT, Window

if TYPE_CHECKING:
    from .peripheral import Peripheral

Load = Callable[[int], int]
"""``load(hart)``: the whole word."""
Store = Callable[[int, int, int], None]
"""``store(value, strobe, hart)``: ``strobe`` has ones in the bits that the store covers."""
Behaviour = Callable[[int, int, int], Any]
"""``behaviour(value, hart, port)`` after adaptation to what the method asks for."""

ASKABLE = {
    "read": ("hart", "port", "index", "register"),
    "write": ("value", "hart", "port", "index", "register"),
    "set": ("value", "hart", "port", "index", "register"),
    "window load": ("offset", "size", "hart", "port"),
    "window store": ("offset", "size", "value", "hart", "port"),
    "other load": ("offset", "size", "hart", "port"),
    "other store": ("offset", "size", "value", "hart", "port"),
    "input": ("index", "level", "harts"),
    "taken": ("hart", "number"),
}


def check_asks(where: str, method: Callable[..., Any], when: str) -> tuple[str, ...]:
    """The names ``method`` asks for, in its order; an unknown one is a ``DeclarationError``."""
    asks = tuple(inspect.signature(method).parameters)[1:]
    if unknown := set(asks) - set(ASKABLE[when]):
        raise DeclarationError(
            f"{where} asks for {', '.join(sorted(unknown))}; "
            f"a behaviour of this kind may ask for {', '.join(ASKABLE[when])}"
        )
    return asks


def adapt(
    method: Callable[..., Any], asks: Sequence[str], index: int, register: Declared | Window
) -> Behaviour:
    """``method`` as ``behaviour(value, hart, port)``, given only what it asks for, in its order."""
    match tuple(asks):
        case ():
            return lambda value, hart, port: method()
        case ("value",):
            return lambda value, hart, port: method(value)
        case ("hart",):
            return lambda value, hart, port: method(hart)
        case ("port",):
            return lambda value, hart, port: method(port)
        case ("index",):
            return lambda value, hart, port: method(index)
        case ("register",):
            return lambda value, hart, port: method(register)
        case ("value", "hart"):
            return lambda value, hart, port: method(value, hart)
        case ("value", "port"):
            return lambda value, hart, port: method(value, port)
        case ("value", "index"):
            return lambda value, hart, port: method(value, index)
        case ("hart", "index"):
            return lambda value, hart, port: method(hart, index)
        case ("port", "index"):
            return lambda value, hart, port: method(port, index)
        case ("value", "hart", "index"):
            return lambda value, hart, port: method(value, hart, index)
        case ("value", "port", "index"):
            return lambda value, hart, port: method(value, port, index)
        case ("hart", "port"):
            return lambda value, hart, port: method(hart, port)
        case ("value", "hart", "port"):
            return method
        case names:
            known = {"index": index, "register": register}
            return lambda value, hart, port: method(
                *[({"value": value, "hart": hart, "port": port} | known)[name] for name in names]
            )


def mask_of(register: Declared, *accesses: Access) -> int:
    """Ones at the bits of ``register`` whose access is one of ``accesses``."""
    return sum(field.mask for field in register.fields.values() if field.access in accesses)


class Element:
    """One register of one instance at one offset of one window, ready to be folded."""

    def __init__(self, device: Peripheral, register: Declared, index: int, window: Window) -> None:
        self.device, self.register, self.index, self.window = device, register, index, window
        self.words = device.words[register.name]
        self.reads = device.behaviours("read", register, None, index)
        self.writes = device.behaviours("write", register, None, index)
        self.sets = [
            (field, behaviour)
            for field in register.fields.values()
            for behaviour in device.behaviours("set", register, field.name, index)
        ]

    def fold(self) -> tuple[Load, Store]:
        """The two halves of the access path."""
        load, store = self._load(), self._store()
        todo = [name for name, field in self.register.fields.items() if field.todo]
        if self.register.todo or todo:
            return self._reported(load, store)
        return load, store

    def _slot(self) -> Callable[[int], int]:
        port, index = self.window.port, self.index
        if not self.register.ports:
            return lambda hart: index
        if port == HART_PORT:
            return self._own_slot
        return lambda hart: port

    def _own_slot(self, hart: int) -> int:
        if 0 <= hart < self.register.ports:
            return hart
        name = f"{self.device.name}.{self.register.name}"
        who = f"hart {hart}" if hart >= 0 else "a master that is no hart"
        raise AccessFault(f"{name} is private to each hart and {who} has no copy of it")

    def _port(self) -> Callable[[int], int]:
        port = self.window.port
        return (lambda hart: hart) if port == HART_PORT else (lambda hart: port)

    def _load(self) -> Load:
        device, register, index, words = self.device, self.register, self.index, self.words
        readable = sum(f.mask for f in register.fields.values() if f.access.readable)
        clears = mask_of(register, RC)
        slot_of, port_of = self._slot(), self._port()
        if not self.reads and not clears and not register.ports:

            def plain(hart: int) -> int:
                value = words[index] & readable
                if device.observer is not None:
                    device.observer.access(device, register, index, "r", value, value, hart)
                return value

            return plain
        reads = self.reads

        def load(hart: int) -> int:
            slot, port, answer = slot_of(hart), port_of(hart), None
            for behaviour in reads:
                answer = behaviour(0, hart, port)
            value = words[slot] & readable if answer is None else answer & WORD_MASK
            if clears:
                words[slot] &= ~clears
            if device.observer is not None:
                device.observer.access(device, register, slot, "r", value, value, hart)
            return value

        return load

    def _store(self) -> Store:
        device, register, words = self.device, self.register, self.words
        cleared, raised = mask_of(register, W1C), mask_of(register, W1S)
        taken = mask_of(register, Access.RW, Access.WO) & ~mask_of(register, RO, RC)
        slot_of, port_of = self._slot(), self._port()
        sets, writes = self.sets, self.writes

        def store(value: int, strobe: int, hart: int) -> None:
            slot, data = slot_of(hart), value & strobe
            old = words[slot]
            words[slot] = (old & ~(taken & strobe) | data & taken) & ~(
                data & cleared
            ) | data & raised
            if device.observer is not None:
                device.observer.access(device, register, slot, "w", old, data, hart)
            if not (sets or writes):
                return
            port = port_of(hart)
            try:
                for field, behaviour in sets:
                    if data & field.mask:
                        behaviour(field.get(data), hart, port)
                for behaviour in writes:
                    behaviour(data, hart, port)
            except (Stall, AccessFault):
                words[slot] = old
                raise

        return store

    def _reported(self, load: Load, store: Store) -> tuple[Load, Store]:
        device, name = self.device, self.register.element_name(self.index)

        def notice() -> None:
            device.report("not-modelled", f"{device.name}.{name} is known but not modelled")

        def noticed_load(hart: int) -> int:
            notice()
            return load(hart)

        def noticed_store(value: int, strobe: int, hart: int) -> None:
            notice()
            store(value, strobe, hart)

        return noticed_load, noticed_store
