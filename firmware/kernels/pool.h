/*
 * The greatest of each window of a plane: max pooling.
 */
#ifndef KERNELS_POOL_H
#define KERNELS_POOL_H

#include <stddef.h>

#include "kernels/convolution.h"
#include "kernels/element.h"

/* Planes as in a convolution, one output channel for each input channel. What a window has outside
   of the input does not count; no window is all outside. */
struct pool {
    struct convolution_shape shape;
    enum element element;
    const void *in;
    size_t in_plane; /* elements from one channel to the next, as in `out_plane` */
    size_t first_row;
    size_t channels;
    void *out;
    size_t out_plane;
    size_t first_output;
    size_t outputs;
};

/* This worker's part. */
void pool_max(const struct pool *pool, unsigned worker, unsigned workers);

#endif
