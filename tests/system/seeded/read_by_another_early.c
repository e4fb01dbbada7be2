/* One hart starts a transfer and tells another one too early that the data is there. */
#include "seeded.h"

static uint8_t there[12 * BYTES] IN_L3_ZEROED, here[12 * BYTES] IN_TCDM_ZEROED;
static volatile unsigned is_there, seen, is_read;

void lead(void)
{
    transfer_t transfer = start_load(here, there, sizeof here);

    is_there = 1;
    finish(transfer);
    while (!is_read)
        ;
}

void follow(unsigned hart)
{
    if (hart != 3)
        return;
    while (!is_there)
        ;
    seen = *(volatile uint8_t *)(here + 11 * BYTES); /* BUG */
    is_read = 1;
}
