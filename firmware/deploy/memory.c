#include "deploy/memory.h"

#include <stdint.h>

typedef uint32_t __attribute__((may_alias)) word_t;

/* Keeps the compiler from making a loop a call of the function that it is in. */
#define AS_A_LOOP __attribute__((optimize("no-tree-loop-distribute-patterns")))

AS_A_LOOP void *memcpy(void *restrict to, const void *restrict from, size_t count)
{
    uint8_t *out = to;
    const uint8_t *in = from;

    if ((((uintptr_t)out | (uintptr_t)in) & (sizeof(word_t) - 1)) == 0)
        for (; count >= sizeof(word_t); count -= sizeof(word_t)) {
            *(word_t *)(void *)out = *(const word_t *)(const void *)in;
            out += sizeof(word_t), in += sizeof(word_t);
        }
    for (; count > 0; count--)
        *out++ = *in++;
    return to;
}

AS_A_LOOP void *memset(void *to, int value, size_t count)
{
    const uint32_t word = (uint8_t)value * 0x01010101u;
    uint8_t *out = to;

    if (((uintptr_t)out & (sizeof(word_t) - 1)) == 0)
        for (; count >= sizeof(word_t); count -= sizeof(word_t), out += sizeof(word_t))
            *(word_t *)(void *)out = word;
    for (; count > 0; count--)
        *out++ = (uint8_t)value;
    return to;
}
