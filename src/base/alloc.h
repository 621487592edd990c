/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The allocator is a parameter, so that the same code serves malloc, a server's pools and a test that fails the n-th request.
 *
 * One function does everything: resize(ctx, NULL, 0, n) allocates, resize(ctx, p, old, 0) frees and returns NULL.  On failure
 * it returns NULL and leaves the old block as it was.
 */
#ifndef TT_BASE_ALLOC_H
#define TT_BASE_ALLOC_H

#include <stddef.h>

struct tt_alloc {
    void *(*resize)(void *ctx, void *ptr, size_t old_size, size_t new_size);
    void *ctx;
};

/* malloc, realloc and free. */
extern const struct tt_alloc tt_alloc_libc;

static inline void *
tt_alloc_new(const struct tt_alloc *a, size_t size)
{
    return a->resize(a->ctx, NULL, 0, size);
}

static inline void *
tt_alloc_resize(const struct tt_alloc *a, void *ptr, size_t old_size, size_t new_size)
{
    return a->resize(a->ctx, ptr, old_size, new_size);
}

static inline void
tt_alloc_free(const struct tt_alloc *a, void *ptr, size_t size)
{
    if (ptr) {
        a->resize(a->ctx, ptr, size, 0);
    }
}

#endif
