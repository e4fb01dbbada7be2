/*
 * Values of the three types that tensors have: to 32 bits and back.
 */
#ifndef KERNELS_ELEMENT_H
#define KERNELS_ELEMENT_H

#include <stddef.h>
#include <stdint.h>

enum element {
    ELEMENT_INT8,
    ELEMENT_UINT8,
    ELEMENT_INT32,
};

static inline size_t element_bytes(enum element element)
{
    return element == ELEMENT_INT32 ? sizeof(int32_t) : 1;
}

static inline int32_t element_load(const void *at, enum element element)
{
    switch (element) {
    case ELEMENT_INT8:
        return *(const int8_t *)at;
    case ELEMENT_UINT8:
        return *(const uint8_t *)at;
    default:
        return *(const int32_t *)at;
    }
}

/* The value fits the element. */
static inline void element_store(void *at, int32_t value, enum element element)
{
    if (element == ELEMENT_INT32)
        *(int32_t *)at = value;
    else
        *(int8_t *)at = (int8_t)value;
}

#endif
