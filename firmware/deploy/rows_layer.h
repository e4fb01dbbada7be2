/*
 * Layers that take a matrix row by row: normalisation and softmax.
 */
#ifndef DEPLOY_ROWS_LAYER_H
#define DEPLOY_ROWS_LAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "deploy/pipeline.h"
#include "kernels/softmax.h"

/* layer_norm_stripe: streams values, weights, biases, results. rms_norm_stripe: the same without
   biases. See kernels/normalise.h. */
struct normalise_layer {
    bool is_unsigned;
    uint8_t log2_divisor;
};

void layer_norm_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                       unsigned worker, unsigned workers);
void rms_norm_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                     unsigned worker, unsigned workers);

/* no_norm_stripe: streams values, weights, biases, results. */
struct no_norm_layer {
    int32_t mult;
    uint8_t log2_divisor;
};

void no_norm_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                    unsigned worker, unsigned workers);

/* softmax_stripe: streams values, results. */
struct softmax_layer {
    struct softmax_rule rule;
};

void softmax_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                    unsigned worker, unsigned workers);

/* isoftmax_stripe: streams values, weights by distance (kernels/softmax.h), results. */
struct isoftmax_layer {
    uint32_t greatest;
};

void isoftmax_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                     unsigned worker, unsigned workers);

#endif
