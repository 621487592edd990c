/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host names: which provider or tool one belongs to, and in which region it is.
 *
 * In: a catalogue and a name as a request or a setting holds it.  Out: pointers into both.  Patterns are of three kinds: a whole name,
 * "*." and what must follow, and a name in which "<word>" stands for at least one character within a label (RFC 1035, 2.3.1: names
 * are compared without regard to case).  What "<region>" stands for is the region.
 */
#include "catalog/catalog.h"

#include "base/limits.h"

static struct tt_str
without_final_dot(struct tt_str host)
{
    return host.len > 1 && host.ptr[host.len - 1] == '.' ? tt_str_slice(host, 0, host.len - 1) : host;
}

static bool
is_host_byte(int c)
{
    return tt_ascii_is_alnum(c) || c == '-' || c == '_';
}

/* The length of the "<word>" that a pattern begins with, or 0. */
static size_t
placeholder(struct tt_str pattern)
{
    const char *end = pattern.len && pattern.ptr[0] == '<' ? memchr(pattern.ptr, '>', pattern.len) : NULL;
    return end ? (size_t) (end - pattern.ptr) + 1 : 0;
}

bool
tt_catalog_host_pattern_ok(struct tt_str pattern)
{
    size_t at = tt_str_starts(pattern, TT_STR("*.")) ? 2 : 0, label = 0, labels = 1;
    bool open = false; /* the part before was a placeholder: nothing would say where it ends */
    for (; at < pattern.len; at++) {
        size_t size = placeholder(tt_str_slice(pattern, at, pattern.len));
        if (size > 0) {
            if (open || size == 2 || memchr(pattern.ptr + at, '.', size)) {
                return false;
            }
            open = true;
            label++;
            at += size - 1;
        } else if (pattern.ptr[at] == '.' && label > 0) {
            labels++;
            label = 0;
            open = false;
        } else if (is_host_byte((unsigned char) pattern.ptr[at])) {
            label++;
            open = false;
        } else {
            return false;
        }
    }
    return label > 0 && labels > 1;
}

/* What a "<word>" at the start of pattern stands for: bytes of one label up to the text that follows it. */
static size_t
placeholder_takes(struct tt_str pattern, size_t size, struct tt_str host)
{
    struct tt_str rest = tt_str_slice(pattern, size, pattern.len);
    const char *next = rest.len ? memchr(rest.ptr, '<', rest.len) : NULL;
    size_t label = 0;
    struct tt_str literal = tt_str_slice(rest, 0, next ? (size_t) (next - rest.ptr) : rest.len);
    while (label < host.len && host.ptr[label] != '.') {
        label++;
    }
    /* The longest that fits, so that "us-central1" is taken whole before "-aiplatform." */
    for (size_t n = label; n > 0; n--) {
        struct tt_str behind = tt_str_slice(host, n, n + literal.len);
        if (tt_str_eq_folded(behind, literal)) {
            return n;
        }
    }
    return 0;
}

static bool
match_pattern(struct tt_str pattern, struct tt_str host, struct tt_str *region)
{
    size_t h = 0;
    *region = TT_STR("");
    if (tt_str_starts(pattern, TT_STR("*."))) {
        struct tt_str tail = tt_str_slice(pattern, 1, pattern.len);
        return host.len > tail.len && tt_str_eq_folded(tt_str_slice(host, host.len - tail.len, host.len), tail);
    }
    for (size_t p = 0; p < pattern.len;) {
        struct tt_str rest = tt_str_slice(pattern, p, pattern.len);
        size_t size = placeholder(rest);
        size_t takes = size ? placeholder_takes(rest, size, tt_str_slice(host, h, host.len)) : 1;
        if (takes == 0 || h + takes > host.len ||
            (!size && !tt_str_eq_folded(tt_str_slice(rest, 0, 1), tt_str_slice(host, h, h + 1)))) {
            return false;
        }
        if (size && tt_str_starts(rest, TT_STR("<region>"))) {
            *region = tt_str_slice(host, h, h + takes);
        }
        p += size ? size : 1;
        h += takes;
    }
    return h == host.len;
}

/* The country that the entry's list of regions names. */
static void
find_country(struct tt_catalog_host *out)
{
    size_t at = 0;
    const struct tt_catalog_fact *fact;
    while (out->region.len && !out->place && (fact = tt_catalog_next_fact(out->entry, TT_STR("regions"), &at))) {
        for (size_t i = 0; i < fact->value_count && !out->place; i++) {
            struct tt_str text = fact->values[i].text;
            if (tt_str_eq_folded(text, out->region)) {
                out->country = tt_catalog_detail(&fact->values[i], TT_STR("country"));
                out->place = fact;
            }
        }
    }
}

/* The first pattern that fits; one that tells the region is preferred. */
static bool
match_entry(const struct tt_catalog_entry *entry, struct tt_str host, struct tt_catalog_host *out)
{
    size_t at = 0;
    const struct tt_catalog_fact *fact;
    *out = (struct tt_catalog_host) {.entry = NULL};
    while (out->region.len == 0 && (fact = tt_catalog_next_fact(entry, TT_STR("hosts"), &at))) {
        for (size_t i = 0; i < fact->value_count && out->region.len == 0; i++) {
            struct tt_str region;
            if (!match_pattern(fact->values[i].text, host, &region)) {
                continue;
            }
            if (region.len == 0) {
                region = tt_catalog_detail(&fact->values[i], TT_STR("region"));
            }
            if (!out->entry || region.len > 0) {
                *out = (struct tt_catalog_host) {.entry = entry, .fact = fact, .region = region};
            }
        }
    }
    find_country(out);
    return out->entry != NULL;
}

bool
tt_catalog_next_host(const struct tt_catalog *catalog, struct tt_str host, size_t *at, struct tt_catalog_host *out)
{
    host = without_final_dot(host);
    while (host.len <= TT_CATALOG_NAME_MAX && *at < catalog->count) {
        if (match_entry(&catalog->entries[(*at)++], host, out)) {
            return true;
        }
    }
    *out = (struct tt_catalog_host) {.entry = NULL};
    return false;
}

bool
tt_catalog_host(const struct tt_catalog *catalog, struct tt_str host, struct tt_catalog_host *out)
{
    host = without_final_dot(host);
    for (size_t i = 0; i < catalog->count && host.len <= TT_CATALOG_NAME_MAX; i++) {
        /* Providers are few: tools are not even asked. */
        if (catalog->entries[i].kind == TT_CATALOG_PROVIDER && match_entry(&catalog->entries[i], host, out)) {
            return true;
        }
    }
    *out = (struct tt_catalog_host) {.entry = NULL};
    return false;
}
