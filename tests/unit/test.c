/* SPDX-License-Identifier: Apache-2.0 */
/* Failing and counting allocator, and the files of Unicode; see test.h. */
#include "test.h"

#include "base/limits.h"

#include <stdlib.h>

/* Far more requests than any swept body makes; a body that never succeeds ends here. */
#define SWEEP_MAX 100000

static void *
test_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct test_alloc *t = ctx;
    if (new_size == 0) {
        t->live -= ptr != NULL;
        t->bytes -= ptr ? old_size : 0;
        return tt_alloc_libc.resize(NULL, ptr, old_size, 0);
    }
    long number = t->requests++;
    if (t->fail_at >= 0 && number >= t->fail_at) {
        return NULL;
    }
    void *fresh = tt_alloc_libc.resize(NULL, ptr, old_size, new_size);
    if (fresh) {
        t->live += ptr == NULL;
        t->bytes += new_size - (ptr ? old_size : 0);
        t->peak = t->bytes > t->peak ? t->bytes : t->peak;
    }
    return fresh;
}

void
test_alloc_init(struct test_alloc *t, long fail_at)
{
    *t = (struct test_alloc) {.fail_at = fail_at};
    t->alloc = (struct tt_alloc) {.resize = test_resize, .ctx = t};
}

void
test_every_allocation(bool (*body)(void *ctx, const struct tt_alloc *alloc), void *ctx)
{
    for (long n = 0; n < SWEEP_MAX; n++) {
        struct test_alloc t;
        test_alloc_init(&t, n);
        bool done = body(ctx, &t.alloc);
        assert_int_equal(t.live, 0);
        assert_int_equal(t.bytes, 0);
        if (done && t.requests <= n) {
            assert_true(n > 0);
            return;
        }
    }
    fail_msg("the body never succeeded");
}

FILE *
test_open_unicode(const char *name)
{
    const char *dir = getenv("TT_UNICODE_DIR");
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", dir ? dir : "/usr/share/unicode", name);
    FILE *file = fopen(path, "r");
    if (!file) {
        fail_msg("%s cannot be read", path);
    }
    return file;
}
