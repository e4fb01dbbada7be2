/*
 * FNV-1a with 32 bits: tells whether two images are the same, without keeping one of them.
 */
#ifndef KERNELS_CHECKSUM_H
#define KERNELS_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#define FNV_OFFSET_BASIS 2166136261u
#define FNV_PRIME 16777619u

static inline uint32_t checksum(const void *data, size_t bytes)
{
    const uint8_t *byte = data;
    uint32_t sum = FNV_OFFSET_BASIS;

    for (size_t i = 0; i < bytes; i++)
        sum = (sum ^ byte[i]) * FNV_PRIME;
    return sum;
}

#endif
