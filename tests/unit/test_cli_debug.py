"""``vplat run --gdb`` and ``vplat debug``: what is said, what is refused, and how it ends."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.unit.command_line import CommandLine, command, environment
from tests.unit.gdb_client import Client, counting
from tests.unit.tiny_firmware import loads_from, spins
from vplat.cli import debugging


@contextmanager
def served(*arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], Client]]:
    """``vplat run --gdb=0`` in a process of its own, and a client that is connected to it."""
    process = subprocess.Popen(
        command("run", "--quiet", "--gdb=0", *arguments),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    told = process.stderr.readline()
    found = re.search(r"127\.0\.0\.1:(\d+)", told)
    assert found is not None, told
    client = Client(int(found[1]))
    try:
        yield process, client
    finally:
        client.close()
        process.kill()
        process.communicate()


def status_of(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=30)
    return process.returncode


def test_it_says_how_to_attach_and_ends_with_the_firmwares_own_status(tmp_path: Path) -> None:
    with served(counting(tmp_path / "counting.elf")) as (process, gdb):
        assert gdb.ask("vCont;c") == b"W03"
        assert status_of(process) == 3


def test_a_run_that_gdb_ends_was_interrupted(tmp_path: Path) -> None:
    with served(spins(tmp_path / "spins.elf")) as (process, gdb):
        gdb.ask("?")
        gdb.send(b"k")
        assert status_of(process) == 130


def test_a_crash_keeps_its_status_under_gdb(tmp_path: Path) -> None:
    with served(loads_from(tmp_path / "faults.elf", 0)) as (process, gdb):
        assert gdb.ask("vCont;c").startswith(b"T0b")
        gdb.ask("D")
        assert status_of(process) == 126


def test_the_cycles_of_a_run_are_limited_under_gdb_as_well(tmp_path: Path) -> None:
    with served("--max-cycles=100k", spins(tmp_path / "spins.elf")) as (process, gdb):
        assert gdb.ask("vCont;c").startswith(b"X0f")
        assert status_of(process) == 124


def test_the_time_in_which_gdb_has_the_machine_is_no_time_of_the_run(tmp_path: Path) -> None:
    with served("--timeout=1", counting(tmp_path / "counting.elf")) as (process, gdb):
        for _ in range(4):
            gdb.ask("vCont;s:1;c")
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.4)
        assert gdb.ask("vCont;c") == b"W03"
        assert status_of(process) == 3


@pytest.mark.parametrize("address", ["x", "99999", "host:", "1:2:3", "[::1]"])
def test_what_is_no_address_is_refused(vplat: CommandLine, tmp_path: Path, address: str) -> None:
    sentence = vplat.refusal("run", f"--gdb={address}", spins(tmp_path / "spins.elf"))
    assert "is no port, like 3333, or HOST:PORT" in sentence


def test_an_address_that_is_not_of_this_host_is_refused(vplat: CommandLine, tmp_path: Path) -> None:
    sentence = vplat.refusal("run", "-q", "--gdb=192.0.2.1:0", spins(tmp_path / "spins.elf"))
    assert sentence.startswith("gdb cannot be let in at 192.0.2.1:0")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("3333", ("127.0.0.1", 3333)),
        (":4444", ("127.0.0.1", 4444)),
        ("0.0.0.0:1", ("0.0.0.0", 1)),  # noqa: S104 - read, not bound
        ("[::1]:2", ("::1", 2)),
        ("localhost:0", ("localhost", 0)),
    ],
)
def test_addresses_are_read(text: str, address: tuple[str, int]) -> None:
    found = debugging.ListenAt().convert(text, None, None)
    assert (found.host, found.port) == address


def test_without_a_gdb_the_verb_says_what_to_install(
    vplat: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debugging, "GDBS", ("gdb-that-is-not-there",))
    sentence = vplat.refusal("debug", spins(tmp_path / "spins.elf"))
    assert "install gdb-multiarch" in sentence
    assert "vplat run --gdb" in sentence


def test_a_gdb_that_cannot_be_started_is_an_error(vplat: CommandLine, tmp_path: Path) -> None:
    sentence = vplat.refusal("debug", "--gdb=/nowhere/gdb", spins(tmp_path / "spins.elf"))
    assert sentence.startswith("/nowhere/gdb cannot be started")


def test_a_gdb_that_ends_before_it_has_connected_ends_the_run(
    vplat: CommandLine, tmp_path: Path
) -> None:
    assert vplat("debug", "--gdb=true", spins(tmp_path / "spins.elf")).status == 0
