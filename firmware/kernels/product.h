/*
 * Products of matrices of any of the three types, one output at a time: for what kernels/gemm.h
 * does not take.
 */
#ifndef KERNELS_PRODUCT_H
#define KERNELS_PRODUCT_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/element.h"
#include "kernels/requantise.h"

/* out[row][column] = rescale(sum over inner of left[row][inner] * right[inner][column] +
   bias[column]); steps are elements. Sums are exact modulo 2^32. */
struct product {
    const void *left;
    enum element left_element;
    size_t left_row;
    const void *right;
    enum element right_element;
    size_t right_inner;
    size_t right_column;
    const int32_t *bias; /* [columns]; NULL: none */
    void *out;           /* int8 or uint8 as `rescale` says, int32 if it is NULL */
    size_t out_row;
    const struct rescale *rescale;
    size_t rows;
    size_t columns;
    size_t inner;
};

/* This worker's outputs. */
void product(const struct product *product, unsigned worker, unsigned workers);

#endif
