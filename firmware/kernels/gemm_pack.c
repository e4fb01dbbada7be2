#include "kernels/gemm_pack.h"

#include <stdbool.h>

#include "kernels/gemm_block.h"

#define EDGE 4
#define AT_ONCE 4 /* inner indices */

static inline void advance(struct gemm_rows *at, size_t count)
{
    at->row0 += count, at->row1 += count, at->row2 += count, at->row3 += count;
}

static inline void pack_direct_index(uint8_t *panel, const struct gemm_rows *at, size_t i)
{
    uint8_t value0 = at->row0[i], value1 = at->row1[i], value2 = at->row2[i], value3 = at->row3[i];

    panel[0] = value0, panel[1] = value1, panel[2] = value2, panel[3] = value3;
}

/* Signed, or unsigned and taken less 128. */
static inline void pack_paired_index(int32_t *panel, const struct gemm_rows *at, size_t i,
                                     bool is_offset)
{
    int32_t value0 = (int8_t)at->row0[i], value1 = (int8_t)at->row1[i];
    int32_t value2 = (int8_t)at->row2[i], value3 = (int8_t)at->row3[i];
    int32_t offset = 0;

    if (is_offset) {
        value0 = at->row0[i], value1 = at->row1[i], value2 = at->row2[i], value3 = at->row3[i];
        offset = GEMM_UNSIGNED_OFFSET * GEMM_PAIR + GEMM_UNSIGNED_OFFSET;
    }
    panel[0] = value0 + value1 * GEMM_PAIR - offset;
    panel[1] = value2 + value3 * GEMM_PAIR - offset;
}

void gemm_pack_direct(uint8_t *panel, struct gemm_rows at, size_t inner)
{
    for (; inner >= AT_ONCE; inner -= AT_ONCE, advance(&at, AT_ONCE), panel += AT_ONCE * EDGE)
#pragma GCC unroll 4
        for (size_t i = 0; i < AT_ONCE; i++)
            pack_direct_index(panel + i * EDGE, &at, i);
    for (size_t i = 0; i < inner; i++)
        pack_direct_index(panel + i * EDGE, &at, i);
}

static inline __attribute__((always_inline)) void pack_paired(int32_t *panel, struct gemm_rows at,
                                                              size_t inner, bool is_offset)
{
    for (; inner >= AT_ONCE; inner -= AT_ONCE, advance(&at, AT_ONCE), panel += AT_ONCE * 2)
#pragma GCC unroll 4
        for (size_t i = 0; i < AT_ONCE; i++)
            pack_paired_index(panel + i * 2, &at, i, is_offset);
    for (size_t i = 0; i < inner; i++)
        pack_paired_index(panel + i * 2, &at, i, is_offset);
    if (inner & 1)
        panel[inner * 2] = 0, panel[inner * 2 + 1] = 0;
}

void gemm_pack_paired(int32_t *panel, struct gemm_rows at, size_t inner)
{
    pack_paired(panel, at, inner, false);
}

void gemm_pack_paired_offset(int32_t *panel, struct gemm_rows at, size_t inner)
{
    pack_paired(panel, at, inner, true);
}
