#include "apps/attention/pipeline.h"

#include "drivers/dma.h"
#include "runtime/runtime.h"

/*
 * Jobs whose tiles are in the TCDM at a time. Two of them are the accelerator's (one runs, one
 * waits in its queue), two the DMA's: the accelerator reads ahead, so the tiles of the next job
 * must be there before a job may start.
 */
#define SLOTS 4
#define AHEAD 2

struct slot {
    int8_t input[ITA_TILE_BYTES];
    int8_t weight[ITA_TILE_BYTES];
};

/* A tile on its way: where it will be, and the transfer that brings it, if one has to. */
struct operand {
    const int8_t *tile;
    bool is_loading;
    dma_transfer_t transfer;
};

struct staged_job {
    struct operand input;
    struct operand weight;
    unsigned number; /* the accelerator's */
};

static struct slot slots[SLOTS] IN_TCDM_ZEROED;
static struct staged_job staged[SLOTS];

static bool is_external(const int8_t *tile)
{
    return (uintptr_t)tile - VPLAT_TCDM_BASE >= VPLAT_TCDM_SIZE;
}

static void stage_operand(struct operand *operand, const int8_t *tile, int8_t *buffer)
{
    operand->is_loading = is_external(tile);
    operand->tile = operand->is_loading ? buffer : tile;
    if (operand->is_loading)
        operand->transfer = dma_load(buffer, tile, ITA_TILE_BYTES);
}

static void stage(const struct tile_job jobs[], unsigned index)
{
    struct slot *slot = &slots[index % SLOTS];

    stage_operand(&staged[index % SLOTS].input, jobs[index].input, slot->input);
    stage_operand(&staged[index % SLOTS].weight, jobs[index].weight, slot->weight);
}

static void await_operand(struct operand *operand)
{
    if (operand->is_loading)
        dma_finish(operand->transfer);
    operand->is_loading = false;
}

static void await(unsigned index)
{
    await_operand(&staged[index % SLOTS].input);
    await_operand(&staged[index % SLOTS].weight);
}

static void submit(const struct tile_job jobs[], unsigned index, bool is_last)
{
    struct staged_job *this = &staged[index % SLOTS], *next = &staged[(index + 1) % SLOTS];

    this->number = ita_submit(&(struct ita_job){
        .input = this->input.tile,
        .weight = this->weight.tile,
        .next_weight = is_last ? NULL : next->weight.tile,
        .bias = jobs[index].bias,
        .output = jobs[index].output,
        .first = index == 0,
        .bias_by_rows = jobs[index].bias_by_rows,
        .stores = jobs[index].stores,
    });
}

void pipeline_run(const struct tile_job jobs[], unsigned count, job_finished_t finished)
{
    for (unsigned i = 0; i < AHEAD && i < count; i++)
        stage(jobs, i);
    await(0);
    for (unsigned i = 0; i < count + AHEAD; i++) {
        if (i >= AHEAD) {
            ita_finish(staged[(i - AHEAD) % SLOTS].number);
            finished(&jobs[i - AHEAD]);
        }
        if (i + AHEAD < count)
            stage(jobs, i + AHEAD);
        if (i + 1 < count)
            await(i + 1);
        if (i < count)
            submit(jobs, i, i == count - 1);
    }
}
