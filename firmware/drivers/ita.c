#include "drivers/ita.h"

/* Clock and priority, on clusters where they are to be chosen. */
#ifdef VPLAT_CLUSTER_CONTROL_BASE
#include "drivers/cluster_control.h"

static void let_work(bool works)
{
    cluster_clock_accelerator(works);
    cluster_prefer_accelerator(works);
}
#else
static void let_work(bool works)
{
    (void)works;
}
#endif

/* What a job points to that would rather disable biases, and must not. */
const uint8_t ita_no_bias[ITA_BIAS_READ_BYTES] __attribute__((section(".bss.tcdm"), aligned(8)));

#define COMMIT_ONLY 1
#define CLEAR_ALL 0
#define CLEAR_QUEUE 1

/* A clear takes three cycles, and another access may follow after six. */
static void soft_clear(uint32_t what)
{
    VPLAT_ITA->soft_clear = what;
    for (int i = 0; i < 6; i++)
        __asm__ volatile("nop");
}

void ita_open(void)
{
    let_work(true);
    soft_clear(CLEAR_ALL);
}

void ita_close(void)
{
    let_work(false);
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
    ita_write_stream_flags(0);
    if (ita_is_first_release())
        return; /* attention is all it knows, and no activation */
    VPLAT_ITA->ctrl_engine = VPLAT_PUT(ITA_CTRL_ENGINE_LAYER, layer->layer) |
                             VPLAT_PUT(ITA_CTRL_ENGINE_ACTIVATION, layer->activation);
    VPLAT_ITA->gelu_b_c = VPLAT_PUT(ITA_GELU_B_C_B, layer->gelu_b) |
                          VPLAT_PUT(ITA_GELU_B_C_C, layer->gelu_c);
    VPLAT_ITA->act_requant = VPLAT_PUT(ITA_ACT_REQUANT_MULT, after->mult) |
                             VPLAT_PUT(ITA_ACT_REQUANT_SHIFT, after->shift) |
                             VPLAT_PUT(ITA_ACT_REQUANT_ADD, after->add);
}

/* For jobs that will never run: what they point to is memory. */
static void write_harmless_pointers(void)
{
    const uint32_t memory = ita_pointer((const void *)VPLAT_TCDM_BASE);

    VPLAT_ITA->input_ptr = memory;
    VPLAT_ITA->weight_ptr0 = memory;
    VPLAT_ITA->weight_ptr1 = memory;
    VPLAT_ITA->bias_ptr = memory;
    VPLAT_ITA->output_ptr = memory;
}

void ita_configure(const struct ita_layer_parameters *layer)
{
    /*
     * Between two jobs the engine compares its counters with the next context's TILES, whether that
     * context has been programmed or not. So all of them get the layer before the first job runs:
     * each is committed without a trigger, then the queue is dropped, which keeps the registers.
     */
    for (unsigned context = 0; context < ita_contexts(); context++) {
        write_harmless_pointers();
        write_layer(layer);
        VPLAT_ITA->trigger = COMMIT_ONLY;
    }
    soft_clear(CLEAR_QUEUE);
}
