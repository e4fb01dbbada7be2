#include "kernels/fused_sum.h"

#include <stdbool.h>

#include "kernels/fused_sum_loops.h"
#include "kernels/share.h"
#include "kernels/words.h"

#define EVEN_BYTES 0x00ff00ffu
#define PLACE 0x7ffu /* of a sum, in half a word */
#define TERM_PLACES (UINT8_MAX * sizeof(int32_t))

/* One byte is normalised: its place is its value. */
static bool has_values(const struct fused_sum *sum)
{
    return !(sum->weight && sum->kind == FUSED_SUM_BYTES && sum->operands == 1);
}

static const int8_t *sums_of(const struct fused_sum *sum)
{
    const size_t terms = sum->kind == FUSED_SUM_TERMS ? sum->operands : 0;

    return (const int8_t *)sum->tables + terms * FUSED_SUM_TERM_BYTES;
}

/* ------------------------------------------------------------------------- Element by element */

static uint32_t place_of(const struct fused_sum *sum, size_t element)
{
    int32_t total = 0;

    for (unsigned i = 0; i < sum->operands; i++) {
        uint8_t byte = ((const uint8_t *)sum->in[i])[element];
        total += sum->kind == FUSED_SUM_BYTES
                     ? (uint8_t)(byte ^ sum->flipped)
                     : ((const int32_t *)sum->tables)[i * (UINT8_MAX + 1) + byte];
    }
    return (uint32_t)(sum->kind == FUSED_SUM_BYTES ? total : total >> sum->shift);
}

static void do_elements(const struct fused_sum *sum, struct share share)
{
    const int8_t *sums = sums_of(sum);
    const int8_t *results = has_values(sum) ? sums + FUSED_SUM_SUM_BYTES : sums;
    size_t column = sum->weight ? share.first % sum->columns : 0;

    for (size_t i = share.first; i < share.end; i++) {
        uint32_t place = place_of(sum, i);
        int32_t value = has_values(sum) ? sums[place] : (int32_t)place;
        if (sum->weight) {
            value = results[(value * sum->weight[column] + sum->bias[column]) >> sum->norm_shift];
            column = column + 1 < sum->columns ? column + 1 : 0;
        }
        sum->out[i] = (int8_t)value;
    }
}

/* ---------------------------------------------------------------------------- Word by word */

/* For each shape that it is called with. */
#define MADE_ANEW static inline __attribute__((always_inline))

/* Shapes that have no loop of their own. */
struct shape {
    enum fused_sum_kind kind;
    unsigned operands;
    bool is_normalised;
};

static inline const int8_t *bytes_at(uint32_t address)
{
    return (const int8_t *)(uintptr_t)address;
}

MADE_ANEW int32_t term_of(uint32_t tables, unsigned operand, uint32_t word, unsigned byte)
{
    uint32_t place = (byte ? word >> (8 * byte - 2) : word << 2) & TERM_PLACES;

    return (int32_t)load_word(bytes_at(tables + operand * FUSED_SUM_TERM_BYTES + place));
}

/* The places of a word's four sums. */
MADE_ANEW void find_places(const struct fused_sum_loop *loop, struct shape shape,
                           const uint32_t words[], uint32_t places[WORD_BYTES])
{
    uint32_t even = 0, odd = 0;

    if (shape.kind == FUSED_SUM_TERMS) {
#pragma GCC unroll 4
        for (unsigned byte = 0; byte < WORD_BYTES; byte++) {
            int32_t total = term_of(loop->tables, 0, words[0], byte);
            if (shape.operands > 1)
                total += term_of(loop->tables, 1, words[1], byte);
            if (shape.operands > 2)
                total += term_of(loop->tables, 2, words[2], byte);
            places[byte] = (uint32_t)(total >> loop->sum_shift);
        }
        return;
    }
#pragma GCC unroll 3
    for (unsigned i = 0; i < FUSED_SUM_OPERANDS; i++) {
        uint32_t word = words[i] ^ (i < shape.operands ? loop->flipped : 0);
        even += word & EVEN_BYTES;
        odd += word >> 8 & EVEN_BYTES;
    }
    places[0] = even & PLACE, places[1] = odd & PLACE;
    places[2] = even >> 16, places[3] = odd >> 16;
}

MADE_ANEW void do_words(const struct fused_sum_loop *given, struct shape shape)
{
    const struct fused_sum_loop loop = *given;
    const unsigned terms = shape.kind == FUSED_SUM_TERMS ? shape.operands : 0;
    const int8_t *sums = bytes_at(loop.tables + terms * FUSED_SUM_TERM_BYTES);
    const int8_t *results = sums + FUSED_SUM_SUM_BYTES;
    int32_t weights[WORD_BYTES] = {0}, biases[WORD_BYTES] = {0};
    int8_t *out = (int8_t *)(uintptr_t)loop.out;

    if (shape.is_normalised)
#pragma GCC unroll 4
        for (unsigned i = 0; i < WORD_BYTES; i++)
            weights[i] = loop.weight[i], biases[i] = loop.bias[i];
    for (size_t at = 0; at < loop.count * loop.step; at += loop.step, out += loop.step) {
        uint32_t words[FUSED_SUM_OPERANDS], places[WORD_BYTES];
        int32_t values[WORD_BYTES];
#pragma GCC unroll 3
        for (unsigned i = 0; i < FUSED_SUM_OPERANDS; i++)
            words[i] = i < shape.operands ? load_word(bytes_at(loop.in[i] + at)) : 0;
        find_places(&loop, shape, words, places);
#pragma GCC unroll 4
        for (unsigned i = 0; i < WORD_BYTES; i++)
            values[i] = sums[places[i]];
#pragma GCC unroll 4
        for (unsigned i = 0; i < WORD_BYTES; i++)
            if (shape.is_normalised)
                values[i] = results[(values[i] * weights[i] + biases[i]) >> loop.shift];
#pragma GCC unroll 4
        for (unsigned i = 0; i < WORD_BYTES; i++)
            out[i] = (int8_t)values[i];
    }
}

static void three_normalised(const struct fused_sum_loop *loop)
{
    do_words(loop, (struct shape){FUSED_SUM_BYTES, 3, true});
}

static void two_terms_normalised(const struct fused_sum_loop *loop)
{
    do_words(loop, (struct shape){FUSED_SUM_TERMS, 2, true});
}

static void three_terms(const struct fused_sum_loop *loop)
{
    do_words(loop, (struct shape){FUSED_SUM_TERMS, 3, false});
}

static void three_terms_normalised(const struct fused_sum_loop *loop)
{
    do_words(loop, (struct shape){FUSED_SUM_TERMS, 3, true});
}

static void any_words(const struct fused_sum_loop *loop)
{
    const struct fused_sum *sum = loop->sum;

    do_words(loop, (struct shape){sum->kind, sum->operands, sum->weight != NULL});
}

static fused_sum_loop_function *loop_for(const struct fused_sum *sum)
{
    static fused_sum_loop_function *const of_bytes[FUSED_SUM_OPERANDS][2] = {
        {fused_sum_one, fused_sum_one_normalised},
        {fused_sum_two, fused_sum_two_normalised},
        {fused_sum_three, three_normalised},
    };
    static fused_sum_loop_function *const of_terms[FUSED_SUM_OPERANDS][2] = {
        {any_words, any_words},
        {fused_sum_two_terms, two_terms_normalised},
        {three_terms, three_terms_normalised},
    };

    if (sum->kind == FUSED_SUM_TERMS)
        return of_terms[sum->operands - 1][sum->weight != NULL];
    if (sum->operands == 1 && !sum->weight && sum->flipped)
        return any_words;
    return of_bytes[sum->operands - 1][sum->weight != NULL];
}

/* The words from the element `first` on, `step` bytes apart. */
static void do_strip(const struct fused_sum *sum, size_t first, size_t step, size_t count,
                     size_t column)
{
    struct fused_sum_loop loop = {
        .sum = sum,
        .out = (uint32_t)(uintptr_t)(sum->out + first),
        .step = step,
        .count = count,
        .flipped = sum->flipped,
        .shift = sum->weight ? sum->norm_shift : sum->shift,
        .sum_shift = sum->shift,
        .tables = (uint32_t)(uintptr_t)sum->tables,
        .weight = sum->weight ? sum->weight + column : NULL,
        .bias = sum->weight ? sum->bias + column : NULL,
    };

    for (unsigned i = 0; i < sum->operands; i++)
        loop.in[i] = (uint32_t)(uintptr_t)((const uint8_t *)sum->in[i] + first);
    loop_for(sum)(&loop);
}

/* Four columns at a time, whose weights stay in registers, row by row. */
static void do_columns(const struct fused_sum *sum, struct share share)
{
    while (share.first < share.end) {
        size_t column = share.first / sum->rows * WORD_BYTES, row = share.first % sum->rows;
        size_t count = sum->rows - row;
        count = count < share.end - share.first ? count : share.end - share.first;
        do_strip(sum, row * sum->columns + column, sum->columns, count, column);
        share.first += count;
    }
}

static bool has_words(const struct fused_sum *sum)
{
    for (unsigned i = 0; i < sum->operands; i++)
        if (!is_aligned(sum->in[i]))
            return false;
    return !sum->weight || sum->columns % WORD_BYTES == 0;
}

void fused_sum(const struct fused_sum *sum, unsigned worker, unsigned workers)
{
    const struct fused_sum local = *sum;
    const size_t size = local.rows * local.columns;
    struct share share;

    if (!has_words(&local)) {
        do_elements(&local, share_of(size, worker, workers));
    } else if (local.weight) {
        do_columns(&local, share_of(size / WORD_BYTES, worker, workers));
    } else {
        share = share_in_pieces(size, WORD_BYTES, worker, workers);
        size_t words = (share.end - share.first) / WORD_BYTES;
        if (words > 0)
            do_strip(&local, share.first, WORD_BYTES, words, 0);
        share.first += words * WORD_BYTES;
        do_elements(&local, share);
    }
}
