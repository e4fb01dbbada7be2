/*
 * The runtime, for applications. `int main(void)` runs on every hart at the same time.
 *
 * The run ends when main has returned on all harts; its exit status has the bits of all their
 * results, so it is 0 when every hart returned 0. exit() and abort() on any hart end it at once.
 */
#ifndef RUNTIME_RUNTIME_H
#define RUNTIME_RUNTIME_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "drivers/board.h"
#include "drivers/hart.h"
#include "runtime/trap.h"

/* Where a variable lies: in the TCDM, where DMA and accelerator work, or in external memory. */
#define IN_TCDM __attribute__((section(".tcdm")))
#define IN_TCDM_ZEROED __attribute__((section(".bss.tcdm")))
#define IN_L3 __attribute__((section(".l3")))
#define IN_L3_ZEROED __attribute__((section(".bss.l3")))

#ifdef VPLAT_EVENT_UNIT_DEMUX_BASE

#include "drivers/event_unit.h"
#include "runtime/region.h"
#include "runtime/team.h"

/*
 * What belongs to the runtime: the first barrier for cluster_barrier, the last one for the end of
 * main, so that a hart which returns too early releases nobody, and software event 7 for the start.
 */
#define RUNTIME_BARRIER 0
#define RUNTIME_LAST_BARRIER (VPLAT_EVENT_UNIT_BARRIERS - 1)
#define RUNTIME_EVENT 7

/* Sleep until all harts have come here. */
static inline void cluster_barrier(void)
{
    barrier_wait(RUNTIME_BARRIER);
}

#else

#include "drivers/barrier_csr.h"

/* Sleep until all harts have come here. A hart that returns from main also counts as here. */
static inline void cluster_barrier(void)
{
    barrier_csr_wait();
}

#endif

#endif
