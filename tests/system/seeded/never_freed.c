/* The identifier of a transfer is never given back. */
#include "seeded.h"

static uint8_t there[BYTES] IN_L3_ZEROED, here[BYTES] IN_TCDM_ZEROED;

void lead(void)
{
    finish(start_load(here, there, BYTES));

    unsigned transfer = VPLAT_MCHAN_CORE->cmd; /* BUG */

    VPLAT_MCHAN_CORE->cmd = MCHAN_CMD_INC_MASK | MCHAN_CMD_ELE_MASK |
                            VPLAT_PUT(MCHAN_CMD_TYPE, MCHAN_CMD_TYPE_RX) |
                            VPLAT_PUT(MCHAN_CMD_LEN, BYTES);
    VPLAT_MCHAN_CORE->cmd = (uint32_t)here;
    VPLAT_MCHAN_CORE->cmd = (uint32_t)there;
    while (mchan_is_active(transfer))
        event_wait(EVENT_DMA);
}
