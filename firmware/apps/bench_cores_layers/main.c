/*
 * Benchmark: what the harts do beside the products of a transformer, on operands in L1. Prints a
 * line for each:
 *
 *     bench layer_norm_cores rows=128 columns=256 elements=32768 cycles=... checksum=... ok
 *
 * `elements` are those of the result. Tables are made within the measured region.
 */
#include "apps/bench_cores_layers/golden.h"
#include "hal/hal.h"
#include "kernels/activation.h"
#include "kernels/add.h"
#include "kernels/checksum.h"
#include "kernels/normalise.h"
#include "kernels/random.h"
#include "kernels/softmax.h"
#include "tiles/image.h"

#define PIECE ITA_TILE_BYTES
#define ELEMENTS (ROWS * COLUMNS)
#define HEAD_ELEMENTS (ROWS * HEAD_COLUMNS)
#define OPERAND_BYTES (2 * ELEMENTS)
#define SEED 1u

/* Two operands side by side, or the heads. */
static int8_t operands[OPERAND_BYTES] IN_L1_ZEROED __attribute__((aligned(64)));
static int8_t result[ELEMENTS] IN_L1_ZEROED __attribute__((aligned(64)));
static int32_t weight[COLUMNS] IN_L1_ZEROED;
static int32_t bias[COLUMNS] IN_L1_ZEROED;
static table_t gelu_table IN_L1_ZEROED;
static int8_t sum_table[ADD_TABLE_ENTRIES] IN_L1_ZEROED;
static uint32_t sums[ELEMENTS / PIECE];

_Static_assert(HEADS * HEAD_ELEMENTS <= OPERAND_BYTES, "the heads take the operands' place");

/* All of them are called by all harts, because some need a barrier. */

static const struct normalisation normalisation = {
    .in = operands,
    .in_stride = COLUMNS,
    .out = result,
    .out_stride = COLUMNS,
    .rows = ROWS,
    .columns = COLUMNS,
    .weight = weight,
    .bias = bias,
    .log2_divisor = LOG2_DIVISOR,
};

static void run_layer_norm(void)
{
    if (hal_computes())
        layer_norm(&normalisation, hal_hart(), HAL_COMPUTE_HARTS);
}

static void run_rms_norm(void)
{
    if (hal_computes())
        rms_norm(&normalisation, hal_hart(), HAL_COMPUTE_HARTS);
}

static void run_add(void)
{
    const struct rescale by = rescale_of_requant((struct requant)REQUANT_ADD);

    if (hal_computes())
        add_table_make(sum_table, &by, hal_hart(), HAL_COMPUTE_HARTS);
    hal_barrier();
    if (hal_computes())
        add_by_table(result, operands, operands + ELEMENTS, ELEMENTS, sum_table, hal_hart(),
                     HAL_COMPUTE_HARTS);
}

static void run_head_sum(void)
{
    const struct rescale by = rescale_of_requant((struct requant)REQUANT_HEADS);
    const int8_t *heads[HEADS];

    for (unsigned i = 0; i < HEADS; i++)
        heads[i] = operands + i * HEAD_ELEMENTS;
    if (hal_computes())
        head_sum(result, heads, HEADS, HEAD_ELEMENTS, &by, hal_hart(), HAL_COMPUTE_HARTS);
}

static void run_softmax(void)
{
    const struct softmax softmax = {operands, COLUMNS, (uint8_t *)result, COLUMNS, ROWS, COLUMNS};

    if (hal_computes())
        softmax_base2(&softmax, SOFTMAX_ITA, hal_hart(), HAL_COMPUTE_HARTS);
}

static void run_gelu(void)
{
    const struct ita_gelu gelu = GELU;
    const struct rescale by = rescale_of_requant((struct requant)REQUANT_GELU);

    if (hal_computes())
        table_make(gelu_table, false, ita_gelu, &gelu, &by, hal_hart(), HAL_COMPUTE_HARTS);
    hal_barrier();
    if (hal_computes())
        table_apply(result, operands, ELEMENTS, gelu_table, hal_hart(), HAL_COMPUTE_HARTS);
}

static const struct layer {
    const char *name;
    void (*run)(void);
    unsigned columns;
    uint32_t golden;
} layers[] = {
    {"layer_norm", run_layer_norm, COLUMNS, GOLDEN_LAYER_NORM},
    {"rms_norm", run_rms_norm, COLUMNS, GOLDEN_RMS_NORM},
    {"residual_add", run_add, COLUMNS, GOLDEN_ADD},
    {"head_sum", run_head_sum, HEAD_COLUMNS, GOLDEN_HEAD_SUM},
    {"softmax", run_softmax, COLUMNS, GOLDEN_SOFTMAX},
    {"gelu", run_gelu, COLUMNS, GOLDEN_GELU},
};

static bool report(const struct layer *layer, uint32_t cycles)
{
    const unsigned elements = ROWS * layer->columns;
    uint32_t sum = checksum_words(CHECKSUM_START, sums, elements / PIECE);

    printf("bench %s_cores rows=%u columns=%u elements=%u cycles=%u checksum=%08x %s\n",
           layer->name, ROWS, layer->columns, elements, (unsigned)cycles, (unsigned)sum,
           sum == layer->golden ? "ok" : "WRONG");
    return sum == layer->golden;
}

static int measure(const struct layer *layer)
{
    uint32_t cycles = 0;

    hal_barrier();
    if (hal_drives()) {
        hal_measure_begin();
        cycles = hal_cycles();
    }
    hal_barrier();
    layer->run();
    hal_barrier();
    if (hal_drives()) {
        cycles = hal_cycles() - cycles;
        hal_measure_end();
    }
    if (hal_computes())
        image_sum_share(result, 0, ROWS * layer->columns / PIECE, sums);
    hal_barrier();
    return hal_drives() && !report(layer, cycles) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void fill_parameters(void)
{
    uint32_t state = SEED;

    for (unsigned i = 0; i < COLUMNS; i++)
        weight[i] = (int32_t)random_next(&state) >> WEIGHT_SHIFT;
    for (unsigned i = 0; i < COLUMNS; i++)
        bias[i] = (int32_t)random_next(&state) >> BIAS_SHIFT;
}

int main(void)
{
    int status = EXIT_SUCCESS;

    if (hal_drives())
        fill_parameters();
    if (hal_computes())
        image_fill_share(operands, 0, OPERAND_BYTES / PIECE, SEED);
    for (unsigned i = 0; i < sizeof layers / sizeof layers[0]; i++)
        status |= measure(&layers[i]);
    return status;
}
