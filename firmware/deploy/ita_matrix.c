#include "deploy/ita_matrix.h"

/*
 * The drivers keep rows without gaps in L1. Here they have some, which every DMA can do in its own
 * words.
 */
#if defined(VPLAT_MCHAN_CORE)

/* Both sides have two dimensions: `columns` bytes, then the next row of either. */
static dma_transfer_t start(uint32_t direction, const void *tile, const void *external,
                            size_t columns, size_t rows, size_t stride)
{
    uint32_t interrupts = hart_interrupts_disable(); /* see mchan.c */
    dma_transfer_t transfer = VPLAT_MCHAN_CORE->cmd;

    VPLAT_MCHAN_CORE->cmd = MCHAN_CMD_INC_MASK | MCHAN_CMD_ELE_MASK | MCHAN_CMD_TWD_EXT_MASK |
                            MCHAN_CMD_TWD_TCDM_MASK | VPLAT_PUT(MCHAN_CMD_TYPE, direction) |
                            VPLAT_PUT(MCHAN_CMD_LEN, columns * rows);
    VPLAT_MCHAN_CORE->cmd = (uint32_t)tile;
    VPLAT_MCHAN_CORE->cmd = (uint32_t)external;
    VPLAT_MCHAN_CORE->cmd = columns;
    VPLAT_MCHAN_CORE->cmd = stride;
    VPLAT_MCHAN_CORE->cmd = columns;
    VPLAT_MCHAN_CORE->cmd = ITA_TILE_EDGE;
    hart_interrupts_restore(interrupts);
    return transfer;
}

dma_transfer_t ita_load_cut(int8_t *tile, const int8_t *from, size_t columns, size_t rows,
                            size_t stride)
{
    return start(MCHAN_TO_TCDM, tile, from, columns, rows, stride);
}

dma_transfer_t ita_store_cut(int8_t *to, const int8_t *tile, size_t columns, size_t rows,
                             size_t stride)
{
    return start(MCHAN_TO_EXTERNAL, tile, to, columns, rows, stride);
}

#elif defined(VPLAT_IDMA_CORE)

#include "drivers/hart.h"

/* What the registers say of one end of a copy. */
struct end {
    const void *first;
    size_t stride;
    uint32_t protocol;
};

static dma_transfer_t start(enum idma_direction direction, struct end to, struct end from,
                            size_t columns, size_t rows)
{
    dma_transfer_t transfer = {.stream = direction};
    uint32_t interrupts = hart_interrupts_disable(); /* see idma.c */

    VPLAT_IDMA_CORE->src_addr = (uint32_t)from.first;
    VPLAT_IDMA_CORE->src_stride_2 = from.stride;
    VPLAT_IDMA_CORE->dst_addr = (uint32_t)to.first;
    VPLAT_IDMA_CORE->dst_stride_2 = to.stride;
    VPLAT_IDMA_CORE->length = columns;
    VPLAT_IDMA_CORE->reps_2 = rows;
    VPLAT_IDMA_CORE->conf = VPLAT_PUT(IDMA_CONF_SRC_PROTOCOL, from.protocol) |
                            VPLAT_PUT(IDMA_CONF_DST_PROTOCOL, to.protocol) |
                            VPLAT_PUT(IDMA_CONF_ENABLE_ND, 1);
    transfer.number = VPLAT_IDMA_CORE->next_id[transfer.stream]; /* this load starts it */
    hart_interrupts_restore(interrupts);
    return transfer;
}

dma_transfer_t ita_load_cut(int8_t *tile, const int8_t *from, size_t columns, size_t rows,
                            size_t stride)
{
    return start(IDMA_TO_TCDM,
                 (struct end){tile, ITA_TILE_EDGE, IDMA_CONF_DST_PROTOCOL_OBI},
                 (struct end){from, stride, IDMA_CONF_SRC_PROTOCOL_AXI}, columns, rows);
}

dma_transfer_t ita_store_cut(int8_t *to, const int8_t *tile, size_t columns, size_t rows,
                             size_t stride)
{
    return start(IDMA_TO_EXTERNAL, (struct end){to, stride, IDMA_CONF_DST_PROTOCOL_AXI},
                 (struct end){tile, ITA_TILE_EDGE, IDMA_CONF_SRC_PROTOCOL_OBI}, columns, rows);
}

#else

dma_transfer_t ita_load_cut(int8_t *tile, const int8_t *from, size_t columns, size_t rows,
                            size_t stride)
{
    return xdma_start_rows(tile, ITA_TILE_EDGE, from, stride, columns, rows);
}

dma_transfer_t ita_store_cut(int8_t *to, const int8_t *tile, size_t columns, size_t rows,
                             size_t stride)
{
    return xdma_start_rows(to, stride, tile, ITA_TILE_EDGE, columns, rows);
}

#endif
