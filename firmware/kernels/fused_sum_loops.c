#include "kernels/fused_sum_loops.h"

#include "kernels/in_order.h"
#include "kernels/words.h"

#define EVEN_BYTES 0x00ff00ffu
#define PLACE 0x7ff /* of a sum, in half a word */
#define TERM_PLACES (UINT8_MAX * 4)
#define RESULTS FUSED_SUM_SUM_BYTES
#define SECOND FUSED_SUM_TERM_BYTES

/* Keeps a value in a register, and what it is from the compiler. */
#define KEEP(value) __asm__("" : "+r"(value))

static inline uint32_t word_at(uint32_t address)
{
    return load_word((const void *)(uintptr_t)address);
}

static inline uint32_t byte_at(uint32_t address)
{
    return (uint32_t)*(const int8_t *)(uintptr_t)address;
}

/*
 * Where `out` is when so many turns are left as a loop loads ahead. These go one by one, and each
 * is sent back to the operands' last words.
 */
static inline uint32_t early_end(const struct fused_sum_loop *loop, uint32_t turns_ahead)
{
    uint32_t count = (uint32_t)loop->count;

    return loop->out + (count > turns_ahead ? count - turns_ahead : 0) * loop->step;
}

static inline uint32_t last_of(const struct fused_sum_loop *loop, unsigned operand)
{
    return loop->in[operand] + ((uint32_t)loop->count - 1) * loop->step;
}

void fused_sum_one(const struct fused_sum_loop *loop)
{
    const uint32_t step = loop->step, tables = loop->tables;
    const uint32_t behind = loop->out + (uint32_t)loop->count * step;
    uint32_t out = loop->out, end = early_end(loop, 1);
    uint32_t in0 = loop->in[0] + step, word0 = word_at(loop->in[0]);
    uint32_t place0, place1, place2, place3, result0, result1, result2, result3;

    for (;;) {
        while (out != end) {
            AND(place0, word0, UINT8_MAX); ADD(place0, place0, tables); SRL(place1, word0, 8);
                SRL(place3, word0, 24); LB(result0, place0, 0);
            ADD(place3, place3, tables); AND(place1, place1, UINT8_MAX); LB(result3, place3, 0);
            ADD(place1, place1, tables); SRL(place2, word0, 16); SB(result0, out, 0);
                LB(result1, place1, 0);
            AND(place2, place2, UINT8_MAX); ADD(place2, place2, tables); LB(result2, place2, 0);
            SB(result1, out, 1); SB(result3, out, 3); LW(word0, in0, 0);
            SB(result2, out, 2); ADD(in0, in0, step); ADD(out, out, step);
        }
        if (out == behind)
            break;
        end = out + step;
        in0 = last_of(loop, 0);
    }
}

/* `even` and `odd` have the sums of two bytes each, in the halves of a word. */
void fused_sum_two(const struct fused_sum_loop *loop)
{
    const uint32_t step = loop->step, tables = loop->tables, flipped = loop->flipped;
    const uint32_t behind = loop->out + (uint32_t)loop->count * step;
    uint32_t out = loop->out, end = early_end(loop, 1);
    uint32_t in0 = loop->in[0] + step, in1 = loop->in[1] + step;
    uint32_t even_bytes = EVEN_BYTES;
    uint32_t word0 = word_at(loop->in[0]), word1 = word_at(loop->in[1]);
    uint32_t bytes0, bytes1, even, odd0, odd1, odd, place0, place1;
    uint32_t result0, result1, result2, result3;

    KEEP(even_bytes);
    for (;;) {
        while (out != end) {
            XOR(bytes0, word0, flipped); XOR(bytes1, word1, flipped); SRL(odd1, bytes1, 8);
                AND(bytes1, bytes1, even_bytes); AND(odd1, odd1, even_bytes);
                AND(even, bytes0, even_bytes); LW(word0, in0, 0);
            SRL(odd0, bytes0, 8); ADD(even, even, bytes1); AND(place0, even, PLACE);
                LW(word1, in1, 0);
            AND(odd0, odd0, even_bytes); ADD(place0, place0, tables); ADD(odd, odd0, odd1);
                LB(result0, place0, 0);
            AND(place1, odd, PLACE); ADD(place1, place1, tables); LB(result1, place1, 0);
            SRL(even, even, 16); ADD(even, even, tables); SB(result0, out, 0); LB(result2, even, 0);
            SRL(odd, odd, 16); ADD(odd, odd, tables); SB(result1, out, 1); LB(result3, odd, 0);
            ADD(in1, in1, step); ADD(in0, in0, step); SB(result2, out, 2); SB(result3, out, 3);
                ADD(out, out, step);
        }
        if (out == behind)
            break;
        end = out + step;
        in0 = last_of(loop, 0);
        in1 = last_of(loop, 1);
    }
}

void fused_sum_three(const struct fused_sum_loop *loop)
{
    const uint32_t step = loop->step, tables = loop->tables, flipped = loop->flipped;
    const uint32_t behind = loop->out + (uint32_t)loop->count * step;
    uint32_t out = loop->out, end = early_end(loop, 1);
    uint32_t in0 = loop->in[0] + step, in1 = loop->in[1] + step, in2 = loop->in[2] + step;
    uint32_t even_bytes = EVEN_BYTES;
    uint32_t word0 = word_at(loop->in[0]), word1 = word_at(loop->in[1]);
    uint32_t word2 = word_at(loop->in[2]);
    uint32_t bytes0, bytes1, bytes2, even, odd0, odd1, odd2, odd, place0, place1;
    uint32_t result0, result1, result2, result3;

    KEEP(even_bytes);
    for (;;) {
        while (out != end) {
            XOR(bytes1, word1, flipped); XOR(bytes0, word0, flipped); SRL(odd1, bytes1, 8);
                XOR(bytes2, word2, flipped); LW(word2, in2, 0);
            SRL(odd2, bytes2, 8); AND(odd1, odd1, even_bytes); SRL(odd0, bytes0, 8);
                AND(odd0, odd0, even_bytes); AND(even, bytes0, even_bytes);
                AND(bytes1, bytes1, even_bytes); ADD(even, even, bytes1);
                AND(bytes2, bytes2, even_bytes); ADD(even, even, bytes2); AND(place0, even, PLACE);
                ADD(place0, place0, tables); LB(result0, place0, 0);
            ADD(odd0, odd0, odd1); AND(odd2, odd2, even_bytes); ADD(odd, odd0, odd2);
                LW(word1, in1, 0);
            AND(place1, odd, PLACE); ADD(place1, place1, tables); ADD(in1, in1, step);
                LB(result1, place1, 0);
            SRL(even, even, 16); ADD(even, even, tables); LB(result2, even, 0);
            SRL(odd, odd, 16); ADD(odd, odd, tables); SB(result1, out, 1); LB(result3, odd, 0);
            SB(result2, out, 2); ADD(in2, in2, step); SB(result0, out, 0); LW(word0, in0, 0);
            ADD(in0, in0, step); SB(result3, out, 3); ADD(out, out, step);
        }
        if (out == behind)
            break;
        end = out + step;
        in0 = last_of(loop, 0);
        in1 = last_of(loop, 1);
        in2 = last_of(loop, 2);
    }
}

void fused_sum_one_normalised(const struct fused_sum_loop *loop)
{
    const uint32_t step = loop->step, tables = loop->tables;
    const uint32_t flipped = loop->flipped, shift = loop->shift;
    const int32_t weight0 = loop->weight[0], weight1 = loop->weight[1];
    const int32_t weight2 = loop->weight[2], weight3 = loop->weight[3];
    const int32_t bias0 = loop->bias[0], bias1 = loop->bias[1];
    const int32_t bias2 = loop->bias[2], bias3 = loop->bias[3];
    const uint32_t behind = loop->out + (uint32_t)loop->count * step;
    uint32_t out = loop->out, end = early_end(loop, 1);
    uint32_t in0 = loop->in[0] + step;
    uint32_t word0 = word_at(loop->in[0]);
    uint32_t bytes0, product0, product1, product2, product3, result0, result1, result2, result3;

    for (;;) {
        while (out != end) {
            XOR(bytes0, word0, flipped); LW(word0, in0, 0);
            SRL(product3, bytes0, 24); SRL(product1, bytes0, 8); MUL(product3, product3, weight3);
                AND(product0, bytes0, UINT8_MAX); SRL(product2, bytes0, 16);
                MUL(product0, product0, weight0); AND(product1, product1, UINT8_MAX);
                AND(product2, product2, UINT8_MAX); MUL(product2, product2, weight2);
                ADD(product3, product3, bias3); SRA(product3, product3, shift);
                ADD(product3, product3, tables); LB(result3, product3, 0);
            ADD(product0, product0, bias0); SRA(product0, product0, shift);
                MUL(product1, product1, weight1); ADD(product2, product2, bias2);
                ADD(product0, product0, tables); LB(result0, product0, 0);
            ADD(product1, product1, bias1); SRA(product2, product2, shift);
                ADD(product2, product2, tables); SB(result3, out, 3); LB(result2, product2, 0);
            SRA(product1, product1, shift); ADD(product1, product1, tables); SB(result0, out, 0);
                LB(result1, product1, 0);
            SB(result2, out, 2); ADD(in0, in0, step); SB(result1, out, 1); ADD(out, out, step);
        }
        if (out == behind)
            break;
        end = out + step;
        in0 = last_of(loop, 0);
    }
}

/* Values of this turn's word are looked up in the turn before. */
void fused_sum_two_normalised(const struct fused_sum_loop *loop)
{
    const uint32_t step = loop->step, tables = loop->tables;
    const uint32_t flipped = loop->flipped, shift = loop->shift;
    const int32_t weight0 = loop->weight[0], weight1 = loop->weight[1];
    const int32_t weight2 = loop->weight[2], weight3 = loop->weight[3];
    const int32_t bias0 = loop->bias[0], bias1 = loop->bias[1];
    const int32_t bias2 = loop->bias[2], bias3 = loop->bias[3];
    const uint32_t behind = loop->out + (uint32_t)loop->count * step;
    uint32_t out = loop->out, end = early_end(loop, 2);
    const struct fused_sum_loop *volatile outside = loop; /* of registers, which are all taken */
    uint32_t in0 = loop->in[0] + step + step, in1 = loop->in[1] + step + step;
    uint32_t even_bytes = EVEN_BYTES;
    uint32_t word0 = word_at(loop->in[0]) ^ flipped, word1 = word_at(loop->in[1]) ^ flipped;
    uint32_t bytes0, bytes1, odd0, odd1, place0, place1;
    uint32_t even = (word0 & EVEN_BYTES) + (word1 & EVEN_BYTES);
    uint32_t odd = (word0 >> 8 & EVEN_BYTES) + (word1 >> 8 & EVEN_BYTES);
    uint32_t value0 = byte_at(tables + (even & PLACE)), value1 = byte_at(tables + (odd & PLACE));
    uint32_t value2 = byte_at(tables + (even >> 16)), value3, place3 = tables + (odd >> 16);
    uint32_t product0, product1, product2, product3, result0, result1, result2, result3;

    word0 = word_at(loop->count > 1 ? loop->in[0] + step : loop->in[0]);
    word1 = word_at(loop->count > 1 ? loop->in[1] + step : loop->in[1]);
    KEEP(even_bytes);
    for (;;) {
        while (out != end) {
            LB(value3, place3, 0);
            XOR(bytes0, word0, flipped); XOR(bytes1, word1, flipped);
                MUL(product0, value0, weight0); LW(word0, in0, 0);
            AND(even, bytes0, even_bytes); SRL(odd0, bytes0, 8); MUL(product1, value1, weight1);
                LW(word1, in1, 0);
            SRL(odd1, bytes1, 8); AND(odd0, odd0, even_bytes); AND(bytes1, bytes1, even_bytes);
                ADD(even, even, bytes1); AND(place0, even, PLACE); MUL(product2, value2, weight2);
                ADD(product0, product0, bias0); SRA(product0, product0, shift);
                ADD(place0, place0, tables); LB(value0, place0, 0);
            ADD(product1, product1, bias1); SRA(product1, product1, shift);
                AND(odd1, odd1, even_bytes); ADD(product1, product1, tables);
                MUL(product3, value3, weight3); LB(result1, product1, RESULTS);
            ADD(product2, product2, bias2); ADD(product0, product0, tables);
                LB(result0, product0, RESULTS);
            ADD(product3, product3, bias3); SRA(product3, product3, shift); SB(result1, out, 1);
                ADD(product3, product3, tables); SRL(even, even, 16);
                SRA(product2, product2, shift); LB(result3, product3, RESULTS);
            ADD(odd, odd0, odd1); ADD(product2, product2, tables); SB(result0, out, 0);
                LB(result2, product2, RESULTS);
            AND(place1, odd, PLACE); ADD(place1, place1, tables); ADD(in0, in0, step);
                SB(result3, out, 3); LB(value1, place1, 0);
            SRL(place3, odd, 16); ADD(even, even, tables); SB(result2, out, 2); ADD(out, out, step);
                LB(value2, even, 0);
            ADD(place3, place3, tables); ADD(in1, in1, step);
        }
        if (out == behind)
            break;
        end = out + step;
        in0 = last_of(outside, 0);
        in1 = last_of(outside, 1);
    }
}

static inline uint32_t terms_of(uint32_t tables, uint32_t left, uint32_t right, unsigned byte)
{
    uint32_t place0 = (left >> 8 * byte & UINT8_MAX) * sizeof(int32_t);
    uint32_t place1 = (right >> 8 * byte & UINT8_MAX) * sizeof(int32_t);

    return word_at(tables + place0) + word_at(tables + SECOND + place1);
}

/* Sums of this turn's word are made in the turn before. */
void fused_sum_two_terms(const struct fused_sum_loop *loop)
{
    const uint32_t step = loop->step, tables = loop->tables, shift = loop->shift;
    const uint32_t results = tables + 2 * FUSED_SUM_TERM_BYTES;
    const uint32_t behind = loop->out + (uint32_t)loop->count * step;
    uint32_t out = loop->out, end = early_end(loop, 2);
    uint32_t in0 = loop->in[0] + step, in1 = loop->in[1] + step;
    uint32_t word0 = word_at(loop->in[0]), word1 = word_at(loop->in[1]);
    uint32_t sum0 = terms_of(tables, word0, word1, 0), sum1 = terms_of(tables, word0, word1, 1);
    uint32_t sum2 = terms_of(tables, word0, word1, 2), sum3 = terms_of(tables, word0, word1, 3);
    uint32_t left0, left1, left2, left3, right0, right1, right2, right3;
    uint32_t term0, term1, term2, term3, place0, place1, place2, place3;
    uint32_t result0, result1, result2, result3;

    word0 = word_at(loop->count > 1 ? in0 : loop->in[0]);
    word1 = word_at(loop->count > 1 ? in1 : loop->in[1]);
    for (;;) {
        while (out != end) {
            SRA(place2, sum2, shift); SRL(left1, word0, 6); SRL(left2, word0, 14);
                ADD(place2, place2, results); SRL(right2, word1, 14); SRA(place3, sum3, shift);
                SRL(left3, word0, 22); LB(result2, place2, 0);
            ADD(in0, in0, step); SRA(place0, sum0, shift); AND(left3, left3, TERM_PLACES);
                SLL(left0, word0, 2); LW(word0, in0, 0);
            SRL(right3, word1, 22); ADD(left3, left3, tables); SB(result2, out, 2);
                LW(sum3, left3, 0);
            AND(right2, right2, TERM_PLACES); ADD(place3, place3, results); LB(result3, place3, 0);
            ADD(place0, place0, results); ADD(right2, right2, tables); LB(result0, place0, 0);
            SRA(place1, sum1, shift); SLL(right0, word1, 2); LW(term2, right2, SECOND);
            AND(left2, left2, TERM_PLACES); AND(left1, left1, TERM_PLACES); SB(result3, out, 3);
                ADD(place1, place1, results); LB(result1, place1, 0);
            ADD(left2, left2, tables); AND(right3, right3, TERM_PLACES); SB(result0, out, 0);
                LW(sum2, left2, 0);
            ADD(right3, right3, tables); AND(left0, left0, TERM_PLACES); LW(term3, right3, SECOND);
            ADD(in1, in1, step); SRL(right1, word1, 6); LW(word1, in1, 0);
            AND(right0, right0, TERM_PLACES); ADD(left0, left0, tables); SB(result1, out, 1);
                LW(sum0, left0, 0);
            AND(right1, right1, TERM_PLACES); ADD(right0, right0, tables);
                LW(term0, right0, SECOND);
            ADD(sum3, sum3, term3); ADD(right1, right1, tables); LW(term1, right1, SECOND);
            ADD(sum2, sum2, term2); ADD(left1, left1, tables); LW(sum1, left1, 0);
            ADD(sum0, sum0, term0); ADD(out, out, step); ADD(sum1, sum1, term1);
        }
        if (out == behind)
            break;
        end = out + step;
        in0 = last_of(loop, 0) - step;
        in1 = last_of(loop, 1) - step;
    }
}
