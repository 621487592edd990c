/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Factors, covering arrays, plans, profiles and scenes of a probe.
 */
#include "test.h"

#include "probe/factor.h"
#include "probe/pairs.h"
#include "probe/plan.h"
#include "probe/profile.h"
#include "probe/scene.h"

#define MEMORY (64 * TT_MIB)

struct built {
    struct tt_arena arena;
    struct tt_buf left_out;
    struct tt_design design;
    struct tt_str word;
    struct tt_error err;
};

static enum tt_status
build(struct built *b, struct tt_factor_choice choice)
{
    *b = (struct built) {.word = TT_STR("")};
    tt_arena_init(&b->arena, &tt_alloc_libc, MEMORY);
    tt_buf_init(&b->left_out, &tt_alloc_libc, TT_KIB);
    return tt_design_build(&b->arena, &choice, &b->design, &b->left_out, &b->word, &b->err);
}

static void
drop(struct built *b)
{
    tt_arena_free(&b->arena);
    tt_buf_free(&b->left_out);
}

static const struct tt_factor_choice everything = {.base_url = true, .key = true, .processors = 2};

static void
test_builtin_factors(void **state)
{
    (void) state;
    struct built b;
    assert_int_equal(build(&b, everything), TT_OK);
    assert_int_equal(b.design.factor_count, 18);
    for (size_t i = 0; i < b.design.factor_count; i++) {
        assert_in_range(b.design.factors[i].level_count, 2, TT_PROBE_LEVELS_MAX);
    }
    const struct tt_factor *zone = &b.design.factors[tt_design_find(&b.design, TT_STR("time-zone"))];
    assert_true(zone->identity);
    assert_int_equal(zone->level_count, 4);
    assert_int_equal(zone->levels[1].source_count, 3);
    const struct tt_factor *host = &b.design.factors[tt_design_find(&b.design, TT_STR("host"))];
    assert_int_equal(host->role, TT_ROLE_HOST);
    assert_int_equal(host->level_count, 5);
    drop(&b);
}

static void
test_factors_that_do_not_apply_stay_at_their_baseline(void **state)
{
    (void) state;
    struct built b;
    assert_int_equal(build(&b, (struct tt_factor_choice) {.processors = 1}), TT_OK);
    assert_int_equal(b.design.factor_count, 14);
    assert_int_equal(tt_design_find(&b.design, TT_STR("host")), b.design.factor_count);
    assert_int_equal(b.design.fixed_count, 4);
    drop(&b);
}

static void
test_choice_and_hosts(void **state)
{
    (void) state;
    static const char *const names[] = {"host", "time-zone"}, *const hosts[] = {"api.deepseek.com", "127.0.0.1"};
    struct tt_factor_choice choice = everything;
    struct built b;
    choice.names = names;
    choice.name_count = 2;
    choice.hosts = hosts;
    choice.host_count = 2;
    assert_int_equal(build(&b, choice), TT_OK);
    assert_int_equal(b.design.factor_count, 2);
    assert_int_equal(b.design.factors[1].level_count, 6);
    assert_int_equal(b.design.fixed_count, 16);
    drop(&b);
}

static void
test_factor_file(void **state)
{
    (void) state;
    struct tt_factor_choice choice = everything;
    struct built b;
    choice.file = TT_STR("# mine\n@ region identity region of the cloud\nregion a env REGION a\nregion b env REGION b\n"
                         "plan gold file /etc/plan one\\ntwo\\\\n\ntime-zone Asia/Tokyo env TZ Asia/Tokyo\r\n"
                         "time-zone Nowhere/Here link /etc/localtime /usr/share/zoneinfo/Nowhere/Here\n");
    assert_int_equal(build(&b, choice), TT_OK);
    const struct tt_factor *region = &b.design.factors[tt_design_find(&b.design, TT_STR("region"))];
    assert_true(region->identity);
    assert_str_equal(region->title, TT_STR("region of the cloud"));
    const struct tt_factor *plan = &b.design.factors[tt_design_find(&b.design, TT_STR("plan"))];
    assert_int_equal(plan->level_count, 2);
    assert_str_equal(plan->levels[0].name, TT_STR("without"));
    assert_str_equal(plan->levels[1].sources[0].value, TT_STR("one\ntwo\\n"));
    assert_int_equal(b.design.factors[0].level_count, 5);
    assert_str_equal(tt_buf_str(&b.left_out), TT_STR("time-zone Nowhere/Here: the machine does not know it\n"));
    drop(&b);
}

static void
test_wrong_factor_files(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        uint32_t line;
    } cases[] = {
        {"a b c d\n", 1}, {"\n\na b\n", 3}, {"@\n", 1}, {"a b env\n", 1}, {"a b envy X y\n", 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_factor_choice choice = everything;
        struct built b;
        choice.file = tt_str_cstr(cases[i].text);
        assert_int_equal(build(&b, choice), TT_E_INPUT);
        assert_int_equal(b.err.line, cases[i].line);
        drop(&b);
    }
}

static void
test_unknown_factor_name(void **state)
{
    (void) state;
    static const char *const names[] = {"timezone"};
    struct tt_factor_choice choice = everything;
    struct built b;
    choice.names = names;
    choice.name_count = 1;
    assert_int_equal(build(&b, choice), TT_E_USAGE);
    assert_str_equal(b.word, TT_STR("timezone"));
    drop(&b);
}

/* ---- pairs ---- */

static bool
stands(uint8_t (*rows)[TT_PROBE_FACTORS_MAX], size_t n, size_t f, uint8_t a, size_t g, uint8_t b)
{
    for (size_t i = 0; i < n; i++) {
        if (rows[i][f] == a && rows[i][g] == b) {
            return true;
        }
    }
    return false;
}

static void
check_cover(const struct tt_pairs *pairs, size_t most)
{
    uint8_t rows[96][TT_PROBE_FACTORS_MAX];
    struct tt_arena arena;
    size_t n = 0;
    tt_arena_init(&arena, &tt_alloc_libc, MEMORY);
    assert_int_equal(tt_pairs_cover(&arena, pairs, 7, rows, 96, &n), TT_OK);
    assert_in_range(n, 0, most);
    for (size_t f = 0; f < pairs->factor_count; f++) {
        for (size_t g = f + 1; g < pairs->factor_count; g++) {
            for (uint8_t a = 0; a < pairs->level_count[f]; a++) {
                for (uint8_t b = 0; b < pairs->level_count[g]; b++) {
                    bool used = (a == 0 || pairs->used[f] >> a & 1) && (b == 0 || pairs->used[g] >> b & 1);
                    assert_true(!used || (a == 0 && b == 0) || stands(rows, n, f, a, g, b));
                    assert_true(used || !stands(rows, n, f, a, g, b));
                }
            }
        }
    }
    tt_arena_free(&arena);
}

static void
test_every_pair_is_covered(void **state)
{
    (void) state;
    struct tt_pairs table = {18, {4, 4, 5, 2, 3, 2, 2, 2, 2, 2, 3, 2, 2, 3, 2, 2, 2, 2}, {0}};
    memset(table.used, 0xff, sizeof(table.used));
    check_cover(&table, 26);
    table.used[2] = 0x07; /* two hosts do not work */
    check_cover(&table, 24);
    struct tt_pairs two = {2, {3, 2}, {0xff, 0xff}};
    check_cover(&two, 6);
    struct tt_pairs one = {1, {3}, {0xff}};
    check_cover(&one, 0);
}

/* ---- plans ---- */

static void
test_plan_of_all_factors(void **state)
{
    (void) state;
    struct built b;
    struct tt_plan plan, again;
    struct tt_plan_total total;
    assert_int_equal(build(&b, everything), TT_OK);
    assert_int_equal(tt_plan_init(&plan, &b.arena, &b.design, TT_PLAN_DEFAULT, 1), TT_OK);
    assert_int_equal(tt_plan_count(&plan, 0, &total), TT_OK);
    assert_int_equal(tt_plan_init(&again, &b.arena, &b.design, TT_PLAN_DEFAULT, 1), TT_OK);
    for (int i = 0; i < 2; i++) {
        struct tt_plan *p = i ? &again : &plan;
        assert_int_equal(tt_plan_smoke(p), TT_OK);
        assert_int_equal(tt_plan_baseline(p), TT_OK);
        assert_int_equal(tt_plan_singles(p), TT_OK);
        assert_int_equal(tt_plan_pairs(p), TT_OK);
    }
    assert_int_equal(plan.count, again.count);
    assert_memory_equal(plan.runs, again.runs, plan.count * sizeof(*plan.runs));
    assert_in_range(plan.count, 90, 125);
    assert_int_equal(total.least, plan.count);
    assert_in_range(total.most, total.least, total.least + 200);
    for (size_t i = 0; i < plan.count; i++) {
        assert_int_equal(plan.runs[i].number, i + 1);
    }
    drop(&b);
}

static void
test_cross_fills_what_is_missing(void **state)
{
    (void) state;
    static const char *const names[] = {"time-zone", "host"};
    struct tt_factor_choice choice = everything;
    struct built b;
    struct tt_plan plan;
    choice.names = names;
    choice.name_count = 2;
    assert_int_equal(build(&b, choice), TT_OK);
    assert_int_equal(tt_plan_init(&plan, &b.arena, &b.design, TT_PLAN_DEFAULT, 1), TT_OK);
    assert_int_equal(tt_plan_cross(&plan, 3), TT_OK);
    assert_int_equal(plan.count, 20);
    assert_int_equal(tt_plan_cross(&plan, 3), TT_OK);
    assert_int_equal(plan.count, 20);
    drop(&b);
}

/* ---- profiles ---- */

static void
test_profiles(void **state)
{
    (void) state;
    struct tt_arena arena;
    struct tt_profile profile;
    struct tt_error err;
    tt_arena_init(&arena, &tt_alloc_libc, MEMORY);
    static const char *const names[] = {"qwen", "gemini", "claude", "codex", "aider"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        assert_int_equal(tt_profile_find(&arena, tt_str_cstr(names[i]), &profile, &err), TT_OK);
        assert_str_equal(profile.name, tt_str_cstr(names[i]));
        assert_true(tt_profile_uses(&profile, TT_STR("{BASE_URL}")));
        assert_true(tt_profile_uses(&profile, TT_STR("{KEY}")));
    }
    assert_int_equal(tt_profile_find(&arena, TT_STR("nobody"), &profile, &err), TT_OK);
    assert_int_equal(profile.name.len, 0);
    static const char *const wrong[] = {
        "",
        "[]",
        "{}",
        "{\"name\":\"x\"}",
        "{\"name\":\"x\",\"program\":1}",
        "{\"name\":\"x\",\"program\":\"x\",\"evn\":{}}",
        "{\"name\":\"x\",\"program\":\"x\",\"env\":[]}",
        "{\"name\":\"x\",\"program\":\"x\",\"arguments\":{}}",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        assert_int_equal(tt_profile_read(&arena, tt_str_cstr(wrong[i]), &profile, &err), TT_E_INPUT);
        assert_true(err.line > 0);
    }
    tt_arena_free(&arena);
}

/* ---- scenes ---- */

static const char *
var(const struct tt_scene *scene, const char *name)
{
    for (size_t i = 0; i < scene->box.var_count; i++) {
        if (strcmp(scene->box.vars[i].name, name) == 0) {
            return scene->box.vars[i].value;
        }
    }
    return NULL;
}

static const struct tt_box_file *
file(const struct tt_scene *scene, const char *path)
{
    const struct tt_box_file *found = NULL;
    for (size_t i = 0; i < scene->box.file_count; i++) {
        found = strcmp(scene->box.files[i].path, path) == 0 ? &scene->box.files[i] : found;
    }
    return found;
}

static void
test_scenes(void **state)
{
    (void) state;
    struct built b;
    struct tt_profile profile;
    struct tt_scene scene;
    struct tt_error err;
    static const struct tt_str argv[] = {TT_STR_INIT("/usr/bin/client"), TT_STR_INIT("--url"), TT_STR_INIT("{BASE_URL}/v1"),
                                         TT_STR_INIT("hi")};
    assert_int_equal(build(&b, everything), TT_OK);
    assert_int_equal(tt_profile_find(&b.arena, TT_STR("qwen"), &profile, &err), TT_OK);
    struct tt_scene_play play = {
        .design = &b.design, .profile = &profile, .argv = argv, .argv_count = 4, .ca = TT_STR("CA"), .bundle = TT_STR("B")};
    struct tt_run run = {.number = 1};
    assert_int_equal(tt_scene_make(&b.arena, &play, &run, &scene), TT_OK);
    assert_string_equal(var(&scene, "OPENAI_BASE_URL"), "http://127.0.0.1/v1");
    assert_string_equal(var(&scene, "TZ"), "UTC");
    assert_string_equal(scene.box.argv[2], "http://127.0.0.1/v1");
    assert_null(scene.box.names[0]);
    assert_int_equal(scene.box.instant, TT_NOON_SECONDS);
    assert_int_equal(scene.mock.dns, TT_MOCK_DNS_NX);
    assert_non_null(file(&scene, "/home/dev/project/.git/HEAD"));
    assert_non_null(file(&scene, "/home/dev/.qwen/settings.json"));
    assert_false(scene.home_kept);

    size_t host = tt_design_find(&b.design, TT_STR("host")), date = tt_design_find(&b.design, TT_STR("date"));
    run.condition.level[host] = 1;
    run.condition.level[date] = 1;
    run.condition.level[tt_design_find(&b.design, TT_STR("scheme"))] = 1;
    run.condition.level[tt_design_find(&b.design, TT_STR("home"))] = 1;
    run.condition.level[tt_design_find(&b.design, TT_STR("git"))] = 1;
    run.condition.level[tt_design_find(&b.design, TT_STR("proxy"))] = 1;
    run.condition.level[tt_design_find(&b.design, TT_STR("home-state"))] = 1;
    assert_int_equal(tt_scene_make(&b.arena, &play, &run, &scene), TT_OK);
    assert_string_equal(var(&scene, "OPENAI_BASE_URL"), "https://gateway.example.test/v1");
    assert_string_equal(scene.box.names[0], "gateway.example.test");
    assert_int_equal(scene.box.instant, 1763726400);
    assert_string_equal(scene.box.cwd, "/home/other/project");
    assert_null(file(&scene, "/home/other/project/.git/HEAD"));
    assert_non_null(file(&scene, "/home/other/project/README.md"));
    assert_string_equal(var(&scene, "HTTPS_PROXY"), "http://127.0.0.1:3128");
    assert_true(scene.home_kept);

    /* One source of two factors: HTTP_PROXY alone, and the link without TZ. */
    struct tt_run split = {.number = 1};
    size_t zone = tt_design_find(&b.design, TT_STR("time-zone")), proxy = tt_design_find(&b.design, TT_STR("proxy"));
    split.condition.level[zone] = split.condition.level[proxy] = 1;
    split.condition.source = tt_source_number(zone, 1);
    assert_int_equal(tt_scene_make(&b.arena, &play, &split, &scene), TT_OK);
    assert_string_equal(var(&scene, "TZ"), "UTC");
    assert_str_equal(file(&scene, "/etc/localtime")->content, TT_STR("/usr/share/zoneinfo/Asia/Shanghai"));
    assert_str_equal(file(&scene, "/etc/timezone")->content, TT_STR("Etc/UTC\n"));
    assert_string_equal(var(&scene, "http_proxy"), "http://127.0.0.1:3128");
    split.condition.source = tt_source_number(proxy, 1);
    assert_int_equal(tt_scene_make(&b.arena, &play, &split, &scene), TT_OK);
    assert_string_equal(var(&scene, "TZ"), "Asia/Shanghai");
    assert_string_equal(var(&scene, "HTTP_PROXY"), "http://127.0.0.1:3128");
    assert_null(var(&scene, "HTTPS_PROXY"));

    run.condition.level[host] = 4; /* official: no base URL */
    run.condition.instant = TT_EDGE;
    assert_int_equal(tt_scene_make(&b.arena, &play, &run, &scene), TT_OK);
    assert_null(var(&scene, "OPENAI_BASE_URL"));
    assert_string_equal(scene.box.argv[1], "hi");
    assert_null(scene.box.argv[2]);
    assert_int_equal(scene.box.instant, 1763726400 + 8 * 3600);
    assert_int_equal(scene.mock.dns, TT_MOCK_DNS_REDIRECT);
    drop(&b);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_builtin_factors),
    cmocka_unit_test(test_factors_that_do_not_apply_stay_at_their_baseline),
    cmocka_unit_test(test_choice_and_hosts),
    cmocka_unit_test(test_factor_file),
    cmocka_unit_test(test_wrong_factor_files),
    cmocka_unit_test(test_unknown_factor_name),
    cmocka_unit_test(test_every_pair_is_covered),
    cmocka_unit_test(test_plan_of_all_factors),
    cmocka_unit_test(test_cross_fills_what_is_missing),
    cmocka_unit_test(test_profiles),
    cmocka_unit_test(test_scenes),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
