"""Files that verbs write, and numbers as people read them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit import tiny_firmware
from tests.unit.command_line import CommandLine
from vplat.cli.quantities import engineering, ranges, share, size
from vplat.cli.writing import as_json, check_writable, write_if_different, write_whole
from vplat.errors import UsageError


def test_a_file_is_replaced_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")
    before = path.stat().st_ino
    write_whole(path, "new\n")
    assert path.read_text() == "new\n"
    assert path.stat().st_ino != before
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_permissions_that_others_get(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    write_whole(tmp_path / "written", "x")
    modes = {path.stat().st_mode for path in tmp_path.iterdir()}
    assert len(modes) == 1


def test_a_link_is_followed_and_stays_one(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    write_whole(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_whole(Path("/dev/null"), "gone")
    assert not Path("/dev/null").is_file()


def test_a_file_that_already_says_so_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    assert write_if_different(path, "text")
    os.utime(path, (1, 1))
    assert not write_if_different(path, "text")
    assert path.stat().st_mtime == 1
    assert write_if_different(path, "other")


@pytest.mark.parametrize("path", ["missing/out.txt", "."])
def test_what_cannot_be_written_is_said_before_anything_runs(tmp_path: Path, path: str) -> None:
    with pytest.raises(UsageError):
        check_writable(tmp_path / path)


def test_what_cannot_be_written_after_all_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"out\.txt cannot be written: No such file"):
        write_whole(tmp_path / "missing" / "out.txt", "x")


def test_a_strange_file_name_can_be_put_into_json(vplat: CommandLine, tmp_path: Path) -> None:
    name = Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xffb.elf"))
    results = tmp_path / "r.json"
    assert vplat("run", "-q", "--json", results, tiny_firmware.exits(name)).status == 0
    assert json.loads(results.read_text("utf-8"))["elf"].endswith("a?b.elf")


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists))
def test_json_says_what_it_was_given(value: object) -> None:
    text = as_json(value)
    assert text.endswith("\n")
    assert json.loads(text) == json.loads(json.dumps(value).encode("utf-8", "replace"))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0 J"),
        (1.0, "1.00 J"),
        (12.345e-6, "12.3 µJ"),
        (999.6e-9, "1.00 µJ"),
        (425e6, "425 MJ"),
        (1.5e3, "1.50 kJ"),
        (3e-15, "3e-15 J"),
    ],
)
def test_a_quantity_has_three_digits_and_a_prefix(value: float, shown: str) -> None:
    assert engineering(value, "J") == shown


@given(st.floats(min_value=1e-12, max_value=9e11))
def test_a_quantity_is_within_half_a_per_cent_of_what_is_shown(value: float) -> None:
    number, unit = engineering(value, "J").split(" ")
    factor = {"G": 1e9, "M": 1e6, "k": 1e3, "": 1, "m": 1e-3, "µ": 1e-6, "n": 1e-9, "p": 1e-12}
    assert float(number) * factor[unit.removesuffix("J")] == pytest.approx(value, rel=0.0051)
    assert len(number) <= 5


@given(st.sets(st.integers(0, 40)))
def test_ranges_of_harts_say_all_of_them_and_no_other(harts: set[int]) -> None:
    told = set()
    for part in ranges(sorted(harts)).split(", ") if harts else []:
        low, _, high = part.partition("-")
        told |= set(range(int(low), int(high or low) + 1))
    assert told == harts


def test_shares_and_sizes_read_well() -> None:
    assert (share(1, 3), share(1, 0)) == ("33.3 %", "-")
    assert [size(n) for n in (32, 1024, 128 << 10, 1536 << 10, 64 << 20, 1 << 30)] == [
        "32 B",
        "1 KiB",
        "128 KiB",
        "1.5 MiB",
        "64 MiB",
        "1 GiB",
    ]
