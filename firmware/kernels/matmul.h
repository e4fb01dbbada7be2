/*
 * Products of int8 matrices with int32 results, for harts without vector instructions.
 */
#ifndef KERNELS_MATMUL_H
#define KERNELS_MATMUL_H

#include <stddef.h>
#include <stdint.h>

/* out[rows][columns] = left[rows][inner] * right^T, with right stored as [columns][inner]. */
struct matmul {
    const int8_t *left;
    const int8_t *right;
    int32_t *out;
    size_t rows;
    size_t columns;
    size_t inner;
};

/*
 * Compute the rows `first`, `first + step`, ..., two at a time: rows, first and step must be even,
 * columns even, inner a multiple of 4. Harts share a product by their number and their count,
 * doubled.
 */
void matmul_int8(const struct matmul *product, size_t first, size_t step);

/* The whole product, one multiplication at a time: what the fast one is compared with. */
void matmul_int8_reference(const struct matmul *product);

#endif
