#include "deploy/fused_sum_layer.h"

void fused_sum_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                      unsigned worker, unsigned workers)
{
    const struct fused_sum_layer *described = layer;
    const struct tile *tile = stripe->tiles;
    struct fused_sum sum = {
        .operands = described->operands,
        .kind = described->kind,
        .flipped = described->flipped,
        .shift = described->shift,
        .norm_shift = described->norm_shift,
    };

    (void)step;
    for (unsigned i = 0; i < sum.operands; i++)
        sum.in[i] = (tile++)->at;
    sum.tables = (tile++)->at;
    if (described->is_normalised) {
        sum.weight = (const int32_t *)(const void *)(tile++)->at;
        sum.bias = (const int32_t *)(const void *)(tile++)->at;
    }
    sum.out = tile->at;
    sum.rows = tile->rows;
    sum.columns = tile->bytes;
    fused_sum(&sum, worker, workers);
}
