"""Whether firmware fits a board, and the sentence for when it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.elf_builder import DATA, Piece, build_elf
from vplat.machine.elf import Firmware
from vplat.machine.fitting import Memory, Misfit, explain_misfit, fit

TCDM: Memory = ("tcdm", 0x1000_0000, 128 << 10)
L2: Memory = ("l2", 0x1C00_0000, 512 << 10)
L3: Memory = ("l3", 0x8000_0000, 64 << 20)
PULP = (TCDM, L2, L3)
SNITCH = (TCDM, ("dram", 0x8000_0000, 1 << 31))


def firmware(*pieces: Piece) -> Firmware:
    return Firmware.parse(build_elf(pieces), Path("app.elf"))


def sentence(app: Firmware, **others: tuple[Memory, ...]) -> str:
    text = explain_misfit(app, "pulp-ita", PULP, {"pulp-ita": PULP, **others})
    assert text is not None
    assert text.startswith("app.elf does not fit board pulp-ita: ")
    assert text.count(". ") == 0
    return text


def test_firmware_inside_the_memories_fits() -> None:
    app = firmware(
        Piece(0x1C00_8000, bytes(64)),
        Piece(0x1000_0000, b"data", DATA, memory_size=128 << 10),
        Piece(0x8000_0000, flags=DATA, memory_size=64 << 20),
    )
    assert fit(app, PULP) == ()
    assert explain_misfit(app, "pulp-ita", PULP, {}) is None


def test_a_segment_may_span_memories_that_touch() -> None:
    banks = (("high", 0x8001_0000, 0x1_0000), ("low", 0x8000_0000, 0x1_0000))
    app = firmware(Piece(0x8000_0000, bytes(16), memory_size=0x2_0000))
    assert fit(app, banks) == ()
    assert fit(app, banks[:1]) == (Misfit(0x8000_0000, 0x2_0000, banks[0]),)


@pytest.mark.parametrize(
    ("address", "nearest"),
    [(0x0000_1000, TCDM), (0x1001_FFF8, TCDM), (0x1BFF_F000, L2), (0x7000_0000, L3)],
)
def test_a_segment_outside_names_the_nearest_memory(address: int, nearest: Memory) -> None:
    assert fit(firmware(Piece(address, bytes(16))), PULP) == (Misfit(address, 16, nearest),)


def test_both_where_it_is_loaded_and_where_it_runs_must_be_memory() -> None:
    code = Piece(0x1C00_0000, bytes(16))
    loaded = firmware(code, Piece(0x1000_0000, bytes(8), DATA, physical=0x0800_0000))
    assert [each.address for each in fit(loaded, PULP)] == [0x0800_0000]
    running = firmware(
        code, Piece(0x0900_0000, bytes(8), DATA, physical=0x1C00_1000, memory_size=32)
    )
    assert [(each.address, each.size) for each in fit(running, PULP)] == [(0x0900_0000, 32)]


def test_a_board_without_memories_takes_nothing() -> None:
    app = firmware(Piece(0x8000_0000, bytes(16)))
    assert fit(app, ()) == (Misfit(0x8000_0000, 16, None),)
    text = explain_misfit(app, "bare", (), {"pulp-ita": PULP})
    assert text is not None
    assert "finds no memory at all; run it with --board pulp-ita, which it fits" in text


def test_the_sentence_names_the_segment_the_memory_and_the_board_it_would_fit() -> None:
    text = sentence(firmware(Piece(0x9000_0000, bytes(0x1400))), **{"snitch-ita": SNITCH})
    assert "its segment of 5 KiB at 0x90000000 lies outside every memory" in text
    assert "the nearest being l3 (0x80000000 to 0x83ffffff)" in text
    assert text.endswith("; run it with --board snitch-ita, which it fits")


def test_the_sentence_says_by_how_much_a_segment_is_too_large() -> None:
    app = firmware(Piece(0x1C00_0000, bytes(16), memory_size=600 << 10))
    text = sentence(app)
    assert "its segment of 600 KiB at 0x1c000000 reaches 88 KiB past the end of l2" in text
    assert text.endswith("; link it into l3 (0x80000000, 64 MiB)")


def test_without_another_board_the_sentence_says_where_to_link_it() -> None:
    text = sentence(firmware(Piece(0x0000_0000, bytes(16)), Piece(0x100, b"d", DATA)))
    assert "its segment of 16 bytes at 0x00000000 (and 1 more) lies outside" in text
    assert text.endswith(
        "; link it into tcdm (0x10000000, 128 KiB) or l2 (0x1c000000, 512 KiB)"
        " or l3 (0x80000000, 64 MiB)"
    )


def test_firmware_too_large_for_every_board_is_told_so() -> None:
    app = firmware(Piece(0x8000_0000, bytes(16), memory_size=0x7FFF_FFFF))
    text = sentence(app, other=(L2,))
    assert "no board has room for it: it needs 2048 MiB in all, so make it smaller" in text
