"""What Perfetto is given, read back with the reader of its own package."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from typing import Any

from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace

from tests.unit.ledger_samples import HEADING, entry
from vplat.trace.perfetto import write_perfetto
from vplat.trace.record import STATES, Arrival, Entry, Kind, Place

RUN = {**HEADING, "harts": 2, "devices": ["lamp"], "states": ["running", "halted"]}
NANOSECONDS = 10
"""Of a cycle, at 100 MHz."""
Told = tuple[str, str, int, str]
"""A track, "begin", "end", "instant" or "counter", the time in nanoseconds, and what."""


def made(entries: Iterable[Entry]) -> Any:
    file = io.BytesIO()
    write_perfetto(file, RUN, entries)
    trace = Trace()
    trace.ParseFromString(file.getvalue())
    return trace


def tracks(trace: Any) -> dict[int, str]:
    """Every track by its number: its name behind those of the tracks that it is in."""
    described = [
        each.track_descriptor for each in trace.packet if each.HasField("track_descriptor")
    ]
    own = {
        each.uuid: each.name or each.thread.thread_name or each.process.process_name
        for each in described
    }
    parents = {each.uuid: each.parent_uuid for each in described}

    def path(track: int) -> str:
        above = parents[track]
        return f"{path(above)}/{own[track]}" if above else own[track]

    return {track: path(track) for track in own}


def told(trace: Any) -> list[Told]:
    names = {number: path.rpartition("/")[2] for number, path in tracks(trace).items()}
    found = []
    for packet in trace.packet:
        if packet.HasField("track_event"):
            event = packet.track_event
            kind = event.Type.Name(event.type).removeprefix("TYPE_").removeprefix("SLICE_").lower()
            what = event.name or str(event.double_counter_value or "")
            found.append((names[event.track_uuid], kind, packet.timestamp, what))
    return found


def function(cycle: int, name: str, how: Arrival) -> Entry:
    place = Place(name, "main.c:1")
    return entry(
        Kind.FUNCTION, "harts[0].function", cycle=cycle, hart=0, first=how, place=place, pc=4
    )


def test_the_run_is_a_process_harts_are_its_threads_and_devices_and_counters_are_in_it() -> None:
    trace = made([entry(Kind.READ, hart=0), entry(Kind.BEGIN, "lamp.transfer", text="copy")])
    assert list(tracks(trace).values()) == [
        "scripted: a.elf",
        "scripted: a.elf/hart 0",
        "scripted: a.elf/hart 1",
        "scripted: a.elf/devices",
        "scripted: a.elf/counters",
        "scripted: a.elf/devices/lamp",
        "scripted: a.elf/devices/lamp/transfer",
    ]


def test_functions_are_nested_slices_of_their_hart() -> None:
    trace = made(
        [
            function(0, "start", Arrival.JUMP),
            function(5, "main", Arrival.CALL),
            function(7, "f", Arrival.CALL),
            function(9, "main", Arrival.RETURN),
        ]
    )
    assert [each for each in told(trace) if each[0] == "hart 0"] == [
        ("hart 0", "begin", 0, "start"),
        ("hart 0", "begin", 50, "main"),
        ("hart 0", "begin", 70, "f"),
        ("hart 0", "end", 90, ""),
        ("hart 0", "end", 90, ""),
        ("hart 0", "end", 90, ""),
    ]


def test_sleep_is_a_slice_and_a_hart_that_sleeps_from_the_start_has_one() -> None:
    stalled = STATES.index("stalled")
    trace = made(
        [
            entry(Kind.SLEEP, "harts[0].sleep", cycle=3, hart=0, first=stalled, text="the gate"),
            entry(Kind.WAKE, "harts[0].wake", cycle=8, hart=0),
            entry(Kind.WAKE, "harts[1].wake", cycle=9, hart=1),
        ]
    )
    assert told(trace) == [
        ("hart 1", "begin", 0, "halted"),
        ("hart 0", "begin", 30, "stalled the gate"),
        ("hart 0", "end", 80, ""),
        ("hart 1", "end", 90, ""),
    ]


def test_accesses_and_events_are_instants_of_their_device_with_what_there_is_to_say() -> None:
    place = Place("main", "main.c:3")
    access = entry(Kind.WRITE, cycle=4, hart=1, second=7, third=7, place=place, pc=0x1C00_0000)
    trace = made([access, entry(Kind.PULSE, "lamp.flashed", cycle=5, first=1)])
    assert [each for each in told(trace) if each[0] == "lamp"] == [
        ("lamp", "instant", 40, "control 0x0 -> 0x7"),
        ("lamp", "instant", 50, "flashed for hart 0"),
    ]
    (event,) = (p.track_event for p in trace.packet if p.timestamp == 40)
    notes = {each.name: each.string_value or each.uint_value for each in event.debug_annotations}
    assert notes["cycle"] == 4
    assert notes["hart"] == 1
    assert notes["new"] == 7
    assert (notes["function"], notes["line"], notes["pc"]) == ("main", "main.c:3", "0x1c000000")


def test_work_under_way_at_the_same_time_has_tracks_side_by_side() -> None:
    def work(kind: Kind, cycle: int, number: int) -> Entry:
        return entry(kind, "lamp.transfer", cycle=cycle, first=number, text=f"copy {number}")

    begin, end = Kind.BEGIN, Kind.END
    trace = made(
        [
            work(begin, 1, 10),
            work(begin, 2, 11),
            work(end, 3, 10),
            work(begin, 4, 12),
            work(end, 5, 11),
            work(end, 6, 99),
        ]
    )
    assert [each for each in told(trace) if each[0].startswith("transfer")] == [
        ("transfer", "begin", 10, "copy 10"),
        ("transfer 2", "begin", 20, "copy 11"),
        ("transfer", "end", 30, ""),
        ("transfer", "begin", 40, "copy 12"),
        ("transfer 2", "end", 50, ""),
        ("transfer", "end", 60, ""),
    ]


def test_counters_show_watts_and_bytes_a_second_from_one_sample_to_the_next() -> None:
    def sample(cycle: int, name: str, value: float, unit: str) -> Entry:
        low, high = struct.unpack("<II", struct.pack("<d", value))
        return entry(Kind.COUNTER, name, cycle=cycle, first=low, second=high, unit=unit)

    trace = made(
        [
            sample(100, "energy", 1e-9, "J"),
            sample(100, "mchan.bytes", 0.0, "B"),
            sample(300, "energy", 2e-9, "J"),
            sample(300, "mchan.bytes", 800.0, "B"),
        ]
    )
    found = [
        (track, time, round(float(what or 0), 9))
        for track, kind, time, what in told(trace)
        if kind == "counter"
    ]
    assert found == [
        ("power", 0, 1e-3),
        ("mchan bandwidth", 0, 0.0),
        ("power", 100 * NANOSECONDS, 5e-4),
        ("mchan bandwidth", 100 * NANOSECONDS, 4e8),
    ]


def test_every_slice_that_is_open_ends_with_the_trace() -> None:
    trace = made(
        [
            function(0, "start", Arrival.JUMP),
            entry(Kind.BEGIN, "lamp.transfer", cycle=2, text="copy"),
            entry(Kind.READ, cycle=20, hart=0),
        ]
    )
    ends = [(track, time) for track, kind, time, _ in told(trace) if kind == "end"]
    assert ends == [("hart 1", 200), ("hart 0", 200), ("transfer", 200)]
