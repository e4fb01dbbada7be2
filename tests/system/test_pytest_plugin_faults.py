"""Faults on purpose: each does what it says, and a run with faults is as repeatable as any."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.system.firmware_tree import PREBUILT
from tests.system.platforms import new_boots, platform_of
from tests.system.session_runs import session_of, without_time
from vplat.machine.faults import FOR_EVER, Fault, FaultKind, When
from vplat.machine.timeline import Timeline
from vplat.testing import Platform, at, on_event
from vplat.testing.boots import Boots, Wanted
from vplat.testing.injection import PlannedFault

DMA_COPY_IDMA = PREBUILT / "dma_copy_idma.elf"


@pytest.fixture(scope="module")
def boots() -> Iterator[Boots]:
    found = new_boots()
    yield found
    found.close()


@pytest.fixture
def platform(boots: Boots) -> Iterator[Platform]:
    with platform_of(boots) as found:
        yield found


def test_a_lost_event_leaves_the_driver_asleep_for_ever(platform: Platform) -> None:
    lost = platform.faults.lose_event("mchan.finished", skip=1)
    ended = platform.run()
    assert (str(ended.outcome.ending), lost.strikes) == ("deadlocked", 1)
    assert platform.harts[0].function == "mchan_finish"
    assert platform.mchan.status.active == 0


def test_an_event_is_lost_on_its_way_and_not_where_it_comes_from(platform: Platform) -> None:
    platform.faults.lose_event("event_unit.lines[8]")
    platform.run_until("mchan.finished")
    assert platform.event_unit.activities == platform.devices["event_unit"].activities
    platform.run_for(1)
    assert "event 8 (DMA)" in platform.harts[0].waits_for or platform.harts[0].state == "running"
    assert str(platform.run().outcome.ending) == "deadlocked"


def test_a_delayed_event_arrives_later_and_the_driver_waits(
    platform: Platform, boots: Boots
) -> None:
    plain = platform.run()
    with platform_of(boots) as slower:
        late = slower.faults.delay_event("mchan.finished", 5_000)
        pulsed = slower.run_until("mchan.finished").cycle
        back = slower.run_until(at("memcmp", hart=0)).cycle
        assert pulsed + 5_000 <= back < pulsed + 6_000
        ended = slower.run()
        assert (ended.exit_status, late.strikes) == (0, 1)
    assert ended.statistics.cycles == plain.statistics.cycles + 5_000


def test_an_event_for_no_reason_wakes_whoever_waits_for_it(
    platform: Platform, boots: Boots
) -> None:
    plain = platform.run_until("mchan.finished").cycle
    with platform_of(boots) as early:
        raised = early.faults.raise_event("event_unit.lines[8]", hart=0, when=plain - 300)
        assert early.run_until("mchan.finished").cycle == plain - 300
        assert (early.mchan.status.active, raised.strikes) == (1, 1)
        early.run_until("mchan.finished")
        assert early.mchan.status.active == 0
        ended = early.run()
    assert ended.exit_status == 0


def test_a_stalled_device_takes_so_much_longer(platform: Platform, boots: Boots) -> None:
    plain = platform.run_until("mchan.finished").cycle
    for when in (None, "mchan_finish"):
        with platform_of(boots) as slower:
            stalled = slower.faults.stall("mchan", 7_000, when=when)
            assert slower.run_until("mchan.finished").cycle == plain + 7_000
            assert (slower.run().exit_status, stalled.strikes) == (0, 1)


def test_a_device_that_is_stalled_for_ever_never_finishes(platform: Platform) -> None:
    platform.run_until("mchan.finished")
    platform.faults.stall("mchan", when=on_event("mchan.finished", passes=1))
    ended = platform.run()
    assert str(ended.outcome.ending) == "deadlocked"
    assert platform.mchan.status.active
    assert platform.mchan.doing.startswith("TX TCDM")


def test_a_transfer_fails_and_no_byte_of_it_moves(platform: Platform) -> None:
    failing = platform.faults.fail_transfer("mchan", skip=1)
    ended = platform.run()
    assert (ended.exit_status, failing.strikes) == (1, 1)
    assert ended.console.endswith("L2: one piece out of the TCDM    FAILED\n")
    (finding,) = platform.findings
    assert finding.rule == "dma-access-fault"
    assert "a fault on purpose" in finding.sentence


def test_every_kind_of_dma_can_fail(boots: Boots) -> None:
    fork = boots.fork(Wanted("pulp-ita-idma", DMA_COPY_IDMA))
    platform = Platform(fork)
    failing = platform.faults.fail_transfer("idma", times=None)
    ended, strikes = platform.run(), failing.strikes
    boots.give_back(fork)
    assert ended.exit_status == 1
    assert strikes >= 1


def test_bits_flip_in_memory_when_a_place_is_reached(platform: Platform) -> None:
    place = at("mchan_finish", passes=2)
    with platform.fork():
        platform.run_until(place)
        before = platform.memory.read_int("in_l3+8")
    platform.faults.flip_memory("in_l3+8", 17, when=place)
    platform.run_until(place)
    assert platform.memory.read_int("in_l3+8") == before ^ 1 << 17
    assert "bit 17 of in_l3+8 flips" in platform.machine.faults.strikes[0].sentence


def test_a_bit_that_flips_in_code_is_executed(platform: Platform) -> None:
    platform.run_until("mchan_finish")
    platform.faults.flip_memory("random_fill", 0)
    platform.faults.flip_memory("random_fill", 1)
    assert platform.run().exit_status in (1, 126)


def test_bits_flip_in_registers_of_harts(platform: Platform) -> None:
    platform.faults.flip_hart(0, "a0", 30, when=at("mchan_start"))
    platform.faults.flip_hart(3, "fs0", 40)
    ended = platform.run()
    assert ended.crash is not None
    assert ended.crash.hart == 0
    assert platform.harts[3].fs0 & 1 << 40


def test_bits_flip_in_registers_of_devices(platform: Platform) -> None:
    platform.faults.flip_register("mchan.status.allocated", 3)
    assert platform.mchan.status.allocated == 8
    began = platform.harts[0].cycles
    platform.faults.flip_register("uart.scr", 31, when=began + 5_000)
    platform.run_for(4_900)
    assert platform.uart.scr == 0
    platform.run_for(200)
    assert platform.uart.scr == 1 << 31


PLANS: list[Callable[[Platform], PlannedFault]] = [
    lambda p: p.faults.lose_event("mchan.finished", skip=2, times=None),
    lambda p: p.faults.delay_event("mchan.finished", 900, skip=1, times=3),
    lambda p: p.faults.stall("mchan", 3_333, when=at("mchan_start", passes=1)),
    lambda p: p.faults.fail_transfer("mchan", when=on_event("mchan.finished", passes=1)),
    lambda p: p.faults.flip_memory("in_l3", 9, when=700_000),
    lambda p: p.faults.flip_hart(0, "s1", 2, when=at("memcmp", passes=1)),
    lambda p: p.faults.flip_register("mchan.status.active", 15, when="mchan.finished"),
    lambda p: p.faults.raise_event("mchan.finished", when=at("memcmp", passes=1)),
]


@pytest.mark.parametrize("plan", PLANS, ids=[str(number) for number in range(len(PLANS))])
def test_a_run_with_a_fault_is_the_same_each_time_wherever_it_is_restored(
    boots: Boots, plan: Callable[[Platform], PlannedFault], tmp_path: Path
) -> None:
    ends = []
    for _ in range(2):
        with platform_of(boots) as platform:
            platform.run_for(10_000)
            plan(platform)
            platform.run_for(100_000)
            saved = platform.snapshot()
            platform.session.save(tmp_path / "planned")
            ends.append(without_time(platform.run()))
            platform.restore(saved)
            ends.append(without_time(platform.run()))
            assert len(platform.machine.faults.strikes) >= 1
    other = session_of("dma_copy")
    other.load(tmp_path / "planned")
    elsewhere = without_time(other.run())
    assert elsewhere["console"].decode() == ends[0]["console"]
    ends.append({**elsewhere, "console": ends[0]["console"], "elf": ends[0]["elf"]})
    assert all(each == ends[0] for each in ends[1:])
    with platform_of(boots) as platform:
        assert not platform.machine.faults.strikes
        assert platform.run().statistics == session_of("dma_copy").run().statistics


def test_faults_are_met_again_when_time_is_gone_back_in(native: bool) -> None:
    session = session_of("dma_copy", native=native)
    machine = session.machine
    address = session.firmware.symbol("in_l3")
    place = session.firmware.symbol("memcmp")
    assert address is not None
    assert place is not None
    memory = Fault(FaultKind.FLIP_MEMORY, address=address, mask=1, label="in_l3")
    lost = Fault(FaultKind.STALL, device="mchan", cycles=FOR_EVER, label="mchan")
    machine.faults.plan(memory, When(address=place, passes=1))
    machine.faults.plan(lost, When(event="mchan.finished", passes=2))
    timeline = Timeline(machine, interval_cycles=100_000)
    timeline.repeat(lambda: False)
    end, strikes = timeline.position, list(machine.faults.strikes)
    assert machine.outcome is not None
    assert len(strikes) == 2
    timeline.go_to(timeline.start)
    assert machine.faults.strikes == []
    timeline.go_to(end)
    assert machine.faults.strikes == strikes
    timeline.close()


def test_a_machine_whose_faults_are_over_has_what_it_had_before(platform: Platform) -> None:
    machine = platform.machine
    before = {name: type(device.platform) for name, device in machine.devices.items()}
    sinks = machine.devices["mchan"].sinks("finished")
    platform.faults.flip_register("uart.scr", 0, when="mchan.finished")
    platform.faults.delay_event("mchan.finished", 10)
    platform.faults.fail_transfer("mchan", skip=1)
    assert type(machine.devices["mchan"].platform) is not before["mchan"]
    assert machine.devices["mchan"].sinks("finished") != sinks
    platform.run_until(on_event("mchan.finished", passes=1))
    platform.run_for(100)
    assert machine.devices["mchan"].sinks("finished") == sinks
    assert {name: type(device.platform) for name, device in machine.devices.items()} == before
