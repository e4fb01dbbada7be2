/*
 * Carries a plan out: the accelerator works on one job and has the next in its queue, while the DMA
 * brings tiles for later ones and takes results away. All for the hart that drives.
 */
#ifndef TILES_STREAM_H
#define TILES_STREAM_H

#include "drivers/ita.h"
#include "tiles/plan.h"

/* Where things are. */
struct stream {
    const struct layer_plan *plan;
    int8_t *home;               /* the tiles' home outside L1, one after the other */
    int8_t *slots;              /* plan->slot_count slots in L1, one after the other */
    const uint8_t *biases_home; /* ITA_BIAS_BYTES each */
    uint8_t *biases;            /* in L1, and behind them ITA_BIAS_READ_BYTES that may be read */
    size_t biases_bytes;        /* 0: there are none */
};

/* Turn the plan into addresses and register contents: later there is no time for that. */
void stream_prepare(const struct stream *stream);

/* What a run took, in cycles. */
struct stream_times {
    uint32_t all;           /* from the first load to the end of the last store */
    uint32_t since_trigger; /* from when the first job was handed over */
};

/*
 * Run the stream that was prepared last; ita_configure has been called. Returns when all jobs have
 * finished and all results are at home.
 */
struct stream_times stream_run(void);

#endif
