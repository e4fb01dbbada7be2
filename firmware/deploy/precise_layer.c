#include "deploy/precise_layer.h"

#include "kernels/precise.h"

static struct precise_rows rows_of(const struct tile *in, const struct tile *out,
                                   bool in_is_unsigned, bool out_is_unsigned)
{
    return (struct precise_rows){
        .in = in->at,
        .in_stride = in->stride,
        .in_is_unsigned = in_is_unsigned,
        .out = out->at,
        .out_stride = out->stride,
        .out_is_unsigned = out_is_unsigned,
        .rows = in->rows,
        .columns = in->bytes,
    };
}

void precise_norm_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                         unsigned worker, unsigned workers)
{
    const struct precise_norm_layer *described = layer;
    const struct tile *tiles = stripe->tiles;
    const struct precise_rows rows =
        rows_of(&tiles[0], &tiles[3], described->in_is_unsigned, described->out_is_unsigned);
    const struct precise_norm norm = {
        .weight = (const int32_t *)(const void *)tiles[1].at,
        .bias = (const int32_t *)(const void *)tiles[2].at,
        .epsilon = described->epsilon,
        .zero = described->zero,
        .shift = described->shift,
        .centres = described->centres,
    };

    (void)step;
    precise_norm(&rows, &norm, worker, workers);
}

void precise_softmax_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                            unsigned worker, unsigned workers)
{
    const struct precise_softmax_layer *described = layer;
    const struct tile *tiles = stripe->tiles;
    const struct precise_rows rows =
        rows_of(&tiles[0], &tiles[2], described->in_is_unsigned, described->out_is_unsigned);
    const struct precise_softmax softmax = {
        .weights = (const uint32_t *)(const void *)tiles[1].at,
        .levels = described->levels,
        .zero = described->zero,
    };

    (void)step;
    precise_softmax(&rows, &softmax, worker, workers);
}
