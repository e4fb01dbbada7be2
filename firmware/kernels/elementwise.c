#include "kernels/elementwise.h"

#include "kernels/share.h"

#define PIECE 32 /* values in a register */

/* Where the worker is: the index along each dimension, and what it comes to in each operand, of
   which the cursor also has what every piece needs to know. */
struct cursor {
    size_t indices[ELEMENTWISE_RANK];
    size_t length; /* of the last dimension */
    struct {
        const uint8_t *at;
        size_t offset;
        size_t step; /* along the last dimension */
        bool is_dense;
        enum element element;
    } operands[ELEMENTWISE_OPERANDS];
};

/* Some values of an operand: from where on, and elements from one to the next (0 or more). */
struct run {
    const uint8_t *at;
    size_t step;
    enum element element;
};

typedef int32_t registers_t[ELEMENTWISE_REGISTERS][PIECE];

static void find_place(const struct elementwise *program, const void *const places[],
                       size_t first, size_t within, struct cursor *cursor)
{
    const unsigned last = program->rank - 1;
    size_t rest = first + within;

    for (unsigned i = program->rank; i-- > 0;) {
        cursor->indices[i] = rest % program->sizes[i];
        rest /= program->sizes[i];
    }
    cursor->length = program->sizes[last];
    for (unsigned operand = 0; operand < program->operand_count; operand++) {
        const struct elementwise_operand *described = &program->operands[operand];
        size_t offset = within;
        if (!described->is_dense) {
            offset = 0;
            for (unsigned i = 0; i < program->rank; i++)
                offset += cursor->indices[i] * described->strides[i];
        }
        cursor->operands[operand].at = places[operand];
        cursor->operands[operand].offset = offset;
        cursor->operands[operand].step = described->is_dense ? 1 : described->strides[last];
        cursor->operands[operand].is_dense = described->is_dense;
        cursor->operands[operand].element = described->element;
    }
}

/* Forward by `count` elements, which are not more than the last dimension has left. */
static void go_forward(const struct elementwise *program, size_t count, struct cursor *cursor)
{
    const unsigned last = program->rank - 1;
    unsigned carried = last;

    cursor->indices[last] += count;
    while (carried > 0 && cursor->indices[carried] == program->sizes[carried]) {
        cursor->indices[carried] = 0;
        cursor->indices[--carried]++;
    }
    for (unsigned operand = 0; operand < program->operand_count; operand++) {
        const uint32_t *strides = program->operands[operand].strides;
        size_t *offset = &cursor->operands[operand].offset;
        *offset += count * cursor->operands[operand].step;
        for (unsigned i = last; i > carried && !cursor->operands[operand].is_dense; i--)
            *offset += strides[i - 1] - program->sizes[i] * strides[i];
    }
}

static void load(int32_t *to, struct run run, size_t count)
{
    const uint8_t *at = run.at;

    if (run.element == ELEMENT_INT8)
#pragma GCC unroll 4
        for (size_t i = 0; i < count; i++, at += run.step)
            to[i] = *(const int8_t *)at;
    else if (run.element == ELEMENT_UINT8)
#pragma GCC unroll 4
        for (size_t i = 0; i < count; i++, at += run.step)
            to[i] = *at;
    else
#pragma GCC unroll 4
        for (size_t i = 0; i < count; i++, at += run.step * sizeof(int32_t))
            to[i] = *(const int32_t *)(const void *)at;
}

static void look_up(int32_t *to, struct run run, const int32_t *table, size_t count)
{
#pragma GCC unroll 4
    for (size_t i = 0; i < count; i++, run.at += run.step)
        to[i] = table[*run.at];
}

static void store(void *out, const int32_t *from, size_t count, enum element element)
{
    if (element == ELEMENT_INT32) {
        int32_t *to = out;
#pragma GCC unroll 4
        for (size_t i = 0; i < count; i++)
            to[i] = from[i];
    } else {
        int8_t *to = out;
#pragma GCC unroll 4
        for (size_t i = 0; i < count; i++)
            to[i] = (int8_t)from[i];
    }
}

static void add(int32_t *to, const int32_t *other, size_t count)
{
#pragma GCC unroll 4
    for (size_t i = 0; i < count; i++)
        to[i] = (int32_t)((uint32_t)to[i] + (uint32_t)other[i]);
}

static void multiply(int32_t *to, const int32_t *other, size_t count)
{
#pragma GCC unroll 4
    for (size_t i = 0; i < count; i++)
        to[i] = (int32_t)((uint32_t)to[i] * (uint32_t)other[i]);
}

static void divide(int32_t *to, const int32_t *by, const struct integer_division *division,
                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int64_t divisor = (int64_t)by[i] * division->eta + division->eps;
        int64_t dividend = to[i] * division->factor, half = divisor >> 1;
        int64_t sign = (dividend > 0) - (dividend < 0);
        to[i] = (int32_t)((dividend + sign * half) / divisor);
    }
}

static void clip_all(int32_t *to, const struct elementwise_limits *limits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int32_t value = to[i] < limits->least ? limits->least : to[i];
        to[i] = value > limits->greatest ? limits->greatest : value;
    }
}

/* As narrow as the greatest value of this piece lets it be. */
static void rescale_all(int32_t *to, const struct rescale *by, size_t count)
{
    const struct rescale local = *by;
    uint32_t bits = 0;

#pragma GCC unroll 4
    for (size_t i = 0; i < count; i++)
        bits |= (uint32_t)(to[i] ^ (to[i] >> 31));
    switch (rescale_width_for(&local, bits + 1)) {
    case RESCALE_NARROW:
#pragma GCC unroll 4
        for (size_t i = 0; i < count; i++)
            to[i] = rescale_narrow(to[i], &local);
        break;
    case RESCALE_SPLIT:
        for (size_t i = 0; i < count; i++)
            to[i] = rescale_split(to[i], &local);
        break;
    default:
        for (size_t i = 0; i < count; i++)
            to[i] = rescale_wide(to[i], &local);
        break;
    }
}

static void rescale_each(int32_t *to, struct run mult, struct run before, struct rescale by,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        by.mult = ((const int32_t *)(const void *)mult.at)[i * mult.step];
        by.before = ((const int32_t *)(const void *)before.at)[i * before.step];
        to[i] = rescale_wide(to[i], &by);
    }
}

/* The low bytes of values are places in a table. */
static void look_up_top(int32_t *to, const int32_t *table, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = table[(uint8_t)to[i]];
}

/* What the worker reads of an operand next. */
static struct run run_of(const struct cursor *cursor, unsigned operand)
{
    const enum element element = cursor->operands[operand].element;

    return (struct run){
        cursor->operands[operand].at + cursor->operands[operand].offset * element_bytes(element),
        cursor->operands[operand].step,
        element,
    };
}

/* A table, which is read from its beginning. */
static const int32_t *table_of(const struct cursor *cursor, unsigned operand)
{
    return (const int32_t *)(const void *)cursor->operands[operand].at;
}

/* One step; returns the stack's new depth. */
static unsigned execute(const struct elementwise_step *step, const struct cursor *cursor,
                        registers_t registers, unsigned depth, size_t count)
{
    int32_t *top = depth > 0 ? registers[depth - 1] : NULL, *below = top ? top - PIECE : NULL;
    const unsigned operand = step->operand;
    int32_t values[PIECE];

    switch ((enum elementwise_operation)step->operation) {
    case ELEMENTWISE_PUSH:
        load(registers[depth], run_of(cursor, operand), count);
        return depth + 1;
    case ELEMENTWISE_PUSH_LOOKED_UP:
        look_up(registers[depth], run_of(cursor, operand), table_of(cursor, step->other),
                count);
        return depth + 1;
    case ELEMENTWISE_ADD_OPERAND:
        load(values, run_of(cursor, operand), count);
        add(top, values, count);
        return depth;
    case ELEMENTWISE_MULTIPLY_OPERAND:
        load(values, run_of(cursor, operand), count);
        multiply(top, values, count);
        return depth;
    case ELEMENTWISE_ADD:
        add(below, top, count);
        return depth - 1;
    case ELEMENTWISE_MULTIPLY:
        multiply(below, top, count);
        return depth - 1;
    case ELEMENTWISE_DIVIDE:
        divide(below, top, step->parameters, count);
        return depth - 1;
    case ELEMENTWISE_ADD_CONSTANT:
        for (size_t i = 0; i < count; i++)
            top[i] += *(const int32_t *)step->parameters;
        return depth;
    case ELEMENTWISE_SCALE:
        for (size_t i = 0; i < count; i++)
            top[i] *= *(const int32_t *)step->parameters;
        return depth;
    case ELEMENTWISE_CLIP:
        clip_all(top, step->parameters, count);
        return depth;
    case ELEMENTWISE_RESCALE:
        rescale_all(top, step->parameters, count);
        return depth;
    case ELEMENTWISE_RESCALE_EACH:
        rescale_each(top, run_of(cursor, operand),
                     run_of(cursor, step->other),
                     *(const struct rescale *)step->parameters, count);
        return depth;
    case ELEMENTWISE_LOOK_UP:
        look_up_top(top, table_of(cursor, operand), count);
        return depth;
    }
    return depth;
}

void elementwise(const struct elementwise *program, void *out, const void *const places[],
                 size_t first, size_t count, unsigned worker, unsigned workers)
{
    const size_t bytes = element_bytes(program->result);
    const unsigned last = program->rank - 1, step_count = program->step_count;
    struct share share = share_in_pieces(count, PIECE, worker, workers);
    struct elementwise_step steps[ELEMENTWISE_STEPS];
    struct cursor cursor;
    registers_t registers;

    if (share.first == share.end)
        return;
    for (unsigned i = 0; i < step_count; i++)
        steps[i] = program->steps[i];
    find_place(program, places, first, share.first, &cursor);
    for (size_t at = share.first, some; at < share.end; at += some) {
        unsigned depth = 0;
        some = cursor.length - cursor.indices[last];
        some = some < PIECE ? some : PIECE;
        some = some < share.end - at ? some : share.end - at;
        for (unsigned i = 0; i < step_count; i++)
            depth = execute(&steps[i], &cursor, registers, depth, some);
        store((uint8_t *)out + at * bytes, registers[0], some, program->result);
        go_forward(program, some, &cursor);
    }
}
