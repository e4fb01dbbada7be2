"""The guides do what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.documents import ROOT, Workplace, blocks, says_the_same, without_figures

GUIDES = [
    "docs/writing-a-peripheral.md",
    "docs/boards.md",
    "docs/plugins.md",
    "docs/debugging.md",
    "docs/explaining.md",
    "docs/tracing.md",
    "docs/profiling.md",
    "docs/snapshots.md",
    "docs/testing-a-driver.md",
]


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_can_be_followed_from_its_first_line_to_its_last(
    guide: str, tmp_path: Path
) -> None:
    compared = 0
    for shown, printed in Workplace(tmp_path).follow(ROOT / guide):
        where = f"{guide}:{shown.line}"
        assert says_the_same(shown.text, printed), f"{where}: it prints\n{printed}"
        compared += 1
    assert compared


def test_the_readme_shows_what_a_terminal_shows_but_for_figures(tmp_path: Path) -> None:
    compared = 0
    for shown, printed in Workplace(tmp_path, terminal=True).follow(ROOT / "README.md"):
        same = says_the_same(without_figures(shown.text), without_figures(printed))
        assert same, f"README.md:{shown.line}: it prints\n{printed}"
        compared += 1
    assert compared


def test_three_dots_stand_for_whatever_is_left_out() -> None:
    assert says_the_same("at 0x... in main\n", "at 0x1c in main\n")
    assert not says_the_same("at 0x...\n", "at 0x1c\nin main\n")
    assert says_the_same("a\n...\nd\n", "a\nb\nc\nd\n")
    assert says_the_same("a\n...\n", "a\n")
    assert not says_the_same("a\n...\nd\n", "a\nd!\n")
    assert not says_the_same("a\n", "a\nb\n")


def test_blocks_are_found_with_their_files_and_lines(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Text.\n\n```c main.c\nint x;\n```\n\n```sh\ntrue\n```\n")
    assert [(each.line, each.language, each.file, each.text) for each in blocks(page)] == [
        (3, "c", "main.c", "int x;\n"),
        (7, "sh", "", "true\n"),
    ]
