/*
 * Which tile is in which place of L1 at what time: worked out once, before the accelerator starts.
 *
 * A layer is a list of jobs. Each multiplies two tiles of 64 x 64 bytes, and the last job of an
 * output tile stores it. All tiles of the layer have a home outside L1, in one array, and are known
 * by their number there. L1 is a pool of slots for one tile each. The plan says what to load into
 * which slot, what to put away, and between which jobs. It keeps what is needed again soon; only if
 * L1 is too small for a layer is a tile loaded twice.
 *
 * tiles/stream.h carries a plan out.
 */
#ifndef TILES_PLAN_H
#define TILES_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest plan there is room for: GEMM of 512 x 512 x 512, and loads for it. */
#define PLAN_MOST_JOBS 512
#define PLAN_MOST_TILES 256
#define PLAN_MOST_SLOTS 32
#define PLAN_MOST_MOVES 1024

/*
 * Jobs that the accelerator has at a time: one runs, one waits. A longer queue would only ask for
 * tiles earlier.
 */
#define JOBS_AHEAD 2

/* Transfers that may be under way at a time, powers of two, and those that one step may start. */
#define MOST_LOADS 8
#define MOST_STORES 4
#define STEP_LOADS 3
#define STEP_STORES 2

#define NO_BIAS 0xff

/* What the layer's owner says of a job. */
struct tile_job {
    uint16_t input;
    uint16_t weight;
    uint16_t output;
    uint8_t bias; /* which 64 biases are added, NO_BIAS: none; counts where the job stores */
    bool bias_by_rows;
    bool stores; /* this is the last job of its output tile */
};

/* One tile from or to its home. */
struct move {
    uint16_t tile;
    uint8_t slot;
};

/*
 * What is done for a job, in this order, once all jobs before it but JOBS_AHEAD - 1 have ended. To
 * finish so many transfers is to wait for the end of the oldest that have not been waited for.
 */
struct job_step {
    struct move stores[STEP_STORES], loads[STEP_LOADS];
    uint8_t start_stores;        /* so many of `stores`... */
    uint8_t finish_stores_first; /* before loads come to where they were */
    uint8_t start_loads;         /* ...and of `loads` */
    uint8_t finish_loads, finish_stores;

    /* Then the job is handed over, with these slots and biases. */
    uint8_t input, weight, next_weight, output, bias;
    bool bias_by_rows, stores_output, is_last;
};

struct layer_plan {
    /* To be filled in before plan_layer. */
    struct tile_job jobs[PLAN_MOST_JOBS];
    unsigned job_count; /* at least 1 */
    unsigned tile_count;
    unsigned first_result; /* tiles from this number on are wanted at home, others are not */
    unsigned slot_count;

    /* Its result. Stores that no step starts follow after the last job. */
    struct job_step steps[PLAN_MOST_JOBS];
    struct move stores[PLAN_MOST_MOVES];
    unsigned store_count, stores_in_steps;
};

/* Work out the plan. False if it has no room: too many jobs or moves, or too few slots. */
bool plan_layer(struct layer_plan *plan);

#endif
