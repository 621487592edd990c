/* SPDX-License-Identifier: Apache-2.0 */
/* Alignment: what belongs together, that nothing differs from itself, and that what is said to be common is common and rises. */
#include "test.h"

#include "base/buf.h"
#include "base/limits.h"
#include "probe/align.h"

#include <stdlib.h>

struct fixture {
    struct tt_arena arena;
    struct tt_align_item *a, *b;
    size_t an, bn;
    size_t *partner;
};

static void
setup(struct fixture *f, struct tt_str a, struct tt_str b)
{
    struct tt_token *tokens;
    tt_arena_init(&f->arena, &tt_alloc_libc, 64 * TT_MIB);
    assert_int_equal(tt_token_list(&f->arena, a, &tokens, &f->a, &f->an), TT_OK);
    assert_int_equal(tt_token_list(&f->arena, b, &tokens, &f->b, &f->bn), TT_OK);
    f->partner = tt_arena_get(&f->arena, (f->bn + 1) * sizeof(*f->partner));
    assert_non_null(f->partner);
    assert_int_equal(tt_align(&f->arena, f->a, f->an, f->b, f->bn, f->partner), TT_OK);
}

/* The differences: "old>new" each, divided by blanks; "+new" and "-old" for what has no partner. */
static void
check_lines(const char *a, const char *b, const char *expected)
{
    struct fixture f;
    struct tt_buf out;
    setup(&f, tt_str_cstr(a), tt_str_cstr(b));
    tt_buf_init(&out, &tt_alloc_libc, TT_KIB);
    size_t i = 0;
    for (size_t j = 0; j <= f.bn; j++) {
        size_t to = j == f.bn ? f.an : f.partner[j];
        for (; to != TT_ALIGN_NONE && i < to; i++) {
            tt_buf_add_cstr(&out, "-");
            tt_buf_add(&out, f.a[i].text);
            tt_buf_add_char(&out, ' ');
        }
        if (j == f.bn) {
            break;
        }
        if (f.partner[j] == TT_ALIGN_NONE) {
            tt_buf_add_char(&out, '+');
            tt_buf_add(&out, f.b[j].text);
            tt_buf_add_char(&out, ' ');
        } else if (!tt_str_eq(f.a[i].text, f.b[j].text)) {
            tt_buf_add(&out, f.a[i].text);
            tt_buf_add_char(&out, '>');
            tt_buf_add(&out, f.b[j].text);
            tt_buf_add_char(&out, ' ');
        }
        i += f.partner[j] != TT_ALIGN_NONE;
    }
    tt_buf_add_char(&out, '\0');
    assert_string_equal(out.ptr, expected);
    tt_buf_free(&out);
    tt_arena_free(&f.arena);
}

static void
test_lines(void **state)
{
    (void) state;
    check_lines("Today's date is 2026-02-03.", "Today's date is 2026-02-03.", "");
    check_lines("Today's date is 2026-02-03.", "Today\xe2\x80\x99s date is 2026/02/03.", "'>\xe2\x80\x99 ->/ ->/ ");
    check_lines("Today's date is 2026-02-03.", "Today\xca\xbcs date is 2026-02-03.", "'>\xca\xbc ");
    check_lines("Platform: linux",
                "Plat\xe2\x80\x8b"
                "form: linux",
                "Platform>Plat\xe2\x80\x8b"
                "form ");
    check_lines("end", "end ", "+  ");
    check_lines("date 2026-02-03", "date 2025-11-21", "2026>2025 02>11 03>21 ");
    check_lines("id 3f2a9c now", "id 77de01 now", "3f2a9c>77de01 ");
    check_lines("", "abc", "+abc ");
    check_lines("abc", "", "-abc ");
    check_lines("\xff\xfe", "\xff", "-\xfe ");
}

static uint64_t
next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static struct tt_align_item *
random_items(size_t n, unsigned alphabet, uint64_t *state)
{
    struct tt_align_item *items = calloc(n + 1, sizeof(*items));
    assert_non_null(items);
    for (size_t i = 0; i < n; i++) {
        items[i] = (struct tt_align_item) {.kind = next_random(state) % 2, .value = next_random(state) % alphabet};
        items[i].text = TT_STR("x");
    }
    return items;
}

/* Equal partners, by dynamic programming. */
static size_t
longest_common(const struct tt_align_item *a, size_t an, const struct tt_align_item *b, size_t bn)
{
    size_t *row = calloc(bn + 1, sizeof(*row));
    assert_non_null(row);
    for (size_t i = 0; i < an; i++) {
        size_t diagonal = 0;
        for (size_t j = 0; j < bn; j++) {
            size_t up = row[j + 1];
            bool equal = a[i].kind == b[j].kind && a[i].value == b[j].value;
            row[j + 1] = equal ? diagonal + 1 : up > row[j] ? up : row[j];
            diagonal = up;
        }
    }
    size_t length = row[bn];
    free(row);
    return length;
}

/* Partners rise, are of one kind, and outside the fallback as many are equal as can be. */
static void
check_partners(const struct tt_align_item *a, size_t an, const struct tt_align_item *b, size_t bn, bool exact)
{
    struct tt_arena arena;
    tt_arena_init(&arena, &tt_alloc_libc, 64 * TT_MIB);
    size_t *partner = tt_arena_get(&arena, (bn + 1) * sizeof(*partner));
    assert_non_null(partner);
    assert_int_equal(tt_align(&arena, a, an, b, bn, partner), TT_OK);
    size_t equal = 0, next = 0;
    for (size_t j = 0; j < bn; j++) {
        if (partner[j] == TT_ALIGN_NONE) {
            continue;
        }
        assert_true(partner[j] >= next && partner[j] < an);
        next = partner[j] + 1;
        assert_int_equal(a[partner[j]].kind, b[j].kind);
        equal += a[partner[j]].value == b[j].value;
    }
    if (exact) {
        assert_true(equal >= longest_common(a, an, b, bn));
    }
    tt_arena_free(&arena);
}

static void
test_random(void **state)
{
    (void) state;
    uint64_t random = 7;
    for (unsigned round = 0; round < 400; round++) {
        size_t an = next_random(&random) % 60, bn = next_random(&random) % 60;
        unsigned alphabet = 2 + (unsigned) (next_random(&random) % 30);
        struct tt_align_item *a = random_items(an, alphabet, &random), *b = random_items(bn, alphabet, &random);
        check_partners(a, an, b, bn, true);
        check_partners(a, an, a, an, true);
        free(a);
        free(b);
    }
}

/* More edits than are searched: anchors. */
static void
test_fallback(void **state)
{
    (void) state;
    uint64_t random = 11;
    size_t n = 4 * TT_ALIGN_EDITS_MAX;
    struct tt_align_item *a = random_items(n, 1000000, &random), *b = random_items(n, 1000000, &random);
    for (size_t i = 0; i < n; i += 5) {
        b[i] = a[i] = (struct tt_align_item) {.kind = 3, .value = 2000000 + i, .text = TT_STR("y")};
    }
    check_partners(a, n, b, n, false);
    struct tt_arena arena;
    tt_arena_init(&arena, &tt_alloc_libc, 64 * TT_MIB);
    size_t *partner = tt_arena_get(&arena, n * sizeof(*partner));
    assert_non_null(partner);
    assert_int_equal(tt_align(&arena, a, n, b, n, partner), TT_OK);
    for (size_t i = 0; i < n; i += 5) {
        assert_int_equal(partner[i], i);
    }
    tt_arena_free(&arena);
    free(a);
    free(b);
}

static bool
align_all(void *ctx, const struct tt_alloc *alloc)
{
    (void) ctx;
    struct tt_arena arena;
    struct tt_token *tokens;
    struct tt_align_item *a, *b;
    size_t an, bn, partner[32];
    tt_arena_init(&arena, alloc, TT_MIB);
    bool done = tt_token_list(&arena, TT_STR("one two three"), &tokens, &a, &an) == TT_OK &&
                tt_token_list(&arena, TT_STR("one 2 three four"), &tokens, &b, &bn) == TT_OK &&
                tt_align(&arena, a, an, b, bn, partner) == TT_OK;
    tt_arena_free(&arena);
    return done;
}

static void
test_allocation(void **state)
{
    (void) state;
    test_every_allocation(align_all, NULL);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_fallback),
        cmocka_unit_test(test_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
