#ifndef VPLAT_MSIP_WORD_H
#define VPLAT_MSIP_WORD_H

/*
 * msip_word: Raises the software interrupts of the harts, by their bits in one word.
 *
 * Behind the word is memory.
 *
 * Generated from vplat.peripherals.msip_word by `vplat export c-header`; do not edit.
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

/* Bytes of the window 'registers'. */
#define MSIP_WORD_REGISTERS_SIZE VPLAT_U(0x1000)

#ifndef __ASSEMBLER__

/* The registers. */
typedef struct {
    /* +0x000, read-write: Bit i is the level of hart i's software interrupt (mip.MSIP). */
    volatile uint32_t msip;
    uint32_t _reserved_4[1023];
} msip_word_registers_t;

_Static_assert(offsetof(msip_word_registers_t, msip) == 0x000, "msip_word_registers_t.msip");
_Static_assert(sizeof(msip_word_registers_t) == 0x1000, "msip_word_registers_t");

#endif

/* msip (read-write): Bit i is the level of hart i's software interrupt (mip.MSIP). */
#define MSIP_WORD_MSIP_OFFSET VPLAT_U(0x000)
#define MSIP_WORD_MSIP_RESET VPLAT_U(0x00000000)

#endif /* VPLAT_MSIP_WORD_H */
