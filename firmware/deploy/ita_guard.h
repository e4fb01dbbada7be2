/*
 * Attention whose sequence is no multiple of 64, made exact.
 *
 * The accelerator pads keys to whole tiles. A bias makes their logits -128, the least there is, so
 * they weigh nothing beside a logit above -120 (ita.md 5.3). A row whose logits are all that small
 * is rare, but it may be. So the harts look at the logits of each block of 64 rows, while the
 * accelerator goes on, and afterwards they compute such rows anew, by themselves.
 */
#ifndef DEPLOY_ITA_GUARD_H
#define DEPLOY_ITA_GUARD_H

#include <stddef.h>
#include <stdint.h>

#include "drivers/ita.h"

/* Matrices at home; a head's is so many bytes behind that of the head before. */
struct ita_heads {
    int8_t *home;
    uint32_t stride;
    uint32_t step;
};

struct ita_guard {
    uint16_t heads;
    uint16_t sequence;
    uint16_t width;
    struct ita_heads queries; /* [sequence][width]; so are keys and out */
    struct ita_heads keys;
    struct ita_heads values; /* [width][sequence] */
    struct ita_heads out;
    int32_t logits_bias;
    struct ita_requant logits;
    struct ita_requant mixed;

    uint8_t meetings; /* for each block: one, or two, if its logits are not kept beyond them */
    const uint8_t *places; /* by head, block and column: of logits, in tiles of L1 */
    int8_t *tiles;
    uint8_t *marks; /* in L1, one for each row that the accelerator computes */
};

/* Where rows are that have to be computed anew: an ita_stage_function, of a struct ita_guard. */
void ita_guard_look(const void *guard, unsigned number, unsigned worker, unsigned workers);

/* Compute them; on all harts, when all have looked at everything and the schedule is over. */
void ita_guard_repair(const struct ita_guard *guard);

#endif
