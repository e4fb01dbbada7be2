/*
 * The iDMA with the register front end reg32_3d: copies between the TCDM and memory outside the
 * cluster, on the board pulp-ita-idma.
 *
 *     const struct idma_copy copy = {
 *         .direction = IDMA_TO_TCDM, .tcdm = tile, .external = weights, .bytes = 64, .rows = 64,
 *         .stride = 512,
 *     };
 *     struct idma_transfer transfer = idma_start(&copy);
 *     ... compute something else ...
 *     idma_finish(transfer);
 *
 * Each hart has registers of its own. EVENT_DMA goes to all harts whenever any transfer ends, so
 * idma_finish looks at the number of the one it waits for.
 */
#ifndef DRIVERS_IDMA_H
#define DRIVERS_IDMA_H

#include <stdbool.h>
#include <stddef.h>

#include "drivers/board.h"

/* Each direction has a stream; transfers of one stream end in the order of their numbers. */
enum idma_direction { IDMA_TO_EXTERNAL = 0, IDMA_TO_TCDM = 1 };

/*
 * `planes` of `rows` of `bytes`; 0 rows or planes count as one. In external memory the rows start
 * `stride` bytes apart, the planes `plane_stride`. In the TCDM all follow each other without a gap.
 */
struct idma_copy {
    enum idma_direction direction;
    const void *tcdm;
    const void *external;
    size_t bytes;
    size_t rows;
    size_t stride;
    size_t planes;
    size_t plane_stride;
};

struct idma_transfer {
    enum idma_direction stream;
    uint32_t number;
};

/* Start a copy; sleeps while the queue of its stream is full. */
struct idma_transfer idma_start(const struct idma_copy *copy);

bool idma_is_active(struct idma_transfer transfer);

/* Sleep until the transfer has ended. */
void idma_finish(struct idma_transfer transfer);

#endif
