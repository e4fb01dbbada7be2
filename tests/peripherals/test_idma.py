"""iDMA: registers of each port, launches, identifiers, status, event, what drivers do wrong."""

from __future__ import annotations

import pytest

from vplat.errors import DeclarationError
from vplat.model import AccessFault, Stall, Window
from vplat.peripherals.idma import Idma, vplat_peripherals
from vplat.testing.bench import Bench

TCDM = 0x1000_0000
L2 = 0x1C00_0000
AXI, OBI, INIT = 0, 1, 4
OUT = OBI << 12 | AXI << 15
IN = AXI << 12 | OBI << 15
ALL_HARTS = 0xFFFF_FFFF
COPIES = (
    "dst_addr",
    "src_addr",
    "length",
    "dst_stride_2",
    "src_stride_2",
    "reps_2",
    "dst_stride_3",
    "src_stride_3",
    "reps_3",
)


class Driver:
    """What firmware does with one iDMA."""

    def __init__(self, **parameters: object) -> None:
        self.bench = Bench()
        self.dma = self.bench.build(Idma, parameters)

    def load(self, register: str, hart: int = 0, window: Window = Idma.core) -> int:
        return self.bench.load(self.dma, register, hart=hart, window=window)

    def describe(self, hart: int = 0, window: Window = Idma.core, **values: int) -> None:
        for register, value in values.items():
            self.bench.store(self.dma, register, value, hart=hart, window=window)

    def launch(self, stream: int, length: int = 64, hart: int = 0) -> int:
        """Copy within the TCDM on stream 1, to L2 on stream 0."""
        destination, conf = (TCDM + 0x1000, IN) if stream else (L2, OUT)
        source = L2 if stream else TCDM
        self.describe(hart, src_addr=source, dst_addr=destination, length=length, conf=conf)
        return self.load(f"next_id[{stream}]", hart)

    def rules(self) -> list[str]:
        return [rule for rule, _ in self.bench.reports]


@pytest.fixture
def driver() -> Driver:
    return Driver()


def test_the_package_is_a_plugin_that_offers_the_device() -> None:
    assert vplat_peripherals() == [Idma]


@pytest.mark.parametrize(
    ("register", "offset"),
    [
        ("conf", 0x00),
        ("status[0]", 0x04),
        ("status[15]", 0x40),
        ("next_id[0]", 0x44),
        ("next_id[15]", 0x80),
        ("done_id[0]", 0x84),
        ("done_id[15]", 0xC0),
        ("dst_addr", 0xD0),
        ("src_addr", 0xD8),
        ("length", 0xE0),
        ("dst_stride_2", 0xE8),
        ("src_stride_2", 0xF0),
        ("reps_2", 0xF8),
        ("dst_stride_3", 0x100),
        ("src_stride_3", 0x108),
        ("reps_3", 0x110),
    ],
)
def test_the_map_is_the_one_of_reg32_3d(driver: Driver, register: str, offset: int) -> None:
    for port in driver.dma.ports.values():
        assert port.name_at(offset) == f"idma.{register}"


@pytest.mark.parametrize("register", COPIES)
def test_every_port_has_its_own_copy_of_what_describes_a_transfer(
    driver: Driver, register: str
) -> None:
    bench, dma = driver.bench, driver.dma
    for hart in range(8):
        bench.store(dma, register, 0x1000 + hart, hart=hart, window=Idma.core)
    bench.store(dma, register, 0x2000, window=Idma.cluster)
    assert [driver.load(register, hart) for hart in range(8)] == [0x1000 + h for h in range(8)]
    assert driver.load(register, 3, Idma.cluster) == 0x2000


def test_conf_keeps_its_fields_for_each_port(driver: Driver) -> None:
    driver.describe(2, conf=0xFFFF_FFFF)
    assert driver.load("conf", 2) == 0x3_FFFF
    assert driver.load("conf", 3) == 0
    fields = Idma.conf.fields
    places = {name: (field.high, field.low) for name, field in fields.items()}
    assert places == {
        "decouple_aw": (0, 0),
        "decouple_rw": (1, 1),
        "src_reduce_len": (2, 2),
        "dst_reduce_len": (3, 3),
        "src_max_llen": (6, 4),
        "dst_max_llen": (9, 7),
        "enable_nd": (11, 10),
        "src_protocol": (14, 12),
        "dst_protocol": (17, 15),
    }


def test_ids_count_from_2_on_each_stream_and_1_is_done_at_first(driver: Driver) -> None:
    assert driver.load("done_id[0]") == driver.load("done_id[1]") == 1
    assert [driver.launch(1), driver.launch(0), driver.launch(1)] == [2, 2, 3]
    driver.bench.settle()
    assert (driver.load("done_id[0]"), driver.load("done_id[1]")) == (2, 3)


def test_an_id_after_the_greatest_is_1(driver: Driver) -> None:
    driver.dma.next_id[1], driver.dma.done_id[1] = 0xFFFF_FFFD, 0xFFFF_FFFC
    assert [driver.launch(1) for _ in range(3)] == [0xFFFF_FFFD, 0xFFFF_FFFE, 1]
    done = []
    while driver.dma.doing():
        driver.bench.advance(1)
        done.append(driver.load("done_id[1]"))
    assert sorted(set(done)) == [1, 0xFFFF_FFFC, 0xFFFF_FFFD, 0xFFFF_FFFE]
    assert done[-1] == 1


def test_the_event_goes_to_all_harts_at_every_completion(driver: Driver) -> None:
    driver.launch(0, hart=3)
    driver.launch(1, hart=5)
    driver.launch(1, hart=5)
    driver.bench.settle()
    assert [(sent.output, sent.harts) for sent in driver.bench.sent] == [
        ("finished", ALL_HARTS)
    ] * 3


def test_a_launch_takes_the_registers_as_they_are_and_later_stores_change_nothing(
    driver: Driver,
) -> None:
    driver.bench.bus.write(L2, b"first...")
    driver.launch(1, 8)
    driver.describe(src_addr=L2 + 0x100, dst_addr=TCDM + 0x2000, length=16, conf=OUT)
    driver.bench.settle()
    assert driver.bench.bus.read(TCDM + 0x1000, 8) == b"first..."


def test_status_shows_all_streams_in_its_first_word_by_default(driver: Driver) -> None:
    assert driver.load("status[0]") == 0
    driver.launch(1)
    assert driver.load("status[0]") == driver.load("status[1]") == 0x3FF
    driver.bench.settle()
    assert driver.load("status[0]") == driver.load("status[1]") == 0


def test_status_shows_each_stream_alone_as_on_silicon_and_warns_of_the_trap() -> None:
    driver = Driver(status_is_shared=False)
    driver.launch(1)
    assert driver.load("status[1]") == 0x3FF
    assert driver.rules() == []
    assert [driver.load("status[0]") for _ in range(2)] == [0, 0]
    assert driver.rules() == ["dma-status"]
    assert "DONE_ID" in driver.bench.reports[0][1]
    driver.launch(0)
    assert driver.load("status[0]") == 0x3FF


def test_the_middle_end_is_idle_once_all_rows_are_requested(driver: Driver) -> None:
    driver.launch(1, 8)
    driver.bench.advance(5)
    assert driver.load("status[1]") == 0x1FF
    driver.bench.settle()
    assert driver.load("status[1]") == 0


def test_a_full_queue_puts_the_launching_hart_to_sleep_and_launches_once(driver: Driver) -> None:
    assert [driver.launch(1, 4096) for _ in range(16)] == list(range(2, 18))
    driver.describe(4, src_addr=L2, dst_addr=TCDM, length=8, conf=IN)
    for _ in range(2):
        with pytest.raises(Stall, match="queue of iDMA stream 1"):
            driver.load("next_id[1]", 4)
    assert driver.dma.explain_wait(4) == "a place in the queue of stream 1: 16 launches wait"
    assert driver.dma.explain_wait(5) == ""
    assert driver.launch(0) == 2
    driver.bench.advance(1000)
    assert driver.bench.woken == [4]
    assert driver.load("next_id[1]", 4) == 18
    driver.bench.settle()
    assert driver.load("done_id[1]") == 18
    assert driver.dma.activities["transfers"] == 18


def test_the_cluster_port_launches_for_any_master(driver: Driver) -> None:
    driver.bench.bus.write(TCDM, b"payload!")
    driver.describe(-1, Idma.cluster, src_addr=TCDM, dst_addr=L2, length=8, conf=OUT)
    assert driver.load("next_id[0]", -1, Idma.cluster) == 2
    driver.bench.settle()
    assert driver.bench.bus.read(L2, 8) == b"payload!"


def test_a_master_that_is_no_hart_has_no_registers_in_the_core_window(driver: Driver) -> None:
    with pytest.raises(AccessFault, match=r"idma\.src_addr is private to each hart"):
        driver.describe(-1, src_addr=1)
    with pytest.raises(AccessFault, match="no hart in its core window"):
        driver.load("next_id[0]", -1)
    with pytest.raises(AccessFault, match=r"hart 8 .* harts 0\.\.7"):
        driver.load("next_id[0]", 8)
    assert driver.load("done_id[0]", -1) == 1
    assert driver.load("src_addr", 7) == 0


def test_a_master_that_is_no_hart_is_refused_what_would_make_it_wait() -> None:
    driver = Driver(queue_depth=1)
    driver.launch(0)
    with pytest.raises(AccessFault, match="queue of stream 0 is full"):
        driver.load("next_id[0]", -1, Idma.cluster)


def test_a_stream_that_does_not_exist_launches_nothing_and_is_reported(driver: Driver) -> None:
    driver.describe(length=8, conf=IN)
    assert driver.load("next_id[2]") == 0
    assert driver.load("done_id[2]") == driver.load("status[2]") == 0
    assert driver.rules() == ["dma-stream"]
    assert driver.dma.doing() == ""


def test_more_streams_come_with_a_parameter() -> None:
    driver = Driver(streams=4)
    assert [driver.launch(3), driver.launch(3)] == [2, 3]
    assert driver.load("status[0]") == 0x3FF
    driver.bench.settle()
    assert driver.load("done_id[3]") == 3
    assert driver.rules() == []


@pytest.mark.parametrize(
    ("stream", "source", "destination", "culprit"),
    [
        (0, OBI, AXI, None),
        (0, INIT, AXI, None),
        (0, OBI, INIT, None),
        (1, AXI, OBI, None),
        (1, OBI, OBI, None),
        (1, INIT, OBI, None),
        (1, AXI, INIT, None),
        (0, AXI, AXI, "src_protocol of stream 0 is AXI"),
        (0, OBI, OBI, "dst_protocol of stream 0 is OBI"),
        (1, OBI, AXI, "dst_protocol of stream 1 is AXI"),
        (1, 3, OBI, "src_protocol of stream 1 is TILELINK"),
        (1, 7, OBI, "src_protocol of stream 1 is protocol 7"),
    ],
)
def test_protocols_that_a_stream_lacks_are_reported(
    driver: Driver, stream: int, source: int, destination: int, culprit: str | None
) -> None:
    driver.describe(
        src_addr=TCDM if source == OBI else L2,
        dst_addr=TCDM if destination == OBI else L2,
        length=8,
        conf=source << 12 | destination << 15,
    )
    driver.load(f"next_id[{stream}]")
    assert driver.rules() == ["dma-protocol"] * bool(culprit)
    assert culprit is None or culprit in driver.bench.reports[0][1]


def test_doing_names_the_oldest_transfer_of_each_stream(driver: Driver) -> None:
    assert driver.dma.doing() == ""
    driver.launch(0, hart=2)
    driver.describe(
        1, src_addr=L2, dst_addr=TCDM, length=64, reps_2=16, reps_3=3, conf=IN | 2 << 10
    )
    driver.load("next_id[1]", 1)
    driver.launch(1)
    assert driver.dma.doing() == (
        "stream 0: OBI 0x10000000 -> AXI 0x1c000000, 64 bytes (hart 2, id 2); "
        "stream 1: AXI 0x1c000000 -> OBI 0x10000000, 3 x 16 x 64 bytes (hart 1, id 2), 1 queued"
    )


def test_a_snapshot_restores_registers_queues_and_ids(driver: Driver) -> None:
    driver.launch(1, hart=3)
    snapshot = driver.dma.snapshot()
    driver.launch(1, hart=3)
    driver.describe(3, length=1)
    driver.dma.restore(snapshot)
    assert driver.load("length", 3) == 64
    assert driver.dma.next_id[1] == 3
    assert len(driver.dma.queues[1]) == 1


def test_a_reset_forgets_what_is_under_way(driver: Driver) -> None:
    driver.launch(1)
    driver.dma.reset()
    driver.bench.settle()
    assert driver.bench.sent == []
    assert driver.load("status[1]") == 0
    assert driver.launch(1) == 2


def test_a_parameter_out_of_range_is_refused_with_its_bounds() -> None:
    with pytest.raises(DeclarationError, match=r"'streams' is 17; it must be 1\.\.16"):
        Driver(streams=17)
