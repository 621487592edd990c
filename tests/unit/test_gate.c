/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judgement of requests.  What a verdict says is written as one line, so that two verdicts can be compared whole: with other cuts, with a desk
 * that has seen the text before, with other kernels.
 */
#include "judged.h"

#include <stdio.h>
#include <stdlib.h>

#define DECISION(id, match, rest) "  - id: " id "\n    reason: a reason\n    match:\n      " match "\n" rest
#define BAN "    status: prohibited\n    timeline:\n      block: 2026-07-10\n"

static const char plain_policy[] = JUDGED_HEAD;

static const char marks_policy[] =
    JUDGED_HEAD "marks:\n"
                "  - id: plain-date\n    channel: date-line\n    level: candidate\n    action: normalise\n"
                "  - id: no-tags\n    channel: tags\n    level: suspicious\n    action: block\n"
                "  - id: no-hidden\n    channel: zero-width\n    action: normalise\n"
                "  - id: odd\n    channel: json-form\n    level: candidate\n    action: report\n";

static const char ban_policy[] = JUDGED_HEAD "decisions:\n" DECISION(
    "no-deepseek", "model_family: deepseek", BAN "    alternative_models: [claude]\n    message: Please use Claude\n")
    DECISION("no-codex", "product: codex-cli", BAN "    alternatives: [claude-code]\n")
        DECISION("no-groq", "provider: provider-groq", BAN)
            DECISION("soon", "model_family: qwen",
                     "    status: prohibited\n    timeline:\n      warn: 2026-07-10\n      block: 2099-01-01\n")
                DECISION("fine", "model_family: claude", "    status: approved\n    review_due: 2030-01-01\n");

/* ---- shapes of the APIs ---- */

static const struct shape {
    enum tt_api api;
    const char *body;
    const char *model;
    bool streams;
    uint32_t tools, references;
} shapes[] = {
    {TT_API_ANTHROPIC,
     "{\"model\":\"claude-sonnet-4-5\",\"stream\":true,\"system\":[{\"type\":\"text\",\"text\":\"You help.\"}],"
     "\"tools\":[{\"name\":\"Read\",\"description\":\"Reads.\",\"input_schema\":{\"type\":\"object\",\"properties\":{\"url\":{"
     "\"type\":"
     "\"string\"},\"file_id\":{\"type\":\"string\"}}}},{\"name\":\"mcp__github__search\",\"input_schema\":{}}],"
     "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"},{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":"
     "\"t\","
     "\"name\":\"Read\",\"input\":{\"url\":\"https://a.example\",\"file_id\":\"x\"}}]},{\"role\":\"user\",\"content\":[{\"type\":"
     "\"tool_result\",\"tool_use_id\":\"t\",\"content\":\"line\\n\\\"q\\\"\"}]}]}",
     "claude-sonnet-4-5", true, 2, 0},
    {TT_API_ANTHROPIC,
     "{\"model\":\"claude-x\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"url\","
     "\"url\":"
     "\"https://a.example/x.png\"}},{\"type\":\"document\",\"source\":{\"type\":\"file\",\"file_id\":\"file_1\"}}]}],"
     "\"mcp_servers\":[{\"type\":\"url\",\"url\":\"https://m.example\",\"name\":\"m\"}]}",
     "claude-x", false, 0, TT_REFERENCE_URL | TT_REFERENCE_FILE | TT_REFERENCE_SERVER},
    {TT_API_OPENAI_CHAT,
     "{\"model\":\"gpt-5\",\"stream\":false,\"messages\":[{\"role\":\"system\",\"content\":\"You "
     "help.\"},{\"role\":\"user\",\"content\":["
     "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://a.example/"
     "x.png\"}}]}],\"tools\":[{\"type\":\"function\",\"function\":{"
     "\"name\":\"f\",\"parameters\":{\"type\":\"object\"}}}]}",
     "gpt-5", false, 1, TT_REFERENCE_URL},
    {TT_API_OPENAI_CHAT,
     "{\"model\":\"gpt-5\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":"
     "\"data:image/png;base64,AAAA\"}}]}]}",
     "gpt-5", false, 0, 0},
    {TT_API_OPENAI_RESPONSES,
     "{\"model\":\"gpt-5\",\"previous_response_id\":\"resp_1\",\"instructions\":\"Help.\",\"input\":[{\"role\":\"user\","
     "\"content\":[{"
     "\"type\":\"input_text\",\"text\":\"hi\"},{\"type\":\"input_file\",\"file_id\":\"f\"}]}],\"tools\":[{\"type\":\"mcp\","
     "\"server_label\":"
     "\"m\",\"server_url\":\"https://m.example\"}],\"stream\":true}",
     "gpt-5", true, 1, TT_REFERENCE_RESPONSE | TT_REFERENCE_FILE | TT_REFERENCE_SERVER},
    {TT_API_OPENAI_RESPONSES, "{\"prompt\":{\"id\":\"pmpt_1\",\"version\":\"2\"},\"conversation\":{\"id\":\"c\"}}", "", false, 0,
     TT_REFERENCE_PROMPT | TT_REFERENCE_RESPONSE},
    {TT_API_GEMINI,
     "{\"systemInstruction\":{\"parts\":[{\"text\":\"Help.\"}]},\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"},{"
     "\"fileData\":{"
     "\"fileUri\":\"https://a.example/"
     "f\"}}]}],\"tools\":[{\"functionDeclarations\":[{\"name\":\"a\",\"parameters\":{\"type\":\"OBJECT\"}},{"
     "\"name\":\"b\"}]}],\"cachedContent\":\"cachedContents/x\",\"generationConfig\":{\"temperature\":0.5e1}}",
     "", false, 2, TT_REFERENCE_FILE | TT_REFERENCE_CACHE},
    /* what stands elsewhere, in its other forms */
    {TT_API_OPENAI_RESPONSES, "{\"model\":\"m\",\"input\":[{\"type\":\"item_reference\",\"id\":\"msg_1\"}]}", "m", false, 0,
     TT_REFERENCE_RESPONSE},
    {TT_API_OPENAI_RESPONSES, "{\"model\":\"m\",\"input\":[{\"id\":\"msg_1\",\"type\":\"item\\u005freference\"}]}", "m", false, 0,
     TT_REFERENCE_RESPONSE},
    {TT_API_OPENAI_RESPONSES, "{\"model\":\"m\",\"tools\":[{\"type\":\"file_search\",\"vector_store_ids\":[\"vs_1\"]}]}", "m",
     false, 1, TT_REFERENCE_FILE},
    {TT_API_OPENAI_RESPONSES, "{\"model\":\"m\",\"tools\":[{\"type\":\"code_interpreter\",\"container\":\"cntr_1\"}]}", "m",
     false, 1, TT_REFERENCE_FILE},
    {TT_API_OPENAI_RESPONSES,
     "{\"model\":\"m\",\"tools\":[{\"type\":\"code_interpreter\",\"container\":{\"type\":\"auto\",\"file_ids\":[\"f\"]}}]}", "m",
     false, 1, TT_REFERENCE_FILE},
    {TT_API_OPENAI_RESPONSES,
     "{\"model\":\"m\",\"tools\":[{\"type\":\"code_interpreter\",\"container\":{\"type\":\"auto\",\"file_ids\":[]}},"
     "{\"name\":\"f\",\"parameters\":{\"file_ids\":[\"a\"],\"container\":\"b\",\"url\":\"https://a.example\"}}]}",
     "m", false, 2, 0},
    {TT_API_OPENAI_RESPONSES, "{\"model\":\"m\",\"tools\":[{\"type\":\"mcp\",\"connector_id\":\"connector_gmail\"}]}", "m", false,
     1, TT_REFERENCE_SERVER},
    {TT_API_OPENAI_RESPONSES, "{\"model\":\"m\",\"conversation\":\"conv_1\"}", "m", false, 0, TT_REFERENCE_RESPONSE},
    {TT_API_ANTHROPIC, "{\"model\":\"m\",\"container\":\"container_1\",\"messages\":[]}", "m", false, 0, TT_REFERENCE_FILE},
    {TT_API_ANTHROPIC, "{\"model\":\"m\",\"container\":{\"skills\":[{\"type\":\"anthropic\",\"skill_id\":\"x\"}]}}", "m", false,
     0, TT_REFERENCE_FILE},
    {TT_API_GEMINI, "{\"tools\":[{\"fileSearch\":{\"fileSearchStoreNames\":[\"fileSearchStores/x\"]}}],\"cached_content\":\"c\"}",
     "", false, 1, TT_REFERENCE_FILE | TT_REFERENCE_CACHE},
    {TT_API_ANTHROPIC,
     "{\"model\":\"m\",\"container\":null,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"content\":"
     "\"{\\\"type\\\":\\\"item_reference\\\"}\"}]}]}",
     "m", false, 0, 0},
};
#define SHAPES (sizeof(shapes) / sizeof(*shapes))

static void
test_shapes(void **state)
{
    struct judged place;
    struct tt_gate_verdict v;
    (void) state;
    judged_open(&place, plain_policy, tt_cpu_detect());
    for (size_t i = 0; i < SHAPES; i++) {
        const struct tt_gate_request request = judged_request(shapes[i].api);
        judge(place.desk, &request, tt_str_cstr(shapes[i].body), &v);
        assert_string_equal(tt_gate_action_name(v.action), "allow");
        assert_null(v.not_inspected);
        assert_str_equal(v.model, tt_str_cstr(shapes[i].model));
        assert_int_equal(v.streams, shapes[i].streams);
        assert_int_equal(v.tools, shapes[i].tools);
        assert_int_equal(v.references, shapes[i].references);
        assert_int_equal(v.finding_count, 0);
        assert_int_equal(v.edit_count, 0);
    }
    judged_close(&place);
}

/* Of each kind: reported by default, and blocked where the policy wants that, also by a desk that has seen the part before. */
static void
test_references(void **state)
{
    struct judged place;
    struct tt_gate_verdict v;
    char policy[256];
    (void) state;
    for (unsigned kind = 0; kind < TT_REFERENCES; kind++) {
        snprintf(policy, sizeof(policy), JUDGED_HEAD "gateway:\n  on_error: open\n  references:\n    %s: block\n",
                 tt_gate_reference_name(kind));
        judged_open(&place, policy, tt_cpu_detect());
        for (size_t i = 0; i < 2 * SHAPES; i++) {
            const struct shape *shape = &shapes[i % SHAPES];
            const struct tt_gate_request request = judged_request(shape->api);
            bool blocks = shape->references & 1U << kind;
            judge(place.desk, &request, tt_str_cstr(shape->body), &v);
            assert_string_equal(tt_gate_action_name(v.action), blocks ? "block" : "allow");
            assert_int_equal(v.references, shape->references);
            if (blocks) {
                char words[32];
                int n = snprintf(words, sizeof(words), "(%s).", tt_gate_reference_name(kind));
                assert_int_equal(v.refusal, TT_REFUSE_POLICY);
                assert_str_equal(v.rule, TT_STR("gateway.references"));
                assert_non_null(memmem(v.message.ptr, v.message.len, words, (size_t) n));
            }
        }
        judged_close(&place);
    }
}

/* ---- cuts, kernels, desks ---- */

/* Bodies in which something is found, edited, or wrong. */
static const char *const rich[] = {
    "{\"model\":\"claude-sonnet-4-5\",\"messages\":[{\"role\":\"user\",\"content\":\"Today\xCA\xBCs date is 2026/05/09.\"}]}",
    "{\"model\":\"claude-sonnet-4-5\",\"messages\":[{\"role\":\"user\",\"content\":\"Today\\u02bcs date is 2026-05-09. "
    "\xF0\x9F\x98\x80 end\"}]}",
    "{\"model\":\"claude-sonnet-4-5\",\"system\":"
    "\"a\xF3\xA0\x81\xA8\xF3\xA0\x81\xA9\xF3\xA0\x81\xAA\xF3\xA0\x81\xAB\xF3\xA0\x81\xACz\"}",
    "{\"mod\\u0065l\":\"claude\\u002dsonnet-4-5\",\"st\\u0072eam\":true,\"messages\":[]}",
    "{\"model\":\"a\",\"mod\\u0065l\":\"b\"}",
    "{\"model\":\"a\xFF\"}",
    "{\"a\":[1,2,{\"b\":null}],\"model\":\"x\"} x",
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a \\ud83d\\ude00 b \\udc00 and a text of some length, so "
    "that the part "
    "is one that could be remembered whole, were it not for half a character\"},{\"a\":1,\"\\u0061\":2}]}",
    "{\"metadata\":{\"user_id\":\"{\\\"device\\\":\\\"caf\\u00e9\\\",\\\"a\\\":\\\"Today\\u02bcs date is "
    "2026/05/09.\\\"}\"},\"model\":\"m\"}",
};
#define RICH (sizeof(rich) / sizeof(*rich))

static void
assert_cut_alike(struct tt_desk *desk, const struct tt_gate_request *request, struct tt_str body)
{
    struct tt_gate_verdict v;
    struct tt_str *pieces = calloc(body.len + 1, sizeof(*pieces));
    struct tt_buf whole, cut;
    tt_buf_init(&whole, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&cut, &tt_alloc_libc, TT_MIB);
    judge(desk, request, body, &v);
    judged_write(&whole, &v);
    for (size_t at = 0; at <= body.len; at++) {
        pieces[0] = tt_str_slice(body, 0, at);
        pieces[1] = tt_str_slice(body, at, body.len);
        assert_int_equal(tt_gate_judge(desk, request, pieces, 2, &v), TT_OK);
        judged_write(&cut, &v);
        assert_str_equal(tt_buf_str(&cut), tt_buf_str(&whole));
    }
    for (size_t at = 0; at < body.len; at++) {
        pieces[at] = tt_str_slice(body, at, at + 1);
    }
    assert_int_equal(tt_gate_judge(desk, request, pieces, body.len, &v), TT_OK);
    judged_write(&cut, &v);
    assert_str_equal(tt_buf_str(&cut), tt_buf_str(&whole));
    tt_buf_free(&whole);
    tt_buf_free(&cut);
    free(pieces);
}

static void
test_cuts(void **state)
{
    struct judged place;
    (void) state;
    judged_open(&place, marks_policy, tt_cpu_detect());
    for (size_t i = 0; i < SHAPES; i++) {
        const struct tt_gate_request request = judged_request(shapes[i].api);
        assert_cut_alike(place.desk, &request, tt_str_cstr(shapes[i].body));
    }
    for (size_t i = 0; i < RICH; i++) {
        const struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
        assert_cut_alike(place.desk, &request, tt_str_cstr(rich[i]));
    }
    judged_close(&place);
}

/* A desk that has seen everything, one that has seen nothing, and one without kernels say the same. */
static void
test_memory_is_no_matter(void **state)
{
    struct judged warm, cold, plain;
    struct tt_buf a, b;
    struct tt_gate_verdict v;
    (void) state;
    tt_buf_init(&a, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&b, &tt_alloc_libc, TT_MIB);
    judged_open(&warm, marks_policy, tt_cpu_detect());
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < SHAPES + RICH; i++) {
            const struct tt_gate_request request = judged_request(i < SHAPES ? shapes[i].api : TT_API_ANTHROPIC);
            struct tt_str body = tt_str_cstr(i < SHAPES ? shapes[i].body : rich[i - SHAPES]);
            judge(warm.desk, &request, body, &v);
            judged_write(&a, &v);
            judged_open(&cold, marks_policy, tt_cpu_detect());
            judge(cold.desk, &request, body, &v);
            judged_write(&b, &v);
            assert_str_equal(tt_buf_str(&a), tt_buf_str(&b));
            judged_close(&cold);
            judged_open(&plain, marks_policy, 0);
            judge(plain.desk, &request, body, &v);
            judged_write(&b, &v);
            assert_str_equal(tt_buf_str(&a), tt_buf_str(&b));
            judged_close(&plain);
        }
    }
    judged_close(&warm);
    tt_buf_free(&a);
    tt_buf_free(&b);
}

/* The same words at places that differ in what they mean: what was clean at one is looked at again at the other. */
static void
test_places_are_told_apart(void **state)
{
    struct judged place;
    struct tt_gate_verdict v;
    const struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    (void) state;
    judged_open(&place, marks_policy, tt_cpu_detect());
    judge(place.desk, &request,
          TT_STR("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"content\":"
                 "\"Today\xE2\x80\x99s date is 2026-05-09.\"}]}]}"),
          &v);
    assert_int_equal(v.edit_count, 0);
    judge(place.desk, &request,
          TT_STR("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Today\xE2\x80\x99s date is 2026-05-09.\"}]}"),
          &v);
    assert_int_equal(v.edit_count, 1);
    assert_int_equal(v.action, TT_GATE_NORMALISE);
    judged_close(&place);
}

/* ---- requests at fault ---- */

static const struct fault {
    const char *body;
    enum tt_refusal refusal;
    bool always; /* also where the policy fails open */
    const char *why;
} faults[] = {
    {"", TT_REFUSE_INVALID, false, "the document has no value"},
    {"{", TT_REFUSE_INVALID, false, "the document ends inside an object"},
    {"[]", TT_REFUSE_INVALID, false, "the request is no JSON object"},
    {"\"x\"", TT_REFUSE_INVALID, false, NULL},
    {"null", TT_REFUSE_INVALID, false, "the request is no JSON object"},
    {"{} {}", TT_REFUSE_INVALID, false, "something follows the document's value"},
    {"{}\n\t ", TT_REFUSALS, false, NULL},
    {"{\"model\":\"m\"},", TT_REFUSE_INVALID, false, "something follows the document's value"},
    {"\xEF\xBB\xBF{}", TT_REFUSE_INVALID, false, "a byte order mark stands before the document"},
    {"{\"a\":\"\xC0\x80\"}", TT_REFUSE_INVALID, false, "a string is not valid UTF-8"},
    {"{\"a\":\"\n\"}", TT_REFUSE_INVALID, false, NULL},
    {"{\"model\":\"a\",\"model\":\"b\"}", TT_REFUSE_INVALID, true, NULL},
    {"{\"model\":\"a\",\"mod\\u0065l\":\"b\"}", TT_REFUSE_INVALID, true, NULL},
    {"{\"messages\":[],\"messages\":[]}", TT_REFUSE_INVALID, true, NULL},
    {"{\"system\":\"\",\"\\u0073ystem\":\"\"}", TT_REFUSE_INVALID, true, NULL},
    {"{\"tools\":[],\"tools\":[]}", TT_REFUSE_INVALID, true, NULL},
    {"{\"systemInstruction\":{},\"system_instruction\":{}}", TT_REFUSE_INVALID, true, NULL},
    {"{\"unknown\":1,\"unknown\":2}", TT_REFUSALS, false, NULL},
    {"{\"a\":{\"model\":\"x\"},\"model\":\"y\"}", TT_REFUSALS, false, NULL},
    {"{\"model\":\"a\",\"Model\":\"b\"}", TT_REFUSE_INVALID, true, NULL},
    {"{\"MODEL\":\"b\"}", TT_REFUSE_INVALID, true, NULL},
    {"{\"\\u004dodel\":\"b\"}", TT_REFUSE_INVALID, true, NULL},
    {"{\"me\xC5\xBFsage\xC5\xBF\":[]}", TT_REFUSE_INVALID, true, NULL},
    {"{\"Systeminstruction\":{}}", TT_REFUSE_INVALID, true, NULL},
    {"{\"sy\xC5\xBF\":{},\"models\":1,\"Models\":2,\"mode\":3,\"Mode\":4,\"inputs\":5,\"\":6}", TT_REFUSALS, false, NULL},
    {"{\"metadata\":{\"Model\":\"x\"}}", TT_REFUSALS, false, NULL},
    {"{\"model\":\"\\ud800\"}", TT_REFUSE_INVALID, false, "the model's name is no text"},
    {"{\"mod\\ud800el\":\"\"}", TT_REFUSE_INVALID, false, "a name of the request is no text"},
    {"{\"model\":7}", TT_REFUSE_INVALID, false, "the model's name is no text"},
    {"{\"model\":null}", TT_REFUSE_INVALID, false, "the model's name is no text"},
    {"{\"model\":{\"a\":1}}", TT_REFUSE_INVALID, false, "the model's name is no text"},
    {"{\"messages\":[{\"content\":\"\\ud800\"}]}", TT_REFUSALS, false, NULL},
};

static void
test_faults(void **state)
{
    struct judged closed, open;
    struct tt_gate_verdict v;
    const struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    (void) state;
    judged_open(&closed, plain_policy, tt_cpu_detect());
    judged_open(&open, JUDGED_HEAD "gateway:\n  on_error: open\n", tt_cpu_detect());
    for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
        const struct fault *f = &faults[i];
        bool fine = f->refusal == TT_REFUSALS;
        judge(closed.desk, &request, tt_str_cstr(f->body), &v);
        assert_int_equal(v.action, fine ? TT_GATE_ALLOW : TT_GATE_REFUSE);
        if (!fine) {
            assert_int_equal(v.refusal, f->refusal);
            assert_true(v.message.len > 0);
            assert_true(f->always == (v.not_inspected == NULL));
        }
        if (f->why) {
            assert_string_equal(v.not_inspected, f->why);
        }
        judge(open.desk, &request, tt_str_cstr(f->body), &v);
        assert_int_equal(v.action, fine ? TT_GATE_ALLOW : f->always ? TT_GATE_REFUSE : TT_GATE_REPORT);
        assert_true((v.not_inspected != NULL) == (!fine && !f->always));
    }
    struct tt_str nul = TT_STR("{\"model\":\"m\"\0}");
    judge(closed.desk, &request, nul, &v);
    assert_int_equal(v.action, TT_GATE_REFUSE);
    judged_close(&closed);
    judged_close(&open);
}

/* ---- spelling of the JSON ---- */

static void
test_spelling(void **state)
{
    static const char policy[] =
        JUDGED_HEAD "marks:\n  - id: odd\n    channel: json-form\n    level: candidate\n    action: block\n";
    static const struct {
        const char *body, *path; /* path NULL: nothing is found */
        uint64_t offset, length;
    } rows[] = {
        {"{\"messages\":[{\"content\":\"ab\\ud800\"}]}", "$.messages[0].content", 27, 6},
        {"{\"messages\":[{\"content\":\"\\ud83d\\ude00\\\\ud800\"}]}", NULL, 0, 0},
        {"{\"messages\":[{\"content\":\"\\uD83D\\uDE00\\uDE00\"}]}", "$.messages[0].content", 37, 6},
        {"{\"messages\":[{\"x\\udfff\":1}]}", "$.messages[0].x\\udfff", 16, 6},
        {"{\"a\":1,\"a\":2}", "$.a", 8, 1},
        {"{\"a\":1,\"\\u0061\":2}", "$.a", 8, 6},
        {"{\"a\":[{\"b\":1},{\"b\":2},{\"c\":{\"b\":1}}],\"b\":2}", NULL, 0, 0},
        {"{\"a\":[{\"b\":1},{\"b\":{\"b\":1},\"b\":2}]}", "$.a[1].b", 28, 1},
        {"{\"tools\":[{\"name\":\"x\",\"input_schema\":{\"type\":\"a\",\"type\":\"b\"}}]}", "$.tools[0].input_schema.type", 50,
         4},
    };
    struct judged asked, plain;
    struct tt_gate_verdict v;
    const struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    (void) state;
    judged_open(&asked, policy, tt_cpu_detect());
    judged_open(&plain, plain_policy, tt_cpu_detect());
    for (int round = 0; round < 3; round++) { /* also out of the desk's memory */
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
            judge(plain.desk, &request, tt_str_cstr(rows[i].body), &v);
            assert_string_equal(tt_gate_action_name(v.action), "allow"); /* a candidate, which nobody asked for */
            judge(asked.desk, &request, tt_str_cstr(rows[i].body), &v);
            assert_string_equal(tt_gate_action_name(v.action), rows[i].path ? "block" : "allow");
            assert_int_equal(v.finding_count, rows[i].path ? 1 : 0);
            if (rows[i].path) {
                assert_string_equal(v.findings[0].rule->id, "mark.json-form");
                assert_int_equal(v.findings[0].where.offset, rows[i].offset);
                assert_int_equal(v.findings[0].where.length, rows[i].length);
                if (!strchr(rows[i].path, '\\')) {
                    assert_str_equal(v.findings[0].where.path, tt_str_cstr(rows[i].path));
                }
            }
        }
    }
    judged_close(&asked);
    judged_close(&plain);
}

/* ---- limits ---- */

static void
test_limits(void **state)
{
    struct judged place;
    struct tt_gate_verdict v;
    struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    (void) state;
    judged_open(&place, plain_policy, tt_cpu_detect());
    for (size_t depth = TT_GATE_DEPTH_MAX - 1; depth <= TT_GATE_DEPTH_MAX + 1; depth++) {
        struct tt_buf body;
        tt_buf_init(&body, &tt_alloc_libc, TT_MIB);
        tt_buf_add_cstr(&body, "{\"a\":");
        for (size_t i = 1; i < depth; i++) {
            tt_buf_add_char(&body, '[');
        }
        for (size_t i = 1; i < depth; i++) {
            tt_buf_add_char(&body, ']');
        }
        tt_buf_add_char(&body, '}');
        judge(place.desk, &request, tt_buf_str(&body), &v);
        assert_int_equal(v.action, depth <= TT_GATE_DEPTH_MAX ? TT_GATE_ALLOW : TT_GATE_REFUSE);
        tt_buf_free(&body);
    }
    struct tt_str body = TT_STR("{\"model\":\"claude\"}");
    for (size_t max = body.len - 1; max <= body.len + 1; max++) {
        request.body_max = max;
        judge(place.desk, &request, body, &v);
        assert_int_equal(v.action, max >= body.len ? TT_GATE_ALLOW : TT_GATE_REFUSE);
        assert_true(max >= body.len || v.refusal == TT_REFUSE_TOO_LARGE);
    }
    judged_close(&place);
}

/* One string more than the limit of strings. */
static void
test_limit_of_strings(void **state)
{
    struct judged place;
    struct tt_gate_verdict v;
    struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    struct tt_buf body;
    (void) state;
    request.body_max = 16 * TT_MIB;
    judged_open(&place, plain_policy, tt_cpu_detect());
    tt_buf_init(&body, &tt_alloc_libc, 16 * TT_MIB);
    for (int more = -1; more <= 1; more++) {
        tt_buf_clear(&body);
        tt_buf_add_cstr(&body, "{\"a\":[");
        for (uint64_t i = 1; i < TT_GATE_STRINGS_MAX + (uint64_t) more; i++) {
            tt_buf_add_cstr(&body, i > 1 ? ",\"\"" : "\"\"");
        }
        tt_buf_add_cstr(&body, "]}");
        assert_int_equal(body.status, TT_OK);
        judge(place.desk, &request, tt_buf_str(&body), &v);
        assert_int_equal(v.action, more <= 0 ? TT_GATE_ALLOW : TT_GATE_REFUSE);
    }
    tt_buf_free(&body);
    judged_close(&place);
}

/* ---- decisions ---- */

static const struct decided {
    enum tt_api api;
    const char *body, *agent, *provider;
    enum tt_gate_action action;
    const char *rule, *alternative;
    const char *words[3]; /* that the message has */
} decided[] = {
    {TT_API_ANTHROPIC, "{\"model\":\"claude-sonnet-4-5\"}", "", "", TT_GATE_ALLOW, "", "", {0}},
    {TT_API_ANTHROPIC,
     "{\"model\":\"deepseek-chat\"}",
     "",
     "",
     TT_GATE_BLOCK,
     "no-deepseek",
     "claude",
     {"no-deepseek", "2026-07-10", "Please use Claude"}},
    {TT_API_ANTHROPIC, "{\"model\":\"dee\\u0070seek-chat\"}", "", "", TT_GATE_BLOCK, "no-deepseek", "claude", {0}},
    {TT_API_ANTHROPIC, "{\"model\":\"openrouter/deepseek/deepseek-chat\"}", "", "", TT_GATE_BLOCK, "no-deepseek", "claude", {0}},
    {TT_API_OPENAI_CHAT, "{\"model\":\"qwen3-coder\"}", "", "", TT_GATE_REPORT, "soon", "", {0}},
    {TT_API_OPENAI_CHAT,
     "{\"model\":\"claude-sonnet-4-5\"}",
     "",
     "provider-groq",
     TT_GATE_BLOCK,
     "no-groq",
     "",
     {"route", NULL, NULL}},
    {TT_API_OPENAI_RESPONSES,
     "{\"model\":\"claude-sonnet-4-5\"}",
     "codex_cli_rs/0.50.0 (Debian 12; x86_64)",
     "",
     TT_GATE_BLOCK,
     "no-codex",
     "claude-code",
     {"software", "claude-code", NULL}},
};

static void
test_decisions(void **state)
{
    struct judged place;
    struct tt_gate_verdict v;
    (void) state;
    judged_open(&place, ban_policy, tt_cpu_detect());
    for (int round = 0; round < 2; round++) { /* the second time out of the desk's memory */
        for (size_t i = 0; i < sizeof(decided) / sizeof(*decided); i++) {
            const struct decided *d = &decided[i];
            struct tt_gate_request request = judged_request(d->api);
            request.user_agent = tt_str_cstr(d->agent);
            request.provider = *d->provider ? tt_str_cstr(d->provider) : request.provider;
            judge(place.desk, &request, tt_str_cstr(d->body), &v);
            assert_string_equal(tt_gate_action_name(v.action), tt_gate_action_name(d->action));
            assert_str_equal(v.rule, tt_str_cstr(d->rule));
            assert_str_equal(v.alternative, tt_str_cstr(d->alternative));
            for (size_t k = 0; k < 3 && d->words[k]; k++) {
                assert_non_null(memmem(v.message.ptr, v.message.len, d->words[k], strlen(d->words[k])));
            }
        }
    }
    judged_close(&place);
}

static void
test_reroute(void **state)
{
    struct judged place;
    struct tt_gate_verdict v;
    struct tt_buf out, policy;
    (void) state;
    tt_buf_init(&out, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&policy, &tt_alloc_libc, TT_MIB);
    tt_buf_add_cstr(&policy, ban_policy);
    tt_buf_add(&policy, TT_STR("gateway:\n  reroute: true\n  contact: help@b.example\n\0"));
    judged_open(&place, policy.ptr, tt_cpu_detect());
    struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    request.provider = TT_STR("provider-deepseek");
    struct tt_str body = TT_STR("{\"messages\":[],\"model\" : \"deepseek-chat\" }");
    judge(place.desk, &request, body, &v);
    assert_int_equal(v.action, TT_GATE_REROUTE);
    assert_str_equal(v.upstream, TT_STR("provider-anthropic"));
    assert_str_equal(v.rule, TT_STR("no-deepseek"));
    assert_str_equal(judged_edit(&v, body, &out), TT_STR("{\"messages\":[],\"model\" : \"claude-haiku-4-5\" }"));
    request.route.api = TT_API_OPENAI_CHAT; /* a broker serves any family */
    request.provider = TT_STR("provider-openrouter");
    judge(place.desk, &request, body, &v);
    assert_int_equal(v.action, TT_GATE_REROUTE);
    assert_str_equal(v.upstream, TT_STR("provider-openrouter"));
    assert_str_equal(v.alternative, TT_STR("anthropic/claude-sonnet-4.5"));
    request.route.api = TT_API_OPENAI_RESPONSES; /* no upstream of that API */
    judge(place.desk, &request, body, &v);
    assert_int_equal(v.action, TT_GATE_BLOCK);
    assert_non_null(memmem(v.message.ptr, v.message.len, "help@b.example", 14));
    judged_close(&place);
    tt_buf_free(&out);
    tt_buf_free(&policy);
}

/* A key that a client has for one provider is not told to another one, which is left out unless the gateway has a key of its own there. */
static void
test_reroute_keys(void **state)
{
    static const struct {
        enum tt_api api;
        const char *provider;
        const char *model, *body;
        const char *upstream; /* empty: blocked ... */
        const char *keyless;  /* ... and told that it is for want of a key there */
    } rows[] = {
        {TT_API_OPENAI_CHAT, "provider-deepseek", "", "{\"model\":\"deepseek-chat\"}", "provider-bedrock", ""},
        {TT_API_OPENAI_CHAT, "provider-openai", "", "{\"model\":\"deepseek-chat\"}", "provider-bedrock", ""},
        {TT_API_OPENAI_CHAT, "provider-openrouter", "", "{\"model\":\"deepseek-chat\"}", "provider-openrouter", ""},
        {TT_API_OPENAI_CHAT, "", "", "{\"model\":\"deepseek-chat\"}", "provider-bedrock", ""},
        {TT_API_ANTHROPIC, "provider-deepseek", "", "{\"model\":\"deepseek-chat\"}", "provider-anthropic", ""},
        {TT_API_GEMINI, "provider-google", "gemini-1.5-pro", "{}", "provider-google", ""},
        {TT_API_GEMINI, "provider-anthropic", "gemini-1.5-pro", "{}", "", "provider-google"},
        {TT_API_GEMINI, "", "gemini-1.5-pro", "{}", "", "provider-google"},
        {TT_API_OPENAI_CHAT, "provider-openai", "", "{\"model\":\"gpt-4o\"}", "", ""},
    };
    static const char policy[] =
        JUDGED_HEAD "decisions:\n" DECISION("no-deepseek", "model_family: deepseek", BAN "    alternative_models: [claude]\n")
            DECISION("no-old", "model: gemini-1*", BAN "    alternative_models: [gemini]\n")
                DECISION("no-gpt", "model: gpt-4o", BAN "    alternative_models: [grok]\n") "gateway:\n  reroute: true\n";
    struct judged place;
    struct tt_gate_verdict v;
    (void) state;
    judged_open(&place, policy, tt_cpu_detect());
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct tt_gate_request request = judged_request(rows[i].api);
        request.provider = tt_str_cstr(rows[i].provider);
        request.route.model = tt_str_cstr(rows[i].model);
        judge(place.desk, &request, tt_str_cstr(rows[i].body), &v);
        assert_string_equal(tt_gate_action_name(v.action), *rows[i].upstream ? "reroute" : "block");
        assert_str_equal(v.upstream, tt_str_cstr(rows[i].upstream));
        bool said = tt_str_has(v.message, TT_STR("no key of its own"));
        assert_true(said == (*rows[i].keyless != '\0'));
        assert_true(!said || tt_str_has(v.message, tt_str_cstr(rows[i].keyless)));
    }
    judged_close(&place);
}

/* Gemini: the model stands in the path, so the verdict alone names the new one, and the body stays. */
static void
test_reroute_in_path(void **state)
{
    static const char policy[] =
        JUDGED_HEAD "decisions:\n" DECISION("no-pro", "model: gemini-*-pro*", BAN "    alternative_models: [gemini]\n")
            DECISION("no-old", "model: gemini-1*", BAN "    alternative_models: [claude, gemini-2.5-flash]\n")
                DECISION("no-flash", "model: gemini-3-flash-preview", BAN) "gateway:\n  reroute: true\n";
    static const struct {
        const char *model, *body;
        enum tt_operation operation;
        const char *alternative; /* NULL: blocked */
    } rows[] = {
        /* 10 USD: 3 is nearest, but prohibited itself; so is 12 */
        {"gemini-2.5-pro", "{\"contents\":[]}", TT_OPERATION_GENERATE_CONTENT, "gemini-2.5-flash"},
        {"gemini-2.5-pro", "{\"contents\":[]}", TT_OPERATION_COUNT_TOKENS, "gemini-2.5-flash"},
        {"gemini-9-pro", "{\"contents\":[]}", TT_OPERATION_GENERATE_CONTENT, "gemini-2.5-flash-lite"},
        {"gemini-1.5-x", "{\"contents\":[]}", TT_OPERATION_GENERATE_CONTENT, "gemini-2.5-flash"},
        {"gemini-2.5-pro", "{\"contents\":[]}", TT_OPERATION_EMBEDDINGS, NULL},
        {"gemini-2.5-pro", "{\"model\":\"gemini-2.5-pro\"}", TT_OPERATION_GENERATE_CONTENT, NULL},
        {"gemini-3-flash-preview", "{\"contents\":[]}", TT_OPERATION_GENERATE_CONTENT, NULL},
    };
    struct judged place;
    struct tt_gate_verdict v;
    struct tt_gate_request request = judged_request(TT_API_GEMINI);
    (void) state;
    judged_open(&place, policy, tt_cpu_detect());
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        request.route.model = tt_str_cstr(rows[i].model);
        request.route.operation = rows[i].operation;
        judge(place.desk, &request, tt_str_cstr(rows[i].body), &v);
        assert_str_equal(v.model, request.route.model);
        assert_int_equal(v.edit_count, 0);
        assert_string_equal(tt_gate_action_name(v.action), rows[i].alternative ? "reroute" : "block");
        if (rows[i].alternative) {
            assert_str_equal(v.alternative, tt_str_cstr(rows[i].alternative));
            assert_str_equal(v.upstream, TT_STR("provider-google"));
        }
    }
    judged_close(&place);
}

/* Names in other forms of letters fit no family: the default decides, and what passes is told of. */
static void
test_odd_names(void **state)
{
#define WIDE "\xEF\xBD\x87\xEF\xBD\x92\xEF\xBD\x8F\xEF\xBD\x8B" /* grok, in full-width letters */
    static const struct {
        const char *policy, *model, *action, *rule;
    } rows[] = {
        {"default:\n  model: prohibited\n  timeline:\n    block: 2026-01-01\n", WIDE "-4", "block", "default"},
        {"default:\n  model: approved\n", WIDE "-4", "report", "gateway.model"},
        {"default:\n  model: approved\n", "gr\\u043Fk-4", "report", "gateway.model"},
        {"default:\n  model: approved\n", "grok 4", "report", "gateway.model"},
        {"default:\n  model: approved\n", "grok-4", "allow", ""},
        {"default:\n  model: approved\ndecisions:\n" DECISION("no-grok", "model_family: grok", BAN), WIDE "-4", "report",
         "gateway.model"},
        {"default:\n  model: approved\ndecisions:\n" DECISION("no-grok", "model_family: grok", BAN), "GROK-4", "block",
         "no-grok"},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct judged place;
        struct tt_gate_verdict v;
        char policy[1024], body[128];
        const struct tt_gate_request request = judged_request(TT_API_OPENAI_CHAT);
        snprintf(policy, sizeof(policy), "%s%s", JUDGED_HEAD, rows[i].policy);
        snprintf(body, sizeof(body), "{\"model\":\"%s\"}", rows[i].model);
        judged_open(&place, policy, tt_cpu_detect());
        judge(place.desk, &request, tt_str_cstr(body), &v);
        assert_string_equal(tt_gate_action_name(v.action), rows[i].action);
        assert_str_equal(v.rule, tt_str_cstr(rows[i].rule));
        judged_close(&place);
    }
}

/* Requests within requests: each model that is named is asked about, however it is written, and the strictest answer counts. */
static void
test_inner_models(void **state)
{
    static const char policy[] = JUDGED_HEAD
        "decisions:\n" DECISION("no-x", "model: \"secret-*\"", BAN "    alternative_models: [gemini-2.5-flash]\n") DECISION(
            "soon", "model: \"old-*\"", "    status: prohibited\n    timeline:\n      warn: 2026-07-10\n") "gateway:\n"
                                                                                                           "  reroute: true\n";
#define COUNT_OF(inner) "{\"generateContentRequest\":{\"contents\":[],\"model\":" inner "}}"
    static const struct {
        const char *path, *body;
        const char *action, *rule, *model;
    } rows[] = {
        {"gemini-2.5-pro", COUNT_OF("\"models/gemini-2.5-pro\""), "allow", "", "gemini-2.5-pro"},
        {"gemini-2.5-pro", COUNT_OF("\"models/secret-1\""), "block", "no-x", "secret-1"},
        {"gemini-2.5-pro", COUNT_OF("\"secret-1\""), "block", "no-x", "secret-1"},
        {"gemini-2.5-pro", COUNT_OF("\" models\\/s\\u0065cret-1 \""), "block", "no-x", "secret-1"},
        {"gemini-2.5-pro", COUNT_OF("\"a\",\"model\":\"secret-2\",\"model\":\"b\""), "block", "no-x", "secret-2"},
        {"gemini-2.5-pro", "{\"generate_content_request\":{\"mod\\u0065l\":\"secret-1\"}}", "block", "no-x", "secret-1"},
        {"gemini-2.5-pro", COUNT_OF("\"old-1\""), "report", "soon", "gemini-2.5-pro"},
        {"old-1", COUNT_OF("\"secret-1\""), "block", "no-x", "secret-1"},
        {"gemini-2.5-pro", COUNT_OF("{\"model\":\"secret-1\"}"), "refuse", "", "gemini-2.5-pro"},
        {"embed-1", "{\"requests\":[{\"model\":\"models/embed-1\"},{\"content\":{},\"model\":\"models/secret-1\"}]}", "block",
         "no-x", "secret-1"},
        {"embed-1", "{\"requests\":[{\"model\":\"models/embed-1\"},{\"model\":\"models/embed-1\"}]}", "allow", "", "embed-1"},
        {"embed-1", "{\"requests\":[{\"content\":{\"parts\":[{\"model\":\"secret-1\"}]}}]}", "allow", "", "embed-1"},
        {"embed-1", "{\"model\":\"models/secret-1\",\"content\":{}}", "block", "no-x", "secret-1"},
        {"embed-1", "{\"model\":\"models/embed-1\",\"content\":{}}", "allow", "", "embed-1"},
        {"secret-1", COUNT_OF("\"models/gemini-2.5-pro\""), "block", "no-x",
         "secret-1"}, /* two models: none is put in the place of one */
        {"secret-1", "{\"contents\":[]}", "reroute", "no-x", "secret-1"},
        {"m",
         "{\"requests\":[{\"model\":\"1\"},{\"model\":\"2\"},{\"model\":\"3\"},{\"model\":\"4\"},{\"model\":\"5\"},"
         "{\"model\":\"6\"},{\"model\":\"7\"},{\"model\":\"8\"}]}",
         "allow", "", "m"},
        {"m",
         "{\"requests\":[{\"model\":\"1\"},{\"model\":\"2\"},{\"model\":\"3\"},{\"model\":\"4\"},{\"model\":\"5\"},"
         "{\"model\":\"6\"},{\"model\":\"7\"},{\"model\":\"8\"},{\"model\":\"9\"}]}",
         "refuse", "", "m"},
    };
    struct judged place;
    struct tt_gate_verdict v;
    struct tt_gate_request request = judged_request(TT_API_GEMINI);
    (void) state;
    judged_open(&place, policy, tt_cpu_detect());
    for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(*rows); i++) {
        size_t row = i % (sizeof(rows) / sizeof(*rows));
        request.route.model = tt_str_cstr(rows[row].path);
        request.route.operation = TT_OPERATION_COUNT_TOKENS;
        judge(place.desk, &request, tt_str_cstr(rows[row].body), &v);
        if (strcmp(tt_gate_action_name(v.action), rows[row].action) != 0) {
            fail_msg("row %zu: %s", row, tt_gate_action_name(v.action));
        }
        assert_str_equal(v.rule, tt_str_cstr(rows[row].rule));
        assert_str_equal(v.model, tt_str_cstr(rows[row].model));
    }
    judged_close(&place);
}

static void
test_head(void **state)
{
    struct judged place;
    struct tt_gate_verdict v;
    struct tt_gate_request request = judged_request(TT_API_GEMINI);
    (void) state;
    judged_open(&place, ban_policy, tt_cpu_detect());
    request.route.model = TT_STR("gemini-2.5-pro");
    assert_int_equal(tt_gate_judge_head(place.desk, &request, &v), TT_OK);
    assert_int_equal(v.action, TT_GATE_ALLOW);
    request.provider = TT_STR("provider-groq");
    assert_int_equal(tt_gate_judge_head(place.desk, &request, &v), TT_OK);
    assert_int_equal(v.action, TT_GATE_BLOCK);
    assert_str_equal(v.rule, TT_STR("no-groq"));
    request.provider = TT_STR("");
    request.coding = TT_CODING_OTHER;
    assert_int_equal(tt_gate_judge_head(place.desk, &request, &v), TT_OK);
    assert_int_equal(v.action, TT_GATE_REFUSE);
    assert_int_equal(v.refusal, TT_REFUSE_ENCODING);
    judged_close(&place);
}

/* ---- servers of tools ---- */

/* A policy that allows one server, asked by every way in which a body can name another. */
static void
test_servers(void **state)
{
    static const char policy[] =
        JUDGED_HEAD "decisions:\n" DECISION("fine", "model_family: claude",
                                            "    status: approved_with_limits\n    review_due: 2030-01-01\n    timeline:\n"
                                            "      block: 2026-01-01\n    limits:\n      mcp_servers: [good]\n");
    static const struct {
        const char *body;
        bool blocked;
    } cases[] = {
        {"{\"model\":\"claude-x\"}", false},
        {"{\"model\":\"claude-x\",\"tools\":[{\"name\":\"mcp__good__find\",\"description\":\"Finds what there is to be "
         "found\"}]}",
         false},
        {"{\"model\":\"claude-x\",\"tools\":[{\"name\":\"mcp__bad__find\",\"description\":\"Finds what there is to be found\"}]}",
         true},
        {"{\"model\":\"claude-x\",\"tools\":[{\"name\":\"mcp\\u005f_bad__find\"}]}", true},
        {"{\"model\":\"claude-x\",\"mcp_servers\":[{\"url\":\"https://b.example\",\"name\":\"b\\u0061d\"}]}", true},
        {"{\"model\":\"claude-x\",\"tools\":[{\"type\":\"mcp\",\"server_label\":\"bad\",\"server_url\":\"https://b.example/"
         "mcp\"}]}",
         true},
        {"{\"model\":\"claude-x\",\"tools\":[{\"type\":\"mcp\",\"server_label\":\"good\",\"server_url\":\"https://b.example/"
         "mcp\"}]}",
         false},
    };
    struct judged place;
    struct tt_gate_verdict v;
    struct tt_buf body;
    const struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    (void) state;
    judged_open(&place, policy, tt_cpu_detect());
    for (int round = 0; round < 2; round++) { /* the second time from memory */
        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
            judge(place.desk, &request, tt_str_cstr(cases[i].body), &v);
            assert_string_equal(tt_gate_action_name(v.action), cases[i].blocked ? "block" : "allow");
        }
    }
    tt_buf_init(&body, &tt_alloc_libc, TT_MIB);
    for (size_t n = TT_GATE_SERVERS_MAX - 1; n <= TT_GATE_SERVERS_MAX + 1; n++) {
        tt_buf_clear(&body);
        tt_buf_add_cstr(&body, "{\"tools\":[");
        for (size_t i = 0; i < n; i++) {
            tt_buf_add_cstr(&body, i > 0 ? ",{\"name\":\"mcp__s" : "{\"name\":\"mcp__s");
            tt_buf_add_u64(&body, i);
            tt_buf_add_cstr(&body, "__find\",\"description\":\"Finds what there is to be found in it\"}");
        }
        tt_buf_add_cstr(&body, "]}");
        for (int round = 0; round < 2; round++) {
            judge(place.desk, &request, tt_buf_str(&body), &v);
            assert_true((v.action == TT_GATE_REFUSE) == (n > TT_GATE_SERVERS_MAX));
        }
    }
    tt_buf_free(&body);
    judged_close(&place);
}

/* ---- usage of streams ---- */

static const struct metered {
    const char *body, *after; /* NULL: nothing is changed */
} metered[] = {
    {"{\"model\":\"m\",\"stream\":true}", "{\"stream_options\":{\"include_usage\":true},\"model\":\"m\",\"stream\":true}"},
    {"{\"stream\":true,\"stream_options\":{}}", "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}"},
    {"{\"stream\":true,\"stream_options\":null}", "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}"},
    {"{\"stream_options\":{\"x\":1},\"stream\":true}", "{\"stream_options\":{\"include_usage\":true,\"x\":1},\"stream\":true}"},
    {"{\"stream_options\":{\"include_usage\":false},\"stream\":true}",
     "{\"stream_options\":{\"include_usage\":true},\"stream\":true}"},
    {"{\"stream_options\":{\"include_usage\":true},\"stream\":true}", NULL},
    {"{\"stream\":false}", NULL},
    {"{\"messages\":[]}", NULL},
};

static void
test_metering(void **state)
{
    struct judged inject, require;
    struct tt_gate_verdict v;
    struct tt_buf out;
    const struct tt_gate_request request = judged_request(TT_API_OPENAI_CHAT);
    (void) state;
    tt_buf_init(&out, &tt_alloc_libc, TT_MIB);
    judged_open(&inject, JUDGED_HEAD "gateway:\n  meter: inject\n", tt_cpu_detect());
    judged_open(&require, JUDGED_HEAD "gateway:\n  meter: require\n", tt_cpu_detect());
    for (size_t i = 0; i < sizeof(metered) / sizeof(*metered); i++) {
        struct tt_str body = tt_str_cstr(metered[i].body);
        judge(inject.desk, &request, body, &v);
        assert_int_equal(v.action, metered[i].after ? TT_GATE_NORMALISE : TT_GATE_ALLOW);
        assert_str_equal(judged_edit(&v, body, &out), tt_str_cstr(metered[i].after ? metered[i].after : metered[i].body));
        judge(require.desk, &request, body, &v);
        assert_int_equal(v.action, metered[i].after ? TT_GATE_REFUSE : TT_GATE_ALLOW);
    }
    judged_close(&inject);
    judged_close(&require);
    tt_buf_free(&out);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_memory_is_no_matter),
        cmocka_unit_test(test_places_are_told_apart),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_spelling),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_limit_of_strings),
        cmocka_unit_test(test_decisions),
        cmocka_unit_test(test_reroute),
        cmocka_unit_test(test_reroute_keys),
        cmocka_unit_test(test_reroute_in_path),
        cmocka_unit_test(test_odd_names),
        cmocka_unit_test(test_inner_models),
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_servers),
        cmocka_unit_test(test_metering),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
