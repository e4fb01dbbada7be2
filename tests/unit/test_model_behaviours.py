"""Behaviours: when they run, what they are given, what their answers and refusals do."""

from __future__ import annotations

import pytest

from vplat.model import (
    RC,
    RO,
    RW,
    W1C,
    W1P,
    WO,
    AccessFault,
    Declared,
    Peripheral,
    Register,
    Stall,
    State,
    Word,
    Words,
    bit,
    bits,
)
from vplat.testing import Bench


class Reader(Peripheral, kind="reader", size=0x20):
    """Loads with behaviours."""

    computed = Word(0x00, RO, "Computed.", reset=3)
    counted = Word(0x04, RO, "Counted.")
    queue = Register(0x08, "Queue.", level=bits(7, 0, RC, "Level."), id=bits(15, 8, RO, "Id."))
    hidden = Word(0x0C, WO, "Hidden.")
    late = Word(0x10, RC, "Late.", reset=6)

    ready = State(False, "Whether late answers.")

    @computed.on_read
    def compute(self) -> int:
        return 0x1_2345_6789

    @counted.on_read
    def count(self) -> None:
        self.counted += 1

    @queue.on_read
    def fill(self) -> None:
        self.queue.update(level=self.queue.level + 2, id=4)

    @hidden.on_read
    def reveal(self) -> int:
        return 8

    @late.on_read
    def answer_late(self) -> None:
        if not self.ready:
            raise Stall("something late")


class Writer(Peripheral, kind="writer", size=0x20):
    """Stores with behaviours."""

    ctrl = Register(
        0x00,
        "Control.",
        start=bit(0, W1P, "Start."),
        mode=bits(9, 8, RW, "Mode."),
        done=bit(16, W1C, "Done.", reset=1),
    )
    data = Word(0x04, RW, "Data.")
    gate = Word(0x08, RW, "Gate.", reset=1)
    picky = Word(0x0C, W1C, "Picky.", reset=0xFF)
    readings = Word(0x10, RO, "Read-only, yet a store means something.", reset=5)

    seen: State[list[tuple[str, int]]] = State(list, "What ran, with its value.")
    open = State(True, "Whether gate takes stores.")

    @ctrl.start.on_set
    def start(self, value: int) -> None:
        self.seen.append(("start", value))

    @ctrl.mode.on_set
    def choose(self, value: int) -> None:
        self.seen.append(("mode", value))

    @ctrl.done.on_set
    def acknowledge(self, value: int) -> None:
        self.seen.append(("done", value))

    @ctrl.on_write
    def control(self, value: int) -> None:
        self.seen.append(("ctrl", value))

    @data.on_write
    @readings.on_write
    def take(self, value: int, register: Declared) -> None:
        self.seen.append((register.name, value))

    @gate.on_write
    def pass_gate(self, value: int) -> None:
        self.seen.append(("gate", value))
        if not self.open:
            raise Stall("the gate")

    @picky.on_write
    def refuse(self) -> None:
        raise AccessFault("picky refuses")


def test_what_a_read_behaviour_returns_is_what_the_load_gets_cut_to_a_word() -> None:
    bench = Bench()
    device = bench.build(Reader)
    assert bench.load(device, "computed") == 0x2345_6789
    assert bench.load(device, 0x02, size=2) == 0x2345
    assert device.computed == 3


def test_a_read_behaviour_without_an_answer_runs_before_the_word_is_read() -> None:
    bench = Bench()
    device = bench.build(Reader)
    assert [bench.load(device, "counted") for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize(("at", "size"), [(0x04, 1), (0x07, 1), (0x06, 2), (0x04, 4)])
def test_a_load_has_its_side_effect_whatever_its_size_and_lane(at: int, size: int) -> None:
    bench = Bench()
    device = bench.build(Reader)
    bench.load(device, at, size=size)
    assert device.counted == 1


def test_a_field_that_clears_on_read_is_cleared_after_the_behaviour() -> None:
    bench = Bench()
    device = bench.build(Reader)
    assert [bench.load(device, "queue") for _ in range(2)] == [0x402, 0x402]
    assert (device.queue.level, device.queue.id) == (0, 4)


def test_an_answer_is_given_even_where_firmware_may_only_write() -> None:
    bench = Bench()
    assert bench.load(bench.build(Reader), "hidden") == 8


def test_a_load_that_stalls_clears_nothing_and_answers_when_it_is_issued_again() -> None:
    bench = Bench()
    device = bench.build(Reader)
    with pytest.raises(Stall) as stall:
        bench.load(device, "late")
    assert stall.value.reason == "something late"
    assert bench.stalls(device, "late")
    device.ready = True
    assert bench.load(device, "late") == 6
    assert device.late == 0


def test_a_field_behaviour_runs_when_something_but_zero_is_written_to_the_field() -> None:
    bench = Bench()
    device = bench.build(Writer)
    bench.store(device, "ctrl", 0x0000_0201)
    bench.store(device, "ctrl", 0x0001_0000)
    bench.store(device, "ctrl", 0)
    assert device.seen == [
        ("start", 1),
        ("mode", 2),
        ("ctrl", 0x201),
        ("done", 1),
        ("ctrl", 0x1_0000),
        ("ctrl", 0),
    ]
    assert (device.ctrl.start, device.ctrl.mode, device.ctrl.done) == (0, 0, 0)


def test_a_narrow_store_reaches_only_the_fields_in_its_lanes() -> None:
    bench = Bench()
    device = bench.build(Writer)
    bench.store(device, "ctrl", 0x300)
    device.seen.clear()
    bench.store(device, 0x00, 0x01, size=1)
    assert device.seen == [("start", 1), ("ctrl", 1)]
    bench.store(device, 0x01, 0x02, size=1)
    assert device.seen[2:] == [("mode", 2), ("ctrl", 0x200)]
    assert device.ctrl.mode == 2


def test_a_write_behaviour_gets_the_word_on_the_bus_with_zeros_in_the_other_lanes() -> None:
    bench = Bench()
    device = bench.build(Writer)
    bench.store(device, "data", 0x1122_3344)
    bench.store(device, 0x06, 0xFFEE, size=2)
    assert device.seen == [("data", 0x1122_3344), ("data", 0xFFEE_0000)]
    assert device.data == 0xFFEE_3344


def test_a_write_behaviour_finds_the_store_already_done() -> None:
    class Follower(Peripheral, kind="follower", size=0x8):
        """Doubles what is stored."""

        once = Word(0x00, RW, "Once.")
        twice = Word(0x04, RO, "Twice.")

        @once.on_write
        def follow(self) -> None:
            self.twice = 2 * self.once

    bench = Bench()
    device = bench.build(Follower)
    bench.store(device, "once", 21)
    assert bench.load(device, "twice") == 42


def test_a_store_to_a_read_only_register_reaches_its_behaviour_and_changes_nothing() -> None:
    bench = Bench()
    device = bench.build(Writer)
    bench.store(device, "readings", 9)
    assert device.seen == [("readings", 9)]
    assert bench.load(device, "readings") == 5


def test_a_store_that_stalls_leaves_the_word_as_it_was() -> None:
    bench = Bench()
    device = bench.build(Writer)
    device.open = False
    with pytest.raises(Stall, match="the gate"):
        bench.store(device, "gate", 7)
    assert device.gate == 1
    device.open = True
    bench.store(device, "gate", 7)
    assert device.gate == 7
    assert device.seen == [("gate", 7), ("gate", 7)]


def test_a_store_that_is_refused_leaves_the_word_as_it_was() -> None:
    bench = Bench()
    device = bench.build(Writer)
    with pytest.raises(AccessFault, match="picky refuses"):
        bench.store(device, "picky", 0xF0)
    assert device.picky == 0xFF


def test_several_behaviours_of_one_register_run_in_the_order_they_are_declared_in() -> None:
    class Several(Peripheral, kind="several", size=0x8):
        """Two behaviours for one store, one behaviour for two registers."""

        first = Word(0x00, RW, "First.")
        second = Word(0x04, RW, "Second.")
        seen: State[list[str]] = State(list, "What ran.")

        @first.on_write
        def begin(self) -> None:
            self.seen.append("begin")

        @second.on_write
        @first.on_write
        def go_on(self) -> None:
            self.seen.append("go on")

    bench = Bench()
    device = bench.build(Several)
    bench.store(device, "first", 0)
    bench.store(device, "second", 0)
    assert device.seen == ["begin", "go on", "go on"]


def test_a_device_made_of_several_classes_has_the_behaviours_of_all() -> None:
    class Upper(Peripheral, size=0x8):
        """Half of a device."""

        first = Word(0x00, RW, "First.")

        @first.on_read
        def answer(self) -> int:
            return 1

    class Lower(Upper, kind="lower"):
        """The other half, which changes an answer of the first."""

        second = Word(0x04, RW, "Second.")

        @second.on_read
        def answer_too(self) -> int:
            return self.answer() + 1

    bench = Bench()
    device = bench.build(Lower)
    assert (bench.load(device, "first"), bench.load(device, "second")) == (1, 2)
    assert (Lower.kind, Lower.size) == ("lower", 8)


def test_touching_what_is_known_but_not_modelled_is_reported_by_name() -> None:
    class Partial(Peripheral, kind="partial", size=0x10):
        """Some of it is not modelled."""

        modelled = Word(0x00, RW, "Modelled.")
        rows = Words(2, 0x04, RW, "Not modelled.", todo=True)
        partly = Register(
            0x0C, "Partly.", known=bit(0, RW, "Known."), later=bit(1, RW, "Later.", todo=True)
        )

    bench = Bench()
    device = bench.build(Partial, name="part")
    bench.store(device, "modelled", 1)
    assert bench.reports == []
    bench.store(device, "rows[1]", 2, size=1)
    assert bench.load(device, "rows[1]") == 2
    bench.load(device, "partly")
    assert bench.reports == [
        ("not-modelled", "part.rows[1] is known but not modelled"),
        ("not-modelled", "part.rows[1] is known but not modelled"),
        ("not-modelled", "part.partly is known but not modelled"),
    ]
