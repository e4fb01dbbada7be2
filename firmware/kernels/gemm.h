/*
 * Products of 8-bit matrices, requantised, on any number of workers.
 *
 *     out[row][column] = rescale(sum over inner of left[row][inner] * right[inner][column]
 *                                + bias[column])
 *
 * Sums are exact modulo 2^32, so they are exact for inner up to 131071 with int8 and 65793 with
 * uint8, less what a bias takes. rows, columns and inner may be anything, also 0. What is fast: 4
 * or more columns; rows and columns that are multiples of 4, inner a multiple of 8; operands in the
 * TCDM.
 *
 * Instructions for each multiplication and its sum, all of the inner loop's, and the `mul` among
 * them:
 *
 *                           direct          paired
 *     right by rows       2.58, 1 mul    2.24, 1/2 mul
 *     right by columns    2.55, 1 mul    2.25, 1/2 mul
 *
 * There are another 20 for each output, and 2.5 to 3 for each value of the left matrix, once in
 * each worker. gemm_block.h tells how a `mul` can do two multiplications. Harts that share a
 * multiplier gain most by it.
 */
#ifndef KERNELS_GEMM_H
#define KERNELS_GEMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/requantise.h"

/* Scales that differ from column to column, or from row to row. The rest is as in `rescale`. */
struct gemm_channels {
    const int32_t *mult;
    const int32_t *before; /* with the half that rounds */
    bool by_rows;
};

struct gemm {
    /* [rows][inner], int8 or uint8. Strides are the elements from one row to the next. */
    const void *left;
    size_t left_stride;
    bool left_is_unsigned;

    /* [inner][columns]; or, by columns, [columns][inner]: transposed, as in ita.md 4. */
    const int8_t *right;
    size_t right_stride;
    bool right_by_columns;

    const int32_t *bias; /* [columns]; NULL: none */

    /* [rows][columns], or, by columns, [columns][rows]. int8_t (uint8_t, if `rescale` clips to
       that), or int32_t if `rescale` is NULL. No part of it may be in `left` or `right`. */
    void *out;
    size_t out_stride;
    bool out_by_columns;

    const struct rescale *rescale;
    const struct gemm_channels *channels; /* NULL: the same scale for all */

    size_t rows;
    size_t columns;
    size_t inner;

    /* Half the multiplications. An unsigned left matrix needs the sums of gemm_right_sums for it,
       and is multiplied directly without. */
    bool is_paired;
    const int32_t *right_sums; /* [columns]; NULL: none */

    /* gemm_scratch_bytes for each worker, aligned to 4. */
    int8_t *scratch;
};

/* What a worker needs to interleave four rows. */
size_t gemm_scratch_bytes(size_t inner, bool is_paired);

/* sums[column] = the sum of the right matrix's column, for this worker's part of the columns. */
void gemm_right_sums(const struct gemm *product, int32_t *sums, unsigned worker, unsigned workers);

/*
 * This worker's part of the product. The blocks of 4 x 4 outputs are divided evenly, row by row; so
 * workers need not wait for each other, and `out` is complete when all have returned. Its time
 * depends on the shape, the bias and the scales, never on what is in the matrices.
 */
void gemm(const struct gemm *product, unsigned worker, unsigned workers);

#endif
