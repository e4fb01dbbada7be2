/*
 * Normalisation and iSoftmax in 64 bits, with a division for each element: for weights beyond what
 * kernels/normalise.h and kernels/softmax.h take.
 */
#ifndef KERNELS_WIDE_ROWS_H
#define KERNELS_WIDE_ROWS_H

#include <stdbool.h>

#include "kernels/normalise.h"
#include "kernels/softmax.h"

/* As layer_norm, if `is_centred`, else as rms_norm: for any weights, and rows up to 65535 long. */
void wide_norm(const struct normalisation *normalisation, bool is_centred, unsigned worker,
               unsigned workers);

/* As isoftmax, for weights of 31 bits and rows of any length. */
void wide_isoftmax(const struct softmax *softmax, const uint32_t weights[ISOFTMAX_WEIGHTS],
                   uint32_t greatest, unsigned worker, unsigned workers);

#endif
