/*
 * Copies between differently laid out tensors: transposition, slices, parts of concatenations.
 */
#ifndef KERNELS_BOX_COPY_H
#define KERNELS_BOX_COPY_H

#include <stddef.h>
#include <stdint.h>

#define BOX_COPY_RANK 6

/*
 * out[i0 * out_strides[0] + ...] = in[i0 * in_strides[0] + ...] for all indices below `sizes`.
 * Strides are elements, and may be negative for the input, 0 to repeat something.
 */
struct box_copy {
    unsigned rank; /* 1 or more */
    size_t element_bytes; /* 1 or 4 */
    uint32_t sizes[BOX_COPY_RANK];
    int32_t in_strides[BOX_COPY_RANK];
    int32_t out_strides[BOX_COPY_RANK];
};

/* This worker's part. It is fastest where the last dimension has the stride 1 on both sides. */
void box_copy(const struct box_copy *copy, void *out, const void *in, unsigned worker,
              unsigned workers);

/* Fill `count` elements with `value`. */
void box_fill(void *out, size_t element_bytes, size_t count, int32_t value, unsigned worker,
              unsigned workers);

#endif
