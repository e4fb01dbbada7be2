#include "kernels/convolution.h"

#include "kernels/gemm.h"
#include "kernels/share.h"

/* ------------------------------------------------------------------------------------ gathered */

static size_t in_words(size_t bytes)
{
    return (bytes + 3) & ~(size_t)3;
}

size_t convolution_scratch_bytes(size_t inner, size_t pixels, bool is_paired)
{
    return gemm_scratch_bytes(inner, is_paired) + in_words(inner * pixels);
}

/* Columns j of the kernel, first to end - 1, that meet the input where the first would be at x. */
static struct share columns_inside(const struct convolution_shape *shape, int32_t x)
{
    size_t first = x < 0 ? ((size_t)-x + shape->dilation_x - 1) / shape->dilation_x : 0;
    int32_t room = (int32_t)shape->width - x;
    size_t end = room > 0 ? ((size_t)room + shape->dilation_x - 1) / shape->dilation_x : 0;

    end = end < shape->kernel_x ? end : shape->kernel_x;
    return (struct share){first < end ? first : end, end};
}

static uint8_t *gather_row(uint8_t *to, const uint8_t *row, const struct convolution_shape *shape,
                           struct share inside)
{
    const size_t step = shape->dilation_x;
    size_t j = 0;

    for (; j < inside.first; j++)
        *to++ = 0;
    for (row += j * step; j < inside.end; j++, row += step)
        *to++ = *row;
    for (; j < shape->kernel_x; j++)
        *to++ = 0;
    return to;
}

/* What the output at (y, x) needs, channel after channel. */
static void gather(uint8_t *to, const struct convolution *convolution, size_t output_y,
                   size_t output_x)
{
    const struct convolution_shape *shape = &convolution->shape;
    const int32_t y = (int32_t)(output_y * shape->stride_y) - (int32_t)shape->top;
    const int32_t x = (int32_t)(output_x * shape->stride_x) - (int32_t)shape->left;
    const struct share inside = columns_inside(shape, x);
    const uint8_t *plane = convolution->in;

    for (size_t c = 0; c < convolution->channels; c++, plane += convolution->in_plane)
        for (size_t i = 0; i < shape->kernel_y; i++) {
            int32_t at = y + (int32_t)(i * shape->dilation_y);
            bool is_inside = at >= 0 && at < (int32_t)shape->height;
            int32_t offset = (at - (int32_t)convolution->first_row) * (int32_t)shape->width + x;
            to = gather_row(to, is_inside ? plane + offset : plane, shape,
                            is_inside ? inside : (struct share){0, 0});
        }
}

/* The same for kernels of 1 x 1 that are never outside. */
static void gather_point(uint8_t *to, const struct convolution *convolution, size_t output_y,
                         size_t output_x)
{
    const struct convolution_shape *shape = &convolution->shape;
    const size_t plane = convolution->in_plane, count = convolution->channels;
    const uint8_t *from = (const uint8_t *)convolution->in + output_x * shape->stride_x +
                          (output_y * shape->stride_y - convolution->first_row) * shape->width;

#pragma GCC unroll 4
    for (size_t c = 0; c < count; c++, from += plane)
        to[c] = *from;
}

static bool is_pointwise(const struct convolution_shape *shape)
{
    return shape->kernel_y == 1 && shape->kernel_x == 1 && shape->top == 0 && shape->left == 0;
}

void convolution_gathered(const struct convolution *convolution, unsigned worker,
                          unsigned workers)
{
    const struct convolution_shape *shape = &convolution->shape;
    const bool point = is_pointwise(shape);
    const size_t inner = convolution->channels * shape->kernel_y * shape->kernel_x;
    const size_t bytes = convolution->rescale ? 1 : sizeof(int32_t);
    const size_t panel = gemm_scratch_bytes(inner, convolution->is_paired);
    const struct share share =
        share_in_pieces(convolution->outputs, convolution->pixels, worker, workers);
    const struct gemm_channels channels = {convolution->mult, convolution->before, false};
    int8_t *scratch = convolution->scratch +
                      worker * convolution_scratch_bytes(inner, convolution->pixels,
                                                         convolution->is_paired);
    struct gemm product = {
        .left = scratch + panel,
        .left_stride = inner,
        .left_is_unsigned = convolution->in_is_unsigned,
        .right = convolution->weights,
        .right_stride = inner,
        .right_by_columns = true,
        .bias = convolution->bias,
        .out_stride = convolution->out_plane,
        .out_by_columns = true,
        .rescale = convolution->rescale,
        .channels = convolution->mult ? &channels : NULL,
        .columns = convolution->out_channels,
        .inner = inner,
        .is_paired = convolution->is_paired,
        .right_sums = convolution->weight_sums,
        .scratch = scratch,
    };
    size_t at = convolution->first_output + share.first;
    size_t y = at / shape->out_width, x = at % shape->out_width;

    for (size_t first = share.first; first < share.end; first += product.rows) {
        size_t left = share.end - first;
        product.rows = left < convolution->pixels ? left : convolution->pixels;
        uint8_t *to = (uint8_t *)scratch + panel;
        for (size_t i = 0; i < product.rows; i++, to += inner) {
            if (point)
                gather_point(to, convolution, y, x);
            else
                gather(to, convolution, y, x);
            if (++x == shape->out_width)
                x = 0, y++;
        }
        product.out = (int8_t *)convolution->out + first * bytes;
        gemm(&product, 0, 1);
    }
}

/* -------------------------------------------------------------------------------------- direct */

#define NEIGHBOURS 4

static inline int32_t value_at(const uint8_t *at, bool is_unsigned)
{
    return is_unsigned ? *at : *(const int8_t *)at;
}

/* What one output needs to know of its channel and row. */
struct line {
    const uint8_t *plane; /* of the first input channel, from row 0 of the whole input on */
    const int8_t *weights;
    int32_t y; /* row of the input under the kernel's first; may be outside */
    struct share rows; /* of the kernel, those inside */
};

static int32_t sum_one(const struct convolution *convolution, const struct line *line, int32_t x,
                       bool is_unsigned)
{
    const struct convolution_shape *shape = &convolution->shape;
    const struct share inside = columns_inside(shape, x);
    int32_t sum = 0;

    for (size_t c = 0; c < convolution->channels; c++)
        for (size_t i = line->rows.first; i < line->rows.end; i++) {
            const int8_t *weights =
                line->weights + (c * shape->kernel_y + i) * shape->kernel_x;
            int32_t at = line->y + (int32_t)(i * shape->dilation_y);
            const uint8_t *row =
                line->plane + c * convolution->in_plane + at * (int32_t)shape->width + x;
            for (size_t j = inside.first; j < inside.end; j++)
                sum += value_at(row + j * shape->dilation_x, is_unsigned) * weights[j];
        }
    return sum;
}

/* Four outputs in a row, with the whole width of the kernel inside for each. */
static inline __attribute__((always_inline)) void
sum_four(const struct convolution *convolution, const struct line *line, int32_t x,
         int32_t sums[NEIGHBOURS], bool is_unsigned)
{
    const struct convolution_shape *shape = &convolution->shape;
    const size_t step = shape->stride_x, dilation = shape->dilation_x;
    const size_t kernel_x = shape->kernel_x;
    int32_t sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;

    for (size_t c = 0; c < convolution->channels; c++)
        for (size_t i = line->rows.first; i < line->rows.end; i++) {
            const int8_t *weights = line->weights + (c * shape->kernel_y + i) * kernel_x;
            int32_t at = line->y + (int32_t)(i * shape->dilation_y);
            const uint8_t *row0 =
                line->plane + c * convolution->in_plane + at * (int32_t)shape->width + x;
            const uint8_t *row1 = row0 + step, *row2 = row1 + step, *row3 = row2 + step;
            for (size_t j = 0, offset = 0; j < kernel_x; j++, offset += dilation) {
                int32_t weight = weights[j];
                sum0 += value_at(row0 + offset, is_unsigned) * weight;
                sum1 += value_at(row1 + offset, is_unsigned) * weight;
                sum2 += value_at(row2 + offset, is_unsigned) * weight;
                sum3 += value_at(row3 + offset, is_unsigned) * weight;
            }
        }
    sums[0] = sum0, sums[1] = sum1, sums[2] = sum2, sums[3] = sum3;
}

/* Store outputs of channel `o`, `count` of them from number `at` on. */
static void finish(const struct convolution *convolution, size_t o, size_t at,
                   const int32_t *sums, size_t count)
{
    const int32_t bias = convolution->bias ? convolution->bias[o] : 0;
    const size_t place = o * convolution->out_plane + at;

    if (!convolution->rescale) {
        for (size_t i = 0; i < count; i++)
            ((int32_t *)convolution->out)[place + i] = sums[i] + bias;
        return;
    }
    struct rescale by = *convolution->rescale;
    if (convolution->mult) {
        by.mult = convolution->mult[o];
        by.before = convolution->before[o];
    }
    for (size_t i = 0; i < count; i++)
        ((int8_t *)convolution->out)[place + i] = (int8_t)rescale_wide(sums[i] + bias, &by);
}

static struct line line_of(const struct convolution *convolution, size_t o, size_t output_y)
{
    const struct convolution_shape *shape = &convolution->shape;
    const size_t kernel = convolution->channels * shape->kernel_y * shape->kernel_x;
    const int32_t y = (int32_t)(output_y * shape->stride_y) - (int32_t)shape->top;
    const int32_t room = (int32_t)shape->height - y;
    const size_t dilation = shape->dilation_y;
    size_t first = y < 0 ? ((size_t)-y + dilation - 1) / dilation : 0;
    size_t end = room > 0 ? ((size_t)room + dilation - 1) / dilation : 0;

    end = end < shape->kernel_y ? end : shape->kernel_y;
    return (struct line){
        (const uint8_t *)convolution->in +
            o / convolution->group * convolution->channels * convolution->in_plane -
            convolution->first_row * shape->width,
        convolution->weights + o * kernel,
        y,
        {first < end ? first : end, end},
    };
}

/* Outputs x to end - 1 of a row; `at` is the number of the first one. */
static void compute_line(const struct convolution *convolution, size_t o, size_t at,
                         size_t output_y, struct share xs)
{
    const struct convolution_shape *shape = &convolution->shape;
    const struct line line = line_of(convolution, o, output_y);
    const int32_t reach = (int32_t)((shape->kernel_x - 1) * shape->dilation_x +
                                    (NEIGHBOURS - 1) * shape->stride_x);
    int32_t sums[NEIGHBOURS];

    for (size_t x = xs.first, count; x < xs.end; x += count, at += count) {
        int32_t from = (int32_t)(x * shape->stride_x) - (int32_t)shape->left;
        bool are_inside = from >= 0 && from + reach < (int32_t)shape->width;
        count = are_inside && xs.end - x >= NEIGHBOURS ? NEIGHBOURS : 1;
        if (count == 1)
            sums[0] = sum_one(convolution, &line, from, convolution->in_is_unsigned);
        else if (convolution->in_is_unsigned)
            sum_four(convolution, &line, from, sums, true);
        else
            sum_four(convolution, &line, from, sums, false);
        finish(convolution, o, at, sums, count);
    }
}

/* The outputs of all channels, one channel after the other, are divided evenly. */
void convolution_direct(const struct convolution *convolution, unsigned worker, unsigned workers)
{
    const size_t width = convolution->shape.out_width, outputs = convolution->outputs;
    struct share share =
        share_in_pieces(convolution->out_channels * outputs, NEIGHBOURS, worker, workers);

    if (outputs == 0)
        return;
    size_t o = share.first / outputs, at = share.first % outputs;
    while (share.first < share.end) {
        size_t number = convolution->first_output + at, x = number % width;
        size_t count = width - x;
        count = count < outputs - at ? count : outputs - at;
        count = count < share.end - share.first ? count : share.end - share.first;
        compute_line(convolution, o, at, number / width, (struct share){x, x + count});
        share.first += count;
        at += count;
        if (at == outputs)
            at = 0, o++;
    }
}
