#ifndef VPLAT_PULP_TIMER_H
#define VPLAT_PULP_TIMER_H

/*
 * pulp_timer: Two 32-bit counters, or one of 64 bits, that pulse an event line at a compare value.
 *
 * Generated from vplat.peripherals.timer by `vplat export c-header`; do not edit.
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
#define PULP_TIMER_REGISTERS_SIZE VPLAT_U(0x400)

#ifndef __ASSEMBLER__

/* The registers. */
typedef struct {
    /* +0x000, read-write, write-1-to-pulse: How the low counter runs. */
    volatile uint32_t cfg_lo;
    /* +0x004, read-write, write-1-to-pulse: How the high counter runs. */
    volatile uint32_t cfg_hi;
    /* +0x008, read-write: The low counter. A store sets the whole word, whatever its size. */
    volatile uint32_t cnt_lo;
    /* +0x00c, read-write: The high counter. A store sets the whole word, whatever its size. */
    volatile uint32_t cnt_hi;
    /* +0x010, read-write: Where the low counter matches: when it counts up to this value. */
    volatile uint32_t cmp_lo;
    /* +0x014, read-write: Where the high counter matches: when it counts up to this value. */
    volatile uint32_t cmp_hi;
    /* +0x018, write-only: Any store sets cfg_lo.enable. */
    volatile uint32_t start_lo;
    /* +0x01c, write-only: Any store sets cfg_hi.enable. */
    volatile uint32_t start_hi;
    /* +0x020, write-only: Any store sets the low counter and its prescaler to zero. */
    volatile uint32_t reset_lo;
    /* +0x024, write-only: Any store sets the high counter and its prescaler to zero. */
    volatile uint32_t reset_hi;
    uint32_t _reserved_28[246];
} pulp_timer_registers_t;

_Static_assert(offsetof(pulp_timer_registers_t, cfg_lo) == 0x000, "pulp_timer_registers_t.cfg_lo");
_Static_assert(offsetof(pulp_timer_registers_t, cfg_hi) == 0x004, "pulp_timer_registers_t.cfg_hi");
_Static_assert(offsetof(pulp_timer_registers_t, cnt_lo) == 0x008, "pulp_timer_registers_t.cnt_lo");
_Static_assert(offsetof(pulp_timer_registers_t, cnt_hi) == 0x00c, "pulp_timer_registers_t.cnt_hi");
_Static_assert(offsetof(pulp_timer_registers_t, cmp_lo) == 0x010, "pulp_timer_registers_t.cmp_lo");
_Static_assert(offsetof(pulp_timer_registers_t, cmp_hi) == 0x014, "pulp_timer_registers_t.cmp_hi");
_Static_assert(offsetof(pulp_timer_registers_t, start_lo) == 0x018, "pulp_timer_registers_t.start_lo");
_Static_assert(offsetof(pulp_timer_registers_t, start_hi) == 0x01c, "pulp_timer_registers_t.start_hi");
_Static_assert(offsetof(pulp_timer_registers_t, reset_lo) == 0x020, "pulp_timer_registers_t.reset_lo");
_Static_assert(offsetof(pulp_timer_registers_t, reset_hi) == 0x024, "pulp_timer_registers_t.reset_hi");
_Static_assert(sizeof(pulp_timer_registers_t) == 0x400, "pulp_timer_registers_t");

#endif

/* cfg_lo (read-write, write-1-to-pulse): How the low counter runs. */
#define PULP_TIMER_CFG_LO_OFFSET VPLAT_U(0x000)
#define PULP_TIMER_CFG_LO_RESET VPLAT_U(0x00000000)
/* enable, bit 0, read-write: Count. One-shot mode clears it on a match. */
#define PULP_TIMER_CFG_LO_ENABLE_SHIFT VPLAT_U(0)
#define PULP_TIMER_CFG_LO_ENABLE_MASK VPLAT_U(0x00000001)
/* reset, bit 1, write-1-to-pulse: Set the low counter and its prescaler to zero. */
#define PULP_TIMER_CFG_LO_RESET_SHIFT VPLAT_U(1)
#define PULP_TIMER_CFG_LO_RESET_MASK VPLAT_U(0x00000002)
/* irq_enable, bit 2, read-write: Pulse the low event line on a match. */
#define PULP_TIMER_CFG_LO_IRQ_ENABLE_SHIFT VPLAT_U(2)
#define PULP_TIMER_CFG_LO_IRQ_ENABLE_MASK VPLAT_U(0x00000004)
/* iem, bit 3, read-write: Let the low input event set enable. */
#define PULP_TIMER_CFG_LO_IEM_SHIFT VPLAT_U(3)
#define PULP_TIMER_CFG_LO_IEM_MASK VPLAT_U(0x00000008)
/* cmp_clear, bit 4, read-write: Set the counter to zero one cycle after a match, and count on. */
#define PULP_TIMER_CFG_LO_CMP_CLEAR_SHIFT VPLAT_U(4)
#define PULP_TIMER_CFG_LO_CMP_CLEAR_MASK VPLAT_U(0x00000010)
/* one_shot, bit 5, read-write: Clear enable on a match. */
#define PULP_TIMER_CFG_LO_ONE_SHOT_SHIFT VPLAT_U(5)
#define PULP_TIMER_CFG_LO_ONE_SHOT_MASK VPLAT_U(0x00000020)
/* prescaler_enable, bit 6, read-write: Count only every few pulses of the clock, see prescaler. */
#define PULP_TIMER_CFG_LO_PRESCALER_ENABLE_SHIFT VPLAT_U(6)
#define PULP_TIMER_CFG_LO_PRESCALER_ENABLE_MASK VPLAT_U(0x00000040)
/* ref_clock, bit 7, read-write: Count rising edges of the reference clock in place of cycles. */
#define PULP_TIMER_CFG_LO_REF_CLOCK_SHIFT VPLAT_U(7)
#define PULP_TIMER_CFG_LO_REF_CLOCK_MASK VPLAT_U(0x00000080)
/*
 * prescaler, bits 15:8, read-write: With prescaler_enable: a tick is this many cycles and one more,
 * or this many edges of the reference clock. Set reset when you lower it: a prescaler that has gone
 * past the new value goes once round its 32 bits first.
 */
#define PULP_TIMER_CFG_LO_PRESCALER_SHIFT VPLAT_U(8)
#define PULP_TIMER_CFG_LO_PRESCALER_MASK VPLAT_U(0x0000ff00)
/*
 * mode_64bit, bit 31, read-write: Make one counter of 64 bits: cnt_hi and cmp_hi are the upper
 * halves of cnt_lo and cmp_lo, the other fields of cfg_lo rule it, a match pulses the low event
 * line.
 */
#define PULP_TIMER_CFG_LO_MODE_64BIT_SHIFT VPLAT_U(31)
#define PULP_TIMER_CFG_LO_MODE_64BIT_MASK VPLAT_U(0x80000000)

/* cfg_hi (read-write, write-1-to-pulse): How the high counter runs. */
#define PULP_TIMER_CFG_HI_OFFSET VPLAT_U(0x004)
#define PULP_TIMER_CFG_HI_RESET VPLAT_U(0x00000000)
/* enable, bit 0, read-write: Count. One-shot mode clears it on a match. */
#define PULP_TIMER_CFG_HI_ENABLE_SHIFT VPLAT_U(0)
#define PULP_TIMER_CFG_HI_ENABLE_MASK VPLAT_U(0x00000001)
/* reset, bit 1, write-1-to-pulse: Set the high counter and its prescaler to zero. */
#define PULP_TIMER_CFG_HI_RESET_SHIFT VPLAT_U(1)
#define PULP_TIMER_CFG_HI_RESET_MASK VPLAT_U(0x00000002)
/* irq_enable, bit 2, read-write: Pulse the high event line on a match. */
#define PULP_TIMER_CFG_HI_IRQ_ENABLE_SHIFT VPLAT_U(2)
#define PULP_TIMER_CFG_HI_IRQ_ENABLE_MASK VPLAT_U(0x00000004)
/* iem, bit 3, read-write: Let the high input event set enable. */
#define PULP_TIMER_CFG_HI_IEM_SHIFT VPLAT_U(3)
#define PULP_TIMER_CFG_HI_IEM_MASK VPLAT_U(0x00000008)
/* cmp_clear, bit 4, read-write: Set the counter to zero one cycle after a match, and count on. */
#define PULP_TIMER_CFG_HI_CMP_CLEAR_SHIFT VPLAT_U(4)
#define PULP_TIMER_CFG_HI_CMP_CLEAR_MASK VPLAT_U(0x00000010)
/* one_shot, bit 5, read-write: Clear enable on a match. */
#define PULP_TIMER_CFG_HI_ONE_SHOT_SHIFT VPLAT_U(5)
#define PULP_TIMER_CFG_HI_ONE_SHOT_MASK VPLAT_U(0x00000020)
/* prescaler_enable, bit 6, read-write: Count only every few pulses of the clock, see prescaler. */
#define PULP_TIMER_CFG_HI_PRESCALER_ENABLE_SHIFT VPLAT_U(6)
#define PULP_TIMER_CFG_HI_PRESCALER_ENABLE_MASK VPLAT_U(0x00000040)
/* ref_clock, bit 7, read-write: Count rising edges of the reference clock in place of cycles. */
#define PULP_TIMER_CFG_HI_REF_CLOCK_SHIFT VPLAT_U(7)
#define PULP_TIMER_CFG_HI_REF_CLOCK_MASK VPLAT_U(0x00000080)
/*
 * prescaler, bits 15:8, read-write: With prescaler_enable: a tick is this many cycles and one more,
 * or this many edges of the reference clock. Set reset when you lower it: a prescaler that has gone
 * past the new value goes once round its 32 bits first.
 */
#define PULP_TIMER_CFG_HI_PRESCALER_SHIFT VPLAT_U(8)
#define PULP_TIMER_CFG_HI_PRESCALER_MASK VPLAT_U(0x0000ff00)

/* cnt_lo (read-write): The low counter. A store sets the whole word, whatever its size. */
#define PULP_TIMER_CNT_LO_OFFSET VPLAT_U(0x008)
#define PULP_TIMER_CNT_LO_RESET VPLAT_U(0x00000000)

/* cnt_hi (read-write): The high counter. A store sets the whole word, whatever its size. */
#define PULP_TIMER_CNT_HI_OFFSET VPLAT_U(0x00c)
#define PULP_TIMER_CNT_HI_RESET VPLAT_U(0x00000000)

/* cmp_lo (read-write): Where the low counter matches: when it counts up to this value. */
#define PULP_TIMER_CMP_LO_OFFSET VPLAT_U(0x010)
#define PULP_TIMER_CMP_LO_RESET VPLAT_U(0x00000000)

/* cmp_hi (read-write): Where the high counter matches: when it counts up to this value. */
#define PULP_TIMER_CMP_HI_OFFSET VPLAT_U(0x014)
#define PULP_TIMER_CMP_HI_RESET VPLAT_U(0x00000000)

/* start_lo (write-only): Any store sets cfg_lo.enable. */
#define PULP_TIMER_START_LO_OFFSET VPLAT_U(0x018)
#define PULP_TIMER_START_LO_RESET VPLAT_U(0x00000000)

/* start_hi (write-only): Any store sets cfg_hi.enable. */
#define PULP_TIMER_START_HI_OFFSET VPLAT_U(0x01c)
#define PULP_TIMER_START_HI_RESET VPLAT_U(0x00000000)

/* reset_lo (write-only): Any store sets the low counter and its prescaler to zero. */
#define PULP_TIMER_RESET_LO_OFFSET VPLAT_U(0x020)
#define PULP_TIMER_RESET_LO_RESET VPLAT_U(0x00000000)

/* reset_hi (write-only): Any store sets the high counter and its prescaler to zero. */
#define PULP_TIMER_RESET_HI_OFFSET VPLAT_U(0x024)
#define PULP_TIMER_RESET_HI_RESET VPLAT_U(0x00000000)

#endif /* VPLAT_PULP_TIMER_H */
