/* The accelerator is triggered with a pointer that nobody has written. */
#include "seeded.h"

static uint8_t input[BYTES] IN_TCDM_ZEROED;
static uint8_t output[BYTES] IN_TCDM_ZEROED;

void lead(void)
{
    ita_open();
    VPLAT_ITA->input_ptr = ita_pointer(input);
    VPLAT_ITA->output_ptr = ita_pointer(output);
    VPLAT_ITA->ctrl_engine = VPLAT_PUT(ITA_CTRL_ENGINE_LAYER, ITA_LINEAR);
    VPLAT_ITA->ctrl_stream =
        ITA_CTRL_STREAM_WEIGHT_PRELOAD_MASK | ITA_CTRL_STREAM_BIAS_DISABLE_MASK;
    VPLAT_ITA->trigger = 0; /* BUG */
    wait_for_ita(1);
}
