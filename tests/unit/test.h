/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every unit test includes: cmocka with its prerequisites, and an allocator that fails on demand and counts what is live.
 */
#ifndef TT_TESTS_TEST_H
#define TT_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/str.h"

/* Asserts that two struct tt_str hold the same bytes. */
#define assert_str_equal(a, b)                           \
    do {                                                 \
        struct tt_str a_ = (a), b_ = (b);                \
        assert_int_equal(a_.len, b_.len);                \
        if (a_.len > 0) {                                \
            assert_memory_equal(a_.ptr, b_.ptr, a_.len); \
        }                                                \
    } while (0)

/* Fails the request number fail_at (from 0; -1 never), and every one after it, as a machine without memory does. */
struct test_alloc {
    struct tt_alloc alloc;
    long fail_at;
    long requests; /* allocations and growths asked for */
    long live;     /* blocks not yet freed */
    size_t bytes;  /* of live blocks */
    size_t peak;
};

void test_alloc_init(struct test_alloc *t, long fail_at);

/*
 * Runs body(ctx, alloc) with the first request failing, then the second, and so on until it succeeds (returns true).  After each run
 * nothing may be live.  Asserts that at least one run failed.
 */
void test_every_allocation(bool (*body)(void *ctx, const struct tt_alloc *alloc), void *ctx);

/* A file of the Unicode Character Database, as the build read it; the test fails without it.  Close it with fclose(). */
FILE *test_open_unicode(const char *name);

#endif
