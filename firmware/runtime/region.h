/*
 * Memory to be had at run time, from each of the board's memories.
 *
 *     int8_t *tile = l1_alloc(4096);
 *     ...
 *     l1_free(tile);
 *
 * Blocks are aligned to 16 bytes. NULL means that the memory has no piece so large left. Any hart
 * may call these at any time, interrupt handlers may not.
 */
#ifndef RUNTIME_REGION_H
#define RUNTIME_REGION_H

#include <stddef.h>

/* The TCDM, one cycle away, where DMA and accelerator work. */
void *l1_alloc(size_t bytes);
void l1_free(void *block);

/* L2, which also holds code and data. malloc() takes from the same memory: use one of the two. */
void *l2_alloc(size_t bytes);
void l2_free(void *block);

/* L3, the large external memory. */
void *l3_alloc(size_t bytes);
void l3_free(void *block);

#endif
