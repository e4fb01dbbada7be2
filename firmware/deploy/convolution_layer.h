/*
 * Convolutions and pools, in stripes of output rows and of output channels.
 */
#ifndef DEPLOY_CONVOLUTION_LAYER_H
#define DEPLOY_CONVOLUTION_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "deploy/gemm_layer.h"
#include "kernels/convolution.h"
#include "kernels/element.h"

/*
 * Streams have a channel in each row: planes of the input, rows of weights, planes of the output.
 * Words of channels (bias and scales) have one row.
 */
struct convolution_layer {
    struct convolution_shape shape;
    size_t channels; /* of the input for each output channel */
    size_t group;
    int8_t in;
    int8_t weights;
    int8_t bias;
    int8_t weight_sums;
    int8_t mult;
    int8_t before;
    int8_t out;
    bool in_is_unsigned;
    const struct rescale *rescale;
    size_t pixels; /* 0: directly; see kernels/convolution.h */
    bool is_paired;
    int8_t *scratch;
};

/* Stripe functions. */
void convolution_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                        unsigned worker, unsigned workers);

/* Streams: input, output. */
struct pool_layer {
    struct convolution_shape shape;
    enum element element;
};

void pool_stripe(const void *layer, const struct stripe *stripe, unsigned step, unsigned worker,
                 unsigned workers);

#endif
