#ifndef VPLAT_IDMA_H
#define VPLAT_IDMA_H

/*
 * idma: iDMA with the register front end ``reg32_3d``: 1D, 2D and 3D copies on parallel streams.
 *
 * A driver writes source, destination, length and configuration to its port's own registers and
 * loads ``next_id`` of a stream, which launches the transfer and returns its id. It is done when
 * ``done_id`` of the same stream has reached that id; the event (line 8) goes to all harts at every
 * completion. Transfers of one stream are done in order, streams work side by side.
 *
 * The bytes of a transfer move in the model when it is finished (one of more than 1 MiB or 8192
 * rows: slice by slice); on silicon they move a burst at a time until then. Facts:
 * `pulp-cluster.md` sections 2.2 b and 5.3, and the synthesizable source where it is named.
 *
 * Generated from vplat.peripherals.idma.device by `vplat export c-header`; do not edit.
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
#define IDMA_CORE_SIZE VPLAT_U(0x400)

/* Bytes of the window 'cluster'. */
#define IDMA_CLUSTER_SIZE VPLAT_U(0x400)

#ifndef __ASSEMBLER__

/* Each hart's own registers, at one address for all. */
typedef struct {
    /* +0x000, read-write: How the port's next launch copies. One for each port. */
    volatile uint32_t conf;
    /* +0x004, read-only: What stream i does; all zeros when idle. */
    volatile const uint32_t status[16];
    /*
     * +0x044, read-only: A load launches the transfer described by this port's registers on stream
     * i and returns its id; it sleeps while the stream's queue is full.
     */
    volatile const uint32_t next_id[16];
    /* +0x084, read-only: The id of stream i's last finished transfer. */
    volatile const uint32_t done_id[16];
    uint32_t _reserved_c4[3];
    /* +0x0d0, read-write: Destination of the first byte. One for each port. */
    volatile uint32_t dst_addr;
    uint32_t _reserved_d4[1];
    /* +0x0d8, read-write: Source of the first byte. One for each port. */
    volatile uint32_t src_addr;
    uint32_t _reserved_dc[1];
    /* +0x0e0, read-write: Bytes of a row. One for each port. */
    volatile uint32_t length;
    uint32_t _reserved_e4[1];
    /* +0x0e8, read-write: Bytes from one row to the next, destination. One for each port. */
    volatile uint32_t dst_stride_2;
    uint32_t _reserved_ec[1];
    /* +0x0f0, read-write: Bytes from one row to the next, source. One for each port. */
    volatile uint32_t src_stride_2;
    uint32_t _reserved_f4[1];
    /* +0x0f8, read-write: Rows of a plane. One for each port. */
    volatile uint32_t reps_2;
    uint32_t _reserved_fc[1];
    /*
     * +0x100, read-write: Bytes from the last row of a plane to the first row of the next,
     * destination. One for each port.
     */
    volatile uint32_t dst_stride_3;
    uint32_t _reserved_104[1];
    /*
     * +0x108, read-write: Bytes from the last row of a plane to the first row of the next, source.
     * One for each port.
     */
    volatile uint32_t src_stride_3;
    uint32_t _reserved_10c[1];
    /* +0x110, read-write: Planes. One for each port. */
    volatile uint32_t reps_3;
    uint32_t _reserved_114[187];
} idma_core_t;

_Static_assert(offsetof(idma_core_t, conf) == 0x000, "idma_core_t.conf");
_Static_assert(offsetof(idma_core_t, status) == 0x004, "idma_core_t.status");
_Static_assert(offsetof(idma_core_t, status[15]) == 0x040, "idma_core_t.status[15]");
_Static_assert(offsetof(idma_core_t, next_id) == 0x044, "idma_core_t.next_id");
_Static_assert(offsetof(idma_core_t, next_id[15]) == 0x080, "idma_core_t.next_id[15]");
_Static_assert(offsetof(idma_core_t, done_id) == 0x084, "idma_core_t.done_id");
_Static_assert(offsetof(idma_core_t, done_id[15]) == 0x0c0, "idma_core_t.done_id[15]");
_Static_assert(offsetof(idma_core_t, dst_addr) == 0x0d0, "idma_core_t.dst_addr");
_Static_assert(offsetof(idma_core_t, src_addr) == 0x0d8, "idma_core_t.src_addr");
_Static_assert(offsetof(idma_core_t, length) == 0x0e0, "idma_core_t.length");
_Static_assert(offsetof(idma_core_t, dst_stride_2) == 0x0e8, "idma_core_t.dst_stride_2");
_Static_assert(offsetof(idma_core_t, src_stride_2) == 0x0f0, "idma_core_t.src_stride_2");
_Static_assert(offsetof(idma_core_t, reps_2) == 0x0f8, "idma_core_t.reps_2");
_Static_assert(offsetof(idma_core_t, dst_stride_3) == 0x100, "idma_core_t.dst_stride_3");
_Static_assert(offsetof(idma_core_t, src_stride_3) == 0x108, "idma_core_t.src_stride_3");
_Static_assert(offsetof(idma_core_t, reps_3) == 0x110, "idma_core_t.reps_3");
_Static_assert(sizeof(idma_core_t) == 0x400, "idma_core_t");

/* The port on the peripheral interconnect. */
typedef idma_core_t idma_cluster_t;

#endif

/* conf (read-write): How the port's next launch copies. One for each port. */
#define IDMA_CONF_OFFSET VPLAT_U(0x000)
#define IDMA_CONF_RESET VPLAT_U(0x00000000)
/*
 * decouple_aw, bit 0, read-write: Send a write address only after the burst's first data was read.
 */
#define IDMA_CONF_DECOUPLE_AW_SHIFT VPLAT_U(0)
#define IDMA_CONF_DECOUPLE_AW_MASK VPLAT_U(0x00000001)
/* decouple_rw, bit 1, read-write: Cut reads and writes into bursts independently of each other. */
#define IDMA_CONF_DECOUPLE_RW_SHIFT VPLAT_U(1)
#define IDMA_CONF_DECOUPLE_RW_MASK VPLAT_U(0x00000002)
/* src_reduce_len, bit 2, read-write: Limit the bursts of the source by src_max_llen. */
#define IDMA_CONF_SRC_REDUCE_LEN_SHIFT VPLAT_U(2)
#define IDMA_CONF_SRC_REDUCE_LEN_MASK VPLAT_U(0x00000004)
/* dst_reduce_len, bit 3, read-write: Limit the bursts of the destination by dst_max_llen. */
#define IDMA_CONF_DST_REDUCE_LEN_SHIFT VPLAT_U(3)
#define IDMA_CONF_DST_REDUCE_LEN_MASK VPLAT_U(0x00000008)
/* src_max_llen, bits 6:4, read-write: Longest burst of the source: 2^src_max_llen beats. */
#define IDMA_CONF_SRC_MAX_LLEN_SHIFT VPLAT_U(4)
#define IDMA_CONF_SRC_MAX_LLEN_MASK VPLAT_U(0x00000070)
/* dst_max_llen, bits 9:7, read-write: Longest burst of the destination: 2^dst_max_llen beats. */
#define IDMA_CONF_DST_MAX_LLEN_SHIFT VPLAT_U(7)
#define IDMA_CONF_DST_MAX_LLEN_MASK VPLAT_U(0x00000380)
/* enable_nd, bits 11:10, read-write: Dimensions: 0 = 1D, 1 = 2D, 2 = 3D. */
#define IDMA_CONF_ENABLE_ND_SHIFT VPLAT_U(10)
#define IDMA_CONF_ENABLE_ND_MASK VPLAT_U(0x00000c00)
/* src_protocol, bits 14:12, read-write: Bus of the source: OBI = TCDM, INIT = zeros. */
#define IDMA_CONF_SRC_PROTOCOL_SHIFT VPLAT_U(12)
#define IDMA_CONF_SRC_PROTOCOL_MASK VPLAT_U(0x00007000)
#define IDMA_CONF_SRC_PROTOCOL_AXI VPLAT_U(0)
#define IDMA_CONF_SRC_PROTOCOL_OBI VPLAT_U(1)
#define IDMA_CONF_SRC_PROTOCOL_AXI_LITE VPLAT_U(2)
#define IDMA_CONF_SRC_PROTOCOL_TILELINK VPLAT_U(3)
#define IDMA_CONF_SRC_PROTOCOL_INIT VPLAT_U(4)
#define IDMA_CONF_SRC_PROTOCOL_AXI_STREAM VPLAT_U(5)
/* dst_protocol, bits 17:15, read-write: Bus of the destination: OBI = TCDM, INIT = discard. */
#define IDMA_CONF_DST_PROTOCOL_SHIFT VPLAT_U(15)
#define IDMA_CONF_DST_PROTOCOL_MASK VPLAT_U(0x00038000)
#define IDMA_CONF_DST_PROTOCOL_AXI VPLAT_U(0)
#define IDMA_CONF_DST_PROTOCOL_OBI VPLAT_U(1)
#define IDMA_CONF_DST_PROTOCOL_AXI_LITE VPLAT_U(2)
#define IDMA_CONF_DST_PROTOCOL_TILELINK VPLAT_U(3)
#define IDMA_CONF_DST_PROTOCOL_INIT VPLAT_U(4)
#define IDMA_CONF_DST_PROTOCOL_AXI_STREAM VPLAT_U(5)

/* status (read-only): What stream i does; all zeros when idle. */
#define IDMA_STATUS_OFFSET(i) (VPLAT_U(0x004) + VPLAT_U(0x4) * (i))
#define IDMA_STATUS_COUNT VPLAT_U(16)
#define IDMA_STATUS_RESET VPLAT_U(0x00000000)
/* backend_busy, bits 8:0, read-only: Units that move data; not told apart here: all or none. */
#define IDMA_STATUS_BACKEND_BUSY_SHIFT VPLAT_U(0)
#define IDMA_STATUS_BACKEND_BUSY_MASK VPLAT_U(0x000001ff)
/* midend_busy, bit 9, read-only: Launches wait or have rows to request. */
#define IDMA_STATUS_MIDEND_BUSY_SHIFT VPLAT_U(9)
#define IDMA_STATUS_MIDEND_BUSY_MASK VPLAT_U(0x00000200)

/*
 * next_id (read-only): A load launches the transfer described by this port's registers on stream i
 * and returns its id; it sleeps while the stream's queue is full.
 */
#define IDMA_NEXT_ID_OFFSET(i) (VPLAT_U(0x044) + VPLAT_U(0x4) * (i))
#define IDMA_NEXT_ID_COUNT VPLAT_U(16)
#define IDMA_NEXT_ID_RESET VPLAT_U(0x00000002)

/* done_id (read-only): The id of stream i's last finished transfer. */
#define IDMA_DONE_ID_OFFSET(i) (VPLAT_U(0x084) + VPLAT_U(0x4) * (i))
#define IDMA_DONE_ID_COUNT VPLAT_U(16)
#define IDMA_DONE_ID_RESET VPLAT_U(0x00000001)

/* dst_addr (read-write): Destination of the first byte. One for each port. */
#define IDMA_DST_ADDR_OFFSET VPLAT_U(0x0d0)
#define IDMA_DST_ADDR_RESET VPLAT_U(0x00000000)

/* src_addr (read-write): Source of the first byte. One for each port. */
#define IDMA_SRC_ADDR_OFFSET VPLAT_U(0x0d8)
#define IDMA_SRC_ADDR_RESET VPLAT_U(0x00000000)

/* length (read-write): Bytes of a row. One for each port. */
#define IDMA_LENGTH_OFFSET VPLAT_U(0x0e0)
#define IDMA_LENGTH_RESET VPLAT_U(0x00000000)

/* dst_stride_2 (read-write): Bytes from one row to the next, destination. One for each port. */
#define IDMA_DST_STRIDE_2_OFFSET VPLAT_U(0x0e8)
#define IDMA_DST_STRIDE_2_RESET VPLAT_U(0x00000000)

/* src_stride_2 (read-write): Bytes from one row to the next, source. One for each port. */
#define IDMA_SRC_STRIDE_2_OFFSET VPLAT_U(0x0f0)
#define IDMA_SRC_STRIDE_2_RESET VPLAT_U(0x00000000)

/* reps_2 (read-write): Rows of a plane. One for each port. */
#define IDMA_REPS_2_OFFSET VPLAT_U(0x0f8)
#define IDMA_REPS_2_RESET VPLAT_U(0x00000000)

/*
 * dst_stride_3 (read-write): Bytes from the last row of a plane to the first row of the next,
 * destination. One for each port.
 */
#define IDMA_DST_STRIDE_3_OFFSET VPLAT_U(0x100)
#define IDMA_DST_STRIDE_3_RESET VPLAT_U(0x00000000)

/*
 * src_stride_3 (read-write): Bytes from the last row of a plane to the first row of the next,
 * source. One for each port.
 */
#define IDMA_SRC_STRIDE_3_OFFSET VPLAT_U(0x108)
#define IDMA_SRC_STRIDE_3_RESET VPLAT_U(0x00000000)

/* reps_3 (read-write): Planes. One for each port. */
#define IDMA_REPS_3_OFFSET VPLAT_U(0x110)
#define IDMA_REPS_3_RESET VPLAT_U(0x00000000)

#endif /* VPLAT_IDMA_H */
