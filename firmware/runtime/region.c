/*
 * First fit in a list of free blocks that is sorted by address, so that neighbours can be joined.
 */
#include "drivers/board.h"

#ifdef VPLAT_TEST_AND_SET_BASE

#include "runtime/region.h"

#include <stdint.h>

#include "drivers/test_and_set.h"

#define ALIGNMENT 16

/* In front of every block. `next` means something only while the block is free. */
struct block {
    size_t bytes; /* with this header */
    struct block *next;
} __attribute__((aligned(ALIGNMENT)));

struct region {
    char *start;
    char *end;
    struct block *free;
    int is_open;
};

/* Symbols of the linker script: what is left of each memory. */
extern char _tcdm_heap_start[], _tcdm_heap_end[];
extern char _l2_heap_start[], _l2_heap_end[];
extern char _l3_heap_start[], _l3_heap_end[];

static struct region l1 = {_tcdm_heap_start, _tcdm_heap_end, NULL, 0};
static struct region l2 = {_l2_heap_start, _l2_heap_end, NULL, 0};
static struct region l3 = {_l3_heap_start, _l3_heap_end, NULL, 0};

static spin_lock_t lock __attribute__((section(".bss.tcdm")));

static void open(struct region *region)
{
    if (region->is_open)
        return;
    region->is_open = 1;
    region->free = (struct block *)region->start;
    region->free->bytes = (size_t)(region->end - region->start) & ~(size_t)(ALIGNMENT - 1);
    region->free->next = NULL;
}

/* Cut `bytes` off the front of *link, and leave the rest in the list if it can hold anything. */
static void *take(struct block **link, size_t bytes)
{
    struct block *block = *link;

    if (block->bytes - bytes > sizeof *block) {
        struct block *rest = (struct block *)((char *)block + bytes);
        rest->bytes = block->bytes - bytes;
        rest->next = block->next;
        block->bytes = bytes;
        *link = rest;
    } else {
        *link = block->next;
    }
    return block + 1;
}

static void *take_first_fit(struct region *region, size_t bytes)
{
    open(region);
    for (struct block **link = &region->free; *link; link = &(*link)->next)
        if ((*link)->bytes >= bytes)
            return take(link, bytes);
    return NULL;
}

static void *region_alloc(struct region *region, size_t bytes)
{
    if (bytes > SIZE_MAX - sizeof(struct block) - ALIGNMENT)
        return NULL;
    bytes = (bytes + sizeof(struct block) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    spin_lock(&lock);
    void *found = take_first_fit(region, bytes);
    spin_unlock(&lock);
    return found;
}

/* Join `block` and the one behind it, if no gap is between them. */
static void join(struct block *block)
{
    struct block *next = block->next;

    if (next && (char *)block + block->bytes == (char *)next) {
        block->bytes += next->bytes;
        block->next = next->next;
    }
}

static void region_free(struct region *region, void *memory)
{
    struct block *block = (struct block *)memory - 1, *before = NULL;

    if (!memory)
        return;
    spin_lock(&lock);
    for (struct block *each = region->free; each && each < block; each = each->next)
        before = each;
    block->next = before ? before->next : region->free;
    if (before)
        before->next = block;
    else
        region->free = block;
    join(block);
    if (before)
        join(before);
    spin_unlock(&lock);
}

void *l1_alloc(size_t bytes)
{
    return region_alloc(&l1, bytes);
}

void l1_free(void *block)
{
    region_free(&l1, block);
}

void *l2_alloc(size_t bytes)
{
    return region_alloc(&l2, bytes);
}

void l2_free(void *block)
{
    region_free(&l2, block);
}

void *l3_alloc(size_t bytes)
{
    return region_alloc(&l3, bytes);
}

void l3_free(void *block)
{
    region_free(&l3, block);
}

#endif
