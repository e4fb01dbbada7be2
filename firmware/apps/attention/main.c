/*
 * One head of quantised attention and its sum with the layer's input, S=128 E=128 P=64:
 *
 *     Q = x Wq + Bq    K = x Wk + Bk    V = x Wv + Bv
 *     y = requantise(x + (softmax(Q K^T) V Wo + Bo))
 *
 * Input and weights are in external memory. Hart 0 leads: it has the DMA bring them tile by tile
 * and queues the accelerator's jobs. All harts then add input and head, and check every step's
 * result.
 */
#include "apps/attention/operands.h"
#include "apps/attention/pipeline.h"
#include "apps/attention/plan.h"
#include "drivers/dma.h"
#include "drivers/ita.h"
#include "kernels/add.h"
#include "kernels/checksum.h"
#include "runtime/runtime.h"

#define OUTPUT_TILES (SEQUENCE_TILES * EMBEDDING_TILES)
#define MULTIPLICATIONS (JOBS * ITA_TILE_EDGE * ITA_TILE_BYTES)

/* What stays in the TCDM: the steps' results, as tiles. Values are transposed, as weights are. */
static struct {
    int8_t queries[SEQUENCE * PROJECTION];
    int8_t keys[SEQUENCE * PROJECTION];
    int8_t values[PROJECTION * SEQUENCE];
    int8_t logits[SEQUENCE * SEQUENCE];
    int8_t mixed[SEQUENCE * PROJECTION];
    int8_t head[SEQUENCE * EMBEDDING];
} results IN_TCDM_ZEROED;

static struct {
    uint8_t q[3 * PROJECTION];
    uint8_t k[3 * PROJECTION];
    uint8_t v[3 * PROJECTION];
    uint8_t ow[3 * EMBEDDING];
    uint8_t beyond[ITA_BIAS_READ_BYTES - ITA_BIAS_BYTES]; /* read, not used */
} biases IN_TCDM_ZEROED __attribute__((aligned(8)));

/* Tiles for the sum: the head's are added in place to those of the input that the DMA brings. */
static int8_t input_tiles[2][ITA_TILE_BYTES] IN_TCDM_ZEROED;

/* The result, in external memory: as tiles, like the input. */
#define OUTPUT_BYTES (SEQUENCE * EMBEDDING)
static int8_t *layer_output;

static const struct product products[] = {
    [ITA_Q] = {ITA_Q, operands.inputs, operands.weights_q, biases.q, false, results.queries,
               SEQUENCE_TILES, PROJECTION_TILES, EMBEDDING_TILES},
    [ITA_K] = {ITA_K, operands.inputs, operands.weights_k, biases.k, false, results.keys,
               SEQUENCE_TILES, PROJECTION_TILES, EMBEDDING_TILES},
    [ITA_V] = {ITA_V, operands.weights_v, operands.inputs, biases.v, true, results.values,
               PROJECTION_TILES, SEQUENCE_TILES, EMBEDDING_TILES},
    [ITA_QK] = {ITA_QK, results.queries, results.keys, NULL, false, results.logits,
                SEQUENCE_TILES, SEQUENCE_TILES, PROJECTION_TILES},
    [ITA_AV] = {ITA_AV, results.logits, results.values, NULL, false, results.mixed,
                SEQUENCE_TILES, PROJECTION_TILES, SEQUENCE_TILES},
    [ITA_OW] = {ITA_OW, results.mixed, operands.weights_ow, biases.ow, false, results.head,
                SEQUENCE_TILES, EMBEDDING_TILES, PROJECTION_TILES},
};

static const struct ita_layer_parameters layer = {
    .layer = ITA_ATTENTION,
    .sequence = SEQUENCE_TILES,
    .embedding = EMBEDDING_TILES,
    .projection = PROJECTION_TILES,
    .requant =
        {
            [ITA_Q] = REQUANT_Q,
            [ITA_K] = REQUANT_K,
            [ITA_V] = REQUANT_V,
            [ITA_QK] = REQUANT_QK,
            [ITA_AV] = REQUANT_AV,
            [ITA_OW] = REQUANT_OW,
        },
};

/* What is told about a step, and what its result must be. */
static struct row {
    const char *name;
    const int8_t *result;
    size_t bytes;
    uint32_t golden;
    unsigned jobs;
    uint32_t cycles;
    uint32_t sum;
} rows[] = {
    [ITA_Q] = {"Q", results.queries, sizeof results.queries, GOLDEN_Q, 0, 0, 0},
    [ITA_K] = {"K", results.keys, sizeof results.keys, GOLDEN_K, 0, 0, 0},
    [ITA_V] = {"V", results.values, sizeof results.values, GOLDEN_V, 0, 0, 0},
    [ITA_QK] = {"QK", results.logits, sizeof results.logits, GOLDEN_QK, 0, 0, 0},
    [ITA_AV] = {"AV", results.mixed, sizeof results.mixed, GOLDEN_AV, 0, 0, 0},
    [ITA_OW] = {"OW", results.head, sizeof results.head, GOLDEN_OW, 0, 0, 0},
    {"sum", NULL, OUTPUT_BYTES, GOLDEN_OUT, 0, 0, 0},
};

#define ROWS (sizeof rows / sizeof rows[0])
#define SUM_ROW (ROWS - 1)

/* The time that has passed since the last call. */
static uint32_t lap(void)
{
    static uint32_t before;
    uint32_t now = hart_cycles(), cycles = now - before;

    before = now;
    return cycles;
}

static void load_biases(void)
{
    dma_transfer_t transfers[] = {
        dma_load(biases.q, operands.bias_q, sizeof biases.q),
        dma_load(biases.k, operands.bias_k, sizeof biases.k),
        dma_load(biases.v, operands.bias_v, sizeof biases.v),
        dma_load(biases.ow, operands.bias_ow, sizeof biases.ow),
    };

    for (unsigned i = 0; i < sizeof transfers / sizeof transfers[0]; i++)
        dma_finish(transfers[i]);
}

static void note_job(const struct tile_job *job)
{
    rows[job->step].jobs++;
    rows[job->step].cycles += lap();
}

static void compute_head(void)
{
    static struct tile_job jobs[JOBS];

    plan_attention(jobs, products);
    load_biases();
    ita_open();
    ita_configure(&layer);
    lap();
    pipeline_run(jobs, JOBS, note_job);
    ita_close();
}

/* A tile of the sum, on all harts: each takes a share of it. */

struct addition {
    int8_t *tile;
    const int8_t *head;
};

static void add_share(void *argument)
{
    const struct addition *addition = argument;
    const size_t share = ITA_TILE_BYTES / VPLAT_HARTS, first = hart_id() * share;

    add_int8(addition->tile + first, addition->tile + first, addition->head + first, share,
             (struct requant)REQUANT_SUM);
}

/* While the harts add one tile, the DMA takes the one before away and brings the next. */
static void add_head_to_input(void)
{
    lap();
    dma_transfer_t load = dma_load(input_tiles[0], operands.inputs, ITA_TILE_BYTES), store = {0};

    for (unsigned i = 0; i < OUTPUT_TILES; i++) {
        int8_t *tile = input_tiles[i % 2], *other = input_tiles[(i + 1) % 2];

        dma_finish(load);
        if (i > 0)
            dma_finish(store);
        if (i + 1 < OUTPUT_TILES)
            load = dma_load(other, operands.inputs + (i + 1) * ITA_TILE_BYTES, ITA_TILE_BYTES);
        team_fork(add_share, &(struct addition){tile, results.head + i * ITA_TILE_BYTES});
        store = dma_store(layer_output + i * ITA_TILE_BYTES, tile, ITA_TILE_BYTES);
    }
    dma_finish(store);
    rows[SUM_ROW].cycles = lap();
}

/* Each hart sums up other results. That of the layer comes back from external memory for it. */

static const int8_t *in_tcdm(const int8_t *tile, const int8_t *image)
{
    if (image != layer_output)
        return tile;
    dma_finish(dma_load(input_tiles[0], tile, ITA_TILE_BYTES));
    return input_tiles[0];
}

static void check_share(void *argument)
{
    (void)argument;
    for (unsigned i = hart_id(); i < ROWS; i += VPLAT_HARTS) {
        const int8_t *image = rows[i].result;
        uint32_t sum = CHECKSUM_START;

        for (size_t at = 0; at < rows[i].bytes; at += ITA_TILE_BYTES)
            sum = checksum_add(sum, in_tcdm(image + at, image), ITA_TILE_BYTES);
        rows[i].sum = sum;
    }
}

static int report(void)
{
    uint32_t cycles = 0;
    int differs = 0;

    printf("step  jobs  cycles  checksum\n");
    for (unsigned i = 0; i < ROWS; i++) {
        int is_right = rows[i].sum == rows[i].golden;
        printf("%-4s  %4u  %6u  %08x %s\n", rows[i].name, rows[i].jobs, (unsigned)rows[i].cycles,
               (unsigned)rows[i].sum, is_right ? "ok" : "WRONG");
        cycles += rows[i].cycles;
        differs |= !is_right;
    }
    printf("%u multiplications in %u cycles\n", MULTIPLICATIONS, (unsigned)cycles);
    printf("result %s\n", differs ? "DIFFERS from the golden one" : "equals the golden one");
    return differs;
}

static int lead(void)
{
    printf("Attention of one head, S=%u E=%u P=%u\n", SEQUENCE, EMBEDDING, PROJECTION);
    rows[SUM_ROW].result = layer_output = l3_alloc(OUTPUT_BYTES);
    compute_head();
    add_head_to_input();
    team_fork(check_share, NULL);
    return report();
}

int main(void)
{
    return team_run(lead);
}
