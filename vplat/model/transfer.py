"""Arithmetic of block transfers: bursts and beats, how long a stream of them takes, how bytes move.

Pure but for ``copy``, which works on whatever memory system it is given. Devices that master the
bus share it, so that a beat is counted in one way.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from .memory_port import Mark, MemoryPort
from .platform import AccessFault, Bus

BLOCK_BYTES = 256
"""What ``copy`` gives up when an access is refused: a block this long and aligned to its length."""


def split(length: int, boundary: int, *addresses: int) -> Iterator[tuple[int, int]]:
    """``(offset, bytes)`` of the fewest pieces of a run that cross no multiple of ``boundary``.

    ``addresses`` are where the run begins, on one side or on both; each of them is respected.
    """
    offset = 0
    while offset < length:
        room = min(boundary - (address + offset) % boundary for address in addresses)
        piece = min(room, length - offset)
        yield offset, piece
        offset += piece


def beats(address: int, length: int, width: int) -> int:
    """Words of ``width`` bytes that a run of ``length`` bytes touches, misaligned ends included."""
    return (address % width + length + width - 1) // width


@dataclasses.dataclass
class BurstFlow:
    """The timing of bursts on one channel, in absolute cycles.

    Bursts are requested in order, one a cycle, with at most ``outstanding`` of them unfinished.
    Their data moves in the same order, one beat a cycle. ``data_free`` is the first cycle without
    data, ``request_free`` the first without a request.
    """

    outstanding: int
    request_free: int = 0
    data_free: int = 0
    unfinished: list[int] = dataclasses.field(default_factory=list)

    def burst(self, ready: int, beats: int, before: int, after: int) -> int:
        """The cycle in which a burst that could be requested at ``ready`` is finished.

        Its data begins ``before`` cycles after the request at the earliest; the burst is finished
        ``after`` cycles behind its last beat.
        """
        requested = max(ready, self.request_free)
        if len(self.unfinished) == self.outstanding:
            requested = max(requested, self.unfinished.pop(0))
        self.request_free = requested + 1
        self.data_free = max(requested + before, self.data_free) + beats
        finished = self.data_free + after
        self.unfinished.append(finished)
        return finished

    def bursts(
        self, ready: int, bursts: Iterable[tuple[int, int]], before: int, after: int
    ) -> tuple[int, int]:
        """When the data of the first of some bursts has moved, and when the last is finished.

        They are ``burst`` after ``burst``, each given as its beats and the cycles without a request
        that go before it. There is at least one.
        """
        request_free, data_free, unfinished = self.request_free, self.data_free, self.unfinished
        room, first = self.outstanding - len(unfinished), -1
        for beats, pause in bursts:
            requested = max(ready, request_free + pause)
            if room:
                room -= 1
            else:
                requested = max(requested, unfinished.pop(0))
            request_free = requested + 1
            data_free = max(requested + before, data_free) + beats
            if first < 0:
                first = data_free
            unfinished.append(data_free + after)
        self.request_free, self.data_free = request_free, data_free
        return first, unfinished[-1]


@dataclasses.dataclass
class PortUse:
    """Beats on one port: how many, from the cycle of the first to that after the last."""

    begin: int = 0
    end: int = 0
    beats: int = 0

    def add(self, end: int, cycles: int, beats: int) -> None:
        """``beats`` more, in the ``cycles`` up to ``end``."""
        if not self.beats:
            self.begin = end - cycles
        self.end = end
        self.beats += beats


MOST_REFUSED: float = 0.95
"""The share of refused beats from which on a transfer gets no slower: somebody lets it through."""


def lateness(port: MemoryPort, since: Mark, now: int, beats: int) -> int:
    """How many cycles longer ``beats`` took on ``port`` than if nobody had been in their way.

    They were made evenly from ``since`` to ``now``; a refused one was made again.
    """
    elapsed = now - since.cycle
    refused = min(MOST_REFUSED, port.refused(since) / elapsed) if elapsed > 0 else 0.0
    return round(beats * refused / (1.0 - refused))


@dataclasses.dataclass
class BusySpan:
    """Counts the cycles in which at least one transfer is under way, without counting any twice."""

    transfers: int = 0
    counted_to: int = 0

    def begin(self, now: int) -> None:
        """A transfer starts."""
        if not self.transfers:
            self.counted_to = max(self.counted_to, now)
        self.transfers += 1

    def end(self, now: int) -> int:
        """A transfer ends: the busy cycles that no earlier call has counted."""
        self.transfers -= 1
        cycles = max(0, now - self.counted_to)
        self.counted_to += cycles
        return cycles


@dataclasses.dataclass
class Refusals:
    """What a copy could not move: the bytes in all, and the first access that was refused."""

    bytes: int = 0
    address: int = 0
    message: str = ""

    def add(self, refusal: AccessFault, length: int) -> None:
        """``length`` bytes are not moved because of ``refusal``."""
        if not self.bytes:
            self.address, self.message = refusal.address, refusal.message
        self.bytes += length


def copy(bus: Bus, source: int, destination: int, length: int, refusals: Refusals) -> None:
    """Copy a run of bytes; a block with a refused access is left out and added to ``refusals``.

    The blocks are those of ``BLOCK_BYTES`` on either side; all others are copied. The run is read
    as a whole before it is written, so that source and destination may overlap. Addresses do not
    wrap.
    """
    try:
        bus.write(destination, bus.read(source, length))
    except AccessFault as refusal:
        pieces = list(split(length, BLOCK_BYTES, source, destination))
        if len(pieces) == 1:
            refusals.add(refusal, length)
            return
        for offset, piece in pieces:
            copy(bus, source + offset, destination + offset, piece, refusals)
