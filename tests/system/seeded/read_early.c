/* A buffer is read while the DMA still fills it. */
#include "seeded.h"

static uint8_t there[BYTES] IN_L3_ZEROED, here[BYTES] IN_TCDM_ZEROED;
static volatile unsigned seen;

void lead(void)
{
    transfer_t transfer = start_load(here, there, BYTES);

    seen = *(volatile uint8_t *)(here + BYTES - 1); /* BUG */
    finish(transfer);
    seen = *(volatile uint8_t *)here;
}
