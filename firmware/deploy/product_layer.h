/*
 * Products of matrices of any element types, in stripes as in deploy/gemm_layer.h.
 */
#ifndef DEPLOY_PRODUCT_LAYER_H
#define DEPLOY_PRODUCT_LAYER_H

#include <stdbool.h>

#include "deploy/pipeline.h"
#include "kernels/element.h"

/* Streams: left, right, results; these are sums, int32. */
struct product_layer {
    enum element left;
    enum element right;
    bool right_by_columns;
};

/* A stripe_function; `layer` is a struct product_layer. */
void product_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                    unsigned worker, unsigned workers);

#endif
