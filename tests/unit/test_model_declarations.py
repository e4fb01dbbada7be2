"""Descriptions that contradict themselves, and the sentence each of them gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vplat.errors import DeclarationError, VplatError
from vplat.model import (
    HART_PORT,
    MAIN,
    RO,
    RW,
    W1P,
    Event,
    Input,
    Interrupts,
    Peripheral,
    PortRegister,
    PortWord,
    Register,
    Window,
    Word,
    Words,
    bit,
    bits,
)


@pytest.mark.parametrize(
    ("declare", "sentence"),
    [
        (lambda: Register(0, "R.", top=bit(32, RW, "Top.")), "'top' does not fit 32 bits"),
        (lambda: Register(0, "R.", low=bits(3, -1, RW, "Low.")), "'low' does not fit 32 bits"),
        (lambda: Register(0, "R.", odd=bits(2, 5, RW, "Odd.")), "'odd' does not fit 32 bits"),
        (
            lambda: Register(0, "R.", a=bits(4, 0, RW, "A."), b=bits(8, 4, RW, "B.")),
            "field 'b' overlaps one below it",
        ),
        (
            lambda: Register(0, "R.", a=bits(1, 0, RW, "A.", reset=4)),
            "field 'a' is too narrow for its reset",
        ),
        (
            lambda: Register(0, "R.", a=bit(0, RW, "A.", reset=-1)),
            "field 'a' is too narrow for its reset",
        ),
        (lambda: Word(0, RW, "W.", reset=1 << 32), "'value' is too narrow for its reset"),
        (lambda: Register(0, "R.", word=bit(0, RW, "Word.")), "a field cannot be called 'word'"),
        (lambda: Register(0, "R.", update=bit(0, RW, "U.")), "a field cannot be called 'update'"),
        (lambda: Words(4, 0, RW, "Row.", ports=2), "'Row.' has a count and ports"),
    ],
)
def test_a_register_that_cannot_be_is_refused_where_it_is_declared(
    declare: Callable[[], object], sentence: str
) -> None:
    with pytest.raises(DeclarationError, match=sentence):
        declare()


@pytest.mark.parametrize(
    ("count", "reset"), [(3, 7), (4, 6)], ids=["another count", "another reset"]
)
def test_a_mirror_must_have_the_words_and_the_reset_of_what_it_mirrors(
    count: int, reset: int
) -> None:
    class Mirrored(Peripheral, kind="mirrored", size=0x100):
        """What is mirrored."""

        row = Words(4, 0x00, RW, "Row.", reset=7)

    with pytest.raises(DeclarationError, match=r"'Mirror\.' mirrors 'row' but has another number"):
        Words(count, 0x80, RW, "Mirror.", reset=reset, mirrors=Mirrored.row)


@pytest.mark.parametrize(
    ("name", "register", "sentence"),
    [
        ("odd", Word(0x02, RW, "Odd."), r"Wrong\.odd at 0x2 is not a word within the 0x20 bytes"),
        ("beyond", Word(0x20, RW, "Beyond."), r"Wrong\.beyond at 0x20 is not a word within"),
        ("below", Word(-4, RW, "Below."), r"Wrong\.below at -0x4 is not a word within"),
        ("long", Words(3, 0x18, RW, "Long."), r"Wrong\.long at 0x20 is not a word within"),
        ("loose", Words(2, 0, RW, "Loose.", stride=6), r"Wrong\.loose at 0x6 is not a word"),
    ],
)
def test_a_register_must_be_a_word_within_its_window(
    name: str, register: object, sentence: str
) -> None:
    with pytest.raises(DeclarationError, match=sentence):
        type("Wrong", (Peripheral,), {name: register}, kind="wrong", size=0x20)


def test_a_register_must_fit_every_window_it_is_in() -> None:
    small = Window(0x08, "Small.")
    declared = {"small": small, "both": Word(0x08, RW, "Both.", windows=(MAIN, small))}
    with pytest.raises(DeclarationError, match="within the 0x8 bytes of its window"):
        type("Wrong", (Peripheral,), declared, kind="wrong", size=0x20)


@pytest.mark.parametrize(
    "register",
    [PortWord(2, 0, RW, "Mine."), PortRegister(2, 0, "Mine.", on=bit(0, RW, "On."))],
)
def test_a_window_must_not_show_a_port_that_a_register_lacks(register: Any) -> None:
    side = Window(0x10, "Side.", port=2)
    register.windows = (side,)
    with pytest.raises(DeclarationError, match=r"Wrong\.mine has 2 ports and Window.* port 2"):
        type("Wrong", (Peripheral,), {"side": side, "mine": register}, kind="wrong")


@pytest.mark.parametrize(
    ("attach", "sentence"),
    [
        (Word(0, RW, "W.").on_read, "asks for speed; .* may ask for hart, port, index, register"),
        (Word(0, RW, "W.").on_write, "asks for speed; .* may ask for value, hart, port, index"),
        (Register(0, "R.", go=bit(0, W1P, "G.")).go.on_set, "asks for speed; .* ask for value"),
        (Window(8, "W.").on_load, "asks for speed; .* may ask for offset, size, hart, port$"),
        (Window(8, "W.").on_store, "asks for speed; .* may ask for offset, size, value, hart"),
        (Window(8, "W.").on_other_load, "asks for speed; .* may ask for offset, size, hart"),
        (Window(8, "W.").on_other_store, "asks for speed; .* may ask for offset, size, value"),
        (Input("I.").on_change, "asks for speed; .* may ask for index, level, harts$"),
        (Interrupts("I.").on_taken, "asks for speed; .* may ask for hart, number$"),
    ],
)
def test_a_behaviour_that_asks_for_what_there_is_not_is_told_what_there_is(
    attach: Callable[[Any], Any], sentence: str
) -> None:
    def behave(self: object, speed: int) -> None: ...

    subject = attach.__self__  # type: ignore[attr-defined]
    register = getattr(subject, "register", None) or subject
    declared = {"subject": register, "behave": attach(behave)}
    with pytest.raises(DeclarationError, match=rf"Wrong\.behave {sentence}"):
        type("Wrong", (Peripheral,), declared, kind="wrong", size=0x20)


def test_a_read_has_no_value_to_ask_for() -> None:
    with pytest.raises(DeclarationError, match="asks for value"):

        class Curious(Peripheral, kind="curious", size=0x4):
            """Asks what is being read."""

            data = Word(0x00, RO, "Data.")

            @data.on_read
            def look(self, value: int) -> None: ...


def test_a_wrong_declaration_is_an_error_of_vplat_and_a_type_error() -> None:
    assert issubclass(DeclarationError, VplatError)
    assert issubclass(DeclarationError, TypeError)


def test_a_correct_description_of_everything_is_accepted() -> None:
    class Correct(Peripheral, kind="correct", size=0x20, undefined=0):
        """Nothing wrong with it."""

        own = Window(0x08, "Own.", port=HART_PORT)
        top = Register(0x1C, "Top.", high=bits(31, 31, RW, "High."), low=bits(30, 0, RO, "Low."))
        mine = PortWord(4, 0x04, RW, "Mine.", windows=(own,))
        done = Event("Done.")

    assert list(Correct.registers) == ["top", "mine"]
    assert list(Correct.windows) == ["", "own"]
    assert Correct.undefined == 0
