/*
 * Sums and means along one dimension of a tensor.
 */
#ifndef KERNELS_REDUCE_H
#define KERNELS_REDUCE_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/element.h"

/* out[a][b] = the sum of in[a][i][b] over all i, divided by `divisor`. */
struct reduce {
    const void *in; /* [groups][terms][columns] */
    enum element in_element;
    size_t in_group; /* elements from one group to the next */
    size_t in_term;  /* the same for terms; columns are side by side */
    void *out;       /* [groups][columns] */
    enum element out_element;
    size_t out_group;
    size_t groups;
    size_t terms;
    size_t columns;
    /* Means are rounded as in quantised-operators.md 3.7: halves up where it is a power of two,
       away from zero elsewhere. 1 for sums. */
    uint32_t divisor;
};

/* This worker's part of the results. */
void reduce(const struct reduce *reduce, unsigned worker, unsigned workers);

#endif
