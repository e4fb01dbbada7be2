/*
 * The loops of fused_sum.c for the sums that are most frequent, each instruction in its place.
 *
 * A line ends with a load where it can: three or four other instructions between two loads are what
 * a hart of the Snitch cluster needs. Operands are loaded a turn or two before they are used; in
 * the last turns the last ones are loaded again, so nothing beyond them is.
 */
#ifndef KERNELS_FUSED_SUM_LOOPS_H
#define KERNELS_FUSED_SUM_LOOPS_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/fused_sum.h"

/* Words that lie `step` bytes apart. What is an address is a number here. */
struct fused_sum_loop {
    const struct fused_sum *sum;
    uint32_t out;
    uint32_t in[FUSED_SUM_OPERANDS];
    uint32_t step;
    size_t count; /* 1 or more */
    uint32_t flipped;
    uint32_t shift; /* the last one: of a normalisation, or, without one, of terms */
    uint32_t sum_shift;
    uint32_t tables;
    const int32_t *weight; /* [4] */
    const int32_t *bias;
};

typedef void fused_sum_loop_function(const struct fused_sum_loop *loop);

/* FUSED_SUM_BYTES of one operand whose bytes are places as they are, of two, and of three. */
fused_sum_loop_function fused_sum_one;
fused_sum_loop_function fused_sum_two, fused_sum_three;

/* The same of one operand and of two, normalised. */
fused_sum_loop_function fused_sum_one_normalised, fused_sum_two_normalised;

/* FUSED_SUM_TERMS of two operands. */
fused_sum_loop_function fused_sum_two_terms;

#endif
