#ifndef VPLAT_CORE_COUNTERS_H
#define VPLAT_CORE_COUNTERS_H

/*
 * core_counters: The performance counters of the harts.
 *
 * It has no registers on the bus: the instruction set ``xpulp-counters`` leads here.
 *
 * Generated from vplat.peripherals.core_counters by `vplat export c-header`; do not edit.
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

#endif /* VPLAT_CORE_COUNTERS_H */
