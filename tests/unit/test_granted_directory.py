"""The directory of the host that firmware may be granted, and nothing beside it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from vplat.errors import UsageError
from vplat.machine.host.directory import GrantedDirectory
from vplat.machine.host.failure import CallFailed, Errno

READ_MODE, WRITE_MODE = 0, 4


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    directory = tmp_path / "granted"
    directory.mkdir()
    return directory


def failure_of(call: Callable[..., object], *arguments: object) -> Errno:
    with pytest.raises(CallFailed) as failure:
        call(*arguments)
    return failure.value.errno


def content(directory: GrantedDirectory, name: str) -> bytes:
    file = directory.open(name, READ_MODE)
    try:
        return file.read(100)
    finally:
        file.close()


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "../missing",
        "a/../../secret",
        "link",
        "link/secret",
        "file-link",
        "a/way-out/secret",
        "..",
        ".",
        "a/..",
        "/",
        "{inside}/own",
        "{inside}/../secret",
    ],
)
def test_a_name_that_leads_out_is_refused_whatever_is_there(inside: Path, name: str) -> None:
    secret = inside.parent / "secret"
    secret.write_bytes(b"secret")
    (inside / "own").write_bytes(b"own")
    (inside / "a").mkdir()
    (inside / "link").symlink_to(inside.parent)
    (inside / "file-link").symlink_to(secret)
    (inside / "a" / "way-out").symlink_to("../..")
    before = sorted(inside.parent.rglob("*"))
    directory = GrantedDirectory(inside)
    name = name.format(inside=inside)
    for mode in range(12):
        assert failure_of(directory.open, name, mode) == Errno.EACCES
    assert failure_of(directory.remove, name) == Errno.EACCES
    assert failure_of(directory.rename, name, "new") == Errno.EACCES
    assert failure_of(directory.rename, "own", name) == Errno.EACCES
    assert sorted(inside.parent.rglob("*")) == before
    assert secret.read_bytes() == b"secret"


def test_a_link_cannot_be_renamed_into_a_way_out(inside: Path) -> None:
    (inside.parent / "b").write_bytes(b"secret")
    (inside / "a").mkdir()
    (inside / "b").write_bytes(b"own")
    (inside / "a" / "link").symlink_to("../b")
    directory = GrantedDirectory(inside)
    assert content(directory, "a/link") == b"own"
    directory.rename("a/link", "link")
    assert failure_of(directory.open, "link", READ_MODE) == Errno.EACCES


def test_links_and_ways_up_that_stay_inside_are_followed(inside: Path) -> None:
    (inside / "a").mkdir()
    (inside / "file").write_bytes(b"data")
    (inside / "a" / "link").symlink_to("../file")
    directory = GrantedDirectory(inside)
    assert content(directory, "a/link") == b"data"
    assert content(directory, "a/../file") == b"data"
    directory.remove("a/link")
    assert content(directory, "file") == b"data"


@pytest.mark.parametrize(
    ("name", "errno"),
    [
        ("folder", Errno.EISDIR),
        ("pipe", Errno.EACCES),
        ("circle", Errno.ELOOP),
        ("missing", Errno.ENOENT),
        ("missing/file", Errno.ENOENT),
        ("pipe/x", Errno.ENOTDIR),
        ("", Errno.ENOENT),
        ("n" * 300, Errno.ENAMETOOLONG),
    ],
)
def test_what_is_no_regular_file_is_not_opened(inside: Path, name: str, errno: Errno) -> None:
    (inside / "folder").mkdir()
    os.mkfifo(inside / "pipe")
    (inside / "circle").symlink_to("circle")
    assert failure_of(GrantedDirectory(inside).open, name, READ_MODE) == errno


def test_directories_are_not_removed(inside: Path) -> None:
    (inside / "folder").mkdir()
    assert failure_of(GrantedDirectory(inside).remove, "folder") == Errno.EISDIR
    assert (inside / "folder").is_dir()


def test_a_rename_replaces_the_file_that_has_the_name(inside: Path) -> None:
    (inside / "old").write_bytes(b"old")
    (inside / "new").write_bytes(b"new")
    GrantedDirectory(inside).rename("old", "new")
    assert [path.read_bytes() for path in inside.iterdir()] == [b"old"]


@pytest.mark.parametrize(
    ("mode", "before", "after"),
    [(2, b"0123", b"AB23"), (4, b"0123", b"AB"), (6, b"0123", b"AB"), (8, b"0123", b"0123AB")],
)
def test_the_modes_are_those_of_fopen(inside: Path, mode: int, before: bytes, after: bytes) -> None:
    (inside / "file").write_bytes(before)
    file = GrantedDirectory(inside).open("file", mode)
    assert file.write(b"AB") == 2
    file.close()
    assert (inside / "file").read_bytes() == after


@pytest.mark.parametrize("name", ["missing", "file"])
def test_a_granted_directory_must_be_one(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=f"{name}: no such directory to grant"):
        GrantedDirectory(tmp_path / name)
