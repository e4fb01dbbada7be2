#include "deploy/reduce_layer.h"

#include "kernels/reduce.h"

void reduce_stripe(const void *layer, const struct stripe *stripe, unsigned step, unsigned worker,
                   unsigned workers)
{
    enum { IN, OUT };
    const struct reduce_layer *described = layer;
    const struct tile *in = &stripe->tiles[IN], *out = &stripe->tiles[OUT];
    const bool in_rows = described->has_groups_in_rows;
    const size_t in_stride = in->stride / element_bytes(described->in);
    const size_t out_bytes = element_bytes(described->out);
    const struct reduce reduction = {
        .in = in->at,
        .in_element = described->in,
        .in_group = in_rows ? in_stride : 0,
        .in_term = in_rows ? described->columns : in_stride,
        .out = out->at,
        .out_element = described->out,
        .out_group = out->stride / out_bytes,
        .groups = in_rows ? in->rows : 1,
        .terms = in_rows ? described->terms : in->rows,
        .columns = in_rows ? described->columns : out->bytes / out_bytes,
        .divisor = described->divisor,
    };

    (void)step;
    reduce(&reduction, worker, workers);
}
