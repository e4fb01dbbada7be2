"""The Xdma instructions on the Snitch boards."""

from __future__ import annotations

import pytest

from tests.system.snitch_lab import ZEROS, assemble, compile_c, run
from vplat.session import Place


@pytest.mark.parametrize("word", [0x0000_002B, 0x0400_052B, 0x0E00_002B])
def test_an_xdma_instruction_on_a_compute_hart_is_illegal(word: int, native: bool) -> None:
    text = f"csrr t0, mhartid\nli t1, 5\nbne t0, t1, rest\n.word {word:#x}\nj rest"
    ran = run(assemble(text), native=native)
    assert ran.outcome.trap is not None
    assert (ran.outcome.trap.hart, ran.outcome.trap.cause) == (5, 2)
    assert ran.outcome.trap.value == word
    assert "set xdma, which hart 5 lacks; on this board hart 8 has it" in ran.outcome.trap.detail


def test_what_is_no_xdma_instruction_is_illegal_on_the_dma_s_hart_too(native: bool) -> None:
    text = "csrr t0, mhartid\nli t1, 8\nbne t0, t1, rest\n.word 0x1000002b\nj rest"
    ran = run(assemble(text), native=native)
    assert ran.outcome.trap is not None
    assert (ran.outcome.trap.hart, ran.outcome.trap.cause) == (8, 2)


FORMS = """
static uint8_t from[256], to[256];
int test(unsigned hart)
{
    if (hart != DMA_HART)
        return 0;
    for (int i = 0; i < 256; i++)
        from[i] = i ^ 0x5a;
    if (dma_status(0) + 1 != dma_status(1) || DMA_STATUS(0) != dma_status(0))
        return 1;
    uint32_t next = DMA_STATUS(1);
    if (dma_copy(to + 1, from + 3, 5) != next)
        return 2;
    if (DMA_STATUS(1) != next + 1)
        return 3;
    dma_wait();
    if (dma_status(0) != next || dma_status(2))
        return 4;
    for (int i = 0; i < 8; i++)
        if (to[i] != (i >= 1 && i < 6 ? (i + 2 ^ 0x5a) : 0))
            return 5;
    if (dma_copy_rows(to + 100, from + 90, 3, 7, -4, 4) != next + 1)
        return 6;
    dma_wait();
    for (int row = 0; row < 4; row++)
        for (int i = 0; i < 3; i++)
            if (to[100 + 7 * row + i] != (90 - 4 * row + i ^ 0x5a))
                return 7;
    dma_copy((void *)TCDM, (void *)(TCDM + 0x8000), 0x8000);
    if (!DMA_STATUS(2) || !dma_status(2) || DMA_STATUS(3) || dma_status(3))
        return 8;
    if (DMA_STATUS(0) != next + 1 || DMA_STATUS(1) != next + 3)
        return 9;
    dma_wait();
    return DMA_STATUS(0) != next + 2;
}
"""


def test_every_form_of_the_dma_s_instructions_works(native: bool) -> None:
    ran = run(compile_c(FORMS), native=native)
    assert ran.status == 0
    assert ran.rules == []


def test_the_dma_s_hart_waits_where_the_queue_is_full(native: bool) -> None:
    text = """
    static uint8_t block[4096];
    int test(unsigned hart)
    {
        if (hart != DMA_HART)
            return 0;
        uint32_t first = DMA_STATUS(1), last = 0;
        for (int i = 0; i < 20; i++)
            last = dma_copy((void *)(TCDM + 4096 * (i & 7)), block, sizeof block);
        if (last != first + 19)
            return 1;
        dma_wait();
        return DMA_STATUS(0) != last;
    }
    """
    ran = run(compile_c(text), native=native)
    assert ran.status == 0
    assert ran.machine.harts[8].sleep_cycles > 0


def test_the_zero_memory_is_the_dma_s_alone(native: bool) -> None:
    text = """
    int test(unsigned hart)
    {
        volatile uint32_t *zeros = (volatile uint32_t *)ZEROS;
        static uint32_t seen[4];
        if (hart != DMA_HART)
            return 0;
        zeros[0] = 0x1234;
        if (zeros[0] != 0x1234 || zeros[1])
            return 1;
        seen[0] = seen[1] = ~0u;
        dma_copy(seen, (void *)ZEROS, 8);
        dma_wait();
        if (seen[0] || seen[1])
            return 2;
        dma_copy((void *)ZEROS, seen + 2, 8);
        dma_wait();
        return zeros[0] != 0x1234;
    }
    """
    ran = run(compile_c(text), native=native)
    assert ran.status == 0
    assert ran.rules == ["stray-access"]
    assert f"hart 8 stores to {ZEROS:#010x}" in ran.machine.findings[0].sentence


def test_an_unmapped_address_of_a_copy_is_reported_at_the_driver_s_line(native: bool) -> None:
    text = """
    int test(unsigned hart)
    {
        if (hart == DMA_HART) {
            dma_copy((void *)0x40000000, (void *)TCDM, 64);
            dma_wait();
        }
        return 0;
    }
    """
    ran = run(compile_c(text), native=native)
    assert ran.status == 0
    (finding,) = ran.machine.findings
    assert (finding.rule, finding.hart) == ("dma-address", 8)
    assert "the destination reaches 0x40000000" in finding.sentence
    assert ran.machine.firmware is not None
    place = str(Place.of(ran.machine.firmware, finding.pc))
    assert "test" in place
    assert "snitch_runtime.h" in place, "the function that it calls is inlined"
