/*
 * What stays the same for many jobs: written into all contexts of the accelerator at once.
 *
 * For the revision with CTRL_ENGINE alone: the first release knows neither products nor attention
 * without its projections.
 */
#ifndef DEPLOY_ITA_SETUP_H
#define DEPLOY_ITA_SETUP_H

#include <stdint.h>

#include "drivers/ita.h"

/* What happens to int8 results before they are stored; all zeros: nothing. */
struct ita_activate {
    enum ita_activation function;
    int16_t gelu_b;
    int16_t gelu_c;
    struct ita_requant requant;
};

/*
 * Of products, each output tile is the sum of `inner` jobs, 1..15. Of attention, for each 64 rows
 * there are the jobs of the logits (sequence tiles, each the sum of `width`), then those of what
 * they mix (width tiles, each the sum of `sequence`).
 */
struct ita_setup {
    enum { ITA_SETUP_PRODUCT, ITA_SETUP_ATTENTION } kind;
    uint8_t inner;
    uint8_t sequence;
    uint8_t width;
    struct ita_requant requant; /* of a product, or of the logits */
    struct ita_requant mixed;
    struct ita_activate activate; /* products alone */
};

/* Clock the accelerator and forget what it was told before. */
void ita_begin(void);

/* No job is queued or running, and none of an output tile or of attention is missing. */
void ita_set_up(const struct ita_setup *setup);

/* The number that the next job will have, modulo 256. */
static inline unsigned ita_next_job(void)
{
    return VPLAT_GET(ITA_RUNNING_JOB_JOB_ID, VPLAT_ITA->running_job);
}

/* Sleep until the job of this number, modulo 256, has finished, and all before it. */
static inline void ita_await(unsigned number)
{
    while (!ita_is_finished(number))
        ita_sleep();
}

#endif
