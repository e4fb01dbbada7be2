#include "drivers/board.h"

#ifdef VPLAT_MCHAN_CORE

#include "drivers/event_unit.h"
#include "drivers/hart.h"
#include "drivers/mchan.h"

static uint32_t first_word(const struct mchan_copy *copy)
{
    uint32_t word = MCHAN_CMD_INC_MASK | VPLAT_PUT(MCHAN_CMD_TYPE, copy->direction);

    /* The longest copy does not fit the field, which then holds 0, as the hardware wants it. */
    word |= VPLAT_PUT(MCHAN_CMD_LEN, copy->bytes);
    word |= copy->interrupt ? MCHAN_CMD_ILE_MASK : MCHAN_CMD_ELE_MASK;
    if (copy->row_bytes > 0)
        word |= MCHAN_CMD_TWD_EXT_MASK;
    return word;
}

/* The words of a command go to one register, and no other access of this port may come between. */
static void push(const struct mchan_copy *copy)
{
    VPLAT_MCHAN_CORE->cmd = first_word(copy);
    VPLAT_MCHAN_CORE->cmd = (uint32_t)copy->tcdm;
    VPLAT_MCHAN_CORE->cmd = (uint32_t)copy->external;
    if (copy->row_bytes > 0) {
        VPLAT_MCHAN_CORE->cmd = copy->row_bytes;
        VPLAT_MCHAN_CORE->cmd = copy->stride;
    }
}

unsigned mchan_start(const struct mchan_copy *copies, unsigned count)
{
    /*
     * A command belongs to the identifier that this port took last. An interrupt handler with a
     * transfer of its own would take another one in between.
     */
    uint32_t interrupts = hart_interrupts_disable();
    unsigned transfer = VPLAT_MCHAN_CORE->cmd;

    for (unsigned i = 0; i < count; i++)
        push(&copies[i]);
    hart_interrupts_restore(interrupts);
    return transfer;
}

void mchan_finish(unsigned transfer)
{
    while (mchan_is_active(transfer))
        event_wait(EVENT_DMA);
    mchan_free(transfer);
}

#endif
