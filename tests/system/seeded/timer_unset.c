/* A timer is to tell when it matches, but nobody has said what. */
#include "seeded.h"

void lead(void)
{
    VPLAT_TIMER->cfg_hi = PULP_TIMER_CFG_HI_IRQ_ENABLE_MASK;
    VPLAT_TIMER->start_hi = 1; /* BUG */
    VPLAT_TIMER->cfg_hi = 0;
}
