/*
 * Benchmark: products of two square int8 matrices on the harts alone, requantised, with a bias for
 * each column. Operands come from outside L1 and the result goes there, by DMA, while the harts
 * compute.
 *
 * Prints a line for each size (all of them, or the one that was built with -DSIZE=512) and each way
 * to multiply (kernels/gemm.h):
 *
 *     bench gemm_cores size=256 kernel=direct macs=16777216 cycles=... checksum=... ok
 *
 * `cycles` are those of the measured region: from the first load to the end of the last store.
 */
#include "apps/bench_cores_gemm/golden.h"
#include "hal/hal.h"
#include "kernels/checksum.h"
#include "kernels/gemm.h"
#include "kernels/random.h"
#include "tiles/image.h"

#define MOST 512u
#define MATRIX_PIECES (MOST * MOST / ITA_TILE_BYTES)
#define SEED 1u

/* A step's rows: four for each hart. */
#define STEP_ROWS (4 * HAL_COMPUTE_HARTS)

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

/* The left matrix, the right one's transpose, and the result. */
static int8_t image[3 * MOST * MOST] IN_L2_ZEROED __attribute__((aligned(64)));
static int32_t bias[MOST] IN_L1_ZEROED;
static uint32_t sums[MATRIX_PIECES];

/* A product in steps: in each, some rows meet some columns. L1 has room for two steps. */
struct steps {
    unsigned size;
    unsigned columns; /* of a step */
    int8_t *left[2];
    int8_t *right[2];
    int8_t *out[2];
    int8_t *scratch;
    bool is_paired;
};

/* Lay it out in L1; false if there is not enough of it. */
static bool lay_out(struct steps *steps)
{
    const struct hal_memory rest = hal_l1_rest();
    int8_t *next = rest.start;

    for (unsigned i = 0; i < 2; i++) {
        steps->left[i] = next, next += STEP_ROWS * steps->size;
        steps->right[i] = next, next += steps->columns * steps->size;
        steps->out[i] = next, next += STEP_ROWS * steps->columns;
    }
    steps->scratch = next;
    next += HAL_COMPUTE_HARTS * gemm_scratch_bytes(steps->size, steps->is_paired);
    return next <= rest.start + rest.bytes;
}

/* With as many columns as there is room for: the rows must pass by less often. */
static struct steps steps_of(unsigned size, bool is_paired)
{
    struct steps steps = {.size = size, .columns = size, .is_paired = is_paired};

    while (!lay_out(&steps))
        steps.columns /= 2;
    return steps;
}

/* Transfers of the driving hart that have not ended. */
struct transfers {
    dma_transfer_t left;
    dma_transfer_t right;
    dma_transfer_t out;
};

/* Rows pass by under the same columns, then under the next ones. Both are counted in steps. */

static unsigned row_of(const struct steps *steps, unsigned step)
{
    return step % (steps->size / STEP_ROWS);
}

static unsigned column_of(const struct steps *steps, unsigned step)
{
    return step / (steps->size / STEP_ROWS);
}

static unsigned step_count(const struct steps *steps)
{
    return (steps->size / STEP_ROWS) * (steps->size / steps->columns);
}

static void start_loads(const struct steps *steps, unsigned step, struct transfers *transfers)
{
    const unsigned row_bytes = STEP_ROWS * steps->size, column_bytes = steps->columns * steps->size;
    const unsigned row = row_of(steps, step), column = column_of(steps, step);

    transfers->left = dma_load(steps->left[step % 2], image + row * row_bytes, row_bytes);
    if (row == 0)
        transfers->right =
            dma_load(steps->right[column % 2],
                     image + steps->size * steps->size + column * column_bytes, column_bytes);
}

static void finish_loads(const struct steps *steps, unsigned step, struct transfers *transfers)
{
    dma_finish(transfers->left);
    if (row_of(steps, step) == 0)
        dma_finish(transfers->right);
}

static void start_store(const struct steps *steps, unsigned step, struct transfers *transfers)
{
    int8_t *out = image + 2 * steps->size * steps->size +
                  row_of(steps, step) * STEP_ROWS * steps->size +
                  column_of(steps, step) * steps->columns;

    transfers->out =
        dma_store_rows(out, steps->out[step % 2], steps->columns, STEP_ROWS, steps->size);
}

static void compute(const struct steps *steps, unsigned step)
{
    const struct rescale rescale = rescale_of_requant((struct requant)REQUANT);
    const struct gemm product = {
        .left = steps->left[step % 2],
        .left_stride = steps->size,
        .right = steps->right[column_of(steps, step) % 2],
        .right_stride = steps->size,
        .right_by_columns = true,
        .bias = bias + column_of(steps, step) * steps->columns,
        .out = steps->out[step % 2],
        .out_stride = steps->columns,
        .rescale = &rescale,
        .rows = STEP_ROWS,
        .columns = steps->columns,
        .inner = steps->size,
        .is_paired = steps->is_paired,
        .scratch = steps->scratch,
    };

    gemm(&product, hal_hart(), HAL_COMPUTE_HARTS);
}

/*
 * At the barrier the operands of step i are there, and the result of step i - 1 as well. The
 * driving hart then sends off that result and asks for the operands of step i + 1, before it takes
 * its share.
 */
static void multiply(const struct steps *steps)
{
    const unsigned count = step_count(steps);
    struct transfers transfers = {0};

    if (hal_drives())
        start_loads(steps, 0, &transfers);
    for (unsigned step = 0; step < count; step++) {
        if (hal_drives()) {
            finish_loads(steps, step, &transfers);
            if (step > 1)
                dma_finish(transfers.out);
        }
        hal_barrier();
        if (hal_drives()) {
            if (step > 0)
                start_store(steps, step - 1, &transfers);
            if (step + 1 < count)
                start_loads(steps, step + 1, &transfers);
        }
        if (hal_computes())
            compute(steps, step);
    }
    hal_barrier();
    if (hal_drives()) {
        if (count > 1)
            dma_finish(transfers.out);
        start_store(steps, count - 1, &transfers);
        dma_finish(transfers.out);
    }
}

static bool report(const struct steps *steps, uint32_t cycles, uint32_t golden)
{
    const unsigned size = steps->size;
    uint32_t sum = checksum_words(CHECKSUM_START, sums, size * size / ITA_TILE_BYTES);

    printf("bench gemm_cores size=%u kernel=%s macs=%u cycles=%u checksum=%08x %s\n", size,
           steps->is_paired ? "paired" : "direct", size * size * size, (unsigned)cycles,
           (unsigned)sum, sum == golden ? "ok" : "WRONG");
    return sum == golden;
}

/* On all harts: make the operands, multiply, look at the result. */
static int measure(unsigned size, bool is_paired, uint32_t golden)
{
    const struct steps steps = steps_of(size, is_paired);
    const unsigned pieces = size * size / ITA_TILE_BYTES;
    uint32_t cycles = 0;

    if (hal_computes())
        image_fill_share(image, 0, 2 * pieces, SEED);
    hal_barrier();
    if (hal_drives()) {
        hal_measure_begin();
        cycles = hal_cycles();
    }
    multiply(&steps);
    if (hal_drives()) {
        cycles = hal_cycles() - cycles;
        hal_measure_end();
    }
    hal_barrier();
    if (hal_computes())
        image_sum_share(image, 2 * pieces, pieces, sums);
    hal_barrier();
    return hal_drives() && !report(&steps, cycles, golden) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Values that take part, beside products of some 100000. */
static void fill_bias(void)
{
    uint32_t state = SEED;

    for (unsigned i = 0; i < MOST; i++)
        bias[i] = (int32_t)random_next(&state) >> BIAS_SHIFT;
}

int main(void)
{
    int result = EXIT_SUCCESS;

    if (hal_drives())
        fill_bias();
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (unsigned is_paired = 0; sizes[i].size > 0 && is_paired < 2; is_paired++)
            result |= measure(sizes[i].size, is_paired, sizes[i].golden);
    return result;
}
