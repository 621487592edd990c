/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outer side of the box: what it refuses before there is a box, and that it leaves no descriptor and no child.  What happens inside, tests/probe/box.py
 * tries with real clients.
 */
#include "test.h"

#include "probe/box.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const command[] = {"/bin/true", NULL};

static size_t
count_descriptors(void)
{
    size_t count = 0;
    DIR *list = opendir("/proc/self/fd");
    assert_non_null(list);
    while (readdir(list)) {
        count++;
    }
    closedir(list);
    return count;
}

/* Opens a box that must be refused with these words. */
static void
assert_refused(const struct tt_box_settings *settings, enum tt_status status, const char *words)
{
    struct tt_box box;
    struct tt_buf message;
    tt_buf_init(&message, &tt_alloc_libc, TT_BOX_MESSAGE_MAX);
    assert_int_equal(tt_box_open(&box, settings, &message), status);
    tt_buf_add_char(&message, '\0');
    if (!message.ptr || !strstr(message.ptr, words)) {
        fail_msg("\"%s\" is not in \"%s\"", words, message.ptr ? message.ptr : "");
    }
    assert_int_equal(box.pid, 0);
    assert_int_equal(box.report, -1);
    assert_int_equal(tt_box_go(&box), TT_E_USAGE);
    tt_box_close(&box);
    tt_buf_free(&message);
}

static void
test_refused_files(void **state)
{
    static const struct {
        struct tt_box_file file;
        const char *words;
    } cases[] = {
        {{TT_BOX_FILE, NULL, {NULL, 0}, 0}, "no entry of a box"},
        {{TT_BOX_FILE, "", {NULL, 0}, 0}, "no entry of a box"},
        {{TT_BOX_FILE, "/", {NULL, 0}, 0}, "no entry of a box"},
        {{TT_BOX_FILE, "etc/x", {NULL, 0}, 0}, "no entry of a box"},
        {{TT_BOX_FILE, "/etc/../root/x", {NULL, 0}, 0}, "no entry of a box"},
        {{TT_BOX_FILE, "/etc/./x", {NULL, 0}, 0}, "no entry of a box"},
        {{TT_BOX_FILE, "/etc//x", {NULL, 0}, 0}, "no entry of a box"},
        {{TT_BOX_FILE, "/etc/x/", {NULL, 0}, 0}, "no entry of a box"},
        {{TT_BOX_FILE, "/etc/..", {NULL, 0}, 0}, "no entry of a box"},
        {{TT_BOX_FOLDER, "/proc", {NULL, 0}, 0}, "no entry of a box"},
        {{TT_BOX_FILE, "/sys/x", {NULL, 0}, 0}, "no entry of a box"},
        {{TT_BOX_FILE, "/dev/x", {NULL, 0}, 0}, "no entry of a box"},
        {{TT_BOX_LINK, "/etc/x", {NULL, 0}, 0}, "leads nowhere"},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_box_settings settings = {
            .argv = command, .files = &cases[i].file, .file_count = 1, .instant = TT_BOX_REAL_CLOCK};
        assert_refused(&settings, TT_E_USAGE, cases[i].words);
    }
}

static void
test_refused_words(void **state)
{
    static const char *const none[] = {NULL}, *const shown[] = {"/x/../y", NULL};
    static const struct tt_box_var vars[] = {{"", "x"}, {"A=B", "x"}};
    static char long_path[TT_BOX_PATH_MAX + 2], long_name[80];
    memset(long_path, 'x', TT_BOX_PATH_MAX);
    long_path[0] = '/';
    memset(long_name, 'x', sizeof(long_name) - 1);
    const struct {
        struct tt_box_settings settings;
        const char *words;
    } cases[] = {
        {{.argv = NULL}, "no command"},
        {{.argv = none}, "no command"},
        {{.argv = command, .user = ""}, "the name of a user"},
        {{.argv = command, .user = "a\nb"}, "the name of a user"},
        {{.argv = command, .user = long_name}, "the name of a user"},
        {{.argv = command, .host_name = "a b"}, "the name of a user"},
        {{.argv = command, .home = "x"}, "HOME and the working folder"},
        {{.argv = command, .home = long_path}, "HOME and the working folder"},
        {{.argv = command, .cwd = "/proc/self"}, "HOME and the working folder"},
        {{.argv = command, .vars = vars, .var_count = 1}, "a variable"},
        {{.argv = command, .vars = vars + 1, .var_count = 1}, "a variable"},
        {{.argv = command, .shown = shown}, "cannot be shown"},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_box_settings settings = cases[i].settings;
        settings.instant = TT_BOX_REAL_CLOCK;
        assert_refused(&settings, TT_E_USAGE, cases[i].words);
    }
}

static void
test_closed_box(void **state)
{
    struct tt_box box = {.pid = 0};
    struct tt_box_end end;
    (void) state;
    tt_box_close(&box); /* zeroed: descriptor 0 is not its own */
    assert_int_equal(tt_box_go(&box), TT_E_USAGE);
    assert_false(tt_box_ended(&box, &end));
    tt_box_close(&box);
}

static void
test_names(void **state)
{
    (void) state;
    for (int i = TT_BOX_EXITED; i <= TT_BOX_LOST; i++) {
        assert_string_not_equal(tt_box_cause_name((enum tt_box_cause) i), "unknown");
    }
    assert_string_equal(tt_box_cause_name((enum tt_box_cause) 99), "unknown");
}

/* Skips where the machine cannot make a box. */
static void
open_or_skip(struct tt_box *box, const struct tt_box_settings *settings)
{
    struct tt_buf message;
    tt_buf_init(&message, &tt_alloc_libc, TT_BOX_MESSAGE_MAX);
    enum tt_status status = tt_box_open(box, settings, &message);
    if (status == TT_E_UNSUPPORTED) {
        print_message("# skipped: %.*s\n", (int) message.len, message.ptr);
        tt_buf_free(&message);
        skip();
    }
    tt_buf_free(&message);
    assert_int_equal(status, TT_OK);
}

static void
test_nothing_is_left(void **state)
{
    struct tt_box_settings settings = {.argv = command, .instant = TT_BOX_REAL_CLOCK};
    struct tt_box box;
    struct tt_box_end end;
    size_t before = count_descriptors();
    (void) state;
    for (int runs = 0; runs < 3; runs++) {
        open_or_skip(&box, &settings);
        assert_false(tt_box_ended(&box, &end));
        for (int i = 0; i < runs; i++) {
            struct pollfd look = {.fd = box.report, .events = POLLIN};
            assert_int_equal(tt_box_go(&box), TT_OK);
            assert_int_equal(tt_box_go(&box), TT_E_USAGE);
            assert_int_equal(poll(&look, 1, 30000), 1);
            assert_true(tt_box_ended(&box, &end));
            assert_int_equal(end.cause, TT_BOX_EXITED);
            assert_int_equal(end.exit_code, 0);
            assert_false(tt_box_ended(&box, &end));
        }
        tt_box_close(&box);
        tt_box_close(&box);
        assert_int_equal(count_descriptors(), before);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
        assert_int_equal(errno, ECHILD);
    }
}

static void
test_too_many_shown(void **state)
{
    static const char *shown[TT_BOX_TREES_MAX + 2];
    static char names[TT_BOX_TREES_MAX + 1][300];
    struct tt_box_settings settings = {.argv = command, .shown = shown, .instant = TT_BOX_REAL_CLOCK}, plain = settings;
    struct tt_box box;
    struct dirent *entry;
    size_t count = 0;
    DIR *list = opendir("/usr/bin");
    (void) state;
    assert_non_null(list);
    plain.shown = NULL;
    open_or_skip(&box, &plain);
    tt_box_close(&box);
    while (count <= TT_BOX_TREES_MAX && (entry = readdir(list))) {
        if (entry->d_type == DT_REG) {
            snprintf(names[count], sizeof(names[count]), "//usr//bin/%s", entry->d_name);
            shown[count] = names[count];
            count++;
        }
    }
    closedir(list);
    assert_true(count > TT_BOX_TREES_MAX);
    assert_refused(&settings, TT_E_LIMIT, "too many paths");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_files), cmocka_unit_test(test_refused_words),   cmocka_unit_test(test_closed_box),
        cmocka_unit_test(test_names),         cmocka_unit_test(test_nothing_is_left), cmocka_unit_test(test_too_many_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
