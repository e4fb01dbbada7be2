"""Where registers are: arrays, ports, windows, mirrors, parts that only some devices have."""

from __future__ import annotations

import pytest

from vplat.errors import DeclarationError, UsageError
from vplat.model import (
    HART_PORT,
    MAIN,
    RO,
    RW,
    AccessFault,
    Parameter,
    Peripheral,
    PortRegister,
    PortWord,
    Registers,
    State,
    Window,
    Word,
    Words,
    bit,
    bits,
)
from vplat.testing import Bench


class Arrays(Peripheral, kind="arrays", size=0x100):
    """Rows of registers, two of them in the gaps of one another."""

    near = Words(4, 0x00, RW, "Near {i}.", reset=7)
    even = Words(3, 0x20, RW, "Even {i}.", stride=8)
    odd = Registers(3, 0x24, "Odd {i}.", stride=8, low=bits(3, 0, RW, "Low."), on=bit(7, RW, "On."))


class Ports(Peripheral, kind="ports"):
    """What harts have a copy of each, beside what they share."""

    own = Window(0x40, "The hart's own.", port=HART_PORT)
    third = Window(0x40, "Copy 2, for whoever comes this way.", port=2)

    source = PortWord(4, 0x00, RW, "Source.", reset=5, windows=(own, third))
    conf = PortRegister(4, 0x04, "Setting.", windows=(own, third), on=bit(0, RW, "On."))
    shared = Word(0x08, RW, "One for all.", windows=(own, third))
    seen: State[list[int]] = State(list, "The ports of the stores to conf.")

    @conf.on_write
    def see(self, port: int) -> None:
        self.seen.append(port)


class Mirrors(Peripheral, kind="mirrors", size=0x100):
    """The same four words, side by side in one window and far apart in the other."""

    own = Window(0x40, "The hart's own.", port=HART_PORT)
    mask = PortWord(4, 0x00, RW, "Mask.", windows=(own,), reset=3)
    mask_of = Words(4, 0x10, RW, "Mask of hart {i}.", stride=0x20, mirrors=mask, reset=3)


class Revised(Peripheral, kind="revised", size=0x20):
    """Two revisions with different registers in one place."""

    revision = Parameter("new", "Which one.", choices=("old", "new"))
    depth = Parameter(4, "How deep.")

    old = Word(0x00, RO, "The old one.", reset=1, only=lambda it: it.revision == "old")
    new = Word(0x00, RW, "The new one.", reset=2, only=lambda it: it.revision == "new")
    deep = Words(2, 0x08, RW, "Deep.", only=lambda it: it.depth > 4)


class Whole(Peripheral, kind="whole", size=0x10):
    """A window without registers, one whose registers repeat, and one that is only read."""

    body = Window(0x100, "Bytes.", port=3)
    echo = Window(0x40, "A register, over and over.")
    rom = Window(0x40, "Only read.")
    one = Word(0x00, RW, "One.", windows=(echo,), reset=0xAB)
    seen: State[list[tuple[str, int, int, int, int, int]]] = State(list, "Accesses.")

    @body.on_load
    @echo.on_other_load
    def answer(self, offset: int, size: int, hart: int, port: int) -> int:
        self.seen.append(("load", offset, size, 0, hart, port))
        return 0x1_8765_4321

    @body.on_store
    @echo.on_other_store
    def take(self, value: int, offset: int, size: int, hart: int, port: int) -> None:
        self.seen.append(("store", offset, size, value, hart, port))

    @rom.on_load
    def read(self) -> int:
        return 9


class Lenient(Peripheral, kind="lenient", size=0x10, undefined=0xDEAD_BEEF):
    """Answers where it has no register."""

    only_one = Word(0x04, RW, "One.")


class Larger(Peripheral, kind="larger", size=0x1000):
    """A device whose window a parameter makes smaller."""

    words_kept = Parameter(4, "How many.")
    first = Word(0x00, RW, "First.")

    def window_size(self, window: Window) -> int:
        return 4 * self.words_kept if window is MAIN else super().window_size(window)


def test_elements_of_an_array_are_a_stride_apart() -> None:
    bench = Bench()
    device = bench.build(Arrays)
    for index in range(3):
        bench.store(device, 0x20 + 8 * index, 0x10 + index)
        bench.store(device, 0x24 + 8 * index, 0x80 + index)
    assert [device.even[i] for i in range(3)] == [0x10, 0x11, 0x12]
    assert [device.odd[i].low for i in range(3)] == [0, 1, 2]
    assert [device.odd[i].on for i in range(3)] == [1, 1, 1]
    assert [bench.load(device, f"odd[{i}]") for i in range(3)] == [0x80, 0x81, 0x82]


def test_the_model_reads_and_writes_elements_by_index() -> None:
    bench = Bench()
    device = bench.build(Arrays)
    device.near[2] = 0x1_0000_0009
    device.odd[1].update(low=5, on=1)
    assert list(device.near) == [7, 7, 9, 7]
    assert (len(device.near), len(device.odd)) == (4, 3)
    assert bench.load(device, "odd[1]") == 0x85


@pytest.mark.parametrize("array", ["near", "odd"])
def test_an_index_beyond_the_array_is_an_index_error_at_once(array: str) -> None:
    device = Bench().build(Arrays)
    with pytest.raises(IndexError):
        getattr(device, array)[4]


def test_each_hart_reaches_its_own_copy_at_one_address() -> None:
    bench = Bench()
    device = bench.build(Ports)
    for hart in range(4):
        bench.store(device, "source", 0x100 + hart, hart=hart, window=Ports.own)
        bench.store(device, "conf", hart & 1, hart=hart, window=Ports.own)
    assert list(device.source) == [0x100, 0x101, 0x102, 0x103]
    assert [device.conf[i].on for i in range(4)] == [0, 1, 0, 1]
    assert bench.load(device, "source", hart=3, window=Ports.own) == 0x103


def test_a_window_with_a_number_shows_that_copy_to_every_master() -> None:
    bench = Bench()
    device = bench.build(Ports)
    bench.store(device, "source", 8, hart=-1, window=Ports.third)
    bench.store(device, "conf", 1, hart=0, window=Ports.third)
    assert list(device.source) == [5, 5, 8, 5]
    assert bench.load(device, "source", hart=2, window=Ports.own) == 8
    assert device.seen == [2]


def test_a_register_without_ports_is_one_and_the_same_in_every_window() -> None:
    bench = Bench()
    device = bench.build(Ports)
    bench.store(device, "shared", 4, hart=3, window=Ports.own)
    assert bench.load(device, "shared", hart=0, window=Ports.third) == 4


@pytest.mark.parametrize(
    ("hart", "who"), [(4, "hart 4 has no copy"), (-1, "a master that is no hart has no copy")]
)
def test_who_has_no_copy_gets_an_access_fault(hart: int, who: str) -> None:
    bench = Bench()
    device = bench.build(Ports)
    with pytest.raises(AccessFault, match=f"^ports.source is private to each hart and {who}"):
        bench.load(device, "source", hart=hart, window=Ports.own)
    with pytest.raises(AccessFault, match=who):
        bench.store(device, "source", 0, hart=hart, window=Ports.own)
    assert list(device.source) == [5] * 4


def test_mirrored_registers_hold_the_same_words_in_both_places() -> None:
    bench = Bench()
    device = bench.build(Mirrors)
    bench.store(device, "mask", 0x11, hart=1, window=Mirrors.own)
    bench.store(device, "mask_of[3]", 0x33)
    assert bench.load(device, 0x10 + 0x20) == 0x11
    assert bench.load(device, "mask", hart=3, window=Mirrors.own) == 0x33
    device.reset()
    assert list(device.mask) == list(device.mask_of) == [3] * 4


def test_a_parameter_decides_which_of_two_registers_is_there() -> None:
    bench = Bench()
    old, new = bench.build(Revised, {"revision": "old"}), bench.build(Revised)
    assert (bench.load(old, 0), bench.load(new, 0)) == (1, 2)
    bench.store(old, 0, 9)
    bench.store(new, 0, 9)
    assert (bench.load(old, 0), bench.load(new, 0)) == (1, 9)


def test_registers_that_the_parameters_rule_out_do_not_answer() -> None:
    bench = Bench()
    shallow, deep = bench.build(Revised), bench.build(Revised, {"depth": 5})
    with pytest.raises(AccessFault):
        bench.load(shallow, 0x08)
    with pytest.raises(UsageError, match=r"'deep\[1\]'"):
        bench.load(shallow, "deep[1]")
    bench.store(deep, "deep[1]", 3)
    assert bench.load(deep, 0x0C) == 3
    assert "deep" not in {register.name for register, *_ in shallow.elements()}


def test_a_place_without_a_register_faults_and_the_fault_names_what_lies_below() -> None:
    bench = Bench()
    device = bench.build(Arrays, name="rows")
    with pytest.raises(AccessFault, match=r"rows \(arrays\).*\+0x18.*rows.near\[3\]\+0xc"):
        bench.load(device, 0x18)
    with pytest.raises(AccessFault):
        bench.store(device, 0x18, 1, size=1)


def test_a_lenient_device_answers_everywhere_and_keeps_nothing_there() -> None:
    bench = Bench()
    device = bench.build(Lenient)
    bench.store(device, 0x08, 5)
    assert bench.load(device, 0x08) == 0xDEAD_BEEF
    assert [bench.load(device, 0x08 + at, size=1) for at in range(4)] == [0xEF, 0xBE, 0xAD, 0xDE]
    assert bench.load(device, 0x04) == 0


def test_a_whole_window_is_handed_to_a_behaviour_with_what_it_asks_for() -> None:
    bench = Bench()
    device = bench.build(Whole)
    assert bench.load(device, 0x41, size=1, hart=6, window=Whole.body) == 0x21
    assert bench.load(device, 0x42, size=2, hart=6, window=Whole.body) == 0x4321
    bench.store(device, 0x44, 0xBEEF, size=2, hart=-1, window=Whole.body)
    assert device.seen == [
        ("load", 0x41, 1, 0, 6, 3),
        ("load", 0x42, 2, 0, 6, 3),
        ("store", 0x44, 2, 0xBEEF, -1, 3),
    ]


def test_a_window_behaviour_answers_with_no_more_than_32_bits() -> None:
    bench = Bench()
    assert bench.load(bench.build(Whole), 0, window=Whole.body) == 0x8765_4321


def test_a_window_that_is_only_read_refuses_stores() -> None:
    bench = Bench()
    device = bench.build(Whole, name="rom")
    assert bench.load(device, 0x10, window=Whole.rom) == 9
    with pytest.raises(AccessFault, match=r"rom\+0x10 cannot be written"):
        bench.store(device, 0x10, 0, window=Whole.rom)


def test_only_places_without_a_register_go_to_the_behaviours_for_other_accesses() -> None:
    bench = Bench()
    device = bench.build(Whole)
    bench.store(device, 0x00, 0xCD, window=Whole.echo)
    assert bench.load(device, 0x00, window=Whole.echo) == 0xCD
    assert device.seen == []
    bench.store(device, 0x22, 0x12, size=2, hart=1, window=Whole.echo)
    assert bench.load(device, 0x21, size=1, hart=1, window=Whole.echo) == 0x21
    assert device.seen == [("store", 0x22, 2, 0x12, 1, 0), ("load", 0x21, 1, 0, 1, 0)]


def test_a_device_without_a_size_has_no_main_window() -> None:
    device = Bench().build(Ports)
    assert list(device.ports) == ["own", "third"]
    assert list(Bench().build(Whole).ports) == ["", "body", "echo", "rom"]


def test_a_parameter_may_change_the_size_of_a_window() -> None:
    assert Bench().build(Larger).ports[""].size == 16
    assert Bench().build(Larger, {"words_kept": 8}).ports[""].size == 32


def test_elements_lists_every_place_of_every_register() -> None:
    device = Bench().build(Mirrors)
    found = [
        (register.element_name(index), window.name, offset)
        for register, index, window, offset in device.elements()
    ]
    assert found == [
        ("mask", "own", 0x00),
        ("mask_of[0]", "", 0x10),
        ("mask_of[1]", "", 0x30),
        ("mask_of[2]", "", 0x50),
        ("mask_of[3]", "", 0x70),
    ]


def test_two_registers_in_one_place_are_refused_with_both_names() -> None:
    class Crowded(Peripheral, kind="crowded", size=0x10):
        """Two in one place."""

        first = Words(2, 0x00, RW, "First.")
        second = Word(0x04, RW, "Second.")

    with pytest.raises(DeclarationError, match=r"crowded: .*'second' at 0x4 is where 'first' is"):
        Bench().build(Crowded)
