/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every rule keeps its word: its examples are found, its counter-examples are left alone, its words are there, and each channel has one.
 */
#include "collected.h"
#include "inspected.h"

#include "marks/channels.h"
#include "marks/marks.h"
#include "probe/classify.h"

#include <stdio.h>

static void
test_words(void **state)
{
    (void) state;
    assert_true(tt_rule_count > 0);
    for (size_t i = 0; i < tt_rule_count; i++) {
        const struct tt_rule *rule = &tt_rules[i];
        assert_true(rule->title[0] && rule->explanation[0] && rule->innocent[0] && rule->next_step[0] && rule->source[0]);
        assert_ptr_equal(tt_rule_find(tt_str_cstr(rule->id)), rule);
        assert_true(i == 0 || strcmp(tt_rules[i - 1].id, rule->id) < 0);
        assert_true(rule->example_count > 0 && rule->counter_example_count > 0);
    }
}

static void
test_channels_have_rules(void **state)
{
    (void) state;
    size_t count = 0;
    for (; tt_channels[count]; count++) {
        assert_non_null(tt_rule_find(tt_str_cstr(tt_channels[count]->rule)));
        assert_non_null(tt_channels[count]->alphabet);
        assert_non_null(tt_channels[count]->capacity);
        assert_true(tt_channels[count]->visit || tt_channels[count]->visit_date || tt_channels[count]->visit_field);
        assert_true(!tt_channels[count]->visit == !tt_channels[count]->wake);
    }
    assert_true(count <= TT_CHANNELS_MAX);
}

static bool
is_of(const struct tt_rule *rule, const char *family)
{
    return strncmp(rule->id, family, strlen(family)) == 0;
}

/* Rules of `telltale probe` speak of two texts, and their examples are two lines each: the class of these, judged by the part in which they differ. */
static enum tt_probe_class
classify(struct tt_str example)
{
    struct tt_arena arena;
    enum tt_probe_class class = TT_CLASS_CONSTANT;
    const char *end = memchr(example.ptr, '\n', example.len);
    assert_non_null(end);
    struct tt_str a = tt_str_slice(example, 0, (size_t) (end - example.ptr));
    struct tt_str b = tt_str_slice(example, a.len + 1, example.len);
    size_t from = 0, behind = 0;
    while (from < a.len && from < b.len && a.ptr[from] == b.ptr[from]) {
        from++;
    }
    while (behind < a.len - from && behind < b.len - from && a.ptr[a.len - 1 - behind] == b.ptr[b.len - 1 - behind]) {
        behind++;
    }
    struct tt_classify_part parts[] = {{a, from, a.len - behind}, {b, from, b.len - behind}};
    tt_arena_init(&arena, &tt_alloc_libc, 16 * TT_MIB);
    assert_int_equal(tt_classify_lines(&arena, &parts[0], &parts[1], &class), TT_OK);
    tt_arena_free(&arena);
    return class;
}

static void
test_examples_of_probe(void **state)
{
    (void) state;
    static const enum tt_probe_class by_lines[] = {TT_CLASS_C0, TT_CLASS_C1, TT_CLASS_C4, TT_CLASS_VISIBLE};
    for (size_t i = 0; i < sizeof(by_lines) / sizeof(*by_lines); i++) {
        char id[32];
        snprintf(id, sizeof(id), "probe.%s", tt_probe_class_name(by_lines[i]));
        const struct tt_rule *rule = tt_rule_find(tt_str_cstr(id));
        assert_non_null(rule);
        for (size_t k = 0; k < rule->example_count; k++) {
            if (classify(rule->examples[k]) != by_lines[i]) {
                fail_msg("%s: example %zu is of another class: %s", id, k, rule->examples[k].ptr);
            }
        }
        for (size_t k = 0; k < rule->counter_example_count; k++) {
            assert_int_not_equal(classify(rule->counter_examples[k]), by_lines[i]);
        }
    }
}

/* Rules of learned sites speak of the description that is shipped as an example. */
static void
collect_for(struct collected *c, const struct tt_rule *rule, struct tt_str example)
{
    struct tt_learned learned;
    read_example_sites(&learned);
    bool sites = strcmp(rule->id, "mark.learned-site") == 0;
    collect_learned(c, "example.txt", example, sites ? &learned : NULL, tt_cpu_detect());
    tt_learned_free(&learned);
}

/* As a text file, and inside a JSON string where the text needs no escaping. */
static void
test_examples(void **state)
{
    (void) state;
    for (size_t i = 0; i < tt_rule_count; i++) {
        for (size_t k = 0; is_of(&tt_rules[i], "mark.") && k < tt_rules[i].example_count; k++) {
            struct collected c;
            collect_for(&c, &tt_rules[i], tt_rules[i].examples[k]);
            if (collected_at_least(&c, tt_rules[i].id, TT_CANDIDATE) == 0) {
                fail_msg("%s: example %zu is not found: %s", tt_rules[i].id, k, tt_rules[i].examples[k].ptr);
            }
            for (size_t n = 0; n < c.count; n++) {
                assert_true(c.findings[n].fact_count < TT_FACTS_MAX);
                bool shown = c.findings[n].excerpt.len > 0 || c.findings[n].where.length == 0;
                if (!shown || c.findings[n].message.len == 0) {
                    fail_msg("%s: example %zu has no excerpt or message: %s", tt_rules[i].id, k, tt_rules[i].examples[k].ptr);
                }
                assert_int_equal(strlen(c.findings[n].id), 32);
            }
            collected_free(&c);
        }
    }
}

static void
test_counter_examples(void **state)
{
    (void) state;
    for (size_t i = 0; i < tt_rule_count; i++) {
        for (size_t k = 0; is_of(&tt_rules[i], "mark.") && k < tt_rules[i].counter_example_count; k++) {
            struct collected c;
            collect_for(&c, &tt_rules[i], tt_rules[i].counter_examples[k]);
            for (size_t n = 0; n < c.count; n++) {
                if (c.findings[n].level >= TT_SUSPICIOUS) {
                    fail_msg("%s: counter-example %zu gives %s: %s", tt_rules[i].id, k, c.findings[n].rule->id,
                             c.findings[n].excerpt.ptr);
                }
            }
            collected_free(&c);
        }
    }
}

/* Pieces of programs, and two versions of one. */
static void
test_client_examples(void **state)
{
    (void) state;
    for (size_t i = 0; i < tt_rule_count; i++) {
        const struct tt_rule *rule = &tt_rules[i];
        for (size_t k = 0; is_of(rule, "client.") && k < rule->example_count; k++) {
            struct tt_found found;
            inspect(&found, inspected_name(rule->examples[k]), rule->examples[k]);
            const struct tt_finding *finding = inspected_get(&found, rule->id, 0);
            if (!finding || finding->message.len == 0 || finding->fact_count == 0 || finding->fact_count >= TT_FACTS_MAX) {
                fail_msg("%s: example %zu is not found: %s", rule->id, k, rule->examples[k].ptr);
            }
            tt_found_free(&found);
        }
        for (size_t k = 0; is_of(rule, "client.") && k < rule->counter_example_count; k++) {
            struct tt_found found;
            inspect(&found, inspected_name(rule->counter_examples[k]), rule->counter_examples[k]);
            if (inspected_get(&found, rule->id, 0)) {
                fail_msg("%s: counter-example %zu is found: %s", rule->id, k, rule->counter_examples[k].ptr);
            }
            tt_found_free(&found);
        }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),           cmocka_unit_test(test_channels_have_rules),
        cmocka_unit_test(test_examples),        cmocka_unit_test(test_counter_examples),
        cmocka_unit_test(test_client_examples), cmocka_unit_test(test_examples_of_probe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
