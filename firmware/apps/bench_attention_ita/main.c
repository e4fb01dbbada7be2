/*
 * Benchmark: one head of attention on the accelerator, with E=128 and P=64:
 *
 *     Q = x Wq + Bq    K = x Wk + Bk    V = x Wv + Bv    head = softmax(Q K^T) V Wo + Bo
 *
 * Input and weights come from outside L1 and the head goes there.
 *
 * Prints a line for each sequence length (all of them, or the one that was built with -DSIZE=128):
 *
 *     bench attention_ita size=128 jobs=24 macs=6291456 cycles=... span=... checksum=... ok
 *
 * `cycles` are those of the measured region: from the first load to the end of the last store;
 * `span` those from the first trigger on.
 */
#include <string.h>

#include "apps/bench_attention_ita/golden.h"
#include "hal/hal.h"
#include "kernels/checksum.h"
#include "kernels/random.h"
#include "tiles/image.h"
#include "tiles/stream.h"

/* Dimensions in tiles. */
#define MOST_S 8u
#define E (EMBEDDING / ITA_TILE_EDGE)
#define P (PROJECTION / ITA_TILE_EDGE)

#define MOST_TILES (2 * MOST_S * E + 4 * E * P + 4 * MOST_S * P + MOST_S * MOST_S)
#define BIASES (3 * P + E)
#define SEED 1u

static const struct size {
    unsigned size;
    uint32_t golden, golden_2024_08;
} sizes[] = {
#define ENTRY(size, golden, golden_2024_08) {size, golden, golden_2024_08},
#ifdef SIZE
#define ONLY(size, ...) ENTRY(size == SIZE ? size : 0, __VA_ARGS__)
    GOLDEN_SUMS(ONLY)
#else
    GOLDEN_SUMS(ENTRY)
#endif
};

static int8_t image[MOST_TILES * ITA_TILE_BYTES] IN_L2_ZEROED __attribute__((aligned(64)));
static uint8_t biases[BIASES * ITA_BIAS_BYTES] IN_L2_ZEROED __attribute__((aligned(8)));
static uint8_t biases_in_l1[sizeof biases + ITA_BIAS_READ_BYTES] IN_L1_ZEROED
    __attribute__((aligned(8)));

static struct layer_plan plan;
static struct stream_times times;
static uint32_t sums[MOST_S * E];

/* Where each matrix begins in the image, in tiles. Weights and values are stored transposed. */
struct places {
    unsigned input, wq, wk, wv, wo;
    unsigned queries, keys, values, logits, mixed, head;
};

static struct places places_for(unsigned s)
{
    struct places at = {.input = 0, .wq = s * E};

    at.wk = at.wq + P * E;
    at.wv = at.wk + P * E;
    at.wo = at.wv + P * E;
    at.queries = at.wo + E * P;
    at.keys = at.queries + s * P;
    at.values = at.keys + s * P;
    at.logits = at.values + P * s;
    at.mixed = at.logits + s * s;
    at.head = at.mixed + s * P;
    return at;
}

/* A product of two matrices of tiles: output[rows][columns] = input[rows][inner] times
   weight[columns][inner], transposed. There is a bias for each column or row, or none. */
struct product {
    unsigned input, weight, output;
    unsigned columns, inner;
    uint8_t bias;
    bool bias_by_rows;
};

static void plan_row(const struct product *product, unsigned row)
{
    for (unsigned column = 0; column < product->columns; column++)
        for (unsigned inner = 0; inner < product->inner; inner++) {
            unsigned biased = product->bias_by_rows ? row : column;
            plan.jobs[plan.job_count++] = (struct tile_job){
                .input = (uint16_t)(product->input + row * product->inner + inner),
                .weight = (uint16_t)(product->weight + column * product->inner + inner),
                .output = (uint16_t)(product->output + row * product->columns + column),
                .bias = product->bias == NO_BIAS ? NO_BIAS : (uint8_t)(product->bias + biased),
                .bias_by_rows = product->bias_by_rows,
                .stores = inner == product->inner - 1,
            };
        }
}

static void plan_rows(const struct product *product, unsigned rows)
{
    for (unsigned row = 0; row < rows; row++)
        plan_row(product, row);
}

/* All jobs, in the order that the accelerator asks for. */
static void plan_head(const struct places *at, unsigned s)
{
    plan_rows(&(struct product){at->input, at->wq, at->queries, P, E, 0, false}, s);
    plan_rows(&(struct product){at->input, at->wk, at->keys, P, E, P, false}, s);
    plan_rows(&(struct product){at->wv, at->input, at->values, s, E, 2 * P, true}, P);
    /* The softmax unit keeps the state of 64 rows: logits and their use alternate. */
    for (unsigned row = 0; row < s; row++) {
        plan_row(&(struct product){at->queries, at->keys, at->logits, s, P, NO_BIAS, false}, row);
        plan_row(&(struct product){at->logits, at->values, at->mixed, P, s, NO_BIAS, false}, row);
    }
    plan_rows(&(struct product){at->mixed, at->wo, at->head, E, P, 3 * P, false}, s);
}

static void prepare(unsigned s, const struct places *at)
{
    const struct ita_requant requant[] = {REQUANT}, requant_2024_08[] = {REQUANT_2024_08};
    struct ita_layer_parameters layer = {
        .layer = ITA_ATTENTION,
        .sequence = s,
        .embedding = E,
        .projection = P,
    };
    struct hal_memory rest = hal_l1_rest();

    plan = (struct layer_plan){
        .tile_count = at->head + s * E,
        .first_result = at->head,
        .slot_count = rest.bytes / ITA_TILE_BYTES,
    };
    memcpy(layer.requant, ita_is_first_release() ? requant_2024_08 : requant, sizeof requant);
    plan_head(at, s);
    if (!plan_layer(&plan))
        abort();
    stream_prepare(
        &(struct stream){&plan, image, rest.start, biases, biases_in_l1, sizeof biases});
    ita_open();
    ita_configure(&layer);
}

static bool report(unsigned s, uint32_t golden)
{
    uint32_t sum = checksum_words(CHECKSUM_START, sums, s * E);

    printf("bench attention_ita size=%u jobs=%u macs=%u cycles=%u span=%u checksum=%08x %s\n",
           s * ITA_TILE_EDGE, plan.job_count, plan.job_count * ITA_TILE_EDGE * ITA_TILE_BYTES,
           (unsigned)times.all, (unsigned)times.since_trigger, (unsigned)sum,
           sum == golden ? "ok" : "WRONG");
    return sum == golden;
}

/* On all harts: make the operands, compute, look at the result. */
static int measure(unsigned s, uint32_t golden)
{
    const struct places at = places_for(s);
    int result = EXIT_SUCCESS;

    if (hal_computes())
        image_fill_share(image, 0, at.queries, SEED);
    hal_barrier();
    if (hal_drives()) {
        prepare(s, &at);
        hal_measure_begin();
        times = stream_run();
        hal_measure_end();
        ita_close();
    }
    hal_barrier();
    if (hal_computes())
        image_sum_share(image, at.head, s * E, sums);
    hal_barrier();
    if (hal_drives() && !report(s, golden))
        result = EXIT_FAILURE;
    return result;
}

/* Bring the code into the instruction cache, with a short sequence that nobody looks at. */
static void warm_up(void)
{
    const struct places at = places_for(2);

    prepare(2, &at);
    stream_run();
    ita_close();
}

int main(void)
{
    int result = EXIT_SUCCESS;

    if (hal_drives()) {
        image_fill_biases(biases, sizeof biases, SEED, BIAS_SHIFT);
        warm_up();
    }
    hal_barrier();
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        if (sizes[i].size > 0)
            result |=
                measure(sizes[i].size / ITA_TILE_EDGE,
                        ita_is_first_release() ? sizes[i].golden_2024_08 : sizes[i].golden);
    return result;
}
