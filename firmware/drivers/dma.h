/*
 * Copies by whichever DMA the board has, for programs that run on both.
 *
 * A transfer is started and later finished, by the same hart:
 *
 *     dma_transfer_t transfer = dma_load(tile, weights, sizeof tile);
 *     ... compute something else ...
 *     dma_finish(transfer);
 */
#ifndef DRIVERS_DMA_H
#define DRIVERS_DMA_H

#include "drivers/board.h"

#if defined(VPLAT_MCHAN_CORE)

#include "drivers/mchan.h"

typedef unsigned dma_transfer_t;

/* Copy `bytes` from external memory into the TCDM. */
static inline dma_transfer_t dma_load(void *tcdm, const void *external, size_t bytes)
{
    return mchan_start(&(struct mchan_copy){MCHAN_TO_TCDM, tcdm, external, bytes, 0, 0, false}, 1);
}

/* Copy `bytes` from the TCDM to external memory. */
static inline dma_transfer_t dma_store(void *external, const void *tcdm, size_t bytes)
{
    return mchan_start(&(struct mchan_copy){MCHAN_TO_EXTERNAL, tcdm, external, bytes, 0, 0, false},
                       1);
}

/* Gather `rows` of `row_bytes` that lie `stride` bytes apart in external memory. */
static inline dma_transfer_t dma_load_rows(void *tcdm, const void *external, size_t row_bytes,
                                           size_t rows, size_t stride)
{
    const struct mchan_copy copy = {MCHAN_TO_TCDM, tcdm,   external, row_bytes * rows,
                                    row_bytes,     stride, false};

    return mchan_start(&copy, 1);
}

/* Scatter `rows` of `row_bytes` to places `stride` bytes apart in external memory. */
static inline dma_transfer_t dma_store_rows(void *external, const void *tcdm, size_t row_bytes,
                                            size_t rows, size_t stride)
{
    const struct mchan_copy copy = {MCHAN_TO_EXTERNAL, tcdm,   external, row_bytes * rows,
                                    row_bytes,         stride, false};

    return mchan_start(&copy, 1);
}

/* Sleep until the transfer has ended. */
static inline void dma_finish(dma_transfer_t transfer)
{
    mchan_finish(transfer);
}

#elif defined(VPLAT_IDMA_CORE)

#include "drivers/idma.h"

typedef struct idma_transfer dma_transfer_t;

static inline dma_transfer_t dma_load_rows(void *tcdm, const void *external, size_t row_bytes,
                                           size_t rows, size_t stride)
{
    const struct idma_copy copy = {IDMA_TO_TCDM, tcdm, external, row_bytes, rows, stride, 1, 0};

    return idma_start(&copy);
}

static inline dma_transfer_t dma_store_rows(void *external, const void *tcdm, size_t row_bytes,
                                            size_t rows, size_t stride)
{
    const struct idma_copy copy = {IDMA_TO_EXTERNAL, tcdm, external, row_bytes, rows, stride, 1, 0};

    return idma_start(&copy);
}

static inline dma_transfer_t dma_load(void *tcdm, const void *external, size_t bytes)
{
    return dma_load_rows(tcdm, external, bytes, 1, 0);
}

static inline dma_transfer_t dma_store(void *external, const void *tcdm, size_t bytes)
{
    return dma_store_rows(external, tcdm, bytes, 1, 0);
}

static inline void dma_finish(dma_transfer_t transfer)
{
    idma_finish(transfer);
}

#else
#error "this board has no DMA that drivers/dma.h knows; see drivers/mchan.h and drivers/idma.h"
#endif

#endif
