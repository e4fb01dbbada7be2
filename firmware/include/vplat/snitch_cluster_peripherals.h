#ifndef VPLAT_SNITCH_CLUSTER_PERIPHERALS_H
#define VPLAT_SNITCH_CLUSTER_PERIPHERALS_H

/*
 * snitch_cluster_peripherals: Performance counters, interrupts between the harts, and what the
 * accelerator does.
 *
 * Registers are 64 bits apart. Sixteen counters each count one event of the one hart that
 * hart_select names. Offsets without a register read as all ones, and the whole repeats every 512
 * bytes.
 *
 * Generated from vplat.peripherals.snitch_cluster.device by `vplat export c-header`; do not edit.
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
#define SNITCH_CLUSTER_PERIPHERALS_REGISTERS_SIZE VPLAT_U(0x10000)

#ifndef __ASSEMBLER__

/* The registers. */
typedef struct {
    struct {
        /*
         * +0x000, read-write: What counter i counts: one bit, the lowest if several are set; none
         * stops it.
         */
        volatile uint32_t value;
        uint32_t _reserved_4[1];
    } perf_counter_enable[16];
    struct {
        /* +0x000, read-write: Whose events counter i counts, where they are a hart's own. */
        volatile uint32_t value;
        uint32_t _reserved_4[1];
    } hart_select[16];
    struct {
        /*
         * +0x000, read-write: Bits 31:0 of counter i. A store sets all 48 bits, the upper ones to
         * 0.
         */
        volatile uint32_t value;
        /* +0x004, read-write: Bits 47:32 of counter i. */
        volatile uint32_t high;
    } perf_counter[16];
    /*
     * +0x180, write-only: Bit i raises the cluster interrupt of hart i (bit 19 of mip). Reads as 0.
     */
    volatile uint32_t cl_clint_set;
    uint32_t _reserved_184[1];
    /* +0x188, write-only: Bit i lowers the cluster interrupt of hart i. Reads as 0. */
    volatile uint32_t cl_clint_clear;
    uint32_t _reserved_18c[1];
    /* +0x190, read-only: Of an older barrier: reads as 0 at once. The barrier is the CSR 0x7C2. */
    volatile const uint32_t hw_barrier;
    uint32_t _reserved_194[1];
    /* +0x198, write-only: Instruction cache. */
    volatile uint32_t icache_prefetch_enable;
    uint32_t _reserved_19c[1];
    /*
     * +0x1a0, read-only: Events of the accelerator in this very cycle; a poll hardly ever meets
     * one.
     */
    volatile const uint32_t hwpe_evt;
    uint32_t _reserved_1a4[1];
    /* +0x1a8, read-only: State of the accelerator. */
    volatile const uint32_t hwpe_busy;
    uint32_t _reserved_1ac[16277];
} snitch_cluster_peripherals_registers_t;

_Static_assert(offsetof(snitch_cluster_peripherals_registers_t, perf_counter_enable[0].value) == 0x000, "snitch_cluster_peripherals_registers_t.perf_counter_enable[0].value");
_Static_assert(offsetof(snitch_cluster_peripherals_registers_t, perf_counter_enable[15].value) == 0x078, "snitch_cluster_peripherals_registers_t.perf_counter_enable[15].value");
_Static_assert(offsetof(snitch_cluster_peripherals_registers_t, hart_select[0].value) == 0x080, "snitch_cluster_peripherals_registers_t.hart_select[0].value");
_Static_assert(offsetof(snitch_cluster_peripherals_registers_t, hart_select[15].value) == 0x0f8, "snitch_cluster_peripherals_registers_t.hart_select[15].value");
_Static_assert(offsetof(snitch_cluster_peripherals_registers_t, perf_counter[0].value) == 0x100, "snitch_cluster_peripherals_registers_t.perf_counter[0].value");
_Static_assert(offsetof(snitch_cluster_peripherals_registers_t, perf_counter[0].high) == 0x104, "snitch_cluster_peripherals_registers_t.perf_counter[0].high");
_Static_assert(offsetof(snitch_cluster_peripherals_registers_t, perf_counter[15].value) == 0x178, "snitch_cluster_peripherals_registers_t.perf_counter[15].value");
_Static_assert(offsetof(snitch_cluster_peripherals_registers_t, perf_counter[15].high) == 0x17c, "snitch_cluster_peripherals_registers_t.perf_counter[15].high");
_Static_assert(offsetof(snitch_cluster_peripherals_registers_t, cl_clint_set) == 0x180, "snitch_cluster_peripherals_registers_t.cl_clint_set");
_Static_assert(offsetof(snitch_cluster_peripherals_registers_t, cl_clint_clear) == 0x188, "snitch_cluster_peripherals_registers_t.cl_clint_clear");
_Static_assert(offsetof(snitch_cluster_peripherals_registers_t, hw_barrier) == 0x190, "snitch_cluster_peripherals_registers_t.hw_barrier");
_Static_assert(offsetof(snitch_cluster_peripherals_registers_t, icache_prefetch_enable) == 0x198, "snitch_cluster_peripherals_registers_t.icache_prefetch_enable");
_Static_assert(offsetof(snitch_cluster_peripherals_registers_t, hwpe_evt) == 0x1a0, "snitch_cluster_peripherals_registers_t.hwpe_evt");
_Static_assert(offsetof(snitch_cluster_peripherals_registers_t, hwpe_busy) == 0x1a8, "snitch_cluster_peripherals_registers_t.hwpe_busy");
_Static_assert(sizeof(snitch_cluster_peripherals_registers_t) == 0x10000, "snitch_cluster_peripherals_registers_t");

#endif

/*
 * perf_counter_enable (read-write): What counter i counts: one bit, the lowest if several are set;
 * none stops it.
 */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_OFFSET(i) (VPLAT_U(0x000) + VPLAT_U(0x8) * (i))
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_COUNT VPLAT_U(16)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_RESET VPLAT_U(0x00000000)
/* cycle, bit 0, read-write: Cycles. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_CYCLE_SHIFT VPLAT_U(0)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_CYCLE_MASK VPLAT_U(0x00000001)
/* tcdm_accessed, bit 1, read-write: Accesses of all harts to the TCDM; estimated. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_TCDM_ACCESSED_SHIFT VPLAT_U(1)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_TCDM_ACCESSED_MASK VPLAT_U(0x00000002)
/*
 * tcdm_congested, bit 2, read-write: Accesses to the TCDM that had to wait. Not counted: the
 * platform does not see which access of a hart finds its bank busy.
 */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_TCDM_CONGESTED_SHIFT VPLAT_U(2)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_TCDM_CONGESTED_MASK VPLAT_U(0x00000004)
/* issue_fpu, bit 3, read-write: Operations in the FPU; none, there is no FPU. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_ISSUE_FPU_SHIFT VPLAT_U(3)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_ISSUE_FPU_MASK VPLAT_U(0x00000008)
/* issue_fpu_seq, bit 4, read-write: Instructions that the FPU sequencer issued; none. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_ISSUE_FPU_SEQ_SHIFT VPLAT_U(4)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_ISSUE_FPU_SEQ_MASK VPLAT_U(0x00000010)
/* issue_core_to_fpu, bit 5, read-write: Instructions that the hart sent to the FPU; none. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_ISSUE_CORE_TO_FPU_SHIFT VPLAT_U(5)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_ISSUE_CORE_TO_FPU_MASK VPLAT_U(0x00000020)
/* retired_instr, bit 6, read-write: Instructions retired. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_RETIRED_INSTR_SHIFT VPLAT_U(6)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_RETIRED_INSTR_MASK VPLAT_U(0x00000040)
/* retired_load, bit 7, read-write: Results that came from memory. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_RETIRED_LOAD_SHIFT VPLAT_U(7)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_RETIRED_LOAD_MASK VPLAT_U(0x00000080)
/* retired_i, bit 8, read-write: Results that the core itself computed. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_RETIRED_I_SHIFT VPLAT_U(8)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_RETIRED_I_MASK VPLAT_U(0x00000100)
/* retired_acc, bit 9, read-write: Results that came from shared units. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_RETIRED_ACC_SHIFT VPLAT_U(9)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_RETIRED_ACC_MASK VPLAT_U(0x00000200)
/*
 * dma_aw_stall, bit 10, read-write: Cycles in which a write request waits. Not counted: the
 * platform moves whole bursts and does not know single handshakes.
 */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_AW_STALL_SHIFT VPLAT_U(10)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_AW_STALL_MASK VPLAT_U(0x00000400)
/*
 * dma_ar_stall, bit 11, read-write: Cycles in which a read request waits. Not counted: the platform
 * moves whole bursts and does not know single handshakes.
 */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_AR_STALL_SHIFT VPLAT_U(11)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_AR_STALL_MASK VPLAT_U(0x00000800)
/*
 * dma_r_stall, bit 12, read-write: Cycles without data to read. Not counted: the platform moves
 * whole bursts and does not know single handshakes.
 */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_R_STALL_SHIFT VPLAT_U(12)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_R_STALL_MASK VPLAT_U(0x00001000)
/*
 * dma_w_stall, bit 13, read-write: Cycles in which data to write waits. Not counted: the platform
 * moves whole bursts and does not know single handshakes.
 */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_W_STALL_SHIFT VPLAT_U(13)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_W_STALL_MASK VPLAT_U(0x00002000)
/*
 * dma_buf_w_stall, bit 14, read-write: Cycles without data to write. Not counted: the platform
 * moves whole bursts and does not know single handshakes.
 */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_BUF_W_STALL_SHIFT VPLAT_U(14)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_BUF_W_STALL_MASK VPLAT_U(0x00004000)
/*
 * dma_buf_r_stall, bit 15, read-write: Cycles in which read data waits. Not counted: the platform
 * moves whole bursts and does not know single handshakes.
 */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_BUF_R_STALL_SHIFT VPLAT_U(15)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_BUF_R_STALL_MASK VPLAT_U(0x00008000)
/* dma_aw_done, bit 16, read-write: Write bursts requested. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_AW_DONE_SHIFT VPLAT_U(16)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_AW_DONE_MASK VPLAT_U(0x00010000)
/* dma_aw_bw, bit 17, read-write: Bytes of the write bursts. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_AW_BW_SHIFT VPLAT_U(17)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_AW_BW_MASK VPLAT_U(0x00020000)
/* dma_ar_done, bit 18, read-write: Read bursts requested. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_AR_DONE_SHIFT VPLAT_U(18)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_AR_DONE_MASK VPLAT_U(0x00040000)
/* dma_ar_bw, bit 19, read-write: Bytes of the read bursts. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_AR_BW_SHIFT VPLAT_U(19)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_AR_BW_MASK VPLAT_U(0x00080000)
/* dma_r_done, bit 20, read-write: Beats read. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_R_DONE_SHIFT VPLAT_U(20)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_R_DONE_MASK VPLAT_U(0x00100000)
/* dma_r_bw, bit 21, read-write: Bytes of the beats read. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_R_BW_SHIFT VPLAT_U(21)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_R_BW_MASK VPLAT_U(0x00200000)
/* dma_w_done, bit 22, read-write: Beats written. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_W_DONE_SHIFT VPLAT_U(22)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_W_DONE_MASK VPLAT_U(0x00400000)
/* dma_w_bw, bit 23, read-write: Bytes written. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_W_BW_SHIFT VPLAT_U(23)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_W_BW_MASK VPLAT_U(0x00800000)
/* dma_b_done, bit 24, read-write: Write bursts acknowledged. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_B_DONE_SHIFT VPLAT_U(24)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_B_DONE_MASK VPLAT_U(0x01000000)
/* dma_busy, bit 25, read-write: Cycles in which the DMA is at work. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_BUSY_SHIFT VPLAT_U(25)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_DMA_BUSY_MASK VPLAT_U(0x02000000)
/*
 * icache_miss, bit 26, read-write: Misses of the hart's own instruction cache. Not counted: the
 * platform does not see single fetches.
 */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_ICACHE_MISS_SHIFT VPLAT_U(26)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_ICACHE_MISS_MASK VPLAT_U(0x04000000)
/*
 * icache_hit, bit 27, read-write: Hits there. Not counted: the platform does not see single
 * fetches.
 */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_ICACHE_HIT_SHIFT VPLAT_U(27)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_ICACHE_HIT_MASK VPLAT_U(0x08000000)
/*
 * icache_prefetch, bit 28, read-write: Prefetches. Not counted: the platform does not see single
 * fetches.
 */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_ICACHE_PREFETCH_SHIFT VPLAT_U(28)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_ICACHE_PREFETCH_MASK VPLAT_U(0x10000000)
/*
 * icache_double_hit, bit 29, read-write: Double hits. Not counted: the platform does not see single
 * fetches.
 */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_ICACHE_DOUBLE_HIT_SHIFT VPLAT_U(29)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_ICACHE_DOUBLE_HIT_MASK VPLAT_U(0x20000000)
/*
 * icache_stall, bit 30, read-write: Cycles in which the hart waits for instructions. Not counted:
 * the platform does not see single fetches.
 */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_ICACHE_STALL_SHIFT VPLAT_U(30)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_ENABLE_ICACHE_STALL_MASK VPLAT_U(0x40000000)

/* hart_select (read-write): Whose events counter i counts, where they are a hart's own. */
#define SNITCH_CLUSTER_PERIPHERALS_HART_SELECT_OFFSET(i) (VPLAT_U(0x080) + VPLAT_U(0x8) * (i))
#define SNITCH_CLUSTER_PERIPHERALS_HART_SELECT_COUNT VPLAT_U(16)
#define SNITCH_CLUSTER_PERIPHERALS_HART_SELECT_RESET VPLAT_U(0x00000000)
/* hart, bits 9:0, read-write: Number of the hart, modulo the harts of the cluster. */
#define SNITCH_CLUSTER_PERIPHERALS_HART_SELECT_HART_SHIFT VPLAT_U(0)
#define SNITCH_CLUSTER_PERIPHERALS_HART_SELECT_HART_MASK VPLAT_U(0x000003ff)

/*
 * perf_counter (read-write): Bits 31:0 of counter i. A store sets all 48 bits, the upper ones to 0.
 */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_OFFSET(i) (VPLAT_U(0x100) + VPLAT_U(0x8) * (i))
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_COUNT VPLAT_U(16)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_RESET VPLAT_U(0x00000000)

/* perf_counter_high (read-write): Bits 47:32 of counter i. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_HIGH_OFFSET(i) (VPLAT_U(0x104) + VPLAT_U(0x8) * (i))
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_HIGH_COUNT VPLAT_U(16)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_HIGH_RESET VPLAT_U(0x00000000)
/* value, bits 15:0, read-write: The upper bits. */
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_HIGH_VALUE_SHIFT VPLAT_U(0)
#define SNITCH_CLUSTER_PERIPHERALS_PERF_COUNTER_HIGH_VALUE_MASK VPLAT_U(0x0000ffff)

/*
 * cl_clint_set (write-only): Bit i raises the cluster interrupt of hart i (bit 19 of mip). Reads as
 * 0.
 */
#define SNITCH_CLUSTER_PERIPHERALS_CL_CLINT_SET_OFFSET VPLAT_U(0x180)
#define SNITCH_CLUSTER_PERIPHERALS_CL_CLINT_SET_RESET VPLAT_U(0x00000000)

/* cl_clint_clear (write-only): Bit i lowers the cluster interrupt of hart i. Reads as 0. */
#define SNITCH_CLUSTER_PERIPHERALS_CL_CLINT_CLEAR_OFFSET VPLAT_U(0x188)
#define SNITCH_CLUSTER_PERIPHERALS_CL_CLINT_CLEAR_RESET VPLAT_U(0x00000000)

/* hw_barrier (read-only): Of an older barrier: reads as 0 at once. The barrier is the CSR 0x7C2. */
#define SNITCH_CLUSTER_PERIPHERALS_HW_BARRIER_OFFSET VPLAT_U(0x190)
#define SNITCH_CLUSTER_PERIPHERALS_HW_BARRIER_RESET VPLAT_U(0x00000000)

/* icache_prefetch_enable (write-only): Instruction cache. */
#define SNITCH_CLUSTER_PERIPHERALS_ICACHE_PREFETCH_ENABLE_OFFSET VPLAT_U(0x198)
#define SNITCH_CLUSTER_PERIPHERALS_ICACHE_PREFETCH_ENABLE_RESET VPLAT_U(0x00000001)
/* enable, bit 0, write-only: Prefetch instructions. Not modelled. */
#define SNITCH_CLUSTER_PERIPHERALS_ICACHE_PREFETCH_ENABLE_ENABLE_SHIFT VPLAT_U(0)
#define SNITCH_CLUSTER_PERIPHERALS_ICACHE_PREFETCH_ENABLE_ENABLE_MASK VPLAT_U(0x00000001)

/*
 * hwpe_evt (read-only): Events of the accelerator in this very cycle; a poll hardly ever meets one.
 */
#define SNITCH_CLUSTER_PERIPHERALS_HWPE_EVT_OFFSET VPLAT_U(0x1a0)
#define SNITCH_CLUSTER_PERIPHERALS_HWPE_EVT_RESET VPLAT_U(0x00000000)
/* events, bits 17:0, read-only: Bit 2i: the accelerator tells hart i that its job has ended. */
#define SNITCH_CLUSTER_PERIPHERALS_HWPE_EVT_EVENTS_SHIFT VPLAT_U(0)
#define SNITCH_CLUSTER_PERIPHERALS_HWPE_EVT_EVENTS_MASK VPLAT_U(0x0003ffff)

/* hwpe_busy (read-only): State of the accelerator. */
#define SNITCH_CLUSTER_PERIPHERALS_HWPE_BUSY_OFFSET VPLAT_U(0x1a8)
#define SNITCH_CLUSTER_PERIPHERALS_HWPE_BUSY_RESET VPLAT_U(0x00000000)
/* busy, bit 0, read-only: A job runs. */
#define SNITCH_CLUSTER_PERIPHERALS_HWPE_BUSY_BUSY_SHIFT VPLAT_U(0)
#define SNITCH_CLUSTER_PERIPHERALS_HWPE_BUSY_BUSY_MASK VPLAT_U(0x00000001)

#endif /* VPLAT_SNITCH_CLUSTER_PERIPHERALS_H */
