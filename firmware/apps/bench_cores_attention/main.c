/*
 * Benchmark: attention of one head on the harts alone (kernels/attention.h), of a sequence with
 * itself. Inputs and weights come from outside L1 and the result goes there, by DMA, while the
 * harts compute.
 *
 * Prints a line for each length of the sequence (all of them, or the one that was built with
 * -DSIZE=128) and each way to multiply (kernels/gemm.h):
 *
 *     bench attention_cores size=128 kernel=direct macs=6291456 cycles=... checksum=... ok
 *
 * `cycles` are those of the measured region: from the first load to the end of the last store.
 */
#include "apps/bench_cores_attention/golden.h"
#include "hal/hal.h"
#include "kernels/attention.h"
#include "kernels/checksum.h"
#include "kernels/random.h"
#include "tiles/image.h"

#define MOST 256u
#define PIECE ITA_TILE_BYTES
#define WEIGHT_BYTES (EMBEDDING * PROJECTION)
#define SEED 1u

/* Rows that pass by at a time: four for each hart. */
#define STEP_ROWS (4 * HAL_COMPUTE_HARTS)
#define STEP_BYTES (STEP_ROWS * EMBEDDING)

static const struct size {
    unsigned size;
    uint32_t golden;
} sizes[] = {
#define ENTRY(size, golden) {size, golden},
#ifdef SIZE
#define ONLY(size, golden) {size == SIZE ? size : 0, golden},
    GOLDEN_SUMS(ONLY)
#else
    GOLDEN_SUMS(ENTRY)
#endif
};

enum { QUERY, KEY, VALUE, OUTPUT, PROJECTIONS };

/* Inputs, the weights of the four projections, transposed, and the result. */
static int8_t image[2 * MOST * EMBEDDING + PROJECTIONS * WEIGHT_BYTES] IN_L2_ZEROED
    __attribute__((aligned(64)));

static int8_t weights[PROJECTIONS][WEIGHT_BYTES] IN_L1_ZEROED __attribute__((aligned(8)));
static int8_t in[2][STEP_BYTES] IN_L1_ZEROED __attribute__((aligned(8)));
static int8_t out[2][STEP_BYTES] IN_L1_ZEROED __attribute__((aligned(8)));
static int32_t biases[3 * PROJECTION + EMBEDDING] IN_L1_ZEROED;
static int32_t value_sums[PROJECTION] IN_L1_ZEROED;
static uint32_t sums[MOST * EMBEDDING / PIECE];

static const struct requant requants[] = {REQUANT_Q, REQUANT_K, REQUANT_V, REQUANT_OW};

static struct projection projection(unsigned number)
{
    return (struct projection){
        .weights = weights[number],
        .bias = biases + number * PROJECTION,
        .rescale = rescale_of_requant(requants[number]),
    };
}

/* What the harts share of it follows the program's variables in L1. */
static struct attention attention_of(unsigned size, bool is_paired)
{
    const struct hal_memory rest = hal_l1_rest();
    struct attention attention = {
        .keys = size,
        .embedding = EMBEDDING,
        .width = PROJECTION,
        .query = projection(QUERY),
        .key = projection(KEY),
        .value = projection(VALUE),
        .output = projection(OUTPUT),
        .logits = rescale_of_requant((struct requant)REQUANT_QK),
        .mixed = rescale_of_requant((struct requant)REQUANT_AV),
        .softmax = SOFTMAX_ITA,
        .keys_transposed = rest.start,
        .values = rest.start + size * PROJECTION,
        .value_sums = value_sums,
        .is_paired = is_paired,
        .scratch = rest.start + 2 * size * PROJECTION,
    };
    const size_t scratch = HAL_COMPUTE_HARTS * attention_scratch_bytes(&attention);

    if (2 * size * PROJECTION + scratch > rest.bytes)
        abort();
    return attention;
}

/* The rows pass by twice: for the keys and values, then for the queries. */

static unsigned row_of(unsigned size, unsigned step)
{
    return step * STEP_ROWS % size;
}

static bool is_query(unsigned size, unsigned step)
{
    return step * STEP_ROWS >= size;
}

static dma_transfer_t start_load(unsigned size, unsigned step)
{
    return dma_load(in[step % 2], image + row_of(size, step) * EMBEDDING, STEP_BYTES);
}

static dma_transfer_t start_store(unsigned size, unsigned step)
{
    int8_t *result = image + size * EMBEDDING + PROJECTIONS * WEIGHT_BYTES;

    return dma_store(result + row_of(size, step) * EMBEDDING, out[step % 2], STEP_BYTES);
}

static void load_weights(unsigned size)
{
    dma_transfer_t transfers[PROJECTIONS];

    for (unsigned i = 0; i < PROJECTIONS; i++)
        transfers[i] = dma_load(weights[i], image + size * EMBEDDING + i * WEIGHT_BYTES,
                                WEIGHT_BYTES);
    for (unsigned i = 0; i < PROJECTIONS; i++)
        dma_finish(transfers[i]);
}

static void compute(const struct attention *attention, unsigned step)
{
    const unsigned size = attention->keys;

    if (is_query(size, step))
        attention_attend(attention, out[step % 2], in[step % 2], STEP_ROWS, hal_hart(),
                         HAL_COMPUTE_HARTS);
    else
        attention_project(attention, in[step % 2], row_of(size, step), STEP_ROWS, hal_hart(),
                          HAL_COMPUTE_HARTS);
}

/* Transfers of the driving hart that have not ended. */
struct transfers {
    dma_transfer_t load;
    dma_transfer_t store;
};

/* Before the barrier of a step: its rows are there, and there is room for its result. */
static void await(unsigned size, unsigned step, struct transfers *transfers)
{
    dma_finish(transfers->load);
    if (step >= 2 && is_query(size, step - 2))
        dma_finish(transfers->store);
}

/* After it: the step before is over, so its result may go and the next step's rows may come. */
static void send_and_fetch(unsigned size, unsigned step, struct transfers *transfers)
{
    if (step >= 1 && is_query(size, step - 1))
        transfers->store = start_store(size, step - 1);
    if (row_of(size, step + 1) > 0 || !is_query(size, step))
        transfers->load = start_load(size, step + 1);
}

static void attend(const struct attention *attention)
{
    const unsigned size = attention->keys, steps = 2 * size / STEP_ROWS;
    struct transfers transfers = {0};

    if (hal_drives()) {
        load_weights(size);
        transfers.load = start_load(size, 0);
    }
    for (unsigned step = 0; step < steps; step++) {
        if (hal_drives())
            await(size, step, &transfers);
        hal_barrier();
        if (hal_drives())
            send_and_fetch(size, step, &transfers);
        if (step == steps / 2) {
            if (hal_computes())
                attention_sum_values(attention, hal_hart(), HAL_COMPUTE_HARTS);
            hal_barrier();
        }
        if (hal_computes())
            compute(attention, step);
    }
    hal_barrier();
    if (hal_drives()) {
        if (is_query(size, steps - 2))
            dma_finish(transfers.store);
        dma_finish(start_store(size, steps - 1));
    }
}

static bool report(const struct attention *attention, uint32_t cycles, uint32_t golden)
{
    const unsigned size = attention->keys;
    const unsigned macs = 4 * size * EMBEDDING * PROJECTION + 2 * size * size * PROJECTION;
    uint32_t sum = checksum_words(CHECKSUM_START, sums, size * EMBEDDING / PIECE);

    printf("bench attention_cores size=%u kernel=%s macs=%u cycles=%u checksum=%08x %s\n", size,
           attention->is_paired ? "paired" : "direct", macs, (unsigned)cycles, (unsigned)sum,
           sum == golden ? "ok" : "WRONG");
    return sum == golden;
}

/* On all harts: make the operands, attend, look at the result. */
static int measure(unsigned size, bool is_paired, uint32_t golden)
{
    const struct attention attention = attention_of(size, is_paired);
    const unsigned pieces = (size * EMBEDDING + PROJECTIONS * WEIGHT_BYTES) / PIECE;
    uint32_t cycles = 0;

    if (hal_computes())
        image_fill_share(image, 0, pieces, SEED);
    hal_barrier();
    if (hal_drives()) {
        hal_measure_begin();
        cycles = hal_cycles();
    }
    attend(&attention);
    if (hal_drives()) {
        cycles = hal_cycles() - cycles;
        hal_measure_end();
    }
    hal_barrier();
    if (hal_computes())
        image_sum_share(image, pieces, size * EMBEDDING / PIECE, sums);
    hal_barrier();
    return hal_drives() && !report(&attention, cycles, golden) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void fill_biases(void)
{
    uint32_t state = SEED;

    for (unsigned i = 0; i < sizeof biases / sizeof biases[0]; i++)
        biases[i] = (int32_t)random_next(&state) >> BIAS_SHIFT;
}

int main(void)
{
    int result = EXIT_SUCCESS;

    if (hal_drives())
        fill_biases();
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (unsigned is_paired = 0; sizes[i].size > 0 && is_paired < 2; is_paired++)
            result |= measure(sizes[i].size, is_paired, sizes[i].golden);
    return result;
}
