/*
 * Convolutions of planes of 8-bit values, requantised or int32. One dimension is two with a width
 * of 1: a signal is a column.
 *
 *     out[o][y][x] = rescale(bias[o] + sum over c, i, j of
 *         in[c][y * stride_y - top + i * dilation_y][x * stride_x - left + j * dilation_x]
 *         * weights[o][c][i][j])
 *
 * with zeros outside of the input. Sums are exact modulo 2^32. There are two ways:
 *
 * gathered  what some pixels need becomes rows of a matrix, which kernels/gemm.h multiplies by the
 *           weights. For every input channel with every output channel, and 4 of these or more.
 * direct    four neighbours in a row at a time, without gathering: about 3.5 instructions for each
 *           multiply-accumulate. For one or a few channels, as in depthwise convolutions.
 */
#ifndef KERNELS_CONVOLUTION_H
#define KERNELS_CONVOLUTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/requantise.h"

/* How outputs lie to inputs, in rows (y) and columns (x). */
struct convolution_shape {
    size_t height; /* of the whole input */
    size_t width;
    size_t out_width;
    size_t kernel_y, kernel_x;
    size_t stride_y, stride_x;
    size_t dilation_y, dilation_x;
    size_t top, left; /* rows and columns of zeros before the input */
};

struct convolution {
    struct convolution_shape shape;

    /* Planes of rows; row `first_row` of the input, and as many more as the outputs need. */
    const void *in;
    bool in_is_unsigned;
    size_t in_plane; /* bytes from one channel's to the next one's */
    size_t first_row;
    size_t channels; /* of the input, for each output channel */

    const int8_t *weights; /* [out_channels][channels][kernel_y][kernel_x] */
    const int32_t *bias;   /* [out_channels]; NULL: none */
    size_t out_channels;
    /* Output channels that share their input channels; those of the next group have the next
       `channels` of the input. All of them, if there is one group. */
    size_t group;

    /* int8 or uint8 as `rescale` says, int32 if it is NULL. Rows of outputs from `first_output` on,
       without a gap; `out_plane` elements from one channel to the next. */
    void *out;
    size_t out_plane;
    size_t first_output;
    size_t outputs;
    const struct rescale *rescale;
    /* Scales of each output channel, in place of those of `rescale`; NULL: the same for all. */
    const int32_t *mult;
    const int32_t *before;

    /* The gathered way alone: convolution_scratch_bytes for each worker, aligned to 4. */
    size_t pixels; /* gathered at a time, 4 or more */
    bool is_paired;
    const int32_t *weight_sums; /* [out_channels], if it is paired and the input unsigned */
    int8_t *scratch;
};

size_t convolution_scratch_bytes(size_t inner, size_t pixels, bool is_paired);

/* This worker's part; one group. */
void convolution_gathered(const struct convolution *convolution, unsigned worker,
                          unsigned workers);

/* This worker's part. */
void convolution_direct(const struct convolution *convolution, unsigned worker, unsigned workers);

#endif
