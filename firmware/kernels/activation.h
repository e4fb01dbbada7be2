/*
 * Activations of one value, as functions for kernels/table.h. Their results are rescaled there.
 */
#ifndef KERNELS_ACTIVATION_H
#define KERNELS_ACTIVATION_H

#include <stdint.h>

/* The accelerator's (ita.md 5.4); rescale by its ACT_REQUANT. */

struct ita_gelu {
    int16_t b;
    int16_t c;
};

/* `parameters` is a struct ita_gelu. Modulo 2^26, as in the accelerator. */
int32_t ita_gelu(int32_t value, const void *parameters);

/* `parameters` is not used. */
int32_t ita_relu(int32_t value, const void *parameters);

/* Those of quantised-operators.md 3.6. */

struct integer_gelu {
    int32_t b; /* below 0 */
    int32_t one;
};

/* `parameters` is a struct integer_gelu. */
int32_t integer_gelu(int32_t value, const void *parameters);

struct integer_hardswish {
    int32_t three;
    int32_t six;
    int32_t one_over_six;
};

/* `parameters` is a struct integer_hardswish. */
int32_t integer_hardswish(int32_t value, const void *parameters);

#endif
