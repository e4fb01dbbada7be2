/*
 * The instruction caches. Whoever writes code flushes them, and then executes fence.i on each hart
 * that is to run it.
 */
#ifndef DRIVERS_ICACHE_H
#define DRIVERS_ICACHE_H

#include "drivers/board.h"

static inline void icache_enable(void)
{
    VPLAT_ICACHE_CONTROL->enable_icache = ICACHE_CONTROL_ENABLE_ICACHE_ENABLE_MASK;
}

/* Drop every line of all caches. */
static inline void icache_flush(void)
{
    VPLAT_ICACHE_CONTROL->flush_icache = ICACHE_CONTROL_FLUSH_ICACHE_FLUSH_MASK;
    while (VPLAT_ICACHE_CONTROL->flush_icache & ICACHE_CONTROL_FLUSH_ICACHE_FLUSH_MASK)
        ;
}

/* Drop the line that holds `code`. */
static inline void icache_flush_line(const void *code)
{
    VPLAT_ICACHE_CONTROL->sel_flush_icache = (uint32_t)code;
}

/* This hart drops what it has fetched ahead. */
static inline void icache_synchronize(void)
{
    __asm__ volatile("fence.i" : : : "memory");
}

#endif
