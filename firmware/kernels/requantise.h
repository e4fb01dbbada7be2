/*
 * From accumulators to int8, with the same rule as the accelerator's: value * mult / 2^shift, rounded
 * half towards plus infinity, plus add, saturated.
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
    return (int8_t)(value > INT8_MAX ? INT8_MAX : value < INT8_MIN ? INT8_MIN : value);
}

/* For accumulators of up to 26 bits, as ITA's: the product has 34. */
static inline int8_t requantise(int32_t accumulator, struct requant by)
{
    int64_t product = (int64_t)accumulator * by.mult;

    if (by.shift > 0)
        product = ((product >> (by.shift - 1)) + 1) >> 1;
    /* Far outside the range of int32 it is far outside that of int8, on the same side. */
    if (product > INT16_MAX)
        return INT8_MAX;
    if (product < INT16_MIN)
        return INT8_MIN;
    return saturate_int8((int32_t)product + by.add);
}

/* The same for values of up to 16 bits and shifts of up to 24, without 64-bit arithmetic. */
static inline int8_t requantise_small(int32_t value, struct requant by)
{
    int32_t product = value * by.mult;

    if (by.shift > 0)
        product = ((product >> (by.shift - 1)) + 1) >> 1;
    return saturate_int8(product + by.add);
}

#endif
