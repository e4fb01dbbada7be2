/*
 * iLayerNorm and iRMSNorm (quantised-operators.md 3.4) word by word, with the limits of their
 * results in a table: half the time of kernels/normalise.h for what is small enough.
 *
 * An element takes two and a half multiplications: two products of a row are summed up at once, and
 * the quotient is a product with an inverse, of which only the upper half is made.
 */
#ifndef KERNELS_TABLE_NORM_H
#define KERNELS_TABLE_NORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * By what a row is normalised: its mean, as a byte from 0 to 255 (that of int8 with its sign
 * flipped), and the inverse of its root, below.
 */
struct table_norm_row {
    int32_t mean;
    int32_t factor;
    int32_t log2;
};

/*
 * The inverse of a root r: log2 is the number of its highest bit, factor is
 * floor(2^(30 + log2) / r) + 1. For |n| below 2^29, n * factor / 2^(30 + log2) lies beyond n / r,
 * by less than 1 / r: rounded down it is the quotient, or, for a negative n, 1 less.
 */
struct table_norm_inverse {
    int32_t factor;
    int32_t log2;
};

#define TABLE_NORM_ROOTS 256
#define TABLE_NORM_MOST_WEIGHT ((1 << 21) - 1)

/*
 * [rows][columns], dense, word-aligned, columns a multiple of 4 and at most 32764; `out` does not
 * overlap `in`. With `quotient` = trunc((x - mean) * weight / root), as normalise.h has it, results
 * are results[(quotient + bias) >> shift], where no place may be below 0. |weight| is at most
 * TABLE_NORM_MOST_WEIGHT.
 */
struct table_norm {
    const void *in;
    int8_t *out;
    size_t rows;
    size_t columns;
    bool in_is_unsigned;
    bool is_centred;        /* iLayerNorm; otherwise the mean is 0 */
    const int32_t *weight4; /* [columns], four times the weights */
    const int32_t *bias;    /* [columns] */
    uint8_t shift;
    const struct table_norm_inverse *inverses; /* [TABLE_NORM_ROOTS], from root 0 on */
    const int8_t *results;
    struct table_norm_row *found; /* [rows + 1], between both steps; the last one is only loaded */
};

/* This worker's part of both steps; all workers wait for each other between them. */
void table_norm_rows(const struct table_norm *norm, unsigned worker, unsigned workers);
void table_norm_columns(const struct table_norm *norm, unsigned worker, unsigned workers);

#endif
