/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The skeleton of UTS #39: NFD, without what is ignored in display, each character replaced by its prototype, NFD again.
 *
 * Input: text as it came, so bytes that are not UTF-8 become numbers beyond the code space and stand for themselves.  Output: an answer; what is
 * computed on the way stays in the caller's arena.  A text that begins or ends like the other one is compared only where both differ, as far as that
 * cannot change a normal form: the cut is made behind and before ASCII.
 */
#include "text/skeleton.h"

#include "base/limits.h"
#include "text/normal.h"
#include "text/tables.h"
#include "text/utf8.h"

struct points {
    uint32_t *cp;
    size_t n;
};

static const struct tt_char_form *
find_form(uint32_t cp)
{
    size_t low = 0;
    size_t high = tt_char_form_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tt_char_forms[middle].from < cp) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < tt_char_form_count && tt_char_forms[low].from == cp ? &tt_char_forms[low] : NULL;
}

size_t
tt_skeleton_char(uint32_t cp, uint32_t out[TT_SKELETON_MAX])
{
    const struct tt_char_form *form = find_form(cp);
    if (!form || form->count > TT_SKELETON_MAX) {
        out[0] = tt_char_prototype(cp);
        return 1;
    }
    memcpy(out, tt_char_form_points + form->start, form->count * sizeof(*out));
    return form->count;
}

/* The characters of text. */
static enum tt_status
read_points(struct tt_arena *arena, struct tt_str text, struct points *out)
{
    out->n = 0;
    out->cp = tt_arena_get(arena, (text.len + 1) * sizeof(*out->cp));
    if (!out->cp) {
        return TT_E_MEMORY;
    }
    for (size_t pos = 0; pos < text.len;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (rune.len == 0) {
            rune = (struct tt_rune) {TT_CHAR_LIMIT + (unsigned char) text.ptr[pos], 1};
        }
        out->cp[out->n++] = rune.cp;
        pos += rune.len;
    }
    return TT_OK;
}

static enum tt_status
decompose(struct tt_arena *arena, struct points *points)
{
    size_t room = points->n * TT_NORMAL_EXPANSION + 1;
    uint32_t *out = tt_arena_get(arena, room * sizeof(*out));
    if (!out) {
        return TT_E_MEMORY;
    }
    TT_TRY(tt_normal_nfd(points->cp, points->n, out, room, &points->n));
    points->cp = out;
    return TT_OK;
}

static bool
is_ignored(uint32_t cp)
{
    return cp < TT_CHAR_LIMIT && tt_char_is(cp, TT_CHAR_IGNORABLE);
}

/* Two rounds, so that memory is asked for by need: one prototype of 18 characters must not cost as much for all. */
static enum tt_status
take_prototypes(struct tt_arena *arena, struct points *points)
{
    uint32_t form[TT_SKELETON_MAX];
    size_t room = 1;
    for (size_t i = 0; i < points->n; i++) {
        room += tt_skeleton_char(points->cp[i], form);
    }
    uint32_t *out = tt_arena_get(arena, room * sizeof(*out));
    if (!out) {
        return TT_E_MEMORY;
    }
    size_t n = 0;
    for (size_t i = 0; i < points->n; i++) {
        if (!is_ignored(points->cp[i])) {
            size_t count = tt_skeleton_char(points->cp[i], form);
            memcpy(out + n, form, count * sizeof(*out));
            n += count;
        }
    }
    *points = (struct points) {out, n};
    return TT_OK;
}

static enum tt_status
make(struct tt_arena *arena, struct tt_str text, struct points *out)
{
    TT_TRY(read_points(arena, text, out));
    if (out->n > TT_SKELETON_TEXT_MAX) {
        return TT_E_LIMIT;
    }
    TT_TRY(decompose(arena, out));
    TT_TRY(take_prototypes(arena, out));
    return decompose(arena, out);
}

/* An ASCII character is no mark and composes with none before it; one behind it could. */
static bool
is_ascii_at(struct tt_str s, size_t pos)
{
    return pos < s.len && (unsigned char) s.ptr[pos] < 0x80;
}

/* Takes away what both begin and end with. */
static void
cut_common(struct tt_str *a, struct tt_str *b)
{
    size_t least = a->len < b->len ? a->len : b->len;
    size_t front = 0;
    while (front < least && a->ptr[front] == b->ptr[front]) {
        front++;
    }
    while (front > 0 && !(is_ascii_at(*a, front) && is_ascii_at(*b, front))) {
        front--;
    }
    size_t back = 0;
    while (back < least - front && a->ptr[a->len - 1 - back] == b->ptr[b->len - 1 - back]) {
        back++;
    }
    while (back > 0 && !is_ascii_at(*a, a->len - back)) {
        back--;
    }
    *a = tt_str_slice(*a, front, a->len - back);
    *b = tt_str_slice(*b, front, b->len - back);
}

enum tt_status
tt_skeleton_same(struct tt_arena *arena, struct tt_str a, struct tt_str b, bool *same)
{
    struct points one, two;
    *same = tt_str_eq(a, b);
    if (*same) {
        return TT_OK;
    }
    cut_common(&a, &b);
    TT_TRY(make(arena, a, &one));
    TT_TRY(make(arena, b, &two));
    *same = one.n == two.n && (one.n == 0 || memcmp(one.cp, two.cp, one.n * sizeof(*one.cp)) == 0);
    return TT_OK;
}
