/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the writers share: a buffer to write to, and what must stand in it. */
#ifndef TT_TESTS_WRITTEN_H
#define TT_TESTS_WRITTEN_H

#include "test.h"

#include "finding/writer.h"

static inline struct tt_buf
fresh(void)
{
    struct tt_buf buf;
    tt_buf_init(&buf, &tt_alloc_libc, TT_MIB);
    return buf;
}

/* All that was written; ends the buffer. */
static inline void
assert_output(struct tt_buf *buf, const char *expected)
{
    assert_int_equal(buf->status, TT_OK);
    tt_buf_add_char(buf, '\0');
    assert_string_equal(buf->ptr, expected);
    tt_buf_free(buf);
}

#endif
