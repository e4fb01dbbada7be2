/* The accelerator gets a tile that is not in its memory. */
#include "seeded.h"

static uint8_t weight[BYTES] IN_TCDM_ZEROED, output[BYTES] IN_TCDM_ZEROED;
static uint8_t input[BYTES] IN_L3_ZEROED;

void lead(void)
{
    open_ita();
    VPLAT_ITA->input_ptr = ita_pointer(input);
    VPLAT_ITA->weight_ptr0 = ita_pointer(weight);
    VPLAT_ITA->output_ptr = ita_pointer(output);
    VPLAT_ITA->ctrl_stream =
        ITA_CTRL_STREAM_WEIGHT_PRELOAD_MASK | ITA_CTRL_STREAM_BIAS_DISABLE_MASK;
    VPLAT_ITA->trigger = 0; /* BUG */
    wait_for_ita(1);
}
