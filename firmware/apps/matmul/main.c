/*
 * The product of two int8 matrices in the TCDM, on all harts, compared with a plain loop.
 */
#include <string.h>

#include "kernels/matmul.h"
#include "kernels/random.h"
#include "runtime/runtime.h"

#define ROWS 64
#define COLUMNS 64
#define INNER 128

static int8_t left[ROWS * INNER] IN_TCDM_ZEROED;
static int8_t right[COLUMNS * INNER] IN_TCDM_ZEROED;
static int32_t out[ROWS * COLUMNS] IN_TCDM_ZEROED;
static int32_t reference[ROWS * COLUMNS] IN_TCDM_ZEROED;

static const struct matmul on_harts = {left, right, out, ROWS, COLUMNS, INNER};
static const struct matmul plainly = {left, right, reference, ROWS, COLUMNS, INNER};

static void fill(void)
{
    uint32_t seed = 1;

    random_fill(left, sizeof left, &seed);
    random_fill(right, sizeof right, &seed);
}

/* Cycles from the common start of all harts to the end of the last, on this hart's clock. */
static uint32_t multiply(void)
{
    cluster_barrier();
    uint32_t start = hart_cycles();
    matmul_int8(&on_harts, 2 * hart_id(), 2 * VPLAT_HARTS);
    cluster_barrier();
    return hart_cycles() - start;
}

static int compare(uint32_t cycles)
{
    uint32_t start = hart_cycles();
    matmul_int8_reference(&plainly);
    uint32_t cycles_plainly = hart_cycles() - start;
    int differs = memcmp(out, reference, sizeof out);

    printf("%u x %u x %u int8 matrix product\n", ROWS, COLUMNS, INNER);
    printf("%u harts: %u cycles\n", VPLAT_HARTS, (unsigned)cycles);
    printf("one hart, plain loop: %u cycles\n", (unsigned)cycles_plainly);
    printf("results %s\n", differs ? "DIFFER" : "agree");
    return differs ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(void)
{
    if (hart_id() == 0)
        fill();
    uint32_t cycles = multiply();
    return hart_id() == 0 ? compare(cycles) : 0;
}
