/* What these functions compute is in stripe_norm_rows.h. */
#include "deploy/stripe_norm_rows.h"

#define PIECE 64

        .text

/* ------------------------------------------------------------------------------------- sums */

/* What the table has for a byte of t0: its load is under way at the end. */
.macro entry to, shift, right
        .if     \right
        srli    \to, t0, \shift
        .else
        slli    \to, t0, \shift
        .endif
        andi    \to, \to, 0x3fc
        add     \to, \to, a4
        lw      \to, 0(\to)
.endm

/*
 * a0 the structure; a1 pieces; a2 columns left; a3 at; a4 table; a5 sum of squares; a6 mask of
 * squares; a7 sum of entries; t0 word; t1..t4 entries; t5 end of 16 columns; s0 end of the piece;
 * s1 sum of values
 */
        .globl  stripe_sums
        .type   stripe_sums, @function
        .balign 32
stripe_sums:
        addi    sp, sp, -16
        sw      s0, 0(sp)
        sw      s1, 4(sp)
        lw      a1, STRIPE_SUMS_PIECES(a0)
        lw      a2, STRIPE_SUMS_COLUMNS(a0)
        lw      a4, STRIPE_SUMS_TABLE(a0)
        li      a6, (1 << STRIPE_TABLE_VALUE) - 1
        li      a5, 0
        li      s1, 0
1:      /* a piece */
        lw      a3, 0(a1)
        lw      t0, STRIPE_SUMS_OFFSET(a0)
        addi    a1, a1, 4
        li      s0, PIECE
        add     a3, a3, t0
        bgeu    a2, s0, 2f
        mv      s0, a2
2:      sub     a2, a2, s0
        add     s0, s0, a3
3:      /* 16 columns, for which the sum of entries has room */
        addi    t5, a3, 16
        li      a7, 0
        li      t4, 0
        bgeu    s0, t5, 4f
        mv      t5, s0
4:      /* a word; t4 is the last entry of the word before */
        lw      t0, 0(a3)
        addi    a3, a3, 4
        add     a7, a7, t4
        entry   t1, 2, 0
        entry   t2, 6, 1
        add     a7, a7, t1
        entry   t3, 14, 1
        add     a7, a7, t2
        entry   t4, 22, 1
        add     a7, a7, t3
        bltu    a3, t5, 4b
        add     a7, a7, t4
        and     t1, a7, a6
        srli    t2, a7, STRIPE_TABLE_VALUE
        add     a5, a5, t1
        add     s1, s1, t2
        bltu    a3, s0, 3b
        bnez    a2, 1b
        sw      s1, STRIPE_SUMS_VALUES(a0)
        sw      a5, STRIPE_SUMS_SQUARES(a0)
        lw      s0, 0(sp)
        lw      s1, 4(sp)
        addi    sp, sp, 16
        ret
        .size   stripe_sums, . - stripe_sums

/* ------------------------------------------------------------------------------------ normalise */

/* Registers: what stays. */
#define at0     a0
#define at1     a1
#define end0    a2
#define weights a3
#define biases  a4
#define divisor a5
#define most    a6
#define mean0   a7
#define mean1   t0
#define factor0 t1
#define factor1 t2
#define shift0  t3
#define shift1  t4
/* Four values of each row, a weight, a bias. */
#define word0   t5
#define word1   t6
#define weight  s0
#define bias    s1
/* Three columns under way: products of both rows, and signs of two of them. */
#define p0      s2
#define p1      s3
#define q0      s4
#define q1      s5
#define r0      s6
#define r1      s7
#define s0_     s8
#define s1_     s9
#define u0      s10
#define u1      s11
#define check   ra

/* (value - mean) * weight; the next weight is asked for. */
.macro multiply to0, to1, left
        slli    \to0, word0, \left
        slli    \to1, word1, \left
        srai    \to0, \to0, 24
        srai    \to1, \to1, 24
        sub     \to0, \to0, mean0
        sub     \to1, \to1, mean1
        mul     \to0, \to0, weight
        mul     \to1, \to1, weight
.endm

.macro divide of0, of1, sign0, sign1
        srli    \sign0, \of0, 31
        mulh    \of0, \of0, factor0
        srli    \sign1, \of1, 31
        mulh    \of1, \of1, factor1
.endm

.macro finish of0, of1, sign0, sign1, column, label
        sra     \of0, \of0, shift0
        sra     \of1, \of1, shift1
        add     \sign0, \sign0, bias
        add     \sign1, \sign1, bias
        add     \of0, \of0, \sign0
        add     \of1, \of1, \sign1
        sra     \of0, \of0, divisor
        sra     \of1, \of1, divisor
        addi    check, \of0, 128
        bltu    most, check, saturate0_\label
back0_\label:
        addi    check, \of1, 128
        bltu    most, check, saturate1_\label
back1_\label:
        sb      \of0, \column(at0)
        sb      \of1, \column(at1)
.endm

/* What is no int8: the least or the greatest, by its sign. */
.macro saturated label, of0, of1
saturate0_\label:
        srai    \of0, \of0, 31
        xori    \of0, \of0, 127
        j       back0_\label
saturate1_\label:
        srai    \of1, \of1, 31
        xori    \of1, \of1, 127
        j       back1_\label
.endm

#define FRAME 64

        .globl  stripe_normalise
        .type   stripe_normalise, @function
        .balign 32
stripe_normalise:
        addi    sp, sp, -FRAME
        sw      ra, 0(sp)
        sw      s0, 4(sp)
        sw      s1, 8(sp)
        sw      s2, 12(sp)
        sw      s3, 16(sp)
        sw      s4, 20(sp)
        sw      s5, 24(sp)
        sw      s6, 28(sp)
        sw      s7, 32(sp)
        sw      s8, 36(sp)
        sw      s9, 40(sp)
        sw      s10, 44(sp)
        sw      s11, 48(sp)
        sw      a0, 52(sp)
        mv      s0, a0
        lw      weights, STRIPE_PAIR_WEIGHTS(s0)
        lw      biases, STRIPE_PAIR_BIASES(s0)
        lw      divisor, STRIPE_PAIR_DIVISOR(s0)
        lw      mean0, STRIPE_PAIR_MEAN0(s0)
        lw      mean1, STRIPE_PAIR_MEAN1(s0)
        lw      factor0, STRIPE_PAIR_FACTOR0(s0)
        lw      factor1, STRIPE_PAIR_FACTOR1(s0)
        lw      shift0, STRIPE_PAIR_SHIFT0(s0)
        lw      shift1, STRIPE_PAIR_SHIFT1(s0)
        lw      s1, STRIPE_PAIR_PIECES(s0)
        lw      s2, STRIPE_PAIR_COLUMNS(s0)
        li      most, 255
1:      /* a piece; s1 is the pointer to it, s2 the columns left */
        lw      s3, 52(sp)
        lw      at0, 0(s1)
        addi    s1, s1, 4
        lw      s4, STRIPE_PAIR_OFFSET0(s3)
        li      end0, PIECE
        lw      s5, STRIPE_PAIR_OFFSET1(s3)
        bgeu    s2, end0, 2f
        mv      end0, s2
2:      sub     s2, s2, end0
        sw      s1, 56(sp)
        sw      s2, 60(sp)
        add     at1, at0, s5
        add     at0, at0, s4
        add     end0, end0, at0
3:      /* four columns: while one is multiplied, another one is finished */
        lw      word0, 0(at0)
        lw      word1, 0(at1)
        lw      weight, 0(weights)
        multiply p0, p1, 24
        lw      weight, 4(weights)
        divide  p0, p1, s0_, s1_
        multiply q0, q1, 16
        lw      weight, 8(weights)
        divide  q0, q1, u0, u1
        lw      bias, 0(biases)
        multiply r0, r1, 8
        lw      weight, 12(weights)
        finish  p0, p1, s0_, s1_, 0, column0
        lw      bias, 4(biases)
        divide  r0, r1, s0_, s1_
        srai    p0, word0, 24
        srai    p1, word1, 24
        sub     p0, p0, mean0
        sub     p1, p1, mean1
        mul     p0, p0, weight
        mul     p1, p1, weight
        finish  q0, q1, u0, u1, 1, column1
        lw      bias, 8(biases)
        divide  p0, p1, u0, u1
        addi    weights, weights, 16
        addi    biases, biases, 16
        finish  r0, r1, s0_, s1_, 2, column2
        lw      bias, -4(biases)
        addi    at0, at0, 4
        addi    at1, at1, 4
        finish  p0, p1, u0, u1, -1, column3
        bltu    at0, end0, 3b
        lw      s1, 56(sp)
        lw      s2, 60(sp)
        bnez    s2, 1b
        lw      ra, 0(sp)
        lw      s0, 4(sp)
        lw      s1, 8(sp)
        lw      s2, 12(sp)
        lw      s3, 16(sp)
        lw      s4, 20(sp)
        lw      s5, 24(sp)
        lw      s6, 28(sp)
        lw      s7, 32(sp)
        lw      s8, 36(sp)
        lw      s9, 40(sp)
        lw      s10, 44(sp)
        lw      s11, 48(sp)
        addi    sp, sp, FRAME
        ret

        saturated column0, p0, p1
        saturated column1, q0, q1
        saturated column2, r0, r1
        saturated column3, p0, p1
        .size   stripe_normalise, . - stripe_normalise
