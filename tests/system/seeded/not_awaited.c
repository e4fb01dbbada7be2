/* The transfer has long ended when the buffer is read, but only by luck. */
#include "seeded.h"

static uint8_t there[BYTES] IN_L3_ZEROED, here[BYTES] IN_TCDM_ZEROED;
static volatile unsigned seen;

void lead(void)
{
    transfer_t transfer = start_load(here, there, BYTES);

    pass_time(3000);
    seen = *(volatile uint8_t *)here; /* BUG */
    finish(transfer);
    seen = *(volatile uint8_t *)here;
}
