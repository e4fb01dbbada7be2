/* A register is stored to in which nothing can be written. */
#include "seeded.h"

void lead(void)
{
#ifdef VPLAT_EVENT_UNIT_DEMUX_BASE
    *(volatile uint32_t *)&VPLAT_EVENT_UNIT_DEMUX->event_buffer = 0; /* BUG */
#else
    *(volatile uint32_t *)&VPLAT_CLUSTER->hwpe_busy = 0; /* BUG */
#endif
}
