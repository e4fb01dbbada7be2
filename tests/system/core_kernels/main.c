/*
 * Runs the cases of script.bin, one after the other: each a kernel with its parameters, on some of
 * the harts. test_core_kernels.py writes the script and the arena that its operands and results lie
 * in, and looks at the arena afterwards. For each case and hart it also finds how many instructions
 * that took.
 */
#include <string.h>

#include "hal/hal.h"
#include "kernels/activation.h"
#include "kernels/add.h"
#include "kernels/attention.h"
#include "kernels/gemm.h"
#include "kernels/normalise.h"
#include "kernels/softmax.h"
#include "kernels/table.h"
#include "kernels/transpose.h"

extern const int32_t script[];
extern int8_t arena[];
extern uint32_t instructions[][HAL_HARTS];

#define SCRATCH_BYTES 57344
#define TABLE_WORDS ISOFTMAX_WEIGHTS

static int8_t scratch[SCRATCH_BYTES] IN_L1_ZEROED __attribute__((aligned(8)));
static uint32_t table_words[TABLE_WORDS] IN_L1_ZEROED;
static int8_t tables[2][TABLE_ENTRIES] IN_L1_ZEROED;
static int8_t sum_table[ADD_TABLE_ENTRIES] IN_L1_ZEROED;

/* A case's parameters, taken one by one. */
struct parameters {
    const int32_t *next;
    unsigned worker;
    unsigned workers;
};

static int32_t number(struct parameters *from)
{
    return *from->next++;
}

/* An offset into the arena; -1 stands for NULL. */
static void *place(struct parameters *from)
{
    int32_t offset = number(from);

    return offset < 0 ? NULL : arena + offset;
}

static struct rescale scale(struct parameters *from)
{
    struct rescale by = {.mult = number(from)};
    uint32_t low = (uint32_t)number(from);

    by.before = (int64_t)((uint64_t)(uint32_t)number(from) << 32 | low);
    by.after = number(from);
    by.shift = (uint8_t)number(from);
    by.least = (int16_t)number(from);
    by.greatest = (int16_t)number(from);
    return by;
}

/* All harts run a case, for its barriers; those beyond the workers do nothing else. */
static bool works(const struct parameters *from)
{
    return from->worker < from->workers;
}

/*
 * A copy of an operand at the very end of the memory outside L1: whoever reads on takes an access
 * fault.
 */
static const void *at_the_end(const void *operand, size_t bytes, const struct parameters *from)
{
    extern char __heap_end[]; /* of the linker script */
    char *copy = __heap_end - bytes;

    hal_barrier();
    if (from->worker == 0)
        memcpy(copy, operand, bytes);
    hal_barrier();
    return copy;
}

static void run_gemm(struct parameters *from)
{
    static int32_t right_sums[512] IN_L1_ZEROED;
    struct gemm product = {.rows = (size_t)number(from)};

    product.columns = (size_t)number(from);
    product.inner = (size_t)number(from);
    product.left_is_unsigned = number(from);
    product.right_by_columns = number(from);
    product.out_by_columns = number(from);
    product.is_paired = number(from);
    product.left = place(from);
    product.left_stride = (size_t)number(from);
    product.right = place(from);
    product.right_stride = (size_t)number(from);
    product.bias = place(from);
    product.out = place(from);
    product.out_stride = (size_t)number(from);
    bool is_rescaled = number(from);
    struct rescale by = scale(from);
    struct gemm_channels channels = {.mult = place(from)};
    channels.before = place(from);
    channels.by_rows = number(from);
    size_t left_at_the_end = (size_t)number(from), right_at_the_end = (size_t)number(from);
    if (left_at_the_end)
        product.left = at_the_end(product.left, left_at_the_end, from);
    if (right_at_the_end)
        product.right = at_the_end(product.right, right_at_the_end, from);
    product.rescale = is_rescaled ? &by : NULL;
    product.channels = channels.mult ? &channels : NULL;
    product.scratch = scratch;
    if (product.left_is_unsigned && product.is_paired) {
        product.right_sums = right_sums;
        if (works(from))
            gemm_right_sums(&product, right_sums, from->worker, from->workers);
        hal_barrier();
    }
    if (works(from))
        gemm(&product, from->worker, from->workers);
}

static struct softmax softmax_of(struct parameters *from)
{
    struct softmax softmax = {.in = place(from)};

    softmax.in_stride = (size_t)number(from);
    softmax.out = place(from);
    softmax.out_stride = (size_t)number(from);
    softmax.rows = (size_t)number(from);
    softmax.columns = (size_t)number(from);
    return softmax;
}

static void run_softmax(struct parameters *from)
{
    struct softmax softmax = softmax_of(from);
    const struct softmax_rule rules[] = {SOFTMAX_ITA, SOFTMAX_ITA_2024_08, SOFTMAX_ITA_MAX};

    if (works(from))
        softmax_base2(&softmax, rules[number(from)], from->worker, from->workers);
}

static void run_isoftmax(struct parameters *from)
{
    struct softmax softmax = softmax_of(from);
    struct isoftmax_coefficients coefficients = {.a = number(from)};

    coefficients.b = number(from);
    coefficients.c = number(from);
    coefficients.log2 = number(from);
    coefficients.greatest = (uint32_t)number(from);
    if (works(from))
        isoftmax_weights(table_words, &coefficients, from->worker, from->workers);
    hal_barrier();
    if (works(from))
        isoftmax(&softmax, table_words, coefficients.greatest, from->worker, from->workers);
}

static void run_norm(struct parameters *from)
{
    struct normalisation normalisation = {.in = place(from)};

    normalisation.in_stride = (size_t)number(from);
    normalisation.in_is_unsigned = number(from);
    normalisation.out = place(from);
    normalisation.out_stride = (size_t)number(from);
    normalisation.rows = (size_t)number(from);
    normalisation.columns = (size_t)number(from);
    normalisation.weight = place(from);
    normalisation.bias = place(from);
    normalisation.log2_divisor = (uint8_t)number(from);
    if (!works(from))
        return;
    if (normalisation.bias)
        layer_norm(&normalisation, from->worker, from->workers);
    else
        rms_norm(&normalisation, from->worker, from->workers);
}

static void run_no_norm(struct parameters *from)
{
    struct no_norm parameters = {.in = place(from)};

    parameters.in_stride = (size_t)number(from);
    parameters.out = place(from);
    parameters.out_stride = (size_t)number(from);
    parameters.rows = (size_t)number(from);
    parameters.columns = (size_t)number(from);
    parameters.weight = place(from);
    parameters.bias = place(from);
    parameters.mult = number(from);
    parameters.log2_divisor = (uint8_t)number(from);
    if (works(from))
        no_norm(&parameters, from->worker, from->workers);
}

static void run_add(struct parameters *from)
{
    int8_t *out = place(from), *left = place(from), *right = place(from);
    size_t count = (size_t)number(from);
    bool by_table = number(from);
    struct rescale by = scale(from);

    if (!by_table) {
        if (from->worker == 0)
            add_int8(out, left, right, count,
                     (struct requant){(uint8_t)by.mult, by.shift, (int8_t)by.after});
        return;
    }
    if (works(from))
        add_table_make(sum_table, &by, from->worker, from->workers);
    hal_barrier();
    if (works(from))
        add_by_table(out, left, right, count, sum_table, from->worker, from->workers);
}

static void run_add_rescaled(struct parameters *from)
{
    struct rescaled_add add = {.out = place(from)};
    struct rescale by[3];
    bool is_unsigned[2];

    add.left = place(from);
    add.right = place(from);
    add.count = (size_t)number(from);
    is_unsigned[0] = number(from);
    is_unsigned[1] = number(from);
    for (unsigned i = 0; i < 3; i++)
        by[i] = scale(from);
    for (unsigned i = 0; works(from) && i < 2; i++)
        table_make(tables[i], is_unsigned[i], NULL, NULL, &by[i], from->worker, from->workers);
    if (works(from))
        add_table_make(sum_table, &by[2], from->worker, from->workers);
    hal_barrier();
    add.left_table = tables[0];
    add.right_table = tables[1];
    add.sum_table = sum_table;
    if (works(from))
        add_rescaled(&add, from->worker, from->workers);
}

static void run_head_sum(struct parameters *from)
{
    int8_t *out = place(from);
    size_t count = (size_t)number(from), head_count = (size_t)number(from);
    struct rescale by = scale(from);
    const int8_t *heads[16];

    for (size_t head = 0; head < head_count; head++)
        heads[head] = place(from);
    if (works(from))
        head_sum(out, heads, head_count, count, &by, from->worker, from->workers);
}

static void run_table(struct parameters *from)
{
    static table_function *const functions[] = {NULL, ita_relu, ita_gelu, integer_gelu,
                                                integer_hardswish};
    int8_t *out = place(from);
    const void *in = place(from);
    size_t count = (size_t)number(from);
    bool is_unsigned = number(from);
    struct rescale by = scale(from);
    unsigned which = (unsigned)number(from);
    const struct ita_gelu gelu = {(int16_t)from->next[0], (int16_t)from->next[1]};
    const void *parameters = which == 2 ? (const void *)&gelu : from->next;

    if (works(from))
        table_make(tables[0], is_unsigned, functions[which], parameters, &by, from->worker,
                   from->workers);
    hal_barrier();
    if (works(from))
        table_apply(out, in, count, tables[0], from->worker, from->workers);
}

static void run_transpose(struct parameters *from)
{
    void *out = place(from);
    size_t out_stride = (size_t)number(from);
    const void *in = place(from);
    size_t in_stride = (size_t)number(from);
    size_t rows = (size_t)number(from), columns = (size_t)number(from);

    if (works(from))
        transpose_int8(out, out_stride, in, in_stride, rows, columns, from->worker, from->workers);
}

static struct projection projection(struct parameters *from)
{
    struct projection projection = {.weights = place(from)};

    projection.bias = place(from);
    projection.rescale = scale(from);
    return projection;
}

static void run_attention(struct parameters *from)
{
    const struct softmax_rule rules[] = {SOFTMAX_ITA, SOFTMAX_ITA_2024_08, SOFTMAX_ITA_MAX};
    const size_t queries = (size_t)number(from), split = queries / 3 & ~(size_t)3;
    struct attention attention = {.keys = (size_t)number(from)};

    attention.embedding = (size_t)number(from);
    attention.width = (size_t)number(from);
    const int8_t *query_rows = place(from), *key_rows = place(from);
    attention.query = projection(from);
    attention.key = projection(from);
    attention.value = projection(from);
    attention.output = projection(from);
    attention.logits = scale(from);
    attention.mixed = scale(from);
    attention.softmax = rules[number(from)];
    int8_t *out = place(from);
    attention.keys_transposed = place(from);
    attention.values = place(from);
    attention.value_sums = place(from);
    attention.is_paired = number(from);
    attention.scratch = scratch;
    if (works(from))
        attention_project(&attention, key_rows, 0, 1, from->worker, from->workers);
    if (works(from))
        attention_project(&attention, key_rows + attention.embedding, 1, attention.keys - 1,
                          from->worker, from->workers);
    hal_barrier();
    if (works(from))
        attention_sum_values(&attention, from->worker, from->workers);
    hal_barrier();
    if (works(from))
        attention_attend(&attention, out, query_rows, split, from->worker, from->workers);
    if (works(from))
        attention_attend(&attention, out + split * attention.embedding,
                         query_rows + split * attention.embedding, queries - split, from->worker,
                         from->workers);
}

typedef void run_function(struct parameters *from);

/* The order of the names in test_core_kernels.py. */
static run_function *const runs[] = {
    run_gemm,         run_softmax,  run_isoftmax, run_norm,      run_no_norm,   run_add,
    run_add_rescaled, run_head_sum, run_table,    run_transpose, run_attention,
};

/* Each case: which kernel, on how many workers, how many words of parameters, and those. */
int main(void)
{
    const int32_t *next = script;
    const int32_t count = *next++;

    for (int32_t i = 0; i < count; i++, next += 3 + next[2]) {
        struct parameters parameters = {next + 3, hal_hart(), (unsigned)next[1]};
        uint32_t before = hart_instructions();
        runs[next[0]](&parameters);
        instructions[i][hal_hart()] = hart_instructions() - before;
        hal_barrier();
    }
    return 0;
}
