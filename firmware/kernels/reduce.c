#include "kernels/reduce.h"

#include "kernels/share.h"

static int32_t mean_of(int32_t sum, uint32_t divisor)
{
    if ((divisor & (divisor - 1)) == 0) {
        unsigned shift = (unsigned)__builtin_ctz(divisor);
        return (int32_t)(((int64_t)sum + (divisor >> 1)) >> shift);
    }
    uint32_t magnitude = sum < 0 ? -(uint32_t)sum : (uint32_t)sum;
    uint32_t quotient = magnitude / divisor, rest = magnitude % divisor;
    int32_t rounded = (int32_t)(quotient + (rest >= divisor - rest));

    return sum < 0 ? -rounded : rounded;
}

static inline __attribute__((always_inline)) int32_t
sum_of(const uint8_t *at, size_t terms, size_t step, enum element element)
{
    uint32_t sum = 0;

#pragma GCC unroll 4
    for (size_t i = 0; i < terms; i++, at += step)
        sum += (uint32_t)element_load(at, element);
    return (int32_t)sum;
}

static int32_t sum_at(const struct reduce *reduce, const uint8_t *at)
{
    const size_t step = reduce->in_term * element_bytes(reduce->in_element);

    switch (reduce->in_element) {
    case ELEMENT_INT8:
        return sum_of(at, reduce->terms, step, ELEMENT_INT8);
    case ELEMENT_UINT8:
        return sum_of(at, reduce->terms, step, ELEMENT_UINT8);
    default:
        return sum_of(at, reduce->terms, step, ELEMENT_INT32);
    }
}

void reduce(const struct reduce *reduce, unsigned worker, unsigned workers)
{
    const size_t in_bytes = element_bytes(reduce->in_element);
    const size_t out_bytes = element_bytes(reduce->out_element);
    const struct share share = share_of(reduce->groups * reduce->columns, worker, workers);

    if (share.first == share.end)
        return;
    size_t group = share.first / reduce->columns, column = share.first % reduce->columns;
    for (size_t number = share.first; number < share.end; number++) {
        const uint8_t *at =
            (const uint8_t *)reduce->in + (group * reduce->in_group + column) * in_bytes;
        uint8_t *out = (uint8_t *)reduce->out + (group * reduce->out_group + column) * out_bytes;
        element_store(out, mean_of(sum_at(reduce, at), reduce->divisor), reduce->out_element);
        if (++column == reduce->columns)
            column = 0, group++;
    }
}
