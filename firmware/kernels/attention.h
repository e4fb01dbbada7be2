/*
 * Attention of one head on the harts alone, with the accelerator's arithmetic (ita.md 3 and 5):
 *
 *     Q = q Wq + Bq    K = k Wk + Bk    V = k Wv + Bv
 *     out = softmax(Q K^T) V Wo + Bo
 *
 * each product requantised. Logits never exist as a whole: a worker takes four rows from the
 * queries to the output. Matrices are plain rows, not tiles. Everything should be in the TCDM.
 */
#ifndef KERNELS_ATTENTION_H
#define KERNELS_ATTENTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/requantise.h"
#include "kernels/softmax.h"

/* A projection: weights by columns, [outputs][inputs], as in ita.md 4. */
struct projection {
    const int8_t *weights;
    const int32_t *bias; /* [outputs]; NULL: none */
    struct rescale rescale;
};

struct attention {
    size_t keys; /* rows of k */
    size_t embedding;
    size_t width; /* P, of Q, K and V */

    struct projection query;
    struct projection key;
    struct projection value;
    struct projection output; /* to [embedding] */
    struct rescale logits;
    struct rescale mixed; /* probabilities times values */
    struct softmax_rule softmax;

    /* What workers share: room for what the first two steps give to the third. */
    int8_t *keys_transposed; /* [width][keys] */
    int8_t *values;          /* [keys][width] */
    int32_t *value_sums;     /* [width] */

    bool is_paired;  /* as in kernels/gemm.h, for all products */
    int8_t *scratch; /* attention_scratch_bytes for each worker, aligned to 4 */
};

size_t attention_scratch_bytes(const struct attention *attention);

/*
 * Three steps. All workers do a step's part and wait for each other before the next. The first and
 * the last may be called several times, for some rows each, so that rows can come and go by DMA.
 * The time depends on the shape alone, but for a division for each row.
 */

/* The rows of k from `first` on: [count][embedding]. */
void attention_project(const struct attention *attention, const int8_t *rows, size_t first,
                       size_t count, unsigned worker, unsigned workers);

void attention_sum_values(const struct attention *attention, unsigned worker, unsigned workers);

/* Rows of q and those of the output: [count][embedding] each, apart from each other. */
void attention_attend(const struct attention *attention, int8_t *out, const int8_t *rows,
                      size_t count, unsigned worker, unsigned workers);

#endif
