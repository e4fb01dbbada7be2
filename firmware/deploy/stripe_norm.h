/*
 * Normalisation of int8 rows in place, where a row lies in pieces of up to 64 values: as it does in
 * tiles side by side, or, in one piece after the other, in an ordinary matrix.
 *
 * The results are those of kernels/normalise.h. Here an element takes two multiplications, not
 * three, and what it costs beside is as much: a multiplier that all harts of a cluster share is
 * never idle. Rows go in pairs, which share the loads of weights and biases.
 */
#ifndef DEPLOY_STRIPE_NORM_H
#define DEPLOY_STRIPE_NORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STRIPE_PIECE 64
#define STRIPE_MOST_PIECES 15

/*
 * columns is a multiple of 4, up to STRIPE_MOST_PIECES * STRIPE_PIECE. An element, less its row's
 * mean, times its weight must stay within 29 bits: |weight| up to 2^21 always does.
 */
struct stripe_norm {
    uint16_t columns;
    bool is_centred; /* iLayerNorm; otherwise iRMSNorm, which has no bias */
    uint8_t log2_divisor;
    const int32_t *weight_4; /* [columns], in L1: four times the weight */
    const int32_t *bias;     /* [columns], likewise */
};

/* Where rows are: piece i of row r is at pieces[i] + r * row_step, a multiple of 4. */
struct stripe_rows {
    int8_t *pieces[STRIPE_MOST_PIECES];
    size_t row_step;
    size_t rows;
};

/* This worker's rows. */
void stripe_norm(const struct stripe_norm *norm, const struct stripe_rows *rows, unsigned worker,
                 unsigned workers);

#endif
