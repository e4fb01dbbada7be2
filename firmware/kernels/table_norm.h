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
 * [rows][columns], dense, word-aligned, columns a multiple of 4 and at most 32764; `out` does not
 * overlap `in`. With `quotient` = trunc((x - mean) * weight / root), as normalise.h has it, results
 * are results[(quotient + bias) >> shift], where no place may be below 0. |weight| is at most
 * TABLE_NORM_MOST_WEIGHT.
 */
#define TABLE_NORM_MOST_WEIGHT ((1 << 21) - 1)

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
    const int8_t *results;
};

/* This worker's rows. */
void table_norm(const struct table_norm *norm, unsigned worker, unsigned workers);

#endif
