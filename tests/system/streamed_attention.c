/*
 * One head of attention on ITA (revision 2024-08) from operands outside L1, as a plan says: while a
 * job runs, the DMA brings what the next ones need and takes away what the last one made, and the
 * next job's registers are written. Hart 8 does it all; the others sleep.
 */
#include <stdint.h>

#define ACCELERATOR ((volatile uint32_t *)0x10040000)
#define ACCELERATOR_BUSY (*(volatile uint32_t *)0x100201a8)
#define TRIGGER 0
#define ACQUIRE (0x04 / 4)
#define SOFT_CLEAR (0x14 / 4)
#define FIRST_REGISTER (0x20 / 4)
#define SEQUENCE_LENGTH (0x34 / 4)
#define REGISTERS 14

struct copy {
    uint32_t to, from, bytes;
};

/* One job. Copies of 0 bytes are left out. */
struct stage {
    struct copy operands[2]; /* biases and input, which it needs */
    struct copy weights;     /* what the job after it needs */
    struct copy results;     /* what the job before it made */
    uint32_t late_weights;   /* only once the job before has ended */
    uint32_t registers[REGISTERS];
};

extern const struct stage plan[];
extern const uint32_t plan_stages;
struct stage *const in_l1 = (struct stage *)0x10011000;

volatile uint64_t tohost __attribute__((section(".tohost"), aligned(64)));
volatile uint64_t fromhost __attribute__((section(".tohost"), aligned(64)));

static inline void start(const struct copy *copy)
{
    if (copy->bytes == 0)
        return;
    __asm__ volatile(".insn r 0x2b, 0, 0, x0, %0, x0" : : "r"(copy->from) : "memory");
    __asm__ volatile(".insn r 0x2b, 0, 1, x0, %0, x0" : : "r"(copy->to) : "memory");
    __asm__ volatile(".insn r 0x2b, 0, 2, x0, %0, x0" : : "r"(copy->bytes) : "memory");
}

static inline void finish_copies(void)
{
    uint32_t busy;

    do
        __asm__ volatile(".insn r 0x2b, 0, 4, %0, x0, x2" : "=r"(busy) : : "memory");
    while (busy);
}

static inline void finish_job(void)
{
    while (ACCELERATOR_BUSY)
        ;
}

static void run(const struct stage *stage)
{
    start(&stage->operands[0]);
    start(&stage->operands[1]);
    for (int index = 0; index < REGISTERS; index++)
        ACCELERATOR[FIRST_REGISTER + index] = stage->registers[index];
    finish_copies();
    if (!stage->late_weights)
        start(&stage->weights);
    finish_job();
    if (stage->late_weights)
        start(&stage->weights);
    ACCELERATOR[TRIGGER] = 0;
    start(&stage->results);
}

__attribute__((used)) void drive(void)
{
    const uint32_t stages = plan_stages;
    const struct copy all = {(uint32_t)in_l1, (uint32_t)plan, stages * sizeof plan[0]};

    start(&all);
    finish_copies();
    ACCELERATOR[SOFT_CLEAR] = 0;
    for (int wait = 0; wait < 20; wait++)
        __asm__ volatile("");
    while ((int32_t)ACCELERATOR[ACQUIRE] < 0)
        ;
    start(&in_l1[0].results); /* the first job's weights: nothing comes before it */
    in_l1[0].results.bytes = 0;
    for (uint32_t index = 0; index < stages - 1; index++)
        run(&in_l1[index]);
    finish_job();
    start(&in_l1[stages - 1].results);
    finish_copies();
    tohost = 1;
}

__asm__(".section .text.start\n"
        ".globl _start\n"
        "_start:\n"
        "    csrr t0, mhartid\n"
        "    li t1, 8\n"
        "    la sp, 0x10020000\n"
        "    bne t0, t1, 1f\n"
        "    call drive\n"
        "1:  wfi\n"
        "    j 1b\n");
