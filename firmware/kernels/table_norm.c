#include "kernels/table_norm.h"

#include "kernels/in_order.h"
#include "kernels/share.h"
#include "kernels/words.h"

#define EVEN_BYTES 0x00ff00ffu
#define CENTRES 0x00800080u
#define CENTRE 128
#define SIGNS 0x80808080u
#define MOST_WORDS 128 /* whose sums of bytes have 16 bits */

/* Keeps a value in a register, and what it is from the compiler. */
#define KEEP(value) __asm__("" : "+r"(value))

static inline uint32_t word_at(uint32_t address)
{
    return load_word((const void *)(uintptr_t)address);
}

/* ------------------------------------------------------------------------------------- A row's */

/* What a row's bytes, from 0 to 255, come to; squares are those of their distances from 128. */
struct sums {
    uint32_t values;
    uint32_t squares;
};

/*
 * Adds 1 to MOST_WORDS words. Two bytes less 128 lie in the halves of a word as a + b * 2^16. Its
 * product with b + a * 2^16 is a * b + (a^2 + b^2) * 2^16, modulo 2^32: with 2^15, which makes up
 * for a negative a * b, the upper half is the sum of the squares.
 */
static void add_words(uint32_t in, size_t count, uint32_t flipped, struct sums *to)
{
    const uint32_t behind = in + (uint32_t)count * WORD_BYTES;
    uint32_t even_bytes = EVEN_BYTES, centres = CENTRES, half = 1u << 15, sums = 0;
    uint32_t word = word_at(in), squares = to->squares;
    uint32_t bytes, even, odd, both, left0, right0, upper0, left1, right1, upper1;
    uint32_t square0, square1;

    KEEP(even_bytes);
    KEEP(centres);
    KEEP(half);
    in += WORD_BYTES;
    for (unsigned left = 2; left > 0; left--, in = behind - WORD_BYTES) {
        KEEP(left);
        while (in != behind) {
            XOR(bytes, word, flipped); AND(even, bytes, even_bytes); SLL(right0, even, 16);
                SRL(upper0, even, 16); ADD(right0, right0, upper0); SRL(bytes, bytes, 8);
                AND(odd, bytes, even_bytes); SUB(right0, right0, centres);
                SUB(left0, even, centres); ADD(both, even, odd); SRL(upper1, odd, 16);
                SLL(right1, odd, 16); ADD(sums, sums, both); SUB(left1, odd, centres);
                MUL(square0, left0, right0); ADD(right1, right1, upper1);
                SUB(right1, right1, centres); MUL(square1, left1, right1);
                ADD(square0, square0, half); SRL(square0, square0, 16); LW(word, in, 0);
            ADD(square1, square1, half); ADD(in, in, 4); SRL(square1, square1, 16);
                ADD(squares, squares, square0); ADD(squares, squares, square1);
        }
    }
    to->values += (sums & UINT16_MAX) + (sums >> 16);
    to->squares = squares;
}

/* The greatest integer whose square is at most `value`, below 2^17. */
static uint32_t square_root(uint32_t value)
{
    uint32_t root = 0;

    for (uint32_t bit = 1u << 8; bit > 0; bit >>= 1) {
        uint32_t next = root + bit;
        root += bit & -(uint32_t)(next * next <= value);
    }
    return root;
}

static struct table_norm_row row_of(const struct table_norm *norm, size_t number)
{
    const int32_t count = (int32_t)norm->columns, zero = norm->in_is_unsigned ? 0 : CENTRE;
    const uint32_t flipped = norm->in_is_unsigned ? 0 : SIGNS;
    uint32_t at = (uint32_t)(uintptr_t)norm->in + (uint32_t)(number * norm->columns);
    struct sums sums = {0, 0};

    for (size_t left = norm->columns / WORD_BYTES, some; left > 0; left -= some) {
        some = left < MOST_WORDS ? left : MOST_WORDS;
        add_words(at, some, flipped, &sums);
        at += (uint32_t)some * WORD_BYTES;
    }
    const int32_t values = (int32_t)sums.values - zero * count;
    /* Modulo 2^32: from distances from 128 to those from 0, then from the mean. */
    const uint32_t distance = (uint32_t)(CENTRE - zero);
    uint32_t squares = sums.squares + 2 * distance * (sums.values - CENTRE * (uint32_t)count) +
                       distance * distance * (uint32_t)count;
    const int32_t mean = norm->is_centred ? values / count : 0;
    squares += (uint32_t)mean * ((uint32_t)mean * (uint32_t)count - 2 * (uint32_t)values);
    const uint32_t root = square_root(squares / (uint32_t)count + 1);
    return (struct table_norm_row){
        mean + zero,
        norm->inverses[root].factor,
        norm->inverses[root].log2,
    };
}

void table_norm_rows(const struct table_norm *norm, unsigned worker, unsigned workers)
{
    struct share share = share_of(norm->rows, worker, workers);

    for (size_t i = share.first; i < share.end; i++)
        norm->found[i] = row_of(norm, i);
}

/* -------------------------------------------------------------------------------- Four columns */

/* `count` rows of four columns, from the one in which the element `first` is. */
static void normalise_columns(const struct table_norm *norm, size_t first, size_t count)
{
    const uint32_t step = (uint32_t)norm->columns, shift = norm->shift;
    const struct table_norm_row *found = norm->found + first / norm->columns;
    const int32_t *weights = norm->weight4 + first % norm->columns;
    const int32_t *biases = norm->bias + first % norm->columns;
    const int32_t weight0 = weights[0], weight1 = weights[1];
    const int32_t weight2 = weights[2], weight3 = weights[3];
    const int32_t bias0 = biases[0], bias1 = biases[1], bias2 = biases[2], bias3 = biases[3];
    const uint32_t results = (uint32_t)(uintptr_t)norm->results;
    const uint32_t flipped = norm->in_is_unsigned ? 0 : SIGNS;
    uint32_t in = (uint32_t)(uintptr_t)norm->in + (uint32_t)first;
    uint32_t out = (uint32_t)(uintptr_t)norm->out + (uint32_t)first;
    const uint32_t behind = out + (uint32_t)count * step;
    uint32_t end = behind - step, row = (uint32_t)(uintptr_t)(found + 1);
    uint32_t word = word_at(in), mean = (uint32_t)found->mean;
    uint32_t factor = (uint32_t)found->factor, log2 = (uint32_t)found->log2;
    uint32_t bytes, value0, value1, value2, value3, sign0, sign1, sign2, sign3;
    uint32_t result0, result1, result2, result3;

    /* The last turn loads the last row again, and what is behind it in `found`. */
    for (in += step;; in -= step, end = behind) {
        KEEP(end);
        while (out != end) {
            XOR(bytes, word, flipped); AND(value0, bytes, UINT8_MAX); SRL(value3, bytes, 24);
                SUB(value3, value3, mean); SUB(value0, value0, mean); MUL(value3, value3, weight3);
                SRL(value2, bytes, 16); MUL(value0, value0, weight0); LW(word, in, 0);
            SRL(value1, bytes, 8); AND(value2, value2, UINT8_MAX); MULH(value3, value3, factor);
                AND(value1, value1, UINT8_MAX); SUB(value2, value2, mean);
                SUB(value1, value1, mean); MUL(value2, value2, weight2);
                MUL(value1, value1, weight1); SRL(sign3, value3, 31); MULH(value0, value0, factor);
                SRA(value3, value3, log2); LW(mean, row, 0);
            MULH(value1, value1, factor); ADD(value3, value3, bias3); ADD(value3, value3, sign3);
                SRL(sign0, value0, 31); SRA(value3, value3, shift); MULH(value2, value2, factor);
                ADD(value3, value3, results); SRA(value0, value0, log2); LW(factor, row, 4);
            ADD(value0, value0, bias0); ADD(value0, value0, sign0); LB(result3, value3, 0);
            SRL(sign1, value1, 31); SRL(sign2, value2, 31); SRA(value2, value2, log2);
                ADD(value2, value2, bias2); SRA(value0, value0, shift); SRA(value1, value1, log2);
                ADD(value0, value0, results); ADD(value2, value2, sign2); ADD(in, in, step);
                LB(result0, value0, 0);
            SRA(value2, value2, shift); ADD(value1, value1, bias1); ADD(value2, value2, results);
                LB(result2, value2, 0);
            ADD(value1, value1, sign1); SRA(value1, value1, shift); ADD(value1, value1, results);
                SB(result0, out, 0); LB(result1, value1, 0);
            SB(result3, out, 3); ADD(row, row, 12); SB(result2, out, 2); SB(result1, out, 1);
                LW(log2, row, -4);
            ADD(out, out, step);
        }
        if (out == behind)
            break;
    }
}

void table_norm_columns(const struct table_norm *norm, unsigned worker, unsigned workers)
{
    const struct table_norm local = *norm;
    struct share share = share_of(local.rows * (local.columns / WORD_BYTES), worker, workers);

    while (share.first < share.end) {
        size_t column = share.first / local.rows * WORD_BYTES, row = share.first % local.rows;
        size_t count = local.rows - row;
        count = count < share.end - share.first ? count : share.end - share.first;
        normalise_columns(&local, row * local.columns + column, count);
        share.first += count;
    }
}
