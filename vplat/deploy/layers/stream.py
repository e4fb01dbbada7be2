"""Streams of a layer's pipeline, as `firmware/deploy/pipeline.h` defines them."""

from __future__ import annotations

from dataclasses import dataclass, field

from .c_text import members, truth
from .layer import HOME_ALIGNMENT, Buffer, Cost, Names


def aligned(size: int, alignment: int = HOME_ALIGNMENT) -> int:
    """``size`` rounded up."""
    return -(-size // alignment) * alignment


@dataclass(frozen=True)
class Extent:
    """Which rows, or bytes of a row, a stripe has: a `struct extent`."""

    count: int
    total: int
    outer: int = 0
    inner: int = 0
    lead: int = 0

    @classmethod
    def all(cls, total: int) -> Extent:
        """The same for all stripes."""
        return cls(total, total)

    @classmethod
    def cut(cls, total: int, count: int, *, outer: bool = False) -> Extent:
        """``count`` for each stripe of the inner loop, or of the outer one."""
        return cls(count, total, count if outer else 0, 0 if outer else count)

    @property
    def most(self) -> int:
        """What a window has at most."""
        return min(self.count, self.total)

    def text(self) -> str:
        """A C initialiser."""
        if (self.outer, self.inner, self.lead) == (0, 0, 0) and self.count >= self.total:
            return f"EXTENT_ALL({self.total})"
        values = {
            "outer": self.outer,
            "inner": self.inner,
            "lead": self.lead,
            "count": self.count,
            "total": self.total,
        }
        return "{" + members({name: str(value) for name, value in values.items() if value}) + "}"


@dataclass(frozen=True)
class Stream:
    """
    A `struct stream`: what comes from ``source``, a tensor or one of the layer's constants, or goes
    to it. ``offset`` are bytes from the source's beginning. ``batches`` are offsets in bytes.
    """

    role: str
    source: str
    rows: Extent
    bytes: Extent
    stride: int
    is_constant: bool = False
    is_result: bool = False
    in_l1: bool = True
    offset: int = 0
    batches: tuple[int, ...] = (0,)
    place: str = ""
    """The buffer in L1, if it is not one of its own, named like its role."""

    @property
    def buffer(self) -> str:
        """The name of its buffer in L1."""
        return self.place or self.role

    @property
    def window_bytes(self) -> int:
        """What a window takes in L1, aligned."""
        return aligned(max(1, self.rows.most * self.bytes.most))

    def changes(self, plan: Plan) -> int:
        """How often a window follows that is another one than that before it, the first counted."""
        batches = 1 + sum(a != b for a, b in zip(self.batches, self.batches[1:], strict=False))
        outer = plan.outer if self.rows.outer or self.bytes.outer else 1
        inner = plan.inner if self.rows.inner or self.bytes.inner else 1
        if inner > 1:
            return plan.batches * plan.outer * inner
        return (plan.batches if outer > 1 else batches) * outer

    def batch_stride(self) -> int | None:
        """The distance of batches, if it is always the same."""
        steps = {b - a for a, b in zip(self.batches, self.batches[1:], strict=False)}
        if self.batches[0] != 0 or len(steps) > 1:
            return None
        return steps.pop() if steps else 0


OUTSIDE = 4
"""
How much worse a byte is that harts take from outside L1 than its wait: whatever else the code does
then is priced like that, too, from then on (docs/timing.md, "What is told by the first run").
"""
STRIPE_CYCLES = 250
"""What a stripe takes beside its work: windows, transfers, a barrier."""


@dataclass(frozen=True)
class Plan:
    """A `struct pipeline`: streams, loops, and what else is needed in L1."""

    streams: tuple[Stream, ...]
    inner: int = 1
    outer: int = 1
    batches: int = 1
    steps: int = 1
    scratch: tuple[Buffer, ...] = ()
    compute_cycles: int = 0
    outside_bytes: int = field(default=0)

    @property
    def stripes(self) -> int:
        """How many there are."""
        return self.batches * self.outer * self.inner

    def buffers(self) -> tuple[Buffer, ...]:
        """What it takes in L1: a place for each window, two where windows differ."""
        found: dict[str, Buffer] = {}
        for stream in self.streams:
            if stream.in_l1:
                places = 2 if stream.changes(self) > 1 else 1
                size = places * stream.window_bytes
                found.setdefault(stream.buffer, Buffer(stream.buffer, size))
        return (*found.values(), *self.scratch)

    def cost(self) -> Cost:
        """What it is expected to cost."""
        moved = [
            (stream.changes(self), stream.rows.most, stream.bytes.most)
            for stream in self.streams
            if stream.in_l1
        ]
        return Cost(
            compute_cycles=self.compute_cycles + STRIPE_CYCLES * self.stripes,
            dma_bytes=sum(times * rows * width for times, rows, width in moved),
            transfers=sum(times for times, _, _ in moved),
            barriers=self.stripes * self.steps + 1,
            outside_bytes=OUTSIDE * self.outside_bytes,
        )


def stream_text(stream: Stream, plan: Plan, names: Names, batches: str) -> str:
    """A stream as a C initialiser; ``batches`` is the name of its offsets, or empty."""
    home = names.constant(stream.source) if stream.is_constant else names.home(stream.source)
    if stream.is_constant:
        home = f"(int8_t *){home}"
    if stream.offset:
        home = f"{home} + {stream.offset}"
    values = {"home": home}
    if stream.in_l1:
        first = names.l1(stream.buffer)
        second = f"{first} + {stream.window_bytes}" if stream.changes(plan) > 1 else first
        values["place"] = f"{{{first}, {second}}}"
    values["rows"] = stream.rows.text()
    values["bytes"] = stream.bytes.text()
    values["stride"] = str(stream.stride)
    if batches:
        values["batches"] = batches
    elif stream.batch_stride():
        values["batch_stride"] = str(stream.batch_stride())
    if stream.is_result:
        values["is_result"] = truth(True)
    lines = "".join(f"        .{name} = {value},\n" for name, value in values.items())
    return f"    {{ /* {stream.role} */\n{lines}    }},\n"
