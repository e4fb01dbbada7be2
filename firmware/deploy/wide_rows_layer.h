/*
 * Normalisation and iSoftmax with weights that need 64 bits: kernels/wide_rows.h.
 */
#ifndef DEPLOY_WIDE_ROWS_LAYER_H
#define DEPLOY_WIDE_ROWS_LAYER_H

#include "deploy/rows_layer.h"

/* Streams and structures are those of layer_norm_stripe, rms_norm_stripe and isoftmax_stripe. */
void wide_layer_norm_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                            unsigned worker, unsigned workers);
void wide_rms_norm_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                          unsigned worker, unsigned workers);
void wide_isoftmax_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                          unsigned worker, unsigned workers);

#endif
