/* The second of two queued jobs loses its weights before its turn has come. */
#include "seeded.h"

static uint8_t input[BYTES] IN_TCDM_ZEROED, weights[2][BYTES] IN_TCDM_ZEROED;
static uint8_t outputs[2][BYTES] IN_TCDM_ZEROED;

void lead(void)
{
    struct ita_job job = {
        .input = input, .weight = weights[0], .output = outputs[0], .first = true, .stores = true};

    open_ita();
    ita_submit(&job);
    job.weight = weights[1];
    job.output = outputs[1];
    ita_submit(&job);
    weights[1][100] = 1; /* BUG */
    __asm__ volatile("" : : : "memory");
    wait_for_ita(2);
    weights[1][100] = 2;
}
