#include "kernels/precise.h"

#include "kernels/requantise.h"
#include "kernels/share.h"

#define ROOT_BITS 8
#define FRACTION_BITS 16
#define INVERSE_BITS 20

static inline int32_t element(const void *row, size_t i, bool is_unsigned)
{
    return is_unsigned ? ((const uint8_t *)row)[i] : ((const int8_t *)row)[i];
}

static inline uint8_t saturated(int32_t value, bool is_unsigned)
{
    return (uint8_t)(is_unsigned ? clip(value, 0, UINT8_MAX) : clip(value, INT8_MIN, INT8_MAX));
}

static const void *row_in(const struct precise_rows *rows, size_t row)
{
    return (const uint8_t *)rows->in + row * rows->in_stride;
}

static uint8_t *row_out(const struct precise_rows *rows, size_t row)
{
    return (uint8_t *)rows->out + row * rows->out_stride;
}

/* ------------------------------------------------------------------------------- Normalisation */

/* The greatest integer whose square is at most `value`, which is below 2^58. */
static uint32_t square_root(uint64_t value)
{
    uint64_t root = 0;

    for (uint64_t bit = (uint64_t)1 << 56; bit > 0; bit >>= 2) {
        bool fits = value >= root + bit;
        if (fits)
            value -= root + bit;
        root = (root >> 1) + (fits ? bit : 0);
    }
    return (uint32_t)root;
}

static unsigned bits_of(uint32_t value)
{
    unsigned bits = 0;

    for (; value > 0; value >>= 1)
        bits++;
    return bits;
}

/* d = multiple * x - subtracted; d / sqrt(v) = d * factor / 2^shift. */
struct row_scale {
    int32_t multiple;
    int32_t subtracted;
    uint32_t factor;
    unsigned shift;
};

static struct row_scale scale_of(const struct precise_rows *rows, const struct precise_norm *norm,
                                 const void *in)
{
    int32_t count = (int32_t)rows->columns, sum = 0;
    uint32_t squares = 0;

    for (size_t i = 0; i < rows->columns; i++) {
        int32_t value = element(in, i, rows->in_is_unsigned) - (norm->centres ? 0 : norm->zero);
        sum += value;
        squares += (uint32_t)(value * value);
    }
    uint64_t variance = (uint64_t)squares * (uint32_t)count;
    if (norm->centres)
        variance -= (uint64_t)((int64_t)sum * sum);
    uint32_t root = square_root((variance + norm->epsilon) << (2 * ROOT_BITS));
    unsigned exponent = bits_of(root) + INVERSE_BITS - 1;

    return (struct row_scale){
        .multiple = count,
        .subtracted = norm->centres ? sum : count * norm->zero,
        .factor = (uint32_t)(((uint64_t)1 << exponent) / root),
        .shift = exponent - ROOT_BITS - FRACTION_BITS,
    };
}

static inline int32_t normalised(int32_t value, const struct row_scale *scale, int32_t weight,
                                 int32_t bias, unsigned shift)
{
    int64_t product = (int64_t)(value * scale->multiple - scale->subtracted) * scale->factor;
    int32_t fraction = (int32_t)((product + ((int64_t)1 << scale->shift >> 1)) >> scale->shift);
    int64_t weighted = (int64_t)fraction * weight + (1 << (FRACTION_BITS - 1));

    return ((int32_t)(weighted >> FRACTION_BITS) + bias) >> shift;
}

void precise_norm(const struct precise_rows *rows, const struct precise_norm *norm,
                  unsigned worker, unsigned workers)
{
    struct share share = share_of(rows->columns ? rows->rows : 0, worker, workers);

    for (size_t row = share.first; row < share.end; row++) {
        const void *in = row_in(rows, row);
        uint8_t *out = row_out(rows, row);
        const struct row_scale scale = scale_of(rows, norm, in);
        for (size_t i = 0; i < rows->columns; i++) {
            int32_t value = element(in, i, rows->in_is_unsigned);
            value = normalised(value, &scale, norm->weight[i], norm->bias[i], norm->shift);
            out[i] = saturated(value, rows->out_is_unsigned);
        }
    }
}

/* ------------------------------------------------------------------------------------- Softmax */

#define FINE_LEVELS 64

/* Division by a number from 2^19 on: the product with its inverse is at most 1 too small. */
struct quotient {
    uint32_t divisor;
    uint32_t inverse;
};

static inline uint32_t divide(uint32_t dividend, const struct quotient *by)
{
    uint32_t guess = (uint32_t)((uint64_t)dividend * by->inverse >> 32);

    return guess + (dividend - guess * by->divisor >= by->divisor);
}

static void soften(const void *in, uint8_t *out, const struct precise_rows *rows,
                   const struct precise_softmax *softmax)
{
    int32_t greatest = INT32_MIN;
    uint32_t sum = 0;

    for (size_t i = 0; i < rows->columns; i++) {
        int32_t value = element(in, i, rows->in_is_unsigned);
        greatest = value > greatest ? value : greatest;
    }
    for (size_t i = 0; i < rows->columns; i++)
        sum += softmax->weights[greatest - element(in, i, rows->in_is_unsigned)];
    const uint32_t half = FINE_LEVELS / 2 * sum, divisor = FINE_LEVELS * sum;
    const struct quotient quotient = {divisor, (uint32_t)(((uint64_t)1 << 32) / divisor)};
    for (size_t i = 0; i < rows->columns; i++) {
        uint32_t weight = softmax->weights[greatest - element(in, i, rows->in_is_unsigned)];
        uint32_t level = divide(weight * softmax->levels + half, &quotient);
        out[i] = saturated((int32_t)level + softmax->zero, rows->out_is_unsigned);
    }
}

void precise_softmax(const struct precise_rows *rows, const struct precise_softmax *softmax,
                     unsigned worker, unsigned workers)
{
    struct share share = share_of(rows->columns ? rows->rows : 0, worker, workers);

    for (size_t row = share.first; row < share.end; row++)
        soften(row_in(rows, row), row_out(rows, row), rows, softmax);
}
