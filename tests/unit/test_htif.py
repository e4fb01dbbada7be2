"""HTIF, store by store, on a guest without a machine."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.machine.host import STDERR, STDOUT, Htif
from vplat.machine.host.scripted import ScriptedGuest
from vplat.model import Stall

BASE = 0x8000_0000
TOHOST = BASE + 0x40
FROMHOST = BASE + 0x80
FIELDS = BASE + 0x100
TEXT = BASE + 0x200
EBADF, EFAULT, EINVAL, ESPIPE, ENOSYS = 9, 14, 22, 29, 38
SIGN_EXTENSION = 0xFFFF_FFFF_0000_0000


class Firmware:
    """Stores as a hart of 32 bits does, and tells HTIF of each store."""

    def __init__(self, *typed: bytes, fromhost: int | None = FROMHOST) -> None:
        self.guest = ScriptedGuest(typed=typed)
        self.host = Htif(self.guest, TOHOST, fromhost)

    def store(self, address: int, value: int, size: int = 4) -> None:
        self.guest.write(address, value.to_bytes(size, "little"))
        self.host.stored(address, size)

    def store_low_first(self, value: int) -> None:
        self.store(TOHOST, value & 0xFFFF_FFFF)
        self.store(TOHOST + 4, value >> 32)

    def store_high_first(self, value: int) -> None:
        self.store(TOHOST + 4, value >> 32)
        self.store(TOHOST, value & 0xFFFF_FFFF)

    def call(self, *fields: int) -> int:
        """Make a system call; its result as a signed number."""
        self.prepare(*fields)
        self.store(TOHOST, FIELDS)
        return self.result()

    def prepare(self, *fields: int) -> None:
        padded = [*fields, *[0] * (8 - len(fields))]
        self.guest.write(FIELDS, struct.pack("<8Q", *padded))

    def result(self) -> int:
        return int.from_bytes(self.guest.read(FIELDS, 8), "little", signed=True)

    def cell(self, address: int) -> int:
        return int.from_bytes(self.guest.read(address, 8), "little")

    def clear_fromhost(self) -> None:
        self.store(FROMHOST, 0)
        self.store(FROMHOST + 4, 0)

    @property
    def rules(self) -> list[str]:
        return [rule for rule, _ in self.guest.findings]


@pytest.fixture
def firmware() -> Firmware:
    return Firmware()


@pytest.mark.parametrize(("word", "status"), [(1, 0), (3, 1), (13 << 1 | 1, 13), (252 | 1, 126)])
def test_a_low_word_with_bit_0_set_ends_the_run(firmware: Firmware, word: int, status: int) -> None:
    firmware.store(TOHOST, word)
    assert firmware.guest.statuses == [status]


def test_an_exit_may_be_written_in_either_order_and_at_once() -> None:
    for write in ("store_low_first", "store_high_first"):
        firmware = Firmware()
        getattr(firmware, write)(7 << 1 | 1)
        assert firmware.guest.statuses == [7]
    firmware = Firmware()
    firmware.store(TOHOST, 7 << 1 | 1, size=8)
    assert firmware.guest.statuses == [7]


def test_a_negative_status_is_an_exit_however_wide_it_is_written(firmware: Firmware) -> None:
    firmware.store_low_first(0xFFFF_FFFF_FFFF_FFFF)
    firmware.store_high_first(0xFFFF_FFFF_FFFF_FFFF)
    firmware.store(TOHOST, 0xFFFF_FFFF_FFFF_FFFF, size=8)
    assert firmware.guest.statuses == [0x7FFF_FFFF] * 3
    firmware.store(TOHOST, 3)
    assert firmware.guest.statuses[3:] == [1]


def test_a_byte_store_can_end_the_run(firmware: Firmware) -> None:
    firmware.store(TOHOST, 5, size=1)
    assert firmware.guest.statuses == [2]


def test_stores_beside_the_cells_mean_nothing(firmware: Firmware) -> None:
    firmware.store(TOHOST - 4, 1)
    firmware.store(TOHOST + 8, 1)
    firmware.store(TOHOST, 0)
    firmware.store(TOHOST + 4, 0)
    assert firmware.guest.statuses == []
    assert firmware.guest.findings == []


def test_a_write_prints_answers_its_length_and_clears_tohost(firmware: Firmware) -> None:
    firmware.guest.write(TEXT, b"hello\n")
    assert firmware.call(64, 1, TEXT, 6) == 6
    assert firmware.guest.printed == [(b"hello\n", STDOUT)]
    assert firmware.cell(TOHOST) == 0
    assert firmware.cell(FROMHOST) == 1
    assert firmware.call(64, 2, TEXT, 5) == 5
    assert firmware.guest.printed[1:] == [(b"hello", STDERR)]
    assert firmware.call(64, 1, TEXT, 0) == 0
    assert firmware.call(64, 0, TEXT, 5) == -EBADF
    assert firmware.call(64, 3, TEXT, 5) == -EBADF
    assert len(firmware.guest.printed) == 2


@pytest.mark.parametrize("widened", [0, SIGN_EXTENSION])
@pytest.mark.parametrize("write", ["store_low_first", "store_high_first"])
def test_pointers_may_be_widened_with_their_sign(
    firmware: Firmware, widened: int, write: str
) -> None:
    firmware.guest.write(TEXT, b"hello")
    firmware.prepare(64, 1, TEXT | widened, 5)
    getattr(firmware, write)(FIELDS | widened)
    assert firmware.guest.printed == [(b"hello", STDOUT)]
    assert firmware.result() == 5
    assert firmware.cell(TOHOST) == 0
    firmware.store(TOHOST, 3)
    assert firmware.guest.statuses == [1]


def test_without_fromhost_a_call_is_made_and_not_answered() -> None:
    firmware = Firmware(fromhost=None)
    firmware.guest.write(TEXT, b"x")
    assert firmware.call(64, 1, TEXT, 1) == 1
    assert firmware.cell(FROMHOST) == 0


def test_two_harts_that_call_at_once_are_both_answered(firmware: Firmware) -> None:
    firmware.guest.write(TEXT, b"x")
    firmware.call(64, 1, TEXT, 1)
    firmware.call(64, 1, TEXT, 1)
    assert firmware.cell(FROMHOST) == 1
    firmware.clear_fromhost()
    assert firmware.cell(FROMHOST) == 1
    firmware.clear_fromhost()
    assert firmware.cell(FROMHOST) == 0


def test_answers_that_nobody_takes_do_not_pile_up(firmware: Firmware) -> None:
    for _ in range(200):
        firmware.call(57, 1)
    waiting = 0
    while firmware.cell(FROMHOST):
        firmware.clear_fromhost()
        waiting += 1
    assert 8 <= waiting < 100


def test_the_exit_call_ends_the_run(firmware: Firmware) -> None:
    firmware.call(93, 42)
    firmware.call(93, 0xFFFF_FFFF_FFFF_FFFF)
    assert firmware.guest.statuses == [42, 0xFFFF_FFFF]


def test_a_read_takes_what_has_been_typed_until_its_end() -> None:
    firmware = Firmware(b"line\n")
    assert firmware.call(63, 0, TEXT, 3) == 3
    assert firmware.guest.read(TEXT, 3) == b"lin"
    assert firmware.call(63, 0, TEXT, 1 << 40) == 2
    assert firmware.call(63, 0, TEXT, 80) == 0
    assert firmware.call(63, 0, TEXT, 0) == 0
    assert firmware.call(63, 1, TEXT, 80) == -EBADF


def test_a_read_without_input_stalls_and_happens_when_the_store_is_made_again() -> None:
    firmware = Firmware(b"", b"late")
    with pytest.raises(Stall, match="host's input"):
        firmware.call(63, 0, TEXT, 80)
    assert firmware.cell(TOHOST) == FIELDS
    assert firmware.cell(FROMHOST) == 0
    assert firmware.result() == 63
    firmware.store(TOHOST, FIELDS)
    assert firmware.result() == 4
    assert firmware.cell(FROMHOST) == 1


def test_the_standard_files_are_character_devices_that_cannot_seek(firmware: Firmware) -> None:
    for file in range(3):
        assert firmware.call(80, file, TEXT) == 0
        mode, links = struct.unpack_from("<II", firmware.guest.read(TEXT, 128), 16)
        assert (mode & 0o170000, links) == (0o020000, 1)
        assert firmware.call(62, file, 0, 0) == -ESPIPE
        assert firmware.call(57, file) == 0
    assert [firmware.call(number, 3) for number in (57, 62, 80)] == [-EBADF] * 3


@pytest.mark.parametrize("number", [0, 56, 1024, 1 << 63])
def test_a_call_that_is_not_there_is_answered_enosys_and_reported(
    firmware: Firmware, number: int
) -> None:
    assert firmware.call(number) == -ENOSYS
    assert firmware.rules == ["htif-call"]
    assert f"system call {number} " in firmware.guest.findings[0][1]
    assert firmware.cell(FROMHOST) == 1


def test_bad_buffers_and_lengths_are_refused_and_reported(firmware: Firmware) -> None:
    assert firmware.call(64, 1, 0x10, 4) == -EFAULT
    assert firmware.call(64, 1, 1 << 40, 4) == -EFAULT
    assert firmware.call(64, 1, TEXT, 1 << 32) == -EINVAL
    assert firmware.call(80, 1, 0x10) == -EFAULT
    assert firmware.rules == ["htif-pointer", "htif-pointer", "htif-length", "htif-pointer"]
    assert firmware.guest.printed == []


def test_a_call_at_an_address_outside_memory_is_reported_and_not_left_waiting(
    firmware: Firmware,
) -> None:
    firmware.store(TOHOST, 0x1000)
    assert firmware.rules == ["htif-pointer"]
    assert "0x00001000" in firmware.guest.findings[0][1]
    assert firmware.cell(TOHOST) == 0
    assert firmware.cell(FROMHOST) == 1


def test_cells_outside_memory_are_reported() -> None:
    guest = ScriptedGuest()
    Htif(guest, 0x1000, None).stored(0x1000, 4)
    firmware = Firmware(fromhost=0x1000)
    firmware.call(93, 0)
    assert firmware.rules == ["htif-pointer"]
    assert [rule for rule, _ in guest.findings] == ["htif-pointer"]


def test_a_character_for_the_console_is_written_high_word_first(firmware: Firmware) -> None:
    for character in b"AB\0":
        firmware.store_high_first(0x0101 << 48 | character)
    assert b"".join(text for text, _ in firmware.guest.printed) == b"AB\0"
    assert firmware.cell(TOHOST) == 0
    assert firmware.guest.statuses == []
    assert firmware.guest.findings == []


@pytest.mark.parametrize("write", ["store_low_first", "store_high_first"])
def test_a_character_is_answered_in_fromhost(write: str) -> None:
    firmware = Firmware(b"ab")
    getattr(firmware, write)(0x0100 << 48)
    assert firmware.cell(FROMHOST) == 0x0100 << 48 | 0x100 | ord("a")
    assert firmware.cell(TOHOST) == 0
    assert not firmware.host.awaits_input
    getattr(firmware, write)(0x0100 << 48)
    assert firmware.cell(FROMHOST) & 0xFF == ord("a")
    firmware.clear_fromhost()
    assert firmware.cell(FROMHOST) & 0xFF == ord("b")


def test_a_character_that_is_typed_later_is_answered_later() -> None:
    firmware = Firmware(b"", b"", b"late")
    firmware.store_high_first(0x0100 << 48)
    assert firmware.host.awaits_input
    firmware.host.poll()
    assert firmware.cell(FROMHOST) == 0
    firmware.host.poll()
    assert firmware.cell(FROMHOST) & 0xFFFF == 0x100 | ord("l")
    assert not firmware.host.awaits_input


def test_a_character_wanted_after_the_end_of_input_is_reported(firmware: Firmware) -> None:
    firmware.store_high_first(0x0100 << 48)
    assert firmware.rules == ["htif-input"]
    assert not firmware.host.awaits_input
    assert firmware.cell(FROMHOST) == 0


@pytest.mark.parametrize(("device", "command"), [(0, 1), (1, 2), (2, 0), (0xFF, 0xFE)])
def test_an_unknown_device_or_command_is_reported_and_dropped(
    firmware: Firmware, device: int, command: int
) -> None:
    firmware.store_high_first(device << 56 | command << 48 | 1)
    assert firmware.rules == ["htif-command"]
    assert f"device {device} has no command {command}" in firmware.guest.findings[0][1]
    assert firmware.cell(TOHOST) == 0
    assert firmware.guest.statuses == []


POINTERS = st.one_of(
    st.sampled_from([0, 1, 2, FIELDS, TEXT, TOHOST, FROMHOST, BASE + 0xFFC, 0x1000]),
    st.integers(BASE, BASE + 0xFFF),
    st.integers(0, (1 << 64) - 1),
)
STORES = st.tuples(
    st.sampled_from([TOHOST - 2, TOHOST, TOHOST + 2, TOHOST + 4, TOHOST + 7, FROMHOST]),
    st.sampled_from([1, 2, 4, 8]),
    POINTERS,
)
NUMBERS = st.one_of(st.sampled_from([57, 62, 63, 64, 80, 93]), st.integers(0, (1 << 64) - 1))


@given(
    stores=st.lists(STORES, max_size=20),
    number=NUMBERS,
    arguments=st.lists(POINTERS, max_size=7),
    typed=st.lists(st.binary(max_size=3), max_size=3),
)
def test_no_store_gets_anything_but_an_answer_or_a_stall(
    stores: list[tuple[int, int, int]], number: int, arguments: list[int], typed: list[bytes]
) -> None:
    firmware = Firmware(*typed)
    for address, size, value in stores:
        firmware.prepare(number, *arguments)
        try:
            firmware.store(address, value & ((1 << 8 * size) - 1), size)
        except Stall:
            continue
        firmware.host.poll()
    assert all(0 <= status <= 0xFFFF_FFFF for status in firmware.guest.statuses)
    assert all(rule.startswith("htif-") for rule in firmware.rules)
