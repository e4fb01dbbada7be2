#include "deploy/stripe_norm.h"

#include "deploy/stripe_norm_rows.h"
#include "kernels/share.h"

/* By the value's byte. A load costs a hart no more than a product, and the cluster nothing. */
static const uint32_t table[256] __attribute__((section(".tcdm"))) = {
#define VALUE(x) ((x) < 128 ? (x) : (x)-256)
#define ENTRY(x) (uint32_t)(VALUE(x) * VALUE(x) + ((VALUE(x) + 128) << STRIPE_TABLE_VALUE))
#define FOUR(x) ENTRY(x), ENTRY(x + 1), ENTRY(x + 2), ENTRY(x + 3)
#define SIXTEEN(x) FOUR(x), FOUR(x + 4), FOUR(x + 8), FOUR(x + 12)
#define ALL(x) SIXTEEN(x), SIXTEEN(x + 16), SIXTEEN(x + 32), SIXTEEN(x + 48)
    ALL(0), ALL(64), ALL(128), ALL(192)};

#define OFFSET 128           /* of the values that stripe_sums adds */
#define MEAN_SQUARE_BITS 17 /* of squares of 8-bit values, and of their mean plus one */

/* The greatest integer whose square is at most `value`, a bit at a time, without a product. */
static uint32_t square_root(uint32_t value)
{
    uint32_t root = 0, square = 0; /* of root */

    for (unsigned place = MEAN_SQUARE_BITS / 2 + 1; place-- > 0;) {
        uint32_t next = square + (root << (place + 1)) + (1u << 2 * place);
        if (next <= value)
            root += 1u << place, square = next;
    }
    return root;
}

/* A row's mean, and division by its deviation, as kernels/normalise.c has it, and proves it. */
struct scale {
    int32_t mean;
    int32_t factor;
    uint32_t shift;
};

static struct scale division_by(uint32_t divisor, int32_t mean)
{
    uint32_t factor = (1u << 30) / divisor, remainder = (1u << 30) - factor * divisor;
    uint32_t log2 = 0;

    for (uint32_t rest = divisor >> 1; rest > 0; rest >>= 1)
        log2++;
    return (struct scale){
        .mean = mean,
        .factor = (int32_t)((factor << log2) + (remainder << log2) / divisor + 1),
        .shift = log2,
    };
}

static struct scale scale_of(const struct stripe_norm *norm, const struct stripe_rows *rows,
                             size_t row)
{
    struct stripe_sums sums = {
        .pieces = rows->pieces,
        .offset = row * rows->row_step,
        .columns = norm->columns,
        .table = table,
    };
    const int32_t count = norm->columns;

    stripe_sums(&sums);
    int32_t sum = (int32_t)sums.values - OFFSET * count;
    int32_t mean = norm->is_centred ? sum / count : 0;
    /* Modulo 2^32, like its terms; the result is the sum of (x - mean)^2, which is not negative. */
    uint32_t all = sums.squares - 2u * (uint32_t)mean * (uint32_t)sum +
                   (uint32_t)count * (uint32_t)(mean * mean);
    return division_by(square_root(all / (uint32_t)count + 1), mean);
}

static void normalise(const struct stripe_norm *norm, const struct stripe_rows *rows, size_t row0,
                      size_t row1)
{
    const struct scale scale0 = scale_of(norm, rows, row0);
    const struct scale scale1 = row1 == row0 ? scale0 : scale_of(norm, rows, row1);

    stripe_normalise(&(struct stripe_pair){
        .pieces = rows->pieces,
        .offset0 = row0 * rows->row_step,
        .offset1 = row1 * rows->row_step,
        .columns = norm->columns,
        .weights = norm->weight_4,
        .biases = norm->bias,
        .divisor = norm->log2_divisor,
        .mean0 = scale0.mean,
        .mean1 = scale1.mean,
        .factor0 = scale0.factor,
        .factor1 = scale1.factor,
        .shift0 = scale0.shift,
        .shift1 = scale1.shift,
    });
}

void stripe_norm(const struct stripe_norm *norm, const struct stripe_rows *rows, unsigned worker,
                 unsigned workers)
{
    const struct share share = share_of(rows->rows, worker, workers);

    for (size_t row = share.first; row < share.end; row += 2)
        normalise(norm, rows, row, row + 1 < share.end ? row + 1 : row);
}
