/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Versions, ranges of them, and names with wildcards; see version.h.
 *
 * In: borrowed strings.  Out: answers; nothing is allocated.  Parts of a pre-release compare as Semantic Versioning 2.0.0, section
 * 11, has it.
 */
#include "policy/version.h"

/* The first stretch of rest before c, dropped from it. */
static struct tt_str
next_part(struct tt_str *rest, char c)
{
    size_t end = 0;
    while (end < rest->len && rest->ptr[end] != c) {
        end++;
    }
    struct tt_str part = tt_str_slice(*rest, 0, end);
    *rest = tt_str_slice(*rest, end + 1, rest->len);
    return part;
}

static bool
is_number(struct tt_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!tt_ascii_is_digit(s.ptr[i])) {
            return false;
        }
    }
    return s.len > 0;
}

/* Numbers of any length, as text. */
static int
compare_numbers(struct tt_str a, struct tt_str b)
{
    while (a.len > 0 && a.ptr[0] == '0') {
        a = tt_str_slice(a, 1, a.len);
    }
    while (b.len > 0 && b.ptr[0] == '0') {
        b = tt_str_slice(b, 1, b.len);
    }
    if (a.len != b.len) {
        return a.len < b.len ? -1 : 1;
    }
    return a.len ? memcmp(a.ptr, b.ptr, a.len) : 0;
}

static int
compare_words(struct tt_str a, struct tt_str b)
{
    if (is_number(a) && is_number(b)) {
        return compare_numbers(a, b);
    }
    if (is_number(a) != is_number(b)) {
        return is_number(a) ? -1 : 1;
    }
    size_t least = a.len < b.len ? a.len : b.len;
    int order = least ? memcmp(a.ptr, b.ptr, least) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* "v1.2.3-rc.1+5": the numbers, and what follows the '-'. */
struct version {
    struct tt_str numbers, pre;
};

static bool
read_version(struct tt_str text, struct version *out)
{
    struct tt_str rest = tt_str_starts(text, TT_STR("v")) ? tt_str_slice(text, 1, text.len) : text;
    rest = next_part(&rest, '+');
    out->numbers = next_part(&rest, '-');
    out->pre = rest;
    if (out->numbers.len == 0 || out->numbers.ptr[out->numbers.len - 1] == '.') {
        return false;
    }
    for (struct tt_str numbers = out->numbers; numbers.len > 0;) {
        if (!is_number(next_part(&numbers, '.'))) {
            return false;
        }
    }
    return true;
}

static int
compare_versions(struct version a, struct version b)
{
    while (a.numbers.len > 0 || b.numbers.len > 0) {
        int order = compare_numbers(next_part(&a.numbers, '.'), next_part(&b.numbers, '.'));
        if (order) {
            return order;
        }
    }
    if ((a.pre.len == 0) != (b.pre.len == 0)) {
        return a.pre.len == 0 ? 1 : -1;
    }
    while (a.pre.len > 0 && b.pre.len > 0) {
        int order = compare_words(next_part(&a.pre, '.'), next_part(&b.pre, '.'));
        if (order) {
            return order;
        }
    }
    return (a.pre.len > 0) - (b.pre.len > 0);
}

struct comparison {
    bool less, equal, more; /* which orders of version against bound hold */
    struct version bound;
};

/* The next comparison of *range; false at its end, or when *valid becomes false. */
static bool
next_comparison(struct tt_str *range, struct comparison *out, bool *valid)
{
    size_t at = 0, end;
    while (at < range->len && range->ptr[at] == ' ') {
        at++;
    }
    if (at == range->len) {
        return false;
    }
    *out = (struct comparison) {0};
    out->less = range->ptr[at] == '<';
    out->more = range->ptr[at] == '>';
    at += out->less || out->more;
    out->equal = at < range->len && range->ptr[at] == '=';
    at += out->equal;
    if (!out->less && !out->more) {
        out->equal = true;
    }
    while (at < range->len && range->ptr[at] == ' ') {
        at++;
    }
    for (end = at; end < range->len && range->ptr[end] != ' ';) {
        end++;
    }
    *valid = read_version(tt_str_slice(*range, at, end), &out->bound);
    *range = tt_str_slice(*range, end, range->len);
    return *valid;
}

bool
tt_policy_range_valid(struct tt_str range)
{
    struct comparison comparison;
    bool valid = false;
    while (next_comparison(&range, &comparison, &valid)) {
    }
    return valid;
}

bool
tt_policy_range_holds(struct tt_str range, struct tt_str version, bool *known)
{
    struct comparison c;
    struct version v;
    bool valid;
    *known = read_version(version, &v);
    while (*known && next_comparison(&range, &c, &valid)) {
        int order = compare_versions(v, c.bound);
        if (!(order < 0 ? c.less : order > 0 ? c.more : c.equal)) {
            return false;
        }
    }
    return *known;
}

/* Bytes of the character at i. */
static size_t
step(struct tt_str name, size_t i)
{
    size_t n = 1;
    while (i + n < name.len && ((unsigned char) name.ptr[i + n] & 0xC0) == 0x80) {
        n++;
    }
    return n;
}

bool
tt_policy_glob_matches(struct tt_str glob, struct tt_str name)
{
    size_t g = 0, n = 0, star = SIZE_MAX, tried = 0;
    while (n < name.len) {
        if (g < glob.len && glob.ptr[g] == '*') {
            star = ++g; /* first with nothing; on failure with one byte more */
            tried = n;
        } else if (g < glob.len && glob.ptr[g] == '?') {
            g++;
            n += step(name, n);
        } else if (g < glob.len && glob.ptr[g] == name.ptr[n]) {
            g++;
            n++;
        } else if (star != SIZE_MAX) {
            g = star;
            n = ++tried;
        } else {
            return false;
        }
    }
    while (g < glob.len && glob.ptr[g] == '*') {
        g++;
    }
    return g == glob.len;
}
