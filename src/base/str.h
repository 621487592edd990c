/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Borrowed strings: a pointer and a length, passed by value.
 *
 * Traffic contains NUL bytes and has no terminator, so C strings are wrong for it.  A struct tt_str never owns its bytes; the
 * owner is named where the value comes from.  ptr may be NULL only when len is 0.
 */
#ifndef TT_BASE_STR_H
#define TT_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct tt_str {
    const char *ptr;
    size_t len;
};

/* A string literal as a struct tt_str; the second form also serves static initialisers. */
#define TT_STR(lit) ((struct tt_str) TT_STR_INIT(lit))
#define TT_STR_INIT(lit)       \
    {                          \
        (lit), sizeof(lit) - 1 \
    }

static inline struct tt_str
tt_str_make(const void *ptr, size_t len)
{
    return (struct tt_str) {ptr, len};
}

static inline struct tt_str
tt_str_cstr(const char *s)
{
    return (struct tt_str) {s, s ? strlen(s) : 0};
}

static inline bool
tt_str_eq(struct tt_str a, struct tt_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool
tt_str_starts(struct tt_str s, struct tt_str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool
tt_str_ends(struct tt_str s, struct tt_str suffix)
{
    return s.len >= suffix.len && (suffix.len == 0 || memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

/* The first place of part in s, or NULL; an empty part stands nowhere. */
static inline const char *
tt_str_find(struct tt_str s, struct tt_str part)
{
    return part.len > 0 && part.len <= s.len ? (const char *) memmem(s.ptr, s.len, part.ptr, part.len) : NULL;
}

static inline bool
tt_str_has(struct tt_str s, struct tt_str part)
{
    return tt_str_find(s, part) != NULL;
}

static inline bool
tt_str_is_ascii(struct tt_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char) s.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* The part from..to (both clamped to the string; an empty string when from >= to). */
static inline struct tt_str
tt_str_slice(struct tt_str s, size_t from, size_t to)
{
    if (to > s.len) {
        to = s.len;
    }
    return from < to ? (struct tt_str) {s.ptr + from, to - from} : (struct tt_str) {s.ptr, 0};
}

/* ASCII only and free of the locale, unlike <ctype.h>. */
static inline bool
tt_ascii_is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static inline bool
tt_ascii_is_alpha(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
tt_ascii_is_alnum(int c)
{
    return tt_ascii_is_digit(c) || tt_ascii_is_alpha(c);
}

static inline int
tt_ascii_lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* Equal, when the case of ASCII letters does not count. */
static inline bool
tt_str_eq_folded(struct tt_str a, struct tt_str b)
{
    size_t i = 0;
    while (i < a.len && i < b.len && tt_ascii_lower((unsigned char) a.ptr[i]) == tt_ascii_lower((unsigned char) b.ptr[i])) {
        i++;
    }
    return i == a.len && i == b.len;
}

/* Without the spaces, tabs and ends of lines around it. */
static inline struct tt_str
tt_str_trim(struct tt_str s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || (s.ptr[0] >= '\t' && s.ptr[0] <= '\r'))) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || (s.ptr[s.len - 1] >= '\t' && s.ptr[s.len - 1] <= '\r'))) {
        s.len--;
    }
    return s;
}

/* Value 0-15 of a hexadecimal digit, or -1. */
static inline int
tt_ascii_hex(int c)
{
    if (tt_ascii_is_digit(c)) {
        return c - '0';
    }
    c = tt_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* n bytes as 2 * n small hexadecimal digits; no zero behind. */
static inline void
tt_hex_write(char *out, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = ((const unsigned char *) bytes)[i];
        out[2 * i] = "0123456789abcdef"[byte >> 4];
        out[2 * i + 1] = "0123456789abcdef"[byte & 15];
    }
}

/* The capital digit of the lowest four bits, as code points and percent escapes have them. */
static inline char
tt_hex_capital(uint32_t value)
{
    return "0123456789ABCDEF"[value & 15];
}

#endif
