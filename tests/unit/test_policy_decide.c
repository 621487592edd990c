/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a policy says on a day.  A case is a subject in words ("product p, vendor v, region CN"), a day, and the outcome.
 */
#include "test.h"

#include "base/limits.h"
#include "policy/decide.h"

#include <stdio.h>
#include <stdlib.h>

#define HEAD "telltale_policy: 1\nid: x\nowner: a@b.example\nteams: [red, web]\nregions:\n  out: [CN, HK]\n"
#define RULE(id, match, rest) "  - id: " id "\n    reason: r\n    match:\n      " match "\n" rest
#define BAN "    status: prohibited\n"
#define ALLOW "    status: approved\n    review_due: 2026-12-31\n"

struct outcome_case {
    const char *subject;
    const char *day;
    const char *outcome; /* "action rule status" */
};

static void
read_policy(struct tt_arena *arena, const char *text, const struct tt_policy **policy)
{
    struct tt_policy_problems problems = {.arena = arena};
    tt_arena_init(arena, &tt_alloc_libc, TT_POLICY_ARENA);
    enum tt_status status = tt_policy_read(tt_str_cstr(text), NULL, &problems, policy);
    if (status != TT_OK) {
        fail_msg("%u: %s", problems.items[0].at.line, problems.count ? problems.items[0].text.ptr : "?");
    }
}

/* Words "name value", divided by ", "; a '?' before the name says that it only may be so, a '!' that no source backs it. */
static void
read_subject(const char *words, struct tt_policy_subject *subject)
{
    *subject = (struct tt_policy_subject) {0};
    while (*words) {
        char name[64];
        int used = 0;
        bool possible = *words == '?', unverified = *words == '!';
        words += possible || unverified;
        assert_int_equal(sscanf(words, "%63[a-z_0-9] %n", name, &used), 1);
        size_t length = strcspn(words + used, ",");
        int about = 0;
        while (about < TT_ABOUTS && strcmp(tt_about_name((enum tt_about) about), name) != 0) {
            about++;
        }
        assert_true(about < TT_ABOUTS);
        subject->facts[about] =
            (struct tt_policy_fact) {.text = tt_str_make(words + used, length), .possible = possible, .unverified = unverified};
        words += (size_t) used + length;
        words += strspn(words, ", ");
    }
}

static const char *
outcome_of(const struct tt_policy *policy, const char *words, const char *day)
{
    static char out[256];
    struct tt_policy_subject subject;
    struct tt_policy_verdict verdict;
    int64_t date;
    read_subject(words, &subject);
    assert_true(tt_policy_date_parse(tt_str_cstr(day), &date));
    tt_policy_decide(policy, &subject, date, &verdict);
    struct tt_str rule = tt_policy_rule(&verdict);
    snprintf(out, sizeof(out), "%s %.*s %s", tt_policy_action_name(verdict.action), (int) rule.len, rule.ptr,
             tt_policy_status_name(verdict.status));
    return out;
}

static void
check_outcomes(const char *text, const struct outcome_case *cases, size_t count)
{
    struct tt_arena arena;
    const struct tt_policy *policy;
    read_policy(&arena, text, &policy);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(outcome_of(policy, cases[i].subject, cases[i].day), cases[i].outcome);
    }
    tt_arena_free(&arena);
}
#define CHECK_OUTCOMES(text, cases) check_outcomes(text, cases, sizeof(cases) / sizeof(*(cases)))

static void
stages(void **state)
{
    static const struct outcome_case cases[] = {
        {"vendor v, product p", "2026-07-02", "report A prohibited"},
        {"vendor v, product p", "2026-07-03", "announce A prohibited"},
        {"vendor v, product p", "2026-07-05", "announce A prohibited"},
        {"vendor v, product p", "2026-07-06", "warn A prohibited"},
        {"vendor v, product p", "2026-07-10", "block A prohibited"},
        {"vendor v, product p", "2026-07-13", "remove A prohibited"},
        {"vendor v, product p", "2026-09-13", "remove A prohibited"},
        {"vendor w, product p", "2026-07-13", "report default undecided"},
        {"product p", "2026-07-13", "report default undecided"}, /* vendor not known */
        {"!vendor v, product p", "2026-07-13", "warn A prohibited"},
        {"?vendor v, product p", "2026-07-13", "report default undecided"},
        {"model m", "2026-07-13", "report default undecided"},
    };
    (void) state;
    CHECK_OUTCOMES(HEAD "decisions:\n" RULE("A", "vendor: v",
                                            BAN "    timeline:\n      announce: 2026-07-03\n      warn: 2026-07-06\n"
                                                "      block: 2026-07-10\n      remove: 2026-07-13\n      verify: 2026-07-17\n"),
                   cases);
}

#define BLOCKED BAN "    timeline:\n      block: 2026-01-01\n"

static void
the_most_specific_wins(void **state)
{
    static const struct outcome_case cases[] = {
        {"vendor v, product q", "2026-02-01", "block V prohibited"},
        {"vendor v, product p", "2026-02-01", "report P approved"},
        {"vendor v, product p", "2027-02-01", "report P reviewing"}, /* review overdue */
        {"vendor v, product p, version 0.9", "2026-02-01", "block P-old prohibited"},
        {"vendor v, product p, version 1.0", "2026-02-01", "report P approved"},
        {"vendor v, product s, team red", "2026-02-01", "report S-red approved"},
        {"vendor v, product s, team web", "2026-02-01", "block S prohibited"},
        {"vendor v, product s, team web, region CN", "2026-02-01", "block S prohibited"},
        {"vendor v, product s", "2026-02-01", "report S prohibited"},  /* the team might be red */
        {"vendor v, product t", "2026-02-01", "block T-2 prohibited"}, /* a tie: the stricter */
        {"vendor v, product u", "2026-02-01", "block U-1 prohibited"}, /* and the earlier block */
        {"vendor v, product w", "2026-02-01", "block W-1 prohibited"}, /* and the smaller id */
        {"host api.a.example", "2026-02-01", "block H prohibited"},
        {"host a.example", "2026-02-01", "report default undecided"},
        {"host ok.a.example", "2026-02-01", "block H prohibited"}, /* exact or not, a host is a host: the stricter */
        {"model m-4-x, model_family f", "2026-02-01", "report M approved"},
        {"model m-5-x, model_family f", "2026-02-01", "block F prohibited"},
        {"vendor x, product p2, model m-9, model_family f", "2026-02-01", "block F prohibited"}, /* axes do not compete */
        {"vendor x, product p2, model_family f", "2026-02-01", "block F prohibited"}, /* a model that nobody named is none */
        {"via p3, model_family g", "2026-02-01", "report G-via approved"},
        {"via p4, model_family g", "2026-02-01", "block G prohibited"},
        {"vendor x, product p4, ?model_family f", "2026-02-01", "report default undecided"},
    };
    (void) state;
    CHECK_OUTCOMES(
        HEAD "decisions:\n" RULE("V", "vendor: v", BLOCKED) RULE("P", "product: p", ALLOW)
            RULE("P-old", "product: p\n      version: \"< 1.0\"", BLOCKED) RULE("S", "product: s", BLOCKED)
                RULE("S-red", "product: s", ALLOW "    applies_to:\n      teams: [red]\n") RULE("T-1", "product: t", ALLOW)
                    RULE("T-2", "product: t", BLOCKED) RULE("U-2", "product: u", BAN "    timeline:\n      block: 2026-01-02\n")
                        RULE("U-1", "product: u", BLOCKED) RULE("W-2", "product: w", BLOCKED) RULE("W-1", "product: w", BLOCKED)
                            RULE("H", "host: \"*.a.example\"", BLOCKED) RULE("H-ok", "host: ok.a.example", ALLOW)
                                RULE("M", "model: m-4-*", ALLOW) RULE("F", "model_family: f", BLOCKED)
                                    RULE("G", "model_family: g", BLOCKED) RULE("G-via", "model_family: g\n      via: p3", ALLOW),
        cases);
}

static void
scopes_and_time(void **state)
{
    static const struct outcome_case cases[] = {
        {"vendor v, product p, region CN", "2026-02-01", "block IN prohibited"},
        {"vendor v, product p, region SG", "2026-02-01", "report EX approved"},
        {"vendor v, product p", "2026-02-01", "report default undecided"}, /* region not known: both are possible */
        {"vendor w, product p", "2025-12-31", "report OLD approved"},
        {"vendor w, product p", "2026-01-01", "block NEW prohibited"},
        {"vendor w, product p", "2026-03-01", "report OLD approved"}, /* the successor has ended */
        {"vendor w, product e, team red, machine rt-4", "2026-02-01", "warn E prohibited"},
        {"vendor w, product e, team red, machine x", "2026-02-01", "block E prohibited"},
        {"vendor w, product e, team web, machine rt-4", "2026-02-01", "block E prohibited"},
        {"vendor w, product e", "2026-02-01", "block E prohibited"},                         /* an exception has to be shown */
        {"vendor w, product e, team red, machine rt-4", "2026-02-21", "block E prohibited"}, /* expired */
    };
    (void) state;
    CHECK_OUTCOMES(
        HEAD "exceptions:\n  - id: X\n    decisions: [E]\n    scope:\n      teams: [red]\n      hosts: [rt-*]\n    owner: o@p\n"
             "    reason: r\n    expires: 2026-02-20\n    hold_at: warn\n"
             "decisions:\n" RULE("IN", "vendor: v", BLOCKED "    applies_to:\n      regions: [out]\n")
                 RULE("EX", "vendor: v", ALLOW "    applies_to:\n      regions_except: [out]\n") RULE("OLD", "vendor: w", ALLOW)
                     RULE("NEW", "vendor: w", BLOCKED "    from: 2026-01-01\n    until: 2026-02-28\n    supersedes: [OLD]\n")
                         RULE("E", "product: e", BLOCKED),
        cases);
}

static void
defaults_and_limits(void **state)
{
    static const struct outcome_case cases[] = {
        {"product z", "2026-10-12", "warn default prohibited"},
        {"product z", "2026-11-02", "block default prohibited"},
        {"model m", "2026-11-02", "report default undecided"},
        {"product p", "2026-10-12", "report A approved_with_limits"},
        {"product p, model_family f", "2026-10-12", "report default undecided"}, /* nobody approved the family */
        {"product p, model_family g", "2026-10-12", "block A approved_with_limits"},
        {"product p, ?model_family g", "2026-10-12", "report A approved_with_limits"},
        {"product p, !model_family g", "2026-10-12", "warn A approved_with_limits"},
        {"product p, provider q", "2026-10-12", "block A approved_with_limits"}, /* [] allows nothing */
        {"product p, account company", "2026-10-12", "report A approved_with_limits"},
        {"product p, account personal", "2026-10-12", "block A approved_with_limits"},
        {"product p, risk_flag x", "2026-10-12", "report A approved_with_limits"},
        {"product w, model_family f", "2026-10-12", "report default undecided"},
        {"product w, model_family f, account personal", "2026-10-12", "report W approved_with_limits"}, /* a limit is not kept */
        {"product w, model_family f, !account personal", "2026-10-12", "report W approved_with_limits"},
        {"product w, model_family f, ?account personal", "2026-10-12", "report default undecided"},
        {"product w, model_family h, account personal", "2026-10-12", "report H prohibited"},
        {"product p, data_region CN", "2026-10-12", "report A approved_with_limits"},
        {"product p, data_region SG", "2026-10-12", "block A approved_with_limits"},
    };
    (void) state;
    CHECK_OUTCOMES(
        HEAD "default:\n  software: prohibited\n  timeline:\n    warn: 2026-10-01\n    block: 2026-11-02\n"
             "decisions:\n" RULE("A", "product: p",
                                 "    status: approved_with_limits\n    review_due: 2026-12-31\n    limits:\n"
                                 "      model_families: [f]\n      providers: []\n      accounts: [company]\n"
                                 "      data_regions: [out]\n    timeline:\n      block: 2026-01-01\n")
                 RULE("W", "product: w",
                      "    status: approved_with_limits\n    review_due: 2026-12-31\n    limits:\n      accounts: [company]\n")
                     RULE("H", "model_family: h", BAN),
        cases);
}

/* ---- the order of decisions in the file never matters ---- */

static uint64_t
next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void
order_does_not_matter(void **state)
{
    static const char *const rules[] = {
        RULE("A", "vendor: v", BLOCKED),
        RULE("B", "product: p", ALLOW),
        RULE("C", "product: p", BLOCKED),
        RULE("D", "category: c", BAN),
        RULE("E", "model_family: f", BLOCKED),
        RULE("F", "model: m*", ALLOW),
        RULE("G", "product: p\n      version: \"> 1\"", ALLOW),
        RULE("H", "vendor: v", BAN),
        RULE("I", "provider: q", BLOCKED),
    };
    static const char *const subjects[] = {"product p, vendor v", "product p, version 2", "vendor v, product x, category c",
                                           "model mm, model_family f", "provider q, product p, vendor v"};
    enum { RULES = sizeof(rules) / sizeof(*rules), SUBJECTS = sizeof(subjects) / sizeof(*subjects) };
    static char first[SUBJECTS][256];
    uint64_t seed = 20260710;
    size_t order[RULES];
    char identity[65] = "";
    (void) state;
    for (size_t i = 0; i < RULES; i++) {
        order[i] = i;
    }
    for (int round = 0; round < 50; round++) {
        char text[4096];
        struct tt_arena arena;
        const struct tt_policy *policy;
        int n = snprintf(text, sizeof(text), "%sdecisions:\n", HEAD);
        for (size_t i = 0; i < RULES; i++) {
            n += snprintf(text + n, sizeof(text) - (size_t) n, "%s", rules[order[i]]);
        }
        read_policy(&arena, text, &policy);
        for (size_t i = 0; i < SUBJECTS; i++) {
            const char *outcome = outcome_of(policy, subjects[i], "2026-02-01");
            if (round == 0) {
                snprintf(first[i], sizeof(first[i]), "%s", outcome);
            }
            assert_string_equal(outcome, first[i]);
        }
        assert_true(round == 0 || strcmp(identity, policy->identity.hex) == 0);
        memcpy(identity, policy->identity.hex, sizeof(identity));
        tt_arena_free(&arena);
        for (size_t i = RULES - 1; i > 0; i--) {
            size_t j = next_random(&seed) % (i + 1), moved = order[i];
            order[i] = order[j];
            order[j] = moved;
        }
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(stages),
    cmocka_unit_test(the_most_specific_wins),
    cmocka_unit_test(scopes_and_time),
    cmocka_unit_test(defaults_and_limits),
    cmocka_unit_test(order_does_not_matter),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
