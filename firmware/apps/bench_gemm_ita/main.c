/*
 * Benchmark: products of two square int8 matrices on the accelerator, requantised, with a bias for
 * each column. Operands come from outside L1 and the result goes there.
 *
 * Prints a line for each size (all of them, or the one that was built with -DSIZE=512):
 *
 *     bench gemm_ita size=512 jobs=512 macs=134217728 cycles=... span=... checksum=... ok
 *
 * `cycles` are those of the measured region: from the first load to the end of the last store;
 * `span` those from the first trigger on.
 */
#include "apps/bench_gemm_ita/golden.h"
#include "hal/hal.h"
#include "kernels/checksum.h"
#include "kernels/random.h"
#include "tiles/image.h"
#include "tiles/stream.h"

#define MOST_EDGE 8u /* in tiles */
#define MOST_TILES (3 * MOST_EDGE * MOST_EDGE)
#define BIAS_BYTES (MOST_EDGE * ITA_BIAS_BYTES)
#define SEED 1u

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

/* The left matrix, the right one's transpose, and the result: rows of tiles. */
static int8_t image[MOST_TILES * ITA_TILE_BYTES] IN_L2_ZEROED __attribute__((aligned(64)));
static uint8_t biases[BIAS_BYTES] IN_L2_ZEROED __attribute__((aligned(8)));
static uint8_t biases_in_l1[BIAS_BYTES + ITA_BIAS_READ_BYTES] IN_L1_ZEROED
    __attribute__((aligned(8)));

static struct layer_plan plan;
static struct stream_times times;
static uint32_t sums[MOST_EDGE * MOST_EDGE];

static void plan_output(unsigned edge, unsigned row, unsigned column)
{
    const unsigned tiles = edge * edge;

    for (unsigned inner = 0; inner < edge; inner++)
        plan.jobs[plan.job_count++] = (struct tile_job){
            .input = (uint16_t)(row * edge + inner),
            .weight = (uint16_t)(tiles + column * edge + inner),
            .output = (uint16_t)(2 * tiles + row * edge + column),
            .bias = (uint8_t)column,
            .stores = inner == edge - 1,
        };
}

/*
 * As many rows as L1 has room for stay there, while the columns pass by: beside them one column and
 * four tiles that come and go. Every other time the columns pass backwards, so that the last one is
 * the first one again.
 */
static void plan_product(unsigned edge)
{
    const unsigned room = plan.slot_count / edge - 1;
    const unsigned rows = room > 1 && plan.slot_count % edge < 4 ? room - 1 : room;
    bool backwards = false;

    for (unsigned first = 0; first < edge; first += rows, backwards = !backwards)
        for (unsigned column = 0; column < edge; column++)
            for (unsigned row = first; row < first + rows && row < edge; row++)
                plan_output(edge, row, backwards ? edge - 1 - column : column);
}

static void prepare(unsigned edge)
{
    const struct ita_layer_parameters layer = {
        .layer = ITA_LINEAR,
        .sequence = edge,
        .embedding = edge,
        .projection = edge,
        .requant = {REQUANT},
    };
    struct hal_memory rest = hal_l1_rest();

    plan = (struct layer_plan){
        .tile_count = 3 * edge * edge,
        .first_result = 2 * edge * edge,
        .slot_count = rest.bytes / ITA_TILE_BYTES,
    };
    plan_product(edge);
    if (!plan_layer(&plan))
        abort();
    stream_prepare(&(struct stream){&plan, image, rest.start, biases, biases_in_l1,
                                    edge * ITA_BIAS_BYTES});
    ita_open();
    ita_configure(&layer);
}

static bool report(unsigned edge, uint32_t golden)
{
    uint32_t sum = checksum_words(CHECKSUM_START, sums, edge * edge);

    printf("bench gemm_ita size=%u jobs=%u macs=%u cycles=%u span=%u checksum=%08x %s\n",
           edge * ITA_TILE_EDGE, plan.job_count,
           plan.job_count * ITA_TILE_EDGE * ITA_TILE_BYTES, (unsigned)times.all,
           (unsigned)times.since_trigger, (unsigned)sum, sum == golden ? "ok" : "WRONG");
    return sum == golden;
}

/* On all harts: make the operands, multiply, look at the result. */
static int measure(unsigned edge, uint32_t golden)
{
    int result = EXIT_SUCCESS;

    if (hal_computes())
        image_fill_share(image, 0, 2 * edge * edge, SEED);
    hal_barrier();
    if (hal_drives()) {
        prepare(edge);
        hal_measure_begin();
        times = stream_run();
        hal_measure_end();
        ita_close();
    }
    hal_barrier();
    if (hal_computes())
        image_sum_share(image, 2 * edge * edge, edge * edge, sums);
    hal_barrier();
    if (hal_drives() && !report(edge, golden))
        result = EXIT_FAILURE;
    return result;
}

/* Bring the code into the instruction cache, with a small product that nobody looks at. */
static void warm_up(void)
{
    prepare(2);
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
            result |= measure(sizes[i].size / ITA_TILE_EDGE, sizes[i].golden);
    return result;
}
