#include "kernels/wide_rows.h"

#include "kernels/share.h"

static int32_t value_at(const void *row, size_t i, bool is_unsigned)
{
    return is_unsigned ? ((const uint8_t *)row)[i] : ((const int8_t *)row)[i];
}

/* floor(sqrt(value)), bit by bit from the highest one on. */
static uint32_t square_root(uint32_t value)
{
    uint32_t root = 0;

    for (uint32_t bit = 1u << 15; bit > 0; bit >>= 1)
        if ((root + bit) * (root + bit) <= value)
            root += bit;
    return root;
}

static int8_t saturated(int64_t value)
{
    value = value < INT8_MIN ? INT8_MIN : value;
    return (int8_t)(value > INT8_MAX ? INT8_MAX : value);
}

static void normalise_row(const struct normalisation *by, size_t number, bool is_centred)
{
    const uint8_t *in = (const uint8_t *)by->in + number * by->in_stride;
    int8_t *out = by->out + number * by->out_stride;
    const int32_t count = (int32_t)by->columns;
    int32_t sum = 0;
    uint32_t squares = 0;

    for (size_t i = 0; i < by->columns; i++)
        sum += value_at(in, i, by->in_is_unsigned);
    const int32_t mean = is_centred ? sum / count : 0;
    for (size_t i = 0; i < by->columns; i++) {
        int32_t distance = value_at(in, i, by->in_is_unsigned) - mean;
        squares += (uint32_t)(distance * distance);
    }
    const int32_t deviation = (int32_t)square_root(squares / (uint32_t)count + 1);
    for (size_t i = 0; i < by->columns; i++) {
        int64_t distance = value_at(in, i, by->in_is_unsigned) - mean;
        int64_t scaled = distance * by->weight[i] / deviation;
        out[i] = saturated((scaled + (by->bias ? by->bias[i] : 0)) >> by->log2_divisor);
    }
}

void wide_norm(const struct normalisation *normalisation, bool is_centred, unsigned worker,
               unsigned workers)
{
    struct share rows =
        share_of(normalisation->columns ? normalisation->rows : 0, worker, workers);

    for (size_t row = rows.first; row < rows.end; row++)
        normalise_row(normalisation, row, is_centred);
}

static void isoftmax_row(uint8_t *out, const int8_t *in, size_t columns, const uint32_t *weights,
                         uint32_t greatest_out)
{
    int32_t greatest = INT8_MIN;
    uint64_t sum = 0;

    for (size_t i = 0; i < columns; i++)
        greatest = in[i] > greatest ? in[i] : greatest;
    for (size_t i = 0; i < columns; i++)
        sum += weights[greatest - in[i]];
    for (size_t i = 0; i < columns; i++)
        out[i] = (uint8_t)((uint64_t)weights[greatest - in[i]] * greatest_out / sum);
}

void wide_isoftmax(const struct softmax *softmax, const uint32_t weights[ISOFTMAX_WEIGHTS],
                   uint32_t greatest, unsigned worker, unsigned workers)
{
    struct share rows = share_of(softmax->columns ? softmax->rows : 0, worker, workers);

    for (size_t row = rows.first; row < rows.end; row++)
        isoftmax_row(softmax->out + row * softmax->out_stride,
                     softmax->in + row * softmax->in_stride, softmax->columns, weights, greatest);
}
