"""Wait states told by the first run of a block."""

from __future__ import annotations

from vplat.machine.first_touch import first_waits
from vplat.machine.isa import Decoder, Isa

DECODER = Decoder(Isa.parse("rv32imac"))
SLOW = range(0x1C00_0000, 0x1C20_0000)


def waits(*words: int, registers: dict[int, int] | None = None, at: int = 0x1C00_8000) -> list[int]:
    """The wait states of 32-bit instructions, 13 for each access to slow memory."""
    code = b"".join(word.to_bytes(4, "little") for word in words)
    values = [0] * 32
    for number, value in (registers or {}).items():
        values[number] = value
    return first_waits(
        at, DECODER.block(code, at), values.__getitem__, lambda a: 13 if a in SLOW else 0
    )


def test_a_load_waits_for_the_memory_its_base_register_points_to() -> None:
    load = 0x0005_2583  # lw a1, 0(a0)
    assert waits(load, registers={10: 0x1C00_0000}) == [13]
    assert waits(load, registers={10: 0x1000_0000}) == [0]


def test_an_address_made_of_constants_is_known() -> None:
    upper, load = 0x1C00_0537, 0x0045_2583  # lui a0, 0x1c000; lw a1, 4(a0)
    assert waits(upper, load) == [0, 13]


def test_an_address_relative_to_the_pc_is_known() -> None:
    assert waits(0x0000_0517, 0x0005_2583) == [0, 13]  # auipc a0, 0; lw a1, 0(a0)


def test_an_address_that_was_loaded_counts_as_a_hit() -> None:
    first, second = 0x0005_2503, 0x0005_2583  # lw a0, 0(a0); lw a1, 0(a0)
    assert waits(first, second, registers={10: 0x1C00_0000}) == [13, 0]


def test_a_computed_address_is_followed_through_additions() -> None:
    add, load = 0x00B5_0533, 0x0005_2583  # add a0, a0, a1; lw a1, 0(a0)
    assert waits(add, load, registers={10: 0x1BFF_FFF0, 11: 0x20}) == [0, 13]
