/*
 * Functions of 8-bit values as tables of their 256 results.
 *
 * Whatever a function costs, applying its table takes five instructions. Making one takes some 60
 * for each entry, so it pays from a few hundred values on; and all layers that do the same share
 * it.
 *
 * Tables belong into the TCDM. Workers make a part each and wait for each other before they use it.
 */
#ifndef KERNELS_TABLE_H
#define KERNELS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/requantise.h"

#define TABLE_ENTRIES 256

/* Indexed by the value's byte: those of negative int8 come after the others. */
typedef int8_t table_t[TABLE_ENTRIES];

/* A function of a value, within 32 bits. */
typedef int32_t table_function(int32_t value, const void *parameters);

/* Fill in this worker's part: rescale(function(value)) for all int8 or uint8; NULL: the value. */
void table_make(table_t table, bool is_unsigned, table_function *function, const void *parameters,
                const struct rescale *by, unsigned worker, unsigned workers);

/* out[i] = table[in[i]] for this worker's part of `count` values; `out` may be `in`. */
void table_apply(int8_t *out, const void *in, size_t count, const table_t table, unsigned worker,
                 unsigned workers);

#endif
