"""Entries in words: as lines of text, and as JSON."""

from __future__ import annotations

import json

from tests.unit.ledger_samples import HEADING, entry
from vplat.model import ALL_HARTS
from vplat.trace.jsonl import heading_line, json_lines
from vplat.trace.record import Arrival, Entry, FieldLayout, Kind, Place
from vplat.trace.text import line, text_lines
from vplat.trace.wording import in_words

ON = FieldLayout("on", 0, 0, readable=True, writable=True)
MODE = FieldLayout("mode", 5, 4, readable=True, writable=True, values={0: "SLOW", 3: "FAST"})
GO = FieldLayout("go", 8, 8, readable=False, writable=True)
COUNT = FieldLayout("count", 15, 8, readable=True, writable=False)
FIELDS = (ON, MODE, GO, COUNT)


def write(old: int, written: int, new: int, *, fields: tuple[FieldLayout, ...] = FIELDS) -> str:
    return in_words(entry(Kind.WRITE, first=old, second=written, third=new, fields=fields))


def test_a_store_names_the_fields_that_it_changes_from_what_to_what() -> None:
    assert write(0, 0x31, 0x31) == "0x0 -> 0x31 on 0 -> 1, mode SLOW -> FAST"


def test_a_store_names_what_it_writes_to_fields_that_do_not_keep_it() -> None:
    assert write(0x1, 0x101, 0x1) == "0x101 on, go"
    assert write(0x1, 0x1, 0x0) == "0x1 on 1 -> 0"


def test_a_store_to_a_plain_word_shows_the_word_before_and_after() -> None:
    assert write(1, 5, 5, fields=()) == "0x1 -> 0x5"
    assert write(1, 5, 4, fields=()) == "0x5 (0x1 -> 0x4)"
    assert write(1, 5, 1, fields=()) == "0x5"


def test_a_store_to_what_nobody_can_read_shows_what_is_written() -> None:
    secret = entry(Kind.WRITE, first=1, second=5, third=5, readable=False)
    assert in_words(secret) == "0x5"


def test_a_load_names_the_fields_that_are_not_zero_where_two_overlap_the_one_it_sees() -> None:
    told = in_words(entry(Kind.READ, first=0x2B31, fields=FIELDS))
    assert told == "0x2b31 on mode=FAST count=0x2b"


def test_harts_are_named_unless_an_event_is_for_all_of_them() -> None:
    assert in_words(entry(Kind.PULSE, first=ALL_HARTS)) == ""
    assert in_words(entry(Kind.PULSE, first=0b1001)) == "for harts 0, 3"
    assert in_words(entry(Kind.LEVEL, first=0b100, second=1)) == "-> 1 for hart 2"
    assert in_words(entry(Kind.LEVEL, first=0, second=0)) == "-> 0 for no hart"


def test_a_line_has_columns_that_do_not_move() -> None:
    place = Place("main", "app/main.c:42")
    first = entry(Kind.READ, cycle=7, hart=2, first=1, place=place, pc=4)
    second = entry(Kind.WRITE, "mchan.status", cycle=1_234_567, hart=12, third=3, place=place, pc=4)
    lines = [line(first), line(second)]
    assert lines[0].split() == ["7", "h2", "read", "lamp.control", "0x1", "main", "app/main.c:42"]
    assert lines[1].startswith("   1,234,567  h12 write")
    assert lines[0].index("main app") == lines[1].index("main app")


def test_a_line_on_work_has_its_figures_and_addresses_in_hexadecimal() -> None:
    details = {"from": 0x1C00_0000, "to": 16, "bytes": 64}
    told = line(entry(Kind.BEGIN, "dma.transfer", first=3, text="copy", details=details))
    assert told.split(maxsplit=3)[3] == (
        "dma.transfer 3                     copy: from 0x1c000000, to 0x00000010, bytes 64"
    )


def test_changes_of_function_are_shown_only_where_they_are_asked_for() -> None:
    entries = [
        entry(Kind.FUNCTION, "harts[0].function", hart=0, place=Place("main", "a.c:1")),
        entry(Kind.COUNTER, "energy", unit="J"),
        entry(Kind.WAKE, "harts[0].wake", hart=0),
    ]
    assert len(list(text_lines(entries))) == 1
    shown = list(text_lines(entries, functions=True))
    assert len(shown) == 2
    assert "call main" in shown[0]


def test_json_lines_begin_with_the_run_and_have_an_object_for_each_entry() -> None:
    assert json.loads(heading_line(HEADING)) == {"kind": "ledger", **HEADING}
    place = Place("main", "main.c:3")
    stored = entry(
        Kind.WRITE, hart=1, first=0, second=0x31, third=0x31, fields=(ON, MODE), place=place, pc=16
    )
    assert [json.loads(each) for each in json_lines([stored])] == [
        {
            "cycle": 10,
            "kind": "write",
            "path": "lamp.control",
            "hart": 1,
            "old": 0,
            "written": 0x31,
            "new": 0x31,
            "fields": {
                "on": {"old": 0, "written": 1, "new": 1},
                "mode": {"old": 0, "written": 3, "new": 3},
            },
            "pc": 16,
            "function": "main",
            "line": "main.c:3",
        }
    ]


def test_every_kind_of_entry_can_be_said_in_words_and_as_json() -> None:
    def made(kind: Kind) -> Entry:
        return entry(kind, "harts[1].thing", hart=1, first=int(Arrival.RETURN), text="why", pc=4)

    for kind in Kind:
        assert line(made(kind))
        said = json.loads(next(json_lines([made(kind)])))
        assert said["cycle"] == 10
        assert said["path"] == "harts[1].thing"
