#include "kernels/transpose.h"

#include <stdint.h>

#include "kernels/share.h"

#define ROWS 4 /* at a time */

static void transpose_some(uint8_t *out, size_t out_stride, const uint8_t *in, size_t in_stride,
                           size_t rows, size_t columns)
{
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++)
            out[column * out_stride + row] = in[row * in_stride + column];
}

static void transpose_four(uint8_t *out, size_t out_stride, const uint8_t *in, size_t in_stride,
                           size_t columns)
{
    const uint8_t *row0 = in, *row1 = in + in_stride, *row2 = row1 + in_stride;
    const uint8_t *row3 = row2 + in_stride;

#pragma GCC unroll 4
    for (size_t column = 0; column < columns; column++, out += out_stride) {
        uint8_t value0 = row0[column], value1 = row1[column];
        uint8_t value2 = row2[column], value3 = row3[column];
        out[0] = value0, out[1] = value1, out[2] = value2, out[3] = value3;
    }
}

void transpose_int8(void *out, size_t out_stride, const void *in, size_t in_stride, size_t rows,
                    size_t columns, unsigned worker, unsigned workers)
{
    struct share share = share_in_pieces(rows, ROWS, worker, workers);

    for (size_t row = share.first; row < share.end; row += ROWS) {
        const uint8_t *from = (const uint8_t *)in + row * in_stride;
        if (share.end - row < ROWS)
            transpose_some((uint8_t *)out + row, out_stride, from, in_stride, share.end - row,
                           columns);
        else
            transpose_four((uint8_t *)out + row, out_stride, from, in_stride, columns);
    }
}
