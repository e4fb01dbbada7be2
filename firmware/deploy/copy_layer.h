/*
 * Tensors laid out anew: by the harts, from window to window.
 */
#ifndef DEPLOY_COPY_LAYER_H
#define DEPLOY_COPY_LAYER_H

#include <stddef.h>
#include <stdint.h>

#include "deploy/pipeline.h"
#include "kernels/box_copy.h"

/*
 * Streams: source, result. `in_offset` and `out_offset` are the elements from where a window begins
 * to the first one that is copied.
 */
struct copy_layer {
    struct box_copy box;
    int32_t in_offset;
    int32_t out_offset;
};

/* A stripe_function. */
void copy_stripe(const void *layer, const struct stripe *stripe, unsigned step, unsigned worker,
                 unsigned workers);

/* Streams: result. Every element of it becomes `value`. */
struct fill_layer {
    size_t element_bytes;
    int32_t value;
};

void fill_stripe(const void *layer, const struct stripe *stripe, unsigned step, unsigned worker,
                 unsigned workers);

#endif
