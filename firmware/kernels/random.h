/*
 * Numbers that look random and are the same in every run (xorshift32).
 */
#ifndef KERNELS_RANDOM_H
#define KERNELS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* `state` starts as anything but 0. */
static inline uint32_t random_next(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static inline void random_fill(int8_t *values, size_t count, uint32_t *state)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (int8_t)(random_next(state) >> 24);
}

#endif
