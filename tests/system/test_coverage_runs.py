"""Coverage of whole programs: lines, merging, and what lcov's own tools make of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.system.firmware_tree import PREBUILT, ROOT
from vplat.trace.coverage.coverage import Coverage
from vplat.trace.coverage.lcov import from_lcov

GENHTML = "genhtml"
ELVES = [PREBUILT / "attention.elf", PREBUILT / "hello.elf"]
SOURCE = """
int odd, even;
__attribute__((noinline)) void note(int value) {
    if (value & 1)
        odd++;
    else
        even++;
}
__attribute__((noinline)) void never(void) {
    odd = 0;
}
int main(void) {
    for (int i = 0; i < 51; i++)
        note(i);
    if (odd == 7)
        never();
    return 0;
}
"""
START = """
    .section .reset, "ax"
    .globl _start
_start:
    csrr t0, mhartid
    bnez t0, sleep
    li sp, 0x10010000
    call main
    li t0, VPLAT_CLUSTER_CONTROL_BASE
    sw a0, CLUSTER_CONTROL_RETURN_VALUE_OFFSET(t0)
    li t1, 1
    sw t1, CLUSTER_CONTROL_EOC_OFFSET(t0)
sleep:
    wfi
    j sleep
"""


def vplat(*arguments: str | Path) -> str:
    command = [sys.executable, "-m", "vplat", *map(str, arguments)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def tracefile(path: Path) -> Coverage:
    return from_lcov(path.read_text("utf-8"), str(path))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program of a few lines, built with its source beside it."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "main.c").write_text(SOURCE)
    (folder / "start.S").write_text(f"#include <vplat/pulp-ita.h>\n{START}")
    elf = folder / "small.elf"
    firmware = ROOT / "firmware"
    command = ["riscv64-unknown-elf-gcc", "-march=rv32imafc_zicsr_zifencei", "-mabi=ilp32f"]
    command += ["-g", "-O1", "-nostdlib", f"-I{firmware / 'include'}"]
    command += [f"-T{firmware / 'runtime' / 'pulp-ita.ld'}", "-o", str(elf)]
    command += [str(folder / "main.c"), str(folder / "start.S")]
    subprocess.run(command, check=True, capture_output=True)
    return elf


def line_of(text: str) -> int:
    return SOURCE[: SOURCE.index(text)].count("\n") + 1


def test_lines_branches_and_functions_are_counted(small: Path, tmp_path: Path) -> None:
    vplat("run", "--quiet", small, "--coverage", tmp_path / "c.info")
    file = tracefile(tmp_path / "c.info").files[str(small.with_name("main.c"))]
    counted = {text: file.lines[line_of(text)] for text in ("odd++", "even++", "note(i)")}
    assert counted == {"odd++": 25, "even++": 26, "note(i)": 51}
    assert file.lines[line_of("odd = 0")] == file.lines[line_of("never();")] == 0
    assert file.functions["note"][1] == 51
    assert file.functions["never"][1] == 0
    (test,) = (b for (line, _), b in file.branches.items() if line == line_of("if (value & 1)"))
    assert sorted(test) == [25, 26]
    (last,) = (b for (line, _), b in file.branches.items() if line == line_of("if (odd == 7)"))
    assert sorted(last) == [0, 1]


def test_runs_are_merged(small: Path, tmp_path: Path) -> None:
    once, thrice = tmp_path / "once.info", tmp_path / "thrice.info"
    vplat("run", "--quiet", small, "--coverage", once)
    vplat("coverage", small, once, small, "--lcov", thrice)
    for name, file in tracefile(thrice).files.items():
        single = tracefile(once).files[name]
        assert file.lines == {line: 3 * count for line, count in single.lines.items()}
        assert file.branches == {
            place: (3 * branch.taken, 3 * branch.not_taken)
            for place, branch in single.branches.items()
        }


def test_genhtml_makes_pages_with_the_same_shares(tmp_path: Path) -> None:
    assert shutil.which(GENHTML), f"{GENHTML} is missing: install lcov"
    info = tmp_path / "c.info"
    total: dict[str, Any] = json.loads(vplat("coverage", *ELVES, "--lcov", info, "--json"))["total"]
    ended = subprocess.run(
        [GENHTML, "--branch-coverage", "--output-directory", tmp_path / "html", info],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "html" / "index.html").is_file()
    for what in ("lines", "branches", "functions"):
        found = re.search(rf"{what}\.+: [0-9.]+% \((\d+) of (\d+) {what}\)", ended.stdout)
        assert found is not None, ended.stdout
        assert [int(found[1]), int(found[2])] == [total[what]["hit"], total[what]["of"]]
