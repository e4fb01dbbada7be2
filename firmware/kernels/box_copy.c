#include "kernels/box_copy.h"

#include "kernels/share.h"
#include "kernels/words.h"

static void copy_bytes(uint8_t *out, int32_t out_step, const uint8_t *in, int32_t in_step,
                       size_t count)
{
    for (; count >= 4; count -= 4, in += 4 * in_step, out += 4 * out_step) {
        uint8_t value0 = in[0], value1 = in[in_step];
        uint8_t value2 = in[2 * in_step], value3 = in[3 * in_step];
        out[0] = value0, out[out_step] = value1;
        out[2 * out_step] = value2, out[3 * out_step] = value3;
    }
    for (; count > 0; count--, in += in_step, out += out_step)
        *out = *in;
}

static void copy_words(uint32_t *out, int32_t out_step, const uint32_t *in, int32_t in_step,
                       size_t count)
{
#pragma GCC unroll 4
    for (size_t i = 0; i < count; i++, in += in_step, out += out_step)
        *out = *in;
}

/* Bytes that are side by side, as words where they are aligned. */
static void copy_run(uint8_t *out, const uint8_t *in, size_t count)
{
    typedef uint32_t __attribute__((may_alias)) any_word_t;

    if (is_aligned(out) && is_aligned(in)) {
        size_t words = count / WORD_BYTES;
#pragma GCC unroll 4
        for (size_t i = 0; i < words; i++)
            ((any_word_t *)(void *)out)[i] = load_word(in + i * WORD_BYTES);
        out += words * WORD_BYTES, in += words * WORD_BYTES, count -= words * WORD_BYTES;
    }
    copy_bytes(out, 1, in, 1, count);
}

/* The last dimension, from `in` to `out`. */
static void copy_line(const struct box_copy *copy, uint8_t *out, const uint8_t *in, size_t count)
{
    const int32_t in_step = copy->in_strides[copy->rank - 1];
    const int32_t out_step = copy->out_strides[copy->rank - 1];

    if (in_step == 1 && out_step == 1)
        copy_run(out, in, count * copy->element_bytes);
    else if (copy->element_bytes == 1)
        copy_bytes(out, out_step, in, in_step, count);
    else
        copy_words((uint32_t *)(void *)out, out_step, (const uint32_t *)(const void *)in, in_step,
                   count);
}

void box_copy(const struct box_copy *copy, void *out, const void *in, unsigned worker,
              unsigned workers)
{
    const int32_t bytes = (int32_t)copy->element_bytes;
    const size_t last = copy->rank - 1, length = copy->sizes[last];
    size_t total = length;

    for (size_t i = 0; i < last; i++)
        total *= copy->sizes[i];
    struct share share = share_of(total, worker, workers);
    while (share.first < share.end) {
        size_t column = share.first % length, rest = share.first / length;
        size_t count = length - column;
        int32_t from = (int32_t)column * copy->in_strides[last];
        int32_t to = (int32_t)column * copy->out_strides[last];
        count = count < share.end - share.first ? count : share.end - share.first;
        for (size_t i = last; i-- > 0;) {
            int32_t index = (int32_t)(rest % copy->sizes[i]);
            rest /= copy->sizes[i];
            from += index * copy->in_strides[i];
            to += index * copy->out_strides[i];
        }
        copy_line(copy, (uint8_t *)out + to * bytes, (const uint8_t *)in + from * bytes, count);
        share.first += count;
    }
}

void box_fill(void *out, size_t element_bytes, size_t count, int32_t value, unsigned worker,
              unsigned workers)
{
    struct share share = share_of(count, worker, workers);

    if (element_bytes == 1)
        for (size_t i = share.first; i < share.end; i++)
            ((uint8_t *)out)[i] = (uint8_t)value;
    else
        for (size_t i = share.first; i < share.end; i++)
            ((int32_t *)out)[i] = value;
}
