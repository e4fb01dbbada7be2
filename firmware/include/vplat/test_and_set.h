#ifndef VPLAT_TEST_AND_SET_H
#define VPLAT_TEST_AND_SET_H

/*
 * test_and_set: The TCDM once more: a load returns the old value and leaves all ones, a store just
 * stores.
 *
 * Only the low bits of an address are decoded, so the TCDM repeats through the window. The alias is
 * the harts' own: what another master reads here, the debugger above all, stays as it is.
 *
 * Generated from vplat.peripherals.test_and_set by `vplat export c-header`; do not edit.
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
#define TEST_AND_SET_REGISTERS_SIZE VPLAT_U(0x100000)

#ifndef __ASSEMBLER__

#endif

#endif /* VPLAT_TEST_AND_SET_H */
