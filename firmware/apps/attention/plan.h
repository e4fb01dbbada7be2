/*
 * The order of the accelerator's jobs in one attention layer, and which tiles each of them works
 * on.
 */
#ifndef ATTENTION_PLAN_H
#define ATTENTION_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/attention/golden.h"
#include "drivers/ita.h"

/* Dimensions in tiles. */
#define SEQUENCE_TILES (SEQUENCE / ITA_TILE_EDGE)
#define EMBEDDING_TILES (EMBEDDING / ITA_TILE_EDGE)
#define PROJECTION_TILES (PROJECTION / ITA_TILE_EDGE)

/* Three projections, queries times keys, probabilities times values, output projection. */
#define JOBS                                                                                       \
    (4 * SEQUENCE_TILES * PROJECTION_TILES * EMBEDDING_TILES +                                     \
     2 * SEQUENCE_TILES * SEQUENCE_TILES * PROJECTION_TILES)

/*
 * A product of two matrices, all in tiles: output[rows][columns] = input[rows][inner] times
 * weight[columns][inner], transposed. There is a bias for each column, or for each row, or none.
 */
struct product {
    enum ita_step step;
    const int8_t *input;
    const int8_t *weight;
    const uint8_t *bias;
    bool bias_by_rows;
    int8_t *output;
    unsigned rows;
    unsigned columns;
    unsigned inner;
};

/* One tile of it. Operands may still be in external memory. */
struct tile_job {
    enum ita_step step;
    const int8_t *input;
    const int8_t *weight;
    const uint8_t *bias;
    bool bias_by_rows;
    int8_t *output;
    bool stores;
};

/* Fill in `jobs` from the six products, indexed by step, in the order the accelerator asks for. */
void plan_attention(struct tile_job jobs[JOBS], const struct product products[]);

#endif
