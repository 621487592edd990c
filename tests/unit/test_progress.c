/* SPDX-License-Identifier: Apache-2.0 */
/* The progress line: its text at several points and widths, and silence where no terminal is. */
#include "test.h"

#include "base/limits.h"
#include "cli/progress.h"

#define NUMBERS(done, all, bytes, is_known) \
    ((struct tt_progress_numbers) {.files_done = (done), .files_known = (all), .bytes_done = (bytes), .known = (is_known)})

#include <string.h>

static void
assert_line(struct tt_progress_numbers numbers, uint64_t elapsed_ms, unsigned turn, size_t width, const char *expected)
{
    struct tt_buf buf;
    tt_buf_init(&buf, &tt_alloc_libc, TT_KIB);
    tt_progress_line(&buf, &numbers, elapsed_ms, turn, width);
    assert_int_equal(buf.status, TT_OK);
    tt_buf_add_char(&buf, '\0');
    assert_string_equal(buf.ptr, expected);
    tt_buf_free(&buf);
}

static void
test_line(void **state)
{
    (void) state;
    assert_line(NUMBERS(0, 0, 0, false), 0, 0, 80, "⠋ 0 of 0 files so far, 0 bytes");
    assert_line(NUMBERS(1, 5, 1500, false), 999, 1, 80, "⠙ 1 of 5 files so far, 1.5 kB");
    assert_line(NUMBERS(1, 5, 1500, false), 500, 6, 80, "⠋ 1 of 5 files so far, 1.5 kB");
    assert_line(NUMBERS(0, 1, 0, true), 0, 0, 80, "░░░░░░░░░░░░░░░░░░░░ 0 of 1 file, 0 bytes");
    assert_line(NUMBERS(5, 10, 3000000, true), 1500, 0, 80, "██████████░░░░░░░░░░ 5 of 10 files, 3.0 MB, 2.0 MB/s");
    assert_line(NUMBERS(10, 10, 10, true), 0, 0, 80, "████████████████████ 10 of 10 files, 10 bytes");
    assert_line(NUMBERS(1, 0, 0, true), 0, 0, 80, "████████████████████ 1 of 0 files, 0 bytes");
    assert_line(NUMBERS(UINT64_MAX / 2, UINT64_MAX, 0, true), 0, 0, 25, "██████████░░░░░░░░░░ 9223");
}

/* Cut between characters, never within one. */
static void
test_time_left(void **state)
{
    (void) state;
    struct tt_progress_numbers numbers = {.noun = "run", .files_done = 1, .files_known = 2, .known = true};
    assert_line(numbers, 0, 0, 80, "██████████░░░░░░░░░░ 1 of 2 runs");
    numbers.left_ms = 1500;
    assert_line(numbers, 0, 0, 80, "██████████░░░░░░░░░░ 1 of 2 runs, about 2 s left");
    numbers.left_ms = 130000;
    assert_line(numbers, 0, 0, 80, "██████████░░░░░░░░░░ 1 of 2 runs, about 2 min 10 s left");
}

static void
test_width(void **state)
{
    (void) state;
    struct tt_progress_numbers numbers = NUMBERS(5, 10, 3000000, true);
    for (size_t width = 0; width < 60; width++) {
        struct tt_buf buf;
        size_t points = 0;
        tt_buf_init(&buf, &tt_alloc_libc, TT_KIB);
        tt_progress_line(&buf, &numbers, 1500, 0, width);
        for (size_t i = 0; i < buf.len; i++) {
            points += ((unsigned char) buf.ptr[i] & 0xC0) != 0x80;
        }
        assert_int_equal(points, width < 52 ? width : 52);
        assert_true(buf.len == 0 || width > 20 || buf.len == 3 * width);
        tt_buf_free(&buf);
    }
}

static void
test_silence(void **state)
{
    (void) state;
    char text[64] = "";
    struct tt_progress progress;
    struct tt_progress_numbers numbers = NUMBERS(1, 2, 3, true);
    FILE *to = fmemopen(text, sizeof(text), "w");
    assert_non_null(to);
    tt_progress_begin(&progress, to, true);
    progress.drawn_ms = 0; /* as if the last line were long ago */
    tt_progress_show(&progress, &numbers);
    tt_progress_hide(&progress);
    fclose(to);
    assert_string_equal(text, "");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_time_left),
        cmocka_unit_test(test_width),
        cmocka_unit_test(test_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
