/*
 * The innermost part of a matrix product: a block of 4 x 4 sums, in assembly (gemm_block.S).
 *
 * A block is the product of four rows of the left matrix, which lie interleaved in a panel, and of
 * four columns of the right one. Kernels call it through gemm.h.
 *
 * Two ways to multiply:
 *
 * direct  one `mul` and one `add` for each product.
 * paired  one `mul` for two products. A word of the panel holds two rows, low + high * 2^16, so the
 *         product with a value of the right matrix holds both rows' products side by side. Two of
 *         them and the constant 0x7FFF7FFF always stay within their 16 bits, without a carry from
 *         one half into the other: -2^15 + 2^8 <= each sum <= 2^15. The upper halves are summed
 *         up on their own; the lower ones follow from the sum of the whole words, at the end.
 *         Only for a signed left matrix: products of uint8 are one bit longer.
 */
#ifndef KERNELS_GEMM_BLOCK_H
#define KERNELS_GEMM_BLOCK_H

/* Where gemm_block.S finds what, in bytes. */
#define GEMM_BLOCK_PANEL 0
#define GEMM_BLOCK_RIGHT 4
#define GEMM_BLOCK_STEP 8
#define GEMM_BLOCK_INNER 12
#define GEMM_BLOCK_INITIAL 16
#define GEMM_BLOCK_OUTLET 32
#define GEMM_BLOCK_OUT 36
#define GEMM_BLOCK_SUMS 40

#define GEMM_OUTLET_MULT 0
#define GEMM_OUTLET_BEFORE 4
#define GEMM_OUTLET_SHIFT 8
#define GEMM_OUTLET_LEAST 12
#define GEMM_OUTLET_ROW_STEP 16
#define GEMM_OUTLET_COLUMN_STEP 20

/* Bytes of a panel for each inner index. */
#define GEMM_PANEL_DIRECT 4
#define GEMM_PANEL_PAIRED 8

/* What paired blocks add to each half of a sum of two products, so that it is not negative. */
#define GEMM_PAIRED_EXCESS 0x7fff

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

/* How sums become 8 bits at once: clip((sum * mult + before) >> shift, 0, 255) + least. */
struct gemm_outlet {
    int32_t mult;
    int32_t before;
    int32_t shift;
    int32_t least;
    size_t row_step; /* bytes from one row of the result to the next; the same for columns */
    size_t column_step;
};

struct gemm_block {
    /* Direct: int8 or uint8 [inner][4]. Paired: words [inner, rounded up to even][2], row 0 +
       row 1 * 2^16 and row 2 + row 3 * 2^16, zeros behind the last. */
    const void *panel;
    /* By rows: four neighbours in a row, and the next row is `step` bytes further on. By columns:
       each column has its values side by side, and the next column is `step` bytes further on. */
    const int8_t *right;
    size_t step;
    size_t inner;
    /* What the sums of each column begin with. In the paired blocks the sums lack EXCESS for every
       two inner indices (the last one may be single): the caller takes it off here. */
    int32_t initial[4];
    /* The result: int8 at `out`, or, if `outlet` is NULL, the sums. */
    const struct gemm_outlet *outlet;
    int8_t *out;
    int32_t sums[4][4]; /* [row][column] */
};

typedef void gemm_block_function(struct gemm_block *block);

/* Left matrix int8 or uint8, right matrix by rows or by columns. None has a data-dependent branch,
   and none reads beyond its operands. */
gemm_block_function gemm_block_int8_rows;
gemm_block_function gemm_block_int8_columns;
gemm_block_function gemm_block_uint8_rows;
gemm_block_function gemm_block_uint8_columns;
gemm_block_function gemm_block_paired_rows;
gemm_block_function gemm_block_paired_columns;

#endif

#endif
