"""A field that is only read and one that is only written may share bits, as in a 16550."""

from __future__ import annotations

import pytest

from vplat.errors import DeclarationError
from vplat.model import RO, RW, W1P, WO, Field, Peripheral, Register, State, bit, bits
from vplat.testing.bench import Bench


class Port(Peripheral, kind="port", size=0x10):
    """A status that is read where a control is written."""

    port = Register(
        0x00,
        "Load: status. Store: control.",
        ready=bit(0, RO, "Ready.", reset=1),
        level=bits(7, 4, RO, "Level.", reset=0xA),
        start=bit(0, W1P, "Start."),
        mode=bits(5, 4, WO, "Mode."),
        speed=bits(11, 8, WO, "Speed."),
    )
    seen: State[list[int]] = State(list, "What was written to mode and to the register.")

    @port.mode.on_set
    def see_mode(self, value: int) -> None:
        self.seen.append(value)

    @port.on_write
    def see(self, value: int) -> None:
        self.seen.append(value)


def test_a_store_reaches_the_behaviours_and_leaves_what_is_read() -> None:
    bench = Bench()
    port = bench.build(Port)
    bench.store(port, "port", 0x0F31)
    assert bench.load(port, "port") == 0xA1
    assert port.seen == [3, 0x0F31]
    assert (port.port.ready, port.port.level, port.port.speed) == (1, 0xA, 0xF)


def test_the_description_of_a_load_names_what_is_read_and_of_a_store_what_is_written() -> None:
    assert Port.port.describe(0x0331) == "ready level=0x3 speed=0x3"
    assert Port.port.describe(0x0331, stored=True) == "start mode=0x3 speed=0x3"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (bits(3, 0, RW, "a"), bit(3, RO, "b")),
        (bits(3, 0, RW, "a"), bit(3, W1P, "b")),
        (bits(3, 0, RO, "a"), bit(0, RO, "b")),
        (bits(3, 0, WO, "a"), bit(2, W1P, "b")),
    ],
)
def test_two_fields_that_are_both_read_or_both_written_may_not_share_bits(
    first: Field, second: Field
) -> None:
    with pytest.raises(DeclarationError, match="overlaps"):
        Register(0x00, "A register.", first=first, second=second)
