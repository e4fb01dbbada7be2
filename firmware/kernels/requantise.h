/*
 * From accumulators to int8: scale, round half towards plus infinity, shift, saturate.
 *
 * `struct requant` is the accelerator's rule and its registers (ita.md 5.2); `struct rescale` is
 * the general one, which also covers quantised-operators.md 3.2. Nothing here branches on data.
 */
#ifndef KERNELS_REQUANTISE_H
#define KERNELS_REQUANTISE_H

#include <stdbool.h>
#include <stdint.h>

/* value * mult / 2^shift, rounded, plus add, saturated to int8. */
struct requant {
    uint8_t mult;
    uint8_t shift; /* 0..34 */
    int8_t add;
};

/* ((value * mult + before) >> shift) + after, clipped to least..greatest. */
struct rescale {
    int32_t mult;
    int64_t before; /* with the half that rounds, where the rule has one */
    int32_t after;  /* within 16 bits */
    uint8_t shift;  /* 0..47 */
    int16_t least;
    int16_t greatest;
};

/* The accelerator's rule. */
static inline struct rescale rescale_of_requant(struct requant by)
{
    return (struct rescale){
        .mult = by.mult,
        .before = (int64_t)1 << by.shift >> 1,
        .after = by.add,
        .shift = by.shift,
        .least = INT8_MIN,
        .greatest = INT8_MAX,
    };
}

/* RequantShift of quantised-operators.md 3.2: 256 levels, to int8 or to uint8; div = 2^shift. */
static inline struct rescale rescale_of_requant_shift(int32_t mult, int32_t add, uint8_t shift,
                                                      bool to_unsigned)
{
    return (struct rescale){
        .mult = mult,
        .before = add + ((int64_t)1 << shift >> 1),
        .after = 0,
        .shift = shift,
        .least = to_unsigned ? 0 : INT8_MIN,
        .greatest = to_unsigned ? UINT8_MAX : INT8_MAX,
    };
}

/* How wide the arithmetic has to be. */
enum rescale_width {
    RESCALE_NARROW, /* the product has 32 bits */
    RESCALE_SPLIT,  /* two products of 32 bits do */
    RESCALE_WIDE,   /* 64 bits */
};

#define RESCALE_SPLIT_BITS 8

/* What values from -magnitude to magnitude need. */
static inline enum rescale_width rescale_width_for(const struct rescale *by, uint32_t magnitude)
{
    uint64_t mult = by->mult < 0 ? -(uint64_t)by->mult : (uint64_t)by->mult;
    uint64_t before = by->before < 0 ? -(uint64_t)by->before : (uint64_t)by->before;
    uint64_t product = mult * magnitude + before + mult;
    /* With room for `after`, for the limits, and for what rounding down may add. */
    const uint64_t greatest = INT32_MAX - 0x40000;

    if (product <= greatest && by->shift < 32)
        return RESCALE_NARROW;
    if (product >> RESCALE_SPLIT_BITS <= greatest && by->shift >= RESCALE_SPLIT_BITS &&
        by->shift < 32 + RESCALE_SPLIT_BITS && mult <= INT32_MAX >> (RESCALE_SPLIT_BITS + 1))
        return RESCALE_SPLIT;
    return RESCALE_WIDE;
}

/* value, or 0 below it, or greatest above it. |value| and greatest within 31 bits. */
static inline int32_t clip_from_zero(int32_t value, int32_t greatest)
{
    value -= value & (value >> 31);
    int32_t room = greatest - value;
    return value + (room & (room >> 31));
}

static inline int32_t clip(int32_t value, int32_t least, int32_t greatest)
{
    return clip_from_zero(value - least, greatest - least) + least;
}

static inline int8_t saturate_int8(int32_t value)
{
    return (int8_t)clip(value, INT8_MIN, INT8_MAX);
}

/* value + after, clipped: one addition for `after` and `least`, as their difference is constant. */
static inline int32_t rescale_limit(int32_t scaled, const struct rescale *by)
{
    return clip_from_zero(scaled + (by->after - by->least), by->greatest - by->least) + by->least;
}

static inline int32_t rescale_narrow(int32_t value, const struct rescale *by)
{
    return rescale_limit((value * by->mult + (int32_t)by->before) >> by->shift, by);
}

/* The lower bits' product is added, shifted, to that of the upper ones. */
static inline int32_t rescale_split(int32_t value, const struct rescale *by)
{
    const int32_t mask = (1 << RESCALE_SPLIT_BITS) - 1;
    int32_t before = (int32_t)(by->before >> RESCALE_SPLIT_BITS);
    int32_t lower = (value & mask) * by->mult + ((int32_t)by->before & mask);
    int32_t upper = (value >> RESCALE_SPLIT_BITS) * by->mult + before;

    return rescale_limit((upper + (lower >> RESCALE_SPLIT_BITS)) >>
                             (by->shift - RESCALE_SPLIT_BITS),
                         by);
}

/* Results of so many bits are beyond every limit, whatever is added to them. */
#define RESCALE_BITS 24

static inline int32_t rescale_wide(int32_t value, const struct rescale *by)
{
    int64_t scaled = ((int64_t)value * by->mult + by->before) >> by->shift;
    uint32_t low = (uint32_t)scaled, high = (uint32_t)((uint64_t)scaled >> 32);
    uint32_t sign = (uint32_t)((int32_t)high >> 31);

    /* The number less -2^24 has nothing above bit 24 if it is within -2^24..2^24 - 1. */
    uint32_t offset = low + (1u << RESCALE_BITS);
    uint32_t above = (high + (offset < low)) | offset >> (RESCALE_BITS + 1);
    uint32_t is_beyond = -(uint32_t)(above != 0), limit = sign ^ ((1u << RESCALE_BITS) - 1);
    int32_t limited = (int32_t)(low ^ ((low ^ limit) & is_beyond));
    return rescale_limit(limited, by);
}

static inline int32_t rescale(int32_t value, const struct rescale *by, enum rescale_width width)
{
    switch (width) {
    case RESCALE_NARROW:
        return rescale_narrow(value, by);
    case RESCALE_SPLIT:
        return rescale_split(value, by);
    default:
        return rescale_wide(value, by);
    }
}

/* For accumulators of up to 26 bits, as ITA's: the product has 34. */
static inline int8_t requantise(int32_t accumulator, struct requant by)
{
    const struct rescale rescale = rescale_of_requant(by);

    return (int8_t)rescale_wide(accumulator, &rescale);
}

/* The same for values of up to 16 bits and shifts of up to 24, without 64-bit arithmetic. */
static inline int8_t requantise_small(int32_t value, struct requant by)
{
    int32_t half = 1 << by.shift >> 1;

    return saturate_int8(((value * by.mult + half) >> by.shift) + by.add);
}

#endif
