#include "runtime/htif.h"

#include <stdint.h>

#define SYS_WRITE 64
#define STANDARD_OUTPUT 1
#define EXITS 1

/* The host finds them by their names. */
extern volatile uint64_t tohost, fromhost;
volatile uint64_t tohost __attribute__((section(".tohost"), aligned(64)));
volatile uint64_t fromhost __attribute__((section(".tohost"), aligned(64)));

static volatile unsigned locked;

static void lock(void)
{
    while (__atomic_exchange_n(&locked, 1, __ATOMIC_ACQUIRE))
        ;
}

static void unlock(void)
{
    __atomic_store_n(&locked, 0, __ATOMIC_RELEASE);
}

/* The low word is what the host waits for, so it goes last. */
static void tell(uint32_t value)
{
    volatile uint32_t *half = (volatile uint32_t *)&tohost;

    half[1] = 0;
    half[0] = value;
}

void htif_write(const char *text, size_t bytes)
{
    /* A system call has eight fields: number, arguments; the host puts the result in the first. */
    static volatile uint64_t call[8] __attribute__((aligned(64)));

    lock();
    call[0] = SYS_WRITE;
    call[1] = STANDARD_OUTPUT;
    call[2] = (uintptr_t)text;
    call[3] = bytes;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    tell((uintptr_t)call);
    while (!fromhost)
        ;
    fromhost = 0;
    unlock();
}

_Noreturn void htif_exit(int status)
{
    for (;;)
        tell((uint32_t)status << 1 | EXITS);
}
