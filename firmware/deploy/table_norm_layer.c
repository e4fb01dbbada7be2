#include "deploy/table_norm_layer.h"

#include "kernels/table_norm.h"

void table_norm_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                       unsigned worker, unsigned workers)
{
    enum { VALUES, WEIGHTS, BIASES, TABLE, OUT };
    const struct table_norm_layer *described = layer;
    const struct tile *tiles = stripe->tiles;
    const struct table_norm norm = {
        .in = tiles[VALUES].at,
        .out = tiles[OUT].at,
        .rows = tiles[VALUES].rows,
        .columns = tiles[VALUES].bytes,
        .in_is_unsigned = described->in_is_unsigned,
        .is_centred = described->is_centred,
        .weight4 = (const int32_t *)(const void *)tiles[WEIGHTS].at,
        .bias = (const int32_t *)(const void *)tiles[BIASES].at,
        .shift = described->shift,
        .inverses = (const struct table_norm_inverse *)(const void *)tiles[TABLE].at,
        .results = tiles[TABLE].at + TABLE_NORM_ROOTS * sizeof(struct table_norm_inverse),
        .found = described->found,
    };

    if (step == 0)
        table_norm_rows(&norm, worker, workers);
    else
        table_norm_columns(&norm, worker, workers);
}
