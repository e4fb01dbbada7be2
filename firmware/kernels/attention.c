#include "kernels/attention.h"

#include "kernels/gemm.h"
#include "kernels/share.h"

#define ROWS 4 /* that a worker takes to the output at a time */

/* What a worker keeps of its rows. */
struct rows {
    int8_t *queries; /* [ROWS][width]; afterwards the mixed values */
    int8_t *logits;  /* [ROWS][keys]; afterwards the probabilities */
    int8_t *panel;   /* of gemm */
};

static size_t greater(size_t left, size_t right)
{
    return left > right ? left : right;
}

static size_t in_words(size_t bytes)
{
    return (bytes + 3) & ~(size_t)3;
}

static size_t panel_bytes(const struct attention *attention)
{
    size_t inner = greater(greater(attention->embedding, attention->keys), attention->width);

    return gemm_scratch_bytes(inner, attention->is_paired);
}

size_t attention_scratch_bytes(const struct attention *attention)
{
    return panel_bytes(attention) + in_words(ROWS * attention->width) +
           in_words(ROWS * attention->keys);
}

static struct rows rows_of(const struct attention *attention, unsigned worker)
{
    int8_t *panel = attention->scratch + worker * attention_scratch_bytes(attention);
    int8_t *queries = panel + panel_bytes(attention);

    return (struct rows){queries, queries + in_words(ROWS * attention->width), panel};
}

/* in * weights^T + bias, from `rows` rows of `inputs` values to as many of `outputs`. */
static struct gemm projection_of(const struct attention *attention,
                                 const struct projection *projection, size_t rows, size_t inputs,
                                 size_t outputs)
{
    return (struct gemm){
        .left_stride = inputs,
        .right = projection->weights,
        .right_stride = inputs,
        .right_by_columns = true,
        .bias = projection->bias,
        .out_stride = outputs,
        .rescale = &projection->rescale,
        .rows = rows,
        .columns = outputs,
        .inner = inputs,
        .is_paired = attention->is_paired,
    };
}

void attention_project(const struct attention *attention, const int8_t *rows, size_t first,
                       size_t count, unsigned worker, unsigned workers)
{
    struct gemm keys = projection_of(attention, &attention->key, count, attention->embedding,
                                     attention->width);
    struct gemm values = projection_of(attention, &attention->value, count, attention->embedding,
                                       attention->width);

    keys.left = values.left = rows;
    /* A worker has no less of it in the steps to come. */
    keys.scratch = values.scratch = attention->scratch;
    keys.out = attention->keys_transposed + first;
    keys.out_by_columns = true;
    keys.out_stride = attention->keys;
    values.out = attention->values + first * attention->width;
    gemm(&keys, worker, workers);
    gemm(&values, worker, workers);
}

static struct gemm mixing_of(const struct attention *attention, const struct rows *rows,
                             size_t count)
{
    return (struct gemm){
        .left = rows->logits,
        .left_stride = attention->keys,
        .left_is_unsigned = true,
        .right = attention->values,
        .right_stride = attention->width,
        .out = rows->queries,
        .out_stride = attention->width,
        .rescale = &attention->mixed,
        .rows = count,
        .columns = attention->width,
        .inner = attention->keys,
        .is_paired = attention->is_paired,
        .right_sums = attention->value_sums,
        .scratch = rows->panel,
    };
}

void attention_sum_values(const struct attention *attention, unsigned worker, unsigned workers)
{
    struct gemm mixing = mixing_of(attention, &(struct rows){0}, 0);

    if (attention->is_paired)
        gemm_right_sums(&mixing, attention->value_sums, worker, workers);
}

static struct gemm logits_of(const struct attention *attention, const struct rows *rows,
                             size_t count)
{
    return (struct gemm){
        .left = rows->queries,
        .left_stride = attention->width,
        .right = attention->keys_transposed,
        .right_stride = attention->keys,
        .out = rows->logits,
        .out_stride = attention->keys,
        .rescale = &attention->logits,
        .rows = count,
        .columns = attention->keys,
        .inner = attention->width,
        .is_paired = attention->is_paired,
        .scratch = rows->panel,
    };
}

/* `count` rows, from the queries to the output. */
static void attend_rows(const struct attention *attention, const struct rows *rows, int8_t *out,
                        const int8_t *in, size_t count)
{
    struct gemm queries = projection_of(attention, &attention->query, count, attention->embedding,
                                        attention->width);
    struct gemm logits = logits_of(attention, rows, count);
    struct gemm mixing = mixing_of(attention, rows, count);
    struct gemm output = projection_of(attention, &attention->output, count, attention->width,
                                       attention->embedding);
    const struct softmax softmax = {rows->logits,    attention->keys, (uint8_t *)rows->logits,
                                    attention->keys, count,           attention->keys};

    queries.left = in;
    queries.out = rows->queries;
    queries.scratch = output.scratch = rows->panel;
    output.left = rows->queries;
    output.out = out;
    gemm(&queries, 0, 1);
    gemm(&logits, 0, 1);
    softmax_base2(&softmax, attention->softmax, 0, 1);
    gemm(&mixing, 0, 1);
    gemm(&output, 0, 1);
}

void attention_attend(const struct attention *attention, int8_t *out, const int8_t *rows,
                      size_t count, unsigned worker, unsigned workers)
{
    const struct rows own = rows_of(attention, worker);
    struct share share = share_in_pieces(count, ROWS, worker, workers);

    for (size_t row = share.first; row < share.end; row += ROWS)
        attend_rows(attention, &own, out + row * attention->embedding,
                    rows + row * attention->embedding,
                    share.end - row < ROWS ? share.end - row : ROWS);
}
