#ifndef VPLAT_SNITCH_BARRIER_H
#define VPLAT_SNITCH_BARRIER_H

/*
 * snitch_barrier: Harts that read the barrier's CSR wait there until all of them have arrived.
 *
 * It has no registers of its own: the instruction set ``snitch-barrier`` leads here. A hart in
 * ``wfi`` has not arrived.
 *
 * Generated from vplat.peripherals.snitch_barrier by `vplat export c-header`; do not edit.
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

#ifndef __ASSEMBLER__

#endif

#endif /* VPLAT_SNITCH_BARRIER_H */
