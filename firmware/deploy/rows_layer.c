#include "deploy/rows_layer.h"

#include "kernels/normalise.h"

static const int32_t *words(const struct tile *tile)
{
    return (const int32_t *)(const void *)tile->at;
}

static struct normalisation normalisation_of(const struct normalise_layer *layer,
                                             const struct tile *in, const struct tile *weight,
                                             const struct tile *bias, const struct tile *out)
{
    return (struct normalisation){
        .in = in->at,
        .in_stride = in->stride,
        .in_is_unsigned = layer->is_unsigned,
        .out = out->at,
        .out_stride = out->stride,
        .rows = in->rows,
        .columns = in->bytes,
        .weight = words(weight),
        .bias = bias ? words(bias) : NULL,
        .log2_divisor = layer->log2_divisor,
    };
}

void layer_norm_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                       unsigned worker, unsigned workers)
{
    const struct tile *tiles = stripe->tiles;
    const struct normalisation norm =
        normalisation_of(layer, &tiles[0], &tiles[1], &tiles[2], &tiles[3]);

    (void)step;
    layer_norm(&norm, worker, workers);
}

void rms_norm_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                     unsigned worker, unsigned workers)
{
    const struct tile *tiles = stripe->tiles;
    const struct normalisation norm =
        normalisation_of(layer, &tiles[0], &tiles[1], NULL, &tiles[2]);

    (void)step;
    rms_norm(&norm, worker, workers);
}

void no_norm_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                    unsigned worker, unsigned workers)
{
    const struct no_norm_layer *described = layer;
    const struct tile *tiles = stripe->tiles;
    const struct no_norm norm = {
        .in = tiles[0].at,
        .in_stride = tiles[0].stride,
        .out = tiles[3].at,
        .out_stride = tiles[3].stride,
        .rows = tiles[0].rows,
        .columns = tiles[0].bytes,
        .weight = tiles[1].at,
        .bias = words(&tiles[2]),
        .mult = described->mult,
        .log2_divisor = described->log2_divisor,
    };

    (void)step;
    no_norm(&norm, worker, workers);
}

static struct softmax softmax_of(const struct tile *in, const struct tile *out)
{
    return (struct softmax){
        .in = in->at,
        .in_stride = in->stride,
        .out = (uint8_t *)out->at,
        .out_stride = out->stride,
        .rows = in->rows,
        .columns = in->bytes,
    };
}

void softmax_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                    unsigned worker, unsigned workers)
{
    const struct softmax_layer *described = layer;
    const struct softmax softmax = softmax_of(&stripe->tiles[0], &stripe->tiles[1]);

    (void)step;
    softmax_base2(&softmax, described->rule, worker, workers);
}

void isoftmax_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                     unsigned worker, unsigned workers)
{
    const struct isoftmax_layer *described = layer;
    const struct softmax softmax = softmax_of(&stripe->tiles[0], &stripe->tiles[2]);

    (void)step;
    isoftmax(&softmax, (const uint32_t *)(const void *)stripe->tiles[1].at, described->greatest,
             worker, workers);
}
