/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prices, windows, and which budgets and credits a call counts against; then paying, with many callers at once.
 */
#include "test.h"

#include "base/limits.h"
#include "gate/pay.h"
#include "ring_folder.h"

#include <pthread.h>
#include <stdio.h>

#define HEAD "telltale_policy: 1\nid: house\nowner: a@b.example\nteams: [red, blue]\n"

static const char policy_text[] = HEAD
    "week_starts: sunday\nbudgets:\n"
    "  - id: red-week\n    team: red\n    amount: 100\n    from: 2026-01-01\n    at_limit: block\n"
    "  - id: house-month\n    team: all\n    amount: 1000\n    from: 2026-01-01\n    until: 2026-12-31\n    period: month\n    "
    "at_limit: warn\n"
    "  - id: red-claude\n    team: red\n    amount: 10.50\n    from: 2026-03-04\n    at_limit: report\n    carry_over: true\n"
    "    subject:\n      model_family: claude\n"
    "  - id: openai\n    team: all\n    amount: 5\n    from: 2026-01-01\n    subject:\n      provider: provider-openai\n"
    "credits:\n"
    "  - id: late\n    team: red\n    source: provider-anthropic\n    amount: 1\n    from: 2026-01-01\n    until: 2026-12-31\n"
    "  - id: soon\n    team: red\n    source: provider-anthropic\n    amount: 2\n    from: 2026-01-01\n    until: 2026-06-30\n"
    "  - id: first\n    team: all\n    source: provider-anthropic\n    amount: 3\n    from: 2026-01-01\n    until: 2026-12-31\n  "
    "  order: 1\n";

struct fixture {
    struct tt_arena arena;
    const struct tt_policy *policy;
};

static struct fixture
read_policy(const char *text)
{
    struct fixture f;
    const struct tt_policy_names names = tt_policy_names_of(&tt_catalog_builtin);
    tt_arena_init(&f.arena, &tt_alloc_libc, TT_POLICY_ARENA);
    struct tt_policy_problems problems = {.arena = &f.arena};
    assert_int_equal(tt_policy_read(tt_str_cstr(text), &names, &problems, &f.policy), TT_OK);
    return f;
}

/* ---- prices ---- */

static void
test_prices(void **state)
{
    struct tt_price price;
    (void) state;
    assert_true(tt_price_find(&tt_catalog_builtin, TT_STR("provider-anthropic"), TT_STR("claude-sonnet-4-5-20250929"), &price));
    assert_int_equal(price.input, 3000000);
    assert_int_equal(price.output, 15000000);
    assert_int_equal(price.cache_read, 300000);
    assert_int_equal(price.cache_write, 3750000);
    assert_true(tt_price_find(&tt_catalog_builtin, TT_STR(""), TT_STR("claude-sonnet-4-5"), &price));
    assert_false(tt_price_find(&tt_catalog_builtin, TT_STR("provider-anthropic"), TT_STR("no-such-model"), &price));
    assert_false(tt_price_find(&tt_catalog_builtin, TT_STR("provider-openai"), TT_STR("claude-sonnet-4-5"), &price));
}

static void
test_costs(void **state)
{
    const struct tt_price price = {3000000, 15000000, 300000, 3750000};
    static const struct {
        struct tt_usage usage;
        int64_t cost;
    } rows[] = {
        {{-1, -1, -1, -1, -1, TT_USAGE_NONE}, -1},
        {{0, -1, -1, 0, -1, TT_USAGE_REPORTED}, 0},
        {{1000, -1, -1, -1, -1, TT_USAGE_DERIVED}, 3000},
        {{1000, 600, 100, 200, 50, TT_USAGE_REPORTED}, 300 * 3 + 180 + 375 + 3000},
        /* Less than a millionth is rounded up. */
        {{1, 1, -1, -1, -1, TT_USAGE_REPORTED}, 1},
        /* More cached than there is: never a negative sum. */
        {{10, 100, -1, -1, -1, TT_USAGE_REPORTED}, 30},
        {{INT64_MAX, -1, -1, INT64_MAX, -1, TT_USAGE_REPORTED}, INT64_MAX},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_int_equal(tt_price_cost(&price, &rows[i].usage), rows[i].cost);
    }
    assert_int_equal(tt_price_estimate(&price, 4000, 100), 1001 * 3 + 1500);
}

/* ---- which accounts ---- */

static void
test_find(void **state)
{
    static const struct {
        struct tt_charge_facts facts;
        const char *budgets, *credits;
    } rows[] = {
        {{TT_STR_INIT("red"), TT_STR_INIT(""), TT_STR_INIT("provider-anthropic"), TT_STR_INIT("claude-sonnet-4-5"), 20260310},
         "red-claude red-week house-month",
         "first soon late"},
        {{TT_STR_INIT("red"), TT_STR_INIT(""), TT_STR_INIT("provider-anthropic"), TT_STR_INIT("claude-sonnet-4-5"), 20260701},
         "red-claude red-week house-month",
         "first late"},
        {{TT_STR_INIT("blue"), TT_STR_INIT(""), TT_STR_INIT("provider-openai"), TT_STR_INIT("gpt-5"), 20260310},
         "openai house-month",
         ""},
        {{TT_STR_INIT(""), TT_STR_INIT(""), TT_STR_INIT(""), TT_STR_INIT(""), 20260310}, "house-month", ""},
        {{TT_STR_INIT("red"), TT_STR_INIT(""), TT_STR_INIT(""), TT_STR_INIT(""), 20270101}, "red-week", ""},
        {{TT_STR_INIT("red"), TT_STR_INIT(""), TT_STR_INIT(""), TT_STR_INIT(""), 20251231}, "", ""},
    };
    struct fixture f = read_policy(policy_text);
    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct tt_charges charges;
        char budgets[128] = "", credits[128] = "";
        tt_charges_find(f.policy, &tt_catalog_builtin, &rows[i].facts, &charges);
        for (size_t k = 0; k < charges.budget_count; k++) {
            snprintf(budgets + strlen(budgets), sizeof(budgets) - strlen(budgets), "%s%.*s", k ? " " : "",
                     (int) charges.budgets[k].id.len, charges.budgets[k].id.ptr);
        }
        for (size_t k = 0; k < charges.credit_count; k++) {
            snprintf(credits + strlen(credits), sizeof(credits) - strlen(credits), "%s%.*s", k ? " " : "",
                     (int) charges.credits[k].id.len, charges.credits[k].id.ptr);
        }
        assert_string_equal(budgets, rows[i].budgets);
        assert_string_equal(credits, rows[i].credits);
    }
    tt_arena_free(&f.arena);
}

static const struct tt_charge *
charge_on(const struct fixture *f, int64_t day, const char *id, struct tt_charges *charges)
{
    struct tt_charge_facts facts = {TT_STR("red"), TT_STR(""), TT_STR(""), TT_STR("claude-sonnet-4-5"), day};
    tt_charges_find(f->policy, &tt_catalog_builtin, &facts, charges);
    for (size_t i = 0; i < charges->budget_count; i++) {
        if (tt_str_eq(charges->budgets[i].id, tt_str_cstr(id))) {
            return &charges->budgets[i];
        }
    }
    return NULL;
}

static void
test_windows(void **state)
{
    static const struct {
        const char *id;
        int64_t day, from, until;
    } rows[] = {
        {"red-week", 20260307, 20260301, 20260307}, /* a Saturday; weeks start on Sunday */
        {"red-week", 20260308, 20260308, 20260314},    {"red-week", 20270101, 20261227, 20270102},
        {"house-month", 20260228, 20260201, 20260228}, {"house-month", 20261231, 20261201, 20261231},
    };
    struct fixture f = read_policy(policy_text);
    struct tt_charges charges, next;
    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct tt_charge *charge = charge_on(&f, rows[i].day, rows[i].id, &charges);
        assert_non_null(charge);
        assert_int_equal(charge->from, rows[i].from);
        assert_int_equal(charge->until, rows[i].until);
    }
    /* Each window has its own account; the rest of the one before is carried over, but not from before the budget began. */
    const struct tt_charge *first = charge_on(&f, 20260305, "red-claude", &charges);
    const struct tt_charge *second = charge_on(&f, 20260309, "red-claude", &next);
    assert_int_equal(first->key_before, 0);
    assert_int_equal(second->key_before, first->key);
    assert_int_not_equal(second->key, first->key);
    assert_int_equal(charge_on(&f, 20260309, "red-week", &charges)->key_before, 0);
    tt_arena_free(&f.arena);
}

static void
test_many(void **state)
{
    char text[8192];
    size_t len = (size_t) snprintf(text, sizeof(text), HEAD "budgets:\n");
    struct tt_charges charges;
    const struct tt_charge_facts facts = {.day = 20260310};
    (void) state;
    for (int i = 0; i < TT_CHARGES_MAX + 4; i++) {
        len += (size_t) snprintf(text + len, sizeof(text) - len,
                                 "  - id: b%d\n    team: all\n    amount: %d\n    from: 2026-01-01\n", i,
                                 1 + (i * 7) % (TT_CHARGES_MAX + 4));
    }
    struct fixture f = read_policy(text);
    tt_charges_find(f.policy, &tt_catalog_builtin, &facts, &charges);
    assert_int_equal(charges.budget_count, TT_CHARGES_MAX);
    for (int i = 0; i < TT_CHARGES_MAX; i++) {
        assert_int_equal(charges.budgets[i].limit, (i + 1) * INT64_C(1000000));
    }
    tt_arena_free(&f.arena);
}

/* ---- paying ---- */

struct shared {
    struct tt_accounts *accounts;
    struct tt_charges charges;
    int let_through;
};

static void *
call_often(void *ctx)
{
    struct shared *shared = ctx;
    for (int i = 0; i < 50; i++) {
        struct tt_pay_state pay;
        assert_int_equal(tt_pay_reserve(shared->accounts, &shared->charges, 1000000, &pay), TT_OK);
        if (!pay.blocks) {
            __atomic_add_fetch(&shared->let_through, 1, __ATOMIC_RELAXED);
        }
    }
    return NULL;
}

static struct tt_accounts *
open_accounts(const struct ring_folder *folder)
{
    char path[128];
    struct tt_accounts *accounts;
    snprintf(path, sizeof(path), "%s/accounts", folder->path);
    assert_int_equal(tt_accounts_open(path, true, &accounts, NULL), TT_OK);
    return accounts;
}

/* 200 calls of one dollar at once, where 100 fit. */
static void
test_at_once(void **state)
{
    struct fixture f =
        read_policy(HEAD "budgets:\n  - id: b\n    team: all\n    amount: 100\n    from: 2026-01-01\n    at_limit: block\n");
    const struct tt_charge_facts facts = {.day = 20260310};
    struct ring_folder folder;
    pthread_t threads[4];
    (void) state;
    assert_true(ring_folder_make(&folder));
    struct shared shared = {.accounts = open_accounts(&folder)};
    tt_charges_find(f.policy, &tt_catalog_builtin, &facts, &shared.charges);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, call_often, &shared), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    /* Calls that come together at the end may refuse each other, but never all fit. */
    assert_in_range(shared.let_through, 97, 100);
    struct tt_account account = tt_accounts_get(shared.accounts, shared.charges.budgets[0].key);
    assert_int_equal(account.reserved, shared.let_through * INT64_C(1000000));
    tt_accounts_close(shared.accounts);
    ring_folder_remove(&folder);
    tt_arena_free(&f.arena);
}

static void
test_pay(void **state)
{
    struct fixture f = read_policy(policy_text);
    const struct tt_charge_facts facts = {TT_STR("red"), TT_STR(""), TT_STR("provider-anthropic"), TT_STR("claude-sonnet-4-5"),
                                          20260310};
    struct ring_folder folder;
    struct tt_charges charges;
    struct tt_pay_state pay;
    (void) state;
    assert_true(ring_folder_make(&folder));
    struct tt_accounts *accounts = open_accounts(&folder);
    tt_charges_find(f.policy, &tt_catalog_builtin, &facts, &charges);
    assert_int_equal(tt_pay_reserve(accounts, &charges, 1000000, &pay), TT_OK);
    assert_null(pay.charge);
    /* Seven dollars: six are credits, and one counts against each budget. */
    assert_int_equal(tt_pay_settle(accounts, &charges, 1000000, 7000000), TT_OK);
    for (size_t i = 0; i < charges.credit_count; i++) {
        assert_int_equal(tt_accounts_get(accounts, charges.credits[i].key).spent, charges.credits[i].limit);
    }
    for (size_t i = 0; i < charges.budget_count; i++) {
        assert_int_equal(tt_accounts_get(accounts, charges.budgets[i].key).spent, 1000000);
        assert_int_equal(tt_accounts_get(accounts, charges.budgets[i].key).reserved, 0);
    }
    /* 10.50 are there, and 10.50 of the week before; 80 per cent of them is 16.80: reported, then over, and blocked only by the 100 of the week. */
    assert_int_equal(tt_pay_reserve(accounts, &charges, 16000000, &pay), TT_OK);
    assert_str_equal(pay.charge->id, TT_STR("red-claude"));
    assert_false(pay.over);
    assert_int_equal(tt_pay_reserve(accounts, &charges, 5000000, &pay), TT_OK);
    assert_true(pay.over);
    assert_false(pay.blocks);
    assert_int_equal(tt_pay_reserve(accounts, &charges, 90000000, &pay), TT_OK);
    assert_str_equal(pay.charge->id, TT_STR("red-week"));
    assert_true(pay.blocks);
    assert_int_equal(tt_accounts_get(accounts, pay.charge->key).reserved, 21000000);
    tt_accounts_close(accounts);
    ring_folder_remove(&folder);
    tt_arena_free(&f.arena);
}

static void
test_file(void **state)
{
    struct ring_folder folder;
    char path[128];
    struct tt_accounts *one, *two;
    bool made;
    (void) state;
    assert_true(ring_folder_make(&folder));
    snprintf(path, sizeof(path), "%s/accounts", folder.path);
    assert_int_equal(tt_accounts_open(path, false, &one, NULL), TT_E_IO);
    assert_int_equal(tt_accounts_open(path, true, &one, &made), TT_OK);
    assert_true(made);
    assert_int_equal(tt_accounts_open(path, true, &two, &made), TT_OK);
    assert_false(made);
    /* Colliding keys have rows of their own; what one mapping adds the other sees. */
    assert_int_equal(tt_accounts_add(one, 7, 5, 3, NULL), TT_OK);
    assert_int_equal(tt_accounts_add(one, 7 + TT_ACCOUNTS_ROWS, 50, 30, NULL), TT_OK);
    assert_int_equal(tt_accounts_get(two, 7).spent, 5);
    assert_int_equal(tt_accounts_get(two, 7 + TT_ACCOUNTS_ROWS).reserved, 30);
    assert_int_equal(tt_accounts_get(two, 8).spent, 0);
    snprintf(path, sizeof(path), "%s/other", folder.path);
    struct tt_accounts *three;
    assert_int_equal(tt_accounts_open(path, true, &three, NULL), TT_OK);
    assert_int_equal(tt_accounts_add(three, 7, 9, 1, NULL), TT_OK);
    assert_int_equal(tt_accounts_add(three, 11, 4, 1, NULL), TT_OK);
    assert_int_equal(tt_accounts_set_spent(two, three), TT_OK);
    assert_int_equal(tt_accounts_get(one, 7).spent, 9);
    assert_int_equal(tt_accounts_get(one, 7).reserved, 3);
    assert_int_equal(tt_accounts_get(one, 11).spent, 4);
    assert_int_equal(tt_accounts_get(one, 7 + TT_ACCOUNTS_ROWS).spent, 0);
    assert_int_equal(tt_accounts_get(one, 7 + TT_ACCOUNTS_ROWS).reserved, 30);
    tt_accounts_close(three);
    snprintf(path, sizeof(path), "%s/accounts", folder.path);
    for (uint64_t i = 0; i < TT_ACCOUNTS_ROWS - 3; i++) {
        assert_int_equal(tt_accounts_add(one, UINT64_C(1000000) + i, 1, 0, NULL), TT_OK);
    }
    assert_int_equal(tt_accounts_add(one, UINT64_C(5000000), 1, 0, NULL), TT_E_LIMIT);
    tt_accounts_close(one);
    tt_accounts_close(two);
    FILE *other = fopen(path, "w");
    assert_non_null(other);
    fputs("something else", other);
    fclose(other);
    assert_int_equal(tt_accounts_open(path, true, &one, NULL), TT_E_INPUT);
    ring_folder_remove(&folder);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prices),  cmocka_unit_test(test_costs), cmocka_unit_test(test_find),
        cmocka_unit_test(test_windows), cmocka_unit_test(test_many),  cmocka_unit_test(test_at_once),
        cmocka_unit_test(test_pay),     cmocka_unit_test(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
