#include "deploy/ita_guard.h"

#include "hal/hal.h"
#include "kernels/requantise.h"
#include "kernels/share.h"
#include "kernels/softmax.h"
#include "kernels/words.h"

/* With a logit from here on, the weight of -128 beside it is 0. Some more rows do no harm. */
#define SIGNS 0x80808080u
#define GREAT_ENOUGH 0xf0f0f0f0u /* bits of what is 16 above the least, or more */

static unsigned blocks_of(const struct ita_guard *guard)
{
    return (guard->sequence + ITA_TILE_EDGE - 1u) / ITA_TILE_EDGE;
}

static unsigned less(unsigned left, unsigned right)
{
    return left < right ? left : right;
}

/* Whether none of `count` logits at a multiple of 4 is great enough. */
static bool are_small(const int8_t *logits, unsigned count)
{
    uint32_t bits = 0;

    for (; count >= WORD_BYTES; count -= WORD_BYTES, logits += WORD_BYTES)
        if ((load_word(logits) ^ SIGNS) & GREAT_ENOUGH)
            return false;
    for (; count > 0; count--)
        bits |= (uint8_t)*logits++ ^ SIGNS;
    return !(bits & GREAT_ENOUGH & UINT8_MAX);
}

/* A row of a block, which goes through tiles at these places. */
static bool is_small_row(const struct ita_guard *guard, const uint8_t *places, unsigned row)
{
    for (unsigned first = 0; first < guard->sequence; first += ITA_TILE_EDGE) {
        const int8_t *tile = guard->tiles + *places++ * ITA_TILE_BYTES;
        if (!are_small(tile + row * ITA_TILE_EDGE, less(guard->sequence - first, ITA_TILE_EDGE)))
            return false;
    }
    return true;
}

void ita_guard_look(const void *described, unsigned number, unsigned worker, unsigned workers)
{
    const struct ita_guard *guard = described;
    const unsigned block = number / guard->meetings;
    const unsigned blocks = blocks_of(guard), first = block % blocks * ITA_TILE_EDGE;
    const uint8_t *places = guard->places + block * blocks;
    uint8_t *marks = guard->marks + block * ITA_TILE_EDGE;
    const unsigned rows = less(guard->sequence - first, ITA_TILE_EDGE);

    if (number % guard->meetings > 0)
        return;
    for (unsigned row = worker; row < rows; row += workers)
        marks[row] = is_small_row(guard, places, row);
}

/* ------------------------------------------------------------------------------------- repair */

static int8_t *row_of(const struct ita_heads *heads, unsigned head, unsigned row)
{
    return heads->home + head * heads->step + row * heads->stride;
}

static int32_t product_of(const int8_t *left, const int8_t *right, unsigned count)
{
    int32_t sum = 0;

    for (unsigned i = 0; i < count; i++)
        sum += left[i] * right[i];
    return sum;
}

static int32_t mixed_of(const uint8_t *weights, const int8_t *values, unsigned count)
{
    int32_t sum = 0;

    for (unsigned i = 0; i < count; i++)
        sum += weights[i] * values[i];
    return sum;
}

static struct requant requant_of(struct ita_requant by)
{
    return (struct requant){by.mult, by.shift, by.add};
}

/* `scratch` has room for a row of logits. */
static void compute_row(const struct ita_guard *guard, unsigned head, unsigned row,
                        int8_t *scratch)
{
    const int8_t *query = row_of(&guard->queries, head, row);
    int8_t *out = row_of(&guard->out, head, row);
    const struct softmax softmax = {
        .in = scratch, .out = (uint8_t *)scratch, .rows = 1, .columns = guard->sequence};

    for (unsigned key = 0; key < guard->sequence; key++)
        scratch[key] = requantise(
            product_of(query, row_of(&guard->keys, head, key), guard->width) + guard->logits_bias,
            requant_of(guard->logits));
    softmax_base2(&softmax, SOFTMAX_ITA, 0, 1);
    for (unsigned i = 0; i < guard->width; i++)
        out[i] = requantise(mixed_of((const uint8_t *)scratch, row_of(&guard->values, head, i),
                                     guard->sequence),
                            requant_of(guard->mixed));
}

void ita_guard_repair(const struct ita_guard *guard)
{
    const unsigned blocks = blocks_of(guard), hart = hal_hart();
    int8_t *scratch = guard->tiles + hart * blocks * ITA_TILE_EDGE;

    hal_barrier();
    if (!hal_computes())
        return;
    for (unsigned head = 0; head < guard->heads; head++)
        for (unsigned row = hart; row < guard->sequence; row += HAL_COMPUTE_HARTS)
            if (guard->marks[head * blocks * ITA_TILE_EDGE + row])
                compute_row(guard, head, row, scratch);
}
