/* SPDX-License-Identifier: Apache-2.0 */
/* The libc allocator behind the interface of alloc.h.  A new size of 0 frees, whatever libc's realloc does with 0. */
#include "base/alloc.h"

#include <stdlib.h>

static void *
libc_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    (void) ctx;
    (void) old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

const struct tt_alloc tt_alloc_libc = {.resize = libc_resize, .ctx = NULL};
