#include "drivers/board.h"

#ifdef VPLAT_EVENT_UNIT_DEMUX_BASE

#include "runtime/team.h"

#include <stddef.h>

#include "runtime/runtime.h"

#define HELPERS (ALL_HARTS & ~1u)

typedef void (*task_t)(void *argument);

/* A task is two values of the dispatch FIFO, function and argument; no function means the end. */
static void push(task_t task, void *argument)
{
    dispatch_push(HELPERS, (uint32_t)task);
    dispatch_push(HELPERS, (uint32_t)argument);
}

static void help(void)
{
    for (;;) {
        task_t task = (task_t)dispatch_pop();
        void *argument = (void *)dispatch_pop();
        if (!task)
            return;
        task(argument);
        cluster_barrier();
    }
}

int team_run(int (*lead)(void))
{
    if (hart_id() != 0) {
        help();
        return 0;
    }
    int result = lead();
    push(NULL, NULL);
    return result;
}

void team_fork(void (*task)(void *argument), void *argument)
{
    push(task, argument);
    task(argument);
    cluster_barrier();
}

#endif
