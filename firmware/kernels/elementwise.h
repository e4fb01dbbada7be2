/*
 * Any chain of element-wise operations on tensors of any of the three types, with broadcasting, in
 * one pass: a program for a small machine, whose registers hold pieces of a few values each.
 *
 * An operation costs four to eight instructions for each value, so what can be a table
 * (kernels/table.h) or has a kernel of its own is quicker there.
 */
#ifndef KERNELS_ELEMENTWISE_H
#define KERNELS_ELEMENTWISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/element.h"
#include "kernels/requantise.h"

#define ELEMENTWISE_RANK 6
#define ELEMENTWISE_OPERANDS 10
#define ELEMENTWISE_STEPS 16
#define ELEMENTWISE_REGISTERS 3 /* as deep as the stack may get */

/*
 * A tensor that is read. `strides` are the elements from one index to the next along each dimension
 * of the result, 0 where it is broadcast. One that is `dense` has the result's shape.
 */
struct elementwise_operand {
    enum element element;
    bool is_dense;
    uint32_t strides[ELEMENTWISE_RANK];
};

/* The registers are a stack: "top" is its last one. */
enum elementwise_operation {
    ELEMENTWISE_PUSH,             /* an operand */
    ELEMENTWISE_PUSH_LOOKED_UP,   /* other[byte of an operand], int32_t[256] */
    ELEMENTWISE_ADD_OPERAND,      /* top += operand */
    ELEMENTWISE_MULTIPLY_OPERAND, /* top *= operand */
    ELEMENTWISE_ADD,              /* takes two, leaves their sum */
    ELEMENTWISE_MULTIPLY,
    ELEMENTWISE_DIVIDE,           /* the last but one by the last; a struct integer_division */
    ELEMENTWISE_ADD_CONSTANT,     /* an int32_t */
    ELEMENTWISE_SCALE,            /* by an int32_t */
    ELEMENTWISE_CLIP,             /* a struct elementwise_limits */
    ELEMENTWISE_RESCALE,          /* a struct rescale */
    ELEMENTWISE_RESCALE_EACH,     /* the same, with mult and `before` of `operand` and `other` */
    ELEMENTWISE_LOOK_UP,          /* operand[byte of the top], int32_t[256] */
};

struct elementwise_limits {
    int32_t least;
    int32_t greatest;
};

/* IntegerDiv of quantised-operators.md 3.7: halves away from zero, in 64 bits. */
struct integer_division {
    int64_t factor; /* Delta * eta */
    int32_t eta;
    int32_t eps;
};

struct elementwise_step {
    uint8_t operation;
    uint8_t operand;
    uint8_t other; /* operand */
    const void *parameters;
};

struct elementwise {
    const struct elementwise_step *steps;
    unsigned step_count;
    const struct elementwise_operand *operands;
    unsigned operand_count;
    enum element result;
    unsigned rank;
    uint32_t sizes[ELEMENTWISE_RANK]; /* of the result; the last dimension is contiguous */
};

/*
 * This worker's part of the elements `first` to `first + count - 1` of the result, of which `out`
 * is the first one. So is places[i] of an operand that is dense; of another one it is the beginning
 * of the tensor.
 */
void elementwise(const struct elementwise *program, void *out, const void *const places[],
                 size_t first, size_t count, unsigned worker, unsigned workers);

#endif
