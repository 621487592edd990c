/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Learned sites in the gate: entries of a policy that name one report it, take its mark out or block; only the proven bytes change.
 */
#include "collected.h"
#include "judged.h"

#define ENTRY(site, action) "  - id: e-" site "\n    site: a-client-" site "\n    action: " action "\n"
#define SYSTEM(text) "{\"model\":\"claude-sonnet-4-5\",\"system\":\"" text "\",\"messages\":[]}"

static const char policy[] = JUDGED_HEAD "marks:\n" ENTRY("apostrophe", "normalise") ENTRY("separator", "normalise")
    ENTRY("word", "normalise") ENTRY("spelling", "normalise") ENTRY("session", "normalise");

static const struct {
    const char *body, *after, *rule; /* after: NULL where nothing changes; rule: NULL where nothing is told */
} changes[] = {
    {SYSTEM("Today\u02bcs date is 2026-05-09."), SYSTEM("Today's date is 2026-05-09."), "e-apostrophe"},
    {SYSTEM("Hi.\\nToday\\u2019s date is 2026-05-09.\\nBye."), SYSTEM("Hi.\\nToday's date is 2026-05-09.\\nBye."),
     "e-apostrophe"},
    {SYSTEM("Today's date is 2026/05/09."), SYSTEM("Today's date is 2026-05-09."), "e-separator"},
    {SYSTEM("Today's date is 2026\\/05\\/09."), SYSTEM("Today's date is 2026-05-09."), "e-separator"},
    {SYSTEM("Today\u02b9s date is 2026/05/09."), SYSTEM("Today's date is 2026-05-09."), "e-apostrophe"},
    {SYSTEM("Write con\u200bcise messages to the person who asked."), SYSTEM("Write concise messages to the person who asked."),
     "e-word"},
    {SYSTEM("You are a c\\u0061reful assistant for work on code."), SYSTEM("You are a careful assistant for work on code."),
     "e-spelling"},
    /* What the probe has not seen has no plain form. */
    {SYSTEM("Session 0123456789abcdef"), NULL, "e-session"},
    /* Plain already, or another text. */
    {SYSTEM("Today's date is 2026-05-09."), NULL, NULL},
    {SYSTEM("Write short messages to the person who asked."), NULL, NULL},
    {SYSTEM("You are a careful assistant for work on code."), NULL, NULL},
    /* Quoted by a tool: below the level from which entries apply, and never changed. */
    {"{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"content\":\"Today's date is 2026/05/09.\"}]}]}",
     NULL, NULL},
};

static void
check_change(struct judged *place, size_t i)
{
    struct tt_gate_verdict verdict;
    const struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    struct tt_str body = tt_str_cstr(changes[i].body);
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, TT_MIB);
    judge(place->desk, &request, body, &verdict);
    struct tt_str after = judged_edit(&verdict, body, &out);
    if (!tt_str_eq(after, tt_str_cstr(changes[i].after ? changes[i].after : changes[i].body))) {
        fail_msg("%zu: %.*s", i, (int) after.len, after.ptr);
    }
    enum tt_gate_action action = changes[i].after ? TT_GATE_NORMALISE : changes[i].rule ? TT_GATE_REPORT : TT_GATE_ALLOW;
    assert_int_equal(verdict.action, action);
    assert_str_equal(verdict.rule, tt_str_cstr(changes[i].rule ? changes[i].rule : ""));
    tt_buf_free(&out);
}

/* A desk that has seen all of them judges as one that has seen nothing, with any kernels. */
static void
test_changes(void **state)
{
    (void) state;
    const unsigned cpus[] = {0, tt_cpu_detect()};
    for (size_t k = 0; k < 2; k++) {
        struct judged place;
        judged_open_learned(&place, policy, &example_sites, cpus[k]);
        for (size_t round = 0; round < 3; round++) {
            for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
                check_change(&place, i);
            }
        }
        judged_close(&place);
    }
}

static void
check_action(const char *text, const char *body, enum tt_gate_action action, const char *rule)
{
    struct judged place;
    struct tt_gate_verdict verdict;
    const struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    judged_open_learned(&place, text, &example_sites, tt_cpu_detect());
    judge(place.desk, &request, tt_str_cstr(body), &verdict);
    if (verdict.action != action || !tt_str_eq(verdict.rule, tt_str_cstr(rule))) {
        fail_msg("%s by '%.*s': %s", tt_gate_action_name(verdict.action), (int) verdict.rule.len, verdict.rule.ptr, body);
    }
    judged_close(&place);
}

static void
test_actions(void **state)
{
    (void) state;
    static const char marked[] = SYSTEM("Write con\u200bcise messages to the person who asked.");
    static const char slashes[] = SYSTEM("Today's date is 2026/05/09.");
    check_action(JUDGED_HEAD "marks:\n" ENTRY("word", "block"), marked, TT_GATE_BLOCK, "e-word");
    check_action(JUDGED_HEAD "marks:\n" ENTRY("word", "report"), marked, TT_GATE_REPORT, "e-word");
    /* Each entry speaks of its own site; what none speaks of is told as it is of channels. */
    check_action(JUDGED_HEAD "marks:\n" ENTRY("word", "block"), slashes, TT_GATE_REPORT, "");
    check_action(JUDGED_HEAD "marks:\n" ENTRY("word", "block") "    providers: [provider-google]\n", marked, TT_GATE_REPORT, "");
    check_action(JUDGED_HEAD "marks:\n" ENTRY("word", "block") "    level: confirmed\n", marked, TT_GATE_REPORT, "");
    check_action(JUDGED_HEAD "marks:\n  - id: all\n    channel: learned-site\n    action: block\n", slashes, TT_GATE_BLOCK,
                 "all");
    check_action(JUDGED_HEAD "marks:\n  - id: all\n    channel: learned-site\n    action: block\n",
                 SYSTEM("Today's date is 2026-05-09."), TT_GATE_ALLOW, "");
}

static void
test_unknown(void **state)
{
    (void) state;
    static const struct tt_str text = TT_STR_INIT(JUDGED_HEAD "marks:\n" ENTRY("other", "block"));
    const struct tt_policy_names names = tt_policy_names_of(&tt_catalog_builtin);
    const struct tt_learned *const sets[] = {NULL, &example_sites};
    for (size_t i = 0; i < 2; i++) {
        struct tt_arena arena;
        struct tt_policy_problems problems = {.arena = &arena};
        const struct tt_policy *read;
        struct tt_gate *gate;
        struct tt_error err = {.msg = ""};
        tt_arena_init(&arena, &tt_alloc_libc, TT_POLICY_ARENA);
        assert_int_equal(tt_policy_read(text, &names, &problems, &read), TT_OK);
        assert_int_equal(tt_gate_new(&tt_alloc_libc, read, &tt_catalog_builtin, sets[i], NULL, 0, &gate, &err), TT_E_INPUT);
        assert_int_equal(err.line, 7);
        assert_int_equal(err.column, 11);
        assert_non_null(strstr(err.msg, "--learned"));
        tt_arena_free(&arena);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_actions),
        cmocka_unit_test(test_unknown),
    };
    return cmocka_run_group_tests(tests, open_example_sites, close_example_sites);
}
