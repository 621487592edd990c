/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alignment of two sequences: Myers' greedy algorithm (An O(ND) Difference Algorithm and Its Variations, 1986, section 4), then pairs in the gaps.
 *
 * Input: items that are compared by numbers.  Output: a partner for each item of the second sequence, rising.  Scratch lies in the caller's
 * arena: (D+1)^2 numbers for D edits, so at most 4 MiB at TT_ALIGN_EDITS_MAX; n for the fallback.
 *
 * The fallback is for sequences that share little.  It takes the items that come once in both (as patience diff does) and of these the longest
 * rising sequence; it may find fewer equal items than there are, never wrong ones.
 */
#include "probe/align.h"

#include "base/limits.h"

#include <stdlib.h>

static bool
is_equal(const struct tt_align_item *a, const struct tt_align_item *b)
{
    return a->value == b->value && a->kind == b->kind;
}

/* The two sequences without what both begin and end with. */
struct span {
    const struct tt_align_item *a, *b;
    size_t a0, a1, b0, b1;
};

/* ---- Myers ---- */

/* Row d of the trace has the furthest a for the diagonals -d, -d+2 ... d. */
static size_t
row_start(size_t d)
{
    return d * (d + 1) / 2;
}

/* The furthest place on diagonal k with d edits, from the row before; slides along equal items. */
static int32_t
advance(const struct span *span, const int32_t *before, int32_t d, int32_t k)
{
    int32_t an = (int32_t) (span->a1 - span->a0), bn = (int32_t) (span->b1 - span->b0);
    int32_t x = 0;
    if (d > 0) {
        int32_t i = (k + d) / 2; /* number of the diagonal in row d; k-1 is i-1 and k+1 is i in row d-1 */
        bool down = k == -d || (k != d && before[i - 1] < before[i]);
        x = down ? before[i] : before[i - 1] + 1;
    }
    int32_t y = x - k;
    while (x >= 0 && y >= 0 && x < an && y < bn && is_equal(&span->a[span->a0 + (size_t) x], &span->b[span->b0 + (size_t) y])) {
        x++;
        y++;
    }
    return x;
}

/* Walks back through the trace and sets the partners of equal items. */
static void
trace_back(const struct span *span, const int32_t *trace, int32_t d, size_t *partner)
{
    int32_t x = (int32_t) (span->a1 - span->a0), y = (int32_t) (span->b1 - span->b0);
    for (; d >= 0; d--) {
        int32_t k = x - y;
        int32_t start_x = 0, start_y = 0, next_x = 0, next_y = 0;
        if (d > 0) {
            const int32_t *before = trace + row_start((size_t) d - 1);
            int32_t i = (k + d) / 2;
            bool down = k == -d || (k != d && before[i - 1] < before[i]);
            next_x = down ? before[i] : before[i - 1];
            next_y = next_x - (down ? k + 1 : k - 1);
            start_x = down ? next_x : next_x + 1;
            start_y = down ? next_y + 1 : next_y;
        }
        while (x > start_x && y > start_y) {
            x--;
            y--;
            partner[span->b0 + (size_t) y] = span->a0 + (size_t) x;
        }
        x = next_x;
        y = next_y;
    }
}

/* *found is false when more than TT_ALIGN_EDITS_MAX edits are needed. */
static enum tt_status
align_myers(struct tt_arena *arena, const struct span *span, size_t *partner, bool *found)
{
    int32_t an = (int32_t) (span->a1 - span->a0), bn = (int32_t) (span->b1 - span->b0);
    int32_t most = an + bn < TT_ALIGN_EDITS_MAX ? an + bn : TT_ALIGN_EDITS_MAX;
    *found = false;
    if (an - bn > most || bn - an > most) {
        return TT_OK;
    }
    int32_t *trace = NULL;
    size_t room = 0;
    for (int32_t d = 0; d <= most; d++) {
        size_t need = row_start((size_t) d + 1);
        if (need > room) {
            size_t more = need * 4;
            int32_t *larger = tt_arena_get(arena, more * sizeof(*larger));
            if (!larger) {
                return TT_E_MEMORY;
            }
            if (room > 0) {
                memcpy(larger, trace, room * sizeof(*trace));
            }
            trace = larger;
            room = more;
        }
        int32_t *row = trace + row_start((size_t) d);
        const int32_t *before = d > 0 ? trace + row_start((size_t) d - 1) : NULL;
        for (int32_t k = -d; k <= d; k += 2) {
            int32_t x = advance(span, before, d, k);
            row[(k + d) / 2] = x;
            if (k == an - bn && x >= an) {
                trace_back(span, trace, d, partner);
                *found = true;
                return TT_OK;
            }
        }
    }
    return TT_OK;
}

/* ---- anchors ---- */

struct anchor {
    uint64_t kind, value;
    size_t at;
    bool second; /* of sequence b */
};

static int
by_value(const void *one, const void *two)
{
    const struct anchor *x = one, *y = two;
    if (x->value != y->value) {
        return x->value < y->value ? -1 : 1;
    }
    if (x->kind != y->kind) {
        return x->kind < y->kind ? -1 : 1;
    }
    if (x->second != y->second) {
        return x->second ? 1 : -1;
    }
    return x->at < y->at ? -1 : 1;
}

static bool
is_same_anchor(const struct anchor *x, const struct anchor *y)
{
    return x->value == y->value && x->kind == y->kind;
}

/* Sets the partners of items that come once in both; they do not rise yet. */
static enum tt_status
match_unique(struct tt_arena *arena, const struct span *span, size_t *partner)
{
    size_t count = 0;
    struct anchor *all = tt_arena_get(arena, (span->a1 - span->a0 + span->b1 - span->b0 + 1) * sizeof(*all));
    if (!all) {
        return TT_E_MEMORY;
    }
    for (size_t i = span->a0; i < span->a1; i++) {
        all[count++] = (struct anchor) {span->a[i].kind, span->a[i].value, i, false};
    }
    for (size_t i = span->b0; i < span->b1; i++) {
        all[count++] = (struct anchor) {span->b[i].kind, span->b[i].value, i, true};
    }
    qsort(all, count, sizeof(*all), by_value);
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && is_same_anchor(&all[i], &all[end])) {
            end++;
        }
        if (end - i == 2 && !all[i].second && all[i + 1].second) {
            partner[all[i + 1].at] = all[i].at;
        }
        i = end;
    }
    return TT_OK;
}

/* Leaves the longest rising sequence of partners: patience sorting. */
static enum tt_status
keep_rising(struct tt_arena *arena, const struct span *span, size_t *partner)
{
    size_t n = span->b1 - span->b0, piles = 0;
    size_t *top = tt_arena_get(arena, (n + 1) * sizeof(*top));   /* item of b on top of each pile */
    size_t *link = tt_arena_get(arena, (n + 1) * sizeof(*link)); /* the one below it in the sequence */
    if (!top || !link) {
        return TT_E_MEMORY;
    }
    for (size_t j = span->b0; j < span->b1; j++) {
        if (partner[j] == TT_ALIGN_NONE) {
            continue;
        }
        size_t low = 0, high = piles;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (partner[top[middle]] < partner[j]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        link[j - span->b0] = low > 0 ? top[low - 1] : TT_ALIGN_NONE;
        top[low] = j;
        piles = low == piles ? piles + 1 : piles;
    }
    size_t keep = piles > 0 ? top[piles - 1] : TT_ALIGN_NONE;
    for (size_t j = span->b1; j-- > span->b0;) {
        if (j == keep) {
            keep = link[j - span->b0];
        } else {
            partner[j] = TT_ALIGN_NONE;
        }
    }
    return TT_OK;
}

/* ---- gaps ---- */

static unsigned
common_ends(struct tt_str a, struct tt_str b, size_t least)
{
    size_t front = 0, back = 0;
    while (front < least && a.ptr[front] == b.ptr[front]) {
        front++;
    }
    while (back < least - front && a.ptr[a.len - 1 - back] == b.ptr[b.len - 1 - back]) {
        back++;
    }
    return (unsigned) ((front + back) * 255 / (a.len > b.len ? a.len : b.len));
}

/* A bit for each pair of neighbours, spread over 64. */
static uint64_t
pair_bits(struct tt_str s)
{
    uint64_t bits = 0;
    for (size_t i = 0; i + 1 < s.len && i < TT_KIB; i++) {
        uint32_t pair = (uint32_t) (unsigned char) s.ptr[i] << 8 | (unsigned char) s.ptr[i + 1];
        bits |= UINT64_C(1) << (pair * 2654435761U >> 26);
    }
    return bits;
}

unsigned
tt_align_likeness(struct tt_str a, struct tt_str b)
{
    size_t least = a.len < b.len ? a.len : b.len;
    if (least == 0) {
        return a.len == b.len ? 255 : 0;
    }
    unsigned ends = common_ends(a, b, least);
    uint64_t one = pair_bits(a), two = pair_bits(b);
    unsigned all = (unsigned) __builtin_popcountll(one | two);
    unsigned pairs = all ? (unsigned) __builtin_popcountll(one & two) * 160 / all : 0;
    return ends > pairs ? ends : pairs;
}

/* Pairs of one kind, each with the next free one of a. */
static void
pair_in_order(const struct span *gap, size_t *partner)
{
    size_t from = gap->a0;
    for (size_t j = gap->b0; j < gap->b1; j++) {
        for (size_t i = from; i < gap->a1; i++) {
            if (gap->a[i].kind == gap->b[j].kind) {
                partner[j] = i;
                from = i + 1;
                break;
            }
        }
    }
}

#define PAIR_WORTH 8 /* a pair of unlike items is still better than none */

/* The pairs with the greatest sum of likeness: Needleman and Wunsch, without a price for gaps. */
static enum tt_status
pair_by_likeness(struct tt_arena *arena, const struct span *gap, size_t *partner)
{
    size_t an = gap->a1 - gap->a0, bn = gap->b1 - gap->b0, width = bn + 1;
    uint32_t *best = tt_arena_get(arena, (an + 1) * width * sizeof(*best));
    uint32_t *with = tt_arena_get(arena, (an + 1) * width * sizeof(*with));
    if (!best || !with) {
        return TT_E_MEMORY;
    }
    memset(best, 0, (an + 1) * width * sizeof(*best));
    for (size_t i = an; i-- > 0;) {
        for (size_t j = bn; j-- > 0;) {
            const struct tt_align_item *x = &gap->a[gap->a0 + i], *y = &gap->b[gap->b0 + j];
            uint32_t skip_a = best[(i + 1) * width + j], skip_b = best[i * width + j + 1];
            uint32_t skip = skip_a > skip_b ? skip_a : skip_b;
            uint32_t pair = 0;
            if (x->kind == y->kind) {
                pair = best[(i + 1) * width + j + 1] + PAIR_WORTH + tt_align_likeness(x->text, y->text);
            }
            with[i * width + j] = pair;
            best[i * width + j] = pair > skip ? pair : skip;
        }
    }
    for (size_t i = 0, j = 0; i < an && j < bn;) {
        if (with[i * width + j] > 0 && with[i * width + j] == best[i * width + j]) {
            partner[gap->b0 + j++] = gap->a0 + i++;
        } else if (best[(i + 1) * width + j] >= best[i * width + j + 1]) {
            i++;
        } else {
            j++;
        }
    }
    return TT_OK;
}

static enum tt_status
pair_gap(struct tt_arena *arena, const struct span *gap, size_t *partner)
{
    if (gap->a0 == gap->a1 || gap->b0 == gap->b1) {
        return TT_OK;
    }
    if (gap->a1 - gap->a0 > TT_ALIGN_GAP_MAX || gap->b1 - gap->b0 > TT_ALIGN_GAP_MAX) {
        pair_in_order(gap, partner);
        return TT_OK;
    }
    return pair_by_likeness(arena, gap, partner);
}

/* Pairs what is left between the items that have partners. */
static enum tt_status
pair_gaps(struct tt_arena *arena, const struct span *span, size_t *partner)
{
    struct span gap = *span;
    for (size_t j = span->b0; j < span->b1; j++) {
        if (partner[j] == TT_ALIGN_NONE) {
            continue;
        }
        gap.a1 = partner[j];
        gap.b1 = j;
        TT_TRY(pair_gap(arena, &gap, partner));
        gap.a0 = partner[j] + 1;
        gap.b0 = j + 1;
    }
    gap.a1 = span->a1;
    gap.b1 = span->b1;
    return pair_gap(arena, &gap, partner);
}

/* ---- all ---- */

enum tt_status
tt_align(struct tt_arena *arena, const struct tt_align_item *a, size_t an, const struct tt_align_item *b, size_t bn,
         size_t *partner)
{
    struct span span = {a, b, 0, an, 0, bn};
    bool found;
    if (an >= INT32_MAX / 2 || bn >= INT32_MAX / 2) {
        return TT_E_LIMIT;
    }
    for (size_t j = 0; j < bn; j++) {
        partner[j] = TT_ALIGN_NONE;
    }
    while (span.a0 < an && span.b0 < bn && is_equal(&a[span.a0], &b[span.b0])) {
        partner[span.b0++] = span.a0++;
    }
    while (span.a1 > span.a0 && span.b1 > span.b0 && is_equal(&a[span.a1 - 1], &b[span.b1 - 1])) {
        partner[--span.b1] = --span.a1;
    }
    TT_TRY(align_myers(arena, &span, partner, &found));
    if (!found) {
        TT_TRY(match_unique(arena, &span, partner));
        TT_TRY(keep_rising(arena, &span, partner));
    }
    return pair_gaps(arena, &span, partner);
}
