/*
 * How workers divide work: each calls the same kernel with its number and their count. A worker is
 * a hart, but kernels do not know that. With the arguments 0, 1 a kernel does it all.
 */
#ifndef KERNELS_SHARE_H
#define KERNELS_SHARE_H

#include <stddef.h>

/* The indices first, first + 1, ..., end - 1. */
struct share {
    size_t first;
    size_t end;
};

/* The part of `worker` in `count` things: no two parts differ by more than one. */
static inline struct share share_of(size_t count, unsigned worker, unsigned workers)
{
    size_t each = count / workers, more = count % workers;
    size_t before = worker < more ? worker : more;

    return (struct share){each * worker + before, each * worker + before + each + (worker < more)};
}

/* The same in pieces of `piece` things, of which the last one may be shorter. */
static inline struct share share_in_pieces(size_t count, size_t piece, unsigned worker,
                                           unsigned workers)
{
    struct share share = share_of((count + piece - 1) / piece, worker, workers);

    share.first *= piece;
    share.end = share.end * piece < count ? share.end * piece : count;
    share.first = share.first < share.end ? share.first : share.end;
    return share;
}

#endif
