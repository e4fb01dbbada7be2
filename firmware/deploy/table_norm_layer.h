/*
 * Rows normalised word by word: kernels/table_norm.h.
 */
#ifndef DEPLOY_TABLE_NORM_LAYER_H
#define DEPLOY_TABLE_NORM_LAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "deploy/pipeline.h"

struct table_norm_layer {
    bool in_is_unsigned;
    bool is_centred;
    uint8_t shift;
    void *found; /* in L1: a struct table_norm_row for each row of a stripe, and one more */
};

/*
 * A stripe_function of two steps; `layer` is a struct table_norm_layer. Streams: values, four times
 * the weights, biases, inverses of all roots with the table of results behind them, results.
 */
void table_norm_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                       unsigned worker, unsigned workers);

#endif
