#ifndef VPLAT_ICACHE_CONTROL_H
#define VPLAT_ICACHE_CONTROL_H

/*
 * icache_control: Enables and flushes the instruction caches.
 *
 * A flush is over when its store is, so registers that firmware polls for its end read as zero.
 *
 * Generated from vplat.peripherals.icache_control by `vplat export c-header`; do not edit.
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
#define ICACHE_CONTROL_REGISTERS_SIZE VPLAT_U(0x400)

#ifndef __ASSEMBLER__

/* The registers. */
typedef struct {
    /* +0x000, read-write: Use of the caches. */
    volatile uint32_t enable_icache;
    /* +0x004, write-1-to-pulse: Flush of all caches. Reads as zero: done. */
    volatile uint32_t flush_icache;
    /* +0x008, write-1-to-pulse: Flush of the harts' private caches. Reads as zero: done. */
    volatile uint32_t flush_l1_only;
    /* +0x00c, write-only: Drop the line that holds the address stored here. Reads as zero: done. */
    volatile uint32_t sel_flush_icache;
    /* +0x010, write-1-to-pulse: Reset of the hit and miss counters. Reads as zero. */
    volatile uint32_t clear_cnts;
    /* +0x014, read-write: Use of the hit and miss counters. */
    volatile uint32_t enable_cnts;
    uint32_t _reserved_18[1];
    /*
     * +0x01c, write-only: Prefetch from the shared cache into the private ones. Reads as zero: the
     * prefetcher is disabled in the hardware.
     */
    volatile uint32_t enable_l1_l15_prefetch;
    uint32_t _reserved_20[248];
} icache_control_registers_t;

_Static_assert(offsetof(icache_control_registers_t, enable_icache) == 0x000, "icache_control_registers_t.enable_icache");
_Static_assert(offsetof(icache_control_registers_t, flush_icache) == 0x004, "icache_control_registers_t.flush_icache");
_Static_assert(offsetof(icache_control_registers_t, flush_l1_only) == 0x008, "icache_control_registers_t.flush_l1_only");
_Static_assert(offsetof(icache_control_registers_t, sel_flush_icache) == 0x00c, "icache_control_registers_t.sel_flush_icache");
_Static_assert(offsetof(icache_control_registers_t, clear_cnts) == 0x010, "icache_control_registers_t.clear_cnts");
_Static_assert(offsetof(icache_control_registers_t, enable_cnts) == 0x014, "icache_control_registers_t.enable_cnts");
_Static_assert(offsetof(icache_control_registers_t, enable_l1_l15_prefetch) == 0x01c, "icache_control_registers_t.enable_l1_l15_prefetch");
_Static_assert(sizeof(icache_control_registers_t) == 0x400, "icache_control_registers_t");

#endif

/* enable_icache (read-write): Use of the caches. */
#define ICACHE_CONTROL_ENABLE_ICACHE_OFFSET VPLAT_U(0x000)
#define ICACHE_CONTROL_ENABLE_ICACHE_RESET VPLAT_U(0x00000000)
/* enable, bit 0, read-write: 1: use the caches. 0: bypass them, so that every fetch sees memory. */
#define ICACHE_CONTROL_ENABLE_ICACHE_ENABLE_SHIFT VPLAT_U(0)
#define ICACHE_CONTROL_ENABLE_ICACHE_ENABLE_MASK VPLAT_U(0x00000001)

/* flush_icache (write-1-to-pulse): Flush of all caches. Reads as zero: done. */
#define ICACHE_CONTROL_FLUSH_ICACHE_OFFSET VPLAT_U(0x004)
#define ICACHE_CONTROL_FLUSH_ICACHE_RESET VPLAT_U(0x00000000)
/* flush, bit 0, write-1-to-pulse: Drop every line of the private and the shared caches. */
#define ICACHE_CONTROL_FLUSH_ICACHE_FLUSH_SHIFT VPLAT_U(0)
#define ICACHE_CONTROL_FLUSH_ICACHE_FLUSH_MASK VPLAT_U(0x00000001)

/* flush_l1_only (write-1-to-pulse): Flush of the harts' private caches. Reads as zero: done. */
#define ICACHE_CONTROL_FLUSH_L1_ONLY_OFFSET VPLAT_U(0x008)
#define ICACHE_CONTROL_FLUSH_L1_ONLY_RESET VPLAT_U(0x00000000)
/* flush, bit 0, write-1-to-pulse: Drop every line of the private caches, keep the shared one. */
#define ICACHE_CONTROL_FLUSH_L1_ONLY_FLUSH_SHIFT VPLAT_U(0)
#define ICACHE_CONTROL_FLUSH_L1_ONLY_FLUSH_MASK VPLAT_U(0x00000001)

/*
 * sel_flush_icache (write-only): Drop the line that holds the address stored here. Reads as zero:
 * done.
 */
#define ICACHE_CONTROL_SEL_FLUSH_ICACHE_OFFSET VPLAT_U(0x00c)
#define ICACHE_CONTROL_SEL_FLUSH_ICACHE_RESET VPLAT_U(0x00000000)

/* clear_cnts (write-1-to-pulse): Reset of the hit and miss counters. Reads as zero. */
#define ICACHE_CONTROL_CLEAR_CNTS_OFFSET VPLAT_U(0x010)
#define ICACHE_CONTROL_CLEAR_CNTS_RESET VPLAT_U(0x00000000)
/*
 * clear, bit 0, write-1-to-pulse: Set them to zero. The counters themselves are not on this
 * platform.
 */
#define ICACHE_CONTROL_CLEAR_CNTS_CLEAR_SHIFT VPLAT_U(0)
#define ICACHE_CONTROL_CLEAR_CNTS_CLEAR_MASK VPLAT_U(0x00000001)

/* enable_cnts (read-write): Use of the hit and miss counters. */
#define ICACHE_CONTROL_ENABLE_CNTS_OFFSET VPLAT_U(0x014)
#define ICACHE_CONTROL_ENABLE_CNTS_RESET VPLAT_U(0x00000000)
/* enable, bit 0, read-write: Let them count. The counters themselves are not on this platform. */
#define ICACHE_CONTROL_ENABLE_CNTS_ENABLE_SHIFT VPLAT_U(0)
#define ICACHE_CONTROL_ENABLE_CNTS_ENABLE_MASK VPLAT_U(0x00000001)

/*
 * enable_l1_l15_prefetch (write-only): Prefetch from the shared cache into the private ones. Reads
 * as zero: the prefetcher is disabled in the hardware.
 */
#define ICACHE_CONTROL_ENABLE_L1_L15_PREFETCH_OFFSET VPLAT_U(0x01c)
#define ICACHE_CONTROL_ENABLE_L1_L15_PREFETCH_RESET VPLAT_U(0x00000000)
/* harts, bits 15:0, write-only: Bit h asks for it on hart h. */
#define ICACHE_CONTROL_ENABLE_L1_L15_PREFETCH_HARTS_SHIFT VPLAT_U(0)
#define ICACHE_CONTROL_ENABLE_L1_L15_PREFETCH_HARTS_MASK VPLAT_U(0x0000ffff)

#endif /* VPLAT_ICACHE_CONTROL_H */
