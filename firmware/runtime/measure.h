/* Marks what is to be measured by itself: docs/regions.md. The hints do nothing on hardware.
 * `number` is a constant from 1 to 2047; one hart marks, right after a barrier. */
#pragma once

#define MEASURE_BEGIN(number) __asm__ volatile("slti x0, x0, %0" ::"i"(number) : "memory")
#define MEASURE_END(number) __asm__ volatile("slti x0, x0, %0" ::"i"(-(number)) : "memory")
