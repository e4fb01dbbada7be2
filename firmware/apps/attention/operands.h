/*
 * What the layer works on, in external memory: the images of operands.bin, as generate.py puts
 * them.
 */
#ifndef ATTENTION_OPERANDS_H
#define ATTENTION_OPERANDS_H

#include <stdint.h>

#include "apps/attention/golden.h"

/* Matrices are cut into tiles of 64 x 64; weights are stored with an output column in each row. */
struct operands {
    int8_t inputs[SEQUENCE * EMBEDDING];
    int8_t weights_q[PROJECTION * EMBEDDING];
    int8_t weights_k[PROJECTION * EMBEDDING];
    int8_t weights_v[PROJECTION * EMBEDDING];
    int8_t weights_ow[EMBEDDING * PROJECTION];
    uint8_t bias_q[3 * PROJECTION];
    uint8_t bias_k[3 * PROJECTION];
    uint8_t bias_v[3 * PROJECTION];
    uint8_t bias_ow[3 * EMBEDDING];
};

extern const struct operands operands;

#endif
