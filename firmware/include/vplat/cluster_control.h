#ifndef VPLAT_CLUSTER_CONTROL_H
#define VPLAT_CLUSTER_CONTROL_H

/*
 * cluster_control: Starts and stops the harts, ends the run, enables the accelerator.
 *
 * Generated from vplat.peripherals.cluster_control by `vplat export c-header`; do not edit.
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
#define CLUSTER_CONTROL_REGISTERS_SIZE VPLAT_U(0x400)

#ifndef __ASSEMBLER__

/* The registers. */
typedef struct {
    /* +0x000, read-write: End of computation. */
    volatile uint32_t eoc;
    uint32_t _reserved_4[1];
    /* +0x008, read-write: Which harts fetch instructions. */
    volatile uint32_t fetch_en;
    uint32_t _reserved_c[1];
    /*
     * +0x010, write-only: An event output of the cluster, with nothing behind it on most chips.
     * Reads as zero.
     */
    volatile uint32_t event;
    uint32_t _reserved_14[1];
    /* +0x018, read-write: Sharing of the TCDM, and the accelerator (HWPE). */
    volatile uint32_t cluster_cfg;
    uint32_t _reserved_1c[1];
    /* +0x020, read-write: Clock of the cluster. */
    volatile uint32_t clock_gate;
    uint32_t _reserved_24[1];
    /*
     * +0x028, write-1-to-pulse: Debug state of the harts. Nothing halts them but fetch_en, so it
     * reads as zero. Not modelled.
     */
    volatile uint32_t debug_status;
    uint32_t _reserved_2c[3];
    /* +0x038, read-write: Harts that the debugger halts together. Not modelled. */
    volatile uint32_t halt_mask;
    uint32_t _reserved_3c[1];
    /* +0x040, read-write: Where hart i begins when fetch_en starts it. */
    volatile uint32_t boot_addr[16];
    struct {
        /*
         * +0x000, read-write: Arbitration of TCDM port group i: the harts (0), the DMA and the
         * accelerator (1).
         */
        volatile uint32_t value;
        uint32_t _reserved_4[1];
    } tcdm_arb_policy[2];
    uint32_t _reserved_90[28];
    /*
     * +0x100, read-write: RETURN. Bits 30:0 are the run's exit status, 0 for success; the runtime
     * sets bit 31 too.
     */
    volatile uint32_t return_value;
    uint32_t _reserved_104[191];
} cluster_control_registers_t;

_Static_assert(offsetof(cluster_control_registers_t, eoc) == 0x000, "cluster_control_registers_t.eoc");
_Static_assert(offsetof(cluster_control_registers_t, fetch_en) == 0x008, "cluster_control_registers_t.fetch_en");
_Static_assert(offsetof(cluster_control_registers_t, event) == 0x010, "cluster_control_registers_t.event");
_Static_assert(offsetof(cluster_control_registers_t, cluster_cfg) == 0x018, "cluster_control_registers_t.cluster_cfg");
_Static_assert(offsetof(cluster_control_registers_t, clock_gate) == 0x020, "cluster_control_registers_t.clock_gate");
_Static_assert(offsetof(cluster_control_registers_t, debug_status) == 0x028, "cluster_control_registers_t.debug_status");
_Static_assert(offsetof(cluster_control_registers_t, halt_mask) == 0x038, "cluster_control_registers_t.halt_mask");
_Static_assert(offsetof(cluster_control_registers_t, boot_addr) == 0x040, "cluster_control_registers_t.boot_addr");
_Static_assert(offsetof(cluster_control_registers_t, boot_addr[15]) == 0x07c, "cluster_control_registers_t.boot_addr[15]");
_Static_assert(offsetof(cluster_control_registers_t, tcdm_arb_policy[0].value) == 0x080, "cluster_control_registers_t.tcdm_arb_policy[0].value");
_Static_assert(offsetof(cluster_control_registers_t, tcdm_arb_policy[1].value) == 0x088, "cluster_control_registers_t.tcdm_arb_policy[1].value");
_Static_assert(offsetof(cluster_control_registers_t, return_value) == 0x100, "cluster_control_registers_t.return_value");
_Static_assert(sizeof(cluster_control_registers_t) == 0x400, "cluster_control_registers_t");

#endif

/* eoc (read-write): End of computation. */
#define CLUSTER_CONTROL_EOC_OFFSET VPLAT_U(0x000)
#define CLUSTER_CONTROL_EOC_RESET VPLAT_U(0x00000000)
/* eoc, bit 0, read-write: Storing 1 ends the run; bits 30:0 of return_value are its exit status. */
#define CLUSTER_CONTROL_EOC_EOC_SHIFT VPLAT_U(0)
#define CLUSTER_CONTROL_EOC_EOC_MASK VPLAT_U(0x00000001)

/* fetch_en (read-write): Which harts fetch instructions. */
#define CLUSTER_CONTROL_FETCH_EN_OFFSET VPLAT_U(0x008)
#define CLUSTER_CONTROL_FETCH_EN_RESET VPLAT_U(0x00000000)
/*
 * harts, bits 15:0, read-write: Bit h starts hart h at boot_addr[h] when it becomes 1, halts it
 * when 0.
 */
#define CLUSTER_CONTROL_FETCH_EN_HARTS_SHIFT VPLAT_U(0)
#define CLUSTER_CONTROL_FETCH_EN_HARTS_MASK VPLAT_U(0x0000ffff)

/*
 * event (write-only): An event output of the cluster, with nothing behind it on most chips. Reads
 * as zero.
 */
#define CLUSTER_CONTROL_EVENT_OFFSET VPLAT_U(0x010)
#define CLUSTER_CONTROL_EVENT_RESET VPLAT_U(0x00000000)
/* event, bit 0, write-only: The level of the output. */
#define CLUSTER_CONTROL_EVENT_EVENT_SHIFT VPLAT_U(0)
#define CLUSTER_CONTROL_EVENT_EVENT_MASK VPLAT_U(0x00000001)

/* cluster_cfg (read-write): Sharing of the TCDM, and the accelerator (HWPE). */
#define CLUSTER_CONTROL_CLUSTER_CFG_OFFSET VPLAT_U(0x018)
#define CLUSTER_CONTROL_CLUSTER_CFG_RESET VPLAT_U(0x00000000)
/*
 * hci_max_stall, bits 7:0, read-write: Stalls in a row that the side with less priority bears
 * before it gets its turn; 0: however many there are.
 */
#define CLUSTER_CONTROL_CLUSTER_CFG_HCI_MAX_STALL_SHIFT VPLAT_U(0)
#define CLUSTER_CONTROL_CLUSTER_CFG_HCI_MAX_STALL_MASK VPLAT_U(0x000000ff)
/*
 * hci_invert_priority, bit 8, read-write: 1: the accelerator wins against harts and DMA in the
 * TCDM. 0: they win.
 */
#define CLUSTER_CONTROL_CLUSTER_CFG_HCI_INVERT_PRIORITY_SHIFT VPLAT_U(8)
#define CLUSTER_CONTROL_CLUSTER_CFG_HCI_INVERT_PRIORITY_MASK VPLAT_U(0x00000100)
/* hwpe_en, bit 11, read-write: Clock the accelerator. */
#define CLUSTER_CONTROL_CLUSTER_CFG_HWPE_EN_SHIFT VPLAT_U(11)
#define CLUSTER_CONTROL_CLUSTER_CFG_HWPE_EN_MASK VPLAT_U(0x00000800)
/* fregfile_dis, bit 12, read-write: Disable the separate floating-point register file. Kept. */
#define CLUSTER_CONTROL_CLUSTER_CFG_FREGFILE_DIS_SHIFT VPLAT_U(12)
#define CLUSTER_CONTROL_CLUSTER_CFG_FREGFILE_DIS_MASK VPLAT_U(0x00001000)
/* hwpe_sel, bits 15:13, read-write: Which of several accelerators answers and gets the clock. */
#define CLUSTER_CONTROL_CLUSTER_CFG_HWPE_SEL_SHIFT VPLAT_U(13)
#define CLUSTER_CONTROL_CLUSTER_CFG_HWPE_SEL_MASK VPLAT_U(0x0000e000)

/* clock_gate (read-write): Clock of the cluster. */
#define CLUSTER_CONTROL_CLOCK_GATE_OFFSET VPLAT_U(0x020)
#define CLUSTER_CONTROL_CLOCK_GATE_RESET VPLAT_U(0x00000000)
/* enable, bit 0, read-write: Gate the cluster's clock while it is idle. Kept. */
#define CLUSTER_CONTROL_CLOCK_GATE_ENABLE_SHIFT VPLAT_U(0)
#define CLUSTER_CONTROL_CLOCK_GATE_ENABLE_MASK VPLAT_U(0x00000001)

/*
 * debug_status (write-1-to-pulse): Debug state of the harts. Nothing halts them but fetch_en, so it
 * reads as zero. Not modelled.
 */
#define CLUSTER_CONTROL_DEBUG_STATUS_OFFSET VPLAT_U(0x028)
#define CLUSTER_CONTROL_DEBUG_STATUS_RESET VPLAT_U(0x00000000)
/*
 * harts, bits 15:0, write-1-to-pulse: Load: harts halted by the debugger. Store: harts to resume.
 */
#define CLUSTER_CONTROL_DEBUG_STATUS_HARTS_SHIFT VPLAT_U(0)
#define CLUSTER_CONTROL_DEBUG_STATUS_HARTS_MASK VPLAT_U(0x0000ffff)

/* halt_mask (read-write): Harts that the debugger halts together. Not modelled. */
#define CLUSTER_CONTROL_HALT_MASK_OFFSET VPLAT_U(0x038)
#define CLUSTER_CONTROL_HALT_MASK_RESET VPLAT_U(0x00000000)
/* harts, bits 15:0, read-write: When one of these harts halts, all of them do. */
#define CLUSTER_CONTROL_HALT_MASK_HARTS_SHIFT VPLAT_U(0)
#define CLUSTER_CONTROL_HALT_MASK_HARTS_MASK VPLAT_U(0x0000ffff)

/* boot_addr (read-write): Where hart i begins when fetch_en starts it. */
#define CLUSTER_CONTROL_BOOT_ADDR_OFFSET(i) (VPLAT_U(0x040) + VPLAT_U(0x4) * (i))
#define CLUSTER_CONTROL_BOOT_ADDR_COUNT VPLAT_U(16)
#define CLUSTER_CONTROL_BOOT_ADDR_RESET VPLAT_U(0x1c000000)

/*
 * tcdm_arb_policy (read-write): Arbitration of TCDM port group i: the harts (0), the DMA and the
 * accelerator (1).
 */
#define CLUSTER_CONTROL_TCDM_ARB_POLICY_OFFSET(i) (VPLAT_U(0x080) + VPLAT_U(0x8) * (i))
#define CLUSTER_CONTROL_TCDM_ARB_POLICY_COUNT VPLAT_U(2)
#define CLUSTER_CONTROL_TCDM_ARB_POLICY_RESET VPLAT_U(0x00000000)
/* fixed_priority, bit 0, read-write: Kept; the platform's timing does not depend on it. */
#define CLUSTER_CONTROL_TCDM_ARB_POLICY_FIXED_PRIORITY_SHIFT VPLAT_U(0)
#define CLUSTER_CONTROL_TCDM_ARB_POLICY_FIXED_PRIORITY_MASK VPLAT_U(0x00000001)

/*
 * return_value (read-write): RETURN. Bits 30:0 are the run's exit status, 0 for success; the
 * runtime sets bit 31 too.
 */
#define CLUSTER_CONTROL_RETURN_VALUE_OFFSET VPLAT_U(0x100)
#define CLUSTER_CONTROL_RETURN_VALUE_RESET VPLAT_U(0xffffffff)

#endif /* VPLAT_CLUSTER_CONTROL_H */
