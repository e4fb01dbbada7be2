"""What a gdb can do with a session: its packets, and what becomes of the run."""

from __future__ import annotations

import zlib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.unit.gdb_client import (
    COUNT,
    COUNTED_TO,
    DONE,
    STORE,
    TCDM,
    Client,
    counting,
    debugged,
    session_of,
)
from tests.unit.tiny_firmware import BASE, TEXT, loads_from, sleeps, spins
from vplat.machine.outcome import Ending

PC = 32
MHARTID, MCYCLE, MEPC = 65 + 0xF14, 65 + 0xB00, 65 + 0x341


@pytest.fixture
def elf(tmp_path: Path) -> Path:
    return counting(tmp_path / "counting.elf")


def little(value: int) -> str:
    return value.to_bytes(4, "little").hex()


def thread_of(reply: bytes) -> str:
    parts = dict(part.split(":") for part in reply[3:].decode().strip(";").split(";"))
    return parts["thread"]


def test_harts_are_threads_with_names_and_what_they_do(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        assert gdb.ask("?")[:3] == b"T02"
        assert gdb.ask("qfThreadInfo") == b"m1,2,3,4,5,6,7,8"
        assert gdb.ask("qsThreadInfo") == b"l"
        assert gdb.ask("qC") == b"QC1"
        assert gdb.ask("T8") == b"OK"
        assert gdb.ask("T9") == b"E01"
        information = bytes.fromhex(gdb.ask("qThreadExtraInfo,3").decode()).decode()
        assert information == "running in main"
        threads = ET.fromstring(gdb.read_object("threads:read:"))  # noqa: S314 - ours
        assert [each.get("name") for each in threads] == [f"hart {hart}" for hart in range(8)]
        gdb.ask("D")

    debugged(session_of(elf), talk)


def test_a_gdb_that_knows_of_processes_gets_threads_with_theirs(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        assert b"multiprocess+" in gdb.ask("qSupported:multiprocess+;swbreak+").split(b";")
        assert gdb.ask("qC") == b"QCp1.1"
        assert gdb.ask("Hgp1.4") == b"OK"
        assert gdb.ask(f"p{MHARTID:x}") == little(3).encode()
        gdb.ask("D;1")

    debugged(session_of(elf), talk)


def test_the_description_names_every_register_and_each_can_be_read(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        target = ET.fromstring(gdb.read_object("features:read:target.xml"))  # noqa: S314
        registers = {each.get("name"): int(each.get("regnum", "")) for each in target.iter("reg")}
        features = [each.get("name", "").rpartition(".")[2] for each in target.iter("feature")]
        assert features == ["cpu", "fpu", "csr", "virtual"]
        assert {"zero", "fp", "pc", "ft0", "fcsr", "mstatus", "mcycle", "priv"} <= set(registers)
        for name, number in registers.items():
            size = 4 if name != "x" else 8
            assert len(gdb.ask(f"p{number:x}")) == 2 * size, name
        assert gdb.ask("pffff") == b"E0e"
        gdb.ask("D")

    debugged(session_of(elf), talk)


def test_registers_are_set_one_by_one_and_all_at_once(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        assert gdb.registers()[PC] == BASE
        assert gdb.ask(f"P5={little(0x1234)}") == b"OK"
        assert gdb.ask(f"P{MEPC:x}={little(0x1C00_0000)}") == b"OK"
        assert gdb.ask(f"P{MHARTID:x}={little(1)}") == b"E0e"
        assert gdb.ask("P5=12") == b"E0e"
        assert gdb.registers()[5] == 0x1234
        values = [*range(0, 320, 10), BASE]
        assert gdb.ask("G" + "".join(map(little, values))) == b"OK"
        assert gdb.registers() == values
        assert gdb.ask(f"p{MEPC:x}") == little(0x1C00_0000).encode()
        assert gdb.ask(f"P21={'00' * 8}") == b"E0e"
        gdb.send(b"k")

    assert debugged(session_of(elf), talk).outcome.ending is Ending.INTERRUPTED


def test_memory_is_written_whatever_its_kind_and_read_as_far_as_there_is_some(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        assert gdb.ask(f"M{TCDM:x},4:{little(0xDEADBEEF)}") == b"OK"
        assert gdb.ask(b"X%x,5:}\x03}\x04}\x5d*+" % (TCDM + 8)) == b"OK"
        assert gdb.word(TCDM) == 0xDEADBEEF
        assert gdb.ask(f"m{TCDM + 8:x},5") == b"#$}*+".hex().encode()
        assert gdb.ask(f"m{0x1C20_0000 - 2:x},4") == b"0000"
        assert gdb.ask("m0,4") == b"E0e"
        assert gdb.ask("M0,1:00") == b"E0e"
        assert gdb.ask(f"M{TCDM:x},4:00") == b"E01"
        assert gdb.ask(f"M{TCDM:x},1:zz") == b"E01"
        assert gdb.ask(f"m{TCDM:x}") == b"E01"
        gdb.ask("D")

    debugged(session_of(elf), talk)


def test_memory_is_searched_and_summed_up(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        gdb.ask(f"M{TCDM + 0x40:x},6:{b'needle'.hex()}")
        assert gdb.ask(f"qSearch:memory:{TCDM:x};1000;needle") == b"1,10000040"
        assert gdb.ask(f"qSearch:memory:{TCDM + 0x41:x};1000;needle") == b"0"
        # Another way to the same CRC: one bit after the other, most significant first.
        register = 0xFFFF_FFFF
        for byte in b"needle":
            register ^= byte << 24
            for _ in range(8):
                register = (register << 1 ^ 0x04C1_1DB7 * (register >> 31)) & 0xFFFF_FFFF
        assert gdb.ask(f"qCRC:{TCDM + 0x40:x},6") == b"C%x" % register
        assert register != zlib.crc32(b"needle")
        gdb.ask("D")

    debugged(session_of(elf), talk)


def test_the_memory_map_has_memories_and_devices(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        memories = ET.fromstring(gdb.read_object("memory-map:read:"))  # noqa: S314
        spans = [
            (int(each.get("start", ""), 16), int(each.get("length", ""), 16)) for each in memories
        ]

        def answers(address: int) -> bool:
            return any(start <= address < start + length for start, length in spans)

        assert all(answers(address) for address in (TCDM, 0x1C00_0000, 0x4000_0000, 0x1020_1000))
        assert not answers(0)
        gdb.ask("D")

    debugged(session_of(elf), talk)


def test_the_firmware_is_served_as_a_file_and_no_other_is(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        name = gdb.read_object("exec-file:read:1")
        assert name == str(elf)
        assert gdb.ask(f"vFile:open:{name.encode().hex()},0,0") == b"F1"
        assert gdb.ask("vFile:pread:1,4,0") == b"F4;\x7fELF"
        assert gdb.ask("vFile:fstat:1").startswith(b"F40;")
        assert gdb.ask("vFile:close:1") == b"F0"
        assert gdb.ask("vFile:pread:1,4,0") == b"F-1,9"
        assert gdb.ask(f"vFile:open:{name.encode().hex()},1,0") == b"F-1,d"
        assert gdb.ask(f"vFile:open:{b'/etc/passwd'.hex()},0,0") == b"F-1,2"
        gdb.ask("D")

    debugged(session_of(elf), talk)


def test_a_breakpoint_stops_each_hart_in_front_of_the_instruction(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        assert gdb.ask(f"Z0,{DONE:x},4") == b"OK"
        stopped = []
        for _ in range(8):
            reply = gdb.ask("vCont;c")
            assert reply.startswith(b"T05swbreak:;")
            stopped.append(thread_of(reply))
            assert gdb.registers()[PC] == DONE
            assert gdb.registers()[10] == COUNTED_TO
        assert sorted(stopped) == list("12345678")
        assert gdb.ask("vCont;c") == b"W03"

    result = debugged(session_of(elf), talk)
    assert result.outcome.status == 3


def test_a_breakpoint_with_a_condition_stops_where_it_holds(elf: Path) -> None:
    on_hart_5 = bytes((0x26, *MHARTID.to_bytes(2, "big"), 0x22, 5, 0x13, 0x27))
    counts_to_7 = bytes((0x26, 0, 10, 0x22, 7, 0x13, 0x27))

    def talk(gdb: Client) -> None:
        assert gdb.ask(f"Z0,{STORE:x},4;X{len(on_hart_5):x},{on_hart_5.hex()}") == b"OK"
        for count in (1, 2):
            assert thread_of(gdb.ask("vCont;c")) == "6"
            assert gdb.registers()[10] == count
        gdb.ask(f"Z0,{STORE:x},4;X{len(counts_to_7):x},{counts_to_7.hex()}")
        stopped = set()
        for _ in range(8):
            stopped.add(thread_of(gdb.ask("vCont;c")))
            assert gdb.registers()[10] == 7
        assert len(stopped) == 8
        gdb.ask("D")

    debugged(session_of(elf), talk)


def test_a_breakpoint_that_was_removed_stops_nobody(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        gdb.ask(f"Z1,{COUNT:x},4")
        assert gdb.ask("vCont;c").startswith(b"T05")
        assert gdb.ask(f"z1,{COUNT:x},4") == b"OK"
        assert gdb.ask(f"z1,{COUNT:x},4") == b"OK"
        assert gdb.ask("vCont;c") == b"W03"

    debugged(session_of(elf), talk)


def test_a_step_of_one_hart_lets_the_others_come_along_or_stand_still(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        gdb.ask("Hg4")
        reply = gdb.ask("vCont;s:4;c")
        assert thread_of(reply) == "4"
        assert gdb.registers()[PC] == BASE + 4
        gdb.ask("Hg2")
        with_others = gdb.registers()[PC]
        assert with_others > BASE
        gdb.ask("Hg8")
        before = gdb.registers()
        gdb.ask("vCont;s:4")
        gdb.ask("vCont;s:4")
        assert gdb.registers()[PC] == BASE + 12
        gdb.ask("Hg8")
        assert gdb.registers() == before
        gdb.ask("D")

    assert debugged(session_of(elf), talk).outcome.status == 3


def test_a_range_is_stepped_through_until_it_is_left(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        gdb.ask(f"Z0,{COUNT:x},4")
        assert thread_of(gdb.ask("vCont;c")) == "1"
        gdb.ask(f"z0,{COUNT:x},4")
        assert thread_of(gdb.ask(f"vCont;r{COUNT:x},{DONE:x}:1;c")) == "1"
        assert gdb.registers()[PC] == DONE
        assert gdb.registers()[10] == COUNTED_TO
        gdb.ask("D")

    debugged(session_of(elf), talk)


def test_a_hart_goes_on_alone_while_the_others_stand_still(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        gdb.ask(f"Z0,{DONE:x},4")
        assert thread_of(gdb.ask("vCont;c:7")) == "7"
        assert [gdb.word(TCDM + 4 * hart) for hart in range(8)] == [0] * 6 + [COUNTED_TO, 0]
        gdb.ask("D")

    assert debugged(session_of(elf), talk).outcome.status == 3


def test_a_stored_word_is_watched_with_its_old_and_new_value(elf: Path) -> None:
    address = TCDM + 4 * 3

    def talk(gdb: Client) -> None:
        assert gdb.ask(f"Z2,{address:x},4") == b"OK"
        for count in range(1, COUNTED_TO + 1):
            reply = gdb.ask("vCont;c")
            assert reply.startswith(b"T05watch:%x;" % address)
            assert thread_of(reply) == "4"
            assert gdb.word(address) == count
            assert gdb.told[-1].startswith(f"vplat: hart 3 wrote 4 bytes at {address:#010x} (tcdm)")
            assert gdb.told[-1].endswith(f"{little(count - 1)} -> {little(count)}\n")
        assert gdb.ask("vCont;c") == b"W03"

    debugged(session_of(elf), talk)


@pytest.mark.parametrize(("kind", "told"), [(3, b"rwatch"), (4, b"awatch")])
def test_a_load_is_watched(tmp_path: Path, kind: int, told: bytes) -> None:
    elf = loads_from(tmp_path / "loads.elf", TCDM + 0x1FF0)

    def talk(gdb: Client) -> None:
        gdb.ask(f"Z{kind},{TCDM + 0x2_1FF0:x},4")  # an alias of the word
        assert gdb.ask("vCont;c").startswith(b"T05%b:10021ff0;" % told)
        assert gdb.ask("vCont;c") == b"W00"

    debugged(session_of(elf), talk)


def test_watching_more_than_can_be_watched_is_refused_with_a_sentence(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        assert gdb.ask(f"Z2,{TCDM:x},10000") == b"OK"
        assert gdb.ask(f"Z2,{TCDM + 0x10000:x},10000").startswith(b"E.")
        assert gdb.ask(f"z2,{TCDM:x},10000") == b"OK"
        assert gdb.ask(f"Z2,{TCDM:x},0") == b"E01"
        assert gdb.ask("vCont;c") == b"W03"

    debugged(session_of(elf), talk)


def test_ctrl_c_stops_a_running_machine_and_time_stands_still(tmp_path: Path) -> None:
    def talk(gdb: Client) -> None:
        gdb.ask("?")
        gdb.send(b"vCont;c")
        gdb.interrupt()
        assert gdb.receive().startswith(b"T02")
        cycles = gdb.ask(f"p{MCYCLE:x}")
        assert cycles == gdb.ask(f"p{MCYCLE:x}")
        gdb.ask("vKill;1")

    result = debugged(session_of(spins(tmp_path / "spins.elf")), talk)
    assert result.outcome.ending is Ending.INTERRUPTED
    assert result.exit_status == 130


def test_a_crash_is_a_signal_with_the_hart_at_the_instruction(tmp_path: Path) -> None:
    elf = loads_from(tmp_path / "faults.elf", 0x0)

    def talk(gdb: Client) -> None:
        reply = gdb.ask("vCont;c")
        assert reply.startswith(b"T0b")
        assert thread_of(reply) == "1"
        assert "load access fault" in "".join(gdb.told)
        assert gdb.ask("vCont;c") == b"X0b"

    assert debugged(session_of(elf), talk).exit_status == 126


def test_a_deadlock_is_a_signal_and_says_who_waits(tmp_path: Path) -> None:
    def talk(gdb: Client) -> None:
        assert gdb.ask("vCont;c").startswith(b"T06")
        assert "hart 7 waits for wfi" in "".join(gdb.told)
        assert gdb.ask("vCont;c") == b"X06"

    result = debugged(session_of(sleeps(tmp_path / "sleeps.elf")), talk)
    assert result.outcome.ending is Ending.DEADLOCKED


def test_firmware_can_be_loaded_and_started_again(elf: Path, tmp_path: Path) -> None:
    other = counting(tmp_path / "other.elf").read_bytes()
    assert other == elf.read_bytes()

    def talk(gdb: Client) -> None:
        gdb.ask(f"Z0,{DONE:x},4")
        gdb.ask("vCont;c")
        gdb.ask(f"M{TEXT + 4:x},4:{little(9)}")
        assert "after a reset" in gdb.monitor("reset")
        assert gdb.registers()[PC] == BASE
        assert gdb.word(TCDM) == COUNTED_TO
        assert gdb.word(TEXT + 4) == 9
        gdb.monitor("restart")
        assert gdb.word(TCDM) == 0
        assert gdb.word(TEXT + 4) == 3
        gdb.ask(f"M{TEXT + 4:x},4:{little(9)}")
        gdb.ask(f"z0,{DONE:x},4")
        assert gdb.ask("vCont;c") == b"W09"

    assert debugged(session_of(elf), talk).outcome.status == 9
