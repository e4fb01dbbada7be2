/*
 * Element-wise sums of 8-bit values, requantised.
 */
#ifndef KERNELS_ADD_H
#define KERNELS_ADD_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/requantise.h"
#include "kernels/table.h"

/* out[i] = requantised left[i] + right[i], all of them; `out` may be one of the two. */
void add_int8(int8_t *out, const int8_t *left, const int8_t *right, size_t count,
              struct requant by);

/*
 * The same by a table of the 511 sums there can be: eight instructions for each, instead of 17.
 * Operands at multiples of 4 are loaded as words.
 */
#define ADD_TABLE_ENTRIES 511

/* Fill in this worker's part. The table belongs into the TCDM. */
void add_table_make(int8_t table[ADD_TABLE_ENTRIES], const struct rescale *by, unsigned worker,
                    unsigned workers);

/* This worker's part of `count` sums of int8. */
void add_by_table(int8_t *out, const int8_t *left, const int8_t *right, size_t count,
                  const int8_t table[ADD_TABLE_ENTRIES], unsigned worker, unsigned workers);

/*
 * Both sides rescaled to int8 before they are added (RequantizedAdd of quantised-operators.md 3.3):
 * out[i] = sums[left_table[left[i]] + right_table[right[i]]]. Either side may be uint8, if its
 * table (kernels/table.h) was made for that; so may the result.
 */
struct rescaled_add {
    int8_t *out;
    const void *left;
    const void *right;
    size_t count;
    const int8_t *left_table;
    const int8_t *right_table;
    const int8_t *sum_table; /* of add_table_make */
};

void add_rescaled(const struct rescaled_add *add, unsigned worker, unsigned workers);

/*
 * Head sum (ita.md 5.5): out[i] = the rescaled sum of heads[0][i], heads[1][i], ... `out` may be
 * one of them.
 */
void head_sum(int8_t *out, const int8_t *const heads[], size_t head_count, size_t count,
              const struct rescale *by, unsigned worker, unsigned workers);

#endif
