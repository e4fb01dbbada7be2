#include "kernels/matmul.h"

/*
 * Two rows times two columns: each of the four loaded values is used twice, and the four sums stay
 * in registers. The step of four hides the loop's own instructions.
 */
static void block_2x2(const int8_t *row, const int8_t *column, size_t inner, int32_t sums[4])
{
    const int8_t *row0 = row, *row1 = row + inner, *end = row + inner;
    const int8_t *column0 = column, *column1 = column + inner;
    int32_t sum00 = 0, sum01 = 0, sum10 = 0, sum11 = 0;

    while (row0 < end) {
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
            int32_t left0 = row0[i], left1 = row1[i];
            int32_t right0 = column0[i], right1 = column1[i];
            sum00 += left0 * right0;
            sum01 += left0 * right1;
            sum10 += left1 * right0;
            sum11 += left1 * right1;
        }
        row0 += 4, row1 += 4, column0 += 4, column1 += 4;
    }
    sums[0] = sum00, sums[1] = sum01, sums[2] = sum10, sums[3] = sum11;
}

void matmul_int8(const struct matmul *product, size_t first, size_t step)
{
    size_t columns = product->columns, inner = product->inner;

    for (size_t i = first; i < product->rows; i += step) {
        int32_t *out0 = product->out + i * columns, *out1 = out0 + columns;
        for (size_t j = 0; j < columns; j += 2) {
            int32_t sums[4];
            block_2x2(product->left + i * inner, product->right + j * inner, inner, sums);
            out0[j] = sums[0], out0[j + 1] = sums[1];
            out1[j] = sums[2], out1[j + 1] = sums[3];
        }
    }
}

void matmul_int8_reference(const struct matmul *product)
{
    size_t columns = product->columns, inner = product->inner;

    for (size_t i = 0; i < product->rows; i++)
        for (size_t j = 0; j < columns; j++) {
            int32_t sum = 0;
            for (size_t k = 0; k < inner; k++)
                sum += product->left[i * inner + k] * product->right[j * inner + k];
            product->out[i * columns + j] = sum;
        }
}
