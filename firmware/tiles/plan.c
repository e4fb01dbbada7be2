#include "tiles/plan.h"

#include <string.h>

#define NEVER 0xffff
#define NOWHERE 0xff
#define IMPOSSIBLE UINT32_MAX

/*
 * A load should be able to start so many jobs before the one that needs it, for its time to be
 * hidden behind theirs. What is not needed for so many jobs may as well be loaded again. And until
 * a result has been put away, so many jobs pass.
 */
#define LEAD_JOBS 3u
#define LONG_JOBS 64u
#define STORE_JOBS 3u

struct slot {
    uint16_t tile;     /* NEVER: empty */
    uint16_t next_use; /* the next job that reads it, NEVER: none */
    uint16_t free_at;  /* so many jobs must have ended before something else may come here */
    uint16_t stores;   /* and so many stores */
    bool is_dirty;     /* at home there is no copy */
};

/* What must have happened before a move: so many jobs, so many stores have ended. */
struct condition {
    uint16_t jobs, stores;
};

/* While the plan is made; too large for a stack. */
static struct {
    struct slot slots[PLAN_MOST_SLOTS];

    /* Of each tile: where it is, and how many loads bring it, how many stores put it away. */
    uint8_t slot_of[PLAN_MOST_TILES];
    uint16_t loaded_by[PLAN_MOST_TILES], stored_by[PLAN_MOST_TILES];

    /* Of each job: the next ones that read its tiles; the loads and stores that it waits for. */
    struct next_uses {
        uint16_t input, weight, output;
    } next_uses[PLAN_MOST_JOBS];
    uint16_t after_loads[PLAN_MOST_JOBS], after_stores[PLAN_MOST_JOBS];
    uint16_t weight_loads[PLAN_MOST_JOBS];

    /* Of each move: what it has to wait for. The loads themselves. */
    struct condition before_load[PLAN_MOST_MOVES], before_store[PLAN_MOST_MOVES];
    struct move loads[PLAN_MOST_MOVES];
    unsigned load_count;
} draft;

static unsigned later(unsigned left, unsigned right)
{
    return left > right ? left : right;
}

static void find_next_uses(const struct layer_plan *plan)
{
    static uint16_t upcoming[PLAN_MOST_TILES];

    memset(upcoming, 0xff, sizeof upcoming);
    for (unsigned i = plan->job_count; i-- > 0;) {
        const struct tile_job *job = &plan->jobs[i];
        draft.next_uses[i] = (struct next_uses){
            upcoming[job->input],
            upcoming[job->weight],
            upcoming[job->output],
        };
        upcoming[job->input] = upcoming[job->weight] = (uint16_t)i;
    }
}

/* So many jobs have ended for certain when job `index` is about to be handed over. */
static unsigned ended_before(unsigned index)
{
    return index < JOBS_AHEAD ? 0 : index + 1 - JOBS_AHEAD;
}

/*
 * How bad it is to give a slot away to a load for job `index`. Best are those that have long been
 * free and that nobody needs soon; worst what is needed first.
 */
static unsigned load_cost(const struct slot *slot, unsigned index)
{
    const unsigned far = NEVER;
    bool is_old = slot->free_at + LEAD_JOBS <= index;
    unsigned free_at = slot->free_at + (slot->stores > 0 ? STORE_JOBS : 0);

    if (slot->next_use == NEVER)
        return is_old ? free_at : 2 * far + free_at;
    return is_old && slot->next_use > index + LONG_JOBS ? free_at : 4 * far - slot->next_use;
}

/*
 * The same for an output, which comes no earlier than its job: the latest free slot will do. But
 * what is to be put away from there has to be before, so whoever made it must have ended.
 */
static unsigned output_cost(const struct slot *slot, unsigned index)
{
    const unsigned far = NEVER;
    bool is_stored_late = slot->stores > 0 && slot->free_at + STORE_JOBS > index;
    bool is_to_be_stored = slot->stores > 0 || (slot->is_dirty && slot->next_use != NEVER);

    if (is_to_be_stored && slot->free_at > ended_before(index))
        return IMPOSSIBLE;
    if (slot->next_use == NEVER)
        return is_stored_late ? 2 * far : far - slot->free_at;
    return 4 * far - slot->next_use;
}

typedef unsigned (*cost_t)(const struct slot *slot, unsigned index);

/*
 * The cheapest slot, of those that are free when so many jobs have ended. The operands of job
 * `index` keep theirs.
 */
static unsigned choose(const struct layer_plan *plan, unsigned index, unsigned ended, cost_t cost)
{
    const struct tile_job *job = &plan->jobs[index];
    unsigned chosen = NOWHERE, least = IMPOSSIBLE;

    for (unsigned i = 0; i < plan->slot_count; i++) {
        const struct slot *slot = &draft.slots[i];
        if (slot->free_at > ended || slot->tile == job->input || slot->tile == job->weight)
            continue;
        unsigned each = cost(slot, index);
        if (each < least) {
            least = each;
            chosen = i;
        }
    }
    return chosen;
}

static bool put_away(struct layer_plan *plan, unsigned number)
{
    struct slot *slot = &draft.slots[number];

    if (plan->store_count == PLAN_MOST_MOVES)
        return false;
    draft.before_store[plan->store_count] = (struct condition){.jobs = slot->free_at};
    plan->stores[plan->store_count++] = (struct move){.tile = slot->tile, .slot = (uint8_t)number};
    slot->stores = draft.stored_by[slot->tile] = (uint16_t)plan->store_count;
    slot->is_dirty = false;
    return true;
}

/* Make room in a slot: what is needed again and has no copy at home goes there. */
static bool vacate(struct layer_plan *plan, unsigned number)
{
    struct slot *slot = &draft.slots[number];

    if (slot->tile == NEVER)
        return true;
    if (slot->is_dirty && slot->next_use != NEVER && !put_away(plan, number))
        return false;
    draft.slot_of[slot->tile] = NOWHERE;
    return true;
}

static bool load(struct layer_plan *plan, unsigned index, uint16_t tile)
{
    /* The accelerator reads weights ahead, so they must be there when the job before is. */
    unsigned ended = ended_before(index > 0 ? index - 1 : 0);
    unsigned chosen = choose(plan, index, ended, load_cost);

    if (chosen == NOWHERE || draft.load_count == PLAN_MOST_MOVES || !vacate(plan, chosen))
        return false;
    struct slot *slot = &draft.slots[chosen];
    draft.before_load[draft.load_count] = (struct condition){
        .jobs = slot->free_at,
        .stores = (uint16_t)later(slot->stores, draft.stored_by[tile]),
    };
    draft.loads[draft.load_count++] = (struct move){.tile = tile, .slot = (uint8_t)chosen};
    draft.loaded_by[tile] = (uint16_t)draft.load_count;
    draft.slot_of[tile] = (uint8_t)chosen;
    *slot = (struct slot){.tile = tile};
    return true;
}

/* Have `tile` in L1 for job `index`, which uses it, as a later one does next. */
static bool place_operand(struct layer_plan *plan, unsigned index, uint16_t tile, uint16_t next_use)
{
    if (draft.slot_of[tile] == NOWHERE && !load(plan, index, tile))
        return false;
    struct slot *slot = &draft.slots[draft.slot_of[tile]];
    slot->next_use = next_use;
    slot->free_at = (uint16_t)(index + 1);
    return true;
}

static bool place_output(struct layer_plan *plan, unsigned index)
{
    const struct tile_job *job = &plan->jobs[index];
    unsigned chosen = choose(plan, index, index, output_cost);

    if (chosen == NOWHERE || !vacate(plan, chosen))
        return false;
    struct slot *slot = &draft.slots[chosen];
    plan->steps[index].output = (uint8_t)chosen;
    draft.after_stores[index] = slot->stores;
    *slot = (struct slot){
        .tile = job->output,
        .next_use = draft.next_uses[index].output,
        .free_at = (uint16_t)(index + 1),
        .is_dirty = true,
    };
    draft.slot_of[job->output] = (uint8_t)chosen;
    return job->output < plan->first_result || put_away(plan, chosen);
}

static bool place_job(struct layer_plan *plan, unsigned index)
{
    const struct tile_job *job = &plan->jobs[index];
    const struct next_uses *next = &draft.next_uses[index];

    if (!place_operand(plan, index, job->weight, next->weight) ||
        !place_operand(plan, index, job->input, next->input))
        return false;
    draft.weight_loads[index] = draft.loaded_by[job->weight];
    draft.after_loads[index] =
        (uint16_t)later(draft.loaded_by[job->weight], draft.loaded_by[job->input]);
    plan->steps[index] = (struct job_step){
        .input = draft.slot_of[job->input],
        .weight = draft.slot_of[job->weight],
        .output = draft.slot_of[job->input], /* an address that is never written to */
        .bias = job->stores ? job->bias : NO_BIAS,
        .bias_by_rows = job->bias_by_rows,
        .stores_output = job->stores,
        .is_last = index + 1 == plan->job_count,
    };
    if (index > 0)
        plan->steps[index - 1].next_weight = plan->steps[index].weight;
    return !job->stores || place_output(plan, index);
}

/* How many moves have been started, and how many have ended for certain. */
struct course {
    unsigned started, ended;
};

static unsigned finish(struct course *course, unsigned until)
{
    unsigned more = until > course->ended ? until - course->ended : 0;

    course->ended += more;
    return more;
}

/* In front of a job, start what stores can be started; one too many waits for the oldest. */
static void start_stores(const struct layer_plan *plan, struct job_step *step,
                         struct course *stores, unsigned ended)
{
    while (step->start_stores < STEP_STORES && stores->started < plan->store_count &&
           draft.before_store[stores->started].jobs <= ended) {
        if (stores->started - stores->ended == MOST_STORES)
            stores->ended++;
        step->stores[step->start_stores++] = plan->stores[stores->started++];
    }
}

/* And loads, as long as fewer than `most` have been started; `until` cannot wait any longer. */
static void start_loads(struct job_step *step, struct course *loads, struct course *stores,
                        unsigned ended, unsigned until)
{
    unsigned most = loads->ended + MOST_LOADS, stores_before = stores->started - step->start_stores;

    while (step->start_loads < STEP_LOADS && loads->started < draft.load_count &&
           loads->started < most) {
        const struct condition *before = &draft.before_load[loads->started];
        if (before->jobs > ended ||
            before->stores > (loads->started < until ? stores->started : stores_before))
            break;
        step->finish_stores_first += (uint8_t)finish(stores, before->stores);
        step->loads[step->start_loads++] = draft.loads[loads->started++];
    }
}

/*
 * What is started and awaited in front of each job. False if a job would have to wait for what
 * cannot be started yet.
 */
static bool schedule(struct layer_plan *plan)
{
    struct course loads = {0, 0}, stores = {0, 0};

    for (unsigned i = 0; i < plan->job_count; i++) {
        struct job_step *step = &plan->steps[i];
        unsigned after_loads = draft.after_loads[i];
        if (!step->is_last)
            after_loads = later(after_loads, draft.weight_loads[i + 1]);
        start_stores(plan, step, &stores, ended_before(i));
        start_loads(step, &loads, &stores, ended_before(i), after_loads);
        step->finish_loads = (uint8_t)finish(&loads, after_loads);
        step->finish_stores = (uint8_t)finish(&stores, draft.after_stores[i]);
        if (loads.ended > loads.started || stores.ended > stores.started)
            return false;
    }
    plan->stores_in_steps = stores.started;
    return true;
}

static void begin(struct layer_plan *plan)
{
    memset(&draft, 0, sizeof draft);
    memset(draft.slot_of, NOWHERE, sizeof draft.slot_of);
    for (unsigned i = 0; i < plan->slot_count; i++)
        draft.slots[i].tile = draft.slots[i].next_use = NEVER;
    plan->store_count = 0;
    find_next_uses(plan);
}

bool plan_layer(struct layer_plan *plan)
{
    if (plan->slot_count > PLAN_MOST_SLOTS || plan->tile_count > PLAN_MOST_TILES ||
        plan->job_count > PLAN_MOST_JOBS)
        return false;
    begin(plan);
    for (unsigned i = 0; i < plan->job_count; i++)
        if (!place_job(plan, i))
            return false;
    return schedule(plan);
}
