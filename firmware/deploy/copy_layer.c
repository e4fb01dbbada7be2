#include "deploy/copy_layer.h"

void copy_stripe(const void *layer, const struct stripe *stripe, unsigned step, unsigned worker,
                 unsigned workers)
{
    enum { IN, OUT };
    const struct copy_layer *described = layer;
    const int32_t bytes = (int32_t)described->box.element_bytes;

    (void)step;
    box_copy(&described->box, stripe->tiles[OUT].at + described->out_offset * bytes,
             stripe->tiles[IN].at + described->in_offset * bytes, worker, workers);
}

void fill_stripe(const void *layer, const struct stripe *stripe, unsigned step, unsigned worker,
                 unsigned workers)
{
    const struct fill_layer *described = layer;
    const struct tile *out = &stripe->tiles[0];

    (void)step;
    box_fill(out->at, described->element_bytes, out->bytes / described->element_bytes,
             described->value, worker, workers);
}
