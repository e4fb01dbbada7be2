#include "drivers/board.h"

#ifdef VPLAT_IDMA_CORE

#include "drivers/event_unit.h"
#include "drivers/hart.h"
#include "drivers/idma.h"

enum dimensions { ONE_DIMENSION, TWO_DIMENSIONS, THREE_DIMENSIONS };

/* Distances in bytes from a row to the next, and from the last row of a plane to the next plane. */
struct strides {
    uint32_t row;
    uint32_t plane;
};

static size_t at_least_one(size_t count)
{
    return count > 0 ? count : 1;
}

static struct strides external_strides(const struct idma_copy *copy)
{
    size_t to_last_row = (at_least_one(copy->rows) - 1) * copy->stride;

    return (struct strides){copy->stride, copy->plane_stride - to_last_row};
}

static void write_source(const void *first, struct strides strides)
{
    VPLAT_IDMA_CORE->src_addr = (uint32_t)first;
    VPLAT_IDMA_CORE->src_stride_2 = strides.row;
    VPLAT_IDMA_CORE->src_stride_3 = strides.plane;
}

static void write_destination(const void *first, struct strides strides)
{
    VPLAT_IDMA_CORE->dst_addr = (uint32_t)first;
    VPLAT_IDMA_CORE->dst_stride_2 = strides.row;
    VPLAT_IDMA_CORE->dst_stride_3 = strides.plane;
}

static void write_extent(const struct idma_copy *copy)
{
    VPLAT_IDMA_CORE->length = copy->bytes;
    VPLAT_IDMA_CORE->reps_2 = at_least_one(copy->rows);
    VPLAT_IDMA_CORE->reps_3 = at_least_one(copy->planes);
}

static uint32_t configuration(const struct idma_copy *copy)
{
    enum dimensions dimensions = copy->planes > 1 ? THREE_DIMENSIONS
                                 : copy->rows > 1 ? TWO_DIMENSIONS
                                                  : ONE_DIMENSION;
    uint32_t protocols =
        copy->direction == IDMA_TO_TCDM
            ? VPLAT_PUT(IDMA_CONF_SRC_PROTOCOL, IDMA_CONF_SRC_PROTOCOL_AXI) |
                  VPLAT_PUT(IDMA_CONF_DST_PROTOCOL, IDMA_CONF_DST_PROTOCOL_OBI)
            : VPLAT_PUT(IDMA_CONF_SRC_PROTOCOL, IDMA_CONF_SRC_PROTOCOL_OBI) |
                  VPLAT_PUT(IDMA_CONF_DST_PROTOCOL, IDMA_CONF_DST_PROTOCOL_AXI);

    return protocols | VPLAT_PUT(IDMA_CONF_ENABLE_ND, dimensions);
}

struct idma_transfer idma_start(const struct idma_copy *copy)
{
    const struct strides packed = {copy->bytes, copy->bytes};
    struct idma_transfer transfer = {.stream = copy->direction};
    /* An interrupt handler with a transfer of its own would write to the same registers. */
    uint32_t interrupts = hart_interrupts_disable();

    if (copy->direction == IDMA_TO_TCDM) {
        write_source(copy->external, external_strides(copy));
        write_destination(copy->tcdm, packed);
    } else {
        write_source(copy->tcdm, packed);
        write_destination(copy->external, external_strides(copy));
    }
    write_extent(copy);
    VPLAT_IDMA_CORE->conf = configuration(copy);
    transfer.number = VPLAT_IDMA_CORE->next_id[transfer.stream]; /* this load starts it */
    hart_interrupts_restore(interrupts);
    return transfer;
}

bool idma_is_active(struct idma_transfer transfer)
{
    /* The difference, because numbers wrap around. */
    return (int32_t)(VPLAT_IDMA_CORE->done_id[transfer.stream] - transfer.number) < 0;
}

void idma_finish(struct idma_transfer transfer)
{
    while (idma_is_active(transfer))
        event_wait(EVENT_DMA);
}

#endif
