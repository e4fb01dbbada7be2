/*
 * Functions of 8-bit values by tables, and sums of two tensors by three of them.
 */
#ifndef DEPLOY_TABLE_LAYER_H
#define DEPLOY_TABLE_LAYER_H

#include "deploy/pipeline.h"

/* Stripe functions; `layer` is not used. */

/* Streams: values, table (kernels/table.h), results. */
void table_stripe(const void *layer, const struct stripe *stripe, unsigned step, unsigned worker,
                  unsigned workers);

/* Streams: left, right, tables of both and of their sums (kernels/add.h), results. */
void add_stripe(const void *layer, const struct stripe *stripe, unsigned step, unsigned worker,
                unsigned workers);

#endif
