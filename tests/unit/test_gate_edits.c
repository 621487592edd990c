/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies that are changed: what changes, what never does, and that nothing else differs.  jansson reads every changed body, as a reader that
 * shares no code with the gate.
 */
#include "judged.h"

#include <jansson.h>

/* As written in a C string: an apostrophe of another script, slashes in the date. */
#define MARK "Today\xCA\xBCs date is 2026/05/09."
#define PLAIN "Today's date is 2026-05-09."
#define ESCAPED "Today\\u02bcs date is 2026\\/05\\/09."
#define HIDDEN "\xE2\x80\x8B\xE2\x80\x8C\xE2\x80\x8C\xE2\x80\x8B\xE2\x80\x8C\xE2\x80\x8B\xE2\x80\x8B\xE2\x80\x8B"

static const char policy[] =
    JUDGED_HEAD "marks:\n"
                "  - id: plain-date\n    channel: date-line\n    level: candidate\n    action: normalise\n";

/* ---- where texts are changed ---- */

static const struct place_case {
    enum tt_api api;
    const char *before, *text, *after; /* the body around the text */
    bool changes;
} places[] = {
    {TT_API_ANTHROPIC, "{\"system\":\"", MARK, "\"}", true},
    {TT_API_ANTHROPIC, "{\"system\":[{\"type\":\"text\",\"text\":\"", MARK, "\",\"cache_control\":{\"type\":\"ephemeral\"}}]}",
     true},
    {TT_API_ANTHROPIC, "{\"system\":[{\"text\":\"", MARK, "\",\"type\":\"text\"}]}", true},
    {TT_API_ANTHROPIC, "{\"messages\":[{\"role\":\"user\",\"content\":\"", MARK, "\"}]}", true},
    {TT_API_ANTHROPIC, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"", MARK, "\"}]}]}", true},
    {TT_API_ANTHROPIC, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"<system-reminder>\\n",
     ESCAPED, "\\n</system-reminder>\"}]}]}", true},
    {TT_API_ANTHROPIC, "{\"tools\":[{\"name\":\"a\",\"description\":\"", MARK, "\"}]}", true},
    {TT_API_ANTHROPIC, "{\"tools\":[{\"name\":\"a\",\"input_schema\":{\"properties\":{\"b\":{\"description\":\"", MARK,
     "\"}}}}]}", true},
    {TT_API_OPENAI_CHAT, "{\"messages\":[{\"content\":\"", MARK, "\",\"role\":\"system\"}]}", true},
    {TT_API_OPENAI_CHAT, "{\"tools\":[{\"type\":\"function\",\"function\":{\"description\":\"", MARK, "\"}}]}", true},
    {TT_API_OPENAI_RESPONSES, "{\"instructions\":\"", MARK, "\"}", true},
    {TT_API_OPENAI_RESPONSES, "{\"input\":\"", MARK, "\"}", true},
    {TT_API_OPENAI_RESPONSES, "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"", MARK, "\"}]}]}",
     true},
    {TT_API_GEMINI, "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"", MARK, "\"}]}]}", true},
    {TT_API_GEMINI, "{\"system_instruction\":{\"parts\":[{\"text\":\"", MARK, "\"}]}}", true},
    {TT_API_GEMINI, "{\"tools\":[{\"functionDeclarations\":[{\"description\":\"", MARK, "\"}]}]}", true},
    /* Results of tools, the model's thoughts and calls, ids and names. */
    {TT_API_ANTHROPIC, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"content\":\"", MARK, "\"}]}]}",
     false},
    {TT_API_ANTHROPIC,
     "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"content\":[{\"type\":\"text\",\"text\":\"", MARK,
     "\"}]}]}]}", false},
    {TT_API_ANTHROPIC, "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"", MARK,
     "\",\"signature\":\"x\"}]}]}", false},
    {TT_API_ANTHROPIC, "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"thinking\":\"", MARK,
     "\",\"type\":\"thinking\"}]}]}", false},
    {TT_API_ANTHROPIC, "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"redacted_thinking\",\"data\":\"", MARK,
     "\"}]}]}", false},
    {TT_API_ANTHROPIC,
     "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"", MARK,
     "\"}]}]}", false},
    {TT_API_ANTHROPIC, "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"", MARK, "\"}]}]}",
     false},
    {TT_API_ANTHROPIC, "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"input\":{\"text\":\"", MARK,
     "\"}}]}]}", false},
    {TT_API_ANTHROPIC, "{\"tools\":[{\"name\":\"", MARK, "\"}]}", false},
    {TT_API_ANTHROPIC, "{\"tools\":[{\"name\":\"a\",\"input_schema\":{\"enum\":[\"", MARK, "\"]}}]}", false},
    {TT_API_ANTHROPIC, "{\"metadata\":{\"user_id\":\"", MARK, "\"}}", false},
    {TT_API_ANTHROPIC, "{\"", MARK, "\":1}", false},
    {TT_API_OPENAI_CHAT, "{\"messages\":[{\"role\":\"tool\",\"content\":\"", MARK, "\"}]}", false},
    {TT_API_OPENAI_CHAT, "{\"messages\":[{\"content\":\"", MARK, "\",\"role\":\"tool\"}]}", false},
    {TT_API_OPENAI_CHAT, "{\"messages\":[{\"content\":\"", MARK, "\",\"r\\u006fle\":\"to\\u006fl\"}]}", false},
    {TT_API_OPENAI_CHAT, "{\"messages\":[{\"role\":\"assistant\",\"reasoning_content\":\"", MARK, "\"}]}", false},
    {TT_API_OPENAI_RESPONSES, "{\"input\":[{\"type\":\"function_call_output\",\"output\":\"", MARK, "\"}]}", false},
    {TT_API_OPENAI_RESPONSES, "{\"input\":[{\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"", MARK,
     "\"}]}]}", false},
    {TT_API_GEMINI, "{\"contents\":[{\"role\":\"model\",\"parts\":[{\"text\":\"", MARK, "\",\"thought\":true}]}]}", false},
    {TT_API_GEMINI, "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"response\":{\"output\":\"", MARK,
     "\"}}}]}]}", false},
    /* A path and another date are no date sentence. */
    {TT_API_ANTHROPIC, "{\"system\":\"", "see logs/2026/05/09/a and \xCA\xBCx 2026/05/09", "\"}", false},
};

static void
make(struct tt_buf *out, const struct place_case *c, const char *text)
{
    tt_buf_clear(out);
    tt_buf_add_cstr(out, c->before);
    tt_buf_add_cstr(out, text);
    tt_buf_add_cstr(out, c->after);
    assert_int_equal(out->status, TT_OK);
}

/* What is changed is JSON to somebody else too, and a second pass finds nothing to change. */
static void
assert_good(struct tt_desk *desk, const struct tt_gate_request *request, struct tt_str after)
{
    struct tt_gate_verdict v;
    json_error_t error;
    json_t *value = json_loadb(after.ptr, after.len, 0, &error);
    assert_non_null(value);
    json_decref(value);
    judge(desk, request, after, &v);
    assert_int_equal(v.edit_count, 0);
}

static void
test_places(void **state)
{
    struct judged place;
    struct tt_gate_verdict v;
    struct tt_buf body, expected, after;
    (void) state;
    judged_open(&place, policy, tt_cpu_detect());
    tt_buf_init(&body, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&expected, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&after, &tt_alloc_libc, TT_MIB);
    for (int round = 0; round < 2; round++) { /* in the next turn as well */
        for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
            const struct place_case *c = &places[i];
            const struct tt_gate_request request = judged_request(c->api);
            make(&body, c, c->text);
            make(&expected, c, c->changes ? PLAIN : c->text);
            judge(place.desk, &request, tt_buf_str(&body), &v);
            if (c->changes != (v.action == TT_GATE_NORMALISE)) {
                print_message("%s: %s\n", body.ptr, tt_gate_action_name(v.action));
            }
            assert_int_equal(v.action == TT_GATE_NORMALISE, c->changes);
            assert_str_equal(judged_edit(&v, tt_buf_str(&body), &after), tt_buf_str(&expected));
            assert_good(place.desk, &request, tt_buf_str(&after));
        }
    }
    tt_buf_free(&body);
    tt_buf_free(&expected);
    tt_buf_free(&after);
    judged_close(&place);
}

/* ---- conversations ---- */

#define TURN                                                              \
    "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"" MARK \
    "\"},{\"type\":\"text\",\"text\":\"and so on, at length, so that it counts\"}]}"
#define REPLY \
    ",{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"It is done, and this is what was done about it.\"}]},"

/* Each turn repeats those before it: the edits of what is repeated are the same, byte for byte. */
static void
test_next_turn(void **state)
{
    struct judged place;
    struct tt_gate_verdict v;
    struct tt_buf body, after, before;
    const struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    (void) state;
    judged_open(&place, policy, tt_cpu_detect());
    tt_buf_init(&body, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&after, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&before, &tt_alloc_libc, TT_MIB);
    for (size_t turns = 1; turns < 8; turns++) {
        tt_buf_clear(&body);
        tt_buf_add_cstr(&body, "{\"model\":\"m\",\"messages\":[");
        for (size_t i = 0; i < turns; i++) {
            tt_buf_add_cstr(&body, i > 0 ? REPLY TURN : TURN);
        }
        tt_buf_add_cstr(&body,
                        "],\"tools\":[{\"name\":\"Read\",\"description\":\"Reads a file, all of it or some of its lines.\"}]}");
        judge(place.desk, &request, tt_buf_str(&body), &v);
        assert_int_equal(v.edit_count, 3 * turns);
        assert_int_equal(v.tools, 1);
        judged_edit(&v, tt_buf_str(&body), &after);
        size_t common =
            strlen("{\"model\":\"m\",\"messages\":[") + (turns > 1 ? before.len - strlen("{\"model\":\"m\",\"messages\":[") : 0);
        common = turns > 1 ? (size_t) ((const char *) memmem(before.ptr, before.len, "],\"tools\"", 9) - before.ptr) : 0;
        assert_true(common == 0 || memcmp(before.ptr, after.ptr, common) == 0);
        tt_buf_clear(&before);
        tt_buf_add(&before, tt_buf_str(&after));
    }
    tt_buf_free(&body);
    tt_buf_free(&after);
    tt_buf_free(&before);
    judged_close(&place);
}

/* Random conversations from few sentences, on one desk that remembers and on new ones that do not. */
static void
test_memory_over_turns(void **state)
{
    static const char *const texts[] = {
        "plain words that are long enough to be remembered",
        MARK,
        "short",
        "a line\\nanother line with \\\"quotes\\\" and a path /usr/share/doc",
        ESCAPED " and then some more words",
        "caf\xC3\xA9 na\xC3\xAFve \xE2\x80\x94 dashes and so on",
        "{\\\"json\\\":\\\"" MARK "\\\"}",
        "a" HIDDEN HIDDEN "b is a word with something between its letters",
        "2026-05-09 is a date, and so is 09.05.2026, here",
    };
    static const char *const roles[] = {"user", "assistant", "tool", "system"};
    struct judged warm, cold;
    struct tt_gate_verdict v;
    struct tt_buf body, a, b;
    uint64_t random = 20260509;
    const struct tt_gate_request request = judged_request(TT_API_OPENAI_CHAT);
    (void) state;
    judged_open(&warm, policy, tt_cpu_detect());
    tt_buf_init(&body, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&a, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&b, &tt_alloc_libc, TT_MIB);
    for (int round = 0; round < 120; round++) {
        tt_buf_clear(&body);
        tt_buf_add_cstr(&body, "{\"model\":\"m\",\"messages\":[");
        for (size_t i = 0; i < 6; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            tt_buf_add_cstr(&body, i ? ",{\"role\":\"" : "{\"role\":\"");
            tt_buf_add_cstr(&body, roles[(random >> 33) % 4]);
            tt_buf_add_cstr(&body, "\",\"content\":\"");
            tt_buf_add_cstr(&body, texts[(random >> 40) % (sizeof(texts) / sizeof(*texts))]);
            tt_buf_add_cstr(&body, "\"}");
        }
        tt_buf_add_cstr(&body, "]}");
        judge(warm.desk, &request, tt_buf_str(&body), &v);
        judged_write(&a, &v);
        judged_open(&cold, policy, tt_cpu_detect());
        judge(cold.desk, &request, tt_buf_str(&body), &v);
        judged_write(&b, &v);
        assert_str_equal(tt_buf_str(&a), tt_buf_str(&b));
        judged_close(&cold);
    }
    tt_buf_free(&body);
    tt_buf_free(&a);
    tt_buf_free(&b);
    judged_close(&warm);
}

/* ---- limits ---- */

/* A body of n sentences, one edit each; they are cheap to look at. */
static void
make_sentences(struct tt_buf *body, size_t n)
{
    tt_buf_clear(body);
    tt_buf_add_cstr(body, "{\"model\":\"m\",\"system\":[");
    for (size_t i = 0; i < n; i++) {
        tt_buf_add_cstr(body, i > 0 ? ",{\"text\":\"" : "{\"text\":\"");
        tt_buf_add_cstr(body, "Today\xE2\x80\x99s date is 2026-05-09.\"}");
    }
    tt_buf_add_cstr(body, "]}");
    assert_int_equal(body->status, TT_OK);
}

static void
test_limit_of_edits(void **state)
{
    struct judged place;
    struct tt_gate_verdict v;
    struct tt_buf body;
    struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    (void) state;
    request.body_max = 16 * TT_MIB;
    judged_open(&place, policy, tt_cpu_detect());
    tt_buf_init(&body, &tt_alloc_libc, 16 * TT_MIB);
    for (size_t n = TT_GATE_EDITS_MAX - 1; n <= TT_GATE_EDITS_MAX + 1; n++) {
        make_sentences(&body, n);
        judge(place.desk, &request, tt_buf_str(&body), &v);
        assert_int_equal(v.action, n <= TT_GATE_EDITS_MAX ? TT_GATE_NORMALISE : TT_GATE_REFUSE);
        assert_int_equal(v.edit_count, n <= TT_GATE_EDITS_MAX ? n : 0);
        assert_true(n <= TT_GATE_EDITS_MAX || v.not_inspected);
    }
    tt_buf_free(&body);
    judged_close(&place);
}

/* More marks than anybody weighs, none of which the policy asks about. */
static void
test_limit_of_findings(void **state)
{
    struct judged place;
    struct tt_gate_verdict v;
    struct tt_buf body;
    struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    (void) state;
    request.body_max = 16 * TT_MIB;
    judged_open(&place, JUDGED_HEAD, tt_cpu_detect());
    tt_buf_init(&body, &tt_alloc_libc, 16 * TT_MIB);
    for (uint64_t n = TT_GATE_FINDINGS_WEIGHED; n <= TT_GATE_FINDINGS_WEIGHED + 1; n++) {
        make_sentences(&body, (size_t) n);
        judge(place.desk, &request, tt_buf_str(&body), &v);
        if (v.action == TT_GATE_REFUSE) {
            assert_string_equal(v.not_inspected, "more findings than the limit");
        }
    }
    assert_int_equal(v.action, TT_GATE_REFUSE);
    tt_buf_free(&body);
    judged_close(&place);
}

/* ---- other actions ---- */

static void
test_blocked_and_reported(void **state)
{
    static const char text[] = JUDGED_HEAD "marks:\n"
                                           "  - id: no-date\n    channel: date-line\n    level: suspicious\n    action: block\n"
                                           "    providers: [provider-deepseek]\n    reason: It varies\n"
                                           "  - id: tell\n    channel: date-line\n    level: suspicious\n    action: report\n";
    struct judged place;
    struct tt_gate_verdict v;
    struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    struct tt_str body = TT_STR("{\"model\":\"m\",\"system\":\"" MARK "\"}");
    (void) state;
    judged_open(&place, text, tt_cpu_detect());
    judge(place.desk, &request, body, &v);
    assert_int_equal(v.action, TT_GATE_REPORT);
    assert_str_equal(v.rule, TT_STR("tell"));
    assert_true(v.finding_count >= 1);
    assert_string_equal(v.findings[0].rule->id, "mark.dateline");
    assert_str_equal(v.findings[0].where.path, TT_STR("$.system"));
    assert_int_equal(v.findings[0].where.offset, 28);
    request.provider = TT_STR("provider-deepseek");
    judge(place.desk, &request, body, &v);
    assert_int_equal(v.action, TT_GATE_BLOCK);
    assert_str_equal(v.rule, TT_STR("no-date"));
    assert_non_null(memmem(v.message.ptr, v.message.len, "It varies", 9));
    assert_null(memmem(v.message.ptr, v.message.len, "Today", 5));
    judged_close(&place);
    judged_open(&place, JUDGED_HEAD, tt_cpu_detect()); /* without entries: from suspicious on */
    judge(place.desk, &request, body, &v);
    assert_int_equal(v.action, TT_GATE_REPORT);
    assert_str_equal(v.rule, TT_STR(""));
    judged_close(&place);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_next_turn),
        cmocka_unit_test(test_memory_over_turns),
        cmocka_unit_test(test_limit_of_edits),
        cmocka_unit_test(test_limit_of_findings),
        cmocka_unit_test(test_blocked_and_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
