"""MCHAN: ports, transfer identifiers, command words, queue, events, what drivers do wrong."""

from __future__ import annotations

import pytest

from vplat.errors import DeclarationError
from vplat.model import AccessFault, Stall, Window
from vplat.peripherals.mchan import Mchan, vplat_peripherals
from vplat.testing.bench import Bench

TCDM = 0x1000_0000
L2 = 0x1C00_0000
RX, INC, EXT_2D, ELE, ILE, BLE, TCDM_2D = (1 << position for position in range(17, 24))
ALL_HARTS = 0xFF


class Driver:
    """What firmware does with one MCHAN."""

    def __init__(self, **parameters: object) -> None:
        self.bench = Bench()
        self.dma = self.bench.build(Mchan, parameters)

    def allocate(self, hart: int = 0) -> int:
        return self.bench.load(self.dma, "cmd", hart=hart, window=Mchan.core)

    def store(self, *words: int, hart: int = 0) -> None:
        for word in words:
            self.bench.store(self.dma, "cmd", word, hart=hart, window=Mchan.core)

    def status(self, hart: int = 0) -> int:
        return self.bench.load(self.dma, "status", hart=hart, window=Mchan.core)

    def free(self, tids: int, hart: int = 0) -> None:
        self.bench.store(self.dma, "status", tids, hart=hart, window=Mchan.core)

    def copy_in(self, length: int = 64, flags: int = ELE, hart: int = 0) -> None:
        self.store(length | RX | INC | flags, TCDM + 0x100 * hart, L2 + 0x100 * hart, hart=hart)

    def rules(self) -> list[str]:
        return [rule for rule, _ in self.bench.reports]


@pytest.fixture
def driver() -> Driver:
    return Driver()


def test_the_package_is_a_plugin_that_offers_the_device() -> None:
    assert vplat_peripherals() == [Mchan]


def test_a_load_of_cmd_allocates_the_lowest_free_tid(driver: Driver) -> None:
    assert [driver.allocate(hart) for hart in (0, 5, 0)] == [0, 1, 2]
    driver.free(1 << 1)
    assert driver.allocate(7) == 1
    assert driver.status() == 0b111 << 16


def test_eight_harts_get_sixteen_different_tids(driver: Driver) -> None:
    tids = [driver.allocate(hart) for hart in range(8) for _ in range(2)]
    assert sorted(tids) == list(range(16))


def test_a_hart_sleeps_while_no_tid_is_free_and_wakes_when_one_is_freed(driver: Driver) -> None:
    for _ in range(16):
        driver.allocate()
    with pytest.raises(Stall, match="a free TID"):
        driver.allocate(3)
    assert "all 16 are allocated" in driver.dma.explain_wait(3)
    assert driver.dma.explain_wait(2) == ""
    driver.free(1 << 9, hart=1)
    assert driver.bench.woken == [3]
    assert driver.allocate(3) == 9
    assert driver.dma.explain_wait(3) == ""


def test_sixteen_tids_allocated_with_nothing_to_do_are_reported_as_a_leak_once(
    driver: Driver,
) -> None:
    for _ in range(16):
        driver.allocate()
    for _ in range(2):
        with pytest.raises(Stall):
            driver.allocate(3)
    assert driver.rules() == ["dma-tid-leak"]
    assert "hart 3" in driver.bench.reports[0][1]


def test_a_wait_for_a_tid_that_is_at_work_is_no_leak(driver: Driver) -> None:
    for _ in range(16):
        driver.allocate()
    driver.copy_in()
    with pytest.raises(Stall):
        driver.allocate(3)
    assert driver.rules() == []
    assert "not freed: 0, 1, 2" in driver.dma.explain_wait(3)


def test_a_tid_is_active_from_the_last_word_of_its_command_to_the_end(driver: Driver) -> None:
    tid = driver.allocate()
    driver.store(64 | RX | INC | ELE, TCDM)
    assert driver.dma.status.active == 0
    driver.store(L2)
    assert driver.status() == 1 << 16 | 1
    driver.bench.settle()
    assert driver.status() == 1 << 16
    driver.free(1 << tid)
    assert driver.status() == 0
    assert driver.rules() == []


def test_several_commands_share_a_tid_and_end_it_together(driver: Driver) -> None:
    driver.allocate()
    for _ in range(5):
        driver.copy_in(512)
    driver.bench.settle()
    assert len(driver.bench.sent) == 1
    assert driver.dma.activities["transfers"] == 5
    driver.copy_in()
    driver.bench.settle()
    assert len(driver.bench.sent) == 2


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (0, []),
        (ELE, [("finished", 1 << 5)]),
        (ILE, [("interrupt", 1 << 5)]),
        (ELE | ILE, [("finished", 1 << 5), ("interrupt", 1 << 5)]),
        (ELE | BLE, [("finished", ALL_HARTS), ("external_finished", 0xFFFF_FFFF)]),
        (ILE | BLE, [("interrupt", ALL_HARTS)]),
    ],
)
def test_the_flags_of_a_command_choose_its_events_and_their_harts(
    driver: Driver, flags: int, expected: list[tuple[str, int]]
) -> None:
    driver.allocate(5)
    driver.copy_in(flags=flags, hart=5)
    driver.bench.settle()
    assert [(sent.output, sent.harts) for sent in driver.bench.sent] == expected


def test_the_flags_of_the_last_command_count_for_the_whole_tid(driver: Driver) -> None:
    driver.allocate()
    driver.copy_in(flags=ELE)
    driver.copy_in(flags=ILE)
    driver.bench.settle()
    assert [sent.output for sent in driver.bench.sent] == ["interrupt"]


@pytest.mark.parametrize("window", [Mchan.cluster, Mchan.fabric], ids=repr)
def test_a_port_beyond_the_harts_pulses_the_external_event(window: Window, driver: Driver) -> None:
    tid = driver.bench.load(driver.dma, "cmd", hart=-1, window=window)
    for word in (8 | RX | INC | ELE | ILE, TCDM, L2):
        driver.bench.store(driver.dma, "cmd", word, hart=-1, window=window)
    driver.bench.settle()
    assert [sent.output for sent in driver.bench.sent] == ["external_finished"]
    assert driver.bench.load(driver.dma, "status", hart=-1, window=window) == 1 << 16 + tid


def test_each_port_collects_its_own_command(driver: Driver) -> None:
    driver.bench.bus.write(L2, bytes(range(1, 65)))
    driver.bench.bus.write(L2 + 0x200, b"\xaa" * 64)
    for hart in (0, 2):
        driver.allocate(hart)
    commands = {hart: (64 | RX | INC, TCDM + 0x100 * hart, L2 + 0x100 * hart) for hart in (0, 2)}
    for step in range(3):
        for hart, words in commands.items():
            driver.store(words[step], hart=hart)
    driver.bench.settle()
    assert driver.bench.bus.read(TCDM, 64) == bytes(range(1, 65))
    assert driver.bench.bus.read(TCDM + 0x200, 64) == b"\xaa" * 64
    assert driver.rules() == []


@pytest.mark.parametrize(("how", "pieces"), [("load", 1), ("allocate", 2), ("store", 1)])
def test_another_access_in_mid_command_loses_the_command_and_is_served(
    driver: Driver, how: str, pieces: int
) -> None:
    driver.allocate()
    driver.store(*(64 | RX | INC | ELE, TCDM)[:pieces])
    if how == "load":
        assert driver.status() == 1 << 16
    elif how == "allocate":
        assert driver.allocate() == 1
    else:
        driver.free(1)
        assert driver.allocate() == 0
    assert driver.rules() == ["dma-command-broken"]
    assert f"after {pieces} of 3 words" in driver.bench.reports[0][1]
    driver.copy_in()
    driver.bench.settle()
    assert len(driver.bench.sent) == 1


def test_a_status_load_between_allocation_and_command_is_in_order(driver: Driver) -> None:
    driver.allocate()
    driver.status()
    driver.copy_in()
    driver.status()
    assert driver.rules() == []


def test_words_of_two_harts_in_one_command_of_a_shared_port_are_reported(driver: Driver) -> None:
    driver.bench.load(driver.dma, "cmd", hart=1, window=Mchan.cluster)
    for hart, word in ((1, 64 | RX | INC), (2, TCDM), (1, L2)):
        driver.bench.store(driver.dma, "cmd", word, hart=hart, window=Mchan.cluster)
    assert driver.rules() == ["dma-port-shared"]
    assert "hart 2 and hart 1" in driver.bench.reports[0][1]


def test_freeing_what_is_not_allocated_is_reported_by_number(driver: Driver) -> None:
    driver.free(1 << 4)
    assert driver.rules() == ["dma-tid-freed"]
    assert "TID 4" in driver.bench.reports[0][1]


def test_freeing_all_tids_at_once_is_what_the_runtime_does(driver: Driver) -> None:
    driver.allocate()
    driver.free(0xFFFF_FFFF)
    assert driver.status() == 0
    assert driver.rules() == []


def test_freeing_an_active_tid_is_reported_and_cancels_nothing(driver: Driver) -> None:
    driver.bench.bus.write(L2, b"payload!")
    driver.allocate()
    driver.copy_in(8)
    driver.free(1)
    assert driver.status() == 1
    assert driver.rules() == ["dma-tid-freed"]
    driver.bench.settle()
    assert driver.bench.bus.read(TCDM, 8) == b"payload!"


def test_a_command_under_a_tid_that_nobody_allocated_runs_and_is_reported(driver: Driver) -> None:
    driver.copy_in()
    assert driver.rules() == ["dma-tid-not-allocated"]
    assert driver.status() == 1
    driver.bench.settle()
    assert driver.bench.sent[0].output == "finished"


def test_an_address_in_place_of_the_first_word_is_reported(driver: Driver) -> None:
    driver.allocate()
    driver.store(L2 + 0x40)
    assert driver.rules() == ["dma-command-word"]
    assert "0x1c000040" in driver.bench.reports[0][1]


def test_the_seventeenth_command_waits_for_a_place_and_its_port_with_it(driver: Driver) -> None:
    for hart in range(8):
        driver.allocate(hart)
    for number in range(17):
        driver.copy_in(1024, hart=number % 8)
    assert len(driver.dma.queue) == 16
    driver.copy_in(1024, hart=1)
    assert list(driver.dma.held) == [1]
    assert driver.status(2) == 0xFF << 16 | 0xFF
    for access in (driver.status, driver.allocate, lambda hart: driver.store(0, hart=hart)):
        with pytest.raises(Stall, match="a place in the command queue"):
            access(1)
    assert "16 commands wait" in driver.dma.explain_wait(1)
    driver.bench.advance(200)
    assert driver.bench.woken == [1]
    driver.copy_in(1024, hart=1)
    driver.bench.settle()
    assert driver.dma.activities["transfers"] == 19
    assert driver.dma.doing() == ""
    assert driver.rules() == []


def test_termination_events_of_one_cycle_come_one_a_cycle() -> None:
    driver = Driver(external_cycles=5)
    for hart in (0, 1):
        driver.allocate(hart)
    driver.copy_in(8, hart=0)
    driver.store(8 | INC | ELE, TCDM, L2 + 0x1000, hart=1)
    driver.bench.settle()
    first, second = driver.bench.sent
    assert (first.harts, second.harts) == (1, 2)
    assert second.cycle == first.cycle + 1


def test_doing_says_what_is_copied_and_how_much_waits(driver: Driver) -> None:
    assert driver.dma.doing() == ""
    driver.allocate(2)
    for _ in range(3):
        driver.copy_in(4096, hart=2)
    assert driver.dma.doing() == (
        "RX external 0x1c000200 -> TCDM 0x10000200, 4096 bytes (hart 2, TID 0); 2 queued"
    )


def test_a_master_that_is_no_hart_only_looks_at_the_status_of_the_core_window(
    driver: Driver,
) -> None:
    driver.allocate()
    assert driver.status(hart=-1) == 1 << 16
    for access in (driver.allocate, lambda hart: driver.store(0, hart=hart)):
        with pytest.raises(AccessFault, match="no hart in its core window"):
            access(-1)
    with pytest.raises(AccessFault, match="hart 8"):
        driver.allocate(8)
    assert driver.dma.allocated == 1


def test_a_master_that_is_no_hart_is_refused_what_would_make_it_wait(driver: Driver) -> None:
    for _ in range(16):
        driver.allocate()
    with pytest.raises(AccessFault, match="wait for a free TID"):
        driver.bench.load(driver.dma, "cmd", hart=-1, window=Mchan.cluster)


def test_a_snapshot_in_mid_copy_restores_the_whole_state(driver: Driver) -> None:
    driver.allocate()
    driver.store(256 | RX | INC | EXT_2D | TCDM_2D | ELE, TCDM)
    snapshot = driver.dma.snapshot()
    driver.store(L2, 16, 32, 64, 128)
    driver.dma.restore(snapshot)
    assert driver.dma.outstanding[0] == 0
    assert driver.dma.words_of_port[0] == [256 | RX | INC | EXT_2D | TCDM_2D | ELE, TCDM]
    driver.store(L2, 16, 32, 64, 128)
    assert driver.status() == 1 << 16 | 1


def test_a_reset_forgets_what_is_under_way(driver: Driver) -> None:
    driver.allocate()
    driver.copy_in()
    driver.dma.reset()
    driver.bench.settle()
    assert driver.bench.sent == []
    assert driver.status() == 0
    assert driver.allocate() == 0


def test_a_parameter_out_of_range_is_refused_with_its_bounds() -> None:
    with pytest.raises(DeclarationError, match=r"'harts' is 17; it must be 1\.\.16"):
        Driver(harts=17)
    with pytest.raises(DeclarationError, match="choose one of 32, 64"):
        Driver(external_address_bits=40)
