#ifndef VPLAT_ITA_H
#define VPLAT_ITA_H

/*
 * ita: ITA, the integer transformer accelerator: products of 64x64 int8 tiles, softmax, GELU.
 *
 * A driver loads acquire, writes the job registers, and stores 0 to trigger; while the job runs it
 * goes on with the next context. One job is one tile product: section 3.2 of `ita.md` tells the
 * order of jobs that makes a layer. The event comes when busy falls.
 *
 * Stores to a context page reach the context being programmed; loads at page 0 see that one too,
 * and at pages 1 to 4 (0x120, 0x220, ...) the contexts 0 to 3. Offsets behind the last job register
 * of a page reach the contexts that follow.
 *
 * A job reads its operands when it starts, the next one's first weights when it is half done, and
 * its output is in memory when busy falls. Stopping it in between, by soft_clear, leaves the output
 * as it was. Whoever else uses the memory meanwhile makes it last longer.
 *
 * Generated from vplat.peripherals.ita.device by `vplat export c-header`; do not edit.
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
#define ITA_REGISTERS_SIZE VPLAT_U(0x400)

#ifndef __ASSEMBLER__

/* The registers. */
typedef struct {
    /*
     * +0x000, write-only, a load acts: Any store commits the job whose registers have just been
     * written: it joins the queue, the lock of acquire is released, and the job registers are those
     * of the next context. A store of 0 also sets the trigger flag; from then on, until soft_clear,
     * every job that is committed starts when its turn comes, whatever is stored. Reads as
     * 0xDEADBEEF.
     */
    volatile uint32_t trigger;
    /*
     * +0x004, read-only, a store acts: A load takes the lock and returns a job id, 0..255, one more
     * each time. -2 (0xFFFFFFFE): locked, a job is being programmed. -1 (0xFFFFFFFF): all contexts
     * are pending.
     */
    volatile uint32_t acquire;
    /*
     * +0x008, read-to-clear: FINISHED. Any access, store or load, sets it to 0 after a load got its
     * value.
     */
    volatile uint32_t finished_jobs;
    /*
     * +0x00c, read-only, a store acts: Which contexts hold a job that is to run or runs. 0: the
     * accelerator has nothing to do, if every job was committed with a 0 in trigger.
     */
    volatile uint32_t status;
    /* +0x010, read-only, a store acts: Number of the job that runs. */
    volatile uint32_t running_job;
    /*
     * +0x014, write-only, a load acts: Any store empties the queue, frees the lock and stops the
     * control of a running job. 0: also zero all job registers, ids, status, finished_jobs and
     * running_job; another value keeps them. Leave at least 6 cycles before the next access. It
     * does not reset the engine: use it only when the sequence of jobs is complete.
     */
    volatile uint32_t soft_clear;
    /* +0x018, read-only, a store acts: Reads as 0. */
    volatile uint32_t reserved;
    /*
     * +0x01c, write-only, a load acts: Software events of an HWPE; not connected in ITA. Reads as
     * 0.
     */
    volatile uint32_t sw_event;
    /* +0x020, read-write: Byte address of the input tile, 4096 bytes; a multiple of 4. */
    volatile uint32_t input_ptr;
    /*
     * +0x024, read-write: Byte address of this job's weight tile, 4096 bytes: one output column a
     * row.
     */
    volatile uint32_t weight_ptr0;
    /*
     * +0x028, read-write: Byte address of the next job's weight tile. Its first 1024 bytes are read
     * if weight_nextload is set; have them in memory before this job is triggered.
     */
    volatile uint32_t weight_ptr1;
    /*
     * +0x02c, read-write: Byte address of 64 biases of 3 bytes each, little endian, packed. 224
     * bytes are read, of which 192 are used.
     */
    volatile uint32_t bias_ptr;
    /* +0x030, read-write: Byte address of the output tile, 4096 bytes. */
    volatile uint32_t output_ptr;
    /* +0x034, read-write: Stored, not used. */
    volatile uint32_t seq_length;
    /*
     * +0x038, read-write: Sizes in tiles of 64. 0 counts as 1 (not on revision 2024-08). Keep them
     * the same for all jobs of a layer.
     */
    volatile uint32_t tiles;
    /* +0x03c, read-write: Requantisation: multipliers of the first four steps. */
    volatile uint32_t eps_mult0;
    /*
     * +0x040, read-write: Requantisation: multipliers of the other steps. Revision 2024-08 has no
     * F1 and F2.
     */
    volatile uint32_t eps_mult1;
    /* +0x044, read-write: Requantisation: right shifts of the first four steps. */
    volatile uint32_t right_shift0;
    /* +0x048, read-write: Requantisation: right shifts of the other steps. */
    volatile uint32_t right_shift1;
    /*
     * +0x04c, read-write: Requantisation: addends of the first four steps, added after the shift.
     */
    volatile uint32_t add0;
    /* +0x050, read-write: Requantisation: addends of the other steps. */
    volatile uint32_t add1;
    /* +0x054, read-write: What the engine computes. Exists where revision is "2025-04". */
    volatile uint32_t ctrl_engine;
    /* +0x058, read-write: What the streams of the job move. Exists where revision is "2025-04". */
    volatile uint32_t ctrl_stream;
    /*
     * +0x05c, read-write: Constants of the GELU polynomial, two's complement. Exists where revision
     * is "2025-04".
     */
    volatile uint32_t gelu_b_c;
    /*
     * +0x060, read-write: Requantisation after the activation, GELU or ReLU. Exists where revision
     * is "2025-04".
     */
    volatile uint32_t act_requant;
    uint32_t _reserved_64[231];
} ita_registers_t;

_Static_assert(offsetof(ita_registers_t, trigger) == 0x000, "ita_registers_t.trigger");
_Static_assert(offsetof(ita_registers_t, acquire) == 0x004, "ita_registers_t.acquire");
_Static_assert(offsetof(ita_registers_t, finished_jobs) == 0x008, "ita_registers_t.finished_jobs");
_Static_assert(offsetof(ita_registers_t, status) == 0x00c, "ita_registers_t.status");
_Static_assert(offsetof(ita_registers_t, running_job) == 0x010, "ita_registers_t.running_job");
_Static_assert(offsetof(ita_registers_t, soft_clear) == 0x014, "ita_registers_t.soft_clear");
_Static_assert(offsetof(ita_registers_t, reserved) == 0x018, "ita_registers_t.reserved");
_Static_assert(offsetof(ita_registers_t, sw_event) == 0x01c, "ita_registers_t.sw_event");
_Static_assert(offsetof(ita_registers_t, input_ptr) == 0x020, "ita_registers_t.input_ptr");
_Static_assert(offsetof(ita_registers_t, weight_ptr0) == 0x024, "ita_registers_t.weight_ptr0");
_Static_assert(offsetof(ita_registers_t, weight_ptr1) == 0x028, "ita_registers_t.weight_ptr1");
_Static_assert(offsetof(ita_registers_t, bias_ptr) == 0x02c, "ita_registers_t.bias_ptr");
_Static_assert(offsetof(ita_registers_t, output_ptr) == 0x030, "ita_registers_t.output_ptr");
_Static_assert(offsetof(ita_registers_t, seq_length) == 0x034, "ita_registers_t.seq_length");
_Static_assert(offsetof(ita_registers_t, tiles) == 0x038, "ita_registers_t.tiles");
_Static_assert(offsetof(ita_registers_t, eps_mult0) == 0x03c, "ita_registers_t.eps_mult0");
_Static_assert(offsetof(ita_registers_t, eps_mult1) == 0x040, "ita_registers_t.eps_mult1");
_Static_assert(offsetof(ita_registers_t, right_shift0) == 0x044, "ita_registers_t.right_shift0");
_Static_assert(offsetof(ita_registers_t, right_shift1) == 0x048, "ita_registers_t.right_shift1");
_Static_assert(offsetof(ita_registers_t, add0) == 0x04c, "ita_registers_t.add0");
_Static_assert(offsetof(ita_registers_t, add1) == 0x050, "ita_registers_t.add1");
_Static_assert(offsetof(ita_registers_t, ctrl_engine) == 0x054, "ita_registers_t.ctrl_engine");
_Static_assert(offsetof(ita_registers_t, ctrl_stream) == 0x058, "ita_registers_t.ctrl_stream");
_Static_assert(offsetof(ita_registers_t, gelu_b_c) == 0x05c, "ita_registers_t.gelu_b_c");
_Static_assert(offsetof(ita_registers_t, act_requant) == 0x060, "ita_registers_t.act_requant");
_Static_assert(sizeof(ita_registers_t) == 0x400, "ita_registers_t");

#endif

/*
 * trigger (write-only, a load acts): Any store commits the job whose registers have just been
 * written: it joins the queue, the lock of acquire is released, and the job registers are those of
 * the next context. A store of 0 also sets the trigger flag; from then on, until soft_clear, every
 * job that is committed starts when its turn comes, whatever is stored. Reads as 0xDEADBEEF.
 */
#define ITA_TRIGGER_OFFSET VPLAT_U(0x000)
#define ITA_TRIGGER_RESET VPLAT_U(0x00000000)

/*
 * acquire (read-only, a store acts): A load takes the lock and returns a job id, 0..255, one more
 * each time. -2 (0xFFFFFFFE): locked, a job is being programmed. -1 (0xFFFFFFFF): all contexts are
 * pending.
 */
#define ITA_ACQUIRE_OFFSET VPLAT_U(0x004)
#define ITA_ACQUIRE_RESET VPLAT_U(0x00000000)

/*
 * finished_jobs (read-to-clear): FINISHED. Any access, store or load, sets it to 0 after a load got
 * its value.
 */
#define ITA_FINISHED_JOBS_OFFSET VPLAT_U(0x008)
#define ITA_FINISHED_JOBS_RESET VPLAT_U(0x00000000)
/*
 * count, bits 1:0, read-to-clear: Jobs finished since the last access: 0, 1, or 2 for two and more.
 */
#define ITA_FINISHED_JOBS_COUNT_SHIFT VPLAT_U(0)
#define ITA_FINISHED_JOBS_COUNT_MASK VPLAT_U(0x00000003)

/*
 * status (read-only, a store acts): Which contexts hold a job that is to run or runs. 0: the
 * accelerator has nothing to do, if every job was committed with a 0 in trigger.
 */
#define ITA_STATUS_OFFSET VPLAT_U(0x00c)
#define ITA_STATUS_RESET VPLAT_U(0x00000000)
/*
 * context0, bits 7:0, read-only: 1 from the store of 0 to trigger that commits a job in context 0
 * until it has finished. A job committed with another value never shows.
 */
#define ITA_STATUS_CONTEXT0_SHIFT VPLAT_U(0)
#define ITA_STATUS_CONTEXT0_MASK VPLAT_U(0x000000ff)
/*
 * context1, bits 15:8, read-only: 1 from the store of 0 to trigger that commits a job in context 1
 * until it has finished. A job committed with another value never shows.
 */
#define ITA_STATUS_CONTEXT1_SHIFT VPLAT_U(8)
#define ITA_STATUS_CONTEXT1_MASK VPLAT_U(0x0000ff00)
/*
 * context2, bits 23:16, read-only: 1 from the store of 0 to trigger that commits a job in context 2
 * until it has finished. A job committed with another value never shows.
 */
#define ITA_STATUS_CONTEXT2_SHIFT VPLAT_U(16)
#define ITA_STATUS_CONTEXT2_MASK VPLAT_U(0x00ff0000)
/*
 * context3, bits 31:24, read-only: 1 from the store of 0 to trigger that commits a job in context 3
 * until it has finished. A job committed with another value never shows.
 */
#define ITA_STATUS_CONTEXT3_SHIFT VPLAT_U(24)
#define ITA_STATUS_CONTEXT3_MASK VPLAT_U(0xff000000)

/* running_job (read-only, a store acts): Number of the job that runs. */
#define ITA_RUNNING_JOB_OFFSET VPLAT_U(0x010)
#define ITA_RUNNING_JOB_RESET VPLAT_U(0x00000000)
/*
 * job_id, bits 7:0, read-only: Jobs finished since reset or a soft clear of everything, modulo 256:
 * the id that acquire returned for the running job, if every job was acquired once.
 */
#define ITA_RUNNING_JOB_JOB_ID_SHIFT VPLAT_U(0)
#define ITA_RUNNING_JOB_JOB_ID_MASK VPLAT_U(0x000000ff)

/*
 * soft_clear (write-only, a load acts): Any store empties the queue, frees the lock and stops the
 * control of a running job. 0: also zero all job registers, ids, status, finished_jobs and
 * running_job; another value keeps them. Leave at least 6 cycles before the next access. It does
 * not reset the engine: use it only when the sequence of jobs is complete.
 */
#define ITA_SOFT_CLEAR_OFFSET VPLAT_U(0x014)
#define ITA_SOFT_CLEAR_RESET VPLAT_U(0x00000000)

/* reserved (read-only, a store acts): Reads as 0. */
#define ITA_RESERVED_OFFSET VPLAT_U(0x018)
#define ITA_RESERVED_RESET VPLAT_U(0x00000000)

/*
 * sw_event (write-only, a load acts): Software events of an HWPE; not connected in ITA. Reads as 0.
 */
#define ITA_SW_EVENT_OFFSET VPLAT_U(0x01c)
#define ITA_SW_EVENT_RESET VPLAT_U(0x00000000)

/* input_ptr (read-write): Byte address of the input tile, 4096 bytes; a multiple of 4. */
#define ITA_INPUT_PTR_OFFSET VPLAT_U(0x020)
#define ITA_INPUT_PTR_RESET VPLAT_U(0x00000000)

/*
 * weight_ptr0 (read-write): Byte address of this job's weight tile, 4096 bytes: one output column a
 * row.
 */
#define ITA_WEIGHT_PTR0_OFFSET VPLAT_U(0x024)
#define ITA_WEIGHT_PTR0_RESET VPLAT_U(0x00000000)

/*
 * weight_ptr1 (read-write): Byte address of the next job's weight tile. Its first 1024 bytes are
 * read if weight_nextload is set; have them in memory before this job is triggered.
 */
#define ITA_WEIGHT_PTR1_OFFSET VPLAT_U(0x028)
#define ITA_WEIGHT_PTR1_RESET VPLAT_U(0x00000000)

/*
 * bias_ptr (read-write): Byte address of 64 biases of 3 bytes each, little endian, packed. 224
 * bytes are read, of which 192 are used.
 */
#define ITA_BIAS_PTR_OFFSET VPLAT_U(0x02c)
#define ITA_BIAS_PTR_RESET VPLAT_U(0x00000000)

/* output_ptr (read-write): Byte address of the output tile, 4096 bytes. */
#define ITA_OUTPUT_PTR_OFFSET VPLAT_U(0x030)
#define ITA_OUTPUT_PTR_RESET VPLAT_U(0x00000000)

/* seq_length (read-write): Stored, not used. */
#define ITA_SEQ_LENGTH_OFFSET VPLAT_U(0x034)
#define ITA_SEQ_LENGTH_RESET VPLAT_U(0x00000000)

/*
 * tiles (read-write): Sizes in tiles of 64. 0 counts as 1 (not on revision 2024-08). Keep them the
 * same for all jobs of a layer.
 */
#define ITA_TILES_OFFSET VPLAT_U(0x038)
#define ITA_TILES_RESET VPLAT_U(0x00000000)
/* tile_s, bits 3:0, read-write: Sequence length. */
#define ITA_TILES_TILE_S_SHIFT VPLAT_U(0)
#define ITA_TILES_TILE_S_MASK VPLAT_U(0x0000000f)
/* tile_e, bits 7:4, read-write: Embedding; for Linear, the inner dimension. */
#define ITA_TILES_TILE_E_SHIFT VPLAT_U(4)
#define ITA_TILES_TILE_E_MASK VPLAT_U(0x000000f0)
/* tile_p, bits 11:8, read-write: Projection of a head; for Linear, the output columns. */
#define ITA_TILES_TILE_P_SHIFT VPLAT_U(8)
#define ITA_TILES_TILE_P_MASK VPLAT_U(0x00000f00)
/* tile_f, bits 15:12, read-write: Feed-forward. */
#define ITA_TILES_TILE_F_SHIFT VPLAT_U(12)
#define ITA_TILES_TILE_F_MASK VPLAT_U(0x0000f000)
/* unused, bits 31:16, read-write: Stored, not used. */
#define ITA_TILES_UNUSED_SHIFT VPLAT_U(16)
#define ITA_TILES_UNUSED_MASK VPLAT_U(0xffff0000)

/* eps_mult0 (read-write): Requantisation: multipliers of the first four steps. */
#define ITA_EPS_MULT0_OFFSET VPLAT_U(0x03c)
#define ITA_EPS_MULT0_RESET VPLAT_U(0x00000000)
/* q, bits 7:0, read-write: u8 multiplier for Q, and for the steps of a Linear layer. */
#define ITA_EPS_MULT0_Q_SHIFT VPLAT_U(0)
#define ITA_EPS_MULT0_Q_MASK VPLAT_U(0x000000ff)
/* k, bits 15:8, read-write: u8 multiplier for K. */
#define ITA_EPS_MULT0_K_SHIFT VPLAT_U(8)
#define ITA_EPS_MULT0_K_MASK VPLAT_U(0x0000ff00)
/* v, bits 23:16, read-write: u8 multiplier for V. */
#define ITA_EPS_MULT0_V_SHIFT VPLAT_U(16)
#define ITA_EPS_MULT0_V_MASK VPLAT_U(0x00ff0000)
/* qk, bits 31:24, read-write: u8 multiplier for QK. */
#define ITA_EPS_MULT0_QK_SHIFT VPLAT_U(24)
#define ITA_EPS_MULT0_QK_MASK VPLAT_U(0xff000000)

/*
 * eps_mult1 (read-write): Requantisation: multipliers of the other steps. Revision 2024-08 has no
 * F1 and F2.
 */
#define ITA_EPS_MULT1_OFFSET VPLAT_U(0x040)
#define ITA_EPS_MULT1_RESET VPLAT_U(0x00000000)
/* av, bits 7:0, read-write: u8 multiplier for AV. */
#define ITA_EPS_MULT1_AV_SHIFT VPLAT_U(0)
#define ITA_EPS_MULT1_AV_MASK VPLAT_U(0x000000ff)
/* ow, bits 15:8, read-write: u8 multiplier for OW. */
#define ITA_EPS_MULT1_OW_SHIFT VPLAT_U(8)
#define ITA_EPS_MULT1_OW_MASK VPLAT_U(0x0000ff00)
/* f1, bits 23:16, read-write: u8 multiplier for F1. */
#define ITA_EPS_MULT1_F1_SHIFT VPLAT_U(16)
#define ITA_EPS_MULT1_F1_MASK VPLAT_U(0x00ff0000)
/* f2, bits 31:24, read-write: u8 multiplier for F2. */
#define ITA_EPS_MULT1_F2_SHIFT VPLAT_U(24)
#define ITA_EPS_MULT1_F2_MASK VPLAT_U(0xff000000)

/* right_shift0 (read-write): Requantisation: right shifts of the first four steps. */
#define ITA_RIGHT_SHIFT0_OFFSET VPLAT_U(0x044)
#define ITA_RIGHT_SHIFT0_RESET VPLAT_U(0x00000000)
/* q, bits 7:0, read-write: Right shift for Q, and for the steps of a Linear layer, 0..34. */
#define ITA_RIGHT_SHIFT0_Q_SHIFT VPLAT_U(0)
#define ITA_RIGHT_SHIFT0_Q_MASK VPLAT_U(0x000000ff)
/* k, bits 15:8, read-write: Right shift for K, 0..34. */
#define ITA_RIGHT_SHIFT0_K_SHIFT VPLAT_U(8)
#define ITA_RIGHT_SHIFT0_K_MASK VPLAT_U(0x0000ff00)
/* v, bits 23:16, read-write: Right shift for V, 0..34. */
#define ITA_RIGHT_SHIFT0_V_SHIFT VPLAT_U(16)
#define ITA_RIGHT_SHIFT0_V_MASK VPLAT_U(0x00ff0000)
/* qk, bits 31:24, read-write: Right shift for QK, 0..34. */
#define ITA_RIGHT_SHIFT0_QK_SHIFT VPLAT_U(24)
#define ITA_RIGHT_SHIFT0_QK_MASK VPLAT_U(0xff000000)

/* right_shift1 (read-write): Requantisation: right shifts of the other steps. */
#define ITA_RIGHT_SHIFT1_OFFSET VPLAT_U(0x048)
#define ITA_RIGHT_SHIFT1_RESET VPLAT_U(0x00000000)
/* av, bits 7:0, read-write: Right shift for AV, 0..34. */
#define ITA_RIGHT_SHIFT1_AV_SHIFT VPLAT_U(0)
#define ITA_RIGHT_SHIFT1_AV_MASK VPLAT_U(0x000000ff)
/* ow, bits 15:8, read-write: Right shift for OW, 0..34. */
#define ITA_RIGHT_SHIFT1_OW_SHIFT VPLAT_U(8)
#define ITA_RIGHT_SHIFT1_OW_MASK VPLAT_U(0x0000ff00)
/* f1, bits 23:16, read-write: Right shift for F1, 0..34. */
#define ITA_RIGHT_SHIFT1_F1_SHIFT VPLAT_U(16)
#define ITA_RIGHT_SHIFT1_F1_MASK VPLAT_U(0x00ff0000)
/* f2, bits 31:24, read-write: Right shift for F2, 0..34. */
#define ITA_RIGHT_SHIFT1_F2_SHIFT VPLAT_U(24)
#define ITA_RIGHT_SHIFT1_F2_MASK VPLAT_U(0xff000000)

/* add0 (read-write): Requantisation: addends of the first four steps, added after the shift. */
#define ITA_ADD0_OFFSET VPLAT_U(0x04c)
#define ITA_ADD0_RESET VPLAT_U(0x00000000)
/*
 * q, bits 7:0, read-write: s8 addend, two's complement, for Q, and for the steps of a Linear layer.
 */
#define ITA_ADD0_Q_SHIFT VPLAT_U(0)
#define ITA_ADD0_Q_MASK VPLAT_U(0x000000ff)
/* k, bits 15:8, read-write: s8 addend, two's complement, for K. */
#define ITA_ADD0_K_SHIFT VPLAT_U(8)
#define ITA_ADD0_K_MASK VPLAT_U(0x0000ff00)
/* v, bits 23:16, read-write: s8 addend, two's complement, for V. */
#define ITA_ADD0_V_SHIFT VPLAT_U(16)
#define ITA_ADD0_V_MASK VPLAT_U(0x00ff0000)
/* qk, bits 31:24, read-write: s8 addend, two's complement, for QK. */
#define ITA_ADD0_QK_SHIFT VPLAT_U(24)
#define ITA_ADD0_QK_MASK VPLAT_U(0xff000000)

/* add1 (read-write): Requantisation: addends of the other steps. */
#define ITA_ADD1_OFFSET VPLAT_U(0x050)
#define ITA_ADD1_RESET VPLAT_U(0x00000000)
/* av, bits 7:0, read-write: s8 addend, two's complement, for AV. */
#define ITA_ADD1_AV_SHIFT VPLAT_U(0)
#define ITA_ADD1_AV_MASK VPLAT_U(0x000000ff)
/* ow, bits 15:8, read-write: s8 addend, two's complement, for OW. */
#define ITA_ADD1_OW_SHIFT VPLAT_U(8)
#define ITA_ADD1_OW_MASK VPLAT_U(0x0000ff00)
/* f1, bits 23:16, read-write: s8 addend, two's complement, for F1. */
#define ITA_ADD1_F1_SHIFT VPLAT_U(16)
#define ITA_ADD1_F1_MASK VPLAT_U(0x00ff0000)
/* f2, bits 31:24, read-write: s8 addend, two's complement, for F2. */
#define ITA_ADD1_F2_SHIFT VPLAT_U(24)
#define ITA_ADD1_F2_MASK VPLAT_U(0xff000000)

/* ctrl_engine (read-write): What the engine computes. Exists where revision is "2025-04". */
#define ITA_CTRL_ENGINE_OFFSET VPLAT_U(0x054)
#define ITA_CTRL_ENGINE_RESET VPLAT_U(0x00000000)
/*
 * layer, bits 1:0, read-write: Which sequence of steps; looked at when a sequence begins and at the
 * end of AV. Keep it for all jobs of the sequence.
 */
#define ITA_CTRL_ENGINE_LAYER_SHIFT VPLAT_U(0)
#define ITA_CTRL_ENGINE_LAYER_MASK VPLAT_U(0x00000003)
#define ITA_CTRL_ENGINE_LAYER_ATTENTION VPLAT_U(0)
#define ITA_CTRL_ENGINE_LAYER_FEEDFORWARD VPLAT_U(1)
#define ITA_CTRL_ENGINE_LAYER_LINEAR VPLAT_U(2)
#define ITA_CTRL_ENGINE_LAYER_SINGLE_ATTENTION VPLAT_U(3)
/*
 * activation, bits 3:2, read-write: Applied to whatever step runs: keep Identity but for F1 and
 * linear layers.
 */
#define ITA_CTRL_ENGINE_ACTIVATION_SHIFT VPLAT_U(2)
#define ITA_CTRL_ENGINE_ACTIVATION_MASK VPLAT_U(0x0000000c)
#define ITA_CTRL_ENGINE_ACTIVATION_IDENTITY VPLAT_U(0)
#define ITA_CTRL_ENGINE_ACTIVATION_GELU VPLAT_U(1)
#define ITA_CTRL_ENGINE_ACTIVATION_RELU VPLAT_U(2)
#define ITA_CTRL_ENGINE_ACTIVATION_RESERVED VPLAT_U(3)
/* unused, bits 31:4, read-write: Stored, not used. */
#define ITA_CTRL_ENGINE_UNUSED_SHIFT VPLAT_U(4)
#define ITA_CTRL_ENGINE_UNUSED_MASK VPLAT_U(0xfffffff0)

/*
 * ctrl_stream (read-write): What the streams of the job move. Exists where revision is "2025-04".
 */
#define ITA_CTRL_STREAM_OFFSET VPLAT_U(0x058)
#define ITA_CTRL_STREAM_RESET VPLAT_U(0x00000000)
/*
 * weight_preload, bit 0, read-write: Load all four weight sets of this job. 0: set 0 was prefetched
 * by the job before. It must differ from weight_nextload of the job before.
 */
#define ITA_CTRL_STREAM_WEIGHT_PRELOAD_SHIFT VPLAT_U(0)
#define ITA_CTRL_STREAM_WEIGHT_PRELOAD_MASK VPLAT_U(0x00000001)
/*
 * weight_nextload, bit 1, read-write: At the end, prefetch the first 1024 bytes at weight_ptr1 for
 * the next job.
 */
#define ITA_CTRL_STREAM_WEIGHT_NEXTLOAD_SHIFT VPLAT_U(1)
#define ITA_CTRL_STREAM_WEIGHT_NEXTLOAD_MASK VPLAT_U(0x00000002)
/* bias_disable, bit 2, read-write: Read no biases and add none. */
#define ITA_CTRL_STREAM_BIAS_DISABLE_SHIFT VPLAT_U(2)
#define ITA_CTRL_STREAM_BIAS_DISABLE_MASK VPLAT_U(0x00000004)
/* bias_direction, bit 3, read-write: 0: a bias for each output column; 1: for each row (step V). */
#define ITA_CTRL_STREAM_BIAS_DIRECTION_SHIFT VPLAT_U(3)
#define ITA_CTRL_STREAM_BIAS_DIRECTION_MASK VPLAT_U(0x00000008)
/*
 * output_disable, bit 4, read-write: Store nothing. It must be 1 on every inner tile but the last,
 * and 0 on the last: either mistake hangs the accelerator until a hard reset.
 */
#define ITA_CTRL_STREAM_OUTPUT_DISABLE_SHIFT VPLAT_U(4)
#define ITA_CTRL_STREAM_OUTPUT_DISABLE_MASK VPLAT_U(0x00000010)
/* unused, bits 31:5, read-write: Stored, not used. */
#define ITA_CTRL_STREAM_UNUSED_SHIFT VPLAT_U(5)
#define ITA_CTRL_STREAM_UNUSED_MASK VPLAT_U(0xffffffe0)

/*
 * ctrl_stream_2024_08 (read-write): ctrl_stream of revision 2024-08: what the streams of the job
 * move. Exists where revision is "2024-08". Not in the struct, where another register has its
 * place.
 */
#define ITA_CTRL_STREAM_2024_08_OFFSET VPLAT_U(0x054)
#define ITA_CTRL_STREAM_2024_08_RESET VPLAT_U(0x00000000)
/*
 * weight_preload, bit 0, read-write: Load all four weight sets of this job. 0: set 0 was prefetched
 * by the job before. It must differ from weight_nextload of the job before.
 */
#define ITA_CTRL_STREAM_2024_08_WEIGHT_PRELOAD_SHIFT VPLAT_U(0)
#define ITA_CTRL_STREAM_2024_08_WEIGHT_PRELOAD_MASK VPLAT_U(0x00000001)
/*
 * weight_nextload, bit 1, read-write: At the end, prefetch the first 1024 bytes at weight_ptr1 for
 * the next job.
 */
#define ITA_CTRL_STREAM_2024_08_WEIGHT_NEXTLOAD_SHIFT VPLAT_U(1)
#define ITA_CTRL_STREAM_2024_08_WEIGHT_NEXTLOAD_MASK VPLAT_U(0x00000002)
/* bias_disable, bit 2, read-write: Read no biases and add none. */
#define ITA_CTRL_STREAM_2024_08_BIAS_DISABLE_SHIFT VPLAT_U(2)
#define ITA_CTRL_STREAM_2024_08_BIAS_DISABLE_MASK VPLAT_U(0x00000004)
/* bias_direction, bit 3, read-write: 0: a bias for each output column; 1: for each row (step V). */
#define ITA_CTRL_STREAM_2024_08_BIAS_DIRECTION_SHIFT VPLAT_U(3)
#define ITA_CTRL_STREAM_2024_08_BIAS_DIRECTION_MASK VPLAT_U(0x00000008)
/*
 * output_disable, bit 4, read-write: Store nothing. It must be 1 on every inner tile but the last,
 * and 0 on the last: either mistake hangs the accelerator until a hard reset.
 */
#define ITA_CTRL_STREAM_2024_08_OUTPUT_DISABLE_SHIFT VPLAT_U(4)
#define ITA_CTRL_STREAM_2024_08_OUTPUT_DISABLE_MASK VPLAT_U(0x00000010)
/* unused, bits 31:5, read-write: Stored, not used. */
#define ITA_CTRL_STREAM_2024_08_UNUSED_SHIFT VPLAT_U(5)
#define ITA_CTRL_STREAM_2024_08_UNUSED_MASK VPLAT_U(0xffffffe0)

/*
 * gelu_b_c (read-write): Constants of the GELU polynomial, two's complement. Exists where revision
 * is "2025-04".
 */
#define ITA_GELU_B_C_OFFSET VPLAT_U(0x05c)
#define ITA_GELU_B_C_RESET VPLAT_U(0x00000000)
/* b, bits 15:0, read-write: s16 b: -80 for an input scale of 1/32. */
#define ITA_GELU_B_C_B_SHIFT VPLAT_U(0)
#define ITA_GELU_B_C_B_MASK VPLAT_U(0x0000ffff)
/* c, bits 31:16, read-write: s16 c: -7091 for an input scale of 1/32. */
#define ITA_GELU_B_C_C_SHIFT VPLAT_U(16)
#define ITA_GELU_B_C_C_MASK VPLAT_U(0xffff0000)

/*
 * act_requant (read-write): Requantisation after the activation, GELU or ReLU. Exists where
 * revision is "2025-04".
 */
#define ITA_ACT_REQUANT_OFFSET VPLAT_U(0x060)
#define ITA_ACT_REQUANT_RESET VPLAT_U(0x00000000)
/* mult, bits 7:0, read-write: u8 multiplier. */
#define ITA_ACT_REQUANT_MULT_SHIFT VPLAT_U(0)
#define ITA_ACT_REQUANT_MULT_MASK VPLAT_U(0x000000ff)
/* shift, bits 15:8, read-write: Right shift, 0..34. */
#define ITA_ACT_REQUANT_SHIFT_SHIFT VPLAT_U(8)
#define ITA_ACT_REQUANT_SHIFT_MASK VPLAT_U(0x0000ff00)
/* add, bits 23:16, read-write: s8 addend, two's complement. */
#define ITA_ACT_REQUANT_ADD_SHIFT VPLAT_U(16)
#define ITA_ACT_REQUANT_ADD_MASK VPLAT_U(0x00ff0000)
/* unused, bits 31:24, read-write: Stored, not used. */
#define ITA_ACT_REQUANT_UNUSED_SHIFT VPLAT_U(24)
#define ITA_ACT_REQUANT_UNUSED_MASK VPLAT_U(0xff000000)

#endif /* VPLAT_ITA_H */
