/*
 * The MCHAN DMA: copies between the TCDM and memory outside the cluster while the harts compute.
 *
 *     const struct mchan_copy copy = {
 *         .direction = MCHAN_TO_TCDM, .tcdm = tile, .external = weights, .bytes = sizeof tile,
 *     };
 *     unsigned transfer = mchan_start(&copy, 1);
 *     ... compute something else ...
 *     mchan_finish(transfer);
 *
 * Each hart has a port of its own, so harts need no lock among themselves. The hart that starts a
 * transfer is the one that gets its event and that finishes it.
 */
#ifndef DRIVERS_MCHAN_H
#define DRIVERS_MCHAN_H

#include <stdbool.h>
#include <stddef.h>

#include "drivers/board.h"
#include "drivers/hart.h"

#define MCHAN_MOST_BYTES 131072u

enum mchan_direction {
    MCHAN_TO_EXTERNAL = MCHAN_CMD_TYPE_TX,
    MCHAN_TO_TCDM = MCHAN_CMD_TYPE_RX,
};

struct mchan_copy {
    enum mchan_direction direction;
    const void *tcdm;
    const void *external;
    size_t bytes; /* in all: 1..MCHAN_MOST_BYTES */

    /*
     * With row_bytes, external memory holds rows of so many bytes, stride bytes from one row's
     * start to the next one's. In the TCDM they follow each other without a gap.
     */
    size_t row_bytes;
    size_t stride;

    bool interrupt; /* raise EVENT_DMA_INTERRUPT at the end, in place of EVENT_DMA */
};

/*
 * Start `count` copies as one transfer, and return its identifier (0..15). Sleeps while all 16
 * identifiers are taken.
 */
unsigned mchan_start(const struct mchan_copy *copies, unsigned count);

/*
 * The same for one copy in one piece, with an event at its end: short, for whoever starts many.
 */
static inline unsigned mchan_start_piece(enum mchan_direction direction, const void *tcdm,
                                         const void *external, size_t bytes)
{
    uint32_t interrupts = hart_interrupts_disable(); /* see mchan.c */
    unsigned transfer = VPLAT_MCHAN_CORE->cmd;

    VPLAT_MCHAN_CORE->cmd = MCHAN_CMD_INC_MASK | MCHAN_CMD_ELE_MASK |
                            VPLAT_PUT(MCHAN_CMD_TYPE, direction) | VPLAT_PUT(MCHAN_CMD_LEN, bytes);
    VPLAT_MCHAN_CORE->cmd = (uint32_t)tcdm;
    VPLAT_MCHAN_CORE->cmd = (uint32_t)external;
    hart_interrupts_restore(interrupts);
    return transfer;
}

/* Whether copies of the transfer are queued or under way. */
static inline bool mchan_is_active(unsigned transfer)
{
    return VPLAT_GET(MCHAN_STATUS_ACTIVE, VPLAT_MCHAN_CORE->status) >> transfer & 1;
}

/* Sleep until none is, then give the identifier back. */
void mchan_finish(unsigned transfer);

/* Give back the identifier of a transfer that is not active any more. */
static inline void mchan_free(unsigned transfer)
{
    VPLAT_MCHAN_CORE->status = VPLAT_PUT(MCHAN_STATUS_ACTIVE, 1u << transfer);
}

#endif
