#include "deploy/ita_schedule.h"

#include "hal/hal.h"

/*
 * A job takes less than 300 cycles, and a load from L1 takes four of them. So all that steps need
 * again and again is in `run`, whose address nobody outside learns: it stays in registers.
 */
struct run {
    int8_t *tiles;
    uint32_t tiles_pointer, biases_pointer; /* as the accelerator counts */
    const struct ita_matrix *matrices;
    const struct ita_setup *setups;
    unsigned submitted; /* the number of the next job */
    unsigned loads_started, loads_ended, stores_started, stores_ended;
};

/* Transfers under way. */
struct transfers {
    dma_transfer_t loads[ITA_MOST_LOADS], stores[ITA_MOST_STORES];
};

#define INLINE static inline __attribute__((always_inline))

INLINE uint32_t field(uint32_t word, unsigned lowest, unsigned bits)
{
    return word >> lowest & ((1u << bits) - 1);
}

INLINE void finish_loads(struct run *run, struct transfers *transfers, unsigned count)
{
    for (; count > 0; count--)
        dma_finish(transfers->loads[run->loads_ended++ % ITA_MOST_LOADS]);
}

INLINE void finish_stores(struct run *run, struct transfers *transfers, unsigned count)
{
    for (; count > 0; count--)
        dma_finish(transfers->stores[run->stores_ended++ % ITA_MOST_STORES]);
}

INLINE void start_move(struct run *run, struct transfers *transfers, const struct ita_move *move)
{
    const uint32_t what = move->what;
    const struct ita_matrix *matrix = run->matrices + field(what, ITA_MOVE_MATRIX);
    const uint32_t stride = matrix->stride;
    int8_t *home = matrix->home + move->home;
    int8_t *tile = run->tiles + field(what, ITA_MOVE_PLACE) * ITA_TILE_BYTES;
    const uint32_t columns = field(what, ITA_MOVE_COLUMNS), rows = field(what, ITA_MOVE_ROWS);

    if (field(what, ITA_MOVE_STORES))
        transfers->stores[run->stores_started++ % ITA_MOST_STORES] =
            ita_store_tile(home, tile, columns, rows, stride);
    else
        transfers->loads[run->loads_started++ % ITA_MOST_LOADS] =
            ita_load_tile(tile, home, columns, rows, stride);
}

INLINE uint32_t pointer_to(const struct run *run, uint32_t places, unsigned number)
{
    return run->tiles_pointer + field(places, 8 * number, 8) * ITA_TILE_BYTES;
}

/* There are more contexts than jobs in the queue, so the lock is always free, and there is room. */
INLINE void submit(struct run *run, uint32_t what, uint32_t places)
{
    (void)VPLAT_ITA->acquire;
    VPLAT_ITA->input_ptr = pointer_to(run, places, 0);
    VPLAT_ITA->weight_ptr0 = pointer_to(run, places, 1);
    VPLAT_ITA->weight_ptr1 = pointer_to(run, places, 2);
    VPLAT_ITA->output_ptr = pointer_to(run, places, 3);
    VPLAT_ITA->bias_ptr = run->biases_pointer + field(what, ITA_STEP_BIAS) * ITA_TILE_EDGE;
    VPLAT_ITA->ctrl_stream = field(what, ITA_STEP_FLAGS);
    VPLAT_ITA->trigger = 0;
    /* Between jobs the unit looks at the next context, where biases must not be off (ita.md 11). */
    VPLAT_ITA->ctrl_stream = 0;
    run->submitted++;
}

INLINE void run_step(struct run *run, struct transfers *transfers,
                     const struct ita_schedule_step *step)
{
    const uint32_t what = step->what, places = step->places;
    const struct ita_move *move = step->moves;

    ita_await(run->submitted - 2 + !field(what, ITA_STEP_LAG));
    finish_stores(run, transfers, field(what, ITA_STEP_STORES));
    for (unsigned count = field(what, ITA_STEP_COUNT); count > 0; count--)
        start_move(run, transfers, move++);
    if (field(what, ITA_STEP_SETUP)) {
        ita_set_up(run->setups + field(what, ITA_STEP_WHICH));
        run->submitted = ita_next_job();
    }
    finish_loads(run, transfers, field(what, ITA_STEP_LOADS));
    if (field(what, ITA_STEP_MEETS))
        hal_barrier();
    if (field(what, ITA_STEP_JOB))
        submit(run, what, places);
}

static dma_transfer_t start_half(const struct ita_schedule *schedule, unsigned first)
{
    return dma_load(schedule->window + first % (2 * ITA_STEPS_AT_ONCE), schedule->steps + first,
                    ITA_STEPS_AT_ONCE * sizeof(struct ita_schedule_step));
}

/* It is looked at again and again, and outside L1 that takes long. */
static const struct ita_schedule *copied(struct ita_schedule *copy,
                                         const struct ita_schedule *schedule)
{
    dma_finish(dma_load(copy, schedule, sizeof *copy));
    return copy;
}

static dma_transfer_t load_resident(const struct ita_resident *resident)
{
    return dma_load(resident->place, resident->home, resident->bytes);
}

static void drive(const struct ita_schedule *at_home)
{
    struct ita_schedule copy;
    const struct ita_schedule *schedule = copied(&copy, at_home);
    const unsigned count = schedule->step_count;
    dma_transfer_t half = start_half(schedule, 0);
    struct transfers transfers;
    struct run run = {
        .tiles = schedule->tiles,
        .tiles_pointer = ita_pointer(schedule->tiles),
        .biases_pointer = ita_pointer(schedule->biases.place),
        .matrices = schedule->matrices,
        .setups = schedule->setups,
    };

    for (unsigned i = 0; i < ITA_MOST_RESIDENTS && schedule->residents[i].home; i++)
        dma_finish(load_resident(&schedule->residents[i]));
    if (schedule->biases.home) /* the first load: the steps wait for it with their own */
        transfers.loads[run.loads_started++] = load_resident(&schedule->biases);
    ita_begin();
    run.submitted = ita_next_job();
    for (unsigned first = 0; first < count; first += ITA_STEPS_AT_ONCE) {
        const unsigned left = count - first;
        const struct ita_schedule_step *step = schedule->window + first % (2 * ITA_STEPS_AT_ONCE);
        const struct ita_schedule_step *end =
            step + (left < ITA_STEPS_AT_ONCE ? left : ITA_STEPS_AT_ONCE);
        dma_finish(half);
        if (left > ITA_STEPS_AT_ONCE)
            half = start_half(schedule, first + ITA_STEPS_AT_ONCE);
        for (; step < end; step++)
            run_step(&run, &transfers, step);
    }
    ita_await(run.submitted - 1);
    finish_stores(&run, &transfers, run.stores_started - run.stores_ended);
    ita_close();
}

/* The hart that drives has no time for anything else, even where it could compute. */
#define WORKERS (HAL_COMPUTE_HARTS == HAL_HARTS ? HAL_HARTS - 1 : HAL_COMPUTE_HARTS)

static unsigned worker_number(void)
{
    return hal_hart() - (hal_hart() > HAL_DRIVING_HART);
}

static void assist(const struct ita_schedule *schedule)
{
    for (unsigned number = 0; number < schedule->meetings; number++) {
        hal_barrier();
        schedule->stage(schedule->layer, number, worker_number(), WORKERS);
    }
}

void ita_run(const struct ita_schedule *schedule)
{
    if (hal_drives())
        drive(schedule);
    else
        assist(schedule);
}
