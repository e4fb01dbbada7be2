"""What firmware has under way with the host goes back with it: files, HTIF, the console."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vplat.errors import SnapshotError
from vplat.machine.console import ConsoleState, RecordingConsole
from vplat.machine.host import Htif, Semihosting
from vplat.machine.host.failure import Errno
from vplat.machine.host.operation import Operation
from vplat.machine.host.scripted import ScriptedGuest
from vplat.machine.snapshot.part import Part
from vplat.machine.snapshot.parts import state_hint
from vplat.machine.snapshot.plain import decode, encode
from vplat.session import HostConsole
from vplat.session.console import KEPT_BYTES

BASE = 0x8000_0000
BLOCK, TEXT, BUFFER = BASE, BASE + 0x200, BASE + 0x400
READ, UPDATE, WRITE, APPEND = 0, 2, 4, 8


def through_a_file(part: Part, state: Any) -> Any:
    """``state`` as a file brings it back."""
    hint = state_hint(part)
    return decode(json.loads(json.dumps(encode(state, hint))), hint)


class Firmware:
    """Firmware that uses files."""

    def __init__(self, directory: Path | None) -> None:
        self.guest = ScriptedGuest()
        self.host = Semihosting(self.guest, directory)

    def call(self, operation: int, *fields: int, hart: int = 0) -> int:
        """The result of a call."""
        self.guest.write(BLOCK, struct.pack(f"<{len(fields)}I", *fields))
        return self.host.call(hart, operation, BLOCK)

    def open(self, name: str, mode: int) -> int:
        """The handle."""
        self.guest.write(TEXT, os.fsencode(name) + b"\0")
        return self.call(Operation.SYS_OPEN, TEXT, mode, len(os.fsencode(name)))

    def write(self, handle: int, text: bytes) -> int:
        """The bytes that were not written."""
        self.guest.write(BUFFER, text)
        return self.call(Operation.SYS_WRITE, handle, BUFFER, len(text))

    def read(self, handle: int, length: int) -> bytes:
        """What was read."""
        left = self.call(Operation.SYS_READ, handle, BUFFER, length)
        return self.guest.read(BUFFER, length - left)


@pytest.fixture
def firmware(tmp_path: Path) -> Iterator[Firmware]:
    """Firmware that may use a directory."""
    made = Firmware(tmp_path)
    yield made
    made.host.close()


@pytest.mark.parametrize("elsewhere", [False, True])
def test_files_are_open_again_where_they_stood(
    firmware: Firmware, tmp_path: Path, elsewhere: bool
) -> None:
    (tmp_path / "in").write_bytes(b"0123456789")
    source, target = firmware.open("in", READ), firmware.open("out", WRITE)
    features = firmware.open(":semihosting-features", READ)
    assert firmware.read(source, 4) == b"0123"
    assert firmware.read(features, 2) == b"SH"
    firmware.write(target, b"first ")
    state = through_a_file(firmware.host, firmware.host.snapshot())
    firmware.write(target, b"second")
    assert firmware.read(source, 3) == b"456"
    firmware.call(Operation.SYS_CLOSE, source)
    other = Firmware(tmp_path) if elsewhere else firmware
    other.host.restore(state)
    assert other.read(source, 3) == b"456"
    assert other.read(features, 2) == b"FB"
    other.write(target, b"third")
    assert (tmp_path / "out").read_bytes() == b"first thirdd"
    other.host.close()


def test_what_was_appended_later_is_appended_again_and_not_twice(
    firmware: Firmware, tmp_path: Path
) -> None:
    log = firmware.open("log", APPEND)
    firmware.write(log, b"one ")
    state = firmware.host.snapshot()
    for _ in range(3):
        firmware.write(log, b"two")
        firmware.host.restore(state)
    firmware.write(log, b"two")
    assert (tmp_path / "log").read_bytes() == b"one two"


def test_a_file_that_was_opened_later_is_not_open_any_more(firmware: Firmware) -> None:
    state = firmware.host.snapshot()
    handle = firmware.open("new", WRITE)
    firmware.host.restore(state)
    assert firmware.write(handle, b"x") == 1
    assert firmware.open("other", WRITE) == handle


def test_each_harts_failure_is_the_one_of_the_moment(firmware: Firmware) -> None:
    firmware.call(Operation.SYS_CLOSE, 99, hart=3)
    state = through_a_file(firmware.host, firmware.host.snapshot())
    firmware.open("missing", READ)
    firmware.call(Operation.SYS_OPEN, TEXT, 0, 1, hart=3)
    firmware.host.restore(state)
    assert firmware.call(Operation.SYS_ERRNO, hart=3) == Errno.EBADF
    assert firmware.call(Operation.SYS_ERRNO, hart=0) == 0


@pytest.mark.parametrize("change", ["removed", "shorter", "a directory"])
def test_a_file_that_is_not_as_it_was_is_refused(
    firmware: Firmware, tmp_path: Path, change: str
) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"0123456789")
    firmware.open("data", UPDATE)
    state = firmware.host.snapshot()
    firmware.host.close()
    path.unlink()
    if change == "shorter":
        path.write_bytes(b"012")
    elif change == "a directory":
        path.mkdir()
    with pytest.raises(
        SnapshotError, match="the file 'data' open at the snapshot, at byte 0 of 10"
    ):
        firmware.host.restore(state)


def test_a_file_without_a_directory_to_look_in_is_refused(firmware: Firmware) -> None:
    firmware.open("new", WRITE)
    with pytest.raises(SnapshotError, match="grant the directory that holds it with --files"):
        Firmware(None).host.restore(firmware.host.snapshot())


def test_answers_that_wait_in_htif_are_given_later() -> None:
    guest = ScriptedGuest(typed=[b"", b"", b"x"])
    htif = Htif(guest, BASE, BASE + 8)
    guest.write(BASE, struct.pack("<Q", 1 << 56))
    htif.stored(BASE, 4)
    htif.stored(BASE + 4, 4)
    assert htif.awaits_input
    state = through_a_file(htif, htif.snapshot())
    other = Htif(guest, BASE, BASE + 8)
    assert not other.awaits_input
    other.restore(state)
    while other.awaits_input:
        other.poll()
    assert guest.read(BASE + 8, 8)[0] == ord("x")


def test_a_console_in_memory_gives_its_input_again() -> None:
    console = RecordingConsole(b"abcdef")
    console.print(b"early", 0)
    assert console.receive(2) == b"ab"
    state = through_a_file(console, console.snapshot())
    console.print(b" late", 0)
    assert console.receive(9) == b"cdef"
    assert console.input_ended()
    console.restore(state)
    assert console.text == b"early"
    assert not console.input_ended()
    assert console.receive(9) == b"cdef"
    another = RecordingConsole(b"abcdef")
    another.restore(state)
    assert (another.text, another.receive(9)) == (b"early", b"cdef")


def test_the_hosts_console_goes_on_in_a_file_where_it_was_left(tmp_path: Path) -> None:
    (tmp_path / "typed").write_bytes(b"abcdef")
    with (tmp_path / "typed").open("rb", buffering=0) as typed:
        console = HostConsole(source=typed.fileno())
        console.print(b"early", 0)
        assert console.receive(2) == b"ab"
        state = through_a_file(console, console.snapshot())
        assert console.receive(9) == b"cdef"
        assert console.receive(9) == b""
        assert console.input_ended()
        console.restore(state)
        assert not console.input_ended()
        assert console.wait_for_input()
        assert console.receive(3) == b"cde"
        assert console.receive(3) == b"f"
    with (tmp_path / "typed").open("rb", buffering=0) as typed:
        other = HostConsole(source=typed.fileno())
        other.restore(state)
        assert other.text == "early"
        assert other.receive(9) == b"cdef"


def test_a_pipe_gives_what_comes_next_in_another_process() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"xyz")
    console = HostConsole(source=reading)
    console.restore(ConsoleState(b"", 0, 5, ended=False))
    assert console.receive(9) == b"xyz"
    os.close(writing)
    os.close(reading)


def test_an_input_whose_end_was_seen_stays_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "typed").write_bytes(b"")
    with (tmp_path / "typed").open("rb", buffering=0) as typed:
        console = HostConsole(source=typed.fileno())
        before = console.snapshot()
        assert console.receive(1) == b""
        after = console.snapshot()
        console.restore(before)
        assert not console.input_ended()
        console.restore(after)
        assert console.input_ended()


def test_what_is_kept_of_a_long_output_does_not_depend_on_where_it_was_interrupted() -> None:
    plain, interrupted = HostConsole(), HostConsole()
    text = b"".join(b"line %d\n" % number for number in range(150_000))
    for start in range(0, len(text), 7000):
        plain.print(text[start : start + 7000], 0)
        interrupted.print(text[start : start + 7000], 0)
        if start % 21_000 == 0:
            interrupted.restore(interrupted.snapshot())
    assert interrupted.text == plain.text == text[-KEPT_BYTES:].decode()
    assert interrupted.dropped_bytes == plain.dropped_bytes == len(text) - KEPT_BYTES
