"""Writes to CSRs that do not exist, as the command line shows them."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from tests.unit.command_line import CommandLine
from tests.unit.rv32_code import T0
from tests.unit.tiny_firmware import (
    APPLICATION_EXIT,
    EXIT_EXTENDED,
    TEXT,
    call,
    li,
    on_hart_0,
    write_elf,
)
from vplat.cli.dumps import dump_line
from vplat.machine.findings import Dump

DUMP_5, DUMP_T0 = 0x7C32_D073, 0x7C32_9073
"""csrwi 0x7c3, 5 and csrw 0x7c3, t0."""


@pytest.fixture
def firmware(tmp_path: Path) -> Path:
    """Hart 0 dumps 5 and 1.5 as a float, and ends the run."""
    (tmp_path / "dumping.toml").write_text('extends = "pulp-ita"\n[harts]\nunknown_csrs = "dump"\n')
    block = struct.pack("<2I", APPLICATION_EXIT, 0)
    words = [DUMP_5, *li(T0, 0x3FC0_0000), DUMP_T0, *call(EXIT_EXTENDED, TEXT)]
    return write_elf(tmp_path / "dumps.elf", on_hart_0(words), block)


def test_a_dump_is_a_line_like_the_testbench_s() -> None:
    line = dump_line(Dump(1234, 8, 0x7C3, 0x3FC0_0000), 0)
    assert line == "[DUMP] 1234 Core   8: 0x7c3 = 0x3fc00000, 1069547520, 1.500000"
    assert dump_line(Dump(5, 2, 0x12, 0xFFFF_FFFF), 10).startswith(
        "[DUMP] 5 Core  12: 0x012 = 0xffffffff, 4294967295, "
    )


def test_dumps_are_shown_on_standard_error_and_kept_in_the_json(
    vplat: CommandLine, firmware: Path, tmp_path: Path
) -> None:
    board, results = tmp_path / "dumping.toml", tmp_path / "results.json"
    ended = vplat("run", "--board", board, "--json", results, firmware)
    assert ended.status == 0
    assert ended.out == ""
    shown = [line.partition(" Core ")[2] for line in ended.err.splitlines() if "[DUMP]" in line]
    assert shown == [
        "  0: 0x7c3 = 0x00000005,          5, 0.000000",
        "  0: 0x7c3 = 0x3fc00000, 1069547520, 1.500000",
    ]
    found = json.loads(results.read_text())
    assert found["dumps"]["0"] == [5, 0x3FC0_0000]
    first = found["dump_writes"][0]
    assert (first["hart"], first["csr"], first["value"]) == (0, 0x7C3, 5)
    assert isinstance(first["cycle"], int)


def test_quiet_drops_them_from_standard_error(
    vplat: CommandLine, firmware: Path, tmp_path: Path
) -> None:
    ended = vplat("run", "--quiet", "--board", tmp_path / "dumping.toml", firmware)
    assert (ended.status, ended.out, ended.err) == (0, "", "")
