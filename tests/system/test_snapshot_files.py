"""Snapshot files: what is damaged or of another run is refused, and nothing is half restored."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.system.session_runs import ending, session_of
from vplat.errors import SnapshotError, UsageError, VplatError
from vplat.machine.machine import Machine
from vplat.machine.snapshot.encoding import encode_state
from vplat.machine.snapshot.file import CHECKSUM_BYTES, START, read_snapshot

PROGRAM = "interrupts"


class Saved:
    """A file, the session that wrote it, and one to load it into."""

    def __init__(self, folder: Path) -> None:
        self.path, self.other = folder / "saved", folder / "other"
        self.session, self.target = session_of(PROGRAM), session_of(PROGRAM)
        self.session.when(60_000, lambda: self.session.save(self.path))
        self.plain = ending(self.session)
        self.content = self.path.read_bytes()
        self.beginning = fingerprint(self.target.machine)
        self.first = self.target.snapshot()

    def refusal(self, content: bytes) -> str:
        """The sentence on a file with this content; the session must be as it was."""
        self.other.write_bytes(content)
        with pytest.raises(SnapshotError) as refused:
            self.target.load(self.other)
        assert fingerprint(self.target.machine) == self.beginning
        sentence = str(refused.value)
        assert str(self.other) in sentence
        assert "\n" not in sentence
        return sentence


def fingerprint(machine: Machine) -> Any:
    """All that a restored state would change."""
    return json.dumps(encode_state(machine, machine.snapshot()).state)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """A snapshot from the middle of a run."""
    return Saved(tmp_path_factory.mktemp("snapshots"))


def sealed(content: bytes) -> bytes:
    """``content`` with the checksum that belongs to it."""
    return content + hashlib.sha256(content).digest()


def parts_of(content: bytes) -> tuple[Any, bytes, bytes]:
    """Header, state and pages as a file has them, unpacked."""
    _, _, length = START.unpack_from(content)
    header = json.loads(content[START.size : START.size + length])
    body = content[START.size + length : -CHECKSUM_BYTES]
    (packed, _), _ = header[1:]
    return header, zlib.decompress(body[:packed]), zlib.decompress(body[packed:])


def made_of(header: Any, state: bytes, pages: bytes) -> bytes:
    """A whole file again."""
    packed = zlib.compress(state), zlib.compress(pages)
    header = [header[0], [len(packed[0]), len(state)], [len(packed[1]), len(pages)]]
    text = json.dumps(header).encode()
    return sealed(START.pack(b"vplatsnp", 1, len(text)) + text + packed[0] + packed[1])


def changed(saved: Saved, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The file with something else in its state."""
    header, state, pages = parts_of(saved.content)
    data = json.loads(state)
    change(data)
    return made_of(header, json.dumps(data).encode(), pages)


def test_a_file_that_is_whole_is_restored(saved: Saved) -> None:
    session = session_of(PROGRAM)
    saved.other.write_bytes(made_of(*parts_of(saved.content)))
    session.load(saved.other)
    assert ending(session) == saved.plain


def test_the_same_state_makes_the_same_file(saved: Saved, tmp_path: Path) -> None:
    session = session_of(PROGRAM)
    session.when(60_000, lambda: session.save(tmp_path / "again"))
    session.run()
    assert (tmp_path / "again").read_bytes() == saved.content


def test_a_file_is_as_small_as_what_has_been_written_to(saved: Saved) -> None:
    assert len(saved.content) < 64 << 10


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_truncated_file_is_refused_in_one_sentence(saved: Saved, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(saved.content) - 1))
    sentence = saved.refusal(saved.content[:length])
    assert re.search("is damaged|is no snapshot", sentence)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_file_with_another_byte_is_refused_in_one_sentence(
    saved: Saved, data: st.DataObject
) -> None:
    content = bytearray(saved.content)
    position = data.draw(st.integers(0, len(content) - 1) | st.integers(0, START.size))
    content[position] ^= data.draw(st.integers(1, 255))
    sentence = saved.refusal(bytes(content))
    assert re.search("is damaged|is no snapshot|has version", sentence)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to everything in a piece of JSON, few of each long list."""
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))[:6]
    found = [path] if path else []
    for key, each in items:
        found += places(each, (*path, key))
    return found


others = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 70), 1 << 70),
    st.floats(),
    st.text(max_size=6),
    st.sampled_from(["reset", "__class__", "RUNNING", "AAAA", [], {}, [[]], [0, 0], -1, 1 << 31]),
)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_file_that_was_tampered_with_is_restored_whole_or_refused(
    saved: Saved, data: st.DataObject
) -> None:
    header, state, pages = parts_of(saved.content)
    tree = json.loads(state)
    for _ in range(data.draw(st.integers(1, 3))):
        *path, last = data.draw(st.sampled_from(places(tree)))
        place = tree
        for key in path:
            place = place[key]
        if data.draw(st.booleans()):
            place[last] = data.draw(others)
        else:
            del place[last]
    saved.other.write_bytes(made_of(header, json.dumps(tree).encode(), pages))
    try:
        saved.target.load(saved.other)
    except SnapshotError:
        assert fingerprint(saved.target.machine) == saved.beginning
    finally:
        saved.target.restore(saved.first)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda data: data["devices"].pop("mchan"), "other devices"),
        (lambda data: data["parts"].pop("accesses"), "other parts"),
        (lambda data: data["devices"]["mchan"]["words"].pop(), "other registers"),
        (lambda data: data["devices"]["mchan"]["states"].update(new=1), "other states"),
        (lambda data: data["pages"].append(["l2", 0]), "the memories' contents"),
        (lambda data: data["pages"].__setitem__(0, ["l2", 1 << 40]), "a page of memory"),
        (lambda data: data["harts"].pop(), "the harts"),
        (lambda data: data["blocks"][0].__setitem__(2, [1]), "is not what it was"),
        (lambda data: data["engine"][0].pop(), "the harts' registers"),
        (lambda data: data.update(rows="AAAA"), "the harts' rows"),
        (lambda data: data.pop("turns"), "is no bytes"),
    ],
)
def test_the_sentence_says_what_does_not_fit(
    saved: Saved, change: Callable[[dict[str, Any]], None], told: str
) -> None:
    assert told in saved.refusal(changed(saved, change))


def test_a_call_of_anything_but_a_method_of_a_device_is_refused(saved: Saved) -> None:
    def call(
        method: str, *arguments: int, owner: str = "timer"
    ) -> Callable[[dict[str, Any]], None]:
        due = [70_000, 1 << 20, owner, method, list(arguments), None]
        return lambda data: data["clock"][0].append(due)

    for change in (
        call("__init__"),
        call("name"),
        call("nothing"),
        call("reset", 5),
        call("reset", owner="nobody"),
        call("reset", owner=""),
    ):
        assert "cannot be like that" in saved.refusal(changed(saved, change))


def about(saved: Saved, **other: Any) -> bytes:
    """The file with another header."""
    header, state, pages = parts_of(saved.content)
    known = dataclasses.asdict(read_snapshot(saved.path).about) | other
    values = [
        [[key, value] for key, value in each.items()] if isinstance(each, dict) else each
        for each in known.values()
    ]
    return made_of([values, *header[1:]], state, pages)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"board": "mine"}, "it is of board 'mine', not of 'pulp-ita'; choose the other with"),
        ({"board_digest": "0"}, "board 'pulp-ita' has changed since; take it again"),
        ({"timing_digest": "0"}, "the timing table of board 'pulp-ita' has changed since"),
        ({"vplat": "9.9", "layouts": {}}, "it was taken with vplat 9.9, where the device kind '"),
        ({"operating_point": "0.10V"}, "it was taken at operating point '0.10V', not '"),
        ({"firmware": "a.elf", "firmware_digest": "0"}, "it is of a.elf, and "),
    ],
)
def test_a_file_of_another_run_is_refused_with_what_differs(
    saved: Saved, other: dict[str, Any], told: str
) -> None:
    assert told in saved.refusal(about(saved, **other))


def test_a_file_of_another_version_is_refused(saved: Saved) -> None:
    content = START.pack(b"vplatsnp", 7, 0) + saved.content[START.size :]
    assert "has version 7 of the format, and this vplat reads version 1" in saved.refusal(content)


def test_a_file_that_unpacks_to_more_than_it_says_is_refused(saved: Saved) -> None:
    header, state, pages = parts_of(saved.content)
    packed = zlib.compress(state), zlib.compress(pages + bytes(1 << 24))
    lengths = [[len(packed[0]), len(state)], [len(packed[1]), len(pages)]]
    text = json.dumps([header[0], *lengths]).encode()
    content = sealed(START.pack(b"vplatsnp", 1, len(text)) + text + packed[0] + packed[1])
    assert "is not as long as it says" in saved.refusal(content)


def test_a_file_that_is_not_there_or_no_file_is_refused(saved: Saved, tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(SnapshotError, match="cannot read the snapshot"):
            saved.target.load(path)


def test_a_place_that_cannot_be_written_to_is_refused(saved: Saved, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written: No such file or directory"):
        saved.target.save(tmp_path / "nowhere" / "saved")


def test_a_file_is_replaced_as_a_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "saved"
    path.write_text("before", "utf-8")
    session = session_of("hello")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", Mock(side_effect=OSError(28, "no room")))
        with pytest.raises(UsageError, match="no room"):
            session.save(path)
    assert path.read_text("utf-8") == "before"
    session.save(path)
    assert read_snapshot(path).about.cycle == 0
    assert list(tmp_path.iterdir()) == [path]


def test_a_session_that_has_run_goes_back_to_a_file(saved: Saved) -> None:
    session = session_of(PROGRAM)
    for _ in range(2):
        ending(session)
        session.load(saved.path)
        assert session.machine.outcome is None
    assert ending(session) == saved.plain


def test_errors_of_snapshots_are_errors_of_vplat() -> None:
    assert SnapshotError("x").exit_code == VplatError.exit_code == 125
