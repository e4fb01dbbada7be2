"""The platform that a test gets: driven to moments, looked into by name, put back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.system.platforms import DMA_COPY, echo_firmware, new_boots, platform_of
from tests.system.session_runs import session_of, without_time
from vplat.errors import UsageError, VplatError
from vplat.model import Observer
from vplat.testing import NotReached, Platform, at, at_cycle, on_console, on_event
from vplat.testing.boots import Boots


@pytest.fixture(scope="module")
def boots() -> Iterator[Boots]:
    found = new_boots()
    yield found
    found.close()


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return echo_firmware(tmp_path_factory.mktemp("echo"))


@pytest.fixture
def platform(boots: Boots) -> Iterator[Platform]:
    with platform_of(boots) as found:
        yield found


def test_a_run_with_stops_in_it_ends_as_the_same_run_without(
    platform: Platform, boots: Boots
) -> None:
    plain = without_time(session_of("dma_copy").run())
    platform.run_until("random_fill")
    platform.run_until("mchan.finished", within="10M")
    platform.run_until(at("firmware/drivers/mchan.c:40", passes=2))
    platform.expect("rows out")
    platform.run_until(on_event("event_unit.lines[8]", passes=3))
    ended = platform.run()
    assert (ended.exit_status, platform.is_over) == (0, True)
    found = ended.as_json()
    assert found.pop("seconds") > 0
    assert found == {**plain, "console": plain["console"].decode()}
    with platform_of(boots) as again:
        assert again.run().statistics == ended.statistics


def test_the_machine_stands_where_it_was_let_run_to(platform: Platform) -> None:
    assert {hart.state for hart in platform.harts} == {"running"}
    assert platform.harts[0].function == "main"
    began = platform.harts[0].cycles
    stop = platform.run_for(1_000)
    assert began + 1_000 <= stop.cycle <= platform.harts[0].cycles < began + 1_100
    wanted = stop.cycle + 500
    assert wanted <= platform.run_until(at_cycle(wanted)).cycle < wanted + 100
    stop = platform.run_until("drivers/mchan.c:40")
    assert (stop.hart, platform.harts[0].line) == (0, "firmware/drivers/mchan.c:40")
    stop = platform.run_until(at("mchan_finish", hart=5))
    assert (stop.hart, platform.harts[5].function) == (5, "mchan_finish")
    assert platform.harts[5].cycles == stop.cycle


def test_what_was_printed_is_expected_once(platform: Platform) -> None:
    assert platform.expect(re.compile(r"L(\d): one piece into")).text == "L2: one piece into"
    assert platform.expect("one piece into").cycle > 0
    assert platform.console.count("one piece into") == 2
    with pytest.raises(NotReached, match=r"'one piece into' on the console: it exited with stat"):
        platform.expect("one piece into")


def test_registers_and_fields_are_read_and_set_by_name(platform: Platform) -> None:
    platform.run_until("mchan.finished")
    assert platform.mchan.status.allocated == 1
    assert platform["mchan.status.allocated"] == 1
    assert platform["mchan.status"] == platform.mchan.status.word == 0x0001_0000
    platform.mchan.status.allocated = 3
    platform["mchan.status.active"] = 5
    assert platform.devices["mchan"].status.word == 0x0003_0005
    platform.uart.scr = 0x5A
    assert platform.load("uart.scr") == 0x5A
    platform.store("uart.scr", 0x1FF, hart=3, size=1)
    assert platform.load("uart.scr", size=1) == 0xFF
    assert platform.mchan.kind == "mchan"
    assert platform.mchan.activities["transfers"] == 1
    assert "status=0x30005" in repr(platform.mchan)
    assert {"mchan", "ita", "uart"} <= set(platform.devices)
    assert "mchan" in dir(platform)
    assert "status" in dir(platform.mchan)


def test_a_store_by_name_does_what_that_of_a_hart_does(platform: Platform) -> None:
    tid = platform.load("mchan.cmd", hart=2)
    assert platform.mchan.status.allocated == 1 << tid
    platform.store("mchan.status", 1 << tid, hart=2)
    assert platform.mchan.status.allocated == 0


def test_memory_is_read_and_written_by_symbol_and_address(platform: Platform) -> None:
    memory = platform.memory
    words = np.arange(-4, 4, dtype=np.int16).reshape(2, 4)
    memory.write("in_l3+16", words)
    assert memory.read("in_l3+0x10", 4) == b"\xfc\xff\xfd\xff"
    assert (memory.read_array("in_l3+16", np.int16, (2, 4)) == words).all()
    memory.write("in_l2", -2)
    memory.write(memory.address("in_l2") + 4, b"\x01\x02")
    assert memory.read_int("in_l2", signed=True) == -2
    assert memory.read_int("in_l2+4", 2) == 0x0201
    assert len(memory.read("in_l2")) == len(memory.read_array("in_l2", np.int8)) == 8000


def test_code_that_a_test_writes_is_executed(platform: Platform) -> None:
    platform.run_until("random_fill")
    platform.memory.write("random_fill", 0x8082, 2)  # c.jr ra
    platform.memory.write("exit", 0x0000_0073)  # ecall
    platform.run_until(at("random_fill"))
    assert platform.memory.read_int("random_fill", 2) == 0x8082


def test_harts_have_registers_and_places(platform: Platform) -> None:
    hart = platform.harts[3]
    assert hart.sp == hart["x2"] == hart["sp"] > 0x1000_0000
    hart.a0, hart["fa0"] = 0x1234_5678, 0x4000_0000
    assert (hart["a0"], hart.fa0) == (0x1234_5678, 0x4000_0000)
    platform.run_until("mchan.finished")
    assert hart.state == "stalled"
    assert "barrier" in hart.waits_for
    assert "barrier" in repr(hart)
    assert hart.instructions < platform.harts[0].instructions
    assert len(list(platform.harts)) == len(platform.harts) == 8


def test_calls_are_counted_from_where_the_test_began(platform: Platform) -> None:
    assert platform.calls("main") == platform.calls("random_fill") == 0
    platform.run_until("random_fill")
    assert platform.calls("random_fill") == 0
    platform.run_until(at("random_fill", passes=1))
    assert platform.calls("random_fill") == 2
    platform.run()
    assert platform.calls("main") == 8


def test_a_conversation_over_the_uart(boots: Boots, echo: Path) -> None:
    for name in ("Ada", "Grace"):
        with platform_of(boots, echo, "console:there? ") as platform:
            platform.type(f"{name}\n")
            assert platform.expect(f"Hello, {name}", within="1M").text == f"Hello, {name}"
            platform.type(b"Barbara\n")
            saved = platform.snapshot()
            platform.expect(re.compile(r"Hello, B\w+"))
            assert platform.memory.read("name", 8) == b"Barbara\n"
            platform.restore(saved)
            assert "Barbara" not in platform.console
            platform.expect("Hello, Barbara")
            assert platform.calls("greet") == 2
            with pytest.raises(NotReached, match="did not come"):
                platform.expect("Who is there? Hello, Ada", within="1M")


def test_firmware_that_polls_for_ever_is_told_as_a_deadlock(boots: Boots, echo: Path) -> None:
    with platform_of(boots, echo, None, max_cycles=20_000_000) as platform:
        ended = platform.run()
    assert (ended.exit_status, str(ended.outcome.ending)) == (126, "deadlocked")
    assert ended.explanation is not None
    assert "lsr" in str(ended.explanation)


def test_a_test_goes_back_to_its_own_snapshots(platform: Platform) -> None:
    platform.run_until("mchan.finished")
    saved, cycle, console = platform.snapshot(), platform.cycles, platform.console
    with platform.fork():
        platform.memory.write("in_l3", 7)
        platform.mchan.status.active = 9
        first = platform.run().as_json()
    assert (platform.cycles, platform.console) == (cycle, console)
    assert platform.memory.read_int("in_l3") != 7
    with platform.fork():
        platform.memory.write("in_l3", 7)
        platform.mchan.status.active = 9
        second = platform.run().as_json()
    assert {**first, "seconds": 0} == {**second, "seconds": 0}
    platform.restore(saved)
    assert platform.run().exit_status == 0
    platform.restore(saved)
    assert not platform.is_over


def test_a_run_that_may_take_no_longer_is_out_of_cycles_and_can_go_on(boots: Boots) -> None:
    with platform_of(boots, max_cycles=200_000) as platform:
        ended = platform.run()
        assert (ended.exit_status, platform.is_over) == (124, False)
        assert ended.outcome.message.startswith("the firmware had not ended after")
    with platform_of(boots) as platform:
        assert platform.run(max_cycles="200k").exit_status == 124
        assert platform.run().exit_status == 0


def test_checks_are_made_for_each_test_anew(boots: Boots) -> None:
    for _ in range(2):
        with platform_of(boots, check=True) as platform:
            platform.store("mchan.cmd", 0xFF00_0000)
            assert "dma-command-word" in [finding.rule for finding in platform.findings]
            assert platform.run().exit_status == 0


class _Pulses(Observer):
    def __init__(self) -> None:
        self.seen = 0

    def event(self, *_: object) -> None:
        self.seen += 1


def test_an_observer_is_told_while_it_is_asked_for(platform: Platform, boots: Boots) -> None:
    pulses = _Pulses()
    with platform.watch(pulses):
        platform.run_until("mchan.finished")
    seen = pulses.seen
    platform.run()
    assert pulses.seen == seen > 0
    with platform_of(boots) as other:
        other.watch(pulses).__enter__()
    with platform_of(boots) as other:
        other.run()
    assert pulses.seen == seen


Deed = Callable[[Platform], object]
BAD: list[tuple[Deed, str]] = [
    (lambda p: p.mchn, "board pulp-ita has no device 'mchn'; did you mean 'mchan'?"),
    (lambda p: p["mchn"], "no device 'mchn'; did you mean 'mchan'?"),
    (lambda p: p.mchan.stats, "mchan has no register 'stats'; did you mean 'status'?"),
    (lambda p: p.mchan.status.activ, "no field 'activ'; did you mean 'active'?"),
    (lambda p: p["mchan.status.activ"], "mchan.status has no field 'activ'; did you mean"),
    (lambda p: p["mchan status"], "no device 'mchan status'"),
    (lambda p: p["mchan.status.a.b"], "'mchan.status.a.b' is no register; write it like"),
    (lambda p: setattr(p.mchan, "stats", 1), "mchan has no register 'stats'"),
    (lambda p: setattr(p, "mchan", 1), "platform.mchan cannot be set; set one of its registers"),
    (lambda p: p.load("mchan.status.active"), "is a field; a load or store takes the whole"),
    (lambda p: p.load(0x5000_0000), "a load of 1342177280 is refused: nothing answers"),
    (lambda p: p.harts[8], "there is no hart 8: the board has harts 0 to 7"),
    (lambda p: p.harts[0]["a00"], "a hart has no register 'a00'; did you mean 'a0'?"),
    (lambda p: p.harts[0].a00, "a hart has no register 'a00'"),
    (lambda p: p.memory.read("in_l4", 1), "has no symbol 'in_l4'; did you mean"),
    (lambda p: p.memory.read("mchan", 1), "has no symbol 'mchan'; did you mean"),
    (lambda p: p.memory.read(0x5000_0000, 4), "0x50000000: at 0x50000000 is nothing, no memory"),
    (lambda p: p.memory.read(0x1020_1804, 4), "is mchan.status, no memory of board pulp-ita"),
    (lambda p: p.memory.read(0x1000_0000), "nobody knows how long 0x10000000 is; say how many"),
    (lambda p: p.run_until("mian"), "has no code for 'mian'; did you mean 'main'?"),
    (lambda p: p.run_until("main.c:9999"), "has no code for 'main.c:9999'"),
    (lambda p: p.run_until("mchan.finishd"), "mchan has no event 'finishd'; did you mean"),
    (lambda p: p.run_until("mchn.finished"), "no device 'mchn'; did you mean 'mchan'?"),
    (lambda p: p.run_until(on_event("mchan.x")), "mchan has no event 'x'; there are"),
    (lambda p: p.run_until(-1), "-1 is no moment of a run; give a cycle, a function"),
    (lambda p: p.run_until(1), "cycle 1 is past: the run has come to cycle"),
    (lambda p: p.run_until(at("main", hart=9)), "there is no hart 9; board pulp-ita has harts"),
    (lambda p: p.run_for("soon"), "'soon' is no number of cycles; write it like 10_000 or 10M"),
    (lambda p: p.run_for(0), "0 cycles are no time to run for"),
    (lambda p: p.calls("mian"), "the firmware has no function 'mian'; did you mean 'main'?"),
    (lambda p: p.faults.lose_event("mchan.finishd"), "mchan has no event 'finishd'"),
    (lambda p: p.faults.lose_event("mchan.finished", times=0), "a fault comes at least once"),
    (lambda p: p.faults.lose_event("mchan.finished", skip=-1), "-1 occasions cannot pass"),
    (lambda p: p.faults.delay_event("mchan.finished", 0), "a fault of 0 cycles is none"),
    (lambda p: p.faults.raise_event("uart.irq"), "uart.irq is a level, which cannot pulse"),
    (lambda p: p.faults.stall("mchn"), "no device 'mchn'; did you mean 'mchan'?"),
    (lambda p: p.faults.fail_transfer("dma"), "no device 'dma'"),
    (lambda p: p.faults.flip_hart(0, "zero"), "register zero of a hart is always 0"),
    (lambda p: p.faults.flip_hart(0, "a0", 32), "a0 has bits 0 to 31, there is no bit 32"),
    (lambda p: p.faults.flip_hart(9, "a0"), "there is no hart 9"),
    (lambda p: p.faults.flip_register("mchan.status.active", 16), "has bits 0 to 15"),
    (lambda p: p.faults.flip_register("mchan"), "'mchan' is no register"),
    (lambda p: p.faults.flip_memory("in_l2", 64_000), "in_l2 has bits 0 to 63999"),
    (lambda p: p.faults.flip_memory(0x5000_0000), "there is no memory at 0x50000000"),
    (lambda p: p.faults.stall("mchan", when=5), "a fault at cycle 5 comes too late"),
    (lambda p: p.faults.stall("mchan", when="mian"), "no code for 'mian'; did you mean"),
    (lambda p: p.faults.stall("mchan", when=on_console("x")), "a fault cannot wait for 'x' on"),
]


@pytest.mark.parametrize(("deed", "sentence"), BAD, ids=[sentence for _, sentence in BAD])
def test_what_does_not_exist_is_refused_in_a_sentence(
    boots: Boots, deed: Deed, sentence: str
) -> None:
    with platform_of(boots) as platform:
        with pytest.raises((VplatError, AttributeError), match=re.escape(sentence)) as raised:
            deed(platform)
        assert "\n" not in str(raised.value)
        before = platform.cycles
        assert platform.cycles == before == 0


def test_what_never_comes_is_told_with_where_the_harts_are(platform: Platform) -> None:
    with pytest.raises(NotReached) as missed:
        platform.run_until("ita.finished", within=10_000)
    told = str(missed.value)
    assert told.startswith("ita.finished did not come within 10000 cycles; hart 0 running at 0x")
    assert "harts 1-7 waiting for barrier_trigger_wait_clear[0]" in told
    with pytest.raises(NotReached, match=r"beyond cycle \d+, which is all that the test may take"):
        platform.run_until(at_cycle(1 << 60))
    platform.run()
    with pytest.raises(UsageError, match="the run is over: it exited with status 0; restore a"):
        platform.run_for(10)


def test_a_platform_is_of_no_use_when_its_test_is_over(boots: Boots) -> None:
    with platform_of(boots) as platform:
        mchan, hart, memory = platform.mchan, platform.harts[0], platform.memory
    assert repr(platform) == "<platform of a test that is over>"
    for deed in (lambda: mchan.status, lambda: hart.pc, lambda: memory.read("in_l2"), platform.run):
        with pytest.raises(UsageError, match="belongs to a test that is over"):
            deed()


def test_a_boot_that_does_not_come_to_its_moment_is_refused(boots: Boots) -> None:
    for until, sentence in (
        (
            "ita.finished",
            r"dma_copy\.elf did not come to ita\.finished, where the test is to begin",
        ),
        ("console:no such text", "it exited with status 0; say another moment with until"),
    ):
        with pytest.raises(UsageError, match=sentence), platform_of(boots, DMA_COPY, until):
            pass
