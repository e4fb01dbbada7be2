"""Between the engine and the bus: operands on the way in, the output tile on the way out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from vplat.model import AccessFault, Bus
from vplat.model.transfer import split

from .engine import BIAS_READ_BYTES
from .job import Job
from .layout import TILE_BIAS_BYTES, TILE_BYTES, TILE_EDGE
from .timing import BEAT_BYTES
from .weights import SET_BYTES

_ADDRESS_MASK = 0xFFFF_FFFF
_REGISTER_BY_LENGTH: Final = {
    BIAS_READ_BYTES: "BIAS_PTR",
    SET_BYTES: "WEIGHT_PTR1",
    TILE_BYTES - SET_BYTES: "WEIGHT_PTR0",
}


class Refusal(NamedTuple):
    """A tile that reaches to where nothing answers."""

    register: str
    """The pointer that leads there."""
    address: int
    """The first byte that was refused, on the bus."""
    why: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What the accelerator's port is connected to: ``base`` on the bus is what pointer 0 means.

    With a ``memory_size`` it sees only that many bytes of the bus, from ``memory_base`` on. If it
    ``wraps``, its port decodes no more of an address than that memory needs; if not, it refuses
    what is outside.
    """

    bus: Bus
    base: int = 0
    memory_base: int = 0
    memory_size: int = 0
    wraps: bool = False

    def address(self, pointer: int) -> int:
        """The bus address of a pointer, before anything wraps."""
        return (self.base + pointer) & _ADDRESS_MASK

    def outside(self, address: int, length: int) -> int | None:
        """The first of these bytes that is not in the memory; None if all are."""
        end = self.memory_base + self.memory_size
        if not self.memory_size or self.memory_base <= address <= end - length:
            return None
        return end if self.memory_base <= address < end else address

    def place(self, address: int) -> int:
        """Where in the memory the port takes an address to be, if it wraps."""
        return self.memory_base + (address - self.memory_base) % self.memory_size

    def read(self, address: int, length: int) -> bytes:
        """``length`` bytes from ``address``; ``AccessFault`` where the port leads nowhere."""
        parts = [self.bus.read(at, count) for at, count in self._parts(address, length)]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def write(self, address: int, data: bytes) -> None:
        """Store ``data``; ``AccessFault`` where the port leads nowhere."""
        done = 0
        for at, count in self._parts(address, len(data)):
            self.bus.write(at, data[done : done + count])
            done += count

    def _parts(self, address: int, length: int) -> Iterator[tuple[int, int]]:
        """``(address, bytes)`` of each run on the bus."""
        outside = self.outside(address, length)
        if outside is None:
            yield address, length
        elif not self.wraps:
            raise AccessFault(f"the accelerator's port only leads to {self}", address=outside)
        else:
            for offset, count in split(length, self.memory_size, address - self.memory_base):
                yield self.place(address + offset), count

    def __str__(self) -> str:
        return f"{self.memory_base:#010x}..{self.memory_base + self.memory_size - 1:#010x}"


class Stretch(NamedTuple):
    """Memory that a job uses: ``length`` bytes from ``pointer`` on, which ``register`` holds."""

    register: str
    pointer: int
    length: int


def stretches(job: Job) -> Iterator[Stretch]:
    """What a job is going to use of the memory."""
    yield Stretch("INPUT_PTR", job.input_ptr, TILE_BYTES)
    skipped = 0 if job.weight_preload else SET_BYTES
    yield Stretch("WEIGHT_PTR0", job.weight_ptr0 + skipped, TILE_BYTES - skipped)
    if job.weight_nextload:
        yield Stretch("WEIGHT_PTR1", job.weight_ptr1, SET_BYTES)
    if not job.bias_disable:
        yield Stretch("BIAS_PTR", job.bias_ptr, TILE_BIAS_BYTES)
    if not job.output_disable:
        yield Stretch("OUTPUT_PTR", job.output_ptr, TILE_BYTES)


class Operands:
    """The memory that one job sees: what it reads is in memory now, what it writes is kept back.

    Where nothing answers, beats read as zeros; the model's choice, as the specification does not
    say what a port returns then. ``refusals`` lists what could not be read.
    """

    __slots__ = ("_input_read", "_reach", "output", "refusals")

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._input_read = False
        self.refusals: list[Refusal] = []
        self.output: tuple[int, bytes] | None = None
        """The bus address and bytes of the output tile, if the job stores one."""

    def read(self, pointer: int, length: int, /) -> bytes:
        """``length`` bytes from where ``pointer`` leads."""
        register = _REGISTER_BY_LENGTH.get(length)
        if register is None:
            # A job reads its input first; the other whole tile is the weights.
            register = "WEIGHT_PTR0" if self._input_read else "INPUT_PTR"
            self._input_read = True
        address = self._reach.address(pointer)
        try:
            return self._reach.read(address, length)
        except AccessFault as refusal:
            return self._read_beats(register, address, length, refusal)

    def write(self, pointer: int, data: bytes, /) -> None:
        """Keep ``data`` until the job ends."""
        self.output = self._reach.address(pointer), data

    def _read_beats(self, register: str, address: int, length: int, first: AccessFault) -> bytes:
        found = bytearray()
        # The second beat of the biases ends 32 bytes behind them; nothing there is looked at.
        used = TILE_BIAS_BYTES if length == BIAS_READ_BYTES else length
        refused = False
        for offset, count in split(length, BEAT_BYTES, 0):
            try:
                found += self._reach.read(address + offset, count)
            except AccessFault:
                found += self._readable(address + offset, min(count, used - offset)).ljust(
                    count, b"\0"
                )
                refused = True
        if refused and (first.address or address) < address + used:
            self.refusals.append(Refusal(register, first.address or address, first.message))
        return bytes(found)

    def _readable(self, address: int, length: int) -> bytes:
        """A beat of which only a part is needed, or nothing."""
        if length == BEAT_BYTES:
            return b""
        try:
            return self._reach.read(address, length)
        except AccessFault:
            return b""


def store_tile(reach: Reach, address: int, data: bytes) -> Refusal | None:
    """Write an output tile; rows that nothing takes are dropped."""
    try:
        reach.write(address, data)
    except AccessFault as refusal:
        for offset, count in split(len(data), TILE_EDGE, 0):
            try:
                reach.write(address + offset, data[offset : offset + count])
            except AccessFault:
                continue
        return Refusal("OUTPUT_PTR", refusal.address or address, refusal.message)
    return None
