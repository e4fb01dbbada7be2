"""One window of one device, ready to be driven by a bus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import DeclarationError
from .access import RC
from .plan import Element, Load, Store, mask_of
from .platform import AccessFault, Stall
from .register import WORD_MASK, Declared
from .waiting import Lasting
from .window import HART_PORT, Window

if TYPE_CHECKING:
    from .peripheral import Peripheral

WindowBehaviour = tuple[Any, tuple[str, ...]]
"""A method and what it asks for."""


class Port:
    """Serves accesses of 1, 2 and 4 bytes that do not cross a word.

    A load with a side effect has it whatever its size; a narrow store changes only its own lanes.
    ``hart`` is the accessing hart's index, or -1 for another master.
    """

    def __init__(self, device: Peripheral, window: Window) -> None:
        self.device, self.window = device, window
        self.size = device.window_size(window)
        self._loads: dict[int, Load] = {}
        self._stores: dict[int, Store] = {}
        self._registers: dict[int, tuple[Declared, int]] = {}
        for register, index, place, offset in device.elements():
            if place is window:
                self._place(register, index, offset)
        self._on_load = device.window_behaviour("window load", window)
        self._on_store = device.window_behaviour("window store", window)
        self._on_other_load = device.window_behaviour("other load", window)
        self._on_other_store = device.window_behaviour("other store", window)
        if self._on_load or self._on_store:
            self.load = self._whole_load  # type: ignore[method-assign]
            self.store = self._whole_store  # type: ignore[method-assign]

    def load(self, offset: int, size: int, hart: int) -> int:
        """The ``size`` bytes at ``offset``, as an unsigned number."""
        load = self._loads.get(offset & ~3)
        if load is None and self._on_other_load is not None:
            return self._hand_load(self._on_other_load, offset, size, hart)
        word = load(hart) if load is not None else self._undefined(offset)
        if size == 4:
            return word
        return word >> 8 * (offset & 3) & (1 << 8 * size) - 1

    def store(self, offset: int, size: int, value: int, hart: int) -> None:
        """Write the ``size`` bytes at ``offset``."""
        store = self._stores.get(offset & ~3)
        if store is None:
            if self._on_other_store is not None:
                self._hand_store(self._on_other_store, offset, size, value, hart)
            else:
                self._undefined(offset)
        elif size == 4:
            store(value, WORD_MASK, hart)
        else:
            lane = 8 * (offset & 3)
            strobe = ((1 << 8 * size) - 1) << lane
            store(value << lane & strobe, strobe, hart)

    def lasting_load(self, offset: int, size: int, hart: int) -> Lasting | None:
        """What a load gives if it has no effect and gives the same until somebody does something.

        None if it is not so, or not known to be so. Nobody is told of the load.
        """
        found = self.register_at(offset)
        if self._on_load or self._on_store or (found is None and self._on_other_load is not None):
            return self.device.lasting_load(self.window, offset, size)
        if found is not None and not self._is_lasting(*found, hart):
            return None
        observer, self.device.observer = self.device.observer, None
        try:
            return Lasting(self.load(offset, size, hart))
        except (AccessFault, Stall):
            return None
        finally:
            self.device.observer = observer

    def _is_lasting(self, register: Declared, index: int, hart: int) -> bool:
        if register.todo or any(field.todo for field in register.fields.values()):
            return False  # each load of it is reported
        device = self.device
        if any(word & mask_of(register, RC) for word in device.words[register.name]):
            return False
        return not device.reacts_to("read", register) or device.lasts(register, index, hart)

    def register_at(self, offset: int) -> tuple[Declared, int] | None:
        """The register whose word covers ``offset``, with its index in its array."""
        return self._registers.get(offset & ~3)

    def name_at(self, offset: int) -> str:
        """``device.register`` at ``offset``, or the nearest one below with a distance."""
        if (found := self.register_at(offset)) is not None:
            return f"{self.device.name}.{found[0].element_name(found[1])}"
        below = max((o for o in self._registers if o <= offset), default=None)
        if below is None:
            return f"{self.device.name}+{offset:#x}"
        register, index = self._registers[below]
        return f"{self.device.name}.{register.element_name(index)}+{offset - below:#x}"

    def _place(self, register: Declared, index: int, offset: int) -> None:
        if offset in self._registers:
            there = self._registers[offset][0].name
            where = f"{self.device.name}: register {register.name!r} at {offset:#x}"
            raise DeclarationError(f"{where} is where {there!r} is")
        self._registers[offset] = register, index
        element = Element(self.device, register, index, self.window)
        self._loads[offset], self._stores[offset] = element.fold()

    def _undefined(self, offset: int) -> int:
        if self.device.undefined is not None:
            return self.device.undefined
        raise AccessFault(
            f"{self.device.name} ({self.device.kind}) has no register at +{offset:#x}, "
            f"which is {self.name_at(offset)}"
        )

    def _whole_load(self, offset: int, size: int, hart: int) -> int:
        if self._on_load is None:
            raise AccessFault(f"{self.name_at(offset)} cannot be read")
        return self._hand_load(self._on_load, offset, size, hart)

    def _whole_store(self, offset: int, size: int, value: int, hart: int) -> None:
        if self._on_store is None:
            raise AccessFault(f"{self.name_at(offset)} cannot be written")
        self._hand_store(self._on_store, offset, size, value, hart)

    def _hand_load(self, behaviour: WindowBehaviour, offset: int, size: int, hart: int) -> int:
        method, asks = behaviour
        given = self._given(offset, size, 0, hart)
        answer: int = method(*[given[ask] for ask in asks])
        value = answer & (1 << 8 * size) - 1
        if (observer := self.device.observer) is not None:
            observer.window_access(self.device, self.window, offset, size, "r", value, hart)
        return value

    def _hand_store(
        self, behaviour: WindowBehaviour, offset: int, size: int, value: int, hart: int
    ) -> None:
        method, asks = behaviour
        given = self._given(offset, size, value, hart)
        method(*[given[ask] for ask in asks])
        if (observer := self.device.observer) is not None:
            observer.window_access(self.device, self.window, offset, size, "w", value, hart)

    def _given(self, offset: int, size: int, value: int, hart: int) -> dict[str, Any]:
        port = hart if self.window.port == HART_PORT else self.window.port
        return {"offset": offset, "size": size, "value": value, "hart": hart, "port": port}
