/*
 * Transposed copies of 8-bit matrices.
 */
#ifndef KERNELS_TRANSPOSE_H
#define KERNELS_TRANSPOSE_H

#include <stddef.h>

/*
 * out[column][row] = in[row][column] for this worker's rows. Strides are the bytes from one row of
 * `in`, or of `out`, to the next. `out` must not overlap `in`.
 */
void transpose_int8(void *out, size_t out_stride, const void *in, size_t in_stride, size_t rows,
                    size_t columns, unsigned worker, unsigned workers);

#endif
