"""The harts of a board."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from vplat.errors import BoardError

from ..board import HartsSpec, InstructionsSpec
from ..isa import Isa
from .section import WORD, Section

MOST_HARTS: Final = 32
"""Event lines and interrupts name harts in a mask of 32 bits."""
BOOT_AT_ENTRY: Final = "elf"
MTVEC_FOLLOWS_BOOT: Final = "boot"
UNKNOWN_CSRS: Final = ("trap", "dump")
RESERVED_MTVEC_MODE: Final = 2
"""Bit 1 of ``mtvec``: modes 2 and 3 are reserved (privileged specification, section 3.1.7)."""


def read_harts(section: Section) -> HartsSpec:
    """``[harts]``."""
    isa = _isa(section)
    count = section.integer("count", "8", minimum=1, maximum=MOST_HARTS)
    mtvec, follows_boot = _mtvec(section)
    boot = _boot(section, isa)
    harts = HartsSpec(
        count=count,
        isa=isa,
        first_id=section.integer("first_id", "0", 0, maximum=WORD + 1 - count),
        boot=boot,
        entry_word=_entry_word(section, boot),
        mtvec=mtvec,
        mtvec_follows_boot=follows_boot,
        instructions=tuple(_instructions(section, count)),
        dumps_unknown_csrs=_dumps_unknown_csrs(section),
        vendor_id=section.integer("vendor_id", "0", 0),
        architecture_id=section.integer("architecture_id", "0", 0),
        implementation_id=section.integer("implementation_id", "0", 0),
    )
    section.finish()
    return harts


def _isa(section: Section) -> Isa:
    text = section.text("isa", '"rv32imac"')
    wants_user_mode = section.boolean("user_mode", default=True)
    try:
        isa = Isa.parse(text, user_mode=wants_user_mode)
    except BoardError as error:
        raise section.error(str(error).rstrip("."), "isa") from error
    if isa.user_mode and not wants_user_mode:
        raise section.error(
            f"'user_mode' in [harts] is false but 'isa' is {text!r}; take the user mode out of it, "
            "or remove user_mode = false",
            "user_mode",
        )
    return isa


def _boot(section: Section, isa: Isa) -> int | None:
    if not section.has("boot"):
        return None
    if section.is_text("boot"):
        if section.text("boot", f'"{BOOT_AT_ENTRY}"') != BOOT_AT_ENTRY:
            raise section.wrong("boot", f'"{BOOT_AT_ENTRY}" or an address', "0x1C00_8080")
        return None
    boot = section.integer("boot", "0x1C00_8080")
    alignment = 2 if isa.has("c") or isa.has("zca") else 4
    if boot % alignment:
        raise section.error(
            f"'boot' in [harts] is {boot:#010x}, not a multiple of {alignment}; "
            f"use {boot & -alignment:#010x}",
            "boot",
        )
    return boot


def _entry_word(section: Section, boot: int | None) -> int | None:
    if not section.has("entry_word"):
        return None
    if boot is None:
        raise section.error(
            "'entry_word' in [harts] is for code that the harts boot from; give the address of "
            "that code, like boot = 0x1000, or remove it",
            "entry_word",
        )
    address = section.integer("entry_word", "0x1020", maximum=WORD - 3)
    if address % 4:
        raise section.error(
            f"'entry_word' in [harts] is {address:#010x}, not a multiple of 4; "
            f"use {address & -4:#010x}",
            "entry_word",
        )
    return address


def _dumps_unknown_csrs(section: Section) -> bool:
    text = section.text("unknown_csrs", '"dump"', UNKNOWN_CSRS[0])
    if text not in UNKNOWN_CSRS:
        raise section.wrong("unknown_csrs", " or ".join(map(repr, UNKNOWN_CSRS)), '"dump"')
    return text == "dump"


def _instructions(section: Section, count: int) -> Iterator[InstructionsSpec]:
    """The custom instruction sets; a hart has each of them once."""
    example = '["xdma", { name = "xdma", harts = [8], device = "dma" }]'
    owned: set[tuple[str, int]] = set()
    for entry in section.names_or_rows("instructions", example):
        spec = InstructionsSpec(entry) if isinstance(entry, str) else _with_details(entry, count)
        for hart in range(count) if spec.harts is None else spec.harts:
            if (spec.name, hart) in owned:
                raise section.error(
                    f"'instructions' in [harts] gives {spec.name!r} to hart {hart} twice; "
                    "remove one of the two",
                    "instructions",
                )
            owned.add((spec.name, hart))
        yield spec


def _with_details(entry: Section, count: int) -> InstructionsSpec:
    harts = None
    if entry.has("harts"):
        harts = tuple(sorted(set(entry.integers("harts", "[8]", maximum=count - 1))))
    spec = InstructionsSpec(entry.text("name", '"xdma"'), harts, entry.text("device", '"dma"', ""))
    entry.finish()
    return spec


def _mtvec(section: Section) -> tuple[int, bool]:
    """The value of ``mtvec`` after reset, and whether it follows the boot address instead."""
    if not section.has("mtvec"):
        return 0, False
    if section.is_text("mtvec"):
        if section.text("mtvec", f'"{MTVEC_FOLLOWS_BOOT}"') != MTVEC_FOLLOWS_BOOT:
            raise section.wrong("mtvec", f'an address or "{MTVEC_FOLLOWS_BOOT}"', "0x1C00_8001")
        return 0, True
    mtvec = section.integer("mtvec", "0x1C00_8001")
    if mtvec & RESERVED_MTVEC_MODE:
        raise section.error(
            f"'mtvec' in [harts] is {mtvec:#010x}, whose mode is reserved; end it in 0 (direct) or "
            "1 (vectored)",
            "mtvec",
        )
    return mtvec, False
