/*
 * A program of element-wise operations (kernels/elementwise.h), in stripes of the result.
 */
#ifndef DEPLOY_ELEMENTWISE_LAYER_H
#define DEPLOY_ELEMENTWISE_LAYER_H

#include "deploy/pipeline.h"
#include "kernels/elementwise.h"

/* Streams: the program's operands in their order, then the result. Those that are dense have one
   row of bytes, cut like the result's; the others are whole. */
struct elementwise_layer {
    struct elementwise program;
};

/* A stripe_function; `layer` is a struct elementwise_layer. */
void elementwise_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                        unsigned worker, unsigned workers);

#endif
