/*
 * Tiles outside L1, as benchmarks make them and look at them. All compute harts share the work:
 * each calls the function, and does its part.
 */
#ifndef TILES_IMAGE_H
#define TILES_IMAGE_H

#include <stddef.h>
#include <stdint.h>

/* Make up `count` tiles from `first` on: the same numbers in every run, others for another seed. */
void image_fill_share(int8_t *home, unsigned first, unsigned count, uint32_t seed);

/* For one hart: make up biases as the accelerator reads them, 3 bytes each, of 32 - shift bits. */
void image_fill_biases(uint8_t *biases, size_t bytes, uint32_t seed, unsigned shift);

/* The sum of each tile from `first` on, to sums[0] to sums[count - 1]. */
void image_sum_share(const int8_t *home, unsigned first, unsigned count, uint32_t sums[]);

#endif
