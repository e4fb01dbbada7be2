#include "deploy/convolution_layer.h"

#include "kernels/pool.h"

static const int32_t *words(const struct stripe *stripe, int8_t stream)
{
    return stream == NO_STREAM ? NULL : (const int32_t *)(const void *)stripe->tiles[stream].at;
}

void convolution_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                        unsigned worker, unsigned workers)
{
    const struct convolution_layer *described = layer;
    const struct tile *in = &stripe->tiles[described->in], *out = &stripe->tiles[described->out];
    const size_t bytes = described->rescale ? 1 : sizeof(int32_t);
    const struct convolution convolution = {
        .shape = described->shape,
        .in = in->at,
        .in_is_unsigned = described->in_is_unsigned,
        .in_plane = in->stride,
        .first_row = in->first_byte / described->shape.width,
        .channels = described->channels,
        .weights = stripe->tiles[described->weights].at,
        .bias = words(stripe, described->bias),
        .out_channels = out->rows,
        .group = described->group,
        .out = out->at,
        .out_plane = out->stride / bytes,
        .first_output = out->first_byte / bytes,
        .outputs = out->bytes / bytes,
        .rescale = described->rescale,
        .mult = words(stripe, described->mult),
        .before = words(stripe, described->before),
        .pixels = described->pixels,
        .is_paired = described->is_paired,
        .weight_sums = words(stripe, described->weight_sums),
        .scratch = described->scratch,
    };

    (void)step;
    if (described->pixels > 0)
        convolution_gathered(&convolution, worker, workers);
    else
        convolution_direct(&convolution, worker, workers);
}

void pool_stripe(const void *layer, const struct stripe *stripe, unsigned step, unsigned worker,
                 unsigned workers)
{
    enum { IN, OUT };
    const struct pool_layer *described = layer;
    const struct tile *in = &stripe->tiles[IN], *out = &stripe->tiles[OUT];
    const size_t bytes = element_bytes(described->element);
    const struct pool pool = {
        .shape = described->shape,
        .element = described->element,
        .in = in->at,
        .in_plane = in->stride / bytes,
        .first_row = in->first_byte / bytes / described->shape.width,
        .channels = out->rows,
        .out = out->at,
        .out_plane = out->stride / bytes,
        .first_output = out->first_byte / bytes,
        .outputs = out->bytes / bytes,
    };

    (void)step;
    pool_max(&pool, worker, workers);
}
