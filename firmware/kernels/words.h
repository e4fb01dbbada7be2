/*
 * Four 8-bit values at a time, as a word. To load a byte costs a hart of the Snitch cluster four
 * cycles, in which it may do something else; to take it out of a loaded word costs one or two on
 * every hart.
 */
#ifndef KERNELS_WORDS_H
#define KERNELS_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#define WORD_BYTES 4

static inline bool is_aligned(const void *address)
{
    return (uintptr_t)address % WORD_BYTES == 0;
}

/* What was stored as bytes may be loaded as words. */
static inline uint32_t load_word(const void *address)
{
    typedef uint32_t __attribute__((may_alias)) any_word_t;

    return *(const any_word_t *)address;
}

#endif
