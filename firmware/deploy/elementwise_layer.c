#include "deploy/elementwise_layer.h"

void elementwise_stripe(const void *layer, const struct stripe *stripe, unsigned step,
                        unsigned worker, unsigned workers)
{
    const struct elementwise *program = &((const struct elementwise_layer *)layer)->program;
    const struct tile *out = &stripe->tiles[program->operand_count];
    const size_t bytes = element_bytes(program->result);
    const void *places[ELEMENTWISE_OPERANDS];

    (void)step;
    for (unsigned i = 0; i < program->operand_count; i++)
        places[i] = stripe->tiles[i].at;
    elementwise(program, out->at, places, out->first_byte / bytes, out->bytes / bytes, worker,
                workers);
}
