#include "tiles/stream.h"

#include <string.h>

#include "hal/hal.h"

/* A plan's step, made up for a hart that has less than 300 cycles for each. */
struct ready_step {
    struct ita_command command;
    uint8_t start_stores, finish_stores_first, start_loads, finish_loads, finish_stores, adds_bias;
    struct copy {
        void *to;
        const void *from;
    } stores[STEP_STORES], loads[STEP_LOADS];
};

/*
 * All steps are outside L1, where it would take too long to read them: the DMA brings so many at a
 * time. One half of the window is worked on, the other one filled.
 */
#define HALF 8

static struct ready_step steps[PLAN_MOST_JOBS] IN_L2_ZEROED;
static struct ready_step window[2][HALF] IN_L1_ZEROED;
static struct stream prepared;

static int8_t *slot(unsigned number)
{
    return prepared.slots + number * ITA_TILE_BYTES;
}

static int8_t *home(unsigned tile)
{
    return prepared.home + tile * ITA_TILE_BYTES;
}

static struct copy load_of(struct move move)
{
    return (struct copy){.to = slot(move.slot), .from = home(move.tile)};
}

static struct copy store_of(struct move move)
{
    return (struct copy){.to = home(move.tile), .from = slot(move.slot)};
}

static struct ita_command command_of(const struct job_step *step, bool is_first)
{
    const uint8_t *bias = prepared.biases + step->bias * ITA_BIAS_BYTES;

    return ita_encode(&(struct ita_job){
        .input = slot(step->input),
        .weight = slot(step->weight),
        .next_weight = step->is_last ? NULL : slot(step->next_weight),
        .bias = step->bias == NO_BIAS ? NULL : bias,
        .output = slot(step->output),
        .first = is_first,
        .bias_by_rows = step->bias_by_rows,
        .stores = step->stores_output,
    });
}

static struct ready_step ready_step_of(const struct job_step *step, bool is_first)
{
    struct ready_step ready = {
        .command = command_of(step, is_first),
        .start_stores = step->start_stores,
        .finish_stores_first = step->finish_stores_first,
        .start_loads = step->start_loads,
        .finish_loads = step->finish_loads,
        .finish_stores = step->finish_stores,
        .adds_bias = step->bias != NO_BIAS,
    };

    for (unsigned i = 0; i < step->start_stores; i++)
        ready.stores[i] = store_of(step->stores[i]);
    for (unsigned i = 0; i < step->start_loads; i++)
        ready.loads[i] = load_of(step->loads[i]);
    return ready;
}

void stream_prepare(const struct stream *stream)
{
    prepared = *stream;
    for (unsigned i = 0; i < stream->plan->job_count; i++)
        steps[i] = ready_step_of(&stream->plan->steps[i], i == 0);
    memcpy(window[0], steps, sizeof window[0]);
}

/* Transfers under way: those of tiles each in their turn, the next steps, the biases. */
static struct {
    dma_transfer_t loads[MOST_LOADS], stores[MOST_STORES], half, biases;
} transfers IN_L1_ZEROED;

/* How far a run has come. */
struct run {
    unsigned loads_started, loads_ended;
    unsigned stores_started, stores_ended;
    bool awaits_biases;
    unsigned submitted, number; /* jobs handed over, and the accelerator's number of the last one */
    uint32_t triggered;         /* the cycle in which the first one was */
};

static inline void start_loads(struct run *run, const struct copy *copy, unsigned count)
{
    for (; count > 0; count--, copy++)
        transfers.loads[run->loads_started++ % MOST_LOADS] =
            dma_load(copy->to, copy->from, ITA_TILE_BYTES);
}

static inline void finish_loads(struct run *run, unsigned count)
{
    for (; count > 0; count--)
        dma_finish(transfers.loads[run->loads_ended++ % MOST_LOADS]);
}

static inline void finish_stores(struct run *run, unsigned count)
{
    for (; count > 0; count--)
        dma_finish(transfers.stores[run->stores_ended++ % MOST_STORES]);
}

/* One store too many waits for the oldest, as the plan knows. */
static inline void start_stores(struct run *run, const struct copy *copy, unsigned count)
{
    for (; count > 0; count--, copy++) {
        if (run->stores_started - run->stores_ended == MOST_STORES)
            finish_stores(run, 1);
        transfers.stores[run->stores_started++ % MOST_STORES] =
            dma_store(copy->to, copy->from, ITA_TILE_BYTES);
    }
}

static void start_half(unsigned first)
{
    transfers.half = dma_load(window[first / HALF % 2], &steps[first], sizeof window[0]);
}

/* The biases come behind the tiles of the first job. */
static void start_biases(struct run *run)
{
    run->awaits_biases = prepared.biases_bytes > 0;
    if (run->awaits_biases)
        transfers.biases = dma_load(prepared.biases, prepared.biases_home, prepared.biases_bytes);
}

static void await_biases(struct run *run)
{
    if (run->awaits_biases)
        dma_finish(transfers.biases);
    run->awaits_biases = false;
}

static inline void run_step(struct run *run, const struct ready_step *step)
{
    if (run->submitted >= JOBS_AHEAD)
        ita_finish(run->number + 1 - JOBS_AHEAD);
    start_stores(run, step->stores, step->start_stores);
    finish_stores(run, step->finish_stores_first);
    start_loads(run, step->loads, step->start_loads);
    if (run->submitted == 0)
        start_biases(run);
    finish_loads(run, step->finish_loads);
    finish_stores(run, step->finish_stores);
    if (step->adds_bias)
        await_biases(run);
    if (run->submitted == 0)
        run->triggered = hal_cycles();
    run->number = ita_submit_command(&step->command);
    run->submitted++;
}

static void run_steps(struct run *run)
{
    const unsigned count = prepared.plan->job_count;

    for (unsigned first = 0; first < count; first += HALF) {
        const struct ready_step *step = window[first / HALF % 2];
        const struct ready_step *end = step + (count - first < HALF ? count - first : HALF);
        if (first > 0)
            dma_finish(transfers.half);
        if (first + HALF < count)
            start_half(first + HALF);
        for (; step < end; step++)
            run_step(run, step);
    }
    ita_finish(run->number);
}

/* Put away what no step has, and wait until all is at home. */
static void run_last_stores(struct run *run)
{
    const struct layer_plan *plan = prepared.plan;

    for (unsigned i = plan->stores_in_steps; i < plan->store_count; i++) {
        const struct copy copy = store_of(plan->stores[i]);
        start_stores(run, &copy, 1);
    }
    finish_stores(run, run->stores_started - run->stores_ended);
}

struct stream_times stream_run(void)
{
    struct run run = {.submitted = 0};
    uint32_t start = hal_cycles();

    run_steps(&run);
    await_biases(&run);
    run_last_stores(&run);
    uint32_t end = hal_cycles();
    return (struct stream_times){end - start, end - run.triggered};
}
