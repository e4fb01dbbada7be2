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

/*
 * floor(2^(bits + INVERSE_BITS - 1) / root), digit by digit: the root has so many bits, up to 28.
 * The last digit's weight is 1, the first one's that of 2^(bits - 1) / root, which is 1 or 0.
 */
static uint32_t inverse_of(uint32_t root, unsigned bits)
{
    uint32_t rest = 1u << (bits - 1), inverse = rest >= root;

    rest -= root & -inverse;
    for (unsigned i = 0; i < INVERSE_BITS; i++) {
        rest <<= 1;
        uint32_t digit = rest >= root;
        rest -= root & -digit;
        inverse = inverse << 1 | digit;
    }
    return inverse;
}

/*
 * d * 2^k = multiple * x - subtracted, modulo 2^32, and t = d / sqrt(v) with FRACTION_BITS after
 * the point is half of what the upper word of its product with `factor` comes to, rounded.
 *
 * t is d * inverse / 2^shift, where the root has shift + 5 bits. |d| is at most
 * sqrt(2 * columns * v), so below 2^6.5 * 2^(shift - 3): with k = 33 - FACTOR_BITS - shift, d * 2^k
 * is below 2^27, and with FACTOR_BITS more in the inverse, the product is 2^33 times t.
 */
struct row_scale {
    uint32_t multiple;
    uint32_t subtracted;
    int32_t factor;
};

#define FACTOR_BITS 10 /* by which the inverse is shifted, which is at most 2^20 */
#define TERM_BITS 7    /* by which t is shifted, which is below 2^24 */
#define WEIGHT_UP 10   /* by which weights are shifted, up to 2^16; both are 33 - FRACTION_BITS */

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
    const unsigned bits = bits_of(root);
    const unsigned shift = bits + INVERSE_BITS - 1 - ROOT_BITS - FRACTION_BITS;
    const unsigned up = 33 - FACTOR_BITS - shift;
    const uint32_t subtracted = (uint32_t)(norm->centres ? sum : count * norm->zero);

    return (struct row_scale){
        .multiple = (uint32_t)count << up,
        .subtracted = subtracted << up,
        .factor = (int32_t)(inverse_of(root, bits) << FACTOR_BITS),
    };
}

static inline int32_t upper_word(int32_t left, int32_t right)
{
    return (int32_t)((int64_t)left * right >> 32);
}

/* floor((n + 2^(s - 1)) / 2^s) is half of floor(n / 2^(s - 1)) + 1, rounded down. */
static inline int32_t rounded_half(int32_t twice)
{
    return (twice + 1) >> 1;
}

/* `weight` is shifted by WEIGHT_UP. */
static inline int32_t normalised(int32_t value, const struct row_scale *scale, int32_t weight,
                                 int32_t bias, unsigned shift)
{
    int32_t distance = (int32_t)((uint32_t)value * scale->multiple - scale->subtracted);
    int32_t fraction = rounded_half(upper_word(distance, scale->factor));
    int32_t weighted = rounded_half(upper_word(fraction << TERM_BITS, weight));

    return (weighted + bias) >> shift;
}

/* Two rows, which share the loads of weights and biases. They may be the same one. */
static inline __attribute__((always_inline)) void
normalise_rows(const struct precise_rows *rows, const struct precise_norm *norm, size_t row0,
               size_t row1, bool in_is_unsigned, bool out_is_unsigned)
{
    const void *in0 = row_in(rows, row0), *in1 = row_in(rows, row1);
    uint8_t *out0 = row_out(rows, row0), *out1 = row_out(rows, row1);
    const struct row_scale scale0 = scale_of(rows, norm, in0);
    const struct row_scale scale1 = row0 == row1 ? scale0 : scale_of(rows, norm, in1);
    const int32_t *weights = norm->weight, *biases = norm->bias;
    const size_t columns = rows->columns;
    const unsigned shift = norm->shift;

#pragma GCC unroll 2
    for (size_t i = 0; i < columns; i++) {
        int32_t value0 = element(in0, i, in_is_unsigned), value1 = element(in1, i, in_is_unsigned);
        int32_t weight = weights[i] << WEIGHT_UP, bias = biases[i];
        uint8_t result0 = saturated(normalised(value0, &scale0, weight, bias, shift),
                                    out_is_unsigned);
        uint8_t result1 = saturated(normalised(value1, &scale1, weight, bias, shift),
                                    out_is_unsigned);
        out0[i] = result0;
        out1[i] = result1;
    }
}

void precise_norm(const struct precise_rows *rows, const struct precise_norm *norm,
                  unsigned worker, unsigned workers)
{
    const struct precise_rows local = *rows;
    const struct precise_norm by = *norm;
    struct share share = share_of(rows->columns ? rows->rows : 0, worker, workers);

    for (size_t row = share.first; row < share.end; row += 2) {
        size_t next = row + 1 < share.end ? row + 1 : row;
        if (local.in_is_unsigned && local.out_is_unsigned)
            normalise_rows(&local, &by, row, next, true, true);
        else if (local.in_is_unsigned)
            normalise_rows(&local, &by, row, next, true, false);
        else if (local.out_is_unsigned)
            normalise_rows(&local, &by, row, next, false, true);
        else
            normalise_rows(&local, &by, row, next, false, false);
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

static inline __attribute__((always_inline)) void
soften(const void *in, uint8_t *out, size_t columns, const struct precise_softmax *softmax,
       bool in_is_unsigned, bool out_is_unsigned)
{
    const uint32_t *weights = softmax->weights, levels = softmax->levels;
    const int32_t zero = softmax->zero;
    int32_t greatest = INT8_MIN;
    uint32_t sum = 0;

#pragma GCC unroll 4
    for (size_t i = 0; i < columns; i++) {
        int32_t above = element(in, i, in_is_unsigned) - greatest;
        greatest += above & ~(above >> 31);
    }
#pragma GCC unroll 4
    for (size_t i = 0; i < columns; i++)
        sum += weights[greatest - element(in, i, in_is_unsigned)];
    const uint32_t half = FINE_LEVELS / 2 * sum, divisor = FINE_LEVELS * sum;
    /* floor((2^32 - 1) / divisor), which is that of 2^32 but for powers of two: 1 less there. */
    const struct quotient quotient = {divisor, UINT32_MAX / divisor};
#pragma GCC unroll 4
    for (size_t i = 0; i < columns; i++) {
        uint32_t weight = weights[greatest - element(in, i, in_is_unsigned)];
        uint32_t level = divide(weight * levels + half, &quotient);
        out[i] = saturated((int32_t)level + zero, out_is_unsigned);
    }
}

void precise_softmax(const struct precise_rows *rows, const struct precise_softmax *softmax,
                     unsigned worker, unsigned workers)
{
    const struct precise_softmax by = *softmax;
    const size_t columns = rows->columns;
    struct share share = share_of(columns ? rows->rows : 0, worker, workers);

    for (size_t row = share.first; row < share.end; row++) {
        const void *in = row_in(rows, row);
        uint8_t *out = row_out(rows, row);
        if (rows->in_is_unsigned && rows->out_is_unsigned)
            soften(in, out, columns, &by, true, true);
        else if (rows->in_is_unsigned)
            soften(in, out, columns, &by, true, false);
        else if (rows->out_is_unsigned)
            soften(in, out, columns, &by, false, true);
        else
            soften(in, out, columns, &by, false, false);
    }
}
