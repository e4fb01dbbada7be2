#include "kernels/pool.h"

#include "kernels/share.h"

/* Rows, or columns, of a window that are inside. */
static struct share part_inside(int32_t from, size_t extent, size_t kernel, size_t dilation)
{
    const int32_t room = (int32_t)extent - from;
    size_t first = from < 0 ? ((size_t)-from + dilation - 1) / dilation : 0;
    size_t end = room > 0 ? ((size_t)room + dilation - 1) / dilation : 0;

    return (struct share){first, end < kernel ? end : kernel};
}

static inline __attribute__((always_inline)) int32_t
greatest_of(const struct pool *pool, const uint8_t *plane, int32_t y, int32_t x,
            enum element element)
{
    const struct convolution_shape *shape = &pool->shape;
    const struct share rows = part_inside(y, shape->height, shape->kernel_y, shape->dilation_y);
    const struct share columns = part_inside(x, shape->width, shape->kernel_x, shape->dilation_x);
    const size_t bytes = element_bytes(element), step = shape->dilation_x * bytes;
    int32_t greatest = INT32_MIN;

    for (size_t i = rows.first; i < rows.end; i++) {
        int32_t row = y + (int32_t)(i * shape->dilation_y) - (int32_t)pool->first_row;
        int32_t column = x + (int32_t)(columns.first * shape->dilation_x);
        const uint8_t *at = plane + (row * (int32_t)shape->width + column) * (int32_t)bytes;
        for (size_t j = columns.first; j < columns.end; j++, at += step) {
            int32_t value = element_load(at, element);
            greatest = value > greatest ? value : greatest;
        }
    }
    return greatest;
}

void pool_max(const struct pool *pool, unsigned worker, unsigned workers)
{
    const struct convolution_shape *shape = &pool->shape;
    const size_t bytes = element_bytes(pool->element);
    const struct share share = share_of(pool->channels * pool->outputs, worker, workers);

    for (size_t number = share.first; number < share.end; number++) {
        size_t channel = number / pool->outputs, output = number % pool->outputs;
        size_t at = pool->first_output + output;
        const uint8_t *plane = (const uint8_t *)pool->in + channel * pool->in_plane * bytes;
        int32_t y = (int32_t)(at / shape->out_width * shape->stride_y) - (int32_t)shape->top;
        int32_t x = (int32_t)(at % shape->out_width * shape->stride_x) - (int32_t)shape->left;
        int32_t greatest;
        if (pool->element == ELEMENT_INT8)
            greatest = greatest_of(pool, plane, y, x, ELEMENT_INT8);
        else if (pool->element == ELEMENT_UINT8)
            greatest = greatest_of(pool, plane, y, x, ELEMENT_UINT8);
        else
            greatest = greatest_of(pool, plane, y, x, ELEMENT_INT32);
        element_store((uint8_t *)pool->out + (channel * pool->out_plane + output) * bytes,
                      greatest, pool->element);
    }
}
