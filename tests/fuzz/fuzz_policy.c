/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies of any bytes.
 *
 * Properties: a policy or at least one problem, never both; places are set and in order; asked about what its own decisions are
 * about, a policy answers with an action and a rule on every day.  What the catalogue adds leaves what was given as it is.
 */
#include "catalog/catalog.h"
#include "policy/decide.h"

#include <stdlib.h>

#define CHECK(condition)    \
    do {                    \
        if (!(condition)) { \
            abort();        \
        }                   \
    } while (0)

static void
check_problems(const struct tt_policy_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct tt_policy_problem *p = &problems->items[i];
        CHECK(p->at.line > 0 && p->at.column > 0 && p->text.len > 0);
        CHECK(i == 0 || p[-1].at.line <= p->at.line);
    }
}

static void
complete(struct tt_policy_subject *subject, enum tt_about about, struct tt_str text)
{
    const struct tt_policy_names names = tt_policy_names_of(&tt_catalog_builtin);
    const struct tt_policy_fact *fact;
    subject->facts[about].text = text;
    names.complete(names.ctx, subject);
    CHECK(!subject->facts[about].derived && tt_str_eq(subject->facts[about].text, text));
    for (int i = 0; i < TT_ABOUTS; i++) {
        for (size_t k = 0; (fact = tt_policy_fact_at(subject, (enum tt_about) i, k)); k++) {
            CHECK(fact->text.len > 0 && (i == (int) about || fact->derived));
        }
    }
}

static void
check_decisions(const struct tt_policy *policy)
{
    static const int64_t days[] = {20260101, 20260710, 20270228};
    for (size_t i = 0; i < policy->decisions.count && i < 16; i++) {
        const struct tt_policy_decision *d = tt_policy_decision_at(policy, i);
        struct tt_policy_subject subject = {0};
        struct tt_policy_verdict verdict;
        complete(&subject, d->match.about, d->match.subject[d->match.about].text);
        for (size_t k = 0; k < sizeof(days) / sizeof(*days); k++) {
            tt_policy_decide(policy, &subject, days[k], &verdict);
            CHECK(verdict.action <= TT_ACTION_REMOVE && tt_policy_rule(&verdict).len > 0);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tt_arena arena;
    struct tt_policy_problems problems = {.arena = &arena};
    const struct tt_policy_names names = tt_policy_names_of(&tt_catalog_builtin);
    const struct tt_policy *policy;
    tt_arena_init(&arena, &tt_alloc_libc, TT_POLICY_ARENA);
    enum tt_status status = tt_policy_read(tt_str_make(data, size), NULL, &problems, &policy);
    CHECK((status == TT_OK) == (policy != NULL));
    CHECK((status == TT_OK) == (problems.count == 0));
    check_problems(&problems);
    if (policy) {
        check_decisions(policy);
    }
    /* With names that must be known, what was wrong before stays wrong. */
    bool wrong = status != TT_OK;
    problems = (struct tt_policy_problems) {.arena = &arena};
    status = tt_policy_read(tt_str_make(data, size), &names, &problems, &policy);
    CHECK((status == TT_OK) == (problems.count == 0) && (!wrong || status != TT_OK));
    check_problems(&problems);
    tt_arena_free(&arena);
    return 0;
}
