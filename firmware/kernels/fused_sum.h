/*
 * Sums of up to three tensors of bytes, requantised and normalised in one pass.
 *
 * A sum is a place in a table, whose entries are the results of whatever comes behind it: scale,
 * shift, limits, activation. With a normalisation by columns, an entry is multiplied, added to and
 * shifted, and that is a place in a second table, of the results within their limits. So nothing
 * is compared, and an element takes one multiplication or none.
 *
 * Operands come in words of four. Where they or the rows are no multiples of 4 bytes everything
 * goes element by element, in three times the time.
 */
#ifndef KERNELS_FUSED_SUM_H
#define KERNELS_FUSED_SUM_H

#include <stddef.h>
#include <stdint.h>

#define FUSED_SUM_OPERANDS 3

/* Where tables are in a struct fused_sum's `tables`, in bytes; all lie in the TCDM. */
#define FUSED_SUM_TERM_BYTES 1024 /* int32_t[256], one table for each operand, at the beginning */
#define FUSED_SUM_SUM_BYTES 1024  /* at most, in front of the results of a normalisation */

/* How bytes become a place in the table of sums. */
enum fused_sum_kind {
    FUSED_SUM_BYTES, /* the sum of the bytes: of int8 with their signs flipped, so from 0 on */
    FUSED_SUM_TERMS, /* the sum of what `tables` has for each, by its byte, shifted to the right */
};

/*
 * [rows][columns] all of them, dense; `out` overlaps no operand. The sum's place is at least 0.
 *
 * Without a normalisation `weight` is NULL and `tables` has, behind those of the terms, the result
 * for each sum. With one it has an int8 for each sum, and FUSED_SUM_SUM_BYTES behind its beginning
 * the results: that of the place (value * weight + bias) >> norm_shift, which is from 0 on, too.
 *
 * One operand of FUSED_SUM_BYTES that is normalised needs no table of sums: the byte, its sign
 * flipped, is the value. What would be that table is left out, and so is its room.
 */
struct fused_sum {
    int8_t *out;
    const void *in[FUSED_SUM_OPERANDS];
    unsigned operands; /* 1 to 3 */
    size_t rows;
    size_t columns;
    enum fused_sum_kind kind;
    uint32_t flipped; /* 0x80808080 for int8, 0 for uint8; FUSED_SUM_BYTES alone */
    uint8_t shift;    /* FUSED_SUM_TERMS alone */
    const void *tables;
    const int32_t *weight; /* [columns] */
    const int32_t *bias;   /* [columns] */
    uint8_t norm_shift;
};

/* This worker's part. */
void fused_sum(const struct fused_sum *sum, unsigned worker, unsigned workers);

#endif
