"""``vplat boards`` and ``vplat plugins``: lists for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.command_line import CommandLine

SMALL_BOARD = """\
extends = "pulp-ita"
doc = "Two harts and nothing beside a UART."
[harts]
count = 2
"""


def test_the_list_has_every_board_with_harts_and_memories(vplat: CommandLine) -> None:
    ended = vplat("boards")
    assert (ended.status, ended.err) == (0, "")
    for text in ("pulp-ita", "pulp-ita-idma", "8 × rv32imafc", "tcdm 128 KiB", "l3 64 MiB"):
        assert text in ended.out


def test_one_board_is_told_with_map_wiring_and_operating_points(vplat: CommandLine) -> None:
    shown = vplat("boards", "pulp-ita").out
    for text in (
        "0x10000000   0x1001ffff   128 KiB   tcdm",
        "0x10204000",
        "event_unit.demux",
        "mchan.finished",
        "event_unit.lines[8]",
        "0.80 V, 500 MHz",
        "pulp-ita.toml",
    ):
        assert text in shown


def test_the_memory_map_is_in_the_order_of_addresses(vplat: CommandLine) -> None:
    lines = vplat("boards", "pulp-ita").out.splitlines()
    bases = [int(line.split()[0], 16) for line in lines if line.startswith("0x")]
    assert bases == sorted(bases)
    assert len(bases) > 10


def test_json_has_the_same_of_all_boards_as_of_one(vplat: CommandLine) -> None:
    boards = json.loads(vplat("boards", "--json").out)
    one = json.loads(vplat("boards", "pulp-ita", "--json").out)
    assert one in boards
    assert one["harts"]["count"] == 8
    assert {memory["name"]: memory["base"] for memory in one["memories"]}["l2"] == 0x1C00_0000
    ita = next(device for device in one["devices"] if device["kind"] == "ita")
    assert (ita["windows"], ita["known"]) == ({"": 0x1020_1000}, True)


def test_a_board_file_is_told_as_a_built_in_board_is(vplat: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL_BOARD)
    shown = vplat("boards", tmp_path / "small.toml").out
    assert "2 harts" in shown
    assert "Two harts and nothing beside a UART." in shown


def test_a_board_that_does_not_exist_is_told_the_closest(vplat: CommandLine) -> None:
    assert "did you mean 'pulp-ita'?" in vplat.refusal("boards", "pulp-it")


def test_a_broken_board_of_a_plugin_is_left_out_with_a_note(
    vplat: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(
        "from pathlib import Path\nfrom vplat.hookspecs import hookimpl\n"
        "@hookimpl\ndef vplat_boards():\n    return [Path(__file__).with_name('broken.toml')]\n"
    )
    (tmp_path / "broken.toml").write_text("harts = 3")
    ended = vplat("boards", "--plugin", tmp_path / "mine.py")
    assert ended.status == 0
    assert "pulp-ita" in ended.out
    assert "board 'broken' is left out" in ended.sentence


def test_plugins_are_listed_with_their_hooks(vplat: CommandLine) -> None:
    shown = vplat("plugins").out
    assert "vplat.peripherals.ita" in shown
    assert "peripherals" in shown
    assert "vplat.cli.verbs" in shown


def test_a_plugin_that_did_not_load_is_listed_with_why_and_what_to_do(
    vplat: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text("import no_such_module")
    ended = vplat("plugins", "--plugin", tmp_path / "mine.py")
    assert ended.status == 0
    assert "did not load" in ended.out
    assert "install no_such_module beside vplat" in " ".join(ended.out.split())
    records = json.loads(vplat("plugins", "--json", "--plugin", tmp_path / "mine.py").out)
    (broken,) = [record for record in records["plugins"] if record["problem"]]
    assert (broken["name"], broken["hooks"]) == ("mine", [])


def test_plugins_that_clash_are_told(vplat: CommandLine, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text(
            "from vplat.hookspecs import hookimpl\nfrom vplat.model import Peripheral\n"
            "class Pump(Peripheral, kind='pump', size=4):\n    '''Nothing.'''\n"
            "@hookimpl\ndef vplat_peripherals():\n    return [Pump]\n"
        )
    found = json.loads(vplat("plugins", "--json", "--plugins-dir", tmp_path).out)
    (clash,) = found["clashes"]
    assert "peripheral kind 'pump' comes from two plugins, 'one' and 'two'" in clash
