/*
 * FNV-1a with 32 bits: tells whether two images are the same, without keeping one of them.
 */
#ifndef KERNELS_CHECKSUM_H
#define KERNELS_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* The sum of no bytes, from which every sum starts. */
#define CHECKSUM_START 2166136261u
#define FNV_PRIME 16777619u

/* `sum` continued by further bytes. */
static inline uint32_t checksum_add(uint32_t sum, const void *data, size_t bytes)
{
    const uint8_t *byte = data;

    for (size_t i = 0; i < bytes; i++)
        sum = (sum ^ byte[i]) * FNV_PRIME;
    return sum;
}

/* The same by words, which is quicker, and has another result. */
static inline uint32_t checksum_words(uint32_t sum, const uint32_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sum = (sum ^ words[i]) * FNV_PRIME;
    return sum;
}

#endif
