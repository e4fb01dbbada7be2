"""What cannot be run: one sentence with culprit, place and next step, status 125, no traceback."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.unit import tiny_firmware
from tests.unit.command_line import CommandLine
from tests.unit.elf_builder import CODE, build_elf

NOPS = struct.pack("<2I", 0x13, 0x13)
ROOMY = """\
extends = "pulp-ita"
doc = "With memory where pulp-ita has none."
[memories.more]
base = 0x6000_0000
size = "1 MiB"
"""
BOARDS_PLUGIN = """\
from pathlib import Path
from vplat.hookspecs import hookimpl

@hookimpl
def vplat_boards():
    return [Path(__file__).with_name("roomy.toml")]
"""
FAULTY_DEVICE = """\
from vplat.hookspecs import hookimpl
from vplat.model import RO, Peripheral, Word

class Pump(Peripheral, kind="pump", size=4):
    '''Breaks down.'''

    level = Word(0, RO, "Its level.")

    @level.on_read
    def read_level(self):
        raise ZeroDivisionError("no water")

@hookimpl
def vplat_peripherals():
    return [Pump]
"""
FAULTY_BOARD = """\
extends = "pulp-ita"
[devices.pump]
kind = "pump"
base = 0x5000_0000
"""


@pytest.mark.parametrize(
    ("image", "told"),
    [
        (b"", "is empty"),
        (b"#!/bin/sh\n", "is not an ELF"),
        (build_elf([(0x1C00_8000, NOPS, CODE)])[:90], "is truncated"),
        (build_elf([(0x1C00_8000, NOPS, CODE)], elf_class=2), "64-bit"),
        (build_elf([(0x1C00_8000, NOPS, CODE)], byte_order=2), "big-endian"),
        (build_elf([(0x1C00_8000, NOPS, CODE)], machine=40), "for ARM"),
        (build_elf([(0x1C00_8000, NOPS, CODE)], kind=1), "relocatable"),
    ],
)
def test_a_file_that_is_no_rv32_executable(
    vplat: CommandLine, tmp_path: Path, image: bytes, told: str
) -> None:
    (tmp_path / "app.elf").write_bytes(image)
    sentence = vplat.refusal("run", tmp_path / "app.elf")
    assert "app.elf" in sentence
    assert told in sentence


def test_a_file_that_does_not_exist(vplat: CommandLine) -> None:
    assert "missing.elf does not exist" in vplat.refusal("run", "missing.elf")


def test_firmware_for_another_board_names_the_board_it_fits(
    vplat: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "app.elf").write_bytes(build_elf([(0x6000_0000, NOPS, CODE)]))
    (tmp_path / "roomy.toml").write_text(ROOMY)
    (tmp_path / "boards.py").write_text(BOARDS_PLUGIN)
    arguments = ("--plugin", tmp_path / "boards.py", tmp_path / "app.elf")
    sentence = vplat.refusal("run", *arguments)
    assert "app.elf does not fit board pulp-ita" in sentence
    assert "run it with --board roomy" in sentence
    ended = vplat("run", "-q", "--max-cycles", "100", "--board", "roomy", *arguments)
    assert ended.status in (124, 126)


def test_firmware_that_fits_no_board_is_told_where_there_is_room(
    vplat: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "app.elf").write_bytes(build_elf([(0x6000_0000, NOPS, CODE)]))
    sentence = vplat.refusal("run", tmp_path / "app.elf")
    assert "link it into" in sentence
    assert "l2 (0x1c000000, 2 MiB)" in sentence


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = [", "my.toml:1: not TOML"),
        ("colour = 3\n", "my.toml:1"),
        ('extends = "pulp-ita"\n[memories.l2]\nsize = -1\n', "my.toml:3"),
        ('extends = "pulp-itb"\n', "did you mean 'pulp-ita'?"),
        ('extends = "pulp-ita"\n[devices.dma2]\nkind = "mchn"\nbase = 0x5000_0000\n', "mchn"),
    ],
)
def test_a_malformed_board_file_is_refused_with_its_line(
    vplat: CommandLine, tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "my.toml").write_text(text)
    elf = tiny_firmware.exits(tmp_path / "app.elf")
    assert told in vplat.refusal("run", "--board", tmp_path / "my.toml", elf)


@pytest.mark.parametrize(
    ("board", "told"),
    [
        ("missing.toml", "there is no board file 'missing.toml'"),
        ("pulp-itaa", "there is no board 'pulp-itaa'; did you mean 'pulp-ita"),
        ("nothing-like-it", "`vplat boards` lists them"),
    ],
)
def test_a_board_that_does_not_exist(
    vplat: CommandLine, tmp_path: Path, board: str, told: str
) -> None:
    elf = tiny_firmware.exits(tmp_path / "app.elf")
    assert told in vplat.refusal("run", "--board", board, elf)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("raise ValueError('boom \\x1b[31m')", "did not load: ValueError: boom"),
        ("import sys; sys.exit(3)", "did not load: SystemExit: 3"),
        ("def oops(:", "did not load: SyntaxError"),
        ("import no_such_module", "install no_such_module beside vplat"),
        (
            "from vplat.hookspecs import hookimpl\n@hookimpl\ndef vplat_bords(): pass",
            "unknown hook 'vplat_bords'",
        ),
        (
            "from vplat.hookspecs import hookimpl\n@hookimpl\ndef vplat_boards(): yield 1 / 0",
            "raised in vplat_boards: ZeroDivisionError",
        ),
        (
            "from vplat.hookspecs import hookimpl\n@hookimpl\ndef vplat_peripherals(): return [42]",
            "vplat_peripherals gave 42",
        ),
        (
            "from vplat.hookspecs import hookimpl\n@hookimpl\ndef vplat_peripherals(): return 42",
            "vplat_peripherals must return a list, not 42",
        ),
    ],
)
def test_a_plugin_that_was_asked_for_and_is_broken(
    vplat: CommandLine, tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "mine.py").write_text(text)
    elf = tiny_firmware.exits(tmp_path / "app.elf")
    sentence = vplat.refusal("run", "--plugin", tmp_path / "mine.py", elf)
    assert "'mine'" in sentence
    assert told in sentence


def test_a_device_of_a_plugin_that_raises_while_firmware_runs_is_named(
    vplat: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "pump.py").write_text(FAULTY_DEVICE)
    (tmp_path / "my.toml").write_text(FAULTY_BOARD)
    elf = tiny_firmware.loads_from(tmp_path / "app.elf", 0x5000_0000)
    arguments = ("--plugin", tmp_path / "pump.py", "--board", tmp_path / "my.toml", elf)
    sentence = vplat.refusal("run", *arguments)
    assert "device 'pump'" in sentence
    assert "ZeroDivisionError: no water" in sentence


def test_a_broken_plugin_nobody_asked_for_by_name_is_a_note_and_no_error(
    vplat: CommandLine, tmp_path: Path
) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "mine.py").write_text("raise ValueError('boom')")
    elf = tiny_firmware.exits(tmp_path / "app.elf")
    ended = vplat("run", "--plugins-dir", folder, elf)
    assert ended.status == 0
    assert "plugin 'mine' did not load; `vplat plugins` says why" in ended.err
    assert vplat("run", "-q", "--plugins-dir", folder, elf).err == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--plugins-dir", "missing"), "--plugins-dir a directory that exists"),
        (("--operating-point", "9V"), "choose one of 0.65V, 0.80V"),
        (("--max-cycles", "0"), "is not from 1"),
        (("--max-cycles", "10X"), "like 1_000_000 or 10M"),
        (("--timeout", "nan"), "like 30 or 0.5"),
        (("--timeout", "-1"), "like 30 or 0.5"),
        (("--probe", "gdb"), "'native'"),
        (("--json", "missing/results.json"), "there is no directory missing; make it first"),
        (("--json", "/"), "/ is a directory; name a file in it"),
        (("--files", "missing"), "missing: no such directory"),
        (("--bord", "x"), "'--board'"),
        (("second.elf",), "second.elf"),
    ],
)
def test_an_option_that_makes_no_sense(
    vplat: CommandLine, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    assert told in vplat.refusal("run", tiny_firmware.exits(tmp_path / "app.elf"), *arguments)


def test_a_name_with_control_codes_does_not_reach_the_terminal(vplat: CommandLine) -> None:
    assert "\\x1b[2J" in vplat.refusal("run", "\x1b[2J.elf")
