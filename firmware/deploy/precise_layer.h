/*
 * Rows of networks that were quantised after training: kernels/precise.h.
 */
#ifndef DEPLOY_PRECISE_LAYER_H
#define DEPLOY_PRECISE_LAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "deploy/pipeline.h"

/* precise_norm_stripe: streams values, weights, biases, results. */
struct precise_norm_layer {
    bool in_is_unsigned;
    bool out_is_unsigned;
    bool centres;
    uint8_t shift;
    uint32_t epsilon;
    int32_t zero;
};

void precise_norm_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                         unsigned worker, unsigned workers);

/* precise_softmax_stripe: streams values, weights by distance, results. */
struct precise_softmax_layer {
    bool in_is_unsigned;
    bool out_is_unsigned;
    uint32_t levels;
    int32_t zero;
};

void precise_softmax_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                            unsigned worker, unsigned workers);

#endif
