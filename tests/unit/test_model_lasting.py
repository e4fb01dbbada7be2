"""Loads that have no effect and answer the same for as long as nobody does anything."""

from __future__ import annotations

from vplat.model import (
    HART_PORT,
    RC,
    RO,
    RW,
    AccessFault,
    Declared,
    Lasting,
    Observer,
    Peripheral,
    PortWord,
    Register,
    Stall,
    State,
    Window,
    Word,
    bit,
    bits,
)
from vplat.testing import Bench


class Meter(Peripheral, kind="meter", size=0x20, undefined=0xDEAD_BEEF):
    """Registers of each kind."""

    own = Window(0x10, "Each hart's own.", port=HART_PORT)
    raw = Window(0x10, "No registers.")
    plain = Word(0x00, RW, "Plain.")
    flags = Register(0x04, "Flags.", told=bits(7, 0, RC, "Gone when read."), kept=bit(8, RO, "On."))
    time = Word(0x08, RO, "Goes on by itself.")
    shown = Word(0x0C, RO, "Only looks, and says so.")
    unknown = Word(0x10, RO, "Not modelled.", todo=True)
    shut = Word(0x14, RO, "Stalls.")
    private = PortWord(4, 0x00, RW, "One for each hart.", windows=(own,))
    looks = State(0, "How often somebody looked.")

    @time.on_read
    def now_read(self) -> int:
        return self.now

    @shown.on_read
    def look(self) -> int:
        self.looks += 1
        return 5

    @shut.on_read
    def wait(self) -> int:
        raise Stall("for ever")

    @raw.on_load
    def serve(self, offset: int) -> int:
        if offset:
            raise AccessFault("nothing here")
        return 7

    def lasts(self, register: Declared, index: int, hart: int) -> bool:
        return register.name in ("shown", "shut")

    def lasting_load(self, window: Window, offset: int, size: int) -> Lasting | None:
        return Lasting(7, 0x1000) if offset == 0 and size == 4 and window is Meter.raw else None


class Listener(Observer):
    """Hears of accesses."""

    def __init__(self) -> None:
        self.heard = 0

    def access(self, *_: object) -> None:
        self.heard += 1


def meter() -> Meter:
    return Meter("meter", Bench())


def load(device: Meter, offset: int, window: str = "", size: int = 4) -> Lasting | None:
    return device.ports[window].lasting_load(offset, size, 2)


def test_what_has_no_behaviour_lasts() -> None:
    device = meter()
    device.plain = 0x1234
    assert load(device, 0) == Lasting(0x1234)
    assert load(device, 1, size=1) == Lasting(0x12)


def test_each_hart_sees_its_own_copy() -> None:
    device = meter()
    device.private[2] = 9
    assert load(device, 0, "own") == Lasting(9)
    assert device.ports["own"].lasting_load(0, 4, -1) is None


def test_what_is_cleared_by_reading_lasts_only_while_there_is_nothing_to_clear() -> None:
    device = meter()
    device.flags.update(told=0, kept=1)
    assert load(device, 4) == Lasting(0x100)
    device.flags.told = 3
    assert load(device, 4) is None
    assert device.flags.told == 3


def test_a_behaviour_lasts_only_if_the_device_says_so() -> None:
    device = meter()
    assert load(device, 0x08) is None
    assert load(device, 0x0C) == Lasting(5)
    assert load(device, 0x14) is None


def test_what_is_not_modelled_does_not_last_since_each_load_is_reported() -> None:
    assert load(meter(), 0x10) is None


def test_where_nothing_is_the_undefined_value_lasts() -> None:
    assert load(meter(), 0x1C) == Lasting(0xDEAD_BEEF)


def test_a_window_without_registers_answers_for_itself() -> None:
    assert load(meter(), 0, "raw") == Lasting(7, 0x1000)
    assert load(meter(), 4, "raw") is None


def test_nobody_is_told() -> None:
    device, listener = meter(), Listener()
    device.observer = listener
    load(device, 0)
    load(device, 0x0C)
    assert listener.heard == 0
    assert device.observer is listener
