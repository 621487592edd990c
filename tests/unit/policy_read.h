/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies as tests write them: what every file begins with, a catalogue of next to nothing, and reading.
 */
#ifndef TT_TESTS_POLICY_READ_H
#define TT_TESTS_POLICY_READ_H

#include "test.h"

#include "base/limits.h"
#include "policy/schema.h"

#define HEAD "telltale_policy: 1\nid: x\nowner: a@b.example\n"
#define DECISION(lines) \
    HEAD "decisions:\n  - id: D-1\n    match:\n      vendor: acme\n    status: prohibited\n    reason: r\n" lines

/* A catalogue of one product, one vendor and one channel. */
static inline bool
is_in_catalogue(const void *ctx, enum tt_policy_name kind, struct tt_str name, struct tt_str *nearest)
{
    (void) ctx;
    struct tt_str only = kind == TT_NAME_VENDOR ? TT_STR("acme") : kind == TT_NAME_CHANNEL ? TT_STR("tags") : TT_STR("editor");
    if (kind != TT_NAME_VENDOR && kind != TT_NAME_CHANNEL && kind != TT_NAME_PRODUCT) {
        return true;
    }
    *nearest = only;
    return tt_str_eq(only, name);
}

static const struct tt_policy_names test_names = {.known = is_in_catalogue};

struct read {
    struct tt_arena arena;
    struct tt_policy_problems problems;
    const struct tt_policy *policy;
    enum tt_status status;
};

static inline void
read_with(struct read *r, const struct tt_alloc *alloc, struct tt_str text)
{
    tt_arena_init(&r->arena, alloc, TT_POLICY_ARENA);
    r->problems = (struct tt_policy_problems) {.arena = &r->arena};
    r->status = tt_policy_read(text, &test_names, &r->problems, &r->policy);
}

#endif
