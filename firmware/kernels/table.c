#include "kernels/table.h"

#include "kernels/share.h"
#include "kernels/words.h"

void table_make(table_t table, bool is_unsigned, table_function *function, const void *parameters,
                const struct rescale *by, unsigned worker, unsigned workers)
{
    struct share share = share_of(TABLE_ENTRIES, worker, workers);

    for (size_t i = share.first; i < share.end; i++) {
        int32_t value = is_unsigned ? (int32_t)i : (int8_t)i;
        table[i] = (int8_t)rescale_wide(function ? function(value, parameters) : value, by);
    }
}

static inline void apply_to_word(int8_t *out, uint32_t in, const int8_t *table)
{
    int8_t out0 = table[(uint8_t)in], out1 = table[(uint8_t)(in >> 8)];
    int8_t out2 = table[(uint8_t)(in >> 16)], out3 = table[in >> 24];

    out[0] = out0, out[1] = out1, out[2] = out2, out[3] = out3;
}

void table_apply(int8_t *out, const void *in, size_t count, const table_t table, unsigned worker,
                 unsigned workers)
{
    struct share share = share_in_pieces(count, WORD_BYTES, worker, workers);
    const uint8_t *from = (const uint8_t *)in + share.first;
    const uint8_t *end = (const uint8_t *)in + share.end;

    out += share.first;
    if (is_aligned(from))
#pragma GCC unroll 4
        for (; end - from >= WORD_BYTES; from += WORD_BYTES, out += WORD_BYTES)
            apply_to_word(out, load_word(from), table);
    for (; from < end; from++, out++)
        *out = table[*from];
}
