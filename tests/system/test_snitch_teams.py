"""Teams on the Snitch boards: workers that sleep, a data mover, counters, the accelerator."""

from __future__ import annotations

import pytest

from tests.system.snitch_lab import TCDM, compile_c, run

RESULTS = TCDM + 0x8000

WORKERS = """
typedef struct {
    volatile uint32_t sleeping, finished, ending, active;
    void (*volatile work)(unsigned hart);
} team_t;
static team_t *const team = (team_t *)(TCDM + 0x4000);
static volatile uint32_t sum;

static void wake(void)
{
    while (team->sleeping != DMA_HART - 1)
        ;
    INTERRUPT_SET = 0xfe;
}

static void add(unsigned hart)
{
    __atomic_fetch_add(&sum, hart + 1, __ATOMIC_RELAXED);
}

static int follow(unsigned hart)
{
    __asm__ volatile("csrs mie, %0" ::"r"(CLUSTER_INTERRUPT));
    for (;;) {
        if (team->ending)
            return 0;
        if (hart < team->active)
            team->work(hart);
        __atomic_fetch_add(&team->finished, 1, __ATOMIC_RELAXED);
        __atomic_fetch_add(&team->sleeping, 1, __ATOMIC_RELAXED);
        sleep();
        INTERRUPT_CLEAR = 1u << hart;
        __atomic_fetch_add(&team->sleeping, -1, __ATOMIC_RELAXED);
    }
}

int test(unsigned hart)
{
    if (hart == 0)
        *team = (team_t){0};
    barrier();
    if (hart == DMA_HART)
        return 0;
    if (hart)
        return follow(hart);
    int wrong = 0;
    for (uint32_t round = 0; round < 20; round++) {
        uint32_t harts = round % DMA_HART + 1;
        while (team->sleeping != DMA_HART - 1)
            ;
        sum = 0;
        team->work = add;
        team->active = harts;
        team->finished = 0;
        wake();
        add(0);
        while (team->finished != DMA_HART - 1)
            ;
        team->active = 0;
        wrong += sum != harts * (harts + 1) / 2;
    }
    while (team->sleeping != DMA_HART - 1)
        ;
    team->ending = 1;
    wake();
    return wrong;
}
"""


def test_workers_sleep_between_tasks_and_none_is_lost(native: bool) -> None:
    ran = run(compile_c(WORKERS), native=native)
    assert ran.status == 0
    assert ran.rules == []
    assert all(hart.sleep_cycles for hart in ran.machine.harts[1:8])


MOVER = """
enum { NOTHING, WAIT_IDLE, QUIT };
typedef struct {
    volatile uint32_t sleeping, filled, request, answered;
    struct { void *to; const void *from; uint32_t bytes; } queue[4];
} mover_t;
static mover_t *const mover = (mover_t *)(TCDM + 0x4000);
static uint8_t from[1000], to[1000];

static void move(void)
{
    unsigned next = 0;
    __asm__ volatile("csrs mie, %0" ::"r"(CLUSTER_INTERRUPT));
    for (;;) {
        if (mover->filled) {
            while (DMA_STATUS(3))
                ;
            dma_copy(mover->queue[next].to, mover->queue[next].from, mover->queue[next].bytes);
            next = (next + 1) % 4;
            __atomic_fetch_add(&mover->filled, -1, __ATOMIC_RELAXED);
        }
        if (mover->request == QUIT)
            return;
        if (mover->request == WAIT_IDLE && !mover->filled && !DMA_STATUS(2)) {
            mover->request = NOTHING;
            mover->answered = 1;
        }
        if (!mover->filled && !mover->request) {
            __atomic_fetch_add(&mover->sleeping, 1, __ATOMIC_RELAXED);
            sleep();
            INTERRUPT_CLEAR = 1u << DMA_HART;
            __atomic_fetch_add(&mover->sleeping, -1, __ATOMIC_RELAXED);
        }
    }
}

static void wake(void)
{
    while (!mover->sleeping)
        ;
    INTERRUPT_SET = 1u << DMA_HART;
}

int test(unsigned hart)
{
    if (hart == 0)
        *mover = (mover_t){0};
    barrier();
    if (hart == DMA_HART) {
        move();
        return 0;
    }
    if (hart)
        return 0;
    unsigned next = 0;
    for (int i = 0; i < 1000; i++)
        from[i] = i * 7;
    for (int part = 0; part < 10; part++) {
        while (mover->filled >= 4)
            wake();
        mover->queue[next].to = to + 100 * part;
        mover->queue[next].from = from + 100 * part;
        mover->queue[next].bytes = 100;
        next = (next + 1) % 4;
        __atomic_fetch_add(&mover->filled, 1, __ATOMIC_RELAXED);
        wake();
        while (mover->filled)
            ;
    }
    mover->request = WAIT_IDLE;
    wake();
    while (!mover->answered)
        ;
    int wrong = 0;
    for (int i = 0; i < 1000; i++)
        wrong += to[i] != (uint8_t)(i * 7);
    mover->request = QUIT;
    wake();
    return wrong;
}
"""


def test_a_hart_that_moves_data_serves_requests_from_its_sleep(native: bool) -> None:
    ran = run(compile_c(MOVER), native=native)
    assert ran.status == 0
    assert ran.rules == []
    assert ran.machine.devices["dma"].activities["bytes_outside"] == 1000


COUNTERS = """
#define COUNT(index, event, hart, code)                                                 \\
    do {                                                                                \\
        COUNTER_HART(index) = hart;                                                     \\
        COUNTER_ENABLE(index) = 1u << (event);                                          \\
        code;                                                                           \\
        COUNTER_ENABLE(index) = 0;                                                      \\
        ((volatile uint32_t *)(TCDM + 0x8000))[index] = COUNTER(index);                 \\
    } while (0)

int test(unsigned hart)
{
    volatile uint32_t *words = (volatile uint32_t *)(TCDM + 0x9000);
    if (hart == DMA_HART) {
        COUNT(8, 25, 8, dma_copy((void *)(TCDM + 0xa000), (void *)TCDM, 512); dma_wait());
        COUNT(9, 18, 8, dma_copy((void *)(TCDM + 0xa000), (void *)0x80100040, 64); dma_wait());
        COUNT(10, 20, 8, dma_copy((void *)(TCDM + 0xa000), (void *)0x80100048, 64); dma_wait());
        COUNT(11, 22, 8, dma_copy((void *)(TCDM + 0xa000), (void *)0x80100048, 64); dma_wait());
        COUNT(12, 23, 8, dma_copy((void *)(TCDM + 0xa000), (void *)0x80100048, 60); dma_wait());
    }
    barrier();
    if (hart != 0)
        return 0;
    COUNT(0, 0, 0, for (int i = 0; i < 100; i++) __asm__ volatile("nop"));
    COUNT(1, 6, 0, __asm__ volatile("nop\\nnop\\nnop"));
    COUNT(2, 7, 0, words[0]; words[1]; words[2] = 1);
    COUNT(3, 9, 0, __asm__ volatile("mul t0, t0, t0\\ndivu t0, t0, t0" ::: "t0"));
    COUNT(4, 1, 0, words[0]; words[1]; words[2] = 1);
    COUNT(5, 6, 7, __asm__ volatile("nop"));
    for (int i = 0; i < 16; i++)
        COUNTER(i) = 0;
    for (int i = 0; i < 16; i++)
        if (COUNTER(i))
            return 1;
    return 0;
}
"""


def test_counters_count_what_they_name(native: bool) -> None:
    ran = run(compile_c(COUNTERS), native=native)
    assert ran.status == 0
    assert ran.rules == []
    cycles, instructions, loads, offloaded, accesses, of_another, *_ = (
        ran.word(RESULTS + 4 * index) for index in range(6)
    )
    assert 200 <= cycles < 800
    assert instructions == 4, "three, and the store that stops it"
    assert (loads, offloaded, accesses) == (2, 2, 3)
    assert of_another == 0, "hart 7 waits at a barrier"
    busy, bursts, read, written, octets = (ran.word(RESULTS + 4 * index) for index in range(8, 13))
    assert 512 // 64 < busy < ran.machine.devices["dma"].activities["busy_cycles"]
    assert (bursts, read, written, octets) == (1, 2, 1, 60)


ACCELERATOR = """
#define ITA(offset) (*(volatile uint32_t *)(0x10040000 + (offset)))
#define BUSY (*(volatile uint32_t *)(PERIPHERALS + 0x1a8))
#define INPUT 0x2000u
#define WEIGHTS 0x3000u
#define OUTPUT 0x4000u

int test(unsigned hart)
{
    if (hart != 0)
        return 0;
    int8_t *input = (int8_t *)(TCDM + INPUT), *weights = (int8_t *)(TCDM + WEIGHTS);
    int8_t *output = (int8_t *)(TCDM + OUTPUT);
    for (int i = 0; i < 4096; i++) {
        input[i] = i * 31;
        weights[i] = i / 64 == i % 64;
        output[i] = 0;
    }
    uint32_t acquired[4];
    ITA(0x14) = 0;
    for (int i = 0; i < 20; i++)
        __asm__ volatile("nop");
    for (int i = 0; i < 2; i++)
        acquired[i] = ITA(0x04);
    ITA(0x20) = BASE + INPUT;
    ITA(0x24) = BASE + WEIGHTS;
    ITA(0x30) = BASE + OUTPUT;
    ITA(0x38) = 0x1111;
    ITA(0x3c) = 1;
    ITA(0x44) = 0;
    ITA(0x4c) = 0;
    SET_CONTROL;
    if (BUSY)
        return 1;
    ITA(0x00) = 0;
    while (!BUSY)
        ;
    while (BUSY)
        ;
    if (acquired[0] != 0 || acquired[1] != 0xfffffffe || ITA(0x08) != 1)
        return 2;
    for (int i = 0; i < 4096; i++)
        if (output[i] != input[i])
            return 3;
    return 0;
}
"""


@pytest.mark.parametrize(
    ("name", "base", "control"),
    [
        ("snitch-ita", "TCDM", "ITA(0x54) = 2; ITA(0x58) = 5"),
        ("snitch-ita", "0", "ITA(0x54) = 2; ITA(0x58) = 5"),
        ("snitch-ita-2024", "0", "ITA(0x54) = 5"),
        ("snitch-ita-2024", "TCDM", "ITA(0x54) = 5"),
    ],
)
def test_the_accelerator_runs_a_job_that_a_hart_polls(
    name: str, base: str, control: str, native: bool
) -> None:
    text = f"#define BASE {base}\n#define SET_CONTROL {control}\n" + ACCELERATOR
    ran = run(compile_c(text), name, native=native)
    assert ran.status == 0
    expected = "TCDM" if name == "snitch-ita" else "0"
    assert ran.rules == ([] if base == expected else ["ita-pointer"] * 3)
    assert all(finding.hart == 0 and finding.pc for finding in ran.machine.findings)


def test_both_contexts_full_make_acquire_say_so(native: bool) -> None:
    text = """
    #define ITA(offset) (*(volatile uint32_t *)(0x10040000 + (offset)))
    int test(unsigned hart)
    {
        if (hart != 0)
            return 0;
        static const uint32_t wanted[6] = {0, ~1u, 1, ~1u, ~0u, ~0u};
        uint32_t found[6];
        found[0] = ITA(4);
        found[1] = ITA(4);
        ITA(0) = 1;
        found[2] = ITA(4);
        found[3] = ITA(4);
        ITA(0) = 1;
        found[4] = ITA(4);
        found[5] = ITA(4);
        for (int i = 0; i < 6; i++)
            if (found[i] != wanted[i])
                return i + 1;
        return 0;
    }
    """
    assert run(compile_c(text), "snitch-ita-2024", native=native).status == 0


def test_behind_the_accelerator_s_88_bytes_is_the_testbench_s_memory(native: bool) -> None:
    text = """
    int test(unsigned hart)
    {
        volatile uint32_t *behind = (volatile uint32_t *)0x10040058;
        if (hart == 0) {
            *behind = 5;
            return *behind != 5 || *(volatile uint32_t *)0x18040058 != 0;
        }
        return 0;
    }
    """
    ran = run(compile_c(text), "snitch-ita-2024", native=native)
    assert ran.status == 0
    assert ran.rules == ["stray-access", "stray-access"]
