/* A job counts on weights that the job before has not read ahead, and so never ends. */
#include "seeded.h"

static uint8_t input[BYTES] IN_TCDM_ZEROED, weight[BYTES] IN_TCDM_ZEROED;
static uint8_t output[BYTES] IN_TCDM_ZEROED;

void lead(void)
{
    open_ita();
    VPLAT_ITA->input_ptr = ita_pointer(input);
    VPLAT_ITA->weight_ptr0 = ita_pointer(weight);
    VPLAT_ITA->output_ptr = ita_pointer(output);
    VPLAT_ITA->ctrl_stream = ITA_CTRL_STREAM_BIAS_DISABLE_MASK;
    VPLAT_ITA->trigger = 0; /* BUG */
    pass_time(2000);
}
