/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking things up in the catalogue: entries by id or name, facts of an entry, prices.
 *
 * In: a catalogue, whose entries are ordered by kind and id.  Out: pointers into it.  Nothing is allocated and nothing is changed, so
 * one catalogue serves every thread.
 */
#include "catalog/catalog.h"

#include "base/near.h"

/* As memcmp over both, the shorter first where one begins the other: the order in which the generator sorts. */
static int
compare(struct tt_str a, struct tt_str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.ptr, b.ptr, common) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int
compare_entry(const struct tt_catalog_entry *entry, enum tt_catalog_kind kind, struct tt_str id)
{
    return entry->kind != kind ? (entry->kind > kind) - (entry->kind < kind) : compare(entry->id, id);
}

int
tt_catalog_compare(const struct tt_catalog_entry *a, const struct tt_catalog_entry *b)
{
    return compare_entry(a, b->kind, b->id);
}

const struct tt_catalog_entry *
tt_catalog_find(const struct tt_catalog *catalog, enum tt_catalog_kind kind, struct tt_str id)
{
    size_t from = 0, to = catalog->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = compare_entry(&catalog->entries[middle], kind, id);
        if (order == 0) {
            return &catalog->entries[middle];
        }
        if (order > 0) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return NULL;
}

static bool
has_name(const struct tt_catalog_entry *entry, struct tt_str word)
{
    bool found = tt_str_eq_folded(entry->id, word) || tt_str_eq_folded(entry->name, word);
    for (size_t i = 0; i < entry->alias_count && !found; i++) {
        found = tt_str_eq_folded(entry->aliases[i], word);
    }
    return found;
}

const struct tt_catalog_entry *
tt_catalog_find_named(const struct tt_catalog *catalog, enum tt_catalog_kind kind, struct tt_str word)
{
    const struct tt_catalog_entry *entry = tt_catalog_find(catalog, kind, word);
    for (size_t i = 0; i < catalog->count && !entry; i++) {
        if (catalog->entries[i].kind == kind && has_name(&catalog->entries[i], word)) {
            entry = &catalog->entries[i];
        }
    }
    return entry;
}

struct tt_str
tt_catalog_nearest(const struct tt_catalog *catalog, enum tt_catalog_kind kind, struct tt_str word)
{
    struct tt_near near;
    tt_near_begin(&near, word);
    for (size_t i = 0; i < catalog->count; i++) {
        if (catalog->entries[i].kind == kind) {
            tt_near_offer(&near, catalog->entries[i].id);
        }
    }
    return near.best;
}

const struct tt_catalog_fact *
tt_catalog_next_fact(const struct tt_catalog_entry *entry, struct tt_str name, size_t *at)
{
    while (*at < entry->fact_count) {
        const struct tt_catalog_fact *fact = &entry->facts[(*at)++];
        if (tt_str_eq(fact->name, name)) {
            return fact;
        }
    }
    return NULL;
}

const struct tt_catalog_value *
tt_catalog_value(const struct tt_catalog_entry *entry, struct tt_str name, const struct tt_catalog_fact **fact)
{
    size_t at = 0;
    const struct tt_catalog_fact *found = tt_catalog_next_fact(entry, name, &at);
    if (fact) {
        *fact = found;
    }
    return found ? &found->values[0] : NULL;
}

struct tt_str
tt_catalog_detail(const struct tt_catalog_value *value, struct tt_str name)
{
    for (size_t i = 0; i < value->detail_count; i++) {
        if (tt_str_eq(value->details[i].name, name)) {
            return value->details[i].text;
        }
    }
    return TT_STR("");
}

const struct tt_catalog_entry *
tt_catalog_vendor_of(const struct tt_catalog *catalog, const struct tt_catalog_entry *entry, const struct tt_catalog_fact **fact)
{
    const struct tt_catalog_value *value = tt_catalog_value(entry, TT_STR("vendor"), fact);
    return value ? tt_catalog_find(catalog, TT_CATALOG_VENDOR, value->text) : NULL;
}

/* Pattern and name are walked once; behind a '*' that did not fit, the name is tried one byte further on. */
bool
tt_catalog_glob(struct tt_str pattern, struct tt_str name)
{
    size_t p = 0, n = 0, star = SIZE_MAX, retry = 0;
    while (n < name.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            retry = n;
        } else if (p < pattern.len && (pattern.ptr[p] == '?' || tt_ascii_lower((unsigned char) pattern.ptr[p]) ==
                                                                    tt_ascii_lower((unsigned char) name.ptr[n]))) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++retry;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*') {
        p++;
    }
    return p == pattern.len;
}

const struct tt_catalog_value *
tt_catalog_price(const struct tt_catalog_entry *entry, struct tt_str base, const struct tt_catalog_fact **fact)
{
    size_t at = 0;
    const struct tt_catalog_fact *found;
    while ((found = tt_catalog_next_fact(entry, TT_STR("prices"), &at))) {
        for (size_t i = 0; i < found->value_count; i++) {
            if (tt_catalog_glob(found->values[i].text, base)) {
                if (fact) {
                    *fact = found;
                }
                return &found->values[i];
            }
        }
    }
    return NULL;
}
