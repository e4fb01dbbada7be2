/* Bits are set that belong to no field. */
#include "seeded.h"

void lead(void)
{
#ifdef VPLAT_EVENT_UNIT_DEMUX_BASE
    VPLAT_CLUSTER_CONTROL->clock_gate = 0x101; /* BUG */
#else
    VPLAT_CLUSTER->hart_select[0].value = 0x1000; /* BUG */
#endif
}
