/*
 * The inner loops of stripe_norm.c, in assembly (stripe_norm_rows.S): a load at most every four
 * cycles, and something else to do while a load or a product is under way.
 */
#ifndef DEPLOY_STRIPE_NORM_ROWS_H
#define DEPLOY_STRIPE_NORM_ROWS_H

/* Where the assembly finds what, in bytes. */
#define STRIPE_SUMS_PIECES 0
#define STRIPE_SUMS_OFFSET 4
#define STRIPE_SUMS_COLUMNS 8
#define STRIPE_SUMS_TABLE 12
#define STRIPE_SUMS_VALUES 16
#define STRIPE_SUMS_SQUARES 20

/* An entry of the table is a value's square, and from this bit on the value plus 128. */
#define STRIPE_TABLE_VALUE 19

#define STRIPE_PAIR_PIECES 0
#define STRIPE_PAIR_OFFSET0 4
#define STRIPE_PAIR_OFFSET1 8
#define STRIPE_PAIR_COLUMNS 12
#define STRIPE_PAIR_WEIGHTS 16
#define STRIPE_PAIR_BIASES 20
#define STRIPE_PAIR_DIVISOR 24
#define STRIPE_PAIR_MEAN0 28
#define STRIPE_PAIR_MEAN1 32
#define STRIPE_PAIR_FACTOR0 36
#define STRIPE_PAIR_FACTOR1 40
#define STRIPE_PAIR_SHIFT0 44
#define STRIPE_PAIR_SHIFT1 48

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

/* A row, `offset` bytes into each of the pieces; columns is a multiple of 4 and not 0. */
struct stripe_sums {
    int8_t *const *pieces;
    size_t offset;
    size_t columns;
    const uint32_t *table; /* by a value's byte */

    /* The results. */
    uint32_t values; /* each taken to be 128 greater than it is */
    uint32_t squares;
};

void stripe_sums(struct stripe_sums *sums);

/*
 * Two rows, or the same one twice, in place. With dividend = (value - mean) * weight, modulo 2^32,
 * which is four times the dividend of kernels/normalise.c:
 *
 *     saturate((((dividend * factor >> 32) >> shift) + (dividend < 0) + bias) >> divisor)
 */
struct stripe_pair {
    int8_t *const *pieces;
    size_t offset0, offset1;
    size_t columns; /* likewise */
    const int32_t *weights;
    const int32_t *biases;
    uint32_t divisor;
    int32_t mean0, mean1;
    int32_t factor0, factor1;
    uint32_t shift0, shift1;
};

void stripe_normalise(const struct stripe_pair *pair);

#endif

#endif
