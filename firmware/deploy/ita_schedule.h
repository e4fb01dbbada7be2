/*
 * A schedule of the accelerator: jobs in their order, and between them what comes into L1 and what
 * goes home. It was worked out beforehand, for shapes alone: places in L1 count from the beginning
 * of the layer's tiles, places at home from that of their matrix. So layers of one shape share it.
 *
 * Two jobs are in the queue, one runs and one waits. The next steps of the schedule come by DMA,
 * too. What harts compute meanwhile is called a stage: the schedule meets them at barriers, and
 * between two of them they work on their own.
 */
#ifndef DEPLOY_ITA_SCHEDULE_H
#define DEPLOY_ITA_SCHEDULE_H

#include <stdint.h>

#include "deploy/ita_matrix.h"
#include "deploy/ita_setup.h"

#define ITA_STEP_MOVES 2

/* A tile's way. */
struct ita_move {
    uint32_t home; /* bytes from the matrix's first one */
    uint32_t what;
};

/* The fields of ita_move.what: which bit is the lowest, and how many there are. */
#define ITA_MOVE_PLACE 0, 8 /* in L1, in tiles */
#define ITA_MOVE_MATRIX 8, 4
#define ITA_MOVE_STORES 12, 1
#define ITA_MOVE_COLUMNS 13, 7 /* 1..64 */
#define ITA_MOVE_ROWS 20, 7

/*
 * What is done in a step, in this order. Wait for the jobs before it, but for one if it lags. Wait
 * for so many more of the oldest stores. Start the moves. Set up the accelerator anew. Wait for so
 * many more of the oldest loads, of which biases are the first. Meet the harts. Hand over a job.
 */
struct ita_schedule_step {
    uint32_t what;
    uint32_t places; /* of the job's tiles, a byte each: input, weight, next weight, output */
    struct ita_move moves[ITA_STEP_MOVES];
};

_Static_assert(sizeof(struct ita_schedule_step) == 24, "struct ita_schedule_step");

/* The fields of ita_schedule_step.what, likewise. */
#define ITA_STEP_COUNT 0, 2 /* of its moves */
#define ITA_STEP_JOB 2, 1
#define ITA_STEP_LAG 3, 1 /* the job before may still be at work */
#define ITA_STEP_MEETS 4, 1
#define ITA_STEP_SETUP 5, 1
#define ITA_STEP_WHICH 6, 2 /* of the setups */
#define ITA_STEP_FLAGS 8, 5 /* CTRL_STREAM */
#define ITA_STEP_STORES 13, 3
#define ITA_STEP_LOADS 16, 4
#define ITA_STEP_BIAS 20, 12 /* where the job's biases are, in 64 bytes */

/* Transfers that a schedule may have under way at a time. */
#define ITA_MOST_LOADS 8u
#define ITA_MOST_STORES 4u

/* Steps come in so many at a time, into one half of the window or the other. */
#define ITA_STEPS_AT_ONCE 8
#define ITA_WINDOW_BYTES (2 * ITA_STEPS_AT_ONCE * sizeof(struct ita_schedule_step))

/* Bytes that stay in L1 for the whole layer, and where they come from; NULL: there are none. */
struct ita_resident {
    void *place;
    const void *home;
    uint32_t bytes;
};

/* This worker's part of what the harts do after the schedule has met them for the n-th time. */
typedef void ita_stage_function(const void *layer, unsigned number, unsigned worker,
                                unsigned workers);

#define ITA_MOST_MATRICES 8
#define ITA_MOST_SETUPS 4
#define ITA_MOST_RESIDENTS 3

struct ita_schedule {
    const struct ita_schedule_step *steps; /* at home */
    uint32_t step_count;
    struct ita_matrix matrices[ITA_MOST_MATRICES];
    struct ita_setup setups[ITA_MOST_SETUPS];
    int8_t *tiles;                  /* in L1, as all that follow */
    struct ita_resident biases;
    struct ita_resident residents[ITA_MOST_RESIDENTS];
    struct ita_schedule_step *window; /* of ITA_WINDOW_BYTES */

    ita_stage_function *stage; /* NULL: harts have nothing to do */
    const void *layer;
    uint32_t meetings;
};

/*
 * On all harts. Each returns when its own part is done: the one that drives when all is at home.
 */
void ita_run(const struct ita_schedule *schedule);

#endif
