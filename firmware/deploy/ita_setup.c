#include "deploy/ita_setup.h"

/* The registers of a context, but for pointers and flags. */
struct words {
    uint32_t tiles;
    uint32_t mult[2];
    uint32_t shift[2];
    uint32_t add[2];
    uint32_t engine;
    uint32_t gelu_b_c;
    uint32_t activation_requant;
    bool has_second_half, activates;
};

#define COMMIT_ONLY 1
#define CLEAR_QUEUE 1
#define STEPS_IN_WORD 4 /* requantisations of so many steps share a register, a byte each */
#define BITS_OF_STEP 8

/* Into the context that is being programmed. What is zero after ita_begin may stay so. */
static void write_context(const struct words *words)
{
    const uint32_t memory = ita_pointer((const void *)VPLAT_TCDM_BASE);

    VPLAT_ITA->input_ptr = memory;
    VPLAT_ITA->weight_ptr0 = memory;
    VPLAT_ITA->weight_ptr1 = memory;
    VPLAT_ITA->bias_ptr = memory;
    VPLAT_ITA->output_ptr = memory;
    VPLAT_ITA->tiles = words->tiles;
    VPLAT_ITA->eps_mult0 = words->mult[0];
    VPLAT_ITA->right_shift0 = words->shift[0];
    VPLAT_ITA->add0 = words->add[0];
    VPLAT_ITA->ctrl_engine = words->engine;
    if (words->has_second_half) {
        VPLAT_ITA->eps_mult1 = words->mult[1];
        VPLAT_ITA->right_shift1 = words->shift[1];
        VPLAT_ITA->add1 = words->add[1];
    }
    if (words->activates) {
        VPLAT_ITA->gelu_b_c = words->gelu_b_c;
        VPLAT_ITA->act_requant = words->activation_requant;
    }
}

/*
 * Keeps the registers. A clear takes three cycles, and another access may follow after six, counted
 * from when the store has come to the accelerator.
 */
#define CLEAR_CYCLES 10

static void drop_queue(void)
{
    VPLAT_ITA->soft_clear = CLEAR_QUEUE;
    for (int i = 0; i < CLEAR_CYCLES; i++)
        __asm__ volatile("nop");
}

/*
 * Between two jobs the engine looks at the next context, whether it has been programmed or not
 * (ita.md 11). So all contexts are committed once without a trigger, and the queue is dropped. It
 * is dropped before, too: a trigger holds for all that is committed later (ita.md 2.3).
 */
static void write_contexts(const struct words *words)
{
    drop_queue();
    for (unsigned context = 0; context < ita_contexts(); context++) {
        write_context(words);
        VPLAT_ITA->trigger = COMMIT_ONLY;
    }
    drop_queue();
}

static void put_requant(struct words *words, enum ita_step step, struct ita_requant requant)
{
    const unsigned word = step / STEPS_IN_WORD, bits = step % STEPS_IN_WORD * BITS_OF_STEP;

    words->mult[word] |= (uint32_t)requant.mult << bits;
    words->shift[word] |= (uint32_t)requant.shift << bits;
    words->add[word] |= (uint32_t)(uint8_t)requant.add << bits;
}

void ita_begin(void)
{
    ita_open();
}

static void put_product(struct words *words, const struct ita_setup *setup)
{
    const struct ita_activate *activate = &setup->activate;
    const struct ita_requant *after = &activate->requant;

    words->tiles = VPLAT_PUT(ITA_TILES_TILE_S, 1) | VPLAT_PUT(ITA_TILES_TILE_E, setup->inner) |
                   VPLAT_PUT(ITA_TILES_TILE_P, 1) | VPLAT_PUT(ITA_TILES_TILE_F, 1);
    words->engine = VPLAT_PUT(ITA_CTRL_ENGINE_LAYER, ITA_LINEAR) |
                    VPLAT_PUT(ITA_CTRL_ENGINE_ACTIVATION, activate->function);
    words->gelu_b_c = VPLAT_PUT(ITA_GELU_B_C_B, activate->gelu_b) |
                      VPLAT_PUT(ITA_GELU_B_C_C, activate->gelu_c);
    words->activation_requant = VPLAT_PUT(ITA_ACT_REQUANT_MULT, after->mult) |
                                VPLAT_PUT(ITA_ACT_REQUANT_SHIFT, after->shift) |
                                VPLAT_PUT(ITA_ACT_REQUANT_ADD, after->add);
    words->activates = activate->function != ITA_IDENTITY;
    put_requant(words, ITA_Q, setup->requant);
}

static void put_attention(struct words *words, const struct ita_setup *setup)
{
    words->tiles = VPLAT_PUT(ITA_TILES_TILE_S, setup->sequence) |
                   VPLAT_PUT(ITA_TILES_TILE_E, 1) |
                   VPLAT_PUT(ITA_TILES_TILE_P, setup->width) | VPLAT_PUT(ITA_TILES_TILE_F, 1);
    words->engine = VPLAT_PUT(ITA_CTRL_ENGINE_LAYER, ITA_SINGLE_ATTENTION);
    words->has_second_half = true;
    put_requant(words, ITA_QK, setup->requant);
    put_requant(words, ITA_AV, setup->mixed);
}

void ita_set_up(const struct ita_setup *setup)
{
    struct words words = {.tiles = 0};

    if (setup->kind == ITA_SETUP_PRODUCT)
        put_product(&words, setup);
    else
        put_attention(&words, setup);
    write_contexts(&words);
}
