/* SPDX-License-Identifier: Apache-2.0 */
/* Every class, its borders, and what comes first; echoes and transport. */
#include "test.h"

#include "base/limits.h"
#include "probe/classify.h"

/* The part that differs, to whole tokens: as the columns of a line have it. */
static struct tt_classify_part
part_of(struct tt_str text, struct tt_str other)
{
    size_t front = 0, back = 0, least = text.len < other.len ? text.len : other.len;
    while (front < least && text.ptr[front] == other.ptr[front]) {
        front++;
    }
    while (back < least - front && text.ptr[text.len - 1 - back] == other.ptr[other.len - 1 - back]) {
        back++;
    }
    return (struct tt_classify_part) {text, front, text.len - back};
}

static void
test_lines(void **state)
{
    (void) state;
    static const struct {
        const char *a, *b;
        enum tt_probe_class class;
    } rows[] = {
        /* C0 */
        {"Today's", "Today\xe2\x80\x99s", TT_CLASS_C0},
        {"Today's", "Today\xca\xbcs", TT_CLASS_C0},
        {"Today's", "Today\xca\xb9s", TT_CLASS_C0},
        {"Platform",
         "Plat\xe2\x80\x8b"
         "form",
         TT_CLASS_C0},
        {"Platform", "Pl\xd0\xb0tform", TT_CLASS_C0},
        {"caf\xc3\xa9", "cafe\xcc\x81", TT_CLASS_C0},
        {"a b",
         "a\xc2\xa0"
         "b",
         TT_CLASS_C0},
        {"a-b",
         "a\xe2\x80\x90"
         "b",
         TT_CLASS_C0},
        {"\"a\"",
         "\xe2\x80\x9c"
         "a\xe2\x80\x9d",
         TT_CLASS_C0},
        {"modern", "rnodern", TT_CLASS_C0},
        {"ab",
         "a\xcd\x8f"
         "b",
         TT_CLASS_C0},
        {"ab", "ab\xf3\xa0\x81\xa1", TT_CLASS_C0},
        /* C1 */
        {"2026-02-03", "2026/02/03", TT_CLASS_C1},
        {"line", "line ", TT_CLASS_C1},
        {"line", "line\t", TT_CLASS_C1},
        {"Linux", "linux", TT_CLASS_C1},
        {"a, b", "a; b", TT_CLASS_C1},
        {"a - b", "a \xe2\x80\x94 b", TT_CLASS_C1},
        {"\xe2\x94\x9c src", "\xe2\x94\x94 src", TT_CLASS_C1},
        {"1.0", "10", TT_CLASS_C1},
        /* C4 */
        {"0123456789abcdef", "fedcba9876543210", TT_CLASS_C4},
        {"h=0123456789abcdef;", "h=fedcba9876543210;", TT_CLASS_C4},
        {"6f1ed002-ab55-4a1e-9c3f-0123456789ab", "7f1ed002-ab55-4a1e-9c3f-0123456789ab", TT_CLASS_C4},
        {"id_aZ3kQ9xW2mB7tR4y", "id_bY8jP1vU6nC5sT0x", TT_CLASS_C4},
        {"3q2+7wABC1defGHIjkl=", "4r3+8xBCD2efgHIJklm=", TT_CLASS_C4},
        {"e5++7JQuD6s//8t4/QjBlw==", "2jHWcrUn/4Icqd0u7+s4dg==", TT_CLASS_C4},
        {"e5--7JQuD6s__8t4_QjBlw", "2jHWcrUn_4Icqd0u7-s4dg", TT_CLASS_C4},
        {"id:e5++7JQuD6s//8t4/QjBlw==", "id:2jHWcrUn/4Icqd0u7+s4dg==", TT_CLASS_C4},
        {"/src/Main2/readFile.c", "/lib/Other1/writeFile.c", TT_CLASS_VISIBLE},
        {"MyProject/SourceCode/AppDelegate", "MyCompany/SourceCode/MainWindow", TT_CLASS_VISIBLE},
        {"v1/models/gpt4o/2024/08/06", "v1/models/gpt4o/2024/11/20", TT_CLASS_VISIBLE},
        /* visible: 15 digits are too few, words are words */
        {"0123456789abcde", "fedcba987654321", TT_CLASS_VISIBLE},
        {"gateway-example-test-host", "other-long-example-test", TT_CLASS_VISIBLE},
        {"InternationalizationSupport", "LocalizationInfrastructure", TT_CLASS_VISIBLE},
        {"2026-02-03", "2026-02-04", TT_CLASS_VISIBLE},
        {"64", "65", TT_CLASS_VISIBLE},
        {"on", "off", TT_CLASS_VISIBLE},
        {"---", "===", TT_CLASS_VISIBLE},
        {"", "x", TT_CLASS_VISIBLE},
    };
    struct tt_arena arena;
    tt_arena_init(&arena, &tt_alloc_libc, TT_MIB);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct tt_str a = tt_str_cstr(rows[i].a), b = tt_str_cstr(rows[i].b);
        struct tt_classify_part one = part_of(a, b), two = part_of(b, a);
        enum tt_probe_class class;
        assert_int_equal(tt_classify_lines(&arena, &one, &two, &class), TT_OK);
        if (class != rows[i].class) {
            fail_msg("%s and %s: class %d, not %d", rows[i].a, rows[i].b, class, rows[i].class);
        }
        assert_int_equal(tt_classify_lines(&arena, &two, &one, &class), TT_OK);
        assert_int_equal(class, rows[i].class);
        tt_arena_reset(&arena);
    }
    tt_arena_free(&arena);
}

static void
test_segments(void **state)
{
    (void) state;
    static const struct {
        const char *a, *b;
        enum tt_probe_class class;
    } rows[] = {
        {"'", "\xe2\x80\x99", TT_CLASS_C0}, {"-", "/", TT_CLASS_C1},      {"", " ", TT_CLASS_C1},
        {"", "\xe2\x80\x8b", TT_CLASS_C0},  {"a", "b", TT_CLASS_VISIBLE}, {"Platform", "Pl\xd0\xb0tform", TT_CLASS_C0},
        {"0", "O", TT_CLASS_VISIBLE},       {"l", "1", TT_CLASS_VISIBLE},
    };
    struct tt_arena arena;
    tt_arena_init(&arena, &tt_alloc_libc, TT_MIB);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        enum tt_probe_class class;
        assert_int_equal(tt_classify_segment(&arena, tt_str_cstr(rows[i].a), tt_str_cstr(rows[i].b), &class), TT_OK);
        assert_int_equal(class, rows[i].class);
    }
    tt_arena_free(&arena);
}

static void
test_order(void **state)
{
    (void) state;
    assert_true(tt_classify_is_order(TT_STR("a\nb\nc\n"), TT_STR("b\na\nc\n")));
    assert_false(tt_classify_is_order(TT_STR("a\nb\n"), TT_STR("a\nb\n")));
    assert_false(tt_classify_is_order(TT_STR("a\nb\n"), TT_STR("a\nc\n")));
    assert_false(tt_classify_is_order(TT_STR("a\na\nb\n"), TT_STR("a\nb\nb\n")));
    assert_false(tt_classify_is_order(TT_STR("a\nb\n"), TT_STR("a\n")));
}

static struct tt_level_spec
level_of(enum tt_source_kind kind, const char *value, struct tt_source *source)
{
    *source = (struct tt_source) {.kind = kind, .name = TT_STR("X"), .value = tt_str_cstr(value)};
    return (struct tt_level_spec) {.name = tt_str_cstr(value), .sources = source, .source_count = 1};
}

static void
test_echo(void **state)
{
    (void) state;
    static const struct {
        const char *value, *line, *form;
    } rows[] = {
        {"buildfarm-7", "on buildfarm-7 now", "literal"},
        {"buildfarm-7", "6275696c646661726d2d37", "hex"},
        {"buildfarm-7", "YnVpbGRmYXJtLTc=", "base64"},
        {"buildfarm>?~>?~", "YnVpbGRmYXJtPj9+Pj9+", "base64"},
        {"buildfarm>?~>?~", "YnVpbGRmYXJtPj9-Pj9-", "base64"},
        {"buildfarm-7", "BuildFarm 7", "plain"},
        {"zh_CN.UTF-8", "lang zh-CN", "plain"},
        {"abcd", "88d4266fd4e6338d13b845fcf289579d", "sha256"},
        {"buildfarm-7", "nothing", NULL},
        {"1", "a1", NULL},
    };
    struct tt_arena arena;
    tt_arena_init(&arena, &tt_alloc_libc, TT_MIB);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct tt_source source;
        struct tt_level_spec level = level_of(TT_SOURCE_ENV, rows[i].value, &source);
        const char *form = tt_classify_echo(&arena, &level, tt_str_cstr(rows[i].line), TT_STR("devbox"));
        if (rows[i].form) {
            assert_non_null(form);
            assert_string_equal(form, rows[i].form);
        } else {
            assert_null(form);
        }
        assert_null(tt_classify_echo(&arena, &level, tt_str_cstr(rows[i].line), tt_str_cstr(rows[i].line)));
    }
    struct tt_source one, two;
    struct tt_level_spec from = level_of(TT_SOURCE_HOME, "/home/dev", &one), to = level_of(TT_SOURCE_HOME, "/home-dev", &two);
    assert_true(tt_classify_is_explained(&arena, &from, &to, TT_STR("in /home/dev/x"), TT_STR("in /home-dev/x")));
    assert_false(tt_classify_is_explained(&arena, &from, &to, TT_STR("in /home/dev/x"), TT_STR("in /home-dev/y")));
    assert_false(tt_classify_is_explained(&arena, &from, &to, TT_STR("a-b"), TT_STR("a/b")));
    tt_arena_free(&arena);
}

static void
test_transport(void **state)
{
    (void) state;
    struct tt_source source;
    struct tt_level_spec level = level_of(TT_SOURCE_BASE_HOST, "gateway.example.test", &source);
    struct tt_factor host = {.role = TT_ROLE_HOST}, zone = {.role = TT_ROLE_PLAIN}, proxy = {.role = TT_ROLE_PROXY};
    struct tt_str a = TT_STR("127.0.0.1:8080"), b = TT_STR("gateway.example.test:8080");
    assert_true(tt_classify_is_transport(&host, &level, TT_STR("host"), a, b));
    assert_false(tt_classify_is_transport(&zone, &level, TT_STR("host"), a, b));
    assert_false(tt_classify_is_transport(&host, &level, TT_STR("host"), a, TT_STR("Gateway.example.test")));
    assert_false(tt_classify_is_transport(&host, &level, TT_STR("x-host"), a, b));
    assert_true(
        tt_classify_is_transport(&host, &level, TT_STR("accept-encoding"), TT_STR("gzip, deflate"), TT_STR("gzip, deflate, br")));
    assert_true(tt_classify_is_transport(&proxy, &level, TT_STR("proxy-connection"), TT_STR(""), TT_STR("keep-alive")));
    assert_true(tt_classify_is_transport(&proxy, &level, TT_STR("#origin"), TT_STR(""), TT_STR("http://a")));
}

/* A time in nanoseconds has as many digits as a hash, and is none. */
static void
test_opaque(void **state)
{
    (void) state;
    assert_true(tt_classify_is_opaque(TT_STR("9f86d081884c7d65")));
    assert_true(tt_classify_is_opaque(TT_STR("7401837465920183746")));
    assert_false(tt_classify_is_opaque(TT_STR("1770120002986756500")));
    assert_false(tt_classify_is_opaque(TT_STR("a sentence of words")));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opaque), cmocka_unit_test(test_lines), cmocka_unit_test(test_segments),
        cmocka_unit_test(test_order),  cmocka_unit_test(test_echo),  cmocka_unit_test(test_transport),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
