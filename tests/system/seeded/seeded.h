/*
 * What programs with a bug on purpose share. Each has one line marked BUG, which the driver checker
 * must name; everything around it is as it should be. `lead` runs on the hart that has the DMA.
 */
#ifndef SEEDED_H
#define SEEDED_H

#include <stdbool.h>
#include <string.h>

#include "drivers/ita.h"
#include "runtime/runtime.h"

#ifdef VPLAT_EVENT_UNIT_DEMUX_BASE
#include "drivers/dma.h"
#define LEADER 0
typedef dma_transfer_t transfer_t;
#define start_load dma_load
#define start_store dma_store
#define finish dma_finish
#else
#include "drivers/xdma.h"
#define LEADER (VPLAT_HARTS - 1)
typedef uint32_t transfer_t;
#define start_load xdma_start
#define start_store xdma_start
#define finish xdma_finish
#endif

#define BYTES 4096

void lead(void);

/* Other harts; most programs have no need for them. */
void follow(unsigned hart);

/* So much time that whatever is under way ends meanwhile; it does nothing but pass. */
static inline void pass_time(unsigned turns)
{
    for (unsigned i = 0; i < turns; i++)
        __asm__ volatile("");
}

static inline void wait_for_ita(unsigned jobs)
{
    while (VPLAT_GET(ITA_RUNNING_JOB_JOB_ID, VPLAT_ITA->running_job) != jobs)
        ;
}

/* A linear layer of one tile, whose result is small. */
static inline void open_ita(void)
{
    const struct ita_layer_parameters layer = {
        .layer = ITA_LINEAR,
        .sequence = 1,
        .embedding = 1,
        .projection = 1,
        .requant = {{1, 8, 0}},
    };

    ita_open();
    ita_configure(&layer);
}

#endif
