/*
 * Rows that the harts normalise while the accelerator multiplies those before: the stage of a
 * schedule. At a meeting a block of 64 rows has come into L1, as tiles side by side; until the next
 * one the harts normalise it in place.
 */
#ifndef DEPLOY_ITA_NORM_H
#define DEPLOY_ITA_NORM_H

#include "deploy/stripe_norm.h"

struct ita_norm {
    struct stripe_norm norm;
    uint16_t rows;
    const uint8_t *places; /* by block and column: of its tiles, in tiles of L1 */
    int8_t *tiles;
};

/* This worker's rows of a block: an ita_stage_function, of a struct ita_norm. */
void ita_norm_block(const void *norm, unsigned block, unsigned worker, unsigned workers);

#endif
