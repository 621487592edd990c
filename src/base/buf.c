/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded buffer; see buf.h for the invariants. */
#include "base/buf.h"

#include "base/limits.h"

#include <assert.h>

void
tt_buf_init(struct tt_buf *buf, const struct tt_alloc *alloc, size_t max)
{
    *buf = (struct tt_buf) {.alloc = alloc, .max = max};
}

void
tt_buf_free(struct tt_buf *buf)
{
    tt_alloc_free(buf->alloc, buf->ptr, buf->cap);
    tt_buf_init(buf, buf->alloc, buf->max);
}

void
tt_buf_clear(struct tt_buf *buf)
{
    buf->len = 0;
    buf->status = TT_OK;
}

/* Next capacity that holds need bytes: doubling, never over max.  need <= max. */
static size_t
grown_cap(const struct tt_buf *buf, size_t need)
{
    size_t cap = buf->cap ? buf->cap : TT_BUF_FIRST;
    while (cap < need && cap <= buf->max / 2) {
        cap *= 2;
    }
    if (cap < need || cap > buf->max) {
        cap = buf->max;
    }
    return cap;
}

char *
tt_buf_reserve(struct tt_buf *buf, size_t size)
{
    if (buf->status != TT_OK) {
        return NULL;
    }
    if (size > buf->max - buf->len) {
        buf->status = TT_E_LIMIT;
        return NULL;
    }
    if (!buf->ptr || size > buf->cap - buf->len) {
        size_t cap = grown_cap(buf, buf->len + size);
        char *ptr = tt_alloc_resize(buf->alloc, buf->ptr, buf->cap, cap ? cap : 1);
        if (!ptr) {
            buf->status = TT_E_MEMORY;
            return NULL;
        }
        buf->ptr = ptr;
        buf->cap = cap;
    }
    return buf->ptr + buf->len;
}

void
tt_buf_add(struct tt_buf *buf, struct tt_str s)
{
    if (s.len == 0) {
        return;
    }
    char *to = tt_buf_reserve(buf, s.len);
    if (to) {
        memcpy(to, s.ptr, s.len);
        buf->len += s.len;
    }
}

void
tt_buf_add_cstr(struct tt_buf *buf, const char *s)
{
    tt_buf_add(buf, tt_str_cstr(s));
}

void
tt_buf_add_char(struct tt_buf *buf, char c)
{
    tt_buf_add(buf, tt_str_make(&c, 1));
}

void
tt_buf_add_u64(struct tt_buf *buf, uint64_t value)
{
    char digits[20]; /* 2^64 - 1 has twenty */
    size_t n = sizeof(digits);
    do {
        digits[--n] = (char) ('0' + value % 10);
        value /= 10;
    } while (value);
    tt_buf_add(buf, tt_str_make(digits + n, sizeof(digits) - n));
}

void
tt_buf_add_hex(struct tt_buf *buf, struct tt_str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        char pair[2];
        tt_hex_write(pair, bytes.ptr + i, 1);
        tt_buf_add(buf, tt_str_make(pair, 2));
    }
}

void
tt_buf_add_codepoint(struct tt_buf *buf, uint32_t cp)
{
    int shift = 12;
    while (shift < 28 && cp >> (shift + 4)) {
        shift += 4;
    }
    tt_buf_add(buf, TT_STR("U+"));
    for (; shift >= 0; shift -= 4) {
        tt_buf_add_char(buf, tt_hex_capital(cp >> shift));
    }
}

void
tt_buf_drop(struct tt_buf *buf, size_t n)
{
    assert(n <= buf->len);
    if (n > 0) {
        buf->len -= n;
        memmove(buf->ptr, buf->ptr + n, buf->len);
    }
}
