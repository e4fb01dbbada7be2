"""What the runtime and the HAL promise on the paper's cluster, on programs of a few lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.system.firmware_tree import copy_of_firmware, make, run

BOARD = "snitch-ita"
APPS = {
    "results": """
        static void say_goodbye(void) { printf("goodbye\\n"); }
        __attribute__((constructor)) static void say_hello(void) { printf("hello\\n"); }
        int main(void)
        {
            if (hal_hart() == 0)
                atexit(say_goodbye);
            return hal_hart() == 1 ? 2 : hal_hart() == 8 ? 4 : 0;
        }""",
    "exits": """
        int main(void)
        {
            if (hal_hart() == 5) {
                printf("a line without an end");
                exit(7);
            }
            hal_barrier();
            return 0;
        }""",
    "wild_store": """
        static void write_to(volatile int *address) { *address = 1; }
        int main(void)
        {
            if (hal_hart() == 3)
                write_to((volatile int *)0x00001000);
            hal_barrier();
            return 0;
        }""",
    "crash_without_a_host": """
        #include "runtime/semihosting.h"
        uint32_t semihosting_call(uint32_t operation, uint32_t parameter)
        {
            __asm__ volatile("ebreak");
            return operation + parameter;
        }
        int main(void)
        {
            if (hal_hart() == 3)
                *(volatile int *)0x00001000 = 1;
            hal_barrier();
            return 0;
        }""",
    "failed_assertion": """
        #include <assert.h>
        int main(void)
        {
            hal_barrier();
            assert(hal_hart() != 8);
            return 0;
        }""",
    "missed_barrier": """
        int main(void)
        {
            if (hal_hart() == 4)
                for (;;)
                    hart_sleep();
            hal_barrier();
            return 0;
        }""",
    "own_storage": """
        static _Thread_local int started_as_five = 5, started_as_zero;
        int main(void)
        {
            started_as_five += (int)hal_hart();
            started_as_zero -= (int)hal_hart();
            hal_barrier();
            for (unsigned hart = 0; hart < HAL_HARTS; hart++) {
                if (hart == hal_hart())
                    printf("%d %d %d %d\\n", started_as_five, started_as_zero, hal_computes(),
                           hal_drives());
                hal_barrier();
            }
            return 0;
        }""",
    "whole_lines": """
        int main(void)
        {
            for (int i = 0; i < 20; i++)
                printf("hart %u says its line %d\\n", hal_hart(), i);
            return 0;
        }""",
    "borrowed_dma": """
        int main(void)
        {
            static char from[64], to[64];
            if (hal_hart() == 2)
                dma_finish(dma_load(to, from, sizeof to));
            hal_barrier();
            return 0;
        }""",
    "copies": """
        #include <string.h>
        #include "kernels/random.h"
        #define BYTES 5000
        #define ROWS 13
        #define ROW 37
        #define STRIDE 101
        static int8_t outside[BYTES] IN_L3_ZEROED, l1[BYTES] IN_L1_ZEROED;
        static dma_transfer_t transfers[20];
        static void report(const char *what, bool is_right)
        {
            printf("%s: %s\\n", what, is_right ? "ok" : "FAILED");
        }
        static bool rows_agree(void)
        {
            bool agree = true;
            for (int row = 0; row < ROWS; row++)
                agree &= memcmp(l1 + 5 + row * ROW, outside + 3 + row * STRIDE, ROW) == 0;
            return agree;
        }
        int main(void)
        {
            uint32_t seed = 1;
            if (!hal_drives())
                return 0;
            random_fill(outside, BYTES, &seed);
            dma_finish(dma_load(l1 + 3, outside + 1, BYTES - 7));
            report("in, odd addresses", memcmp(l1 + 3, outside + 1, BYTES - 7) == 0);
            random_fill(l1, BYTES, &seed);
            dma_finish(dma_store(outside, l1, BYTES));
            report("out", memcmp(l1, outside, BYTES) == 0);
            dma_finish(dma_load_rows(l1 + 5, outside + 3, ROW, ROWS, STRIDE));
            report("rows in", rows_agree());
            random_fill(l1, BYTES, &seed);
            dma_finish(dma_store_rows(outside + 3, l1 + 5, ROW, ROWS, STRIDE));
            report("rows out", rows_agree());
            for (int i = 0; i < 20; i++)
                transfers[i] = dma_load(l1 + 250 * i, outside + 250 * i, 250);
            for (int i = 19; i >= 0; i--)
                dma_finish(transfers[i]);
            report("more than the queue holds", memcmp(l1, outside, BYTES) == 0);
            return dma_is_active(transfers[19]);
        }""",
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the firmware in which the programs above are apps, built for the board."""
    firmware = copy_of_firmware(tmp_path_factory.mktemp("snitch"))
    for name, source in APPS.items():
        (firmware / "apps" / name).mkdir()
        text = f'#include "hal/hal.h"\n{source}\n'
        (firmware / "apps" / name / "main.c").write_text(text, "utf-8")
    programs = [f"{name}_snitch" for name in APPS]
    make(firmware, *programs, f"PROGRAMS={' '.join(programs)}")
    return firmware


def outcome(tree: Path, name: str) -> tuple[int, str, str]:
    """Status, standard output, and standard error without its line ends."""
    result = run(tree / "prebuilt" / f"{name}_snitch.elf", "--board", BOARD)
    return result.returncode, result.stdout, " ".join(result.stderr.split())


def test_the_status_has_the_bits_of_all_results_and_exit_functions_run_once(tree: Path) -> None:
    assert outcome(tree, "results") == (6, "hello\ngoodbye\n", "")


def test_exit_on_any_hart_ends_the_run_and_shows_what_was_printed(tree: Path) -> None:
    assert outcome(tree, "exits") == (7, "a line without an end", "")


def test_a_wild_store_ends_in_a_report_of_the_place_that_did_it(tree: Path) -> None:
    status, printed, report = outcome(tree, "wild_store")
    assert (status, printed) == (126, "")
    assert re.search(r"hart 3: store.* access fault", report), report
    assert re.search(r"in main\S* at firmware/apps/wild_store/main\.c:3", report), report


def test_where_nobody_hears_of_a_crash_the_runtime_tells_of_it_and_ends_the_run(tree: Path) -> None:
    status, printed, _ = outcome(tree, "crash_without_a_host")
    assert status == 123  # the greatest that a run passes on
    assert re.fullmatch(r"hart 3: exception 7 at 0x8000[0-9a-f]{4}, mtval 0x00001000\n", printed)


def test_a_failed_assertion_says_so_and_ends_in_a_report(tree: Path) -> None:
    status, printed, report = outcome(tree, "failed_assertion")
    assert status == 126
    assert "hal_hart() != 8" in printed
    assert re.search(r"hart 8: illegal instruction .* in abort", report), report


def test_a_hart_that_misses_a_barrier_is_a_deadlock_that_names_it(tree: Path) -> None:
    status, _, report = outcome(tree, "missed_barrier")
    assert status == 126
    assert "hart 4" in report
    assert "barrier" in report


def test_every_hart_has_thread_local_variables_and_a_part_to_play(tree: Path) -> None:
    lines = "".join(f"{5 + hart} {-hart} {hart < 8:d} {hart == 8:d}\n" for hart in range(9))
    assert outcome(tree, "own_storage") == (0, lines, "")


def test_harts_that_print_at_the_same_time_do_not_mix_their_letters(tree: Path) -> None:
    status, printed, report = outcome(tree, "whole_lines")
    assert (status, report) == (0, "")
    expected = [f"hart {hart} says its line {i}" for hart in range(9) for i in range(20)]
    assert sorted(printed.splitlines()) == sorted(expected)


def test_a_copy_by_a_hart_without_dma_is_an_illegal_instruction(tree: Path) -> None:
    status, _, report = outcome(tree, "borrowed_dma")
    assert status == 126
    assert "hart 2: illegal instruction" in report
    assert re.search(r"in main\S* at firmware/drivers/xdma\.h", report), report


def test_the_driving_hart_copies_pieces_and_rows_both_ways(tree: Path) -> None:
    names = ["in, odd addresses", "out", "rows in", "rows out", "more than the queue holds"]
    assert outcome(tree, "copies") == (0, "".join(f"{name}: ok\n" for name in names), "")
