#include "kernels/normalise.h"

#include "kernels/requantise.h"
#include "kernels/share.h"

/* Of squares of 8-bit values, and of their mean plus one. */
#define MEAN_SQUARE_BITS 17

/* The greatest integer whose square is at most `value`, a bit at a time. */
static uint32_t square_root(uint32_t value)
{
    uint32_t root = 0;

    for (uint32_t bit = 1u << (MEAN_SQUARE_BITS - 1) / 2; bit > 0; bit >>= 1) {
        uint32_t next = root + bit;
        root += bit & -(uint32_t)(next * next <= value);
    }
    return root;
}

/* The number of the highest bit that is set, for values of up to 9 bits. */
static unsigned log2_of(uint32_t value)
{
    unsigned bits = 0;

    for (unsigned shift = 8; shift > 0; shift--)
        bits += (value >> shift) > 0;
    return bits;
}

/*
 * Division of 30-bit numbers n by one d, towards zero. With m = floor(2^(30 + l) / d) + 1, where l
 * is d's logarithm, and e = m * d - 2^(30 + l), which is above 0 and at most d:
 *
 *     n * m / 2^(30 + l) = n / d + n * e / (d * 2^(30 + l))
 *
 * The last term has the sign of n and is below 1 / d while |n| < 2^29, so nothing lies between
 * quotient and product but, for n < 0, the quotient itself.
 */
struct inverse {
    int32_t factor;
    unsigned shift;
};

static struct inverse inverse_of(uint32_t divisor)
{
    unsigned log2 = log2_of(divisor);
    uint32_t remainder = (1u << 30) % divisor, factor = (1u << 30) / divisor;

    return (struct inverse){
        (int32_t)((factor << log2) + (remainder << log2) / divisor + 1),
        log2,
    };
}

/* `dividend_times_4` leaves two bits of 2^(30 + l) to the upper word of the product. */
static inline int32_t divide(int32_t dividend_times_4, struct inverse by)
{
    int32_t upper = (int32_t)((int64_t)dividend_times_4 * by.factor >> 32);

    return (upper >> by.shift) + (int32_t)((uint32_t)dividend_times_4 >> 31);
}

struct sums {
    int32_t values;
    int32_t squares;
};

static struct sums sums_of(const void *row, size_t columns, bool is_unsigned)
{
    struct sums sums = {0, 0};

    if (is_unsigned) {
        const uint8_t *values = row;
#pragma GCC unroll 8
        for (size_t i = 0; i < columns; i++)
            sums.values += values[i], sums.squares += values[i] * values[i];
    } else {
        const int8_t *values = row;
#pragma GCC unroll 8
        for (size_t i = 0; i < columns; i++)
            sums.values += values[i], sums.squares += values[i] * values[i];
    }
    return sums;
}

/* What one row is normalised by. */
struct scale {
    int32_t mean;
    struct inverse inverse;
};

static struct scale scale_of(const struct normalisation *normalisation, const void *row,
                             bool is_centred)
{
    int32_t count = (int32_t)normalisation->columns;
    struct sums sums = sums_of(row, normalisation->columns, normalisation->in_is_unsigned);
    int32_t mean = is_centred ? sums.values / count : 0;
    /* Modulo 2^32, like its terms; the result is the sum of (x - mean)^2, which is not negative. */
    uint32_t squares = (uint32_t)sums.squares - 2u * (uint32_t)mean * (uint32_t)sums.values +
                       (uint32_t)count * (uint32_t)(mean * mean);

    return (struct scale){mean, inverse_of(square_root(squares / (uint32_t)count + 1))};
}

/* Where a row comes from and goes, and what it is normalised by. */
struct row {
    const void *in;
    int8_t *out;
    struct scale scale;
};

static struct row row_of(const struct normalisation *normalisation, size_t number, bool is_centred)
{
    const void *in = (const uint8_t *)normalisation->in + number * normalisation->in_stride;

    return (struct row){
        in,
        normalisation->out + number * normalisation->out_stride,
        scale_of(normalisation, in, is_centred),
    };
}

static inline int32_t element(const void *row, size_t i, bool is_unsigned)
{
    return is_unsigned ? ((const uint8_t *)row)[i] : ((const int8_t *)row)[i];
}

static inline int8_t normalised(int32_t value, int32_t weight, int32_t bias,
                                const struct scale *scale, unsigned shift)
{
    int32_t quotient = divide((value - scale->mean) * 4 * weight, scale->inverse);

    return saturate_int8((quotient + bias) >> shift);
}

/* Two rows, which share the loads of weights and biases. They may be the same one. */
static inline __attribute__((always_inline)) void
normalise_rows(const struct normalisation *normalisation, const struct row *row0,
               const struct row *row1, bool has_bias, bool is_unsigned)
{
    const int32_t *weights = normalisation->weight, *biases = normalisation->bias;
    const struct scale scale0 = row0->scale, scale1 = row1->scale;
    const void *in0 = row0->in, *in1 = row1->in;
    int8_t *out0 = row0->out, *out1 = row1->out;
    const unsigned shift = normalisation->log2_divisor;
    const size_t columns = normalisation->columns;

#pragma GCC unroll 4
    for (size_t i = 0; i < columns; i++) {
        int32_t value0 = element(in0, i, is_unsigned), value1 = element(in1, i, is_unsigned);
        int32_t weight = weights[i], bias = has_bias ? biases[i] : 0;
        int8_t result0 = normalised(value0, weight, bias, &scale0, shift);
        int8_t result1 = normalised(value1, weight, bias, &scale1, shift);
        out0[i] = result0;
        out1[i] = result1;
    }
}

static inline __attribute__((always_inline)) void
normalise(const struct normalisation *normalisation, bool is_centred, struct share rows)
{
    for (size_t number = rows.first; number < rows.end; number += 2) {
        struct row row0 = row_of(normalisation, number, is_centred), row1 = row0;
        if (number + 1 < rows.end)
            row1 = row_of(normalisation, number + 1, is_centred);
        if (normalisation->in_is_unsigned)
            normalise_rows(normalisation, &row0, &row1, is_centred, true);
        else
            normalise_rows(normalisation, &row0, &row1, is_centred, false);
    }
}

static struct share rows_of(const struct normalisation *normalisation, unsigned worker,
                            unsigned workers)
{
    return share_of(normalisation->columns ? normalisation->rows : 0, worker, workers);
}

void layer_norm(const struct normalisation *normalisation, unsigned worker, unsigned workers)
{
    normalise(normalisation, true, rows_of(normalisation, worker, workers));
}

void rms_norm(const struct normalisation *normalisation, unsigned worker, unsigned workers)
{
    normalise(normalisation, false, rows_of(normalisation, worker, workers));
}

void no_norm(const struct no_norm *no_norm, unsigned worker, unsigned workers)
{
    struct share rows = share_of(no_norm->rows, worker, workers);
    const int8_t *weight = no_norm->weight;
    const int32_t *bias = no_norm->bias;
    const int32_t mult = no_norm->mult;
    const unsigned shift = no_norm->log2_divisor;

    for (size_t row = rows.first; row < rows.end; row++) {
        const int8_t *in = no_norm->in + row * no_norm->in_stride;
        int8_t *out = no_norm->out + row * no_norm->out_stride;
#pragma GCC unroll 4
        for (size_t i = 0; i < no_norm->columns; i++)
            out[i] = saturate_int8((in[i] * weight[i] + bias[i]) * mult >> shift);
    }
}
