/*
 * The cluster, as portable programs see it: the same source runs on all boards, with the DMA and
 * the accelerator that the board has.
 *
 *     int main(void)                      // on all harts at once
 *     {
 *         if (hal_drives())               // one hart has the DMA and the accelerator
 *             dma_finish(dma_load(tile, weights, sizeof tile));
 *         hal_barrier();
 *         if (hal_computes())             // HAL_COMPUTE_HARTS of them, numbered from 0
 *             work_on_share(hal_hart());
 *         hal_barrier();
 *         return 0;
 *     }
 *
 * The hart that drives may compute as well (pulp-ita: hart 0) or not (snitch-ita: hart 8). So ask
 * both questions, and let all harts come to every barrier.
 *
 * Beside what is declared here: drivers/dma.h (dma_load, dma_store, dma_finish) and drivers/ita.h
 * (jobs of the accelerator), both for the hart that drives; printf; exit. The run ends when main
 * has returned on all harts, with the bits of all its results as status.
 */
#ifndef HAL_HAL_H
#define HAL_HAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/board.h"
#include "drivers/dma.h"
#include "drivers/ita.h"
#include "runtime/runtime.h"

/*
 * How many harts run main, how many of them compute (those with the numbers 0, 1, ...), and which
 * one drives. In a PULP cluster every hart can, and one of those that compute does it besides; in a
 * Snitch cluster the last one alone has the DMA's instructions, and leaves the computing to others.
 */
#define HAL_HARTS VPLAT_HARTS
#ifdef VPLAT_EVENT_UNIT_DEMUX_BASE
#define HAL_COMPUTE_HARTS HAL_HARTS
#define HAL_DRIVING_HART 0u
#else
#define HAL_COMPUTE_HARTS (HAL_HARTS - 1)
#define HAL_DRIVING_HART (HAL_HARTS - 1)
#endif

/*
 * Where a variable lies, and whether it starts as zeros. L1 is the TCDM, where DMA and accelerator
 * work; L2 and L3 are outside the cluster, L2 the nearer and L3 the larger one. A board that has
 * one memory outside uses it for both.
 */
#define IN_L1 IN_TCDM
#define IN_L1_ZEROED IN_TCDM_ZEROED
#define IN_L2
#define IN_L2_ZEROED

/* This hart's number, from 0 to HAL_HARTS - 1. */
static inline unsigned hal_hart(void)
{
    return hart_id();
}

/* Whether this hart computes; then hal_hart is below HAL_COMPUTE_HARTS. */
static inline bool hal_computes(void)
{
    return HAL_COMPUTE_HARTS == HAL_HARTS || hal_hart() < HAL_COMPUTE_HARTS;
}

/* Whether this hart has the DMA and the accelerator. */
static inline bool hal_drives(void)
{
    return hal_hart() == HAL_DRIVING_HART;
}

/* Sleep until all harts have come here. What each has stored before, all see afterwards. */
static inline void hal_barrier(void)
{
    cluster_barrier();
}

/* Cycles since reset, modulo 2^32: good for differences on one hart. */
static inline uint32_t hal_cycles(void)
{
    return hart_cycles();
}

/* What the program's variables leave of L1, from a multiple of 16 on; there is no heap. */
struct hal_memory {
    int8_t *start;
    size_t bytes;
};

static inline struct hal_memory hal_l1_rest(void)
{
    extern char _tcdm_heap_start[], _tcdm_heap_end[]; /* of the linker script */

    return (struct hal_memory){(int8_t *)_tcdm_heap_start,
                               (size_t)(_tcdm_heap_end - _tcdm_heap_start)};
}

/*
 * The part of a program that is to be measured by itself (docs/regions.md): between the two marks
 * the platform takes cycles, activity and energy of the whole cluster. One hart sets them, right
 * after a barrier. They are hints, for which hardware takes a cycle and does nothing.
 */
static inline void hal_measure_begin(void)
{
    __asm__ volatile("slti x0, x0, 1" : : : "memory");
}

static inline void hal_measure_end(void)
{
    __asm__ volatile("slti x0, x0, -1" : : : "memory");
}

#endif
