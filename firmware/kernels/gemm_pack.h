/*
 * Four rows of a matrix, interleaved as gemm_block.h asks for.
 */
#ifndef KERNELS_GEMM_PACK_H
#define KERNELS_GEMM_PACK_H

#include <stddef.h>
#include <stdint.h>

/* Of a word of a paired panel: the second row's place; what is taken off values of uint8. */
#define GEMM_PAIR (1 << 16)
#define GEMM_UNSIGNED_OFFSET 128

/* The rows' next values, int8 or uint8. */
struct gemm_rows {
    const uint8_t *row0;
    const uint8_t *row1;
    const uint8_t *row2;
    const uint8_t *row3;
};

/* Into [inner][4] bytes. */
void gemm_pack_direct(uint8_t *panel, struct gemm_rows rows, size_t inner);

/* Into words [inner, rounded up to even][2]: values of int8; those of uint8, less 128 each. */
void gemm_pack_paired(int32_t *panel, struct gemm_rows rows, size_t inner);
void gemm_pack_paired_offset(int32_t *panel, struct gemm_rows rows, size_t inner);

#endif
