"""Waves, read back with the reader of pyvcd."""

from __future__ import annotations

import io
from collections.abc import Sequence

from vcd.reader import TokenKind, tokenize

from tests.unit.ledger_samples import HEADING
from vplat.trace.record import STATES, FieldLayout, Kind, Path, Place
from vplat.trace.store import Backing, Reader, Store
from vplat.trace.vcd import write_vcd

RUN = {**HEADING, "harts": 2, "devices": ["lamp"], "states": ["running", "halted"]}
PICOSECONDS = 10_000
"""Of a cycle, at 100 MHz."""
BUSY = FieldLayout("busy", 3, 3, readable=True, writable=False)
Change = tuple[int, str, object]
Record = tuple[int, Kind, int, Path, int, int, int]


def place_of(pc: int) -> Place:
    return Place({4: "main", 8: "memcpy (tiny)"}.get(pc, ""), "")


def waves(records: Sequence[Record], texts: Sequence[str] = ()) -> list[Change]:
    """The changes after the initial values: cycle, signal, value."""
    store = Store(Backing(io.BytesIO()), RUN, place_of)
    numbers: dict[str, int] = {}
    waiting = list(texts)
    for cycle, kind, hart, path, first, second, third in records:
        if path.name not in numbers:
            numbers[path.name] = store.add_path(path)
        if kind in (Kind.BEGIN, Kind.SLEEP):
            third = store.add_text(waiting.pop(0), {})  # noqa: PLW2901 - its text's number
        pc = first if kind is Kind.FUNCTION else 0
        store.append((cycle, kind, hart, 0, numbers[path.name], pc, first, second, third))
    store.settle(1 << 62)
    file = io.BytesIO()
    write_vcd(file, Reader(store.backing, "it"))
    return read(file.getvalue())


def read(dump: bytes) -> list[Change]:
    scopes: list[str] = []
    names: dict[str, str] = {}
    changes: list[Change] = []
    time, initial = 0, True
    for token in tokenize(io.BytesIO(dump)):
        match token.kind:
            case TokenKind.SCOPE:
                scopes.append(token.scope.ident)
            case TokenKind.UPSCOPE:
                scopes.pop()
            case TokenKind.VAR:
                names[token.var.id_code] = ".".join([*scopes, token.var.reference])
            case TokenKind.CHANGE_TIME:
                time = token.time_change
            case TokenKind.END:
                initial = False
            case TokenKind.CHANGE_SCALAR | TokenKind.CHANGE_VECTOR | TokenKind.CHANGE_STRING:
                found = getattr(token, token.kind.name.removeprefix("CHANGE_").lower() + "_change")
                value = found.value
                if token.kind is TokenKind.CHANGE_SCALAR and value in ("0", "1"):
                    value = int(value)
                if not initial:
                    changes.append((time // PICOSECONDS, names[found.id_code], value))
            case TokenKind.CHANGE_REAL:
                changes.append(
                    (time // PICOSECONDS, names[token.real_change.id_code], token.real_change.value)
                )
    return changes


LAMP = Path("lamp.control", "lamp", (BUSY,))


def test_a_register_shows_what_harts_read_and_what_stores_leave_and_its_fields_do_too() -> None:
    changes = waves([(3, Kind.READ, 0, LAMP, 0x8, 0, 0), (5, Kind.WRITE, 1, LAMP, 0x8, 0xFF, 0x21)])
    assert changes == [
        (3, "lamp.control", 0x8),
        (3, "lamp.control_fields.busy", 1),
        (5, "lamp.control", 0x21),
        (5, "lamp.control_fields.busy", 0),
    ]


def test_elements_of_an_array_are_signals_without_brackets() -> None:
    changes = waves([(3, Kind.READ, 0, Path("lamp.row[1]", "lamp"), 7, 0, 0)])
    assert changes == [(3, "lamp.row_1", 7)]


def test_events_are_pulses_and_lines_have_levels() -> None:
    flashed, lit = Path("lamp.flashed", "lamp"), Path("lamp.lit", "lamp")
    changes = waves(
        [
            (2, Kind.PULSE, -1, flashed, 1, 0, 0),
            (4, Kind.LEVEL, -1, lit, 1, 1, 0),
            (6, Kind.PULSE, -1, flashed, 1, 0, 0),
            (7, Kind.LEVEL, -1, lit, 1, 0, 0),
        ]
    )
    assert changes == [
        (2, "lamp.flashed", 1),
        (4, "lamp.lit", 1),
        (6, "lamp.flashed", 1),
        (7, "lamp.lit", 0),
    ]


def test_harts_show_whether_they_run_and_what_they_wait_for_and_their_function() -> None:
    sleep, wake = Path("harts[0].sleep", "harts[0]"), Path("harts[0].wake", "harts[0]")
    function = Path("harts[0].function", "harts[0]")
    changes = waves(
        [
            (1, Kind.FUNCTION, 0, function, 4, 0, 0),
            (2, Kind.SLEEP, 0, sleep, STATES.index("stalled"), 0, 0),
            (9, Kind.WAKE, 0, wake, 0, 0, 0),
            (9, Kind.FUNCTION, 0, function, 8, 0, 0),
        ],
        ["the gate"],
    )
    assert changes == [
        (1, "harts.hart0.function", "main"),
        (2, "harts.hart0.runs", 0),
        (2, "harts.hart0.state", "stalled_the_gate"),
        (9, "harts.hart0.runs", 1),
        (9, "harts.hart0.state", "running"),
        (9, "harts.hart0.function", "memcpy_tiny_"),
    ]


def test_work_is_counted_while_it_is_under_way() -> None:
    path = Path("lamp.transfer", "lamp")
    changes = waves(
        [
            (1, Kind.END, -1, path, 9, 0, 0),
            (2, Kind.BEGIN, -1, path, 1, 0, 0),
            (3, Kind.BEGIN, -1, path, 2, 0, 0),
            (5, Kind.END, -1, path, 1, 0, 0),
            (6, Kind.END, -1, path, 2, 0, 0),
        ],
        ["copy a", "copy b"],
    )
    counts = [(cycle, value) for cycle, name, value in changes if name == "lamp.transfers"]
    assert counts == [(2, 1), (3, 2), (5, 1), (6, 0)]
    labels = [value for _, name, value in changes if name == "lamp.transfer_label"]
    assert labels[:2] == ["copy_a", "copy_b"]


def test_an_empty_ledger_is_a_dump_without_changes() -> None:
    assert waves([]) == []
