"""Boot ROMs, custom instructions, and what answers elsewhere: keys of a board file and mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.board_texts import SMALL, parse, problem, replaced
from vplat.errors import BoardError
from vplat.machine.board import InstructionsSpec
from vplat.machine.board_file import check_instructions
from vplat.machine.bus import memory_places
from vplat.machine.instruction_set import InstructionSet, no_instructions, refuse

ROM = (
    SMALL
    + """
[memories.rom]
base = 0x1000
size = "4 KiB"
writable = false
contents = [
    { offset = 0, words = [0x1050_0073, 1] },
    { offset = 0x20, words = [0xffff_ffff] },
]
"""
)


def with_harts(line: str, text: str = ROM) -> str:
    """The board with a further key of ``[harts]``, on line 6."""
    return replaced("count = 2", f"count = 2\n{line}", text)


def test_a_memory_holds_its_contents_from_the_start() -> None:
    rom = {each.name: each for each in parse(ROM).memories}["rom"]
    assert rom.contents == {0: (0x1050_0073, 1), 0x20: (0xFFFF_FFFF,)}
    (place,) = memory_places([rom])
    assert place.data[:8].tobytes() == bytes.fromhex("7300501001000000")
    assert place.data[0x20:0x28].tobytes() == b"\xff\xff\xff\xff\0\0\0\0"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "offset = 0x20",
            "offset = 0x22",
            (
                "my.toml:26: 'offset' in [memories.rom.contents[1]] is 0x22, not a multiple of 4; "
                "use 0x20"
            ),
        ),
        (
            "offset = 0x20",
            "offset = 4",
            (
                "my.toml:26: 'offset' in [memories.rom.contents[1]] is 0x4, but the contents "
                "before it reach to 0x8; list them in order and without overlaps"
            ),
        ),
        (
            "offset = 0x20",
            "offset = 0x1000",
            (
                "my.toml:26: the words in [memories.rom.contents[1]] reach to 0x1004, beyond the "
                "end of memory 'rom' at 0x1000; make it larger or them fewer"
            ),
        ),
        (
            "words = [0xffff_ffff]",
            "words = [0x1_0000_0000]",
            (
                "my.toml:26: 'words' in [memories.rom.contents[1]] has 0x100000000; each must be 0 "
                "to 0xffffffff"
            ),
        ),
        (
            "words = [0xffff_ffff]",
            'words = ["nop"]',
            (
                "my.toml:26: 'words' in [memories.rom.contents[1]] must be an array of integers, "
                "not an array; write it like [0x1050_0073]"
            ),
        ),
    ],
)
def test_contents_that_make_no_sense_are_refused(old: str, new: str, sentence: str) -> None:
    assert problem(replaced(old, new, ROM)) == sentence


def test_harts_boot_from_a_rom_that_finds_the_entry_in_a_word() -> None:
    harts = parse(with_harts("boot = 0x1000\nentry_word = 0x1020")).harts
    assert (harts.boot, harts.entry_word, harts.begins_at_entry) == (0x1000, 0x1020, True)
    plain = parse(with_harts("boot = 0x1000")).harts
    assert (plain.entry_word, plain.begins_at_entry) == (None, False)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "entry_word = 0x1020",
            (
                "my.toml:6: 'entry_word' in [harts] is for code that the harts boot from; give the "
                "address of that code, like boot = 0x1000, or remove it"
            ),
        ),
        (
            "entry_word = 0x1022\nboot = 0x1000",
            "my.toml:6: 'entry_word' in [harts] is 0x00001022, not a multiple of 4; use 0x00001020",
        ),
        (
            "entry_word = 0x9000\nboot = 0x1000",
            (
                "my.toml:6: 'entry_word' in [harts] is 0x00009000, where the board has no memory; "
                "choose an address in the memory that holds the boot code"
            ),
        ),
        (
            'unknown_csrs = "ignore"',
            (
                "my.toml:6: 'unknown_csrs' in [harts] must be 'trap' or 'dump', not 'ignore'; "
                'write it like "dump"'
            ),
        ),
        (
            'instructions = [{ name = "a", harts = [2] }]',
            "my.toml:6: 'harts' in [harts.instructions[0]] has 2; each must be 0 to 1",
        ),
        (
            'instructions = [{ name = "a", hart = 1 }]',
            "my.toml:6: [harts.instructions[0]] has no key 'hart'; did you mean 'harts'?",
        ),
        (
            'instructions = ["a", { name = "a", harts = [1] }]',
            "my.toml:6: 'instructions' in [harts] gives 'a' to hart 1 twice; remove one of the two",
        ),
    ],
)
def test_harts_that_make_no_sense_are_refused(line: str, sentence: str) -> None:
    assert problem(with_harts(line)) == sentence


def test_unknown_csrs_trap_unless_the_board_dumps_them() -> None:
    assert not parse(SMALL).harts.dumps_unknown_csrs
    assert parse(with_harts('unknown_csrs = "dump"')).harts.dumps_unknown_csrs


def test_an_instruction_set_can_be_given_to_some_harts_with_a_device_for_its_state() -> None:
    harts = parse(
        with_harts('instructions = ["a", { name = "b", harts = [1, 1], device = "dma" }]')
    ).harts
    first, second = harts.instructions
    assert (first, second) == (InstructionsSpec("a"), InstructionsSpec("b", (1,), "dma"))
    assert [spec.includes(0) for spec in harts.instructions] == [True, False]


def sets(device_kind: str) -> dict[str, InstructionSet]:
    """One set that keeps its state in a device of this kind."""
    return {"a": InstructionSet("a", "", no_instructions, refuse, device_kind=device_kind)}


@pytest.mark.parametrize(
    ("entry", "kind", "sentence"),
    [
        (
            '"a"',
            "mover",
            (
                "my.toml:6: instruction set 'a' keeps its state in a device of kind 'mover'; name "
                'one, like { name = "a", device = "dma" }'
            ),
        ),
        (
            '{ name = "a", device = "dma" }',
            "",
            "my.toml:6: instruction set 'a' needs no device; remove device = 'dma'",
        ),
        (
            '{ name = "a", device = "dmaa" }',
            "mover",
            "my.toml:6: instruction set 'a': there is no device 'dmaa'; did you mean 'dma'?",
        ),
        (
            '{ name = "a", device = "dma" }',
            "shaker",
            (
                "my.toml:6: instruction set 'a' needs a device of kind 'shaker', but 'dma' is of "
                'kind \'mover\'; name another, like { name = "a", device = "dma" }'
            ),
        ),
    ],
)
def test_the_device_of_an_instruction_set_must_be_of_its_kind(
    entry: str, kind: str, sentence: str
) -> None:
    board = parse(with_harts(f"instructions = [{entry}]"))
    with pytest.raises(BoardError) as caught:
        check_instructions(board, sets(kind))
    assert str(caught.value) == sentence


def test_an_instruction_set_with_its_device_is_accepted() -> None:
    board = parse(with_harts('instructions = [{ name = "a", device = "dma" }]'))
    check_instructions(board, sets("mover"))


def test_one_window_of_a_board_may_answer_elsewhere() -> None:
    (device,) = parse(replaced("base = 0x2000_0000", 'base = "elsewhere"')).devices
    assert (dict(device.windows), device.elsewhere) == ({}, "")


def test_two_devices_elsewhere_are_refused() -> None:
    text = replaced("base = 0x2000_0000", 'base = "elsewhere"')
    text += '\n[devices.other]\nkind = "mover"\nbase = "elsewhere"\n'
    assert problem(text) == (
        "my.toml:20: 'dma' and 'other' both answer elsewhere, where nothing else does; give one "
        "of the two a base"
    )


def test_the_boot_rom_of_the_built_in_board_leads_to_the_entry() -> None:
    from vplat.boards import board_files
    from vplat.machine.board_file import load_board

    board = load_board(Path(board_files()["snitch-ita"]), board_files())
    rom = board.memory_at(board.harts.boot or 0)
    assert rom is not None
    assert not rom.writable
    assert rom.base == board.harts.boot == 0x1000
    assert board.harts.entry_word == 0x1020
    code, data = rom.contents[0], rom.contents[0x24]
    assert 4 * len(code) <= 0x20, "the code ends before the entry word"
    assert data[:6] == (0x1000, 9, 0, 0x1000_0000, 0x2_0000, 0)


def test_the_main_window_of_a_device_may_be_seen_again() -> None:
    (device,) = parse(
        replaced("base = 0x2000_0000", "base = 0x2000_0000\naliases = [0x2800_0000]")
    ).devices
    assert list(device.sightings) == [("", 0x2000_0000), ("", 0x2800_0000)]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (
            "base = false\naliases = [0x2800_0000]",
            (
                "my.toml:19: 'aliases' of device 'dma' are places of its main window, which has no "
                "base; add one, like base = 0x1020_0000, or remove them"
            ),
        ),
        (
            "base = 0x2000_0000\naliases = [0x2800_0002]",
            (
                "my.toml:19: 'aliases' of device 'dma' has 0x28000002, not a multiple of 4; "
                "use 0x28000000"
            ),
        ),
        (
            "base = 0x2000_0000\naliases = [0x2800_0000, 0x1000_0004]",
            (
                "my.toml:19: alias 2 of device 'dma' (0x10000004..0x10000007) overlaps memory "
                "'ram' (0x10000000..0x1000ffff, my.toml:13) at 0x10000004; move one of the two"
            ),
        ),
    ],
)
def test_aliases_that_make_no_sense_are_refused(lines: str, sentence: str) -> None:
    assert problem(replaced("base = 0x2000_0000", lines)) == sentence
