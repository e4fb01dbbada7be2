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

/* Whether copies of the transfer are queued or under way. */
bool mchan_is_active(unsigned transfer);

/* Sleep until none is, then give the identifier back. */
void mchan_finish(unsigned transfer);

/* Give back the identifier of a transfer that is not active any more. */
void mchan_free(unsigned transfer);

#endif
