#include "deploy/table_layer.h"

#include "kernels/add.h"
#include "kernels/table.h"

void table_stripe(const void *layer, const struct stripe *stripe, unsigned step, unsigned worker,
                  unsigned workers)
{
    enum { VALUES, TABLE, OUT };
    const struct tile *tiles = stripe->tiles;

    (void)layer, (void)step;
    table_apply(tiles[OUT].at, tiles[VALUES].at, tiles[OUT].bytes, tiles[TABLE].at, worker,
                workers);
}

void add_stripe(const void *layer, const struct stripe *stripe, unsigned step, unsigned worker,
                unsigned workers)
{
    enum { LEFT, RIGHT, LEFT_TABLE, RIGHT_TABLE, SUM_TABLE, OUT };
    const struct tile *tiles = stripe->tiles;
    const struct rescaled_add add = {
        .out = tiles[OUT].at,
        .left = tiles[LEFT].at,
        .right = tiles[RIGHT].at,
        .count = tiles[OUT].bytes,
        .left_table = tiles[LEFT_TABLE].at,
        .right_table = tiles[RIGHT_TABLE].at,
        .sum_table = tiles[SUM_TABLE].at,
    };

    (void)layer, (void)step;
    add_rescaled(&add, worker, workers);
}
