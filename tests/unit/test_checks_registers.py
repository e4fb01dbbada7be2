"""The driver checker on registers: what works by luck is told, what is right is not."""

from __future__ import annotations

import pytest

from vplat.checks import RegisterRules
from vplat.model import (
    RO,
    RW,
    W1C,
    W1P,
    WO,
    Needed,
    Peripheral,
    Register,
    Untouched,
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
