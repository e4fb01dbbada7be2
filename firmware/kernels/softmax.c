#include "kernels/softmax.h"

#include "kernels/share.h"

#define FULL_WEIGHT_LOG2 8
#define WORD_BITS 32u

static inline int32_t greater(int32_t left, int32_t right)
{
    int32_t less = left - right;

    return left - (less & (less >> 31));
}

static int32_t greatest_of(const int8_t *values, size_t count, int32_t greatest)
{
#pragma GCC unroll 8
    for (size_t i = 0; i < count; i++)
        greatest = greater(greatest, values[i]);
    return greatest;
}

/* value / 2^distance, 0 from 32 on, where the shift itself would begin again. */
static inline uint32_t shifted_down(uint32_t value, uint32_t distance)
{
    uint32_t is_near = -(uint32_t)(distance < WORD_BITS);

    return (value & is_near) >> (distance % WORD_BITS);
}

static inline uint32_t weight(uint32_t distance)
{
    return (uint32_t)(distance < WORD_BITS) << FULL_WEIGHT_LOG2 >> (distance % WORD_BITS);
}

/*
 * The greatest is passed on with the half that rounds: with `step` known where this is inlined, the
 * distance is a subtraction and a shift, or a subtraction alone.
 */
static inline uint32_t distance(int32_t from, int32_t value, unsigned step)
{
    return (uint32_t)(from - value) >> step;
}

static inline uint32_t sum_of_weights(const int8_t *values, size_t count, int32_t from,
                                      unsigned step)
{
    uint32_t sum = 0;

#pragma GCC unroll 8
    for (size_t i = 0; i < count; i++)
        sum += weight(distance(from, values[i], step));
    return sum;
}

/* Four at a time: the compiler may not store later than it loads next, as `out` may be `in`. */
static inline void normalise_four(uint8_t *out, const int8_t *in, uint32_t inverse, int32_t from,
                                  unsigned step)
{
    int32_t in0 = in[0], in1 = in[1], in2 = in[2], in3 = in[3];
    uint32_t out0 = shifted_down(inverse, distance(from, in0, step));
    uint32_t out1 = shifted_down(inverse, distance(from, in1, step));
    uint32_t out2 = shifted_down(inverse, distance(from, in2, step));
    uint32_t out3 = shifted_down(inverse, distance(from, in3, step));

    out[0] = (uint8_t)out0, out[1] = (uint8_t)out1, out[2] = (uint8_t)out2, out[3] = (uint8_t)out3;
}

/* Inlined where `step` is known to be 0, and where it is not. */
static inline __attribute__((always_inline)) void
normalise_row(uint8_t *out, const int8_t *in, size_t columns, struct softmax_rule rule,
              unsigned step)
{
    const int32_t half = 1 << step >> 1;
    int32_t greatest = INT8_MIN;
    uint32_t sum = 0;

    for (size_t first = 0, count; first < columns; first += count) {
        count = columns - first < rule.group ? columns - first : rule.group;
        int32_t before = greatest;
        greatest = greatest_of(in + first, count, greatest);
        sum = shifted_down(sum, distance(greatest + half, before, step));
        sum += sum_of_weights(in + first, count, greatest + half, step);
    }
    uint32_t inverse = rule.numerator / sum;
    const int8_t *end = in + columns;
#pragma GCC unroll 2
    for (; end - in >= 4; in += 4, out += 4)
        normalise_four(out, in, inverse, greatest + half, step);
    for (; in < end; in++, out++)
        *out = (uint8_t)shifted_down(inverse, distance(greatest + half, *in, step));
}

void softmax_base2(const struct softmax *softmax, struct softmax_rule rule, unsigned worker,
                   unsigned workers)
{
    struct share rows = share_of(softmax->columns ? softmax->rows : 0, worker, workers);

    for (size_t row = rows.first; row < rows.end; row++) {
        const int8_t *in = softmax->in + row * softmax->in_stride;
        uint8_t *out = softmax->out + row * softmax->out_stride;
        if (rule.step == 0)
            normalise_row(out, in, softmax->columns, rule, 0);
        else
            normalise_row(out, in, softmax->columns, rule, rule.step);
    }
}

/* ------------------------------------------------------------------------------------ iSoftmax */

void isoftmax_weights(uint32_t weights[ISOFTMAX_WEIGHTS],
                      const struct isoftmax_coefficients *coefficients, unsigned worker,
                      unsigned workers)
{
    struct share share = share_of(ISOFTMAX_WEIGHTS, worker, workers);

    for (size_t below = share.first; below < share.end; below++) {
        int32_t times = (int32_t)below / coefficients->log2;
        int32_t halvings = times < 31 ? times : 31;
        int32_t rest = halvings * coefficients->log2 - (int32_t)below + coefficients->b;
        weights[below] =
            (uint32_t)((coefficients->a * rest * rest + coefficients->c) >> halvings);
    }
}

/*
 * floor(dividend / divisor) for quotients of up to 8 bits and dividends below 2^29: the product
 * with the inverse is at most one too small.
 */
static inline uint32_t quotient(uint32_t dividend, uint32_t divisor, uint32_t inverse)
{
    uint32_t guess = (uint32_t)((uint64_t)dividend * inverse >> 32);

    return guess + (dividend - guess * divisor >= divisor);
}

static void isoftmax_row(uint8_t *out, const int8_t *in, size_t columns, const uint32_t *weights,
                         uint32_t greatest_out)
{
    int32_t greatest = greatest_of(in, columns, INT8_MIN);
    uint32_t sum = 0;

#pragma GCC unroll 8
    for (size_t i = 0; i < columns; i++)
        sum += weights[greatest - in[i]];
    uint32_t inverse = UINT32_MAX / sum;
#pragma GCC unroll 4
    for (size_t i = 0; i < columns; i++)
        out[i] = (uint8_t)quotient(weights[greatest - in[i]] * greatest_out, sum, inverse);
}

void isoftmax(const struct softmax *softmax, const uint32_t weights[ISOFTMAX_WEIGHTS],
              uint32_t greatest, unsigned worker, unsigned workers)
{
    struct share rows = share_of(softmax->columns ? softmax->rows : 0, worker, workers);

    for (size_t row = rows.first; row < rows.end; row++)
        isoftmax_row(softmax->out + row * softmax->out_stride,
                     softmax->in + row * softmax->in_stride, softmax->columns, weights, greatest);
}
