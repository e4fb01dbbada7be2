"""The driver checker on registers: what works by luck is told, what is right is not."""

from __future__ import annotations

import pytest

from vplat.checks import RegisterRules
from vplat.model import (
    HART_PORT,
    RO,
    RW,
    W1C,
    W1P,
    WO,
    Inert,
    Needed,
    OnlyIf,
    Peripheral,
    PortWord,
    Register,
    Untouched,
    Window,
    Word,
    Words,
    bit,
    bits,
)
from vplat.testing import Bench


class Copier(Peripheral, kind="copier", size=0x40):
    """A copying device with every kind of register."""

    specification = "copier.md section 2"

    src = Word(0x00, RW, "From where.")
    dst = Word(0x04, RW, "To where.")
    ctrl = Register(
        0x08,
        "Control.",
        start=bit(0, W1P, "Begin."),
        mode=bits(5, 4, RW, "How."),
        version=bits(31, 28, RO, "The release.", reset=3),
    )
    status = Register(
        0x0C,
        "State.",
        busy=bit(0, RO, "At work."),
        done=bit(1, W1C, "Done."),
        failed=bit(2, W1C, "Failed."),
        interrupt=bit(8, RW, "Tell."),
    )
    identity = Word(0x10, RO, "Who it is.", reset=0x1234)
    key = Word(0x14, WO, "Opens it.")
    slots = Words(4, 0x20, RO, "Slot {i}.")
    acknowledge = Register(0x30, "Flags alone.", first=bit(0, W1C, "."), second=bit(1, W1C, "."))

    quiet = Untouched(src, dst, while_set=status.busy, because="it is read later", section="2.3")
    set_up = Needed(src, dst, start=ctrl.start, because="it copies to address 0", section="2.4")


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def copier(bench: Bench) -> Copier:
    device = bench.build(Copier)
    device.observer = RegisterRules()
    return device


def rules(bench: Bench) -> list[str]:
    return [rule for rule, _ in bench.reports]


def test_a_store_to_a_read_only_register_is_told_with_the_place_in_the_specification(
    bench: Bench, copier: Copier
) -> None:
    bench.store(copier, "identity", 5)
    bench.store(copier, "slots[1]", 5)
    (first, second) = bench.reports
    assert first[0] == second[0] == "write-read-only"
    assert "copier.identity" in first[1]
    assert "(copier.md section 2)" in first[1]
    assert "copier.slots[1]" in second[1]


def test_a_store_that_sets_read_only_or_reserved_bits_is_told(bench: Bench, copier: Copier) -> None:
    bench.store(copier, "ctrl", 0x4000_0010)
    bench.store(copier, "ctrl", 0x0000_0110)
    assert rules(bench) == ["write-read-only", "write-reserved"]
    assert "version" in bench.reports[0][1]
    assert "0x100" in bench.reports[1][1]


def test_writing_back_what_was_there_is_no_mistake(bench: Bench, copier: Copier) -> None:
    bench.store(copier, "src", 1)
    bench.store(copier, "dst", 2)
    bench.store(copier, "ctrl", bench.load(copier, "ctrl") | 1)
    bench.store(copier, "ctrl", 0x20)
    assert bench.reports == []


def test_a_load_of_a_write_only_register_is_told(bench: Bench, copier: Copier) -> None:
    assert bench.load(copier, "key") == 0
    assert rules(bench) == ["read-write-only"]


def test_flags_taken_along_by_a_read_modify_write_are_told(bench: Bench, copier: Copier) -> None:
    copier.status.update(done=1, failed=1)
    bench.store(copier, "status", bench.load(copier, "status") | 1 << 8)
    assert rules(bench) == ["w1c-read-modify-write"]
    assert "changes interrupt and writes back the done and failed" in bench.reports[0][1]


def test_acknowledging_flags_is_no_read_modify_write(bench: Bench, copier: Copier) -> None:
    copier.status.update(done=1, failed=1, interrupt=1)
    copier.acknowledge.update(first=1, second=1)
    bench.store(copier, "status", bench.load(copier, "status"))
    bench.store(copier, "acknowledge", bench.load(copier, "acknowledge"))
    copier.status.update(done=1)
    bench.load(copier, "status")
    bench.store(copier, "status", 1 << 8)
    copier.status.update(done=1)
    bench.store(copier, "status", 1 << 1)
    assert bench.reports == []


def test_a_store_while_the_device_works_is_told(bench: Bench, copier: Copier) -> None:
    bench.store(copier, "src", 1)
    copier.status.busy = 1
    bench.store(copier, "dst", 2)
    assert rules(bench) == ["write-while-busy"]
    assert (
        "a store to copier.dst while status.busy is 0x1: it is read later (2.3)"
        in (bench.reports[0][1])
    )


def test_a_start_without_set_up_is_told_and_names_what_is_missing(
    bench: Bench, copier: Copier
) -> None:
    bench.store(copier, "src", 1)
    bench.store(copier, "ctrl", 1)
    assert rules(bench) == ["start-without-set-up"]
    assert "dst has never been written: it copies to address 0 (2.4)" in bench.reports[0][1]
    bench.store(copier, "dst", 1)
    bench.store(copier, "ctrl", 1)
    assert len(bench.reports) == 1


class Sender(Peripheral, kind="sender", size=0x80):
    """Everything that rules of a device can speak of."""

    specification = "sender.md"

    own = Window(0x40, "Each hart's.", port=HART_PORT)
    shared = Window(0x40, "The port for all.", port=4)

    status = Register(
        0x00, "State.", done=bits(7, 0, W1C, "Done."), taken=bits(15, 8, RO, "Taken.")
    )
    mode = Register(0x04, "How.", fast=bit(0, RW, "Fast."), wide=bit(1, RW, "Wide."))
    go = Words(2, 0x08, RW, "Starts channel {i}.")
    length = Words(2, 0x10, RW, "Bytes of channel {i}.")
    address = PortWord(5, 0x20, RW, "Where.", windows=(own, shared))
    launch = PortWord(5, 0x24, RO, "Starts by a load.", windows=(own, shared))
    view = Words(5, 0x50, RW, "Where hart {i} has it.", mirrors=address)
    old_barrier = Word(0x40, RW, "Nothing.")
    ticket = Word(0x44, RO, "A number.")

    long_enough = Needed(
        length,
        start=go,
        given=lambda sender, touch: sender.mode.wide,
        because="it sends nothing",
        section="2.1",
    )
    placed = Needed(address, start=launch, by_load=True, because="it reads address 0", section="2")
    steady = OnlyIf(
        mode,
        given=lambda sender, touch: not (touch.old & 1 and touch.value & 2),
        breach="write-while-busy",
        because="fast and wide exclude each other",
        section="2.2",
    )
    dead = Inert(old_barrier, because="it is of an older chip", section="2.3")
    polled = Inert(ticket, kind="w", because="it counts by itself", section="2.4")

    @ticket.on_write
    def ignore(self) -> None:
        """It serves the store, by doing nothing."""


@pytest.fixture
def sender(bench: Bench) -> Sender:
    device = bench.build(Sender)
    device.observer = RegisterRules()
    return device


def test_what_is_needed_is_needed_of_the_same_element_and_where_it_counts(
    bench: Bench, sender: Sender
) -> None:
    bench.store(sender, "go[0]", 1)
    assert bench.reports == []
    bench.store(sender, "mode", 2)
    bench.store(sender, "length[0]", 8)
    bench.store(sender, "go[0]", 1)
    assert bench.reports == []
    bench.store(sender, "go[1]", 1)
    assert rules(bench) == ["start-without-set-up"]
    assert "length has never been written: it sends nothing (2.1)" in bench.reports[0][1]


def test_what_is_needed_of_a_port_is_needed_of_its_own(bench: Bench, sender: Sender) -> None:
    bench.store(sender, "address", 8, hart=1, window=Sender.own)
    bench.load(sender, "launch", hart=1, window=Sender.own)
    assert bench.reports == []
    bench.load(sender, "launch", hart=2, window=Sender.own)
    assert rules(bench) == ["start-without-set-up"]
    bench.store(sender, "view[3]", 8)
    bench.load(sender, "launch", hart=3, window=Sender.own)
    assert len(bench.reports) == 1


def test_the_port_for_all_may_be_set_up_by_anybody(bench: Bench, sender: Sender) -> None:
    bench.load(sender, "launch", hart=1, window=Sender.shared)
    assert rules(bench) == ["start-without-set-up"]
    bench.store(sender, "address", 8, hart=0, window=Sender.shared)
    bench.load(sender, "launch", hart=1, window=Sender.shared)
    assert len(bench.reports) == 1


def test_who_has_not_seen_the_beginning_says_of_nothing_that_it_is_missing(
    bench: Bench, sender: Sender
) -> None:
    late = RegisterRules()
    late.begin_late()
    sender.observer = late
    bench.load(sender, "launch", hart=1, window=Sender.own)
    assert bench.reports == []
    again = RegisterRules()
    again.restore(late.snapshot())
    sender.observer = again
    bench.load(sender, "launch", hart=1, window=Sender.own)
    assert bench.reports == []


def test_a_test_of_the_device_looks_at_the_word_before_and_the_store(
    bench: Bench, sender: Sender
) -> None:
    bench.store(sender, "mode", 2)
    bench.store(sender, "mode", 1)
    assert bench.reports == []
    bench.store(sender, "mode", 2)
    ((rule, sentence),) = bench.reports
    assert rule == "write-while-busy"
    assert sentence == "a store of 0x2 to sender.mode: fast and wide exclude each other (2.2)"


def test_registers_that_do_nothing_are_told_for_the_accesses_that_are_meant(
    bench: Bench, sender: Sender
) -> None:
    bench.load(sender, "old_barrier")
    bench.store(sender, "old_barrier", 1)
    assert rules(bench) == ["no-effect", "no-effect"]
    assert (
        "a load of sender.old_barrier does nothing: it is of an older chip (2.3)"
        in (bench.reports[0][1])
    )
    bench.load(sender, "ticket")
    bench.store(sender, "ticket", 1)
    assert rules(bench)[2:] == ["write-read-only"]


def test_one_more_flag_in_what_was_loaded_is_told_if_the_rest_came_along(
    bench: Bench, sender: Sender
) -> None:
    sender.status.update(done=2, taken=3)
    loaded = bench.load(sender, "status")
    bench.store(sender, "status", loaded | 1)
    ((rule, sentence),) = bench.reports
    assert rule == "w1c-read-modify-write"
    assert "clears 0x1 of done and with it 0x2" in sentence


def test_flags_that_are_named_are_no_read_modify_write(bench: Bench, sender: Sender) -> None:
    sender.status.update(done=2, taken=3)
    bench.load(sender, "status")
    bench.store(sender, "status", 3)
    sender.status.update(done=2, taken=3)
    bench.store(sender, "status", bench.load(sender, "status"))
    sender.status.update(done=2, taken=3)
    bench.load(sender, "status")
    bench.store(sender, "status", 0xFF)
    assert bench.reports == []
