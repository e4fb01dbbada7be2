#include "deploy/ita_norm.h"

#include "drivers/ita.h"

void ita_norm_block(const void *described, unsigned block, unsigned worker, unsigned workers)
{
    const struct ita_norm *norm = described;
    const size_t first = block * ITA_TILE_EDGE;
    const unsigned columns = (norm->norm.columns + ITA_TILE_EDGE - 1u) / ITA_TILE_EDGE;
    struct stripe_rows rows = {.row_step = ITA_TILE_EDGE};

    if (first >= norm->rows)
        return;
    rows.rows = norm->rows - first < ITA_TILE_EDGE ? norm->rows - first : ITA_TILE_EDGE;
    for (unsigned i = 0; i < columns; i++)
        rows.pieces[i] = norm->tiles + norm->places[block * columns + i] * ITA_TILE_BYTES;
    stripe_norm(&norm->norm, &rows, worker, workers);
}
