/*
 * A layer as a pipeline of stripes: while the harts compute one, the DMA brings the next one into
 * L1 and takes the last one's results away.
 *
 * What a layer reads and writes are streams. A stream is a matrix of bytes outside L1, its home,
 * and each stripe has a window of it: some rows, some bytes of each. Windows are cut to what there
 * is, so the last ones may be smaller, and those with a lead may begin before the matrix does. A
 * window that is the same as that of the stripe before is not brought again.
 *
 *     static const struct stream streams[] = {
 *         {.home = input, .place = {L1 + 0, L1 + 4096}, .stride = 4096,
 *          .rows = EXTENT_ALL(1), .bytes = {.inner = 4096, .count = 4096, .total = 65536}},
 *         {.home = output, .place = {L1 + 8192, L1 + 12288}, .stride = 4096, .is_result = true,
 *          .rows = EXTENT_ALL(1), .bytes = {.inner = 4096, .count = 4096, .total = 65536}},
 *     };
 *     static const struct pipeline pipeline = {
 *         .streams = streams, .stream_count = 2, .batches = 1, .outer = 1, .inner = 16, .steps = 1,
 *         .compute = negate,
 *     };
 *
 *     pipeline_run(&pipeline); // on all harts
 */
#ifndef DEPLOY_PIPELINE_H
#define DEPLOY_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PIPELINE_STREAMS 10
#define PIPELINE_LAYER_BYTES 256

/*
 * Which rows, or which bytes of a row, belong to a stripe: `count` of them from
 * outer * (number of the outer loop) + inner * (number of the inner loop) - lead on, without those
 * that lie outside 0..total - 1.
 */
struct extent {
    size_t outer;
    size_t inner;
    size_t lead;
    size_t count;
    size_t total;
};

/* All `n`, in every stripe. */
#define EXTENT_ALL(n) {.count = (n), .total = (n)}

struct stream {
    int8_t *home;
    /* In L1, for one window and for the next; the same twice, if there is only one window. NULL:
       the stream is read and written at home. */
    int8_t *place[2];
    struct extent rows;
    struct extent bytes;
    size_t stride; /* at home, in bytes; in L1 rows follow each other without a gap */
    /* Where the matrix of a batch begins: batches[batch] bytes from the home, or, if that is NULL,
       batch * batch_stride. */
    const uint32_t *batches;
    size_t batch_stride;
    bool is_result;
};

/* A window of a stream, where the harts find it. */
struct tile {
    int8_t *at;
    size_t stride; /* in bytes */
    size_t first_row;
    size_t rows;
    size_t first_byte;
    size_t bytes; /* of each row */
};

struct stripe {
    size_t batch;
    size_t outer;
    size_t inner;
    struct tile tiles[PIPELINE_STREAMS];
};

/* This worker's part of a step of a stripe. All workers wait for each other between steps. */
typedef void stripe_function(const void *layer, const struct stripe *stripe, unsigned step,
                             unsigned worker, unsigned workers);

/* The loops, from the outermost: batches, outer, inner. */
struct pipeline {
    const struct stream *streams;
    unsigned stream_count;
    size_t batches;
    size_t outer;
    size_t inner;
    unsigned steps;
    stripe_function *compute; /* NULL: what comes in goes out as it is */
    const void *layer;
    size_t layer_bytes; /* up to PIPELINE_LAYER_BYTES: `layer` comes to L1, too. 0: it does not */
};

/* Called by all harts; all must have called it before one of them may go on. */
void pipeline_run(const struct pipeline *pipeline);

#endif
