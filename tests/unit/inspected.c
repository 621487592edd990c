/* SPDX-License-Identifier: Apache-2.0 */
/* See inspected.h. */
#include "inspected.h"

#include "inspect/patterns.h"

#define DIVIDER "\n======\n"

static void
inspect_one(const struct tt_inspect *settings, struct tt_found *found, const char *uri, struct tt_str bytes)
{
    tt_found_init(found, &tt_alloc_libc);
    assert_int_equal(tt_inspect_bytes(settings, tt_str_cstr(uri), bytes, found), TT_OK);
}

void
inspect(struct tt_found *found, const char *uri, struct tt_str bytes)
{
    char why[256];
    struct tt_patterns *patterns;
    struct tt_found old, differences;
    assert_int_equal(tt_patterns_open(&patterns, &tt_alloc_libc, TT_STR(""), why, sizeof(why)), TT_OK);
    assert_non_null(patterns);
    const struct tt_inspect settings = {
        .alloc = &tt_alloc_libc, .kernels = tt_kernels_get(tt_cpu_detect()), .patterns = patterns};
    const char *cut = memmem(bytes.ptr, bytes.len, DIVIDER, strlen(DIVIDER));
    if (!cut) {
        inspect_one(&settings, found, uri, bytes);
    } else {
        size_t at = (size_t) (cut - bytes.ptr);
        inspect_one(&settings, &old, uri, tt_str_slice(bytes, 0, at));
        inspect_one(&settings, found, uri, tt_str_slice(bytes, at + strlen(DIVIDER), bytes.len));
        tt_found_init(&differences, &tt_alloc_libc);
        assert_int_equal(tt_inspect_compare(&old, found, &differences), TT_OK);
        for (size_t i = 0; i < differences.count; i++) {
            assert_int_equal(tt_found_keep(found, &differences.rows[i].finding), TT_OK);
        }
        tt_found_free(&differences);
        tt_found_free(&old);
    }
    tt_patterns_close(patterns);
}

const char *
inspected_name(struct tt_str bytes)
{
    bool binary = bytes.len > 0 && memchr(bytes.ptr, '\0', bytes.len);
    return binary ? "program" : tt_str_starts(bytes, TT_STR("{\"")) ? "package.json" : "cli.js";
}

const struct tt_finding *
inspected_get(const struct tt_found *found, const char *rule, size_t n)
{
    for (size_t i = 0; i < found->count; i++) {
        if (strcmp(found->rows[i].finding.rule->id, rule) == 0 && n-- == 0) {
            return &found->rows[i].finding;
        }
    }
    return NULL;
}

struct tt_str
inspected_fact(const struct tt_finding *finding, const char *key)
{
    for (size_t i = 0; i < finding->fact_count; i++) {
        if (strcmp(finding->facts[i].key, key) == 0) {
            return finding->facts[i].text;
        }
    }
    return TT_STR("");
}
