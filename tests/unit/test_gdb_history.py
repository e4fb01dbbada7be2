"""Going back and forth in time through gdb, and what is kept and recorded on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
from tests.unit.tiny_firmware import loads_from
from vplat.session import Result

PC = 32
ADDRESS = TCDM + 4 * 2
"""Where hart 2 counts."""


@pytest.fixture
def elf(tmp_path: Path) -> Path:
    return counting(tmp_path / "counting.elf")


def results(result: Result) -> dict[str, Any]:
    """What a run came to, without host time."""
    return {name: value for name, value in result.as_json().items() if name != "seconds"}


def thread_of(reply: bytes) -> str:
    return reply.decode().partition("thread:")[2].partition(";")[0]


def little(value: int) -> str:
    return value.to_bytes(4, "little").hex()


def test_steps_back_undo_steps(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        gdb.ask(f"Z0,{COUNT:x},4")
        while thread_of(gdb.ask("vCont;c")) != "3":
            pass
        gdb.ask(f"z0,{COUNT:x},4")
        seen = [gdb.registers()]
        for _ in range(12):
            assert thread_of(gdb.ask("vCont;s:3;c")) == "3"
            seen.append(gdb.registers())
        for registers in reversed(seen[:-1]):
            assert gdb.ask("bs").startswith(b"T05thread:3")
            assert gdb.registers() == registers
        gdb.ask("D")

    assert results(debugged(session_of(elf), talk)) == results(session_of(elf).run())


def test_before_the_first_instruction_there_is_nothing(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        assert gdb.ask("bs").startswith(b"T05replaylog:begin;")
        gdb.ask("vCont;s:1;c")
        assert gdb.ask("bc").startswith(b"T05replaylog:begin;")
        assert gdb.registers()[PC] == COUNT - 28
        gdb.ask("D")

    debugged(session_of(elf), talk)


def test_the_last_store_to_a_word_is_found_and_the_one_before_it(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        gdb.ask(f"Z0,{DONE:x},4")
        while thread_of(gdb.ask("vCont;c")) != "3":
            pass
        gdb.ask(f"z0,{DONE:x},4")
        assert gdb.word(ADDRESS) == COUNTED_TO
        gdb.ask(f"Z2,{ADDRESS:x},4")
        for count in reversed(range(COUNTED_TO)):
            reply = gdb.ask("bc")
            assert reply.startswith(b"T05watch:%x;" % ADDRESS)
            assert thread_of(reply) == "3"
            assert gdb.word(ADDRESS) == count
            assert gdb.registers()[PC] == STORE
        assert gdb.ask("bc").startswith(b"T05replaylog:begin;")
        for count in range(1, COUNTED_TO + 1):
            assert gdb.ask("vCont;c").startswith(b"T05watch:")
            assert gdb.word(ADDRESS) == count
        gdb.ask("D")

    assert results(debugged(session_of(elf), talk)) == results(session_of(elf).run())


def test_breakpoints_are_come_by_again_in_the_other_order(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        gdb.ask(f"Z0,{DONE:x},4")
        forward = [thread_of(gdb.ask("vCont;c")) for _ in range(8)]
        backward = [thread_of(gdb.ask("bc")) for _ in range(7)]
        assert backward == forward[-2::-1]
        assert [thread_of(gdb.ask("vCont;c")) for _ in range(7)] == forward[1:]
        assert gdb.ask("vCont;c") == b"W03"

    assert results(debugged(session_of(elf), talk)) == results(session_of(elf).run())


def test_what_is_changed_in_the_past_makes_another_future(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        gdb.ask(f"Z0,{DONE:x},4")
        while thread_of(gdb.ask("vCont;c")) != "1":
            pass
        gdb.ask(f"Z2,{TCDM:x},4")
        gdb.ask("bc")
        gdb.ask(f"z2,{TCDM:x},4")
        gdb.ask("Hg1")
        assert gdb.ask(f"Pa={little(4)}") == b"OK"
        while thread_of(gdb.ask("vCont;c")) != "1":
            pass
        assert gdb.word(TCDM) == COUNTED_TO
        gdb.ask(f"z0,{DONE:x},4")
        gdb.ask(f"Z2,{TCDM:x},4")
        values = []
        for _ in range(3):
            gdb.ask("bc")
            values.append(gdb.word(TCDM))
        assert values == [9, 8, 7]
        gdb.ask("D")

    assert debugged(session_of(elf), talk).outcome.status == 3


def test_a_crash_can_be_gone_back_from(tmp_path: Path) -> None:
    def talk(gdb: Client) -> None:
        assert gdb.ask("vCont;c").startswith(b"T0b")
        pc = gdb.registers()[PC]
        assert gdb.ask("bs").startswith(b"T05")
        assert gdb.registers()[PC] < pc
        assert gdb.ask("vCont;c").startswith(b"T0b")
        assert gdb.registers()[PC] == pc
        gdb.ask("D")

    elf = loads_from(tmp_path / "faults.elf", 0)
    assert results(debugged(session_of(elf), talk)) == results(session_of(elf).run())


def test_snapshots_are_kept_by_name_and_in_files(elf: Path, tmp_path: Path) -> None:
    file = tmp_path / "kept.snapshot"

    def talk(gdb: Client) -> None:
        gdb.ask(f"Z0,{DONE:x},4")
        gdb.ask("vCont;c")
        assert gdb.monitor("snapshot save here").startswith("saved as here")
        assert "saved as" in gdb.monitor(f"snapshot save {file}")
        assert gdb.monitor("snapshot list").startswith("here: cycle ")
        before = gdb.registers()
        for _ in range(5):
            gdb.ask("vCont;c")
        gdb.monitor("snapshot restore here")
        gdb.ask("Hg1")
        assert gdb.registers() == before
        gdb.ask("vCont;c")
        gdb.monitor(f"snapshot restore {file}")
        gdb.ask("Hg1")
        assert gdb.registers() == before
        assert "no snapshot is kept as 'elsewhere'" in gdb.monitor("snapshot restore elsewhere")
        assert gdb.monitor("snapshot").startswith("vplat: it is: monitor snapshot save")
        gdb.ask("D")

    assert results(debugged(session_of(elf), talk)) == results(session_of(elf).run())
    restored = session_of(elf)
    restored.load(file)
    assert results(restored.run()) == results(session_of(elf).run())


def test_what_happens_is_recorded_and_shown(elf: Path, tmp_path: Path) -> None:
    file = tmp_path / "trace.txt"

    def talk(gdb: Client) -> None:
        assert "nothing is recorded" in gdb.monitor("trace show")
        gdb.monitor("trace on uart clint")
        assert gdb.monitor("trace show").startswith("nothing has happened yet")
        gdb.monitor("store uart.scr 0x5a")
        gdb.ask(f"Z0,{DONE:x},4")
        gdb.ask("vCont;c")
        assert "uart.scr" in gdb.monitor("trace show 5")
        assert "0x5a" in gdb.monitor("uart.scr")
        gdb.monitor(f"trace write {file}")
        gdb.monitor("trace off")
        gdb.monitor("store uart.scr 0x5b")
        assert "0x5b" not in gdb.monitor("trace show")
        gdb.ask("D")

    debugged(session_of(elf), talk)
    assert "uart.scr" in file.read_text("utf-8")


def test_monitor_commands_say_what_they_know(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        told = gdb.monitor("help")
        assert all(
            f"\n  {name}" in f"\n{told}" for name in ("waits", "energy", "snapshot", "trace")
        )
        assert gdb.monitor("help waits").startswith("monitor waits\n")
        assert "hart 7: running in main" in gdb.monitor("waits")
        assert gdb.monitor("harts").count("\n") == 9
        assert "clint.timer -> harts.timer" in gdb.monitor("events")
        assert " J so far" in gdb.monitor("energy")
        assert "[6] temt = 0x1" in gdb.monitor("uart.lsr")
        assert gdb.monitor("uart.lsr.temt") == "uart.lsr.temt = 0x1\n"
        assert "event_mask" in gdb.monitor("event_unit")
        assert "did you mean 'uart'" in gdb.monitor("uarr")
        assert "no register 'lsx'; did you mean 'lsr'" in gdb.monitor("uart.lsx")
        assert "no field" in gdb.monitor("uart.lsr.nonsense")
        assert "store takes a register and a value" in gdb.monitor("store uart")
        assert "is no number" in gdb.monitor("store uart.scr many")
        assert "without any effect" in gdb.monitor("reads")
        assert "as the hart would" in gdb.monitor("reads real")
        assert "into its handler" in gdb.monitor("interrupts into")
        assert "stands still" in gdb.monitor("halt")
        assert "may follow" in gdb.monitor("halt now")
        gdb.ask("D")

    debugged(session_of(elf), talk)


def test_looking_at_a_device_has_no_effect_unless_somebody_wants_that(elf: Path) -> None:
    register = 0x0300_2008  # uart.iir_fcr: a load clears the interrupt that it shows

    def talk(gdb: Client) -> None:
        gdb.ask(f"M{0x0300_2004:x},4:{little(2)}")
        shown = gdb.monitor("uart.iir_fcr")
        assert gdb.monitor("uart.iir_fcr") == shown
        assert gdb.word(register) == gdb.word(register)
        gdb.monitor("reads real")
        assert gdb.word(register) & 0xF == 2
        assert gdb.word(register) & 0xF == 1
        gdb.ask("D")

    debugged(session_of(elf), talk)
