"""The names that messages, traces and tools show."""

from __future__ import annotations

from enum import IntEnum

import pytest

from vplat.errors import DeclarationError
from vplat.model import (
    HART_PORT,
    RC,
    RO,
    RW,
    W1P,
    Access,
    Peripheral,
    PortWord,
    Register,
    Registers,
    State,
    Window,
    Word,
    Words,
    bit,
    bits,
)
from vplat.model.field import no_such
from vplat.testing import Bench


class Mode(IntEnum):
    """How it works."""

    SLOW = 0
    FAST = 2


class Named(Peripheral, kind="named", size=0x40):
    """Registers with names."""

    own = Window(0x10, "Own.", port=HART_PORT)

    ctrl = Register(
        0x04,
        "Control.",
        start=bit(0, W1P, "Start."),
        mode=bits(3, 2, RW, "Mode.", values=Mode),
        length=bits(15, 8, RW, "Length."),
    )
    row = Words(2, 0x10, RW, "Row {i} of {i}.", stride=8)
    pair = Registers(2, 0x20, "Pair {i}.", low=bit(0, RC, "Low."))
    data = Word(0x30, RO, "Data.")
    mine = PortWord(2, 0x04, RW, "Mine.", windows=(own,))
    behind = State(0, "Not a register.")


def test_a_place_is_called_by_the_device_and_the_register_at_it() -> None:
    port = Bench().build(Named, name="unit").ports[""]
    assert port.name_at(0x04) == "unit.ctrl"
    assert port.name_at(0x07) == "unit.ctrl"
    assert port.name_at(0x18) == "unit.row[1]"
    assert port.name_at(0x24) == "unit.pair[1]"


def test_a_place_without_a_register_is_called_by_the_one_below_and_the_distance() -> None:
    port = Bench().build(Named, name="unit").ports[""]
    assert port.name_at(0x0A) == "unit.ctrl+0x6"
    assert port.name_at(0x3C) == "unit.data+0xc"


def test_a_place_below_all_registers_is_called_by_the_device_and_its_offset() -> None:
    assert Bench().build(Named, name="unit").ports[""].name_at(0) == "unit+0x0"


def test_each_window_names_its_own_registers() -> None:
    assert Bench().build(Named, name="unit").ports["own"].name_at(0x04) == "unit.mine"


def test_the_register_at_a_place_is_known_with_its_index() -> None:
    port = Bench().build(Named).ports[""]
    assert port.register_at(0x1B) == (Named.row, 1)
    assert port.register_at(0x08) is None


@pytest.mark.parametrize(
    ("word", "text"),
    [
        (0x0000, "mode=SLOW"),
        (0x0001, "start mode=SLOW"),
        (0x1209, "start mode=FAST length=0x12"),
        (0x0004, "mode=0x1"),
        (0x2_0000, "mode=SLOW"),
    ],
)
def test_a_word_of_fields_is_described_by_those_that_are_not_zero(word: int, text: str) -> None:
    assert Named.ctrl.describe(word) == text


def test_a_plain_word_is_described_in_hexadecimal() -> None:
    assert Named.data.describe(0x1F) == "0x1f"
    assert Named.mine.describe(0) == "0x0"


def test_an_element_has_its_index_in_its_name_and_in_its_meaning() -> None:
    assert Named.row.element_name(1) == "row[1]"
    assert Named.row.element_doc(1) == "Row 1 of 1."
    assert (Named.ctrl.element_name(0), Named.ctrl.element_doc(0)) == ("ctrl", "Control.")


def test_fields_know_their_names_masks_and_places() -> None:
    mode = Named.ctrl.mode
    assert (mode.name, mode.width, mode.mask) == ("mode", 2, 0xC)
    assert mode.get(0x8) == Mode.FAST
    assert mode.put(0xFFFF_FFFF, Mode.SLOW) == 0xFFFF_FFF3
    assert mode.put(0, 7) == 0xC
    assert list(Named.ctrl.fields) == ["start", "mode", "length"]


def test_what_kinds_of_access_can_read_and_write() -> None:
    assert {kind.name for kind in Access if kind.readable} == {"RW", "RO", "W1C", "W1S", "RC"}
    assert {kind.name for kind in Access if kind.writable} == {"RW", "WO", "W1C", "W1S", "W1P"}


def test_whether_a_behaviour_reacts_is_known_from_the_class() -> None:
    class Reacts(Peripheral, kind="reacts", size=0x8):
        """Reacts to one of two."""

        loud = Word(0x00, RW, "Loud.")
        quiet = Word(0x04, RW, "Quiet.")

        @loud.on_read
        def hear(self) -> None:
            self.account("heard", 1)

    assert Reacts.reacts_to("read", Reacts.loud)
    assert not Reacts.reacts_to("write", Reacts.loud)
    assert not Reacts.reacts_to("read", Reacts.quiet)


@pytest.mark.parametrize(
    ("name", "known", "sentence"),
    [
        ("dma0", ["dma", "timer"], "no device 'dma0'; did you mean 'dma'?"),
        ("x", ["timer", "dma"], "no device 'x'; there are dma, timer"),
        ("x", [], "no device 'x'; there are none"),
    ],
)
def test_a_name_that_does_not_exist_is_answered_with_those_that_do(
    name: str, known: list[str], sentence: str
) -> None:
    assert no_such("device", name, known) == sentence


def test_a_device_does_and_waits_for_nothing_unless_it_says_so() -> None:
    device = Bench().build(Named)
    assert (device.doing(), device.explain_wait(0)) == ("", "")


@pytest.mark.parametrize("name", ["words", "states", "name", "bus", "now", "after", "reset"])
def test_a_register_that_would_hide_a_part_of_every_peripheral_is_refused(name: str) -> None:
    sentence = (
        rf"Hiding\.{name}: every peripheral has an attribute '{name}' .* this Word would hide"
    )
    with pytest.raises(DeclarationError, match=sentence):
        _device_with(name, Word(0x00, RW, "Badly named."))


@pytest.mark.parametrize(
    ("name", "declaration"),
    [
        ("parameters", State(0, "Badly named.")),
        ("ports", Window(0x10, "Badly named.")),
        ("inputs", Register(0x00, "Badly named.", on=bit(0, RW, "On."))),
        ("platform", Words(2, 0x00, RW, "Badly named.")),
    ],
)
def test_the_names_of_peripheral_are_refused_for_every_declaration(
    name: str, declaration: object
) -> None:
    with pytest.raises(DeclarationError, match="would hide; rename it"):
        _device_with(name, declaration)


def test_a_behaviour_that_would_replace_a_method_of_every_peripheral_is_refused() -> None:
    with pytest.raises(DeclarationError, match=r"Hasty\.reset: .* this behaviour would hide"):

        class Hasty(Peripheral, kind="hasty", size=0x4):
            """Means its own reset, not that of the whole device."""

            ctrl = Register(0x00, "Control.", clear=bit(0, W1P, "Clear."))

            @ctrl.clear.on_set
            def reset(self) -> None: ...


def _device_with(name: str, declaration: object) -> type[Peripheral]:
    return type("Hiding", (Peripheral,), {name: declaration}, kind="hiding", size=0x10)
