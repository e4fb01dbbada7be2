#include "tiles/image.h"

#include "hal/hal.h"
#include "kernels/checksum.h"
#include "kernels/random.h"

#define GOLDEN_RATIO 0x9e3779b1u /* of 2^32: spreads small numbers over the whole range */

static void fill_tile(int8_t *tile, uint32_t state)
{
    uint32_t *words = (uint32_t *)tile;

    for (unsigned i = 0; i < ITA_TILE_BYTES / sizeof *words; i++)
        words[i] = random_next(&state);
}

void image_fill_share(int8_t *home, unsigned first, unsigned count, uint32_t seed)
{
    for (unsigned i = first + hal_hart(); i < first + count; i += HAL_COMPUTE_HARTS)
        fill_tile(home + i * ITA_TILE_BYTES, (seed + i) * GOLDEN_RATIO);
}

void image_fill_biases(uint8_t *biases, size_t bytes, uint32_t seed, unsigned shift)
{
    for (size_t i = 0; i + 3 <= bytes; i += 3) {
        int32_t value = (int32_t)random_next(&seed) >> shift;
        biases[i] = (uint8_t)value;
        biases[i + 1] = (uint8_t)(value >> 8);
        biases[i + 2] = (uint8_t)(value >> 16);
    }
}

void image_sum_share(const int8_t *home, unsigned first, unsigned count, uint32_t sums[])
{
    for (unsigned i = hal_hart(); i < count; i += HAL_COMPUTE_HARTS) {
        const uint32_t *words = (const uint32_t *)(home + (first + i) * ITA_TILE_BYTES);
        sums[i] = checksum_words(CHECKSUM_START, words, ITA_TILE_BYTES / sizeof *words);
    }
}
