/* SPDX-License-Identifier: Apache-2.0 */
/* The option parser: every way to write an option, every way to get one wrong, and the suggestions. */
#include "test.h"

#include "base/limits.h"
#include "cli/options.h"
#include "finding/writer.h"

struct settings {
    bool flag, other;
    const char *text;
    uint64_t number;
    int choice;
    struct tt_option_list list;
};

static const char *const choices[] = {"red", "green", "blue", NULL};

static const struct tt_option table[] = {
    TT_OPT_FLAG(struct settings, flag, 'f', "flag", "A flag"),
    TT_OPT_FLAG(struct settings, other, 'x', "flag-other", "Another"),
    TT_OPT_STRING(struct settings, text, 't', "text", "TEXT", "A text"),
    TT_OPT_NUMBER(struct settings, number, 'n', "number", "N", "A number", 2, 300),
    TT_OPT_CHOICE(struct settings, choice, 0, "choice", "COLOR", "A choice", choices),
    TT_OPT_LIST(struct settings, list, 'l', "list", "ITEM", "Items"),
    TT_OPT_END,
};

#define ARGS_MAX 8

/* One parse, its results, and its message with a NUL. */
struct run {
    struct settings settings;
    struct tt_common common;
    char *args[ARGS_MAX];
    size_t operands;
    struct tt_buf message;
    enum tt_status status;
};

static void
parse(struct run *run, unsigned uses, const char *const *args)
{
    static char copies[ARGS_MAX][128]; /* arguments are writable, as those of main() are */
    struct tt_option_set set = {table, &run->settings, uses, &run->common};
    size_t count = 0;
    *run = (struct run) {.common = tt_common_defaults, .settings.choice = -1};
    for (; count < ARGS_MAX && args[count]; count++) {
        memcpy(copies[count], args[count], strlen(args[count]) + 1);
        run->args[count] = copies[count];
    }
    tt_buf_init(&run->message, &tt_alloc_libc, TT_KIB);
    run->status = tt_options_parse(&set, run->args, count, &run->operands, &run->message);
    tt_buf_add_char(&run->message, '\0');
}

#define ARGS(...) ((const char *const[]) {__VA_ARGS__, NULL})

static void
test_forms(void **state)
{
    (void) state;
    static const char *const forms[][4] = {
        {"--number=7"}, {"--number", "7"}, {"--num=7"}, {"--n", "7"},       {"-n7"}, {"-n", "7"}, {"-fn7"},
        {"-fxn", "7"},  {"--number=0x7"},  {"-n0X07"},  {"-n", "5", "-n7"},
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        struct run run;
        parse(&run, 0, forms[i]);
        assert_int_equal(run.status, TT_OK);
        assert_int_equal(run.settings.number, 7);
        assert_int_equal(run.operands, 0);
        tt_buf_free(&run.message);
    }
}

static void
test_kinds(void **state)
{
    (void) state;
    struct run run;
    parse(&run, 0, ARGS("-f", "--text=", "--choice=blue", "--number=300"));
    assert_int_equal(run.status, TT_OK);
    assert_true(run.settings.flag);
    assert_false(run.settings.other);
    assert_string_equal(run.settings.text, "");
    assert_int_equal(run.settings.choice, 2);
    assert_int_equal(run.settings.number, 300);
    tt_buf_free(&run.message);
    /* A value may look like an option. */
    parse(&run, 0, ARGS("--text", "--flag", "-t-f"));
    assert_int_equal(run.status, TT_OK);
    assert_string_equal(run.settings.text, "-f");
    assert_false(run.settings.flag);
    tt_buf_free(&run.message);
    /* The name itself wins over longer names that start so. */
    parse(&run, 0, ARGS("--flag"));
    assert_true(run.settings.flag);
    tt_buf_free(&run.message);
    parse(&run, 0, ARGS("--flag-o"));
    assert_true(run.settings.other);
    tt_buf_free(&run.message);
}

/* Every use adds one, in order, up to the bound. */
static void
test_list(void **state)
{
    (void) state;
    struct run run;
    parse(&run, 0, ARGS("--list", "a", "-lb", "--list=c", "-fl", ""));
    assert_int_equal(run.status, TT_OK);
    assert_int_equal(run.settings.list.count, 4);
    assert_string_equal(run.settings.list.items[0], "a");
    assert_string_equal(run.settings.list.items[1], "b");
    assert_string_equal(run.settings.list.items[2], "c");
    assert_string_equal(run.settings.list.items[3], "");
    tt_buf_free(&run.message);

    char words[TT_OPTION_LIST_MAX + 1][4], *args[TT_OPTION_LIST_MAX + 1];
    for (size_t i = 0; i <= TT_OPTION_LIST_MAX; i++) {
        memcpy(words[i], "-lx", 4);
        args[i] = words[i];
    }
    for (size_t extra = 0; extra < 2; extra++) {
        struct settings settings = {.flag = false};
        struct tt_common common = tt_common_defaults;
        struct tt_option_set set = {table, &settings, 0, &common};
        struct tt_buf message;
        size_t operands = 0;
        tt_buf_init(&message, &tt_alloc_libc, TT_KIB);
        assert_int_equal(tt_options_parse(&set, args, TT_OPTION_LIST_MAX + extra, &operands, &message),
                         extra ? TT_E_USAGE : TT_OK);
        assert_int_equal(settings.list.count, TT_OPTION_LIST_MAX);
        tt_buf_free(&message);
    }
}

static void
test_operands(void **state)
{
    (void) state;
    struct run run;
    parse(&run, 0, ARGS("a", "-f", "-", "--number", "7", "b", "--", "-x"));
    assert_int_equal(run.status, TT_OK);
    assert_int_equal(run.operands, 4);
    assert_string_equal(run.args[0], "a");
    assert_string_equal(run.args[1], "-");
    assert_string_equal(run.args[2], "b");
    assert_string_equal(run.args[3], "-x");
    assert_false(run.settings.other);
    tt_buf_free(&run.message);
    parse(&run, 0, ARGS("--", "--", "--flag"));
    assert_int_equal(run.operands, 2);
    assert_string_equal(run.args[0], "--");
    tt_buf_free(&run.message);
    parse(&run, 0, ARGS("", "\xff"));
    assert_int_equal(run.operands, 2);
    tt_buf_free(&run.message);
    parse(&run, 0, (const char *const[]) {NULL});
    assert_int_equal(run.status, TT_OK);
    assert_int_equal(run.operands, 0);
    tt_buf_free(&run.message);
}

static void
test_mistakes(void **state)
{
    (void) state;
    static const struct {
        const char *args[3];
        const char *message;
    } cases[] = {
        {{"--nubmer=1"}, "there is no option '--nubmer'; did you mean '--number'?"},
        {{"--zzzzzz"}, "there is no option '--zzzzzz'"},
        {{"--=1"}, "there is no option '--'"},
        {{"--Flag"}, "there is no option '--Flag'; did you mean '--flag'?"},
        {{"--fl"}, "'--fl' could be --flag or --flag-other"},
        {{"--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
         "there is no option '--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"},
        {{"-z"}, "there is no option '-z'"},
        {{"-fz"}, "there is no option '-z'"},
        {{"-f-"}, "there is no option '--'"},
        {{"--text"}, "--text needs a value: TEXT"},
        {{"-t"}, "--text needs a value: TEXT"},
        {{"-fn"}, "--number needs a value: N"},
        {{"--flag=1"}, "--flag takes no value"},
        {{"--flag="}, "--flag takes no value"},
        {{"--number=1"}, "--number cannot be '1': it is a number from 2 to 300"},
        {{"--number=301"}, "--number cannot be '301': it is a number from 2 to 300"},
        {{"--number="}, "--number cannot be '': it is a number from 2 to 300"},
        {{"--number=0x"}, "--number cannot be '0x': it is a number from 2 to 300"},
        {{"--number=7 "}, "--number cannot be '7 ': it is a number from 2 to 300"},
        {{"--number=-7"}, "--number cannot be '-7': it is a number from 2 to 300"},
        {{"--number=+7"}, "--number cannot be '+7': it is a number from 2 to 300"},
        {{"--number=7a"}, "--number cannot be '7a': it is a number from 2 to 300"},
        {{"--number=18446744073709551623"}, "--number cannot be '18446744073709551623': it is a number from 2 to 300"},
        {{"--choice=yellow"}, "--choice cannot be 'yellow': it is red, green or blue"},
        {{"--choice=Red"}, "--choice cannot be 'Red': it is red, green or blue"},
        {{"--choice="}, "--choice cannot be '': it is red, green or blue"},
        {{"--quiet"}, "there is no option '--quiet'"},
        {{"a", "--help=1"}, "--help takes no value"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct run run;
        parse(&run, 0, cases[i].args);
        assert_int_equal(run.status, TT_E_USAGE);
        assert_string_equal(run.message.ptr, cases[i].message);
        tt_buf_free(&run.message);
    }
}

static void
test_numbers_at_the_edge(void **state)
{
    (void) state;
    struct wide {
        uint64_t n;
    } wide;
    static const struct tt_option options[] = {
        TT_OPT_NUMBER(struct wide, n, 'n', "number", "N", "Any number", 0, UINT64_MAX),
        TT_OPT_END,
    };
    static const struct {
        const char *arg;
        bool good;
        uint64_t value;
    } cases[] = {
        {"-n0", true, 0},
        {"-n18446744073709551615", true, UINT64_MAX},
        {"-n18446744073709551616", false, 0},
        {"-n99999999999999999999999", false, 0},
        {"-n0xffffffffffffffff", true, UINT64_MAX},
        {"-n0x10000000000000000", false, 0},
        {"-n0000000000000000000000001", true, 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_common common = tt_common_defaults;
        struct tt_option_set set = {options, &wide, 0, &common};
        struct tt_buf message;
        char arg[64];
        char *args[1] = {arg};
        size_t operands;
        memcpy(arg, cases[i].arg, strlen(cases[i].arg) + 1);
        wide.n = 42;
        tt_buf_init(&message, &tt_alloc_libc, TT_KIB);
        assert_int_equal(tt_options_parse(&set, args, 1, &operands, &message), cases[i].good ? TT_OK : TT_E_USAGE);
        assert_int_equal(wide.n, cases[i].good ? cases[i].value : 42);
        tt_buf_free(&message);
    }
}

static void
test_shared(void **state)
{
    (void) state;
    const unsigned all = UINT32_MAX;
    struct run run;
    parse(&run, all, (const char *const[]) {NULL});
    assert_int_equal(run.common.fail_on, TT_SUSPICIOUS);
    assert_int_equal(run.common.show, -1);
    assert_int_equal(run.common.jobs, 0);
    assert_int_equal(run.common.cpumask, UINT32_MAX);
    assert_false(run.common.help || run.common.quiet || run.common.no_color);
    tt_buf_free(&run.message);
    parse(&run, all,
          ARGS("--format=sarif", "-oout", "-qj4", "--no-color", "--progress=never", "--fail-on=info", "--show=confirmed",
               "--cpumask=0"));
    assert_int_equal(run.status, TT_OK);
    assert_ptr_equal(tt_writers[run.common.format], &tt_writer_sarif);
    assert_string_equal(run.common.output, "out");
    assert_true(run.common.quiet && run.common.no_color);
    assert_int_equal(run.common.jobs, 4);
    assert_int_equal(run.common.progress, TT_PROGRESS_NEVER);
    assert_int_equal(run.common.fail_on, TT_INFO);
    assert_int_equal(run.common.show, TT_CONFIRMED);
    assert_int_equal(run.common.cpumask, 0);
    tt_buf_free(&run.message);
    parse(&run, 0, ARGS("-h"));
    assert_true(run.common.help);
    tt_buf_free(&run.message);
    parse(&run, all, ARGS("--jobs=0"));
    assert_int_equal(run.status, TT_E_USAGE);
    tt_buf_free(&run.message);
}

static const struct tt_option *
shared_option(const char *name)
{
    const struct tt_option *option;
    size_t at = 0;
    while ((option = tt_options_next_common(UINT32_MAX, &at)) && strcmp(option->name, name) != 0) {
    }
    assert_non_null(option);
    return option;
}

/* The parser's lists of names and the tables that they stand for. */
static void
test_shared_choices(void **state)
{
    (void) state;
    const struct tt_option *format = shared_option("format");
    size_t n = 0;
    for (; tt_writers[n]; n++) {
        assert_string_equal(format->choices[n], tt_writers[n]->name);
    }
    assert_null(format->choices[n]);
    static const char *const by_level[] = {"show", "fail-on"};
    for (size_t i = 0; i < 2; i++) {
        const struct tt_option *option = shared_option(by_level[i]);
        for (unsigned level = 0; level < TT_LEVELS; level++) {
            assert_string_equal(option->choices[level], tt_level_name((enum tt_level) level));
        }
        assert_null(option->choices[TT_LEVELS]);
    }
}

/* A table that breaks its own form would fail a user, not a build. */
static void
test_shared_table(void **state)
{
    (void) state;
    const struct tt_option *option;
    size_t at = 0, count = 0;
    while ((option = tt_options_next_common(UINT32_MAX, &at))) {
        count++;
        assert_true(option->help && option->help[0] && option->help[strlen(option->help) - 1] != '.');
        assert_int_equal(option->arg == NULL, option->kind == TT_OPTION_FLAG);
        assert_int_equal(option->choices != NULL, option->kind == TT_OPTION_CHOICE);
        assert_true(option->min <= option->max);
        assert_true(option->offset < sizeof(struct tt_common));
    }
    assert_int_equal(count, 10);
    at = 0;
    option = tt_options_next_common(0, &at);
    assert_string_equal(option->name, "help");
    assert_null(tt_options_next_common(0, &at));
}

static void
test_nearest(void **state)
{
    (void) state;
    static const char *const names[] = {"scan", "marks", "help", "format", "fail-on", NULL};
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        {"scan", "scan"},
        {"sacn", "scan"},
        {"scna", "scan"},
        {"skan", "scan"},
        {"scann", "scan"},
        {"sca", "scan"},
        {"mark", "marks"},
        {"halp", "help"},
        {"fromat", "format"},
        {"fail_on", "fail-on"},
        {"failon", "fail-on"},
        {"", NULL},
        {"xyz", NULL},
        {"inventory", NULL},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *nearest = tt_options_nearest(cases[i].word, names);
        assert_true(!nearest == !cases[i].nearest);
        if (nearest) {
            assert_string_equal(nearest, cases[i].nearest);
        }
    }
    assert_null(tt_options_nearest("x", (const char *const[]) {NULL}));
}

static uint32_t
next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Any arguments: no crash, operands are among the arguments and keep their order, a refusal says why. */
static void
test_any_arguments(void **state)
{
    (void) state;
    static const char *const pieces[] = {"-", "--",   "=",      "f",   "n",    "flag", "number",
                                         "7", "text", "choice", "red", "\xff", "help", "x"};
    uint32_t seed = 3;
    for (int round = 0; round < 5000; round++) {
        char words[ARGS_MAX][64] = {{0}};
        const char *args[ARGS_MAX + 1] = {0};
        size_t count = next_random(&seed) % (ARGS_MAX - 1);
        for (size_t i = 0; i < count; i++) {
            for (size_t parts = next_random(&seed) % 5; parts > 0; parts--) {
                const char *piece = pieces[next_random(&seed) % (sizeof(pieces) / sizeof(*pieces))];
                memcpy(words[i] + strlen(words[i]), piece, strlen(piece) + 1);
            }
            args[i] = words[i];
        }
        struct run run;
        parse(&run, UINT32_MAX, args);
        assert_true(run.status == TT_OK || run.status == TT_E_USAGE);
        assert_int_equal(run.status == TT_OK, run.message.len == 1);
        size_t at = 0;
        for (size_t i = 0; run.status == TT_OK && i < run.operands; i++) {
            while (at < count && strcmp(args[at], run.args[i]) != 0) {
                at++;
            }
            assert_true(at++ < count);
        }
        tt_buf_free(&run.message);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),    cmocka_unit_test(test_kinds),          cmocka_unit_test(test_list),
        cmocka_unit_test(test_operands), cmocka_unit_test(test_mistakes),       cmocka_unit_test(test_numbers_at_the_edge),
        cmocka_unit_test(test_shared),   cmocka_unit_test(test_shared_choices), cmocka_unit_test(test_shared_table),
        cmocka_unit_test(test_nearest),  cmocka_unit_test(test_any_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
