/*
 * Element-wise sums of int8.
 */
#ifndef KERNELS_ADD_H
#define KERNELS_ADD_H

#include <stddef.h>

#include "kernels/requantise.h"

/* out[i] = requantised left[i] + right[i]; `out` may be one of the two. */
void add_int8(int8_t *out, const int8_t *left, const int8_t *right, size_t count,
              struct requant by);

#endif
