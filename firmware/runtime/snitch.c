#include "drivers/board.h"

#ifndef VPLAT_EVENT_UNIT_DEMUX_BASE

#include "drivers/barrier_csr.h"
#include "runtime/cluster.h"
#include "runtime/htif.h"

void cluster_prepare(void) {}

/* All meet at the barrier, hart 0 when it is done. */
void cluster_start_others(void)
{
    barrier_csr_wait();
}

void cluster_await_start(void)
{
    barrier_csr_wait();
}

void cluster_await_last(void)
{
    barrier_csr_wait();
}

_Noreturn void cluster_finish(int status)
{
    htif_exit(status);
}

#endif
