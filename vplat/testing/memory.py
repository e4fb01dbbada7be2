"""The memory of a test's platform, by symbol or by address."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vplat.errors import UsageError
from vplat.machine.bus import MemoryPlace

from .edges import edge
from .names import address_of

if TYPE_CHECKING:
    from .platform import Platform

WORD_BYTES = 4


class Memory:
    """Reads and writes bytes, numbers and arrays; nothing else happens, and no time passes.

    ``where`` is an address, a symbol of the firmware, or ``"symbol+4"``. Devices are no memory.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    @edge
    def address(self, where: int | str) -> int:
        """The address of a symbol."""
        return address_of(self._platform.firmware, where)[0]

    @edge
    def read(self, where: int | str, length: int | None = None) -> bytes:
        """``length`` bytes; without a length all of the symbol's."""
        return self._read(where, length)

    @edge
    def read_int(self, where: int | str, size: int = WORD_BYTES, *, signed: bool = False) -> int:
        """A little-endian number of ``size`` bytes."""
        return int.from_bytes(self._read(where, size), "little", signed=signed)

    @edge
    def read_array(
        self,
        where: int | str,
        dtype: npt.DTypeLike,
        shape: int | tuple[int, ...] | None = None,
    ) -> npt.NDArray[Any]:
        """A copy of an array; without a shape as many elements as the symbol holds."""
        kind = np.dtype(dtype).newbyteorder("<")
        if shape is None:
            length = self._known_size(where) // kind.itemsize * kind.itemsize
            return np.frombuffer(self._read(where, length), kind).copy()
        count = shape if isinstance(shape, int) else math.prod(shape)
        data = self._read(where, count * kind.itemsize)
        return np.frombuffer(data, kind).reshape(shape).copy()

    @edge
    def write(
        self,
        where: int | str,
        value: int | bytes | bytearray | npt.NDArray[Any],
        size: int = WORD_BYTES,
    ) -> None:
        """Store bytes, an array as it lies in memory, or a number of ``size`` bytes."""
        if isinstance(value, bytes | bytearray):
            data = bytes(value)
        elif isinstance(value, np.ndarray):
            data = np.ascontiguousarray(value.astype(value.dtype.newbyteorder("<"))).tobytes()
        else:
            data = (int(value) & (1 << 8 * size) - 1).to_bytes(size, "little")
        address = self._checked(where, len(data))
        bus = self._platform.machine.bus
        bus.load_image(address, data)
        if bus.on_write is not None:  # it may be code
            bus.on_write(address, len(data))

    def _read(self, where: int | str, length: int | None) -> bytes:
        length = self._known_size(where) if length is None else length
        return self._platform.machine.bus.peek(self._checked(where, length), length)

    def _known_size(self, where: int | str) -> int:
        size = address_of(self._platform.firmware, where)[1]
        if not size:
            raise UsageError(f"nobody knows how long {_shown(where)} is; say how many bytes")
        return size

    def _checked(self, where: int | str, length: int) -> int:
        """The address, where all of the bytes are in memories."""
        machine = self._platform.machine
        address = begin = address_of(self._platform.firmware, where)[0]
        while address < begin + length:
            place = machine.bus.place_at(address)
            if not isinstance(place, MemoryPlace):
                named = machine.bus.name_of(address)
                there = f"is {named}" if named else "is nothing"
                raise UsageError(
                    f"{_shown(where)}: at {address:#010x} {there}, no memory of board "
                    f"{machine.board.name}; registers are reached by the names of their devices"
                )
            address += place.count(address, begin + length)
        return begin


def _shown(where: int | str) -> str:
    return f"{where:#010x}" if isinstance(where, int) else where
