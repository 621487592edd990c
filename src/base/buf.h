/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing buffer that is created with its maximum.
 *
 * Invariants: len <= cap <= max.  The first failure sticks: later additions do nothing, and status says why.  A writer can
 * therefore add many pieces and ask once at its end.  What was added before the failure stays readable.
 */
#ifndef TT_BASE_BUF_H
#define TT_BASE_BUF_H

#include "base/alloc.h"
#include "base/status.h"
#include "base/str.h"

struct tt_buf {
    const struct tt_alloc *alloc;
    char *ptr;
    size_t len;
    size_t cap;
    size_t max;
    enum tt_status status; /* TT_OK, TT_E_LIMIT or TT_E_MEMORY */
};

/* Prepares a buffer of at most max bytes; allocates nothing.  alloc must outlive it. */
void tt_buf_init(struct tt_buf *buf, const struct tt_alloc *alloc, size_t max);
void tt_buf_free(struct tt_buf *buf);

/* Empties the buffer, clears its status and keeps its memory. */
void tt_buf_clear(struct tt_buf *buf);

void tt_buf_add(struct tt_buf *buf, struct tt_str s);
void tt_buf_add_cstr(struct tt_buf *buf, const char *s);
void tt_buf_add_char(struct tt_buf *buf, char c);
void tt_buf_add_u64(struct tt_buf *buf, uint64_t value);      /* decimal */
void tt_buf_add_hex(struct tt_buf *buf, struct tt_str bytes); /* two lower-case digits a byte */
void tt_buf_add_codepoint(struct tt_buf *buf, uint32_t cp);   /* "U+02BC": upper case, at least four digits */

/* Room for size bytes at the end, which the caller fills and then counts with len += n.  NULL on failure. */
char *tt_buf_reserve(struct tt_buf *buf, size_t size) TT_MUST_USE;

/* Drops the first n bytes (n <= len). */
void tt_buf_drop(struct tt_buf *buf, size_t n);

/* What the buffer holds; borrowed until the next addition. */
static inline struct tt_str
tt_buf_str(const struct tt_buf *buf)
{
    return tt_str_make(buf->ptr, buf->len);
}

#endif
