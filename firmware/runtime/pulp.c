#include "drivers/board.h"

#ifdef VPLAT_EVENT_UNIT_DEMUX_BASE

#include "runtime/cluster.h"
#include "runtime/runtime.h"

void cluster_prepare(void)
{
    barrier_configure(RUNTIME_BARRIER, ALL_HARTS);
    barrier_configure(RUNTIME_LAST_BARRIER, ALL_HARTS);
}

void cluster_start_others(void)
{
    event_send(RUNTIME_EVENT, ALL_HARTS & ~1u);
}

void cluster_await_start(void)
{
    event_wait(EVENT_SOFTWARE(RUNTIME_EVENT));
}

void cluster_await_last(void)
{
    barrier_wait(RUNTIME_LAST_BARRIER);
}

#endif
