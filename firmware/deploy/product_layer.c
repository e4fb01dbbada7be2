#include "deploy/product_layer.h"

#include "kernels/product.h"

enum { LEFT, RIGHT, OUT };

void product_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                    unsigned worker, unsigned workers)
{
    const struct product_layer *described = layer;
    const struct tile *left = &stripe->tiles[LEFT], *right = &stripe->tiles[RIGHT];
    const size_t right_bytes = element_bytes(described->right);
    const size_t right_row = right->stride / right_bytes;
    const struct product computed = {
        .left = left->at,
        .left_element = described->left,
        .left_row = left->stride / element_bytes(described->left),
        .right = right->at,
        .right_element = described->right,
        .right_inner = described->right_by_columns ? 1 : right_row,
        .right_column = described->right_by_columns ? right_row : 1,
        .out = stripe->tiles[OUT].at,
        .out_row = stripe->tiles[OUT].stride / sizeof(int32_t),
        .rows = left->rows,
        .columns = described->right_by_columns ? right->rows : right->bytes / right_bytes,
        .inner = left->bytes / element_bytes(described->left),
    };

    (void)step;
    product(&computed, worker, workers);
}
