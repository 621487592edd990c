/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory never changes a verdict: conversations that grow, and change behind their owner's back, judged by a desk that has seen all of them and
 * by one that has seen nothing.  What is passed over as a whole run of messages or tools counts as much as if it had been read.
 */
#include "judged.h"

#define PARTS_MAX 40
#define PART_ROOM 256

static const char policy[] =
    JUDGED_HEAD "marks:\n"
                "  - id: plain-date\n    channel: date-line\n    level: candidate\n    action: normalise\n"
                "decisions:\n"
                "  - id: tools\n    reason: r\n    match:\n      model_family: claude\n    status: approved_with_limits\n    "
                "review_due: 2030-01-01\n"
                "    timeline:\n      block: 2026-01-01\n    limits:\n      mcp_servers: [good]\n";

/* Messages and what else may stand between them, a number for each #; the first ones are frequent. */
static const char *const messages[] = {
    "{\"role\":\"user\",\"content\":\"number #: plain words that are long enough to be remembered as a part\"}",
    "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"an answer, #, in a block of its own, in few words\"}]}",
    "{\"role\":\"tool\",\"content\":\"result # of a tool\\nwith a second line that goes on for a while\"}",
    "{\"role\":\"user\",\"content\":\"#: today\xCA\xBCs date is 2026/05/09. Today\xCA\xBCs date is 2026/05/09.\"}",
    "\"a message that is nothing but a string, number #, which is odd\"",
    "{\"a\":#}",
    "{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://pictures.example/#.png\"}}]}",
    "17#",
};

static const char *const tools[] = {
    "{\"name\":\"Read#\",\"description\":\"Reads a file, all of it or some of its lines, as they are\",\"input_schema\":{}}",
    "{\"name\":\"mcp__good__find#\",\"description\":\"Finds what there is to be found in the issues\",\"input_schema\":{}}",
    "{\"name\":\"mcp__better__find#\",\"description\":\"Finds what there is to be found in the pages\",\"input_schema\":{}}",
    "{\"functionDeclarations\":[{\"name\":\"one#\",\"description\":\"does one thing and no other\"},{\"name\":\"two\"}]}",
};

struct list {
    const char *const *kinds;
    size_t kind_count, count;
    char parts[PARTS_MAX][PART_ROOM];
};

static uint64_t
draw(uint64_t *random, uint64_t n)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return (*random >> 33) % n;
}

/* Rare kinds are drawn seldom, or no run would ever be whole. */
static void
set(struct list *list, size_t i, uint64_t *random)
{
    size_t kind = draw(random, 8) == 0 ? draw(random, list->kind_count) : draw(random, list->kind_count < 3 ? 1 : 2);
    const char *text = list->kinds[kind], *slot = strchr(text, '#');
    snprintf(list->parts[i], PART_ROOM, "%.*s%u%s", (int) (slot - text), text, (unsigned) draw(random, 1000), slot + 1);
}

/* The next turn: mostly more at the end, sometimes a change in the middle, or a new conversation. */
static void
go_on(struct list *list, uint64_t *random)
{
    uint64_t what = draw(random, 10);
    if (what == 0 || list->count + 3 > PARTS_MAX) {
        list->count = draw(random, PARTS_MAX - 3);
        for (size_t i = 0; i < list->count; i++) {
            set(list, i, random);
        }
    } else if (what < 3 && list->count > 0) {
        set(list, draw(random, list->count), random);
    }
    for (uint64_t more = draw(random, 4); more > 0; more--) {
        set(list, list->count++, random);
    }
}

static void
add_list(struct tt_buf *body, const char *name, const struct list *list)
{
    tt_buf_add_cstr(body, name);
    for (size_t i = 0; i < list->count; i++) {
        tt_buf_add_cstr(body, i > 0 ? ", " : "");
        tt_buf_add_cstr(body, list->parts[i]);
    }
    tt_buf_add_cstr(body, "]");
}

/* As one line; cut: where the second piece begins, 0: there is none. */
static void
judge_cut(const struct judged *place, struct tt_str body, size_t cut, struct tt_buf *out)
{
    struct tt_gate_verdict v;
    const struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    const struct tt_str pieces[] = {tt_str_slice(body, 0, cut), tt_str_slice(body, cut, body.len)};
    assert_int_equal(tt_gate_judge(place->desk, &request, cut > 0 ? pieces : pieces + 1, cut > 0 ? 2 : 1, &v), TT_OK);
    judged_write(out, &v);
}

static void
test_conversations(void **state)
{
    static struct list talk = {.kinds = messages, .kind_count = sizeof(messages) / sizeof(*messages)};
    static struct list tool = {.kinds = tools, .kind_count = sizeof(tools) / sizeof(*tools)};
    struct judged warm, cold;
    struct tt_buf body, a, b;
    uint64_t random = 20261121;
    (void) state;
    judged_open(&warm, policy, tt_cpu_detect());
    tt_buf_init(&body, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&a, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&b, &tt_alloc_libc, TT_MIB);
    for (int round = 0; round < 500; round++) {
        go_on(&talk, &random);
        if (draw(&random, 4) == 0) {
            go_on(&tool, &random);
        }
        tt_buf_clear(&body);
        tt_buf_add_cstr(&body, "{\"model\":\"claude-sonnet-4-5\",");
        add_list(&body, "\"tools\":[", &tool);
        add_list(&body, ",\"messages\":[", &talk);
        tt_buf_add_cstr(&body,
                        ",\"metadata\":{\"user_id\":\"a name that is long enough to be remembered as a part of its own\"}}");
        assert_int_equal(body.status, TT_OK);
        judged_open(&cold, policy, tt_cpu_detect());
        judge_cut(&cold, tt_buf_str(&body), 0, &b);
        judged_close(&cold);
        /* As it is, cut anywhere, and again when both have been seen. */
        for (int turn = 0; turn < 3; turn++) {
            judge_cut(&warm, tt_buf_str(&body), turn == 1 ? (size_t) draw(&random, body.len) : 0, &a);
            assert_str_equal(tt_buf_str(&a), tt_buf_str(&b));
        }
    }
    tt_buf_free(&body);
    tt_buf_free(&a);
    tt_buf_free(&b);
    judged_close(&warm);
}

/* A long list of the same parts: runs of it follow each other, and a mark in any of them is found. */
static void
test_a_mark_in_a_run(void **state)
{
    struct judged warm, cold;
    struct tt_buf body, a, b;
    (void) state;
    judged_open(&warm, policy, tt_cpu_detect());
    tt_buf_init(&body, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&a, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&b, &tt_alloc_libc, TT_MIB);
    for (size_t marked = 0; marked <= 3 * TT_GATE_RUN; marked++) { /* the first request has none: it comes behind the end */
        size_t odd = marked == 0 ? 3 * TT_GATE_RUN : marked - 1;
        tt_buf_clear(&body);
        tt_buf_add_cstr(&body, "{\"model\":\"claude-sonnet-4-5\",\"messages\":[");
        for (size_t i = 0; i < 3 * TT_GATE_RUN; i++) {
            tt_buf_add_cstr(&body, i > 0 ? "," : "");
            tt_buf_add_cstr(
                &body, i == odd ? "{\"role\":\"user\",\"content\":\"Today\xCA\xBCs date is 2026/05/09, as before and after.\"}"
                                : "{\"role\":\"user\",\"content\":\"The same words again, as many as before and after.\"}");
        }
        tt_buf_add_cstr(&body, "]}");
        judged_open(&cold, policy, tt_cpu_detect());
        judge_cut(&cold, tt_buf_str(&body), 0, &b);
        judged_close(&cold);
        judge_cut(&warm, tt_buf_str(&body), 0, &a);
        assert_str_equal(tt_buf_str(&a), tt_buf_str(&b));
        assert_int_equal(tt_str_starts(tt_buf_str(&a), TT_STR("normalise")), marked > 0);
    }
    tt_buf_free(&body);
    tt_buf_free(&a);
    tt_buf_free(&b);
    judged_close(&warm);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversations),
        cmocka_unit_test(test_a_mark_in_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
