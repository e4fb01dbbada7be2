#include "drivers/board.h"

/* The one with a timer: other boards have something smaller by the same name. */
#ifdef CLINT_MTIME_LO_OFFSET

#include "drivers/clint.h"

uint64_t clint_time(void)
{
    uint32_t low, high;

    /* The low half may carry between two loads; then the high one has changed. */
    do {
        high = VPLAT_CLINT->mtime_hi;
        low = VPLAT_CLINT->mtime_lo;
    } while (high != VPLAT_CLINT->mtime_hi);
    return (uint64_t)high << 32 | low;
}

void clint_set_timer(unsigned hart, uint64_t time)
{
    /* No value in between may lie in the past: first as far away as it goes. */
    VPLAT_CLINT->mtimecmp[hart].hi = UINT32_MAX;
    VPLAT_CLINT->mtimecmp[hart].lo = (uint32_t)time;
    VPLAT_CLINT->mtimecmp[hart].hi = (uint32_t)(time >> 32);
}

void clint_stop_timer(unsigned hart)
{
    clint_set_timer(hart, UINT64_MAX);
}

void clint_send(unsigned hart)
{
    VPLAT_CLINT->msip[hart] = CLINT_MSIP_PENDING_MASK;
}

void clint_clear(unsigned hart)
{
    VPLAT_CLINT->msip[hart] = 0;
}

#endif
