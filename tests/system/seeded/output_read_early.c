/* A tile is read that the accelerator has not finished, another one is used rightly meanwhile. */
#include "seeded.h"

static uint8_t input[BYTES] IN_TCDM_ZEROED, weight[BYTES] IN_TCDM_ZEROED;
static uint8_t output[BYTES] IN_TCDM_ZEROED, next[BYTES] IN_TCDM_ZEROED;
static volatile unsigned seen;

void lead(void)
{
    const struct ita_job job = {
        .input = input, .weight = weight, .output = output, .first = true, .stores = true};

    open_ita();
    ita_submit(&job);
    seen = *(volatile uint8_t *)input;
    *(volatile uint8_t *)next = 1;
    seen = *(volatile uint8_t *)(output + 5); /* BUG */
    wait_for_ita(1);
    seen = *(volatile uint8_t *)output;
}
