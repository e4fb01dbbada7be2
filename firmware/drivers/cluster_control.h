/*
 * The cluster control unit: the end of a run, the accelerator's clock, harts that start and stop.
 */
#ifndef DRIVERS_CLUSTER_CONTROL_H
#define DRIVERS_CLUSTER_CONTROL_H

#include <stdbool.h>

#include "drivers/board.h"

/* End the run with `status`, on all harts; 0 stands for success. */
_Noreturn void cluster_finish(int status);

/* Clock the accelerator, or stop its clock. */
void cluster_clock_accelerator(bool running);

/*
 * Let the accelerator win against harts and DMA where they meet in the TCDM; otherwise they win.
 * One access of the accelerator takes all banks, so it seldom finds its way by itself.
 */
void cluster_prefer_accelerator(bool wins);

/* Stop a hart where it is, and let it fetch from `entry`. */
void cluster_restart_hart(unsigned hart, void (*entry)(void));
void cluster_halt_hart(unsigned hart);

#endif
