"""Boards that say only how they differ from another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.board_texts import SMALL, parse, problem, replaced
from vplat.errors import BoardError
from vplat.machine.board import Board, Span
from vplat.machine.board_file import load_board

ROM = "[memories.rom]\nbase = 0x1A00_0000\nsize = 0x2000\n"


def child(text: str, parent: str = SMALL) -> Board:
    """The board of ``text`` on top of ``parent``."""
    return parse(f'extends = "small"\n{text}', {"small": parent})


def child_problem(text: str, parent: str = SMALL) -> str:
    """The sentence that refuses it."""
    return problem(f'extends = "small"\n{text}', {"small": parent})


def test_a_board_that_says_nothing_is_the_one_it_extends_under_another_name() -> None:
    board, parent = child(""), parse(SMALL)
    assert board.name == "my"
    assert (board.harts, board.memories, board.devices) == (
        parent.harts,
        parent.memories,
        parent.devices,
    )


def test_the_name_of_the_extended_board_is_not_inherited() -> None:
    assert child("", f'name = "parent"\n{SMALL}').name == "my"


def test_tables_merge_key_by_key() -> None:
    board = child("[harts]\ncount = 4\n[memories.ram]\nwait_states = 9\n")
    assert board.harts.count == 4
    assert board.harts.isa == parse(SMALL).harts.isa
    (memory,) = board.memories
    assert (memory.base, memory.size, memory.wait_states) == (0x1000_0000, 0x1_0000, 9)


def test_new_members_come_after_the_inherited_ones() -> None:
    assert [memory.name for memory in child(ROM).memories] == ["ram", "rom"]


def test_arrays_are_replaced_as_a_whole() -> None:
    aliases = "aliases = [{ base = 0x1100_0000, size = 0x1000 }]\n"
    parent = replaced('size = "64 KiB"\n', f'size = "64 KiB"\n{aliases}')
    text = "[memories.ram]\naliases = [{ base = 0x1200_0000, size = 0x2000 }]\n"
    (memory,) = child(text, parent).memories
    assert memory.aliases == (Span(0x1200_0000, 0x2000),)


def test_a_device_set_to_false_is_not_there() -> None:
    assert child("[devices]\ndma = false\n").devices == ()


def test_a_memory_set_to_false_is_not_there() -> None:
    board = child("[memories]\nrom = false\n", SMALL + ROM)
    assert [memory.name for memory in board.memories] == ["ram"]


def test_an_operating_point_set_to_false_is_not_there() -> None:
    text = "[operating_points]\nnominal = false\n[operating_points.slow]\nvolts = 0.6\nhertz = 10\n"
    assert [point.name for point in child(text).operating_points] == ["slow"]


def test_a_window_set_to_false_is_left_out() -> None:
    parent = f"{SMALL}windows = {{ fast = 0x2000_1000 }}\nwait_states = {{ fast = 2 }}\n"
    (device,) = child("[devices.dma.windows]\nfast = false\n", parent).devices
    assert device.windows == {"": 0x2000_0000}
    assert device.absent == {"fast"}
    assert device.wait_states == {}


def test_a_removed_device_can_come_back_in_a_board_that_extends_further() -> None:
    middle = 'extends = "small"\n[devices]\ndma = false\n'
    text = 'extends = "middle"\n[devices.dma]\nkind = "copier"\nbase = 0x3000_0000\n'
    (device,) = parse(text, {"small": SMALL, "middle": middle}).devices
    assert (device.kind, device.windows) == ("copier", {"": 0x3000_0000})


def test_a_scalar_may_take_the_place_of_a_table() -> None:
    parent = f'{SMALL}windows = {{ fast = 0x2000_1000 }}\nwait_states = {{ "" = 1, fast = 2 }}\n'
    (device,) = child("[devices.dma]\nwait_states = 5\n", parent).devices
    assert device.wait_states == {"": 5, "fast": 5}


def test_an_inherited_value_that_is_wrong_is_found_in_the_file_that_holds_it() -> None:
    parent = replaced('size = "64 KiB"', "size = 0x1001")
    assert child_problem("", parent).startswith("small.toml:14: 'size' of memory 'ram' is 0x1001")


def test_a_value_of_ones_own_is_found_in_ones_own_file() -> None:
    assert child_problem("[memories.ram]\nsize = 3\n").startswith("my.toml:3: 'size' of memory")


def test_an_overlap_with_something_inherited_names_both_files() -> None:
    text = "[memories.rom]\nbase = 0x1000_F000\nsize = 0x2000\n"
    assert child_problem(text) == (
        "my.toml:3: memory 'rom' (0x1000f000..0x10010fff) overlaps memory 'ram' "
        "(0x10000000..0x1000ffff, small.toml:13) at 0x1000f000; move one of the two"
    )


def test_removing_what_is_not_there_is_refused() -> None:
    assert child_problem("[devices]\ndna = false\n") == (
        "my.toml:3: there is nothing to remove: no device 'dna'; did you mean 'dma'?"
    )


def test_a_board_that_extends_none_has_nothing_to_remove() -> None:
    assert problem(replaced("[devices.dma]\n", "[devices]\ndma = false\n[devices.uart]\n")) == (
        "my.toml:17: there is nothing to remove: no device 'dma'; there are none"
    )


def test_extending_an_unknown_board_is_refused() -> None:
    assert problem('name = "x"\nextends = "smal"\n') == "my.toml:2: there is no board 'smal'"


@pytest.mark.parametrize("written", ["3", '""', "false", '["small"]'])
def test_extends_must_be_a_name_or_a_path(written: str) -> None:
    sentence = problem(f"extends = {written}\n")
    assert sentence.startswith("my.toml:1: 'extends' must be a string")
    assert sentence.endswith('write the name or the file of a board, like "pulp-ita"')


def test_a_cycle_is_refused_and_shown() -> None:
    others = {"a": 'extends = "b"\n', "b": '\nextends = "a"\n'}
    assert problem('extends = "a"\n', others) == (
        "b.toml:2: this board extends itself (my.toml -> a.toml -> b.toml -> a.toml); "
        "remove 'extends' from one of them"
    )


def test_a_mistake_in_the_syntax_of_an_extended_board_is_found_there() -> None:
    assert child_problem("", "[harts\n").startswith("small.toml:1: not TOML: ")


def test_a_path_is_relative_to_the_file_it_is_written_in(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "small.toml").write_text(SMALL)
    (tmp_path / "middle.toml").write_text('extends = "./small.toml"\n')
    (tmp_path / "deep" / "top.toml").write_text('extends = "../middle.toml"\n[harts]\ncount = 7\n')
    board = load_board(tmp_path / "deep" / "top.toml")
    assert (board.name, board.harts.count) == ("top", 7)
    assert [memory.name for memory in board.memories] == ["ram"]


def test_a_name_is_one_of_the_known_boards(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(SMALL)
    (tmp_path / "top.toml").write_text('extends = "small"\n')
    board = load_board(tmp_path / "top.toml", {"small": tmp_path / "base.toml"})
    assert board.harts.count == 2


def test_a_board_may_extend_a_known_one_of_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "known.toml").write_text(SMALL)
    (tmp_path / "small.toml").write_text('extends = "small"\n')
    board = load_board(tmp_path / "small.toml", {"small": tmp_path / "known.toml"})
    assert board.harts.count == 2


def test_an_unknown_name_is_refused_with_the_closest_known_one(tmp_path: Path) -> None:
    path = tmp_path / "top.toml"
    path.write_text('extends = "pulpita"\n')
    with pytest.raises(BoardError) as caught:
        load_board(path, {"pulp-ita": tmp_path / "pulp-ita.toml"})
    assert str(caught.value) == (f"{path}:1: there is no board 'pulpita'; did you mean 'pulp-ita'?")


def test_a_file_that_leads_back_to_itself_by_another_path_is_a_cycle(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    path = tmp_path / "a.toml"
    path.write_text('extends = "deep/../a.toml"\n')
    with pytest.raises(BoardError, match=r"a\.toml:1: this board extends itself"):
        load_board(path)
