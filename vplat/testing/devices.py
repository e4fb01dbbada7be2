"""The devices of a test's platform: registers and fields by name, without side effects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vplat.errors import UsageError
from vplat.machine.bus import DevicePlace
from vplat.model import AccessFault, Stall
from vplat.model.field import no_such
from vplat.model.register import View, Views, Word

from .edges import edge
from .names import device_of, register_of

if TYPE_CHECKING:
    from vplat.machine.machine import Machine
    from vplat.model import Peripheral

    from .platform import Platform

WORD_BYTES = 4


class RegisterView(View):
    """A register of named fields: ``.busy`` is a field, ``.word`` the whole of it, and so is it
    itself where it is compared."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    def __int__(self) -> int:
        return self._words[self._index]

    __index__ = __int__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, int | View):
            return NotImplemented
        return self._words[self._index] == (other.word if isinstance(other, View) else other)

    def __repr__(self) -> str:
        word = self._words[self._index]
        fields = self._register.describe(word)
        return (
            f"<{self._register.element_name(self._index)} {word:#010x}{' ' * bool(fields)}{fields}>"
        )


class RegisterViews(Views):
    """An array of such registers."""

    __slots__ = ()

    def __getitem__(self, index: int) -> RegisterView:
        if not 0 <= index < len(self):
            raise IndexError(
                f"{self._register.name} has the elements 0 to {len(self) - 1}, not {index}"
            )
        return RegisterView(self._words, index, self._register)


class Device:
    """One device: ``platform.ita.status.busy`` reads a field, ``platform.ita.status.busy = 1`` sets
    it.

    Both touch what the register holds and nothing else happens. What a load of the firmware would
    answer, or what its store would set off, is for ``Platform.load`` and ``Platform.store``.
    """

    __slots__ = ("_name", "_platform")
    _name: str
    _platform: Platform

    def __init__(self, platform: Platform, name: str) -> None:
        object.__setattr__(self, "_platform", platform)
        object.__setattr__(self, "_name", name)

    @property
    def _device(self) -> Peripheral:
        return self._platform.machine.devices[self._name]

    @property
    def kind(self) -> str:
        """What it is, by the name that boards use."""
        return self._device.kind

    @property
    def activities(self) -> Mapping[str, int]:
        """The work that it has done, in its own units."""
        return dict(self._device.activities)

    @property
    def doing(self) -> str:
        """What it does now, in a few words; '' when idle."""
        return self._device.doing()

    def __getattr__(self, name: str) -> Any:
        __tracebackhide__ = True
        device = self._device
        if name.startswith("__") or name not in device.words:
            raise AttributeError(
                f"{self._name} has {no_such('register', name, device.words)}"
            ) from None
        register = device.registers[name]
        if register.is_word:
            return getattr(device, name)
        if register.count or register.ports:
            return RegisterViews(device.words[name], register)
        return RegisterView(device.words[name], 0, register)

    def __setattr__(self, name: str, value: int) -> None:
        __tracebackhide__ = True
        device = self._device
        if name not in device.words:
            raise AttributeError(f"{self._name} has {no_such('register', name, device.words)}")
        if len(device.words[name]) > 1:
            raise AttributeError(f"{self._name}.{name} has several words; say which: {name}[0]")
        if isinstance(device.registers[name], Word):
            setattr(device, name, value)
        else:
            getattr(device, name).word = value

    def __dir__(self) -> list[str]:
        return ["activities", "doing", "kind", *self._device.words]

    def __repr__(self) -> str:
        device = self._device
        shown = []
        for name, words in device.words.items():
            for index, word in enumerate(words):
                if word and not device.registers[name].ports:
                    shown.append(f"{device.registers[name].element_name(index)}={word:#x}")
        return f"<{self._name} ({device.kind}): {' '.join(shown) or 'all zero'}>"


class Devices:
    """All devices of a platform by name."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    @edge
    def __getitem__(self, name: str) -> Device:
        device_of(self._platform.machine, name)
        return Device(self._platform, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._platform.machine.devices)

    def __len__(self) -> int:
        return len(self._platform.machine.devices)

    def __contains__(self, name: object) -> bool:
        return name in self._platform.machine.devices


def peek(machine: Machine, path: str) -> int:
    """What ``ita.status`` or ``ita.status.busy`` holds."""
    device, register, index, field = register_of(machine, path)
    word = device.words[register.name][index]
    return word if field is None else field.get(word)


def poke(machine: Machine, path: str, value: int) -> None:
    """Let it hold something else."""
    device, register, index, field = register_of(machine, path)
    words = device.words[register.name]
    words[index] = value & 0xFFFF_FFFF if field is None else field.put(words[index], value)


def bus_address(machine: Machine, where: int | str) -> int:
    """Where a register is on the bus; of several places the first. A number is itself."""
    if isinstance(where, int):
        return where
    device, register, index, field = register_of(machine, where)
    if field is not None:
        raise UsageError(f"{where} is a field; a load or store takes the whole register")
    for place in machine.bus.places:
        if not isinstance(place, DevicePlace) or place.port.device is not device:
            continue
        for each, element, window, offset in device.elements():
            same = each is register and (element == index or bool(register.ports))
            if same and window is place.port.window:
                return place.base + offset
    raise UsageError(f"board {machine.board.name} shows {where} nowhere on the bus")


def load(machine: Machine, where: int | str, hart: int, size: int) -> int:
    """What a load of a hart answers, with all that it causes."""
    address = bus_address(machine, where)
    try:
        with machine.accesses.on_behalf_of(hart):
            return machine.bus.load(address, size, hart)
    except Stall as stall:
        raise UsageError(
            f"a load of {where} would wait for {stall.reason or 'the device'}"
        ) from None
    except AccessFault as fault:
        raise UsageError(f"a load of {where} is refused: {fault.message}") from None


def store(machine: Machine, where: int | str, value: int, hart: int, size: int) -> None:
    """A store of a hart, with all that it causes."""
    address = bus_address(machine, where)
    try:
        with machine.accesses.on_behalf_of(hart):
            machine.bus.store(address, size, value, hart)
    except Stall as stall:
        raise UsageError(
            f"a store to {where} would wait for {stall.reason or 'the device'}"
        ) from None
    except AccessFault as fault:
        raise UsageError(f"a store to {where} is refused: {fault.message}") from None
