/*
 * Interrupts of every kind: event lines, the DMA, the CLINT, one inside another, and exceptions
 * that the program goes on from.
 *
 * The harts that have nothing to do wait at a barrier. An interrupt takes them out of that sleep,
 * and they go back to it.
 */
#include <math.h>
#include <string.h>

#include "drivers/clint.h"
#include "drivers/mchan.h"
#include "drivers/timer.h"
#include "runtime/runtime.h"

#define TICKS 5
#define TICK_CYCLES 2000
#define CALL_EVENT 1
#define INNER_EVENT 2
#define ILLEGAL_INSTRUCTION 2
#define ENVIRONMENT_CALL 11
#define OTHERS (ALL_HARTS & ~1u)

static volatile unsigned ticks, answers;
static volatile bool done;

static void report(const char *what, bool is_right)
{
    printf("%-32s %s\n", what, is_right ? "ok" : "FAILED");
    if (!is_right)
        exit(EXIT_FAILURE);
}

/* The timer's event line interrupts this hart again and again. */

static void count_tick(unsigned number)
{
    (void)number;
    if (++ticks == TICKS)
        done = true;
}

static void timer_ticks(void)
{
    interrupt_register(EVENT_NUMBER(EVENT_TIMER_LOW), count_tick);
    event_interrupts_enable(EVENT_TIMER_LOW);
    ticks = 0, done = false;
    timer_start_periodic(TIMER_LOW, TICK_CYCLES);
    hart_sleep_until(&done);
    timer_stop(TIMER_LOW);
    event_interrupts_disable(EVENT_TIMER_LOW);
    report("timer ticks", ticks == TICKS);
}

/* What floating-point registers held is not lost to a handler that uses them itself. */

static volatile float disturbance;

static float harmonic_sum(unsigned terms)
{
    float sum = 0;

    for (unsigned n = 1; n <= terms; n++)
        sum += 1.0f / (float)n;
    return sum;
}

static void disturb(unsigned number)
{
    (void)number;
    ticks++;
    disturbance = sqrtf((float)ticks) / 3.0f;
}

static void floats_survive(void)
{
    float undisturbed = harmonic_sum(2000);

    interrupt_register(EVENT_NUMBER(EVENT_TIMER_LOW), disturb);
    event_interrupts_enable(EVENT_TIMER_LOW);
    ticks = 0;
    timer_start_periodic(TIMER_LOW, TICK_CYCLES);
    float disturbed = harmonic_sum(2000);
    timer_stop(TIMER_LOW);
    event_interrupts_disable(EVENT_TIMER_LOW);
    report("floats survive interrupts", ticks > TICKS && disturbed == undisturbed);
}

/* A software event interrupts other harts, which sleep at a barrier. */

static void answer(unsigned number)
{
    (void)number;
    if (__atomic_add_fetch(&answers, 1, __ATOMIC_SEQ_CST) == VPLAT_HARTS - 1)
        event_send(CALL_EVENT, 1u << 0);
}

static void call_others(void)
{
    answers = 0;
    event_send(CALL_EVENT, OTHERS);
    event_wait(EVENT_SOFTWARE(CALL_EVENT));
    report("software event to other harts", answers == VPLAT_HARTS - 1);
}

/* The DMA interrupts when a transfer has ended. */

static int8_t source[1024], destination[1024] IN_TCDM_ZEROED;

static void dma_is_done(unsigned number)
{
    (void)number;
    done = true;
}

static void dma_interrupts(void)
{
    const struct mchan_copy copy = {
        .direction = MCHAN_TO_TCDM,
        .tcdm = destination,
        .external = source,
        .bytes = sizeof source,
        .interrupt = true,
    };

    memset(source, 0x2a, sizeof source);
    interrupt_register(EVENT_NUMBER(EVENT_DMA_INTERRUPT), dma_is_done);
    event_interrupts_enable(EVENT_DMA_INTERRUPT);
    done = false;
    unsigned transfer = mchan_start(&copy, 1);
    hart_sleep_until(&done);
    mchan_free(transfer);
    event_interrupts_disable(EVENT_DMA_INTERRUPT);
    report("end of a DMA transfer", memcmp(source, destination, sizeof source) == 0);
}

/* A handler that enables interrupts is interrupted in its turn. */

static char order[8];
static volatile bool inner_done;

static void log_step(char step)
{
    order[strlen(order)] = step;
}

static void inner(unsigned number)
{
    (void)number;
    log_step('i');
    inner_done = true;
}

static void outer(unsigned number)
{
    (void)number;
    log_step('o');
    event_send(INNER_EVENT, 1u << hart_id());
    hart_sleep_until(&inner_done); /* it enables interrupts */
    log_step('O');
    done = true;
}

static void nested(void)
{
    interrupt_register(EVENT_NUMBER(EVENT_TIMER_HIGH), outer);
    interrupt_register(INNER_EVENT, inner);
    event_interrupts_enable(EVENT_TIMER_HIGH | EVENT_SOFTWARE(INNER_EVENT));
    done = false;
    timer_start_once(TIMER_HIGH, TICK_CYCLES);
    hart_sleep_until(&done);
    event_interrupts_disable(EVENT_TIMER_HIGH | EVENT_SOFTWARE(INNER_EVENT));
    report("one interrupt inside another", strcmp(order, "oiO") == 0);
}

/* The CLINT's interrupts come through mie, and stay until their cause is taken away. */

static void clear_software_interrupt(unsigned number)
{
    (void)number;
    clint_clear(hart_id());
    done = true;
}

static void stop_clint_timer(unsigned number)
{
    (void)number;
    clint_stop_timer(hart_id());
    done = true;
}

static void clint_interrupts(void)
{
    interrupt_register(INTERRUPT_SOFTWARE, clear_software_interrupt);
    hart_interrupt_unmask(INTERRUPT_SOFTWARE);
    done = false;
    clint_send(hart_id());
    hart_sleep_until(&done);
    hart_interrupt_mask(INTERRUPT_SOFTWARE);
    report("software interrupt of the CLINT", done);

    uint64_t due = clint_time() + TICK_CYCLES;
    interrupt_register(INTERRUPT_TIMER, stop_clint_timer);
    hart_interrupt_unmask(INTERRUPT_TIMER);
    done = false;
    clint_set_timer(hart_id(), due);
    hart_sleep_until(&done);
    hart_interrupt_mask(INTERRUPT_TIMER);
    report("timer interrupt of the CLINT", clint_time() >= due);
}

/* An exception handler may repair what happened, or step over it. */

static unsigned trapped_at_cause;

static void step_over(struct trap_frame *frame)
{
    trapped_at_cause = frame->cause;
    frame->pc += 4;
    frame->x[10] = 42; /* a0 */
}

static uint32_t environment_call(void)
{
    register uint32_t a0 __asm__("a0") = 0;
    __asm__ volatile("ecall" : "+r"(a0) : : "memory");
    return a0;
}

static void exceptions(void)
{
    exception_register(ENVIRONMENT_CALL, step_over);
    report("environment call", environment_call() == 42 && trapped_at_cause == ENVIRONMENT_CALL);
    exception_register(ENVIRONMENT_CALL, NULL);

    exception_register(ILLEGAL_INSTRUCTION, step_over);
    __asm__ volatile(".word 0xffffffff" : : : "a0", "memory");
    exception_register(ILLEGAL_INSTRUCTION, NULL);
    report("illegal instruction", trapped_at_cause == ILLEGAL_INSTRUCTION);
}

int main(void)
{
    if (hart_id() == 0)
        interrupt_register(CALL_EVENT, answer);
    else
        event_interrupts_enable(EVENT_SOFTWARE(CALL_EVENT));
    hart_interrupts_enable();
    cluster_barrier();

    if (hart_id() == 0) {
        timer_ticks();
        floats_survive();
        call_others();
        dma_interrupts();
        nested();
        clint_interrupts();
        exceptions();
    }
    cluster_barrier();
    return 0;
}
