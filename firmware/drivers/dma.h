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

#include <stdbool.h>
#include <stddef.h>

#include "drivers/board.h"

#if defined(VPLAT_MCHAN_CORE)

#include "drivers/mchan.h"

typedef unsigned dma_transfer_t;

/* Copy `bytes` from external memory into the TCDM. */
static inline dma_transfer_t dma_load(void *tcdm, const void *external, size_t bytes)
{
    return mchan_start_piece(MCHAN_TO_TCDM, tcdm, external, bytes);
}

/* Copy `bytes` from the TCDM to external memory. */
static inline dma_transfer_t dma_store(void *external, const void *tcdm, size_t bytes)
{
    return mchan_start_piece(MCHAN_TO_EXTERNAL, tcdm, external, bytes);
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

/* Whether the transfer is queued or under way. One that is not must still be finished, once. */
static inline bool dma_is_active(dma_transfer_t transfer)
{
    return mchan_is_active(transfer);
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

static inline bool dma_is_active(dma_transfer_t transfer)
{
    return idma_is_active(transfer);
}

static inline void dma_finish(dma_transfer_t transfer)
{
    idma_finish(transfer);
}

#else

#include "drivers/xdma.h"

typedef uint32_t dma_transfer_t;

static inline dma_transfer_t dma_load(void *tcdm, const void *external, size_t bytes)
{
    return xdma_start(tcdm, external, bytes);
}

static inline dma_transfer_t dma_store(void *external, const void *tcdm, size_t bytes)
{
    return xdma_start(external, tcdm, bytes);
}

static inline dma_transfer_t dma_load_rows(void *tcdm, const void *external, size_t row_bytes,
                                           size_t rows, size_t stride)
{
    return xdma_start_rows(tcdm, row_bytes, external, stride, row_bytes, rows);
}

static inline dma_transfer_t dma_store_rows(void *external, const void *tcdm, size_t row_bytes,
                                            size_t rows, size_t stride)
{
    return xdma_start_rows(external, stride, tcdm, row_bytes, row_bytes, rows);
}

static inline bool dma_is_active(dma_transfer_t transfer)
{
    return xdma_is_active(transfer);
}

static inline void dma_finish(dma_transfer_t transfer)
{
    xdma_finish(transfer);
}

#endif

#endif
