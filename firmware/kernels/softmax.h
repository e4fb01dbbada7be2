/*
 * Softmax of rows of int8, on integers.
 *
 * Two families. In the base-2 one, of which the accelerator's is a member, a value weighs
 * 256 / 2^distance from the greatest; in iSoftmax a polynomial takes the place of the exponential.
 */
#ifndef KERNELS_SOFTMAX_H
#define KERNELS_SOFTMAX_H

#include <stddef.h>
#include <stdint.h>

#define SOFTMAX_WHOLE_ROW SIZE_MAX

/*
 * The members of the base-2 family. A row is taken in groups of `group` columns, one after the
 * other; when a later group has a greater maximum, the sum of weights so far is shifted down,
 * truncated. So the order of groups matters. The last group may be smaller.
 */
struct softmax_rule {
    uint32_t numerator; /* of the inverse of the sum of weights */
    uint8_t step;       /* distances are counted in 2^step, rounded: 0 or 5 */
    size_t group;
};

/* The accelerator since 2024-11: ita.md 5.3. 0..255 */
#define SOFTMAX_ITA ((struct softmax_rule){255 * 256, 0, 16})
/* The accelerator of 2024-08: snitch-ita-cluster.md 9; ITAPartialMax: quantised-operators.md 3.5.
   0..127 */
#define SOFTMAX_ITA_2024_08 ((struct softmax_rule){127 * 256, 5, 16})
/* ITAMax: quantised-operators.md 3.5. 0..255 */
#define SOFTMAX_ITA_MAX ((struct softmax_rule){255 * 256, 5, SOFTMAX_WHOLE_ROW})

/* Rows of a matrix; strides are the bytes from one to the next. `out` may be `in`. */
struct softmax {
    const int8_t *in; /* [rows][columns] */
    size_t in_stride;
    uint8_t *out; /* the same */
    size_t out_stride;
    size_t rows;
    size_t columns;
};

/* This worker's rows. The time depends on the shape alone, but for a division for each row. */
void softmax_base2(const struct softmax *softmax, struct softmax_rule rule, unsigned worker,
                   unsigned workers);

/*
 * iSoftmax: quantised-operators.md 3.5.
 *
 * What a value weighs depends on its distance from the greatest alone, so all 256 weights are
 * computed beforehand. Each, so also A * B^2 + C, must be below 2^21, and the sum over a row below
 * 2^32.
 */
struct isoftmax_coefficients {
    int32_t a;
    int32_t b;
    int32_t c;
    int32_t log2;
    uint32_t greatest; /* n_levels - 1, up to 255 */
};

#define ISOFTMAX_WEIGHTS 256

/* This worker's part of the table, which all need: they wait for each other afterwards. */
void isoftmax_weights(uint32_t weights[ISOFTMAX_WEIGHTS],
                      const struct isoftmax_coefficients *coefficients, unsigned worker,
                      unsigned workers);

/* This worker's rows. The time depends on the shape alone, but for a division for each row. */
void isoftmax(const struct softmax *softmax, const uint32_t weights[ISOFTMAX_WEIGHTS],
              uint32_t greatest, unsigned worker, unsigned workers);

#endif
