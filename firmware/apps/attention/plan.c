#include "apps/attention/plan.h"

#include <stddef.h>

/* Tile `row`, `column` of a matrix that is `columns` tiles wide. */
static const int8_t *tile(const int8_t *image, unsigned row, unsigned column, unsigned columns)
{
    return image + (row * columns + column) * ITA_TILE_BYTES;
}

static struct tile_job tile_job(const struct product *product, unsigned row, unsigned column,
                                unsigned inner)
{
    unsigned biased = product->bias_by_rows ? row : column;

    return (struct tile_job){
        .step = product->step,
        .input = tile(product->input, row, inner, product->inner),
        .weight = tile(product->weight, column, inner, product->inner),
        .bias = product->bias ? product->bias + biased * ITA_BIAS_BYTES : NULL,
        .bias_by_rows = product->bias_by_rows,
        .output = (int8_t *)tile(product->output, row, column, product->columns),
        .stores = inner == product->inner - 1,
    };
}

static struct tile_job *plan_row(struct tile_job *next, const struct product *product, unsigned row)
{
    for (unsigned column = 0; column < product->columns; column++)
        for (unsigned inner = 0; inner < product->inner; inner++)
            *next++ = tile_job(product, row, column, inner);
    return next;
}

static struct tile_job *plan_product(struct tile_job *next, const struct product *product)
{
    for (unsigned row = 0; row < product->rows; row++)
        next = plan_row(next, product, row);
    return next;
}

void plan_attention(struct tile_job jobs[JOBS], const struct product products[])
{
    struct tile_job *next = jobs;

    next = plan_product(next, &products[ITA_Q]);
    next = plan_product(next, &products[ITA_K]);
    next = plan_product(next, &products[ITA_V]);
    /* The softmax unit keeps the state of 64 rows: logits and their use alternate. */
    for (unsigned row = 0; row < SEQUENCE_TILES; row++) {
        next = plan_row(next, &products[ITA_QK], row);
        next = plan_row(next, &products[ITA_AV], row);
    }
    plan_product(next, &products[ITA_OW]);
}
