"""What the runtime promises, on programs that keep and that break its rules."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.firmware_tree import FIRMWARE, ROOT, copy_of_firmware, make, run

APPS = {
    "results": """
        static void say_goodbye(void) { printf("goodbye\\n"); }
        __attribute__((constructor)) static void say_hello(void) { printf("hello\\n"); }
        int main(void)
        {
            if (hart_id() == 0)
                atexit(say_goodbye);
            return hart_id() == 1 ? 2 : hart_id() == 6 ? 4 : 0;
        }""",
    "exits": """
        int main(void)
        {
            if (hart_id() == 5)
                exit(7);
            cluster_barrier();
            return 0;
        }""",
    "wild_load": """
        static int look_at(volatile int *address) { return *address; }
        int main(void)
        {
            if (hart_id() == 3)
                return look_at((volatile int *)0x20000000) + 1;
            cluster_barrier();
            return 0;
        }""",
    "failed_assertion": """
        #include <assert.h>
        int main(void)
        {
            cluster_barrier();
            assert(hart_id() != 5);
            return 0;
        }""",
    "stray_interrupt": """
        int main(void)
        {
            hart_interrupts_enable();
            event_interrupts_enable(EVENT_SOFTWARE(1));
            if (hart_id() == 2)
                event_send(1, 1u << 2);
            cluster_barrier();
            return 0;
        }""",
    "missed_barrier": """
        int main(void)
        {
            if (hart_id() != 0)
                cluster_barrier();
            return 0;
        }""",
    "own_storage": """
        #include <string.h>
        static _Thread_local int started_as_five = 5, started_as_zero;
        int main(void)
        {
            started_as_five += (int)hart_id();
            started_as_zero -= (int)hart_id();
            cluster_barrier();
            for (unsigned hart = 0; hart < VPLAT_HARTS; hart++) {
                if (hart == hart_id())
                    printf("%d %d %.2f\\n", started_as_five, started_as_zero, 1.5 * hart);
                cluster_barrier();
            }
            return 0;
        }""",
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the firmware in which the programs above are apps, built."""
    firmware = copy_of_firmware(tmp_path_factory.mktemp("runtime"))
    for name, source in APPS.items():
        (firmware / "apps" / name).mkdir()
        text = f'#include "runtime/runtime.h"\n{source}\n'
        (firmware / "apps" / name / "main.c").write_text(text, "utf-8")
    make(firmware, *APPS)
    return firmware


def outcome(tree: Path, name: str) -> tuple[int, str, str]:
    """Status, standard output, and standard error without its line ends."""
    result = run(tree / "prebuilt" / f"{name}.elf")
    return result.returncode, result.stdout, " ".join(result.stderr.split())


def test_the_status_has_the_bits_of_all_results_and_exit_functions_run_once(tree: Path) -> None:
    assert outcome(tree, "results") == (6, "hello\ngoodbye\n", "")


def test_exit_on_any_hart_ends_the_run_at_once(tree: Path) -> None:
    assert outcome(tree, "exits") == (7, "", "")


def test_a_wild_load_ends_in_a_report_of_the_place_that_did_it(tree: Path) -> None:
    status, printed, report = outcome(tree, "wild_load")
    assert (status, printed) == (126, "")
    assert "hart 3: load access fault" in report
    assert "0x20000000" in report
    assert re.search(r"in main\S* at firmware/apps/wild_load/main\.c:3", report), report


def test_a_failed_assertion_says_so_and_ends_in_a_report(tree: Path) -> None:
    status, printed, report = outcome(tree, "failed_assertion")
    assert status == 126
    assert "hart_id() != 5" in printed
    assert re.search(r"hart 5: illegal instruction .* in abort", report), report
    assert "in main" in report


def test_an_interrupt_that_nobody_handles_is_named(tree: Path) -> None:
    status, printed, _ = outcome(tree, "stray_interrupt")
    assert status == 126
    assert printed == "hart 2: interrupt 1 has no handler; see interrupt_register\n"


def test_a_hart_that_misses_a_barrier_is_a_deadlock_that_names_it(tree: Path) -> None:
    status, _, report = outcome(tree, "missed_barrier")
    assert status == 126
    assert "barrier 0: arrived harts 1-7, missing hart 0" in report


def test_every_hart_has_thread_local_variables_of_its_own(tree: Path) -> None:
    lines = "".join(f"{5 + hart} {-hart} {1.5 * hart:.2f}\n" for hart in range(8))
    assert outcome(tree, "own_storage") == (0, lines, "")


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page that are in ``language``."""
    return re.findall(
        rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )


def test_the_program_in_the_firmware_guide_does_what_the_guide_says(tree: Path) -> None:
    guide = FIRMWARE / "README.md"
    (source,), (output,) = blocks(guide, "c"), blocks(guide, "text")
    (tree / "apps" / "greeting").mkdir()
    (tree / "apps" / "greeting" / "main.c").write_text(source, "utf-8")
    make(tree, "greeting")
    assert outcome(tree, "greeting") == (0, output, "")


def test_the_program_in_the_toolchain_guide_builds_and_runs_as_the_guide_says(
    tmp_path: Path,
) -> None:
    guide = ROOT / "toolchain.md"
    (source,), (output,) = blocks(guide, "asm"), blocks(guide, "text")
    commands = blocks(guide, "sh")[-1].replace("vplat run", f"'{sys.executable}' -m vplat run")
    (tmp_path / "own.S").write_text(source, "utf-8")
    (tmp_path / "firmware").symlink_to(FIRMWARE)
    result = subprocess.run(
        ["sh", "-ec", commands],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, output, "")


def test_the_toolchain_guide_knows_how_to_tell_a_compiler_that_will_do() -> None:
    assert shutil.which("riscv64-unknown-elf-gcc"), "install the packages that toolchain.md names"
    command = blocks(ROOT / "toolchain.md", "sh")[0].split()
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"prints `{result.stdout.strip()}`" in (ROOT / "toolchain.md").read_text("utf-8")
