#include "kernels/add.h"

#include "kernels/share.h"
#include "kernels/words.h"

#define SUM_OFFSET 256 /* the index of the sum 0 */

void add_int8(int8_t *out, const int8_t *left, const int8_t *right, size_t count,
              struct requant by)
{
#pragma GCC unroll 4
    for (size_t i = 0; i < count; i++)
        out[i] = requantise_small(left[i] + right[i], by);
}

void add_table_make(int8_t table[ADD_TABLE_ENTRIES], const struct rescale *by, unsigned worker,
                    unsigned workers)
{
    struct share share = share_of(ADD_TABLE_ENTRIES, worker, workers);

    for (size_t i = share.first; i < share.end; i++)
        table[i] = (int8_t)rescale_wide((int32_t)i - SUM_OFFSET, by);
}

#define EVEN_BYTES 0x00ff00ffu
#define SIGNS 0x80808080u /* flipped, they make int8 a uint8 that is 128 greater */

/*
 * The sums of four times two bytes, two in each word, where a carry has room. `from` is the entry
 * for the least sum.
 */
static inline void add_words(int8_t *out, uint32_t left, uint32_t right, const int8_t *from)
{
    left ^= SIGNS, right ^= SIGNS;
    uint32_t even = (left & EVEN_BYTES) + (right & EVEN_BYTES);
    uint32_t odd = (left >> 8 & EVEN_BYTES) + (right >> 8 & EVEN_BYTES);
    int8_t sum0 = from[(uint16_t)even], sum1 = from[(uint16_t)odd];
    int8_t sum2 = from[even >> 16], sum3 = from[odd >> 16];

    out[0] = sum0, out[1] = sum1, out[2] = sum2, out[3] = sum3;
}

void add_by_table(int8_t *out, const int8_t *left, const int8_t *right, size_t count,
                  const int8_t table[ADD_TABLE_ENTRIES], unsigned worker, unsigned workers)
{
    struct share share = share_in_pieces(count, WORD_BYTES, worker, workers);
    const int8_t *end = left + share.end;

    out += share.first, left += share.first, right += share.first;
    if (is_aligned(left) && is_aligned(right))
#pragma GCC unroll 4
        for (; end - left >= WORD_BYTES; left += WORD_BYTES, right += WORD_BYTES, out += WORD_BYTES)
            add_words(out, load_word(left), load_word(right), table);
    for (; left < end; left++, right++, out++)
        *out = table[SUM_OFFSET + *left + *right];
}

/* Byte `number` of both sides, through their tables. */
static inline int32_t rescaled_sum(const struct rescaled_add *add, uint32_t left, uint32_t right,
                                   unsigned number)
{
    return add->left_table[(uint8_t)(left >> 8 * number)] +
           add->right_table[(uint8_t)(right >> 8 * number)];
}

static inline void add_rescaled_words(const struct rescaled_add *add, int8_t *out, uint32_t left,
                                      uint32_t right)
{
    const int8_t *zero = add->sum_table + SUM_OFFSET;
    int8_t sum0 = zero[rescaled_sum(add, left, right, 0)];
    int8_t sum1 = zero[rescaled_sum(add, left, right, 1)];
    int8_t sum2 = zero[rescaled_sum(add, left, right, 2)];
    int8_t sum3 = zero[rescaled_sum(add, left, right, 3)];

    out[0] = sum0, out[1] = sum1, out[2] = sum2, out[3] = sum3;
}

void add_rescaled(const struct rescaled_add *add, unsigned worker, unsigned workers)
{
    const struct rescaled_add local = *add;
    struct share share = share_in_pieces(add->count, WORD_BYTES, worker, workers);
    const uint8_t *left = add->left, *right = add->right, *end = left + share.end;
    int8_t *out = add->out + share.first;

    left += share.first, right += share.first;
    if (is_aligned(left) && is_aligned(right))
        for (; end - left >= WORD_BYTES; left += WORD_BYTES, right += WORD_BYTES, out += WORD_BYTES)
            add_rescaled_words(&local, out, load_word(left), load_word(right));
    for (; left < end; left++, right++, out++)
        *out = local.sum_table[SUM_OFFSET + rescaled_sum(&local, *left, *right, 0)];
}

/* ------------------------------------------------------------------------------------ head sum */

#define SUM_WORDS 2 /* at a time */
#define SUM_BYTES (SUM_WORDS * WORD_BYTES)
#define INT8_OFFSET 128 /* of a byte whose sign is flipped */
#define MOST_HEADS 256  /* whose sums of bytes have 16 bits */

static void sum_some(int8_t *out, const int8_t *const heads[], size_t head_count,
                     struct share share, const struct rescale *by)
{
    enum rescale_width width = rescale_width_for(by, (uint32_t)head_count * INT8_OFFSET);

    for (size_t i = share.first; i < share.end; i++) {
        int32_t sum = 0;
        for (size_t head = 0; head < head_count; head++)
            sum += heads[head][i];
        out[i] = (int8_t)rescale(sum, by, width);
    }
}

/* Two sums in each word; `by` takes off what flipped signs add to them. */
static inline void sum_block(int8_t *out, const int8_t *const heads[], size_t head_count,
                             size_t at, const struct rescale *by)
{
    uint32_t even[SUM_WORDS] = {0}, odd[SUM_WORDS] = {0};

    for (size_t head = 0; head < head_count; head++) {
        const int8_t *values = heads[head] + at;
        /* One address with two offsets, not two addresses that the loop computes anew. */
        __asm__("" : "+r"(values));
#pragma GCC unroll 4
        for (size_t i = 0; i < SUM_WORDS; i++) {
            uint32_t word = load_word(values + i * WORD_BYTES) ^ SIGNS;
            even[i] += word & EVEN_BYTES;
            odd[i] += word >> 8 & EVEN_BYTES;
        }
    }
    out += at;
#pragma GCC unroll 4
    for (size_t i = 0; i < SUM_WORDS; i++, out += WORD_BYTES) {
        out[0] = (int8_t)rescale_narrow((uint16_t)even[i], by);
        out[1] = (int8_t)rescale_narrow((uint16_t)odd[i], by);
        out[2] = (int8_t)rescale_narrow((int32_t)(even[i] >> 16), by);
        out[3] = (int8_t)rescale_narrow((int32_t)(odd[i] >> 16), by);
    }
}

static bool are_aligned(const int8_t *const heads[], size_t head_count)
{
    for (size_t head = 0; head < head_count; head++)
        if (!is_aligned(heads[head]))
            return false;
    return true;
}

void head_sum(int8_t *out, const int8_t *const heads[], size_t head_count, size_t count,
              const struct rescale *by, unsigned worker, unsigned workers)
{
    const uint32_t offset = (uint32_t)head_count * INT8_OFFSET;
    struct share share = share_in_pieces(count, SUM_BYTES, worker, workers);
    struct rescale of_words = *by;

    of_words.before -= (int64_t)by->mult * offset;
    if (head_count <= MOST_HEADS && are_aligned(heads, head_count) &&
        rescale_width_for(&of_words, 2 * offset) == RESCALE_NARROW)
        for (; share.first + SUM_BYTES <= share.end; share.first += SUM_BYTES)
            sum_block(out, heads, head_count, share.first, &of_words);
    sum_some(out, heads, head_count, share, by);
}
