/*
 * One use of each driver that the other apps leave out: UART, timer, CLINT, instruction cache,
 * dispatch FIFO, trigger-and-wait, memory regions, harts that are stopped and started.
 */
#include <string.h>

#include "drivers/clint.h"
#include "drivers/cluster_control.h"
#include "drivers/icache.h"
#include "drivers/timer.h"
#include "drivers/uart16550.h"
#include "runtime/runtime.h"

#define UART_DIVISOR 1
#define PING_EVENT 3

static void report(const char *what, bool is_right)
{
    printf("%-32s %s\n", what, is_right ? "ok" : "FAILED");
    if (!is_right)
        exit(EXIT_FAILURE);
}

static volatile bool has_received;
static int received;

static void keep_character(unsigned number)
{
    (void)number;
    received = uart_try_read();
    has_received = true;
}

static void uart(void)
{
    static const char text[] = "There and back through the UART";
    char back[sizeof text];

    uart_open(UART_DIVISOR);
    uart_set_loopback(true);
    for (size_t i = 0; i < sizeof text; i++) {
        uart_write(&text[i], 1);
        back[i] = (char)uart_read();
    }
    report("UART, loopback", memcmp(back, text, sizeof text) == 0);

    interrupt_register(INTERRUPT_EXTERNAL, keep_character);
    hart_interrupt_unmask(INTERRUPT_EXTERNAL);
    uart_receive_interrupt(true);
    uart_write("!", 1);
    hart_sleep_until(&has_received);
    hart_interrupts_disable();
    uart_receive_interrupt(false);
    report("UART, receive interrupt", received == '!');

    uart_set_loopback(false);
    uart_write("Hello from the UART\n", strlen("Hello from the UART\n"));
    uart_drain();
}

static void time_passes(void)
{
    uint32_t start = hart_cycles();
    timer_sleep(TIMER_HIGH, 5000);
    uint32_t slept = hart_cycles() - start;
    report("timer, sleep of 5000 cycles", slept >= 5000 && slept < 6000);

    uint64_t before = clint_time();
    timer_sleep(TIMER_LOW, 1000);
    report("CLINT, time goes on", clint_time() > before);
}

/* Two instructions that are written, executed, changed and executed again. */
static bool run_new_code(void)
{
    static uint32_t code[2];
    int (*function)(void) = (int (*)(void))(void *)code;

    code[1] = 0x00008067; /* ret */
    for (uint32_t value = 1; value <= 2; value++) {
        code[0] = value << 20 | 0x00000513; /* li a0, value */
        icache_flush();
        icache_synchronize();
        if (function() != (int)value)
            return false;
    }
    return true;
}

static bool regions_give_and_take(void)
{
    char *small = l1_alloc(100), *large = l1_alloc(20000);

    if (!small || !large || l1_alloc(VPLAT_TCDM_SIZE))
        return false;
    memset(small, 1, 100);
    memset(large, 2, 20000);
    bool apart = small[99] == 1 && large[0] == 2;
    l1_free(small);
    l1_free(large);
    /* Joined again, they hold what neither could. */
    char *both = l1_alloc(20100);
    void *far = l3_alloc(32 << 20), *near = l2_alloc(1000);
    bool fits = both == small && far && near;
    l1_free(both);
    l2_free(near);
    l3_free(far);
    return apart && fits;
}

static bool ping_pong(void)
{
    event_send_and_wait(PING_EVENT, 1u << 1);
    return true;
}

/* A hart that sleeps at the last barrier is stopped there, and begins anew somewhere else. */

volatile uint32_t begun_anew;

/* It has no stack yet, so it is no C. */
__attribute__((naked)) static void begin_anew(void)
{
    __asm__(".option push\n"
            ".option norelax\n"
            "la t0, begun_anew\n"
            ".option pop\n"
            "li t1, 1\n"
            "sw t1, 0(t0)\n"
            "0: wfi\n"
            "j 0b\n");
}

static bool restart_last_hart(void)
{
    cluster_restart_hart(VPLAT_HARTS - 1, begin_anew);
    for (int tries = 0; tries < 10 && !begun_anew; tries++)
        timer_sleep(TIMER_LOW, 100);
    return begun_anew;
}

/* Hart 0 ends the run by exit(), because the last hart will not come to the end of its main. */
static void lead(void)
{
    uart();
    time_passes();
    report("instruction cache, new code", run_new_code());
    report("memory regions", regions_give_and_take());
    report("send and wait in one access", ping_pong());
    report("hart stopped and restarted", restart_last_hart());
    exit(EXIT_SUCCESS);
}

int main(void)
{
    if (hart_id() == 0)
        lead();
    if (hart_id() == 1) {
        event_wait(EVENT_SOFTWARE(PING_EVENT));
        event_send(PING_EVENT, 1u << 0);
    }
    return 0;
}
