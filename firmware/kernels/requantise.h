/*
 * From accumulators to int8, with the same rule as the accelerator's: value * mult / 2^shift,
 * rounded half towards plus infinity, plus add, saturated.
 */
#ifndef KERNELS_REQUANTISE_H
#define KERNELS_REQUANTISE_H

#include <stdint.h>

struct requant {
    uint8_t mult;
    uint8_t shift; /* 0..34 */
    int8_t add;
};

static inline int8_t saturate_int8(int32_t value)
{
    /* One comparison for both ends, and a branch that is seldom taken. */
    if (__builtin_expect((uint32_t)value - INT8_MIN > UINT8_MAX, 0))
        value = (value >> 31) ^ INT8_MAX;
    return (int8_t)value;
}

/* For accumulators of up to 26 bits, as ITA's: the product has 34. */
static inline int8_t requantise(int32_t accumulator, struct requant by)
{
    int64_t half = (int64_t)1 << by.shift >> 1;
    int64_t scaled = ((int64_t)accumulator * by.mult + half) >> by.shift;

    /* Beyond 16 bits it is beyond 8 bits as well, whatever is added. */
    if (scaled > INT16_MAX)
        return INT8_MAX;
    if (scaled < INT16_MIN)
        return INT8_MIN;
    return saturate_int8((int32_t)scaled + by.add);
}

/* The same for values of up to 16 bits and shifts of up to 24, without 64-bit arithmetic. */
static inline int8_t requantise_small(int32_t value, struct requant by)
{
    int32_t half = 1 << by.shift >> 1;

    return saturate_int8(((value * by.mult + half) >> by.shift) + by.add);
}

#endif
