"""A cycle-by-cycle model of ITA's streams: what the closed formulas of the device stand for.

Written from the RTL of both revisions (``ita_hwpe_ctrl.sv``, ``ita_hwpe_streamer.sv``,
``ita_hwpe_*_buffer.sv``, ``ita_controller.sv``, ``ita_softmax.sv``, and the sources, sinks, FIFOs
and the round-robin multiplexer of ``hci``). Only valid and ready exist here, no data. Cycle 0 is
the one in which busy rises.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from vplat.peripherals.ita.timing import Traffic

Grants = Callable[[int, int], bool]
"""Whether the memory grants an access in a cycle, by cycle and byte address."""
INPUT, WEIGHTS, BIASES, OUTPUT = range(4)
ROWS, ACCEPTED, SET_ROWS = 64, 256, 64
INPUT_AT, WEIGHTS_AT, NEXT_AT, BIASES_AT, OUTPUT_AT = 0x0000, 0x1000, 0x3000, 0x4000, 0x2000


@dataclasses.dataclass(frozen=True)
class Design:
    """What differs between the revisions: depths of FIFOs, and stages in front of them."""

    outputs: int
    output_stages: int
    rows: int
    row_stages: int = 10
    dividers: int = 5
    division: int = 10
    """The longest there is."""


CURRENT = Design(outputs=12, output_stages=11, rows=12, dividers=10)
FIRST_RELEASE = Design(outputs=8, output_stages=7, rows=4)


def always(_cycle: int, _address: int) -> bool:
    """A memory that is nobody else's."""
    return True


class Source:
    """A stream of reads: addresses, requests on their way out, data on its way in."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        """Beats that its buffer holds."""
        self.left: list[int] = []
        self.addresses: list[int] = []
        self.requests: list[int] = []
        self.arrived = self.buffered = self.expected = 0
        self.held = self.draining = self.active = self.done = False

    def start(self, addresses: Sequence[int]) -> None:
        self.left, self.expected = list(addresses), len(addresses)
        self.active, self.draining = True, False

    def look(self, *, room: bool) -> None:
        """Take down what is true at the beginning of the cycle."""
        self.taking, self.has_room = room, self.arrived < 2
        self.delivers = self.arrived > 0 and room
        self.asks = bool(self.requests) and self.has_room
        self.sends = self.active and bool(self.addresses) and room and len(self.requests) < 2
        self.generates = self.active and bool(self.left) and len(self.addresses) < 2
        self.idle = not self.active
        self.empty = not self.addresses

    def end(self, *, granted: bool, answered: bool) -> None:
        """The clock edge."""
        self.done = self.draining and self.empty and not self.expected
        if self.done:
            self.active = self.draining = False
        if granted:
            self.requests.pop(0)
        if self.delivers:
            self.arrived -= 1
            self.expected -= 1
            self.buffered += 1
        if answered or self.held:
            self.held = not self.has_room
            self.arrived += self.has_room
        if self.sends:
            self.requests.append(self.addresses.pop(0))
        if self.generates:
            self.addresses.append(self.left.pop(0))
            self.draining = not self.left


class Sink:
    """The stream of writes: outputs packed in twos, then a request for each pair."""

    def __init__(self) -> None:
        self.addresses = [OUTPUT_AT + 16 * g + 128 * j for g in range(4) for j in range(32)]
        self.requests: list[int] = []
        self.packed = self.half = 0

    def look(self) -> None:
        self.has_room = self.packed < 8
        self.sends = self.packed > 0 and bool(self.addresses) and len(self.requests) < 2

    def end(self, *, granted: bool, taken: bool) -> None:
        if granted:
            self.requests.pop(0)
        if self.sends:
            self.requests.append(self.addresses.pop(0))
            self.packed -= 1
        if taken:
            self.half ^= 1
            self.packed += not self.half


class Engine:
    """What takes in a row a cycle, and gives an output some stages later."""

    def __init__(self, design: Design, traffic: Traffic, *, ends_rows: bool) -> None:
        self.design, self.traffic, self.ends_rows = design, traffic, ends_rows
        self.accepted = self.in_set = self.written = self.reading = self.outputs = self.rows = 0
        self.loaded = [not traffic.preload, False]
        self.writing = int(not traffic.preload)
        self.ready: list[int] = []
        self.sums: list[int] = []
        self.free = [0] * design.dividers
        self.divider = 0
        self.bias_beats, self.bias_valid = 0, False

    def look(self, cycle: int, inputs: Source, weights: Source, sink: Sink) -> None:
        design = self.design
        divides = self.ends_rows and self.accepted >= ACCEPTED - ROWS
        full = self.outputs >= design.outputs or (divides and self.rows >= design.rows)
        bias = self.bias_valid or not self.traffic.bias
        self.accepts = self.accepted < ACCEPTED and inputs.buffered > 0 and bias
        self.accepts &= self.loaded[self.reading] and not full
        self.divides = self.accepts and divides
        self.gives = bool(self.ready) and self.ready[0] <= cycle and sink.has_room
        self.loads = weights.buffered > 0 and not self.loaded[self.writing]
        self.starts = bool(self.sums) and self.sums[0] <= cycle and self.free[self.divider] <= cycle
        self.is_busy = self.accepted < ACCEPTED

    def end(self, cycle: int, inputs: Source, weights: Source, *, biases_read: bool) -> None:
        self.bias_valid = self.bias_beats == 2 and self.accepted < ACCEPTED
        self.bias_beats += biases_read
        if self.starts:
            self.sums.pop(0)
            self.free[self.divider] = cycle + self.design.division
            self.divider = (self.divider + 1) % self.design.dividers
            self.rows -= 1
        if self.gives:
            self.ready.pop(0)
            self.outputs -= 1
        if self.loads:
            weights.buffered -= 1
            self.written += 1
            if self.written % 8 == 0:
                self.loaded[self.writing] = True
                self.writing ^= 1
        if self.accepts:
            self._accept(cycle, inputs)

    def _accept(self, cycle: int, inputs: Source) -> None:
        inputs.buffered -= self.accepted % 2
        self.accepted += 1
        if self.accepted % SET_ROWS == 0:
            self.loaded[self.reading] = False
            self.reading ^= 1
        if self.traffic.stores:
            self.outputs += 1
            self.ready.append(cycle + self.design.output_stages)
        if self.divides:
            self.rows += 1
            self.sums.append(cycle + self.design.row_stages)


class Wrapper:
    """The streams around the engine, and the one port they share."""

    def __init__(self, design: Design, traffic: Traffic, *, ends_rows: bool) -> None:
        self.traffic = traffic
        self.sources = [Source(8), Source(8), Source(2)]
        self.sink = Sink()
        self.engine = Engine(design, traffic, ends_rows=ends_rows)
        self.turn = 0
        self.answered: int | None = None
        self.last_write = 0
        self.phase = "idle"
        self.weights_to_start: list[int] = []

    def cycle(self, cycle: int, grants: Grants) -> bool:
        """One cycle; whether it is the last but one of the job."""
        inputs, weights, biases = self.sources
        for source in (inputs, weights):
            source.look(room=source.buffered < source.depth)
        biases.look(room=self.engine.bias_beats < 2)
        self.sink.look()
        self.engine.look(cycle, inputs, weights, self.sink)
        granted = self._arbitrate(cycle, grants)
        ended = self._ended(cycle)
        to_start, self.weights_to_start = self.weights_to_start, []
        for channel, source in enumerate(self.sources):
            source.end(granted=granted == channel, answered=self.answered == channel)
        self.sink.end(granted=granted == OUTPUT, taken=self.engine.gives)
        self.engine.end(cycle, inputs, weights, biases_read=biases.delivers)
        if to_start:
            weights.start(to_start)
        self._control(cycle)
        self.answered = granted if granted != OUTPUT else None
        if granted == OUTPUT:
            self.last_write = cycle
        return ended

    def _arbitrate(self, cycle: int, grants: Grants) -> int | None:
        """Round robin; the turn moves on by one with each access that is granted."""
        asks = [*(source.asks for source in self.sources), bool(self.sink.requests)]
        winner = next((c % 4 for c in range(self.turn, self.turn + 4) if asks[c % 4]), None)
        if winner is None:
            return None
        owner = self.sink if winner == OUTPUT else self.sources[winner]
        if not grants(cycle, owner.requests[0]):
            return None
        self.turn = (self.turn + 1) % 4
        return winner

    def _control(self, cycle: int) -> None:
        """Start the streams; the weights one cycle after the others."""
        inputs, weights, biases = self.sources
        if self.phase == "idle" and cycle == 1:
            self.phase = "next" if self.traffic.nextload else "last"
            inputs.start([INPUT_AT + 128 * (beat % 32) for beat in range(128)])
            if self.traffic.bias:
                biases.start([BIASES_AT, BIASES_AT + 96])
            first = 0 if self.traffic.preload else 8
            self.weights_to_start = [WEIGHTS_AT + 128 * beat for beat in range(first, 32)]
        elif self.phase == "next" and weights.done:
            self.phase = "last"
            self.weights_to_start = [NEXT_AT + 128 * beat for beat in range(8)]

    def _ended(self, cycle: int) -> bool:
        inputs, weights, biases = self.sources
        if self.phase != "last" or self.weights_to_start or not weights.idle:
            return False
        if self.traffic.stores:
            return not self.sink.addresses and not self.sink.requests and cycle > self.last_write
        return not self.engine.is_busy and inputs.idle and biases.idle


def busy_cycles(
    design: Design, traffic: Traffic, *, ends_rows: bool = False, grants: Grants = always
) -> int:
    """How long busy is high."""
    wrapper = Wrapper(design, traffic, ends_rows=ends_rows)
    cycle = 0
    while not wrapper.cycle(cycle, grants):
        cycle += 1
    return cycle + 1
