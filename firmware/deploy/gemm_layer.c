#include "deploy/gemm_layer.h"

#include "kernels/gemm.h"

static const int32_t *words(const struct stripe *stripe, int8_t stream)
{
    return stream == NO_STREAM ? NULL : (const int32_t *)(const void *)stripe->tiles[stream].at;
}

static struct gemm product_of(const struct gemm_layer *layer, const struct stripe *stripe)
{
    const struct tile *left = &stripe->tiles[layer->left], *right = &stripe->tiles[layer->right];
    const struct tile *out = &stripe->tiles[layer->out];

    return (struct gemm){
        .left = left->at,
        .left_stride = left->stride,
        .left_is_unsigned = layer->left_is_unsigned,
        .right = right->at,
        .right_stride = right->stride,
        .right_by_columns = layer->right_by_columns,
        .bias = words(stripe, layer->bias),
        .out = out->at,
        .out_stride = layer->rescales ? out->stride : out->stride / sizeof(int32_t),
        .rescale = layer->rescales
                       ? &layer->rescales[layer->has_rescale_each_batch ? stripe->batch : 0]
                       : NULL,
        .rows = left->rows,
        .columns = layer->right_by_columns ? right->rows : right->bytes,
        .inner = left->bytes,
        .is_paired = layer->is_paired,
        .right_sums = layer->made_sums ? layer->made_sums : words(stripe, layer->right_sums),
        .scratch = layer->scratch,
    };
}

void gemm_stripe(const void *layer, const struct stripe *stripe, unsigned step, unsigned worker,
                 unsigned workers)
{
    const struct gemm_layer *described = layer;
    const struct gemm_channels channels = {
        words(stripe, described->mult),
        words(stripe, described->before),
        described->scales_by_rows,
    };
    struct gemm product = product_of(described, stripe);

    if (channels.mult)
        product.channels = &channels;
    if (!described->made_sums || step == 1)
        gemm(&product, worker, workers);
    else if (stripe->inner == 0) /* the right matrix is that of all inner stripes */
        gemm_right_sums(&product, described->made_sums, worker, workers);
}
