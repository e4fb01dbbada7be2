/*
 * Products of matrices, in stripes of rows of the left one and of columns of the right one.
 */
#ifndef DEPLOY_GEMM_LAYER_H
#define DEPLOY_GEMM_LAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "deploy/pipeline.h"
#include "kernels/requantise.h"

#define NO_STREAM (-1)

/* Numbers of streams; NO_STREAM where there is none. See kernels/gemm.h for what they are. */
struct gemm_layer {
    int8_t left;
    int8_t right;
    int8_t bias;
    int8_t right_sums;
    int8_t mult;
    int8_t before;
    int8_t out;
    bool left_is_unsigned;
    bool right_by_columns;
    bool scales_by_rows;
    bool is_paired;
    const struct rescale *rescales; /* NULL: the sums themselves */
    bool has_rescale_each_batch;    /* one for each batch, else one for all */
    /* In L1; made_sums[columns of a stripe] if the right sums must be made: in step 0 of 2. */
    int32_t *made_sums;
    int8_t *scratch; /* as kernels/gemm.h wants it */
};

/* A stripe_function; `layer` is a struct gemm_layer. */
void gemm_stripe(const void *layer, const struct stripe *stripe, unsigned step, unsigned worker,
                 unsigned workers);

#endif
