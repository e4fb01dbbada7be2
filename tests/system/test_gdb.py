"""A real gdb against a real program: what a developer types, and what is shown."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.documents import blocks
from tests.system.firmware_tree import PREBUILT, ROOT, copy_of_firmware, make
from vplat.cli.debugging import GDBS

SOURCE = """
#include "drivers/dma.h"
#include "runtime/runtime.h"

enum { WORDS = 64 };
static unsigned source[WORDS];
static unsigned target[WORDS] IN_TCDM_ZEROED;
static unsigned arrived IN_TCDM_ZEROED;

__attribute__((noinline)) static unsigned work(unsigned hart, float factor)
{
    volatile unsigned seen = __atomic_fetch_add(&arrived, 1, __ATOMIC_RELAXED);
    float scaled = factor * (float)hart;
    if (hart == 5)
        dma_finish(dma_load(target, source, sizeof target));
    return seen + (unsigned)scaled;
}

int main(void)
{
    if (hart_id() == 0)
        for (unsigned i = 0; i < WORDS; i++)
            source[i] = 1000 + i;
    cluster_barrier();
    unsigned result = work(hart_id(), 0.5f);
    cluster_barrier();
    if (hart_id() == 0)
        printf("%u %u\\n", target[0], arrived + (result > 100));
    return 0;
}
"""
PATIENCE_SECONDS = 60


@pytest.fixture(scope="session")
def gdb() -> str:
    """The gdb of this machine."""
    for name in GDBS:
        if shutil.which(name) is not None:
            return name
    pytest.fail("no gdb for RISC-V: install gdb-multiarch, or see toolchain.md")


@pytest.fixture(scope="module")
def elf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, with all that a debugger may want to know."""
    firmware = copy_of_firmware(tmp_path_factory.mktemp("tree"))
    app = firmware / "apps" / "debugged"
    app.mkdir()
    (app / "main.c").write_text(SOURCE)
    make(firmware, "debugged", "DEBUG=-ggdb3", "CFLAGS=-std=gnu11 -Og")
    return firmware / "prebuilt" / "debugged.elf"


def vplat(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "vplat", *map(str, arguments)]


class Debugged:
    """A program that runs under ``vplat run --gdb``, and what gdb said about it."""

    def __init__(self, gdb: str, elf: Path, folder: Path) -> None:
        self._gdb, self._elf = gdb, elf
        self._json = folder / "debugged.json"
        self._run = subprocess.Popen(
            vplat("run", "--quiet", "--gdb=0", "--json", self._json, elf),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._run.stderr is not None
        told = self._run.stderr.readline()
        found = re.search(r"target remote (\S+)'", told)
        assert found is not None, told
        self.address = found[1]

    def type(self, *lines: str) -> str:
        """What a new gdb shows for these commands."""
        settings = ["set pagination off", "set width 0", "set print entry-values no"]
        commands = [*settings, f"target remote {self.address}", *lines]
        options = [option for line in commands for option in ("-ex", line)]
        ran = subprocess.run(
            [self._gdb, "-nx", "-batch", str(self._elf), *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        return ran.stdout

    def end(self) -> tuple[int, str, dict[str, Any]]:
        """Status, output and results of the run, without host time."""
        out, _ = self._run.communicate(timeout=PATIENCE_SECONDS)
        found: dict[str, Any] = json.loads(self._json.read_text("utf-8"))
        found.pop("seconds")
        return self._run.returncode, out, found

    def close(self) -> None:
        self._run.kill()
        self._run.communicate()


@pytest.fixture
def debugged(gdb: str, elf: Path, tmp_path: Path) -> Iterator[Debugged]:
    started = Debugged(gdb, elf, tmp_path)
    yield started
    started.close()


@pytest.fixture(scope="module")
def undisturbed(elf: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the program comes to by itself."""
    results = tmp_path_factory.mktemp("undisturbed") / "results.json"
    subprocess.run(
        vplat("run", "--quiet", "--json", results, elf), cwd=ROOT, check=True, capture_output=True
    )
    found: dict[str, Any] = json.loads(results.read_text("utf-8"))
    found.pop("seconds")
    return found


def test_one_hart_of_eight_is_debugged_and_the_run_comes_to_the_same(
    debugged: Debugged, undisturbed: dict[str, Any]
) -> None:
    told = debugged.type(
        "break work if $mhartid == 5",
        "continue",
        "info args",
        *["next"] * 3,
        "info locals",
        "watch target[0]",
        "continue",
        "delete 2",
        "advance main",
        "next",
        "next",
        "info threads",
        "watch target[0]",
        "reverse-continue",
        "print target[0]",
        "monitor ita.status",
        "monitor mchan.status",
        "detach",
    )
    assert 'Thread 6 "hart 5" hit Breakpoint 1, work (hart=5, factor=0.5)' in told
    assert re.search(r"^hart = 5\nfactor = 0\.5$", told, re.MULTILINE)
    assert re.search(r"^seen = [0-7]$", told, re.MULTILINE)
    assert re.search(r"vplat: mchan wrote 4 bytes at 0x1000\w{4} \(tcdm\) in cycle \d+", told)
    assert re.search(r"^Old value = 0\nNew value = 1000$", told, re.MULTILINE)
    assert re.search(r"^Old value = 1000\nNew value = 0$", told, re.MULTILINE)
    assert re.search(r"\* 6 +Thread 1\.6 \"hart 5\"", told)
    assert re.search(r"^\$\d = 0$", told, re.MULTILINE)
    assert "ita.status 0x00000000 at 0x1020100c" in told
    assert "mchan.status 0x" in told
    status, out, results = debugged.end()
    assert (status, out) == (0, "1000 8\n")
    assert results == undisturbed


def test_every_hart_steps_through_a_function_and_over_a_barrier(
    debugged: Debugged, undisturbed: dict[str, Any]
) -> None:
    told = debugged.type(
        "break work",
        "continue",
        *["stepi"] * 5,
        *["next"] * 3,
        "continue",
        "thread 4",
        *["next"] * 3,
        "thread apply all bt 1",
        "delete",
        "finish",
        "next",
        "next",
        "detach",
    )
    assert told.count("hit Breakpoint 1, work (hart=") >= 2
    assert re.search(r"^main \(\) at", told, re.MULTILINE)
    _, _, results = debugged.end()
    assert results == undisturbed


def test_registers_of_every_kind_are_shown_and_set(debugged: Debugged) -> None:
    told = debugged.type(
        "break work if $mhartid == 3",
        "continue",
        "print/x $mstatus",
        "print $fa0",
        "set var $fa0 = 2.0f",
        "print $fa0",
        "print $priv",
        "set var $mscratch = 0x1234",
        "print/x $mscratch",
        "print $mhartid",
        "set var factor = 100",
        "continue",
    )
    assert re.search(r"^\$1 = 0x\w+$", told, re.MULTILINE)
    assert re.search(r"^\$2 = 0\.5$", told, re.MULTILINE)
    assert re.search(r"^\$3 = 2$", told, re.MULTILINE)
    assert re.search(r"^\$4 = .*3.*$", told, re.MULTILINE)
    assert re.search(r"^\$5 = 0x1234$", told, re.MULTILINE)
    assert re.search(r"^\$6 = 3$", told, re.MULTILINE)
    assert "exited normally" in told
    assert debugged.end()[0] == 0


def test_the_firmware_is_loaded_again_and_started_anew(debugged: Debugged) -> None:
    told = debugged.type(
        "tbreak work",
        "continue",
        "load",
        "compare-sections",
        "monitor reset",
        "maintenance flush register-cache",
        "info registers pc",
        "tbreak work if $mhartid == 7",
        "continue",
        "continue",
    )
    assert "Loading section .text" in told
    assert "MIS-MATCHED" not in told
    assert re.search(r"^pc +0x1c008080", told, re.MULTILINE)
    assert "work (hart=7" in told
    assert "exited normally" in told


def test_gdb_finds_the_firmware_by_itself(gdb: str, debugged: Debugged) -> None:
    options = ["-ex", f"target remote {debugged.address}", "-ex", "info symbol work", "-ex", "kill"]
    ran = subprocess.run(
        [gdb, "-nx", "-batch", *options],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert "work in section .text" in ran.stdout, ran.stdout + ran.stderr


def test_a_gdb_that_is_killed_does_not_stop_the_run(
    gdb: str, debugged: Debugged, undisturbed: dict[str, Any]
) -> None:
    process = subprocess.Popen(
        [gdb, "-nx", "-q", "-ex", f"target remote {debugged.address}", "-ex", "echo here\\n"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "here" in line:
            break
    process.kill()
    process.communicate()
    assert debugged.end()[2] == undisturbed


def test_a_verb_starts_gdb_and_ends_with_it(gdb: str, elf: Path) -> None:
    commands = ["-batch", "-ex", "break main", "-ex", "continue", "-ex", "info threads"]
    ran = subprocess.run(
        vplat("debug", "--gdb", gdb, elf, "--", "-nx", *commands),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert 'Thread 1.8 "hart 7"' in ran.stdout


@pytest.mark.usefixtures("gdb")
@pytest.mark.parametrize(("program", "harts"), [("hello", 8), ("hello_snitch", 9)])
def test_the_boards_are_debugged_alike(program: str, harts: int) -> None:
    board = "snitch-ita" if program.endswith("snitch") else "pulp-ita"
    commands = ["-batch", "-ex", "break main", "-ex", "continue", "-ex", "info threads"]
    ran = subprocess.run(
        vplat("debug", "--board", board, PREBUILT / f"{program}.elf", "--", "-nx", *commands),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert len(re.findall(r"Thread 1\.\d+ \"hart \d+\" \(", ran.stdout)) == harts, ran.stderr


def test_the_guides_examples_for_an_editor_are_what_its_files_hold() -> None:
    shown = {each.file: each.text for each in blocks(ROOT / "docs" / "debugging.md") if each.file}
    launch, tasks = json.loads(shown["launch.json"]), json.loads(shown["tasks.json"])
    (configuration,) = launch["configurations"]
    (task,) = tasks["tasks"]
    assert configuration["preLaunchTask"] == task["label"]
    assert configuration["miDebuggerServerAddress"].endswith(":3333")
    assert "--gdb=3333" in task["command"]
    assert re.match(
        task["problemMatcher"]["background"]["endsPattern"], "vplat: waiting for gdb: x"
    )
