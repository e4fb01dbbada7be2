#ifndef VPLAT_MCHAN_H
#define VPLAT_MCHAN_H

/*
 * mchan: MCHAN v7: copies between TCDM and external memory while the harts compute.
 *
 * A driver reads ``cmd`` for a transfer identifier (TID), stores the words of one or several
 * commands to ``cmd``, waits until its bit of ``status.active`` is 0, asleep on event line 8, and
 * writes that bit to ``status`` to give the TID back. Each hart has a port of its own behind one
 * address.
 *
 * The bytes of a command move in the model at one moment, when the command is finished; on silicon
 * they move a burst at a time until then. Facts: `pulp-cluster.md` sections 2.1 and 5.3, and the
 * synthesizable source where it is named.
 *
 * Generated from vplat.peripherals.mchan.device by `vplat export c-header`; do not edit.
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

/* Bytes of the window 'core'. */
#define MCHAN_CORE_SIZE VPLAT_U(0x400)

/* Bytes of the window 'cluster'. */
#define MCHAN_CLUSTER_SIZE VPLAT_U(0x400)

/* Bytes of the window 'fabric'. */
#define MCHAN_FABRIC_SIZE VPLAT_U(0x400)

#ifndef __ASSEMBLER__

/* Each hart's own port, at one address for all. */
typedef struct {
    /*
     * +0x000, write-only, a load acts: Commands. A load allocates the lowest free TID (0..15) and
     * returns it; it sleeps while all are taken. Stores, all to this one offset, are the words of a
     * command under the TID that this port allocated last: 1. the fields below; 2. the TCDM
     * address; 3. the external address (low, then high word where it has 64 bits); with twd_ext the
     * external count and stride; with twd_tcdm the TCDM count and stride. Several commands may
     * share one TID.
     */
    volatile uint32_t cmd;
    /* +0x004, write-1-to-clear, read-only: Transfer identifiers, the same on every port. */
    volatile uint32_t status;
    uint32_t _reserved_8[254];
} mchan_core_t;

_Static_assert(offsetof(mchan_core_t, cmd) == 0x000, "mchan_core_t.cmd");
_Static_assert(offsetof(mchan_core_t, status) == 0x004, "mchan_core_t.status");
_Static_assert(sizeof(mchan_core_t) == 0x400, "mchan_core_t");

/* The port on the peripheral interconnect. */
typedef mchan_core_t mchan_cluster_t;

/* The port of the fabric controller. */
typedef mchan_core_t mchan_fabric_t;

#endif

/*
 * cmd (write-only, a load acts): Commands. A load allocates the lowest free TID (0..15) and returns
 * it; it sleeps while all are taken. Stores, all to this one offset, are the words of a command
 * under the TID that this port allocated last: 1. the fields below; 2. the TCDM address; 3. the
 * external address (low, then high word where it has 64 bits); with twd_ext the external count and
 * stride; with twd_tcdm the TCDM count and stride. Several commands may share one TID.
 */
#define MCHAN_CMD_OFFSET VPLAT_U(0x000)
#define MCHAN_CMD_RESET VPLAT_U(0x00000000)
/*
 * len, bits 16:0, write-only: First word: bytes to copy in all; 0 stands for 131072 (the hardware
 * keeps len - 1).
 */
#define MCHAN_CMD_LEN_SHIFT VPLAT_U(0)
#define MCHAN_CMD_LEN_MASK VPLAT_U(0x0001ffff)
/*
 * type, bit 17, write-only: First word: direction, 1 = RX, external memory to TCDM; 0 = TX, TCDM to
 * external memory.
 */
#define MCHAN_CMD_TYPE_SHIFT VPLAT_U(17)
#define MCHAN_CMD_TYPE_MASK VPLAT_U(0x00020000)
#define MCHAN_CMD_TYPE_TX VPLAT_U(0)
#define MCHAN_CMD_TYPE_RX VPLAT_U(1)
/*
 * inc, bit 18, write-only: First word: 1 = external addresses increment; 0 = AXI FIXED bursts,
 * every beat goes to the same address, as for a FIFO.
 */
#define MCHAN_CMD_INC_SHIFT VPLAT_U(18)
#define MCHAN_CMD_INC_MASK VPLAT_U(0x00040000)
/*
 * twd_ext, bit 19, write-only: First word: 2D on the external side; two more words follow the
 * external address, bytes of a row (count) and bytes from one row's start to the next one's
 * (stride).
 */
#define MCHAN_CMD_TWD_EXT_SHIFT VPLAT_U(19)
#define MCHAN_CMD_TWD_EXT_MASK VPLAT_U(0x00080000)
/* ele, bit 20, write-only: First word: pulse event line 8 when the TID has nothing left to do. */
#define MCHAN_CMD_ELE_SHIFT VPLAT_U(20)
#define MCHAN_CMD_ELE_MASK VPLAT_U(0x00100000)
/*
 * ile, bit 21, write-only: First word: pulse interrupt line 9 when the TID has nothing left to do.
 */
#define MCHAN_CMD_ILE_SHIFT VPLAT_U(21)
#define MCHAN_CMD_ILE_MASK VPLAT_U(0x00200000)
/*
 * ble, bit 22, write-only: First word: 1 = event and interrupt go to all harts; 0 = to the issuing
 * one.
 */
#define MCHAN_CMD_BLE_SHIFT VPLAT_U(22)
#define MCHAN_CMD_BLE_MASK VPLAT_U(0x00400000)
/*
 * twd_tcdm, bit 23, write-only: First word: 2D on the TCDM side; count and stride follow as the
 * last two words.
 */
#define MCHAN_CMD_TWD_TCDM_SHIFT VPLAT_U(23)
#define MCHAN_CMD_TWD_TCDM_MASK VPLAT_U(0x00800000)

/* status (write-1-to-clear, read-only): Transfer identifiers, the same on every port. */
#define MCHAN_STATUS_OFFSET VPLAT_U(0x004)
#define MCHAN_STATUS_RESET VPLAT_U(0x00000000)
/*
 * active, bits 15:0, write-1-to-clear: A load: bit t is 1 while commands under TID t are queued or
 * under way. A store of 1 to bit t: TID t becomes free (it does not cancel anything).
 */
#define MCHAN_STATUS_ACTIVE_SHIFT VPLAT_U(0)
#define MCHAN_STATUS_ACTIVE_MASK VPLAT_U(0x0000ffff)
/*
 * allocated, bits 31:16, read-only: Bit t is 1 from the load that allocates TID t until it is
 * freed.
 */
#define MCHAN_STATUS_ALLOCATED_SHIFT VPLAT_U(16)
#define MCHAN_STATUS_ALLOCATED_MASK VPLAT_U(0xffff0000)

#endif /* VPLAT_MCHAN_H */
