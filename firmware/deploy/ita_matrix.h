/*
 * Tiles of 64 x 64 bytes on their way between L1 and matrices outside.
 *
 * In L1 the rows of a tile are 64 bytes apart, at home so many as the matrix says. A tile may be
 * cut: of its rows, only some values exist. Those alone move, and the rest of the tile in L1 stays
 * what it was.
 */
#ifndef DEPLOY_ITA_MATRIX_H
#define DEPLOY_ITA_MATRIX_H

#include <stddef.h>
#include <stdint.h>

#include "drivers/dma.h"
#include "drivers/ita.h"

/* Where a matrix is, and how many bytes it is from a row to the next one. */
struct ita_matrix {
    int8_t *home;
    uint32_t stride;
};

/* Copies whose rows are a tile's edge apart in L1, although they may be shorter. */
dma_transfer_t ita_load_cut(int8_t *tile, const int8_t *from, size_t columns, size_t rows,
                            size_t stride);
dma_transfer_t ita_store_cut(int8_t *to, const int8_t *tile, size_t columns, size_t rows,
                             size_t stride);

static inline dma_transfer_t ita_load_tile(int8_t *tile, const int8_t *from, size_t columns,
                                           size_t rows, size_t stride)
{
    if (columns < ITA_TILE_EDGE)
        return ita_load_cut(tile, from, columns, rows, stride);
    if (stride == ITA_TILE_EDGE)
        return dma_load(tile, from, rows * ITA_TILE_EDGE);
    return dma_load_rows(tile, from, ITA_TILE_EDGE, rows, stride);
}

static inline dma_transfer_t ita_store_tile(int8_t *to, const int8_t *tile, size_t columns,
                                            size_t rows, size_t stride)
{
    if (columns < ITA_TILE_EDGE)
        return ita_store_cut(to, tile, columns, rows, stride);
    if (stride == ITA_TILE_EDGE)
        return dma_store(to, tile, rows * ITA_TILE_EDGE);
    return dma_store_rows(to, tile, ITA_TILE_EDGE, rows, stride);
}

#endif
