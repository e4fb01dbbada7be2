/* A pointer is written while all contexts hold jobs, so it changes one of those. */
#include "seeded.h"

static uint8_t input[BYTES] IN_TCDM_ZEROED, weight[BYTES] IN_TCDM_ZEROED;
static uint8_t output[BYTES] IN_TCDM_ZEROED;

void lead(void)
{
    const struct ita_job job = {
        .input = input, .weight = weight, .output = output, .first = true, .stores = true};

    open_ita();
    for (unsigned i = 0; i < ita_contexts(); i++)
        ita_submit(&job);
    VPLAT_ITA->input_ptr = ita_pointer(input); /* BUG */
    wait_for_ita(ita_contexts());
}
