/*
 * memcpy and memset by words, in place of those of the C library, which may go byte by byte: the
 * compiler calls them for structures.
 */
#ifndef DEPLOY_MEMORY_H
#define DEPLOY_MEMORY_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memset(void *to, int value, size_t count);

#endif
