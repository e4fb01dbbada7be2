"""The ledger for Perfetto: a track a hart with its functions, tracks for devices, counters.

https://ui.perfetto.dev opens the file. Times are nanoseconds at the run's clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from .calls import CallStack
from .record import STATES, Arrival, Entry, Kind
from .wording import ADDRESSES, as_json, in_words

if TYPE_CHECKING:
    from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import TracePacket, TrackEvent

SEQUENCE: Final = 1
PROCESS, DEVICES, COUNTERS = 1, 2, 3
FIRST_TRACK: Final = 16
PICO: Final = 1e-12
POWER: Final = "power"
SAID_ELSEWHERE: Final = ("cycle", "kind", "path")
"""What of an entry its time, its name and its track say."""


def write_perfetto(file: BinaryIO, heading: Mapping[str, Any], entries: Iterable[Entry]) -> None:
    """Write a trace. It needs the package perfetto."""
    from perfetto.trace_builder.proto_builder import StreamingTraceProtoBuilder

    _Writer(StreamingTraceProtoBuilder(file), heading).write(entries)


class _Writer:
    def __init__(self, builder: Any, heading: Mapping[str, Any]) -> None:
        self._builder, self._hertz = builder, heading["hertz"]
        self._tracks: dict[str, int] = {}
        self._open: dict[int, int] = {}
        self._lanes: dict[str, list[Entry | None]] = {}
        self._stacks = [CallStack() for _ in range(heading["harts"])]
        self._asleep = [False] * heading["harts"]
        self._counted: dict[str, tuple[int, float]] = {}
        self._end = 0
        self._describe_run(heading)

    def write(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._end = max(self._end, entry.cycle)
            if entry.kind is Kind.COUNTER:
                self._count(entry)
            elif entry.kind in (Kind.BEGIN, Kind.END):
                self._work(entry)
            elif entry.kind in (Kind.READ, Kind.WRITE, Kind.PULSE, Kind.LEVEL):
                self._instant(self._track(entry.path.owner, DEVICES), entry)
            else:
                self._hart(entry)
        for track, depth in self._open.items():
            for _ in range(depth):
                self._end_slice(track, self._end)

    # Harts.

    def _hart(self, entry: Entry) -> None:
        track, stack = FIRST_TRACK + entry.hart, self._stacks[entry.hart]
        match entry.kind:
            case Kind.SLEEP:
                name = f"{STATES[entry.first]} {entry.text}".rstrip()
                self._begin_slice(track, entry.cycle, name, entry)
                self._asleep[entry.hart] = True
            case Kind.WAKE if self._asleep[entry.hart]:
                self._end_slice(track, entry.cycle)
                self._asleep[entry.hart] = False
            case Kind.FUNCTION:
                leaves, enters = stack.enter(entry.place.function or "?", Arrival(entry.first))
                for _ in range(min(leaves, self._open.get(track, 0))):
                    self._end_slice(track, entry.cycle)
                if enters:
                    self._begin_slice(track, entry.cycle, stack.functions[-1], None)
            case Kind.TRAP | Kind.INTERRUPT:
                stack.interrupt()
                self._instant(track, entry)
            case Kind.RETURN:
                self._instant(track, entry)

    # Devices.

    def _work(self, entry: Entry) -> None:
        """Each thing that is under way at the same time has a track of its own."""
        lanes = self._lanes.setdefault(entry.path.name, [])
        begins = entry.kind is Kind.BEGIN
        here = (
            index
            for index, each in enumerate(lanes)
            if (each is None if begins else each is not None and each.number == entry.number)
        )
        lane = next(here, None)
        if lane is None:
            if not begins:
                return
            lane = len(lanes)
            lanes.append(None)
        owner = self._track(entry.path.owner, DEVICES)
        name = entry.path.member + (f" {lane + 1}" if lane else "")
        track = self._track(f"{entry.path.owner} {name}", owner, name)
        lanes[lane] = entry if begins else None
        if begins:
            self._begin_slice(track, entry.cycle, entry.text or entry.path.member, entry)
        else:
            self._end_slice(track, entry.cycle)

    def _count(self, entry: Entry) -> None:
        """What came in since the last sample, by the time since then."""
        name, unit = entry.path.name, entry.path.unit
        before, value = self._counted.get(name, (0, 0.0))
        self._counted[name] = entry.cycle, entry.value
        seconds = (entry.cycle - before) / self._hertz
        if seconds <= 0:
            return
        title, shown = (POWER, "W") if unit == "J" else (f"{entry.path.owner} bandwidth", "B/s")
        known = title in self._tracks
        track = self._track(title, COUNTERS)
        if not known:
            self._describe_counter(track, title, shown)
        event = self._event(track, before, "TYPE_COUNTER")
        event.track_event.double_counter_value = (entry.value - value) / seconds
        self._builder.write_packet(event)

    # Packets.

    def _track(self, name: str, parent: int, title: str = "") -> int:
        """The track of a device, of one kind of its work, or of a counter."""
        track = self._tracks.get(name)
        if track is None:
            track = self._tracks[name] = FIRST_TRACK + len(self._stacks) + len(self._tracks)
            if parent != COUNTERS:
                self._describe(track, title or name, parent)
        return track

    def _describe_run(self, heading: Mapping[str, Any]) -> None:
        packet = self._packet()
        packet.track_descriptor.uuid = PROCESS
        packet.track_descriptor.process.pid = PROCESS
        packet.track_descriptor.process.process_name = f"{heading['board']}: {heading['elf']}"
        self._builder.write_packet(packet)
        for hart in range(heading["harts"]):
            packet = self._packet()
            packet.track_descriptor.uuid = FIRST_TRACK + hart
            packet.track_descriptor.parent_uuid = PROCESS
            packet.track_descriptor.thread.pid = PROCESS
            packet.track_descriptor.thread.tid = PROCESS + 1 + hart
            packet.track_descriptor.thread.thread_name = f"hart {hart}"
            self._builder.write_packet(packet)
        self._describe(DEVICES, "devices", PROCESS)
        self._describe(COUNTERS, "counters", PROCESS)
        for hart, state in enumerate(heading["states"]):
            if state != STATES[0]:
                self._begin_slice(FIRST_TRACK + hart, 0, state, None)
                self._asleep[hart] = True

    def _describe(self, track: int, name: str, parent: int) -> None:
        packet = self._packet()
        packet.track_descriptor.uuid = track
        packet.track_descriptor.parent_uuid = parent
        packet.track_descriptor.name = name
        self._builder.write_packet(packet)

    def _describe_counter(self, track: int, name: str, unit: str) -> None:
        packet = self._packet()
        packet.track_descriptor.uuid = track
        packet.track_descriptor.parent_uuid = COUNTERS
        packet.track_descriptor.name = name
        packet.track_descriptor.counter.unit_name = unit
        self._builder.write_packet(packet)

    def _begin_slice(self, track: int, cycle: int, name: str, entry: Entry | None) -> None:
        packet = self._event(track, cycle, "TYPE_SLICE_BEGIN")
        packet.track_event.name = name
        if entry is not None:
            _annotate(packet.track_event, entry)
        self._open[track] = self._open.get(track, 0) + 1
        self._builder.write_packet(packet)

    def _end_slice(self, track: int, cycle: int) -> None:
        self._open[track] = self._open.get(track, 0) - 1
        self._builder.write_packet(self._event(track, cycle, "TYPE_SLICE_END"))

    def _instant(self, track: int, entry: Entry) -> None:
        packet = self._event(track, entry.cycle, "TYPE_INSTANT")
        said = in_words(entry)
        is_of_hart = entry.path.owner.startswith("harts[")
        packet.track_event.name = said if is_of_hart else f"{entry.path.member} {said}".rstrip()
        _annotate(packet.track_event, entry)
        self._builder.write_packet(packet)

    def _event(self, track: int, cycle: int, kind: str) -> TracePacket:
        packet = self._packet()
        packet.timestamp = round(cycle * 1e9 / self._hertz)
        packet.track_event.type = getattr(packet.track_event, kind)
        packet.track_event.track_uuid = track
        return packet

    def _packet(self) -> TracePacket:
        packet: TracePacket = self._builder.create_packet()
        packet.trusted_packet_sequence_id = SEQUENCE
        return packet


def _annotate(event: TrackEvent, entry: Entry) -> None:
    """What the entry says beside its time, its name and its track."""
    for name, value in {"cycle": entry.cycle, **_said(entry)}.items():
        annotation = event.debug_annotations.add()
        annotation.name = name
        if isinstance(value, int):
            annotation.uint_value = value
        else:
            annotation.string_value = str(value)


def _said(entry: Entry) -> dict[str, Any]:
    said = {name: value for name, value in as_json(entry).items() if name not in SAID_ELSEWHERE}
    for name, values in said.pop("fields", {}).items():
        said[name] = values["new"] if isinstance(values, dict) else values
    for name in (*ADDRESSES, "pc"):
        if isinstance(said.get(name), int):
            said[name] = f"{said[name]:#010x}"
    return said
