/*
 * Keeps the accelerator busy: while it works on one job and has the next in its queue, the DMA
 * brings the tiles of the one after.
 */
#ifndef ATTENTION_PIPELINE_H
#define ATTENTION_PIPELINE_H

#include "apps/attention/plan.h"

/* Called when a job has finished, in the order of the jobs. */
typedef void (*job_finished_t)(const struct tile_job *job);

/*
 * Run all jobs on the accelerator, configured for their layer. Tiles in external memory are brought
 * to the TCDM; the others are used where they are. Biases must be in the TCDM.
 */
void pipeline_run(const struct tile_job jobs[], unsigned count, job_finished_t finished);

#endif
