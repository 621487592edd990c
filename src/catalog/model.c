/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of models: family, vendor, provider and region.
 *
 * In: a catalogue and a name as a request or a setting writes it.  Out: pointers into the catalogue, slices of the name.  A name is
 * read from the left: the provider's prefix, path parts of which one may be a vendor, then in the last part "region.vendor." as Amazon
 * Bedrock writes them.  What is left is compared with the patterns of the families; of those that fit, the one with the most
 * characters that are no wildcards wins ("gpt-oss*" before "gpt-*").
 */
#include "catalog/catalog.h"

#include "base/limits.h"

static bool
starts(struct tt_str s, struct tt_str prefix)
{
    return prefix.len > 0 && tt_str_eq_folded(tt_str_slice(s, 0, prefix.len), prefix);
}

/* A value of a fact that begins a name. */
struct prefix {
    const struct tt_catalog_entry *entry; /* NULL: there is none */
    const struct tt_catalog_fact *fact;
    size_t len;
};

static void
try_values(const struct tt_catalog_entry *entry, const struct tt_catalog_fact *fact, struct tt_str s, struct prefix *best)
{
    for (size_t i = 0; i < fact->value_count; i++) {
        struct tt_str value = fact->values[i].text;
        if (value.len > best->len && starts(s, value)) {
            *best = (struct prefix) {entry, fact, value.len};
        }
    }
}

/* The longest value of that fact, over all entries of a kind, with which s begins. */
static struct prefix
longest_prefix(const struct tt_catalog *catalog, enum tt_catalog_kind kind, struct tt_str name, struct tt_str s)
{
    struct prefix best = {NULL, NULL, 0};
    for (size_t i = 0; i < catalog->count; i++) {
        const struct tt_catalog_entry *entry = &catalog->entries[i];
        const struct tt_catalog_fact *fact;
        size_t at = 0;
        while (entry->kind == kind && (fact = tt_catalog_next_fact(entry, name, &at))) {
            try_values(entry, fact, s, &best);
        }
    }
    return best;
}

/* The byte c in s, or s.len. */
static size_t
find(struct tt_str s, char c)
{
    const char *at = s.len ? memchr(s.ptr, c, s.len) : NULL;
    return at ? (size_t) (at - s.ptr) : s.len;
}

/* Takes path parts off: the last one that a vendor uses as a prefix names the vendor. */
static struct tt_str
take_path(const struct tt_catalog *catalog, struct tt_str name, struct tt_catalog_model *out)
{
    size_t slash;
    while ((slash = find(name, '/')) + 1 < name.len) {
        struct tt_str part = tt_str_slice(name, 0, slash + 1);
        struct prefix vendor = longest_prefix(catalog, TT_CATALOG_VENDOR, TT_STR("model_prefixes"), part);
        if (vendor.entry && vendor.len == part.len) {
            out->vendor = vendor.entry;
            out->fact = vendor.fact;
        }
        name = tt_str_slice(name, slash + 1, name.len);
    }
    return tt_str_slice(name, 0, slash);
}

/* "us.anthropic." as Bedrock writes it.  The region counts only before a vendor, because "eu.x" could be anything. */
static struct tt_str
take_labels(const struct tt_catalog *catalog, struct tt_str name, struct tt_catalog_model *out)
{
    size_t dot = find(name, '.');
    struct tt_str label = tt_str_slice(name, 0, dot);
    struct prefix region = longest_prefix(catalog, TT_CATALOG_PROVIDER, TT_STR("model_regions"), label);
    bool told = region.entry && region.len == dot;
    struct tt_str rest = told ? tt_str_slice(name, dot + 1, name.len) : name;
    struct prefix vendor = longest_prefix(catalog, TT_CATALOG_VENDOR, TT_STR("model_prefixes"), rest);
    if (!vendor.entry || rest.ptr[vendor.len - 1] != '.') {
        return name;
    }
    out->vendor = vendor.entry;
    out->fact = vendor.fact;
    if (told) {
        out->region = label;
        out->through = out->provider ? out->through : region.fact;
        out->provider = out->provider ? out->provider : region.entry;
    }
    return tt_str_slice(rest, vendor.len, rest.len);
}

static size_t
literal_bytes(struct tt_str pattern)
{
    size_t n = 0;
    for (size_t i = 0; i < pattern.len; i++) {
        n += pattern.ptr[i] != '*' && pattern.ptr[i] != '?';
    }
    return n;
}

static bool
match_family(const struct tt_catalog *catalog, struct tt_str name, struct tt_catalog_model *out)
{
    size_t best = 0;
    for (size_t i = 0; i < catalog->count; i++) {
        const struct tt_catalog_entry *entry = &catalog->entries[i];
        const struct tt_catalog_fact *fact;
        size_t at = 0;
        while (entry->kind == TT_CATALOG_FAMILY && (fact = tt_catalog_next_fact(entry, TT_STR("patterns"), &at))) {
            for (size_t k = 0; k < fact->value_count; k++) {
                struct tt_str pattern = fact->values[k].text;
                if (literal_bytes(pattern) > best && tt_catalog_glob(pattern, name)) {
                    best = literal_bytes(pattern);
                    out->family = entry;
                    out->fact = fact;
                }
            }
        }
    }
    return best > 0;
}

static bool
digits(struct tt_str s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (i >= s.len || !tt_ascii_is_digit((unsigned char) s.ptr[i])) {
            return false;
        }
    }
    return from < to;
}

/* The length of "-20250929" or "-2025-09-29" at the end of s, or 0. */
static size_t
date_at_end(struct tt_str s)
{
    if (s.len > 9 && s.ptr[s.len - 9] == '-' && digits(s, s.len - 8, s.len) && (s.ptr[s.len - 8] == '2')) {
        return 9;
    }
    struct tt_str tail = tt_str_slice(s, s.len > 11 ? s.len - 11 : s.len, s.len);
    bool dashes = tail.len == 11 && tail.ptr[0] == '-' && tail.ptr[5] == '-' && tail.ptr[8] == '-';
    return dashes && digits(tail, 1, 5) && digits(tail, 6, 8) && digits(tail, 9, 11) ? 11 : 0;
}

/* "-v1" at the end, which only means the service's version when ":0" followed. */
static size_t
version_at_end(struct tt_str s)
{
    size_t at = s.len;
    while (at > 0 && tt_ascii_is_digit((unsigned char) s.ptr[at - 1])) {
        at--;
    }
    return at < s.len && at > 2 && s.ptr[at - 1] == 'v' && s.ptr[at - 2] == '-' ? s.len - at + 2 : 0;
}

/* Takes tags, dates and versions of a service off the end. */
static struct tt_str
base_of(struct tt_str name)
{
    size_t colon = find(name, ':');
    bool numbered = digits(name, colon + 1, name.len);
    name = tt_str_slice(name, 0, colon);
    name = tt_str_slice(name, 0, find(name, '@'));
    if (numbered) {
        name.len -= version_at_end(name);
    }
    if (name.len > 7 && tt_str_ends(name, TT_STR("-latest"))) {
        name.len -= 7;
    }
    name.len -= date_at_end(name);
    return name;
}

bool
tt_catalog_model(const struct tt_catalog *catalog, struct tt_str name, struct tt_catalog_model *out)
{
    *out = (struct tt_catalog_model) {.family = NULL};
    if (name.len > TT_CATALOG_NAME_MAX) {
        return false;
    }
    struct prefix provider = longest_prefix(catalog, TT_CATALOG_PROVIDER, TT_STR("model_prefixes"), name);
    out->provider = provider.entry;
    out->fact = out->through = provider.fact;
    struct tt_str rest = take_path(catalog, tt_str_slice(name, provider.len, name.len), out);
    rest = take_labels(catalog, rest, out);
    /* "ft:gpt-4o:…" and "Gemini:gemini-3-pro": a word before the name. */
    struct tt_str tail = rest;
    while (!match_family(catalog, tail, out) && find(tail, ':') + 1 < tail.len) {
        tail = tt_str_slice(tail, find(tail, ':') + 1, tail.len);
    }
    out->base = base_of(out->family ? tail : rest);
    if (out->family) {
        out->vendor = tt_catalog_vendor_of(catalog, out->family, NULL);
    }
    return out->family || out->vendor || out->provider;
}
