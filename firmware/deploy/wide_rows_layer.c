#include "deploy/wide_rows_layer.h"

#include "kernels/wide_rows.h"

static const int32_t *words(const struct tile *tile)
{
    return (const int32_t *)(const void *)tile->at;
}

static void normalise(const struct normalise_layer *layer, const struct tile *tiles,
                      bool is_centred, unsigned worker, unsigned workers)
{
    const struct tile *in = &tiles[0], *out = &tiles[is_centred ? 3 : 2];
    const struct normalisation norm = {
        .in = in->at,
        .in_stride = in->stride,
        .in_is_unsigned = layer->is_unsigned,
        .out = out->at,
        .out_stride = out->stride,
        .rows = in->rows,
        .columns = in->bytes,
        .weight = words(&tiles[1]),
        .bias = is_centred ? words(&tiles[2]) : NULL,
        .log2_divisor = layer->log2_divisor,
    };

    wide_norm(&norm, is_centred, worker, workers);
}

void wide_layer_norm_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                            unsigned worker, unsigned workers)
{
    (void)step;
    normalise(layer, stripe->tiles, true, worker, workers);
}

void wide_rms_norm_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                          unsigned worker, unsigned workers)
{
    (void)step;
    normalise(layer, stripe->tiles, false, worker, workers);
}

void wide_isoftmax_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                          unsigned worker, unsigned workers)
{
    const struct isoftmax_layer *described = layer;
    const struct tile *tiles = stripe->tiles;
    const struct softmax softmax = {
        .in = tiles[0].at,
        .in_stride = tiles[0].stride,
        .out = (uint8_t *)tiles[2].at,
        .out_stride = tiles[2].stride,
        .rows = tiles[0].rows,
        .columns = tiles[0].bytes,
    };

    (void)step;
    wide_isoftmax(&softmax, (const uint32_t *)words(&tiles[1]), described->greatest, worker,
                  workers);
}
