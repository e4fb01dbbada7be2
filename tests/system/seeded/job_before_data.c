/* The accelerator is started on a tile that the DMA has not brought yet. */
#include "seeded.h"

static uint8_t there[BYTES] IN_L3_ZEROED;
static uint8_t input[BYTES] IN_TCDM_ZEROED, weight[BYTES] IN_TCDM_ZEROED;
static uint8_t output[BYTES] IN_TCDM_ZEROED;

void lead(void)
{
    open_ita();
    transfer_t transfer = start_load(input, there, BYTES);

    VPLAT_ITA->input_ptr = ita_pointer(input);
    VPLAT_ITA->weight_ptr0 = ita_pointer(weight);
    VPLAT_ITA->output_ptr = ita_pointer(output);
    VPLAT_ITA->ctrl_stream =
        ITA_CTRL_STREAM_WEIGHT_PRELOAD_MASK | ITA_CTRL_STREAM_BIAS_DISABLE_MASK;
    VPLAT_ITA->trigger = 0; /* BUG */
    finish(transfer);
    wait_for_ita(1);
}
