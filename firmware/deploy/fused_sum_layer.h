/*
 * Sums of tensors of bytes, requantised and normalised: kernels/fused_sum.h.
 */
#ifndef DEPLOY_FUSED_SUM_LAYER_H
#define DEPLOY_FUSED_SUM_LAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "deploy/pipeline.h"
#include "kernels/fused_sum.h"

/* Streams: operands, tables, weights and biases if `is_normalised`, results. */
struct fused_sum_layer {
    uint32_t flipped;
    uint8_t operands;
    uint8_t kind; /* an enum fused_sum_kind */
    bool is_normalised;
    uint8_t shift;
    uint8_t norm_shift;
};

/* A stripe_function; `layer` is a struct fused_sum_layer. */
void fused_sum_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                      unsigned worker, unsigned workers);

#endif
