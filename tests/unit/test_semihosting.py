"""RISC-V semihosting, operation by operation, on a guest without a machine."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vplat.machine.host import STDERR, STDOUT, Semihosting, is_semihosting_trap
from vplat.machine.host.failure import Errno
from vplat.machine.host.guest_memory import LARGEST_TRANSFER
from vplat.machine.host.open_file import MOST_OPEN_FILES
from vplat.machine.host.operation import STOP_REASONS, Operation
from vplat.machine.host.scripted import ScriptedGuest
from vplat.model import Stall

BASE = 0x8000_0000
BLOCK = BASE + 0x100
TEXT = BASE + 0x200
BUFFER = BASE + 0x400
NOWHERE = 0x4000
FAILED = 0xFFFF_FFFF
READ_MODE, WRITE_MODE, APPEND_MODE = 0, 4, 8


class Firmware:
    """Makes calls as firmware does: a parameter block in memory, the operation, the result."""

    def __init__(self, guest: ScriptedGuest, directory: Path | None = None) -> None:
        self.guest = guest
        self.host = Semihosting(guest, directory)

    def call(self, operation: int, *fields: int, hart: int = 0) -> int:
        self.guest.write(BLOCK, struct.pack(f"<{len(fields)}I", *fields))
        return self.host.call(hart, operation, BLOCK)

    def open(self, name: str, mode: int) -> int:
        text = os.fsencode(name)
        self.guest.write(TEXT, text + b"\0")
        return self.call(Operation.SYS_OPEN, TEXT, mode, len(text))

    def write(self, handle: int, text: bytes) -> int:
        self.guest.write(BUFFER, text)
        return self.call(Operation.SYS_WRITE, handle, BUFFER, len(text))

    def read(self, handle: int, length: int) -> tuple[int, bytes]:
        self.guest.write(BUFFER, bytes(length))
        left = self.call(Operation.SYS_READ, handle, BUFFER, length)
        return left, self.guest.read(BUFFER, length - left)

    def errno(self, hart: int = 0) -> int:
        return self.host.call(hart, Operation.SYS_ERRNO, 0)


@pytest.fixture
def firmware() -> Firmware:
    return Firmware(ScriptedGuest())


@pytest.fixture
def with_files(tmp_path: Path) -> Iterator[Firmware]:
    firmware = Firmware(ScriptedGuest(), tmp_path)
    yield firmware
    firmware.host.close()


def test_only_the_three_uncompressed_instructions_in_order_are_a_call() -> None:
    assert is_semihosting_trap(0x01F01013, 0x00100073, 0x40705013)
    assert not is_semihosting_trap(0x00000013, 0x00100073, 0x40705013)
    assert not is_semihosting_trap(0x01F01013, 0x00100073, 0x00000013)
    assert not is_semihosting_trap(0x40705013, 0x00100073, 0x01F01013)
    assert not is_semihosting_trap(0x01F01013, 0x00009002, 0x40705013)


def test_characters_and_strings_go_to_the_console(firmware: Firmware) -> None:
    firmware.guest.write(TEXT, b"hello\n\0rest")
    assert firmware.host.call(0, Operation.SYS_WRITEC, TEXT) == 0
    assert firmware.host.call(0, Operation.SYS_WRITE0, TEXT) == 0
    assert firmware.guest.printed == [(b"h", STDOUT), (b"hello\n", STDOUT)]


def test_a_string_may_end_with_the_last_byte_of_memory(firmware: Firmware) -> None:
    end = BASE + len(firmware.guest.memory)
    del firmware.guest.memory[-3:]
    firmware.guest.write(end - 303, b"x" * 299 + b"\0")
    assert firmware.host.call(0, Operation.SYS_WRITE0, end - 303) == 0
    assert firmware.guest.printed == [(b"x" * 299, STDOUT)]


def test_a_string_that_runs_out_of_memory_is_refused_whole() -> None:
    guest = ScriptedGuest(memory=bytearray(b"x" * 1000))
    assert Semihosting(guest).call(0, Operation.SYS_WRITE0, BASE) == FAILED
    assert guest.printed == []
    assert guest.findings[0][0] == "semihosting-pointer"
    assert "0x800003e8" in guest.findings[0][1]


def test_a_string_without_an_end_is_refused_after_a_mebibyte() -> None:
    guest = ScriptedGuest(memory=bytearray(b"x" * (1 << 21)))
    firmware = Semihosting(guest)
    assert firmware.call(0, Operation.SYS_WRITE0, BASE) == FAILED
    assert firmware.call(0, Operation.SYS_ERRNO, 0) == Errno.EINVAL
    assert [rule for rule, _ in guest.findings] == ["semihosting-length"]


@pytest.mark.parametrize(
    ("mode", "stream"), [(4, STDOUT), (5, STDOUT), (7, STDOUT), (8, STDERR), (11, STDERR)]
)
def test_the_terminal_opened_for_output_is_one_of_two_streams(
    firmware: Firmware, mode: int, stream: int
) -> None:
    handle = firmware.open(":tt", mode)
    assert handle not in (0, FAILED)
    assert firmware.write(handle, b"text") == 0
    assert firmware.guest.printed == [(b"text", stream)]
    assert firmware.read(handle, 4) == (4, b"")
    assert firmware.errno() == Errno.EBADF


def test_the_standard_streams_are_open_from_the_start() -> None:
    firmware = Firmware(ScriptedGuest(typed=[b"in"]))
    assert firmware.write(1, b"out") == 0
    assert firmware.write(2, b"error") == 0
    assert firmware.guest.printed == [(b"out", STDOUT), (b"error", STDERR)]
    assert firmware.read(0, 2) == (0, b"in")
    assert firmware.write(0, b"x") == 1


def test_a_read_takes_what_has_been_typed_and_tells_the_end_by_reading_nothing() -> None:
    firmware = Firmware(ScriptedGuest(typed=[b"one\n", b"two\n"]))
    handle = firmware.open(":tt", READ_MODE)
    assert firmware.read(handle, 10) == (6, b"one\n")
    assert firmware.read(handle, 2) == (0, b"tw")
    assert firmware.read(handle, 0) == (0, b"")
    assert firmware.read(handle, 10) == (8, b"o\n")
    assert firmware.read(handle, 10) == (10, b"")


def test_a_read_without_input_stalls_and_is_answered_when_it_is_made_again() -> None:
    firmware = Firmware(ScriptedGuest(typed=[b"", b"late", b"", b"x"]))
    with pytest.raises(Stall, match="host's input"):
        firmware.read(0, 4)
    assert firmware.read(0, 4) == (0, b"late")
    with pytest.raises(Stall, match="host's input"):
        firmware.host.call(0, Operation.SYS_READC, 0)
    assert firmware.host.call(0, Operation.SYS_READC, 0) == ord("x")
    assert firmware.host.call(0, Operation.SYS_READC, 0) == FAILED


def test_a_terminal_is_interactive_has_no_length_and_cannot_seek(firmware: Firmware) -> None:
    handle = firmware.open(":tt", WRITE_MODE)
    assert firmware.call(Operation.SYS_ISTTY, handle) == 1
    assert firmware.call(Operation.SYS_FLEN, handle) == 0
    assert firmware.call(Operation.SYS_SEEK, handle, 0) == FAILED
    assert firmware.errno() == Errno.ESPIPE


def test_the_features_are_extended_exit_and_two_output_streams(firmware: Firmware) -> None:
    handle = firmware.open(":semihosting-features", READ_MODE)
    assert firmware.call(Operation.SYS_ISTTY, handle) == 0
    assert firmware.call(Operation.SYS_FLEN, handle) == 5
    assert firmware.read(handle, 5) == (0, b"SHFB\x03")
    assert firmware.read(handle, 5) == (5, b"")
    assert firmware.call(Operation.SYS_SEEK, handle, 4) == 0
    assert firmware.read(handle, 3) == (2, b"\x03")
    assert firmware.call(Operation.SYS_SEEK, handle, 6) == FAILED
    assert firmware.write(handle, b"no") == 2
    assert firmware.call(Operation.SYS_CLOSE, handle) == 0


def test_the_features_can_be_opened_twice_and_only_for_reading(firmware: Firmware) -> None:
    first, second = (firmware.open(":semihosting-features", mode) for mode in (0, 1))
    assert first != second
    assert firmware.read(first, 5) == firmware.read(second, 5) == (0, b"SHFB\x03")
    assert firmware.open(":semihosting-features", 2) == FAILED


def test_a_closed_handle_is_bad_and_its_number_free_again(firmware: Firmware) -> None:
    handle = firmware.open(":tt", WRITE_MODE)
    assert firmware.call(Operation.SYS_CLOSE, handle) == 0
    assert firmware.call(Operation.SYS_CLOSE, handle) == FAILED
    assert firmware.errno() == Errno.EBADF
    assert firmware.write(handle, b"four") == 4
    assert firmware.call(Operation.SYS_ISTTY, handle) == FAILED
    assert firmware.call(Operation.SYS_FLEN, handle) == FAILED
    assert firmware.open(":tt", WRITE_MODE) == handle


def test_a_firmware_that_never_closes_runs_out_of_handles(firmware: Firmware) -> None:
    handles = {firmware.open(":tt", WRITE_MODE) for _ in range(MOST_OPEN_FILES)}
    assert len(handles) == MOST_OPEN_FILES
    assert firmware.open(":tt", WRITE_MODE) == FAILED
    assert firmware.errno() == Errno.EMFILE


def test_host_files_are_refused_and_reported_unless_granted(firmware: Firmware) -> None:
    assert firmware.open("notes.txt", READ_MODE) == FAILED
    assert firmware.errno() == Errno.EACCES
    assert firmware.call(Operation.SYS_REMOVE, TEXT, 9) == FAILED
    assert firmware.call(Operation.SYS_RENAME, TEXT, 9, TEXT, 9) == FAILED
    assert {rule for rule, _ in firmware.guest.findings} == {"semihosting-refused"}
    assert "hart 0, SYS_OPEN: the file 'notes.txt'" in firmware.guest.findings[0][1]


def test_a_file_below_the_granted_directory_is_written_read_and_appended_to(
    with_files: Firmware, tmp_path: Path
) -> None:
    handle = with_files.open("notes.txt", WRITE_MODE)
    assert with_files.write(handle, b"0123456789") == 0
    assert with_files.read(handle, 3) == (3, b"")
    assert (tmp_path / "notes.txt").read_bytes() == b"0123456789"
    assert with_files.call(Operation.SYS_CLOSE, handle) == 0
    handle = with_files.open("notes.txt", READ_MODE)
    assert with_files.call(Operation.SYS_ISTTY, handle) == 0
    assert with_files.call(Operation.SYS_SEEK, handle, 7) == 0
    assert with_files.call(Operation.SYS_FLEN, handle) == 10
    assert with_files.read(handle, 5) == (2, b"789")
    assert with_files.write(handle, b"no") == 2
    handle = with_files.open("./notes.txt", APPEND_MODE + 2)
    assert with_files.read(handle, 2) == (0, b"01")
    assert with_files.write(handle, b"!") == 0
    assert (tmp_path / "notes.txt").read_bytes() == b"0123456789!"


def test_files_are_renamed_and_removed(with_files: Firmware, tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(b"kept")
    with_files.guest.write(TEXT, b"old\0new\0")
    assert with_files.call(Operation.SYS_RENAME, TEXT, 3, TEXT + 4, 3) == 0
    assert (tmp_path / "new").read_bytes() == b"kept"
    assert with_files.call(Operation.SYS_REMOVE, TEXT + 4, 4) == 0  # it counts the zero byte
    assert list(tmp_path.iterdir()) == []
    assert with_files.call(Operation.SYS_REMOVE, TEXT + 4, 3) == FAILED
    assert with_files.errno() == Errno.ENOENT
    assert with_files.guest.findings == []


def test_a_name_that_leads_out_of_the_directory_is_refused_and_reported(
    with_files: Firmware,
) -> None:
    assert with_files.open("../secret", READ_MODE) == FAILED
    assert with_files.errno() == Errno.EACCES
    assert "'../secret' is outside the directory granted" in with_files.guest.findings[0][1]


def test_file_modes_and_names_have_bounds(with_files: Firmware) -> None:
    assert with_files.open("name", 12) == FAILED
    assert with_files.errno() == Errno.EINVAL
    assert with_files.call(Operation.SYS_OPEN, TEXT, 0, 1 << 30) == FAILED
    assert with_files.errno() == Errno.ENAMETOOLONG
    assert len(with_files.guest.findings) == 2


def test_a_temporary_name_is_the_same_for_the_same_identifier(with_files: Firmware) -> None:
    assert with_files.call(Operation.SYS_TMPNAM, BUFFER, 0xAB, 13) == 0
    assert with_files.guest.read(BUFFER, 13) == b"vplat-ab.tmp\0"
    assert with_files.open("vplat-ab.tmp", WRITE_MODE) != FAILED
    assert with_files.call(Operation.SYS_TMPNAM, BUFFER, 0xAB, 12) == FAILED
    assert with_files.errno() == Errno.ERANGE
    assert with_files.call(Operation.SYS_TMPNAM, BUFFER, 0x100, 13) == FAILED
    assert with_files.errno() == Errno.EINVAL


def test_time_is_simulated_time() -> None:
    guest = ScriptedGuest(now=(5 << 32) + 7, clock_hz=1 << 30)
    host = Semihosting(guest, epoch_seconds=1_700_000_000)
    assert host.call(0, Operation.SYS_CLOCK, 0) == 2000
    assert host.call(0, Operation.SYS_TIME, 0) == 1_700_000_020
    assert host.call(0, Operation.SYS_TICKFREQ, 0) == 1 << 30
    assert host.call(0, Operation.SYS_ELAPSED, BLOCK) == 0
    assert guest.read(BLOCK, 8) == bytes([7, 0, 0, 0, 5, 0, 0, 0])
    assert Semihosting(guest).call(0, Operation.SYS_TIME, 0) == 20


def test_the_command_line_is_copied_with_its_length() -> None:
    firmware = Firmware(ScriptedGuest(command_line="app.elf --fast"))
    assert firmware.call(Operation.SYS_GET_CMDLINE, BUFFER, 15) == 0
    assert firmware.guest.read(BUFFER, 15) == b"app.elf --fast\0"
    assert firmware.guest.read(BLOCK, 8) == struct.pack("<II", BUFFER, 14)
    assert firmware.call(Operation.SYS_GET_CMDLINE, BUFFER, 14) == FAILED


@pytest.mark.parametrize(("pointer", "block"), [(BUFFER, BUFFER), (0, BLOCK)])
def test_heap_and_stack_are_written_where_the_block_is(pointer: int, block: int) -> None:
    firmware = Firmware(ScriptedGuest(heap=(1, 2), stack=(0x8000_1000, 0x8000_0800)))
    firmware.call(Operation.SYS_HEAPINFO, pointer, 0, 0, 0)
    assert struct.unpack("<4I", firmware.guest.read(block, 16)) == (1, 2, 0x80001000, 0x80000800)


def test_an_error_is_a_negative_status(firmware: Firmware) -> None:
    statuses = (0, 0x7FFF_FFFF, 0x8000_0000, FAILED)
    assert [firmware.call(Operation.SYS_ISERROR, each) for each in statuses] == [0, 0, 1, 1]


def test_an_application_exit_ends_the_run_with_its_status(firmware: Firmware) -> None:
    firmware.host.call(0, Operation.SYS_EXIT, 0x20026)
    firmware.call(Operation.SYS_EXIT_EXTENDED, 0x20026, 42)
    firmware.call(Operation.SYS_EXIT_EXTENDED, 0x20026, FAILED)
    assert firmware.guest.statuses == [0, 42, FAILED]
    assert firmware.guest.crashes == []


def test_any_other_reason_is_a_crash_that_names_it(firmware: Firmware) -> None:
    others = [reason for reason in STOP_REASONS if reason != 0x20026]
    for reason in others:
        firmware.host.call(0, Operation.SYS_EXIT, reason)
        firmware.call(Operation.SYS_EXIT_EXTENDED, reason, 9)
    assert firmware.guest.statuses == []
    for reason, crash in zip(others, firmware.guest.crashes[::2], strict=True):
        assert f": {STOP_REASONS[reason]} " in crash
    assert all("subcode 0x9" in crash for crash in firmware.guest.crashes[1::2])
    firmware.host.call(0, Operation.SYS_EXIT, 0x1234)
    assert "unknown reason 0x1234" in firmware.guest.crashes[-1]


def test_commands_of_the_host_are_never_run(with_files: Firmware, tmp_path: Path) -> None:
    with_files.guest.write(TEXT, b"touch made\0")
    assert with_files.call(Operation.SYS_SYSTEM, TEXT, 10) == FAILED
    assert with_files.errno() == Errno.EACCES
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("operation", [0x00, 0x0B, 0x17, 0x19, 0x32, 0x100, FAILED])
def test_an_unknown_operation_fails_and_is_reported(firmware: Firmware, operation: int) -> None:
    assert firmware.call(operation, hart=3) == FAILED
    assert firmware.errno(hart=3) == Errno.ENOSYS
    assert firmware.guest.findings[0][0] == "semihosting-operation"
    assert f"hart 3, operation {operation:#x}:" in firmware.guest.findings[0][1]


def test_each_hart_has_its_own_errno(firmware: Firmware) -> None:
    firmware.call(Operation.SYS_CLOSE, 99, hart=1)
    firmware.call(Operation.SYS_SEEK, 1, 0, hart=2)
    assert [firmware.errno(hart) for hart in range(3)] == [0, Errno.EBADF, Errno.ESPIPE]


@pytest.mark.parametrize("pointer", [NOWHERE, 0xFFFF_FFFE, BASE + 0x1000])
def test_a_block_outside_memory_fails_with_efault(firmware: Firmware, pointer: int) -> None:
    takes_none = re.compile("SYS_(CLOCK|TIME|ERRNO|TICKFREQ|EXIT|READC|SYSTEM)")
    for operation in Operation:
        if takes_none.fullmatch(operation.name):
            continue
        assert firmware.host.call(0, operation, pointer) == FAILED
        assert firmware.errno() == Errno.EFAULT
        assert f"{operation.name}: the call" in firmware.guest.findings[-1][1]


def test_a_transfer_with_a_bad_buffer_or_length_moves_nothing() -> None:
    firmware = Firmware(ScriptedGuest(typed=[b"typed"]))
    assert firmware.call(Operation.SYS_WRITE, 1, NOWHERE, 4) == 4
    assert firmware.errno() == Errno.EFAULT
    assert firmware.call(Operation.SYS_READ, 0, NOWHERE, 4) == 4
    assert firmware.call(Operation.SYS_WRITE, 1, BASE, 0xFFFF_FFFF) == 0xFFFF_FFFF
    assert firmware.errno() == Errno.EINVAL
    assert f"at most {LARGEST_TRANSFER} bytes" in firmware.guest.findings[-1][1]
    assert firmware.guest.printed == []


ADDRESSES = st.one_of(
    st.integers(BASE, BASE + 0x1FF),
    st.sampled_from([0, 1, 2, 3, BASE + 0xFFF, NOWHERE, FAILED, 0x20026]),
    st.integers(0, FAILED),
)
CALLS = st.tuples(
    st.one_of(st.sampled_from(list(Operation)), st.integers(0, FAILED)),
    ADDRESSES,
    st.lists(ADDRESSES, max_size=8),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    calls=st.lists(CALLS, min_size=1, max_size=12),
    noise=st.binary(max_size=64),
    typed=st.lists(st.binary(max_size=3), max_size=3),
    given_directory=st.booleans(),
)
def test_no_firmware_gets_anything_but_a_result_or_a_stall(
    tmp_path: Path,
    calls: list[tuple[int, int, list[int]]],
    noise: bytes,
    typed: list[bytes],
    given_directory: bool,
) -> None:
    guest = ScriptedGuest(typed=typed)
    guest.write(BASE + 0x40, noise)
    host = Semihosting(guest, tmp_path if given_directory else None)
    for operation, parameter, fields in calls:
        guest.write(BASE, struct.pack(f"<{len(fields)}I", *fields))
        try:
            result = host.call(0, operation, parameter)
        except Stall:
            continue
        assert 0 <= result <= FAILED
    host.close()
