/*
 * Normalisation and softmax for networks that were quantised after training: as fine as 8-bit
 * results can show. docs/deploy-dialects.md has the rules; all of them are exact on integers.
 *
 * Rows are divided among workers. Values are int8 or uint8; strides are the bytes from one row to
 * the next; `out` may be `in`.
 */
#ifndef KERNELS_PRECISE_H
#define KERNELS_PRECISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct precise_rows {
    const void *in;
    size_t in_stride;
    bool in_is_unsigned;
    void *out;
    size_t out_stride;
    bool out_is_unsigned;
    size_t rows;
    size_t columns;
};

/*
 * With N columns, d = N x - sum x, or N (x - zero) if it does not centre, and
 * v = sum d^2 / N + epsilon:
 *
 *     y = ((d / sqrt(v)) * weight + bias) / 2^shift, saturated
 *
 * 1 to 4096 columns; |weight| up to 2^16, |bias| up to 2^30.
 */
struct precise_norm {
    const int32_t *weight;
    const int32_t *bias;
    uint32_t epsilon; /* at least 1 */
    int32_t zero;
    uint8_t shift;
    bool centres;
};

void precise_norm(const struct precise_rows *rows, const struct precise_norm *norm,
                  unsigned worker, unsigned workers);

/*
 * With w = weights[greatest of the row - x]:
 *
 *     y = (w * levels + 32 * sum w) / (64 * sum w) + zero, saturated
 *
 * 1 to 8191 columns; weights up to 2^13, and 2^13 for distance 0; levels below 2^18.
 */
struct precise_softmax {
    const uint32_t *weights; /* [256] */
    uint32_t levels;
    int32_t zero;
};

void precise_softmax(const struct precise_rows *rows, const struct precise_softmax *softmax,
                     unsigned worker, unsigned workers);

#endif
