/*
 * How a layer of a network begins and ends: with a mark for the platform, which takes its cycles
 * and its energy (docs/regions.md), and with a barrier, so that what it has written is complete.
 */
#ifndef DEPLOY_LAYER_H
#define DEPLOY_LAYER_H

#include "hal/hal.h"

/* `number` is a constant, 1 to 2047. All harts come here; those before have passed a barrier. */
#define LAYER_BEGIN(number)                                                                        \
    do {                                                                                           \
        if (hal_drives())                                                                          \
            __asm__ volatile("slti x0, x0, %0" : : "i"(number) : "memory");                        \
    } while (0)

#define LAYER_END(number)                                                                          \
    do {                                                                                           \
        hal_barrier();                                                                             \
        if (hal_drives())                                                                          \
            __asm__ volatile("slti x0, x0, %0" : : "i"(-(number)) : "memory");                     \
    } while (0)

#endif
