/*
 * From the reset entry to main on every hart, and from there to the end of the run.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/hart.h"
#include "runtime/cluster.h"
#include "runtime/semihosting.h"

/* Symbols of the linker script. Where code is in L3, the L3 has no zeroed part of its own. */
extern char _bss_start[], _bss_end[];
extern char _tcdm_bss_start[], _tcdm_bss_end[];
extern char _l3_bss_start[] __attribute__((weak)), _l3_bss_end[] __attribute__((weak));
extern char __tdata_source[], __tdata_size[], __tbss_offset[], __tbss_size[];

extern void (*__preinit_array_start[])(void), (*__preinit_array_end[])(void);
extern void (*__init_array_start[])(void), (*__init_array_end[])(void);

int main(void);
_Noreturn void runtime_start(unsigned hart, char *thread_storage);

/* The bits of what main returned on the harts that are done. */
static int results;

/*
 * Both ends are aligned to 8 bytes. The pointer is volatile because the compiler would otherwise
 * call memset, which goes byte by byte in the C library.
 */
static void clear(char *start, const char *end)
{
#pragma GCC unroll 8
    for (volatile uint32_t *word = (uint32_t *)start; word < (const uint32_t *)end; word++)
        *word = 0;
}

static void call_all(void (**function)(void), void (**end)(void))
{
    while (function < end)
        (*function++)();
}

/* What only one hart does, while the others sleep. */
static void prepare_program(void)
{
    clear(_bss_start, _bss_end);
    clear(_tcdm_bss_start, _tcdm_bss_end);
    clear(_l3_bss_start, _l3_bss_end);
    cluster_prepare();
    call_all(__preinit_array_start, __preinit_array_end);
    call_all(__init_array_start, __init_array_end);
}

static void prepare_thread_storage(char *storage)
{
    memcpy(storage, __tdata_source, (size_t)__tdata_size);
    memset(storage + (size_t)__tbss_offset, 0, (size_t)__tbss_size);
}

_Noreturn static void sleep_forever(void)
{
    hart_interrupts_disable();
    for (;;)
        hart_sleep();
}

_Noreturn static void finish(int result)
{
    __atomic_fetch_or(&results, result, __ATOMIC_SEQ_CST);
    cluster_await_last();
    if (hart_id() == 0)
        exit(results);
    sleep_forever();
}

/* Called by crt0.S on every hart, with its thread-local storage. */
_Noreturn void runtime_start(unsigned hart, char *thread_storage)
{
    prepare_thread_storage(thread_storage);
    if (hart == 0) {
        prepare_program();
        cluster_start_others();
    } else {
        cluster_await_start();
    }
    finish(main());
}

/* Where exit() of the C library ends. */
_Noreturn void _exit(int status)
{
    cluster_finish(status);
}

/* A failed assert() calls it: the trap makes the platform's crash report name the place. */
_Noreturn void abort(void)
{
    __asm__ volatile("unimp");
    semihosting_crash();
}
