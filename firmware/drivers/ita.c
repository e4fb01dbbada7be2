#include "drivers/ita.h"

#include "drivers/cluster_control.h"
#include "drivers/event_unit.h"

#define CONTEXTS 4
#define COMMIT_AND_RUN 0
#define COMMIT_ONLY 1
#define CLEAR_ALL 0
#define CLEAR_QUEUE 1

/*
 * What a job without biases points to. Biases are never disabled by the flag that there is: the
 * unit looks at it between jobs as well, so in a context that is programmed late the flag of four
 * jobs ago would drop the bias of the next one.
 */
static const uint8_t no_bias[ITA_BIAS_READ_BYTES] __attribute__((section(".bss.tcdm"), aligned(8)));

/* A clear takes three cycles, and another access may follow after six. */
static void soft_clear(uint32_t what)
{
    VPLAT_ITA->soft_clear = what;
    for (int i = 0; i < 6; i++)
        __asm__ volatile("nop");
}

void ita_open(void)
{
    cluster_clock_accelerator(true);
    soft_clear(CLEAR_ALL);
}

void ita_close(void)
{
    cluster_clock_accelerator(false);
}

/* Requantisation registers hold a byte for each of four steps, the first step lowest. */
#define STEPS_IN_WORD 4

enum requant_part { MULT, SHIFT, ADD };

static uint32_t requant_word(const struct ita_requant *steps, enum requant_part part)
{
    uint32_t word = 0;

    for (int i = STEPS_IN_WORD - 1; i >= 0; i--) {
        uint8_t value = part == MULT    ? steps[i].mult
                        : part == SHIFT ? steps[i].shift
                                        : (uint8_t)steps[i].add;
        word = word << 8 | value;
    }
    return word;
}

static void write_requant(const struct ita_requant *steps)
{
    VPLAT_ITA->eps_mult0 = requant_word(steps, MULT);
    VPLAT_ITA->eps_mult1 = requant_word(steps + STEPS_IN_WORD, MULT);
    VPLAT_ITA->right_shift0 = requant_word(steps, SHIFT);
    VPLAT_ITA->right_shift1 = requant_word(steps + STEPS_IN_WORD, SHIFT);
    VPLAT_ITA->add0 = requant_word(steps, ADD);
    VPLAT_ITA->add1 = requant_word(steps + STEPS_IN_WORD, ADD);
}

static void write_layer(const struct ita_layer_parameters *layer)
{
    const struct ita_requant *after = &layer->activation_requant;

    VPLAT_ITA->tiles = VPLAT_PUT(ITA_TILES_TILE_S, layer->sequence) |
                       VPLAT_PUT(ITA_TILES_TILE_E, layer->embedding) |
                       VPLAT_PUT(ITA_TILES_TILE_P, layer->projection) |
                       VPLAT_PUT(ITA_TILES_TILE_F, layer->feedforward);
    write_requant(layer->requant);
    VPLAT_ITA->ctrl_engine = VPLAT_PUT(ITA_CTRL_ENGINE_LAYER, layer->layer) |
                             VPLAT_PUT(ITA_CTRL_ENGINE_ACTIVATION, layer->activation);
    VPLAT_ITA->ctrl_stream = 0;
    VPLAT_ITA->gelu_b_c = VPLAT_PUT(ITA_GELU_B_C_B, layer->gelu_b) |
                          VPLAT_PUT(ITA_GELU_B_C_C, layer->gelu_c);
    VPLAT_ITA->act_requant = VPLAT_PUT(ITA_ACT_REQUANT_MULT, after->mult) |
                             VPLAT_PUT(ITA_ACT_REQUANT_SHIFT, after->shift) |
                             VPLAT_PUT(ITA_ACT_REQUANT_ADD, after->add);
}

void ita_configure(const struct ita_layer_parameters *layer)
{
    /*
     * Between two jobs the engine compares its counters with the next context's TILES, whether that
     * context has been programmed or not. So all of them get the layer before the first job runs:
     * each is committed without a trigger, then the queue is dropped, which keeps the registers.
     */
    for (int context = 0; context < CONTEXTS; context++) {
        write_layer(layer);
        VPLAT_ITA->trigger = COMMIT_ONLY;
    }
    soft_clear(CLEAR_QUEUE);
}

/* Take the lock of the next context; sleep while all of them are in use. */
static unsigned acquire(void)
{
    int32_t answer;

    while ((answer = (int32_t)VPLAT_ITA->acquire) < 0)
        event_wait(EVENT_JOB_FINISHED);
    return (unsigned)answer;
}

static uint32_t stream_flags(const struct ita_job *job)
{
    uint32_t flags = 0;

    if (job->first)
        flags |= ITA_CTRL_STREAM_WEIGHT_PRELOAD_MASK;
    if (job->next_weight)
        flags |= ITA_CTRL_STREAM_WEIGHT_NEXTLOAD_MASK;
    if (job->bias_by_rows)
        flags |= ITA_CTRL_STREAM_BIAS_DIRECTION_MASK;
    if (!job->stores)
        flags |= ITA_CTRL_STREAM_OUTPUT_DISABLE_MASK;
    return flags;
}

unsigned ita_submit(const struct ita_job *job)
{
    unsigned number = acquire();

    VPLAT_ITA->input_ptr = (uint32_t)job->input;
    VPLAT_ITA->weight_ptr0 = (uint32_t)job->weight;
    VPLAT_ITA->weight_ptr1 = (uint32_t)job->next_weight;
    VPLAT_ITA->bias_ptr = (uint32_t)(job->bias ? job->bias : no_bias);
    VPLAT_ITA->output_ptr = (uint32_t)job->output;
    VPLAT_ITA->ctrl_stream = stream_flags(job);
    VPLAT_ITA->trigger = COMMIT_AND_RUN;
    return number;
}

bool ita_is_finished(unsigned number)
{
    /* Both count modulo 256, and at most four jobs lie between them. */
    uint8_t finished = (uint8_t)VPLAT_GET(ITA_RUNNING_JOB_JOB_ID, VPLAT_ITA->running_job);

    return (int8_t)(finished - number) > 0;
}

void ita_finish(unsigned number)
{
    while (!ita_is_finished(number))
        event_wait(EVENT_JOB_FINISHED);
}
