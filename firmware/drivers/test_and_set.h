/*
 * Spin locks in the TCDM, through the alias where a load also stores all ones.
 *
 * For a few instructions between harts. Whoever may have to wait for long locks a mutex of the
 * event unit, which lets it sleep.
 */
#ifndef DRIVERS_TEST_AND_SET_H
#define DRIVERS_TEST_AND_SET_H

#include "drivers/board.h"

/* Must lie in the TCDM, as zero: static spin_lock_t lock __attribute__((section(".bss.tcdm"))); */
typedef struct {
    volatile uint32_t word;
} spin_lock_t;

/* Whether the lock was free; it is this hart's now. */
static inline int spin_try_lock(spin_lock_t *lock)
{
    uintptr_t alias = (uintptr_t)lock - VPLAT_TCDM_BASE + VPLAT_TEST_AND_SET_BASE;
    int was_free = ((spin_lock_t *)alias)->word == 0;
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return was_free;
}

static inline void spin_lock(spin_lock_t *lock)
{
    while (!spin_try_lock(lock))
        ;
}

static inline void spin_unlock(spin_lock_t *lock)
{
    __atomic_thread_fence(__ATOMIC_RELEASE);
    lock->word = 0;
}

#endif
