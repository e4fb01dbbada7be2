/* The next contents are written to a buffer from which the DMA still copies. */
#include "seeded.h"

static uint8_t here[BYTES] IN_TCDM_ZEROED, there[BYTES] IN_L3_ZEROED;

void lead(void)
{
    transfer_t transfer = start_store(there, here, BYTES);

    *(volatile uint32_t *)(here + BYTES - 4) = 1; /* BUG */
    finish(transfer);
    *(volatile uint32_t *)here = 2;
}
