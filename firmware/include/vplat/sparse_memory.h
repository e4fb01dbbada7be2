#ifndef VPLAT_SPARSE_MEMORY_H
#define VPLAT_SPARSE_MEMORY_H

/*
 * sparse_memory: Answers wherever a board places it, as RAM that reads zero until it is written.
 *
 * On a board it usually has ``base = "elsewhere"``: then it takes what nothing else answers. Only
 * pages that were written take room. An access by a hart is reported, once a page, for on silicon
 * nothing would be there.
 *
 * Generated from vplat.peripherals.sparse_memory by `vplat export c-header`; do not edit.
 */

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>
#if defined(__cplusplus) && !defined(_Static_assert)
#define _Static_assert(x, y) static_assert(x, y)
#endif
#endif

#ifndef VPLAT_U
#ifdef __ASSEMBLER__
#define VPLAT_U(number) number
#else
#define VPLAT_U(number) number##u
#endif
/* A field's value in a word read from its register: VPLAT_GET(DMA_STATUS_ID, word). */
#define VPLAT_GET(field, word) (((word) & field##_MASK) >> field##_SHIFT)
/* A value in its field's place, to be written: VPLAT_PUT(DMA_CTRL_MODE, DMA_CTRL_MODE_FAST). */
#define VPLAT_PUT(field, value) (((uint32_t)(value) << field##_SHIFT) & field##_MASK)
#endif

/* Bytes of the window 'registers'. The registers. */
#define SPARSE_MEMORY_REGISTERS_SIZE VPLAT_U(0x1000)

#ifndef __ASSEMBLER__

#endif

#endif /* VPLAT_SPARSE_MEMORY_H */
