#include "kernels/activation.h"

#include "kernels/requantise.h"

/* A 26-bit number in two's complement. */
static int32_t modulo_2_26(int32_t value)
{
    return (int32_t)((uint32_t)value << 6) >> 6;
}

static int32_t magnitude(int32_t value)
{
    return value < 0 ? -value : value;
}

static int32_t lesser(int32_t left, int32_t right)
{
    return left < right ? left : right;
}

int32_t ita_gelu(int32_t value, const void *parameters)
{
    const struct ita_gelu *gelu = parameters;
    int32_t sum = lesser(magnitude(value), -gelu->b) + gelu->b;
    int32_t square = modulo_2_26((int32_t)((uint32_t)sum * (uint32_t)sum));
    int32_t l = modulo_2_26(square + gelu->c);
    int32_t e = modulo_2_26(value < 0 ? -l : l);

    return modulo_2_26((int32_t)((uint32_t)value * (uint32_t)modulo_2_26(e + gelu->c)));
}

int32_t ita_relu(int32_t value, const void *parameters)
{
    (void)parameters;
    return value > 0 ? value : 0;
}

int32_t integer_gelu(int32_t value, const void *parameters)
{
    const struct integer_gelu *gelu = parameters;
    int32_t rest = lesser(magnitude(value), -gelu->b) + gelu->b;
    int32_t l = gelu->one - rest * rest;

    /* sign(0) is 0; it does not matter, as the result has the factor `value`. */
    return value * ((gelu->one + (value < 0 ? -l : l)) >> 1);
}

int32_t integer_hardswish(int32_t value, const void *parameters)
{
    const struct integer_hardswish *hardswish = parameters;

    return value * clip(value + hardswish->three, 0, hardswish->six) * hardswish->one_over_six;
}
