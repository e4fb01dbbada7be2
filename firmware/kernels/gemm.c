#include "kernels/gemm.h"

#include "kernels/gemm_block.h"
#include "kernels/gemm_pack.h"
#include "kernels/share.h"

#define EDGE 4 /* of a block of sums */

/*
 * The harts' panels begin two words apart modulo 16, so that harts in step use different banks,
 * whether those are 16 of 4 bytes or 32 of 8.
 */
#define BANKS_BYTES 64
#define SKEW_BYTES 8

/* Where a block's sums belong. */
struct place {
    size_t row;
    size_t rows;
    size_t column;
    size_t columns;
};

struct method;

typedef void finish_function(const struct gemm *product, const struct method *method,
                             const struct place *place, int32_t sums[EDGE][EDGE]);

/* Elements of the result from one row, or column, to the next. */
struct steps {
    size_t row;
    size_t column;
};

/* What is the same for all blocks of a product. */
struct method {
    gemm_block_function *multiply;
    finish_function *finish;
    bool is_paired;
    bool is_offset; /* the left matrix is taken less 128: the pairs are of int8 */
    int32_t excess;
    size_t to_right; /* bytes from one column of the right matrix to the next */
    struct steps steps;
    struct rescale rescale;
    bool has_outlet;
    struct gemm_outlet outlet; /* for whole blocks, where it will do */
};

#define CHECK_PLACE(structure, member, place)                                                      \
    _Static_assert(offsetof(struct structure, member) == (place), "gemm_block.S has " #place)

CHECK_PLACE(gemm_block, panel, GEMM_BLOCK_PANEL);
CHECK_PLACE(gemm_block, right, GEMM_BLOCK_RIGHT);
CHECK_PLACE(gemm_block, step, GEMM_BLOCK_STEP);
CHECK_PLACE(gemm_block, inner, GEMM_BLOCK_INNER);
CHECK_PLACE(gemm_block, initial, GEMM_BLOCK_INITIAL);
CHECK_PLACE(gemm_block, outlet, GEMM_BLOCK_OUTLET);
CHECK_PLACE(gemm_block, out, GEMM_BLOCK_OUT);
CHECK_PLACE(gemm_block, sums, GEMM_BLOCK_SUMS);
CHECK_PLACE(gemm_outlet, mult, GEMM_OUTLET_MULT);
CHECK_PLACE(gemm_outlet, before, GEMM_OUTLET_BEFORE);
CHECK_PLACE(gemm_outlet, shift, GEMM_OUTLET_SHIFT);
CHECK_PLACE(gemm_outlet, least, GEMM_OUTLET_LEAST);
CHECK_PLACE(gemm_outlet, row_step, GEMM_OUTLET_ROW_STEP);
CHECK_PLACE(gemm_outlet, column_step, GEMM_OUTLET_COLUMN_STEP);

static size_t panel_bytes(size_t inner, bool is_paired)
{
    return is_paired ? GEMM_PANEL_PAIRED * (inner + (inner & 1)) : GEMM_PANEL_DIRECT * inner;
}

size_t gemm_scratch_bytes(size_t inner, bool is_paired)
{
    size_t bytes = panel_bytes(inner, is_paired);

    return (bytes + BANKS_BYTES - SKEW_BYTES - 1) / BANKS_BYTES * BANKS_BYTES + SKEW_BYTES;
}

/* ------------------------------------------------------------------------- what becomes of sums */

static void finish_int32(const struct gemm *product, const struct method *method,
                         const struct place *place, int32_t sums[EDGE][EDGE])
{
    const struct steps steps = method->steps;
    int32_t *out = (int32_t *)product->out + place->row * steps.row + place->column * steps.column;

    for (size_t row = 0; row < place->rows; row++)
        for (size_t column = 0; column < place->columns; column++)
            out[row * steps.row + column * steps.column] = sums[row][column];
}

/* Inlined for each width and for both kinds of scales. */
static inline __attribute__((always_inline)) void
finish_int8(const struct gemm *product, const struct method *method, const struct place *place,
            int32_t sums[EDGE][EDGE], enum rescale_width width,
            const struct gemm_channels *channels)
{
    struct rescale by = method->rescale;
    const struct steps steps = method->steps;
    const size_t rows = place->rows, columns = place->columns;
    int8_t *out = (int8_t *)product->out + place->row * steps.row + place->column * steps.column;

    for (size_t row = 0; row < rows; row++, out += steps.row) {
        int8_t *at = out;
#pragma GCC unroll 4
        for (size_t column = 0; column < EDGE; column++, at += steps.column) {
            if (column == columns)
                break;
            if (channels) {
                size_t channel = channels->by_rows ? place->row + row : place->column + column;
                by.mult = channels->mult[channel];
                by.before = channels->before[channel];
            }
            *at = (int8_t)rescale(sums[row][column], &by, width);
        }
    }
}

#define FINISH(name, width)                                                                        \
    static void finish_##name(const struct gemm *product, const struct method *method,             \
                              const struct place *place, int32_t sums[EDGE][EDGE])                 \
    {                                                                                              \
        finish_int8(product, method, place, sums, width, NULL);                                    \
    }                                                                                              \
    static void finish_channels_##name(const struct gemm *product, const struct method *method,    \
                                       const struct place *place, int32_t sums[EDGE][EDGE])        \
    {                                                                                              \
        finish_int8(product, method, place, sums, width, product->channels);                       \
    }

FINISH(narrow, RESCALE_NARROW)
FINISH(split, RESCALE_SPLIT)
FINISH(wide, RESCALE_WIDE)

static uint32_t magnitude(int32_t value)
{
    return value < 0 ? -(uint32_t)value : (uint32_t)value;
}

static uint32_t greatest_magnitude(const int32_t *values, size_t count)
{
    uint32_t greatest = 0;

    for (size_t i = 0; values && i < count; i++)
        greatest = magnitude(values[i]) > greatest ? magnitude(values[i]) : greatest;
    return greatest;
}

/* A bound for the sums' magnitude. */
static uint32_t greatest_sum(const struct gemm *product)
{
    uint32_t left = product->left_is_unsigned ? UINT8_MAX : 1 << 7;
    uint64_t sum = (uint64_t)product->inner * (left << 7) +
                   greatest_magnitude(product->bias, product->columns);

    return sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
}

/* The scale that needs the widest arithmetic. */
static struct rescale greatest_scale(const struct gemm *product)
{
    const struct gemm_channels *channels = product->channels;
    struct rescale by = *product->rescale;

    if (channels) {
        size_t count = channels->by_rows ? product->rows : product->columns;
        uint32_t mult = greatest_magnitude(channels->mult, count);
        by.mult = mult > INT32_MAX ? INT32_MAX : (int32_t)mult;
        by.before = greatest_magnitude(channels->before, count);
    }
    return by;
}

static finish_function *finish_for(const struct gemm *product, uint32_t magnitude)
{
    static finish_function *const functions[][2] = {
        [RESCALE_NARROW] = {finish_narrow, finish_channels_narrow},
        [RESCALE_SPLIT] = {finish_split, finish_channels_split},
        [RESCALE_WIDE] = {finish_wide, finish_channels_wide},
    };

    if (!product->rescale)
        return finish_int32;
    struct rescale greatest = greatest_scale(product);
    return functions[rescale_width_for(&greatest, magnitude)][!!product->channels];
}

/* The outlet of whole blocks; false where their sums must be finished one by one. */
static bool find_outlet(const struct gemm *product, uint32_t magnitude, struct steps steps,
                        struct gemm_outlet *outlet)
{
    if (!product->rescale || product->channels ||
        product->rescale->greatest - product->rescale->least != UINT8_MAX)
        return false;
    struct rescale by = *product->rescale;
    by.before += (int64_t)(by.after - by.least) << by.shift;
    *outlet = (struct gemm_outlet){
        .mult = by.mult,
        .before = (int32_t)by.before,
        .shift = by.shift,
        .least = by.least,
        .row_step = steps.row,
        .column_step = steps.column,
    };
    return rescale_width_for(&by, magnitude) == RESCALE_NARROW;
}

/* Four rows from `row` on; the last one again for those that there are not. */
static void pack(const struct gemm *product, const struct method *method, size_t row, void *panel)
{
    const uint8_t *first = (const uint8_t *)product->left + row * product->left_stride;
    const size_t more = product->rows - row - 1;
    struct gemm_rows at = {first, first, first, first};

    at.row1 += more < 1 ? 0 : product->left_stride;
    at.row2 += (more < 2 ? more : 2) * product->left_stride;
    at.row3 += (more < 3 ? more : 3) * product->left_stride;
    if (method->is_offset)
        gemm_pack_paired_offset(panel, at, product->inner);
    else if (method->is_paired)
        gemm_pack_paired(panel, at, product->inner);
    else
        gemm_pack_direct(panel, at, product->inner);
}

/* -------------------------------------------------------------------------------------- blocks */

/* Each member on its own: to clear the rest of the structure would take longer. */
static void choose(const struct gemm *product, struct method *method)
{
    static gemm_block_function *const direct[2][2] = {
        {gemm_block_int8_rows, gemm_block_int8_columns},
        {gemm_block_uint8_rows, gemm_block_uint8_columns},
    };
    const bool is_unsigned = product->left_is_unsigned, by_columns = product->right_by_columns;
    const uint32_t magnitude = greatest_sum(product);

    method->is_paired = product->is_paired && (!is_unsigned || product->right_sums);
    method->is_offset = method->is_paired && is_unsigned;
    method->multiply = direct[is_unsigned][by_columns];
    method->excess = 0;
    if (method->is_paired) {
        method->multiply = by_columns ? gemm_block_paired_columns : gemm_block_paired_rows;
        method->excess = (int32_t)((product->inner + 1) / 2) * GEMM_PAIRED_EXCESS;
    }
    method->to_right = by_columns ? product->right_stride : 1;
    method->steps.row = product->out_by_columns ? 1 : product->out_stride;
    method->steps.column = product->out_by_columns ? product->out_stride : 1;
    if (product->rescale)
        method->rescale = *product->rescale;
    method->finish = finish_for(product, magnitude);
    method->has_outlet = find_outlet(product, magnitude, method->steps, &method->outlet);
}

/* What the sums of the columns from `column` on begin with. */
static inline void prepare_sums(const struct gemm *product, const struct method *method,
                                size_t column, int32_t initial[EDGE])
{
    const int32_t *bias = product->bias, *sums = product->right_sums;
    const int32_t excess = method->excess;

#pragma GCC unroll 4
    for (size_t i = 0; i < EDGE; i++)
        initial[i] = (bias ? bias[column + i] : 0) - excess;
    if (method->is_offset)
#pragma GCC unroll 4
        for (size_t i = 0; i < EDGE; i++)
            initial[i] += sums[column + i] * GEMM_UNSIGNED_OFFSET;
}

/* The block of four columns from place->column on. */
static inline void compute(const struct gemm *product, const struct method *method,
                           const struct place *place, struct gemm_block *block)
{
    block->right = product->right + place->column * method->to_right;
    block->out = (int8_t *)product->out + place->row * method->steps.row +
                 place->column * method->steps.column;
    prepare_sums(product, method, place->column, block->initial);
    method->multiply(block);
    if (!block->outlet)
        method->finish(product, method, place, block->sums);
}

/* Blocks `columns.first` to `columns.end - 1` of a row of blocks. */
static void compute_row(const struct gemm *product, const struct method *method, size_t row,
                        struct share columns, int8_t *panel)
{
    const size_t last = product->columns - EDGE, rows = product->rows - row * EDGE;
    struct place place = {row * EDGE, rows < EDGE ? rows : EDGE, 0, EDGE};
    struct gemm_block block = {
        .panel = panel,
        .step = product->right_stride,
        .inner = product->inner,
        .outlet = method->has_outlet && rows >= EDGE ? &method->outlet : NULL,
    };

    pack(product, method, place.row, panel);
    for (size_t column = columns.first; column < columns.end; column++) {
        /* The last block may have to begin earlier: some columns are then computed twice. */
        place.column = column * EDGE < last ? column * EDGE : last;
        compute(product, method, &place, &block);
    }
}

static void compute_blocks(const struct gemm *product, struct share share, int8_t *panel)
{
    struct method method;
    const size_t across = (product->columns + EDGE - 1) / EDGE;
    size_t row = share.first / across, column = share.first % across;
    size_t left = share.end - share.first;

    choose(product, &method);
    for (; left > 0; row++, column = 0) {
        size_t count = left < across - column ? left : across - column;
        compute_row(product, &method, row, (struct share){column, column + count}, panel);
        left -= count;
    }
}

void gemm_right_sums(const struct gemm *product, int32_t *sums, unsigned worker, unsigned workers)
{
    struct share columns = share_of(product->columns, worker, workers);
    size_t to_inner = product->right_by_columns ? 1 : product->right_stride;
    size_t to_column = product->right_by_columns ? product->right_stride : 1;

    for (size_t column = columns.first; column < columns.end; column++) {
        const int8_t *right = product->right + column * to_column;
        int32_t sum = 0;
#pragma GCC unroll 8
        for (size_t i = 0; i < product->inner; i++, right += to_inner)
            sum += *right;
        sums[column] = sum;
    }
}

/* Fewer columns than a block has: one output at a time. */
static void compute_few_columns(const struct gemm *product, struct share rows)
{
    struct method method;
    size_t to_inner = product->right_by_columns ? 1 : product->right_stride;

    choose(product, &method);
    for (size_t row = rows.first; row < rows.end; row++) {
        const uint8_t *left = (const uint8_t *)product->left + row * product->left_stride;
        int32_t sums[EDGE][EDGE];
        for (size_t column = 0; column < product->columns; column++) {
            const int8_t *right = product->right + column * method.to_right;
            int32_t sum = product->bias ? product->bias[column] : 0;
            for (size_t i = 0; i < product->inner; i++, right += to_inner)
                sum += (product->left_is_unsigned ? left[i] : (int8_t)left[i]) * *right;
            sums[0][column] = sum;
        }
        method.finish(product, &method, &(struct place){row, 1, 0, product->columns}, sums);
    }
}

void gemm(const struct gemm *product, unsigned worker, unsigned workers)
{
    size_t down = (product->rows + EDGE - 1) / EDGE, across = (product->columns + EDGE - 1) / EDGE;
    size_t scratch = gemm_scratch_bytes(product->inner, product->is_paired);

    if (product->columns < EDGE)
        compute_few_columns(product, share_of(product->rows, worker, workers));
    else
        compute_blocks(product, share_of(down * across, worker, workers),
                       product->scratch + worker * scratch);
}
