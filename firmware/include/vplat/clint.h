#ifndef VPLAT_CLINT_H
#define VPLAT_CLINT_H

/*
 * clint: Raises the software and timer interrupts of the harts.
 *
 * ``mtime`` is worked out when somebody looks: a hart sees the time of its own cycle. Registers of
 * harts that the board does not have read as zero and ignore stores.
 *
 * Generated from vplat.peripherals.clint by `vplat export c-header`; do not edit.
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
#define CLINT_REGISTERS_SIZE VPLAT_U(0xc000)

#ifndef __ASSEMBLER__

/* The registers. */
typedef struct {
    /* +0x000, read-write: Software interrupt of hart i. */
    volatile uint32_t msip[32];
    uint32_t _reserved_80[4064];
    struct {
        /*
         * +0x000, read-write: Bits 31:0 of the time from which on hart i has its timer interrupt
         * (mip.MTIP). Store all ones to mtimecmp_hi first, so that no value in between is reached.
         */
        volatile uint32_t lo;
        /*
         * +0x004, read-write: Bits 63:32 of the time from which on hart i has its timer interrupt
         * (mip.MTIP).
         */
        volatile uint32_t hi;
    } mtimecmp[32];
    uint32_t _reserved_4100[8126];
    /* +0xbff8, read-write: Bits 31:0 of the time, in ticks. A store sets the whole word. */
    volatile uint32_t mtime_lo;
    /*
     * +0xbffc, read-write: Bits 63:32 of the time. Read it before and after mtime_lo, so that a
     * carry shows. A store sets the whole word.
     */
    volatile uint32_t mtime_hi;
} clint_registers_t;

_Static_assert(offsetof(clint_registers_t, msip) == 0x000, "clint_registers_t.msip");
_Static_assert(offsetof(clint_registers_t, msip[31]) == 0x07c, "clint_registers_t.msip[31]");
_Static_assert(offsetof(clint_registers_t, mtimecmp[0].lo) == 0x4000, "clint_registers_t.mtimecmp[0].lo");
_Static_assert(offsetof(clint_registers_t, mtimecmp[0].hi) == 0x4004, "clint_registers_t.mtimecmp[0].hi");
_Static_assert(offsetof(clint_registers_t, mtimecmp[31].lo) == 0x40f8, "clint_registers_t.mtimecmp[31].lo");
_Static_assert(offsetof(clint_registers_t, mtimecmp[31].hi) == 0x40fc, "clint_registers_t.mtimecmp[31].hi");
_Static_assert(offsetof(clint_registers_t, mtime_lo) == 0xbff8, "clint_registers_t.mtime_lo");
_Static_assert(offsetof(clint_registers_t, mtime_hi) == 0xbffc, "clint_registers_t.mtime_hi");
_Static_assert(sizeof(clint_registers_t) == 0xc000, "clint_registers_t");

#endif

/* msip (read-write): Software interrupt of hart i. */
#define CLINT_MSIP_OFFSET(i) (VPLAT_U(0x000) + VPLAT_U(0x4) * (i))
#define CLINT_MSIP_COUNT VPLAT_U(32)
#define CLINT_MSIP_RESET VPLAT_U(0x00000000)
/* pending, bit 0, read-write: The level of the hart's machine software interrupt (mip.MSIP). */
#define CLINT_MSIP_PENDING_SHIFT VPLAT_U(0)
#define CLINT_MSIP_PENDING_MASK VPLAT_U(0x00000001)

/*
 * mtimecmp_lo (read-write): Bits 31:0 of the time from which on hart i has its timer interrupt
 * (mip.MTIP). Store all ones to mtimecmp_hi first, so that no value in between is reached.
 */
#define CLINT_MTIMECMP_LO_OFFSET(i) (VPLAT_U(0x4000) + VPLAT_U(0x8) * (i))
#define CLINT_MTIMECMP_LO_COUNT VPLAT_U(32)
#define CLINT_MTIMECMP_LO_RESET VPLAT_U(0xffffffff)

/*
 * mtimecmp_hi (read-write): Bits 63:32 of the time from which on hart i has its timer interrupt
 * (mip.MTIP).
 */
#define CLINT_MTIMECMP_HI_OFFSET(i) (VPLAT_U(0x4004) + VPLAT_U(0x8) * (i))
#define CLINT_MTIMECMP_HI_COUNT VPLAT_U(32)
#define CLINT_MTIMECMP_HI_RESET VPLAT_U(0xffffffff)

/* mtime_lo (read-write): Bits 31:0 of the time, in ticks. A store sets the whole word. */
#define CLINT_MTIME_LO_OFFSET VPLAT_U(0xbff8)
#define CLINT_MTIME_LO_RESET VPLAT_U(0x00000000)

/*
 * mtime_hi (read-write): Bits 63:32 of the time. Read it before and after mtime_lo, so that a carry
 * shows. A store sets the whole word.
 */
#define CLINT_MTIME_HI_OFFSET VPLAT_U(0xbffc)
#define CLINT_MTIME_HI_RESET VPLAT_U(0x00000000)

#endif /* VPLAT_CLINT_H */
