/*
 * The hart that executes this: its number, its counters, its interrupt enables.
 */
#ifndef DRIVERS_HART_H
#define DRIVERS_HART_H

/* mhartid holds the core in its low five bits, the cluster above them. */
#define HART_CORE_MASK 0x1f
#define MSTATUS_MIE 0x8
#define MSTATUS_FS_INITIAL 0x2000

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stdint.h>

/* Interrupt numbers of the privileged specification, bits of mie and mip. */
enum { INTERRUPT_SOFTWARE = 3, INTERRUPT_TIMER = 7, INTERRUPT_EXTERNAL = 11 };

/* The hart's number within the cluster, from 0. */
static inline unsigned hart_id(void)
{
    unsigned id;
    __asm__("csrr %0, mhartid" : "=r"(id));
    return id & HART_CORE_MASK;
}

/* Cycles since reset, modulo 2^32: good for differences. */
static inline uint32_t hart_cycles(void)
{
    uint32_t cycles;
    __asm__ volatile("csrr %0, mcycle" : "=r"(cycles) : : "memory");
    return cycles;
}

/* Instructions retired since reset, modulo 2^32. */
static inline uint32_t hart_instructions(void)
{
    uint32_t instructions;
    __asm__ volatile("csrr %0, minstret" : "=r"(instructions) : : "memory");
    return instructions;
}

/* Take interrupts from now on. */
static inline void hart_interrupts_enable(void)
{
    __asm__ volatile("csrsi mstatus, %0" : : "i"(MSTATUS_MIE) : "memory");
}

/* Take none, and tell for hart_interrupts_restore whether they were taken before. */
static inline uint32_t hart_interrupts_disable(void)
{
    uint32_t status;
    __asm__ volatile("csrrci %0, mstatus, %1" : "=r"(status) : "i"(MSTATUS_MIE) : "memory");
    return status & MSTATUS_MIE;
}

static inline void hart_interrupts_restore(uint32_t previous)
{
    __asm__ volatile("csrs mstatus, %0" : : "r"(previous) : "memory");
}

/* The enables of the CLINT's and the UART's interrupts; those of the event unit have its mask. */
static inline void hart_interrupt_unmask(unsigned number)
{
    __asm__ volatile("csrs mie, %0" : : "r"(1u << number) : "memory");
}

static inline void hart_interrupt_mask(unsigned number)
{
    __asm__ volatile("csrc mie, %0" : : "r"(1u << number) : "memory");
}

/* Sleep until an unmasked interrupt is pending, even while interrupts are disabled. */
static inline void hart_sleep(void)
{
    __asm__ volatile("wfi" : : : "memory");
}

/*
 * Sleep until an interrupt handler has set *flag.
 *
 * Interrupts are off while the flag is looked at, so that none comes between the look and the
 * sleep. They are on when this returns.
 */
static inline void hart_sleep_until(const volatile bool *flag)
{
    for (;;) {
        hart_interrupts_disable();
        if (*flag)
            break;
        hart_sleep();
        hart_interrupts_enable();
    }
    hart_interrupts_enable();
}

#endif

#endif
