"""A bench for one device: memory, a clock and records of what it did, without harts or boards."""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar

from vplat.errors import UsageError
from vplat.model import (
    MAIN,
    NOBODY,
    AccessFault,
    Culprit,
    FreePort,
    HartCounters,
    MemoryPort,
    Peripheral,
    Rank,
    Stall,
    Window,
)

Device = TypeVar("Device", bound=Peripheral)
PAGE_BYTES: Final = 4096


class BenchMemory:
    """Byte-addressed RAM over the whole 32-bit space; zero where nothing was written.

    Addresses within ``holes`` fault, as an address that nothing answers does.
    """

    def __init__(self) -> None:
        self.pages: dict[int, bytearray] = {}
        self.holes: list[range] = []

    def read(self, address: int, length: int) -> bytes:
        """``length`` bytes from ``address``."""
        self._check(address, length)
        pieces = (
            bytes(page[low : low + count]) if (page := self.pages.get(number)) else bytes(count)
            for number, low, count in self._runs(address, length)
        )
        return b"".join(pieces)

    def write(self, address: int, data: bytes) -> None:
        """Store ``data`` at ``address``."""
        self._check(address, len(data))
        done = 0
        for number, low, count in self._runs(address, len(data)):
            page = self.pages.setdefault(number, bytearray(PAGE_BYTES))
            page[low : low + count] = data[done : done + count]
            done += count

    @staticmethod
    def _runs(address: int, length: int) -> Iterator[tuple[int, int, int]]:
        """Page number, first byte within the page, and bytes, of each page that a run touches."""
        end = address + length
        while address < end:
            number, low = divmod(address, PAGE_BYTES)
            count = min(PAGE_BYTES - low, end - address)
            yield number, low, count
            address += count

    def _check(self, address: int, length: int) -> None:
        for hole in self.holes:
            if address < hole.stop and hole.start < address + length:
                raise AccessFault("nothing answers", address=max(address, hole.start))


@dataclasses.dataclass
class Sent:
    """One pulse or level change of an output: when, which, the level, and for which harts."""

    cycle: int
    output: str
    level: int
    harts: int


class Bench:
    """A stand-in for the machine around one device, with everything it asks for recorded.

    ``sent`` lists what its events and lines did, ``woken`` the harts it woke, ``requests`` the
    interrupt each hart is asked to take, ``printed`` its output by stream, ``reports`` its findings
    as (rule, sentence), ``blamed`` whose doing each was, ``started`` and ``halted`` what it did to
    harts, ``status`` the exit status. ``ports`` are the ways into memories, by address and width,
    that it gets in place of ones where nobody is in the way, ``arbitration`` says who comes first
    there. ``counters`` are what harts have done and ``others`` what other devices have accounted
    for, as the test wants them. ``typed`` is what the host typed and no device took yet;
    ``input_ended`` says that was all. ``serving`` is whose accesses the test makes.
    """

    def __init__(self) -> None:
        self.now = 0
        self.bus = BenchMemory()
        self.sent: list[Sent] = []
        self.woken: list[int] = []
        self.requests: dict[int, int | None] = {}
        self.printed: dict[int, bytes] = {}
        self.reports: list[tuple[str, str]] = []
        self.blamed: list[Culprit] = []
        self.serving = NOBODY
        self.started: dict[int, int] = {}
        self.halted: set[int] = set()
        self.asleep: set[int] = set()
        self.counters: dict[int, HartCounters] = {}
        self.others: dict[str, dict[str, int]] = {}
        self.stretched = 0
        self.typed = bytearray()
        self.input_ended = False
        self.status: int | None = None
        self.ports: dict[tuple[int, int], MemoryPort] = {}
        self.arbitration: dict[int, tuple[Rank, int]] = {}
        self._due: list[tuple[int, int, Callable[..., None], tuple[int, ...]]] = []
        self._scheduled = 0

    def build(
        self, kind: type[Device], parameters: Mapping[str, object] | None = None, *, name: str = ""
    ) -> Device:
        """A device of ``kind`` on this bench, after reset; ``sent`` records its outputs."""
        device = kind(name or kind.kind, self, parameters)
        for output in device.outputs:
            device.connect(output, self._recorder(output))
        return device

    # Driving the device.

    def load(
        self,
        device: Peripheral,
        where: str | int,
        *,
        hart: int = 0,
        size: int = 4,
        window: Window = MAIN,
    ) -> int:
        """What a load returns; ``where`` is a register's name (``"mask[3]"``) or an offset.

        A load that stalls raises ``Stall``.
        """
        return device.ports[window.name].load(self._offset(device, where, window), size, hart)

    def store(
        self,
        device: Peripheral,
        where: str | int,
        value: int,
        *,
        hart: int = 0,
        size: int = 4,
        window: Window = MAIN,
    ) -> None:
        """Make a store; ``where`` is a register's name or an offset."""
        device.ports[window.name].store(self._offset(device, where, window), size, value, hart)

    def stalls(
        self, device: Peripheral, where: str | int, *, hart: int = 0, window: Window = MAIN
    ) -> bool:
        """Whether a load stalls now; if it does not, its side effects have happened."""
        try:
            self.load(device, where, hart=hart, window=window)
        except Stall:
            return True
        return False

    def advance(self, cycles: int) -> None:
        """Let ``cycles`` cycles pass, running what becomes due."""
        end = self.now + cycles
        while self._due and self._due[0][0] <= end:
            self.now, _, behaviour, arguments = heapq.heappop(self._due)
            behaviour(*arguments)
        self.now = end

    def settle(self, limit: int = 1_000_000) -> None:
        """Let time pass until nothing is due; a device still busy after ``limit`` cycles fails."""
        end = self.now + limit
        while self._due:
            if self._due[0][0] > end:
                raise UsageError(f"the device is still busy after {limit} cycles; raise the limit")
            self.advance(self._due[0][0] - self.now)

    # What the device may ask of the machine (vplat.model.Platform).

    def memory_port(self, address: int, width: int, rank: Rank) -> MemoryPort:
        """What ``ports`` has for this address and width; by default nobody is in the way."""
        return self.ports.get((address, width), FreePort())

    def arbitrate(self, address: int, rank: Rank, longest_wait: int) -> None:
        """Record in ``arbitration``."""
        self.arbitration[address] = rank, longest_wait

    def after(self, cycles: int, behaviour: Callable[..., None], *arguments: int) -> None:
        """Schedule ``behaviour``."""
        self._scheduled += 1
        heapq.heappush(self._due, (self.now + cycles, self._scheduled, behaviour, arguments))

    def cancel(self, behaviour: Callable[..., None]) -> None:
        """Drop the pending calls of ``behaviour``."""
        self._due = [due for due in self._due if due[2] != behaviour]
        heapq.heapify(self._due)

    def stretch(self, cycles: int) -> None:
        """Add up the extra cycles of accesses in ``stretched``."""
        self.stretched += cycles

    def wake(self, hart: int) -> None:
        """Record in ``woken``."""
        self.woken.append(hart)

    def request_interrupt(self, hart: int, number: int | None) -> None:
        """Record in ``requests``."""
        self.requests[hart] = number

    def start_hart(self, hart: int, address: int) -> None:
        """Record in ``started``."""
        self.started[hart] = address
        self.halted.discard(hart)

    def halt_hart(self, hart: int) -> None:
        """Record in ``halted``."""
        self.halted.add(hart)

    def place(self, address: int) -> str:
        """``memory``, but in a hole."""
        return "" if any(address in hole for hole in self.bus.holes) else "memory"

    def hart_counters(self, hart: int) -> HartCounters:
        """What the test put into ``counters``; zeros for a hart that it says nothing of."""
        return self.counters.get(hart, HartCounters(0, 0, {}))

    def activities(self, device: str) -> Mapping[str, int]:
        """What the test put into ``others`` for the device; nothing if it says nothing."""
        return self.others.get(device, {})

    def is_asleep(self, hart: int) -> bool:
        """Whether the test put ``hart`` into ``asleep``."""
        return hart in self.asleep

    def print(self, text: bytes, stream: int) -> None:
        """Append to ``printed[stream]``."""
        self.printed[stream] = self.printed.get(stream, b"") + text

    def receive(self, limit: int) -> bytes:
        """Take up to ``limit`` bytes of ``typed``."""
        taken = bytes(self.typed[:limit])
        del self.typed[:limit]
        return taken

    def finish(self, status: int) -> None:
        """Record in ``status``."""
        self.status = status

    @property
    def culprit(self) -> Culprit:
        """What the test put into ``serving``."""
        return self.serving

    def report(self, device: str, rule: str, sentence: str, culprit: Culprit | None = None) -> None:
        """Record in ``reports``."""
        self.reports.append((rule, sentence))
        self.blamed.append(self.serving if culprit is None else culprit)

    def _recorder(self, output: str) -> Callable[[int, int], None]:
        return lambda level, harts: self.sent.append(Sent(self.now, output, level, harts))

    @staticmethod
    def _offset(device: Peripheral, where: str | int, window: Window) -> int:
        if isinstance(where, int):
            return where
        for register, index, place, offset in device.elements():
            if place is window and register.element_name(index) == where:
                return offset
        raise UsageError(f"{device.kind} has no register {where!r} in this window")
