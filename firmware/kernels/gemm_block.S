/*
 * Blocks of 4 x 4 sums; gemm_block.h says what they compute.
 *
 * In assembly because all 28 registers that a function may use are taken: 16 sums, 4 values of the
 * left matrix, 1 or 2 of the right one, products, pointers. Bytes are loaded one by one: to split a
 * loaded word into sign-extended bytes takes seven instructions for four of them, so with the load
 * twice as many as four loads of bytes.
 *
 * No instruction uses a loaded value right after its load.
 */
#include "kernels/gemm_block.h"

/* The sums, by row and column. */
#define S00 s0
#define S01 s1
#define S02 s2
#define S03 s3
#define S10 s4
#define S11 s5
#define S12 s6
#define S13 s7
#define S20 s8
#define S21 s9
#define S22 s10
#define S23 s11
#define S30 a4
#define S31 a5
#define S32 a6
#define S33 a7

#define PANEL a0

#define FRAME 64
#define FRAME_RA 48
#define FRAME_BLOCK 52
#define FRAME_END 56
    .equ FRAME_TWO_STEPS, 60 /* no macro: used in arguments that are strings */

/* Inner indices in one turn of the loop. */
#define DIRECT_UNROLL 8
#define PAIRED_UNROLL 8

    .text

.macro enter name
    .section .text.\name, "ax", @progbits
    .balign 4
    .globl \name
    .type \name, @function
\name:
    .cfi_startproc
    addi sp, sp, -FRAME
    .cfi_def_cfa_offset FRAME
    sw s0, 0(sp)
    sw s1, 4(sp)
    sw s2, 8(sp)
    sw s3, 12(sp)
    sw s4, 16(sp)
    sw s5, 20(sp)
    sw s6, 24(sp)
    sw s7, 28(sp)
    sw s8, 32(sp)
    sw s9, 36(sp)
    sw s10, 40(sp)
    sw s11, 44(sp)
    sw ra, FRAME_RA(sp)
    sw a0, FRAME_BLOCK(sp)
    .cfi_offset ra, FRAME_RA - FRAME
.endm

.macro leave name
    j leave_block
    .cfi_endproc
    .size \name, . - \name
.endm

/* ------------------------------------------------------------------------ the end of all blocks */

/* mult, before, shift, least: t0 to t3. t4: 255. The column's step: t6. a2: where it goes. */
.macro finish_output sum
    srai a3, \sum, 31              /* not below 0 */
    and a3, a3, \sum
    sub \sum, \sum, a3
    sub ra, t4, \sum               /* ones, so 255, for what is above 255 */
    srai ra, ra, 31
    or \sum, \sum, ra
    add \sum, \sum, t3
    sb \sum, 0(a2)
.endm

.macro finish_row sum0, sum1, sum2, sum3
    mul \sum0, \sum0, t0
    mul \sum1, \sum1, t0
    mul \sum2, \sum2, t0
    mul \sum3, \sum3, t0
    add \sum0, \sum0, t1
    add \sum1, \sum1, t1
    add \sum2, \sum2, t1
    add \sum3, \sum3, t1
    sra \sum0, \sum0, t2
    sra \sum1, \sum1, t2
    sra \sum2, \sum2, t2
    sra \sum3, \sum3, t2
    finish_output \sum0
    add a2, a2, t6
    finish_output \sum1
    add a2, a2, t6
    finish_output \sum2
    add a2, a2, t6
    finish_output \sum3
.endm

    .section .text.gemm_block, "ax", @progbits
    .balign 4
    .type leave_block, @function
leave_block:
    .cfi_startproc
    .cfi_def_cfa_offset FRAME
    .cfi_offset ra, FRAME_RA - FRAME
    lw a3, FRAME_BLOCK(sp)
    lw ra, GEMM_BLOCK_OUTLET(a3)
    lw a1, GEMM_BLOCK_OUT(a3)
    beqz ra, 1f
    lw t0, GEMM_OUTLET_MULT(ra)
    lw t1, GEMM_OUTLET_BEFORE(ra)
    lw t2, GEMM_OUTLET_SHIFT(ra)
    lw t3, GEMM_OUTLET_LEAST(ra)
    li t4, 255
    lw t6, GEMM_OUTLET_COLUMN_STEP(ra)
    lw a0, GEMM_OUTLET_ROW_STEP(ra)
    mv a2, a1
    finish_row S00, S01, S02, S03
    add a1, a1, a0
    mv a2, a1
    finish_row S10, S11, S12, S13
    add a1, a1, a0
    mv a2, a1
    finish_row S20, S21, S22, S23
    add a2, a1, a0
    finish_row S30, S31, S32, S33
    j 2f
1:
    sw S00, GEMM_BLOCK_SUMS(a3)
    sw S01, GEMM_BLOCK_SUMS + 4(a3)
    sw S02, GEMM_BLOCK_SUMS + 8(a3)
    sw S03, GEMM_BLOCK_SUMS + 12(a3)
    sw S10, GEMM_BLOCK_SUMS + 16(a3)
    sw S11, GEMM_BLOCK_SUMS + 20(a3)
    sw S12, GEMM_BLOCK_SUMS + 24(a3)
    sw S13, GEMM_BLOCK_SUMS + 28(a3)
    sw S20, GEMM_BLOCK_SUMS + 32(a3)
    sw S21, GEMM_BLOCK_SUMS + 36(a3)
    sw S22, GEMM_BLOCK_SUMS + 40(a3)
    sw S23, GEMM_BLOCK_SUMS + 44(a3)
    sw S30, GEMM_BLOCK_SUMS + 48(a3)
    sw S31, GEMM_BLOCK_SUMS + 52(a3)
    sw S32, GEMM_BLOCK_SUMS + 56(a3)
    sw S33, GEMM_BLOCK_SUMS + 60(a3)
2:
    lw ra, FRAME_RA(sp)
    lw s0, 0(sp)
    lw s1, 4(sp)
    lw s2, 8(sp)
    lw s3, 12(sp)
    lw s4, 16(sp)
    lw s5, 20(sp)
    lw s6, 24(sp)
    lw s7, 28(sp)
    lw s8, 32(sp)
    lw s9, 36(sp)
    lw s10, 40(sp)
    lw s11, 44(sp)
    addi sp, sp, FRAME
    .cfi_def_cfa_offset 0
    ret
    .cfi_endproc
    .size leave_block, . - leave_block

/* ------------------------------------------------------------------------------------- direct */

/* The four initial sums for all four rows. */
.macro begin_direct
    lw S00, GEMM_BLOCK_INITIAL(a0)
    lw S01, GEMM_BLOCK_INITIAL + 4(a0)
    lw S02, GEMM_BLOCK_INITIAL + 8(a0)
    lw S03, GEMM_BLOCK_INITIAL + 12(a0)
    mv S10, S00
    mv S20, S00
    mv S30, S00
    mv S11, S01
    mv S21, S01
    mv S31, S01
    mv S12, S02
    mv S22, S02
    mv S32, S02
    mv S13, S03
    mv S23, S03
    mv S33, S03
.endm

/* Four values of the left matrix; the first of the right one is loaded before. */
.macro load_left load, at
    \load t0, 4 * (\at)(PANEL)
    \load t1, 4 * (\at) + 1(PANEL)
    \load t2, 4 * (\at) + 2(PANEL)
    \load t3, 4 * (\at) + 3(PANEL)
.endm

/* Products of the left values with `value`, two at a time; the load of what comes next, if any. */
.macro column_wide value, sum0, sum1, sum2, sum3, next, from:vararg
    mul t6, t0, \value
    mul ra, t1, \value
    .ifnb \next
    lb \next, \from
    .endif
    add \sum0, \sum0, t6
    add \sum1, \sum1, ra
    mul t6, t2, \value
    mul ra, t3, \value
    add \sum2, \sum2, t6
    add \sum3, \sum3, ra
.endm

/* The same with one register less: `other` takes the products until it is loaded. */
.macro column_tight value, other, sum0, sum1, sum2, sum3, from:vararg
    mul \other, t0, \value
    add \sum0, \sum0, \other
    mul \other, t1, \value
    add \sum1, \sum1, \other
    mul \other, t2, \value
    add \sum2, \sum2, \other
    .ifnb \from
    lb \other, \from
    .endif
    mul \value, t3, \value
    add \sum3, \sum3, \value
.endm

/* One inner index. a1: the row of the right matrix; a2: the step to the next. */
.macro rows_index load, at
    lb t4, 0(a1)
    load_left \load, \at
    column_wide t4, S00, S10, S20, S30, t5, 1(a1)
    column_wide t5, S01, S11, S21, S31, t4, 2(a1)
    column_wide t4, S02, S12, S22, S32, t5, 3(a1)
    add a1, a1, a2
    column_wide t5, S03, S13, S23, S33
.endm

/* One inner index. a1, a2, a3, ra: the columns of the right matrix. */
.macro columns_index load, at
    lb t4, \at(a1)
    load_left \load, \at
    column_tight t4, t5, S00, S10, S20, S30, \at(a2)
    column_tight t5, t4, S01, S11, S21, S31, \at(a3)
    column_tight t4, t5, S02, S12, S22, S32, \at(ra)
    column_tight t5, t4, S03, S13, S23, S33
.endm

/*
 * end: the register for the end of the panel. What an index needs beside `load` is in registers
 * that the loops leave alone.
 */
.macro direct_loops index, load, end
    andi t4, t0, -DIRECT_UNROLL
    slli t4, t4, 2
    add \end, PANEL, t4
    beq PANEL, \end, 2f
    .balign 4
1:
    .set at, 0
    .rept DIRECT_UNROLL
    \index \load, at
    .set at, at + 1
    .endr
    \index\()_advance DIRECT_UNROLL
    bne PANEL, \end, 1b
2:
    lw t4, FRAME_BLOCK(sp)
    lw \end, GEMM_BLOCK_INNER(t4)
    andi \end, \end, DIRECT_UNROLL - 1
    slli \end, \end, 2
    add \end, \end, PANEL
    beq PANEL, \end, 4f
    .balign 4
3:
    \index \load, 0
    \index\()_advance 1
    bne PANEL, \end, 3b
4:
.endm

.macro rows_index_advance count
    addi PANEL, PANEL, 4 * \count
.endm

.macro columns_index_advance count
    addi PANEL, PANEL, 4 * \count
    addi a1, a1, \count
    addi a2, a2, \count
    addi a3, a3, \count
    addi ra, ra, \count
.endm

.macro direct_rows name, load
    enter \name
    begin_direct
    lw t0, GEMM_BLOCK_INNER(a0)
    lw a1, GEMM_BLOCK_RIGHT(a0)
    lw a2, GEMM_BLOCK_STEP(a0)
    lw PANEL, GEMM_BLOCK_PANEL(a0)
    direct_loops rows_index, \load, a3
    leave \name
.endm

.macro direct_columns name, load
    enter \name
    begin_direct
    lw t0, GEMM_BLOCK_INNER(a0)
    lw a1, GEMM_BLOCK_RIGHT(a0)
    lw t1, GEMM_BLOCK_STEP(a0)
    add a2, a1, t1
    add a3, a2, t1
    add ra, a3, t1
    lw PANEL, GEMM_BLOCK_PANEL(a0)
    direct_loops columns_index, \load, t6
    leave \name
.endm

    direct_rows gemm_block_int8_rows, lb
    direct_rows gemm_block_uint8_rows, lbu
    direct_columns gemm_block_int8_columns, lb
    direct_columns gemm_block_uint8_columns, lbu

/* ------------------------------------------------------------------------------------- paired */

/*
 * Sums of rows 0 and 2 are those of whole words, of rows 1 and 3 those of the upper halves. A sum
 * of words that begins with h + h * 2^16 gives, less 2^16 times one of halves that begins with h, a
 * sum of lower halves that begins with h.
 */
#define EXCESS a3

.macro begin_paired
    lw S10, GEMM_BLOCK_INITIAL(a0)
    lw S11, GEMM_BLOCK_INITIAL + 4(a0)
    lw S12, GEMM_BLOCK_INITIAL + 8(a0)
    lw S13, GEMM_BLOCK_INITIAL + 12(a0)
    mv S30, S10
    mv S31, S11
    mv S32, S12
    mv S33, S13
    slli S00, S10, 16
    slli S01, S11, 16
    slli S02, S12, 16
    slli S03, S13, 16
    add S00, S00, S10
    add S01, S01, S11
    add S02, S02, S12
    add S03, S03, S13
    mv S20, S00
    mv S21, S01
    mv S22, S02
    mv S23, S03
    li EXCESS, GEMM_PAIRED_EXCESS * 0x10001
.endm

.macro split words, halves
    slli t0, \halves, 16
    sub \words, \words, t0
.endm

.macro end_paired
    split S00, S10
    split S01, S11
    split S02, S12
    split S03, S13
    split S20, S30
    split S21, S31
    split S22, S32
    split S23, S33
.endm

/*
 * Two inner indices, one column. t0, t1: rows 0|1 and 2|3 of the first, t2, t3: of the second; t4,
 * t5: the column's two values. Then what is to happen when t4, ra and t5 are free.
 */
.macro products sum0, sum1, sum2, sum3, free_t4, free_ra, free_t5
    mul t6, t0, t4
    mul t4, t1, t4
    mul ra, t2, t5
    mul t5, t3, t5
    add t6, t6, EXCESS
    add t4, t4, EXCESS
    add t6, t6, ra
    add t4, t4, t5
    add \sum0, \sum0, t6
    srli ra, t6, 16
    add \sum2, \sum2, t4
    srli t5, t4, 16
    \free_t4
    add \sum1, \sum1, ra
    \free_ra
    add \sum3, \sum3, t5
    \free_t5
.endm

/* The last inner index if their number is odd, one column. */
.macro single_products sum0, sum1, sum2, sum3
    mul t6, t0, t4
    mul t4, t1, t4
    add t6, t6, EXCESS
    add t4, t4, EXCESS
    add \sum0, \sum0, t6
    srli ra, t6, 16
    add \sum2, \sum2, t4
    srli t5, t4, 16
    add \sum1, \sum1, ra
    add \sum3, \sum3, t5
.endm

.macro load_words pair
    lw t0, 16 * (\pair)(PANEL)
    lw t1, 16 * (\pair) + 4(PANEL)
    lw t2, 16 * (\pair) + 8(PANEL)
    lw t3, 16 * (\pair) + 12(PANEL)
.endm

/* Two inner indices. a1, a2: their two rows of the right matrix. */
.macro rows_pair pair
    lb t4, 0(a1)
    lb t5, 0(a2)
    load_words \pair
    products S00, S10, S20, S30, "lb t4, 1(a1)", , "lb t5, 1(a2)"
    products S01, S11, S21, S31, "lb t4, 2(a1)", , "lb t5, 2(a2)"
    products S02, S12, S22, S32, "lb t4, 3(a1)", , "lb t5, 3(a2)"
    products S03, S13, S23, S33, , "lw ra, FRAME_TWO_STEPS(sp)"
    add a1, a1, ra
    add a2, a2, ra
.endm

.macro rows_pair_odd
    lb t4, 0(a1)
    lw t0, 0(PANEL)
    lw t1, 4(PANEL)
    single_products S00, S10, S20, S30
    lb t4, 1(a1)
    single_products S01, S11, S21, S31
    lb t4, 2(a1)
    single_products S02, S12, S22, S32
    lb t4, 3(a1)
    single_products S03, S13, S23, S33
.endm

.macro rows_pair_advance pairs
    addi PANEL, PANEL, 16 * \pairs
.endm

/*
 * Two inner indices. a1: the first column, at the first of the two, and the last one after pairs of
 * even number, which go through the columns forwards; those of odd number go back. a2: the step.
 */
.macro columns_pair pair
    lb t4, 2 * (\pair)(a1)
    lb t5, 2 * (\pair) + 1(a1)
    load_words \pair
    .if (\pair) & 1
    columns_walk sub, \pair, S03, S13, S23, S33, S02, S12, S22, S32, S01, S11, S21, S31, \
        S00, S10, S20, S30
    .else
    columns_walk add, \pair, S00, S10, S20, S30, S01, S11, S21, S31, S02, S12, S22, S32, \
        S03, S13, S23, S33
    .endif
.endm

.macro columns_walk walk, pair, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p
    \walk a1, a1, a2
    products \a, \b, \c, \d, "lb t4, 2 * (\pair)(a1)", , "lb t5, 2 * (\pair) + 1(a1)"
    \walk a1, a1, a2
    products \e, \f, \g, \h, "lb t4, 2 * (\pair)(a1)", , "lb t5, 2 * (\pair) + 1(a1)"
    \walk a1, a1, a2
    products \i, \j, \k, \l, "lb t4, 2 * (\pair)(a1)", , "lb t5, 2 * (\pair) + 1(a1)"
    products \m, \n, \o, \p
.endm

/* One pair, and back to the first column. */
.macro columns_pair_alone
    columns_pair 0
    sub a1, a1, a2
    sub a1, a1, a2
    sub a1, a1, a2
.endm

.macro columns_pair_odd
    lb t4, 0(a1)
    lw t0, 0(PANEL)
    lw t1, 4(PANEL)
    add a1, a1, a2
    single_products S00, S10, S20, S30
    lb t4, 0(a1)
    add a1, a1, a2
    single_products S01, S11, S21, S31
    lb t4, 0(a1)
    add a1, a1, a2
    single_products S02, S12, S22, S32
    lb t4, 0(a1)
    nop
    single_products S03, S13, S23, S33
.endm

.macro columns_pair_advance pairs
    addi PANEL, PANEL, 16 * \pairs
    addi a1, a1, 2 * \pairs
.endm

.macro rows_pair_alone
    rows_pair 0
.endm

/* The end of the panel is in memory: no register is left for it. */
.macro paired_loops pair
    andi t4, t0, -PAIRED_UNROLL
    slli t4, t4, 3
    add t4, t4, PANEL
    sw t4, FRAME_END(sp)
    beq PANEL, t4, 2f
    .balign 4
1:
    .set at, 0
    .rept PAIRED_UNROLL / 2
    \pair at
    .set at, at + 1
    .endr
    lw ra, FRAME_END(sp)
    \pair\()_advance PAIRED_UNROLL / 2
    bne PANEL, ra, 1b
2:
    lw t4, FRAME_BLOCK(sp)
    lw t4, GEMM_BLOCK_INNER(t4)
    andi t4, t4, (PAIRED_UNROLL - 1) & -2
    slli t4, t4, 3
    add t4, t4, PANEL
    sw t4, FRAME_END(sp)
    beq PANEL, t4, 4f
    .balign 4
3:
    \pair\()_alone
    lw ra, FRAME_END(sp)
    \pair\()_advance 1
    bne PANEL, ra, 3b
4:
    lw t4, FRAME_BLOCK(sp)
    lw t4, GEMM_BLOCK_INNER(t4)
    andi t4, t4, 1
    beqz t4, 5f
    \pair\()_odd
5:
.endm

    enter gemm_block_paired_rows
    begin_paired
    lw t0, GEMM_BLOCK_INNER(a0)
    lw a1, GEMM_BLOCK_RIGHT(a0)
    lw t1, GEMM_BLOCK_STEP(a0)
    lw PANEL, GEMM_BLOCK_PANEL(a0)
    add a2, a1, t1
    slli t1, t1, 1
    sw t1, FRAME_TWO_STEPS(sp)
    paired_loops rows_pair
    end_paired
    leave gemm_block_paired_rows

    enter gemm_block_paired_columns
    begin_paired
    lw t0, GEMM_BLOCK_INNER(a0)
    lw a1, GEMM_BLOCK_RIGHT(a0)
    lw a2, GEMM_BLOCK_STEP(a0)
    lw PANEL, GEMM_BLOCK_PANEL(a0)
    paired_loops columns_pair
    end_paired
    leave gemm_block_paired_columns
