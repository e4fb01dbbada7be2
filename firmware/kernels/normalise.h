/*
 * Normalisation of rows of 8-bit values: quantised-operators.md 3.4.
 *
 * Rows are divided among workers. The time depends on the shape alone, but for up to five divisions
 * for each row; elements are multiplied by an inverse that gives the exact quotient.
 */
#ifndef KERNELS_NORMALISE_H
#define KERNELS_NORMALISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * [rows][columns], int8 or uint8 in, int8 out; strides are the bytes from one row to the next.
 * `out` may be `in`. A weight times an element, less its row's mean, must stay within 29 bits:
 * |weight| up to 2^21 always does; in iRMSNorm of int8, up to 2^22 - 1. columns up to 32767.
 */
struct normalisation {
    const void *in;
    size_t in_stride;
    bool in_is_unsigned;
    int8_t *out;
    size_t out_stride;
    size_t rows;
    size_t columns;
    const int32_t *weight; /* [columns] */
    const int32_t *bias;   /* [columns]; iLayerNorm alone */
    uint8_t log2_divisor;  /* D = 2^log2_divisor */
};

/*
 * iLayerNorm, saturated. With d = x - mean, mean and variance truncated:
 * (trunc(d * weight / floor(sqrt(variance + 1))) + bias) >> log2_divisor
 */
void layer_norm(const struct normalisation *normalisation, unsigned worker, unsigned workers);

/* iRMSNorm, saturated: trunc(x * weight / floor(sqrt(mean square + 1))) >> log2_divisor */
void rms_norm(const struct normalisation *normalisation, unsigned worker, unsigned workers);

/*
 * iNoNorm, saturated: (x * weight + bias) * mult >> log2_divisor, without rounding. weight and bias
 * have one value for each column. The product must stay within 32 bits.
 */
struct no_norm {
    const int8_t *in;
    size_t in_stride;
    int8_t *out;
    size_t out_stride;
    size_t rows;
    size_t columns;
    const int8_t *weight;
    const int32_t *bias;
    int32_t mult;
    uint8_t log2_divisor;
};

void no_norm(const struct no_norm *no_norm, unsigned worker, unsigned workers);

#endif
