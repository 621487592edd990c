/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.json, and commands as they become what works in a box.
 */
#include "test.h"

#include "probe/command.h"
#include "probe/condition.h"
#include "probe/factor.h"

#define MEMORY (64 * TT_MIB)

static void
make_job(struct tt_arena *arena, struct tt_job *job)
{
    static struct tt_str argv[] = {TT_STR_INIT("/usr/bin/env"), TT_STR_INIT("--url"), TT_STR_INIT("{BASE_URL}")};
    static struct tt_profile_pair vars[] = {{TT_STR_INIT("NAME"), TT_STR_INIT("a \"quoted\"\nvalue")}};
    static struct tt_profile_pair files[] = {{TT_STR_INIT("~/.x"), TT_STR_INIT("{\"a\": 1}\n")},
                                             {TT_STR_INIT("~/.nul"), TT_STR_INIT("\0")},
                                             {TT_STR_INIT("~/.latin"), TT_STR_INIT("caf\xe9")},
                                             {TT_STR_INIT("~/.empty"), TT_STR_INIT("")}};
    static struct tt_str shown[] = {TT_STR_INIT("/srv/client")}, left_out[] = {TT_STR_INIT("time-zone Nowhere")};
    static struct tt_job_file client[] = {{TT_STR_INIT("/usr/bin/env"), TT_STR_INIT("00ff")}};
    static uint32_t crosses[] = {5};
    struct tt_factor_choice choice = {.base_url = true, .key = true, .processors = 2};
    struct tt_buf dropped;
    struct tt_str word;
    struct tt_error err;
    *job = (struct tt_job) {.tool = TT_STR("1.2"),
                            .name = TT_STR("env"),
                            .argv = argv,
                            .argv_count = 3,
                            .shown = shown,
                            .shown_count = 1,
                            .path = TT_STR("/usr/bin"),
                            .client = client,
                            .client_count = 1,
                            .client_version = TT_STR("3"),
                            .crosses = crosses,
                            .cross_count = 1,
                            .left_out = left_out,
                            .left_out_count = 1,
                            .seed = 7,
                            .depth = TT_PLAN_DEEP,
                            .transparent = true,
                            .wall_ms = 1000,
                            .linger_ms = 5,
                            .memory = 77};
    job->profile = (struct tt_profile) {.vars = vars, .var_count = 1, .files = files, .file_count = 4, .https_for_names = true};
    tt_buf_init(&dropped, &tt_alloc_libc, TT_KIB);
    assert_int_equal(tt_design_build(arena, &choice, &job->design, &dropped, &word, &err), TT_OK);
    tt_buf_free(&dropped);
}

static void
test_a_plan_comes_back(void **state)
{
    (void) state;
    struct tt_arena arena;
    struct tt_job job, again;
    struct tt_buf text, second;
    struct tt_error err;
    tt_arena_init(&arena, &tt_alloc_libc, MEMORY);
    tt_buf_init(&text, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&second, &tt_alloc_libc, TT_MIB);
    make_job(&arena, &job);
    tt_job_format(&job, &text);
    assert_int_equal(tt_job_parse(&arena, tt_buf_str(&text), &again, &err), TT_OK);
    tt_job_format(&again, &second);
    assert_str_equal(tt_buf_str(&second), tt_buf_str(&text));
    assert_int_equal(again.design.factor_count, 18);
    assert_int_equal(again.crosses[0], 5);
    assert_true(again.transparent && again.profile.https_for_names);
    assert_str_equal(again.profile.vars[0].value, TT_STR("a \"quoted\"\nvalue"));
    for (size_t i = 0; i < job.profile.file_count; i++) {
        assert_str_equal(again.profile.files[i].value, job.profile.files[i].value);
    }
    tt_buf_free(&text);
    tt_buf_free(&second);
    tt_arena_free(&arena);
}

/* Every cut and every changed byte is read or refused, never more. */
static void
test_broken_plans(void **state)
{
    (void) state;
    struct tt_arena arena;
    struct tt_job job;
    struct tt_buf text;
    struct tt_error err;
    tt_arena_init(&arena, &tt_alloc_libc, MEMORY);
    tt_buf_init(&text, &tt_alloc_libc, TT_MIB);
    make_job(&arena, &job);
    tt_job_format(&job, &text);
    for (size_t i = 0; i + 2 < text.len; i += 37) {
        struct tt_arena scratch;
        tt_arena_init(&scratch, &tt_alloc_libc, MEMORY);
        assert_int_equal(tt_job_parse(&scratch, tt_str_make(text.ptr, i), &job, &err), TT_E_INPUT);
        char kept = text.ptr[i];
        text.ptr[i] = kept == '1' ? '[' : '1';
        enum tt_status status = tt_job_parse(&scratch, tt_buf_str(&text), &job, &err);
        assert_true(status == TT_OK || status == TT_E_INPUT);
        text.ptr[i] = kept;
        tt_arena_free(&scratch);
    }
    tt_buf_free(&text);
    tt_arena_free(&arena);
}

static bool
parse(void *ctx, const struct tt_alloc *alloc)
{
    const struct tt_buf *text = ctx;
    struct tt_arena arena;
    struct tt_job job;
    struct tt_error err;
    tt_arena_init(&arena, alloc, MEMORY);
    enum tt_status status = tt_job_parse(&arena, tt_buf_str(text), &job, &err);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    tt_arena_free(&arena);
    return status == TT_OK;
}

static void
test_memory(void **state)
{
    (void) state;
    struct tt_arena arena;
    struct tt_job job;
    struct tt_buf text;
    tt_arena_init(&arena, &tt_alloc_libc, MEMORY);
    tt_buf_init(&text, &tt_alloc_libc, TT_MIB);
    make_job(&arena, &job);
    tt_job_format(&job, &text);
    test_every_allocation(parse, &text);
    tt_buf_free(&text);
    tt_arena_free(&arena);
}

static void
test_conditions_in_words(void **state)
{
    (void) state;
    struct tt_arena arena;
    struct tt_job job;
    struct tt_buf out;
    struct tt_condition condition = {.instant = TT_NOON};
    tt_arena_init(&arena, &tt_alloc_libc, MEMORY);
    tt_buf_init(&out, &tt_alloc_libc, TT_KIB);
    make_job(&arena, &job);
    tt_condition_describe(&job.design, &condition, &out);
    assert_str_equal(tt_buf_str(&out), TT_STR("baseline"));
    tt_buf_clear(&out);
    condition.level[tt_design_find(&job.design, TT_STR("user"))] = 1;
    condition.instant = TT_EDGE;
    tt_condition_describe(&job.design, &condition, &out);
    assert_str_equal(tt_buf_str(&out), TT_STR("user=alice, edge"));
    tt_buf_clear(&out);
    condition.source = tt_source_number(tt_design_find(&job.design, TT_STR("user")), 2);
    tt_condition_describe(&job.design, &condition, &out);
    assert_str_equal(tt_buf_str(&out), TT_STR("user=alice, edge, of user only env LOGNAME"));
    tt_buf_free(&out);
    tt_arena_free(&arena);
}

static void
assert_comes_back(const struct tt_design *design, const struct tt_run *run)
{
    struct tt_run again = {.number = run->number};
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, TT_KIB);
    tt_condition_format(design, run, &out);
    assert_int_equal(tt_condition_read(&tt_alloc_libc, design, tt_buf_str(&out), &again), TT_OK);
    assert_true(tt_condition_equal(design, &again.condition, &run->condition));
    assert_int_equal(again.stage, run->stage);
    tt_buf_free(&out);
}

/* Each level alone, with each of its sources, and beside the last level of each other factor. */
static void
test_conditions_come_back(void **state)
{
    (void) state;
    struct tt_arena arena;
    struct tt_job job;
    tt_arena_init(&arena, &tt_alloc_libc, MEMORY);
    make_job(&arena, &job);
    for (size_t f = 0; f < job.design.factor_count; f++) {
        const struct tt_factor *factor = &job.design.factors[f];
        for (size_t l = 0; l < factor->level_count; l++) {
            struct tt_run run = {.number = 7, .stage = (enum tt_stage)((f + l) % TT_STAGES)};
            run.condition = (struct tt_condition) {.instant = (enum tt_instant)(l % TT_INSTANTS)};
            run.condition.level[f] = (uint8_t) l;
            assert_comes_back(&job.design, &run);
            for (size_t i = 0; l > 0 && i < factor->levels[l].source_count; i++) {
                run.condition.source = tt_source_number(f, i);
                assert_comes_back(&job.design, &run);
            }
            run.condition.source = 0;
            for (size_t g = 0; g < job.design.factor_count; g++) {
                run.condition.level[g] = g == f ? (uint8_t) l : (uint8_t) (job.design.factors[g].level_count - 1);
                assert_comes_back(&job.design, &run);
            }
        }
    }
    tt_arena_free(&arena);
}

static void
test_strange_conditions(void **state)
{
    (void) state;
    static const char *const strange[] = {
        "",
        "{",
        "[]",
        "{}",
        "{\"stage\": \"single\"}",
        "{\"stage\": \"single\", \"condition\": 1}",
        "{\"stage\": \"another\", \"condition\": \"baseline\"}",
        "{\"stage\": \"single\", \"condition\": \"\"}",
        "{\"stage\": \"single\", \"condition\": \"moon=full\"}",
        "{\"stage\": \"single\", \"condition\": \"time-zone=UTC\"}",
        "{\"stage\": \"single\", \"condition\": \"time-zone=Asia/Shanghai2\"}",
        "{\"stage\": \"single\", \"condition\": \"user=alice, time-zone=Asia/Shanghai\"}",
        "{\"stage\": \"single\", \"condition\": \"user=alice, of user only env NOBODY\"}",
        "{\"stage\": \"single\", \"condition\": \"baseline, dusk\"}",
    };
    struct tt_arena arena;
    struct tt_job job;
    struct tt_run run;
    tt_arena_init(&arena, &tt_alloc_libc, MEMORY);
    make_job(&arena, &job);
    for (size_t i = 0; i < sizeof(strange) / sizeof(*strange); i++) {
        assert_int_equal(tt_condition_read(&tt_alloc_libc, &job.design, tt_str_cstr(strange[i]), &run), TT_E_INPUT);
    }
    tt_arena_free(&arena);
}

static enum tt_status
resolve(struct tt_arena *arena, struct tt_job *job, const struct tt_str *words, size_t count)
{
    struct tt_buf message;
    *job = (struct tt_job) {.tool = TT_STR("")};
    tt_buf_init(&message, &tt_alloc_libc, TT_KIB);
    enum tt_status status = tt_command_resolve(arena, words, count, "/usr/bin:/bin", "/root", job, &message);
    tt_buf_free(&message);
    return status;
}

static void
test_commands(void **state)
{
    (void) state;
    struct tt_arena arena;
    struct tt_job job;
    struct tt_str words[] = {TT_STR("env"), TT_STR("--flag"), TT_STR("word")};
    tt_arena_init(&arena, &tt_alloc_libc, MEMORY);
    assert_int_equal(resolve(&arena, &job, words, 3), TT_OK);
    assert_str_equal(job.argv[0], TT_STR("/usr/bin/env"));
    assert_str_equal(job.argv[2], TT_STR("word"));
    assert_int_equal(job.shown_count, 0);
    assert_int_equal(job.client_count, 1);
    assert_int_equal(job.client[0].sha256.len, 64);
    assert_str_equal(job.name, TT_STR("env"));
    words[0] = TT_STR("sh"); /* what it runs is the client, and both are known by their bytes */
    words[1] = TT_STR("-u");
    words[2] = TT_STR("/etc/passwd");
    assert_int_equal(resolve(&arena, &job, words, 3), TT_OK);
    assert_str_equal(job.name, TT_STR("passwd"));
    assert_int_equal(job.client_count, 2);
    words[0] = TT_STR("no-such-program-anywhere");
    assert_int_equal(resolve(&arena, &job, words, 1), TT_E_USAGE);
    words[0] = TT_STR("/etc/passwd"); /* no program */
    assert_int_equal(resolve(&arena, &job, words, 1), TT_E_USAGE);
    tt_arena_free(&arena);
}

static void
test_keys(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        bool key;
    } cases[] = {
        {"", false},
        {"{KEY}", false},
        {"sk-dummy", false},
        {"sk-telltale-dummy-a-0000000000000000", false},
        {"task-force-of-the-long-named-kind-2026", false},
        {"sk-ant-Zq83hd72jfHs91kdoeu34hRt", true},
        {"Bearer sk-proj-9aZ2kLm0Pq7RtY4uV1wX", true},
        {"{\"key\":\"AIzaSyD3kf83Lq0pWm27xTz91bVnC4\"}", true},
        {"ghp_4kZ81mQ7pLx02VbN93sTy65rWd", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(tt_command_holds_key(tt_str_cstr(cases[i].text)), cases[i].key);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_a_plan_comes_back),
    cmocka_unit_test(test_broken_plans),
    cmocka_unit_test(test_memory),
    cmocka_unit_test(test_conditions_in_words),
    cmocka_unit_test(test_conditions_come_back),
    cmocka_unit_test(test_strange_conditions),
    cmocka_unit_test(test_commands),
    cmocka_unit_test(test_keys),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
