/* A hart waits for the DMA, but the event is not in its mask; another hart helps it out. */
#include "seeded.h"

static uint8_t there[BYTES] IN_L3_ZEROED, here[BYTES] IN_TCDM_ZEROED;
static volatile uint32_t events;
static volatile bool waits;

void lead(void)
{
    transfer_t transfer = start_load(here, there, BYTES);

    VPLAT_EVENT_UNIT_DEMUX->event_mask = 0;
    waits = true;
    events = VPLAT_EVENT_UNIT_DEMUX->event_wait_clear; /* BUG */
    finish(transfer);
}

void follow(unsigned hart)
{
    if (hart != 1)
        return;
    while (!waits)
        ;
    pass_time(2000);
    VPLAT_EVENT_UNIT->hart[0].event_mask = EVENT_DMA;
}
