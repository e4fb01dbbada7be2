#include "deploy/pipeline.h"

#include "deploy/memory.h"
#include "hal/hal.h"

/* Transfers that the hart has under way: those of a stripe that comes and of one that goes. */
struct transfers {
    unsigned count;
    dma_transfer_t all[PIPELINE_STREAMS + 1]; /* and the layer's description */
};

/* Where a window is in its stream, and which one in a row of different ones. */
struct window {
    size_t batch_offset;
    size_t first_row;
    size_t rows;
    size_t first_byte;
    size_t bytes;
    unsigned number;
};

/* One of the two stripes under way; `is_new` has a bit for each stream with another window. */
struct slot {
    struct stripe stripe;
    uint32_t is_new;
};

/*
 * The hart that drives finds the windows and leaves them here. Descriptions of streams and of the
 * layer come to L1 as well: outside, each of their words costs a hart its wait.
 */
static struct slot slots[2] IN_L1_ZEROED;
static struct window windows[PIPELINE_STREAMS] IN_L1_ZEROED;
static struct stream streams[PIPELINE_STREAMS] IN_L1_ZEROED;
static uint32_t layer_copy[PIPELINE_LAYER_BYTES / sizeof(uint32_t)] IN_L1_ZEROED;

static size_t batch_offset_of(const struct stream *stream, size_t batch)
{
    return stream->batches ? stream->batches[batch] : batch * stream->batch_stride;
}

static size_t first_of(const struct extent *extent, const struct stripe *stripe, size_t *count)
{
    size_t from = extent->outer * stripe->outer + extent->inner * stripe->inner;
    size_t first = from > extent->lead ? from - extent->lead : 0;
    size_t end = from + extent->count > extent->lead ? from + extent->count - extent->lead : 0;

    end = end < extent->total ? end : extent->total;
    *count = end > first ? end - first : 0;
    return first;
}

/* The window of a stripe, and whether it is another one than that of the stripe before. */
static bool find_tile(const struct stream *stream, const struct stripe *stripe,
                      struct window *window, bool is_first, struct tile *tile)
{
    size_t batch_offset = batch_offset_of(stream, stripe->batch);

    tile->first_row = first_of(&stream->rows, stripe, &tile->rows);
    tile->first_byte = first_of(&stream->bytes, stripe, &tile->bytes);
    bool is_new = is_first || batch_offset != window->batch_offset ||
                  tile->first_row != window->first_row || tile->rows != window->rows ||
                  tile->first_byte != window->first_byte || tile->bytes != window->bytes;

    window->number = is_first ? 0 : window->number + is_new;
    window->batch_offset = batch_offset;
    window->first_row = tile->first_row;
    window->rows = tile->rows;
    window->first_byte = tile->first_byte;
    window->bytes = tile->bytes;
    tile->at = stream->place[window->number & 1];
    tile->stride = tile->bytes;
    if (!tile->at) {
        tile->at = stream->home + batch_offset + tile->first_row * stream->stride +
                   tile->first_byte;
        tile->stride = stream->stride;
    }
    return is_new;
}

static void find_tiles(const struct pipeline *pipeline, bool is_first, struct slot *slot)
{
    uint32_t is_new = 0;

    for (unsigned i = 0; i < pipeline->stream_count; i++)
        is_new |= (uint32_t)find_tile(&streams[i], &slot->stripe, &windows[i], is_first,
                                      &slot->stripe.tiles[i])
                  << i;
    slot->is_new = is_new;
}

/* The stripe after `stripe`, as far as its numbers go. */
static void go_on(const struct pipeline *pipeline, const struct stripe *stripe,
                  struct stripe *next)
{
    next->batch = stripe->batch;
    next->outer = stripe->outer;
    next->inner = stripe->inner + 1;
    if (next->inner == pipeline->inner)
        next->inner = 0, next->outer++;
    if (next->outer == pipeline->outer)
        next->outer = 0, next->batch++;
}

static dma_transfer_t start(const struct stream *stream, const struct stripe *stripe,
                            const struct tile *tile)
{
    int8_t *home = stream->home + batch_offset_of(stream, stripe->batch) +
                   tile->first_row * stream->stride + tile->first_byte;
    bool is_dense = tile->rows == 1 || tile->bytes == stream->stride;

    if (stream->is_result)
        return is_dense ? dma_store(home, tile->at, tile->rows * tile->bytes)
                        : dma_store_rows(home, tile->at, tile->bytes, tile->rows, stream->stride);
    return is_dense ? dma_load(tile->at, home, tile->rows * tile->bytes)
                    : dma_load_rows(tile->at, home, tile->bytes, tile->rows, stream->stride);
}

/* Start what moves with a stripe one way. */
static void move(const struct pipeline *pipeline, const struct slot *slot, bool is_result,
                 struct transfers *transfers)
{
    for (unsigned i = 0; i < pipeline->stream_count; i++) {
        const struct tile *tile = &slot->stripe.tiles[i];
        if (streams[i].is_result == is_result && streams[i].place[0] && slot->is_new >> i & 1 &&
            tile->rows > 0 && tile->bytes > 0)
            transfers->all[transfers->count++] = start(&streams[i], &slot->stripe, tile);
    }
}

static void finish(struct transfers *transfers)
{
    for (unsigned i = 0; i < transfers->count; i++)
        dma_finish(transfers->all[i]);
    transfers->count = 0;
}

/* Descriptions come, and what the first stripe needs is on its way. */
static void begin(const struct pipeline *pipeline, struct transfers *transfers)
{
    dma_transfer_t described =
        dma_load(streams, pipeline->streams, pipeline->stream_count * sizeof *streams);

    if (pipeline->layer_bytes > 0)
        transfers->all[transfers->count++] =
            dma_load(layer_copy, pipeline->layer, pipeline->layer_bytes);
    slots[0].stripe.batch = slots[0].stripe.outer = slots[0].stripe.inner = 0;
    dma_finish(described);
    find_tiles(pipeline, true, &slots[0]);
    move(pipeline, &slots[0], false, transfers);
}

/*
 * What the hart that drives does while the harts compute stripe `number`: the results before go,
 * the next stripe comes. Results that nobody works on go as soon as they have come.
 */
static void look_ahead(const struct pipeline *pipeline, size_t number, bool is_last,
                       struct transfers *transfers)
{
    struct slot *now = &slots[number & 1], *other = &slots[~number & 1];

    if (!pipeline->compute)
        move(pipeline, now, true, transfers);
    else if (number > 0)
        move(pipeline, other, true, transfers);
    if (is_last)
        return;
    go_on(pipeline, &now->stripe, &other->stripe);
    find_tiles(pipeline, false, other);
    move(pipeline, other, false, transfers);
}

static void compute(const struct pipeline *pipeline, const struct stripe *stripe)
{
    const void *layer = pipeline->layer_bytes > 0 ? layer_copy : pipeline->layer;

    for (unsigned step = 0; step < pipeline->steps; step++) {
        if (step > 0)
            hal_barrier();
        if (hal_computes())
            pipeline->compute(layer, stripe, step, hal_hart(), HAL_COMPUTE_HARTS);
    }
}

void pipeline_run(const struct pipeline *pipeline)
{
    const size_t count = pipeline->batches * pipeline->outer * pipeline->inner;
    const bool drives = hal_drives(), computes = pipeline->compute;
    struct transfers transfers;

    transfers.count = 0;
    if (count == 0)
        return;
    if (drives)
        begin(pipeline, &transfers);
    for (size_t number = 0; number < count; number++) {
        /* What this stripe needs has come, and what the one before the last has made is gone. */
        if (drives)
            finish(&transfers);
        hal_barrier();
        if (drives)
            look_ahead(pipeline, number, number + 1 == count, &transfers);
        if (computes)
            compute(pipeline, &slots[number & 1].stripe);
    }
    hal_barrier();
    if (drives) {
        if (computes)
            move(pipeline, &slots[~count & 1], true, &transfers);
        finish(&transfers);
    }
}
