/*
 * Sums and means along a dimension, in stripes.
 */
#ifndef DEPLOY_REDUCE_LAYER_H
#define DEPLOY_REDUCE_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "deploy/pipeline.h"
#include "kernels/element.h"

/*
 * Streams: values, results. Either the values' rows are terms, of one group; or each of their rows
 * is a group with all its terms.
 */
struct reduce_layer {
    enum element in;
    enum element out;
    bool has_groups_in_rows;
    size_t terms;   /* of a group in a row */
    size_t columns; /* the same */
    uint32_t divisor;
};

/* A stripe_function. */
void reduce_stripe(const void *layer, const struct stripe *stripe, unsigned step, unsigned worker,
                   unsigned workers);

#endif
