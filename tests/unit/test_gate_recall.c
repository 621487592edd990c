/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that a desk remembers: the places of questions, and that a remembered bill is the one that would be worked out anew.
 */
#include "judged.h"

#include "gate/recall.h"

#define SETS (TT_GATE_ANSWERS / TT_GATE_RECALL_WAYS)

/* A question of the first set. */
static struct tt_fingerprint
question(uint64_t number)
{
    return (struct tt_fingerprint) {number * SETS, 1};
}

static void
test_places(void **state)
{
    struct tt_gate_recall recall = {0};
    size_t place, again;
    (void) state;
    /* Zeros are a question as any other. */
    assert_false(tt_gate_recall_find(&recall, (struct tt_fingerprint) {0, 0}, &place));
    assert_true(tt_gate_recall_find(&recall, (struct tt_fingerprint) {0, 0}, &again));
    assert_int_equal(place, again);
    recall = (struct tt_gate_recall) {0};
    for (uint64_t i = 0; i < TT_GATE_RECALL_WAYS; i++) {
        assert_false(tt_gate_recall_find(&recall, question(i), &place));
        assert_in_range(place, 0, TT_GATE_RECALL_WAYS - 1);
        assert_false(tt_gate_recall_find(&recall, (struct tt_fingerprint) {question(i).low + 1, 1}, &again));
        assert_in_range(again, TT_GATE_RECALL_WAYS, 2 * TT_GATE_RECALL_WAYS - 1);
    }
    /* As many as fit do not drive each other out. */
    for (int turn = 0; turn < 3; turn++) {
        for (uint64_t i = 0; i < TT_GATE_RECALL_WAYS; i++) {
            assert_true(tt_gate_recall_find(&recall, question(i), &place));
        }
    }
    /* One more: that goes which was not asked for longest. */
    assert_true(tt_gate_recall_find(&recall, question(0), &place));
    assert_false(tt_gate_recall_find(&recall, question(9), &place));
    assert_true(tt_gate_recall_find(&recall, question(0), &place));
    assert_false(tt_gate_recall_find(&recall, question(1), &place));
}

static const char policy_text[] = JUDGED_HEAD
    "budgets:\n"
    "  - id: red-week\n    team: red\n    amount: 100\n    from: 2026-01-01\n    at_limit: block\n"
    "  - id: house-month\n    team: all\n    amount: 1000\n    from: 2026-01-01\n    period: month\n    at_limit: warn\n"
    "  - id: openai\n    team: all\n    amount: 5\n    from: 2026-01-01\n    subject:\n      provider: provider-openai\n";

static void
compare(const struct tt_gate_bill *bill, const struct judged *place, const struct tt_charge_facts *facts)
{
    struct tt_charges charges;
    struct tt_price price;
    assert_non_null(bill);
    tt_charges_find(place->policy, &tt_catalog_builtin, facts, &charges);
    assert_int_equal(bill->priced, tt_price_find(&tt_catalog_builtin, facts->provider, facts->model, &price));
    if (bill->priced) {
        assert_memory_equal(&bill->price, &price, sizeof(price));
    }
    assert_int_equal(bill->charges.credit_count, charges.credit_count);
    assert_int_equal(bill->charges.budget_count, charges.budget_count);
    for (size_t i = 0; i < charges.budget_count; i++) {
        assert_str_equal(bill->charges.budgets[i].id, charges.budgets[i].id);
        assert_int_equal(bill->charges.budgets[i].key, charges.budgets[i].key);
        assert_int_equal(bill->charges.budgets[i].limit, charges.budgets[i].limit);
    }
}

/* More questions than there is room for, each of them twice, between requests that ask the policy. */
static void
test_bills(void **state)
{
    static const struct tt_str teams[] = {TT_STR_INIT(""), TT_STR_INIT("red"), TT_STR_INIT("blue")};
    static const struct tt_str providers[] = {TT_STR_INIT("provider-openai"), TT_STR_INIT("provider-anthropic"), TT_STR_INIT("")};
    static const struct tt_str models[] = {TT_STR_INIT("gpt-5"), TT_STR_INIT("claude-sonnet-4-5"), TT_STR_INIT("none-such")};
    const struct tt_gate_request request = judged_request(TT_API_OPENAI_CHAT);
    struct tt_gate_verdict verdict;
    struct judged place;
    (void) state;
    judged_open(&place, policy_text, 0);
    for (unsigned i = 0; i < 27 * 8 * 2; i++) {
        unsigned n = i / 2;
        const struct tt_charge_facts facts = {
            .team = teams[n % 3], .provider = providers[n / 3 % 3], .model = models[n / 9 % 3], .day = 20260310 + n / 27};
        compare(tt_gate_bill(place.desk, &facts), &place, &facts);
        assert_int_equal(tt_gate_judge_head(place.desk, &request, &verdict), TT_OK);
    }
    judged_close(&place);
}

/* Parts of a question do not run into each other. */
static void
test_borders(void **state)
{
    struct judged place;
    const struct tt_charge_facts one = {.team = TT_STR("red"), .day = 20260310},
                                 other = {.team = TT_STR("re"), .product = TT_STR("d"), .day = 20260310};
    (void) state;
    judged_open(&place, policy_text, 0);
    assert_int_equal(tt_gate_bill(place.desk, &one)->charges.budget_count, 2);
    assert_int_equal(tt_gate_bill(place.desk, &other)->charges.budget_count, 1);
    judged_close(&place);
}

static void
test_no_budgets(void **state)
{
    struct judged place;
    const struct tt_charge_facts facts = {.day = 20260310};
    (void) state;
    judged_open(&place, JUDGED_HEAD, 0);
    assert_null(tt_gate_bill(place.desk, &facts));
    judged_close(&place);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_bills),
        cmocka_unit_test(test_borders),
        cmocka_unit_test(test_no_budgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
