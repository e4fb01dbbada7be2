#include "kernels/product.h"

#include "kernels/share.h"

static uint32_t sum_of(const struct product *product, size_t row, size_t column)
{
    const size_t left_bytes = element_bytes(product->left_element);
    const size_t right_bytes = element_bytes(product->right_element);
    const uint8_t *left = (const uint8_t *)product->left + row * product->left_row * left_bytes;
    const uint8_t *right =
        (const uint8_t *)product->right + column * product->right_column * right_bytes;
    uint32_t sum = product->bias ? (uint32_t)product->bias[column] : 0;

    for (size_t i = 0; i < product->inner; i++) {
        sum += (uint32_t)element_load(left, product->left_element) *
               (uint32_t)element_load(right, product->right_element);
        left += left_bytes;
        right += product->right_inner * right_bytes;
    }
    return sum;
}

void product(const struct product *product, unsigned worker, unsigned workers)
{
    const struct share share = share_of(product->rows * product->columns, worker, workers);

    for (size_t number = share.first; number < share.end; number++) {
        size_t row = number / product->columns, column = number % product->columns;
        size_t at = row * product->out_row + column;
        int32_t sum = (int32_t)sum_of(product, row, column);
        if (product->rescale)
            ((int8_t *)product->out)[at] = (int8_t)rescale_wide(sum, product->rescale);
        else
            ((int32_t *)product->out)[at] = sum;
    }
}
