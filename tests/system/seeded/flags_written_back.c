/* An identifier is freed by read-modify-write, which frees those of others with it. */
#include "seeded.h"

static uint8_t there[2 * BYTES] IN_L3_ZEROED, here[2 * BYTES] IN_TCDM_ZEROED;

void lead(void)
{
    transfer_t first = start_load(here, there, 16);

    while (mchan_is_active(first))
        event_wait(EVENT_DMA);
    transfer_t second = start_load(here, there, sizeof here);

    VPLAT_MCHAN_CORE->status |= 1u << first; /* BUG */
    while (mchan_is_active(second))
        event_wait(EVENT_DMA);
}
