/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joined emoji (UTS #51): what stands on both sides of a zero width joiner, and whether Unicode lists it.
 *
 * Input: a text and the place of a joiner.  Nothing is allocated; every walk is bounded by CHAIN_MAX.
 */
#include "marks/judge.h"

#include "text/sequence.h"

#define ZWJ 0x200D
#define CHAIN_MAX 8 /* emoji that are looked at on each side of a joiner; listed chains are shorter */

/* Start of the emoji that ends at end: base, then an optional skin tone or presentation selector.  end when there is none. */
static size_t
emoji_start(struct tt_str text, size_t end)
{
    size_t pos = end;
    struct tt_rune rune = tt_utf8_prev(text, pos);
    for (int i = 0; i < 2 && (rune.cp == 0xFE0F || tt_char_is(rune.cp, TT_CHAR_MODIFIER)); i++) {
        pos -= rune.len;
        rune = tt_utf8_prev(text, pos);
    }
    bool base = rune.len > 0 && tt_char_is(rune.cp, TT_CHAR_PICTOGRAPH) && !tt_char_is(rune.cp, TT_CHAR_MODIFIER);
    return base ? pos - rune.len : end;
}

static size_t
emoji_end(struct tt_str text, size_t start)
{
    struct tt_rune rune = tt_utf8_next(text, start);
    if (rune.len == 0 || !tt_char_is(rune.cp, TT_CHAR_PICTOGRAPH) || tt_char_is(rune.cp, TT_CHAR_MODIFIER)) {
        return start;
    }
    size_t pos = start + rune.len;
    rune = tt_utf8_next(text, pos);
    for (int i = 0; i < 2 && (rune.cp == 0xFE0F || tt_char_is(rune.cp, TT_CHAR_MODIFIER)); i++) {
        pos += rune.len;
        rune = tt_utf8_next(text, pos);
    }
    return pos;
}

/* First byte of the chain of joined emoji whose one joiner stands at pos; pos when no emoji stands before it. */
static size_t
chain_start(struct tt_str text, size_t pos)
{
    size_t start = emoji_start(text, pos);
    for (int i = 0; i < CHAIN_MAX && start < pos; i++) {
        struct tt_rune joiner = tt_utf8_prev(text, start);
        size_t further = joiner.cp == ZWJ ? emoji_start(text, start - joiner.len) : start;
        if (joiner.cp != ZWJ || further == start - joiner.len) {
            break;
        }
        start = further;
    }
    return start;
}

/* End of the chain; pos when no emoji follows the joiner that ends at pos. */
static size_t
chain_end(struct tt_str text, size_t pos)
{
    size_t end = emoji_end(text, pos);
    for (int i = 0; i < CHAIN_MAX && end > pos; i++) {
        struct tt_rune joiner = tt_utf8_next(text, end);
        size_t further = joiner.cp == ZWJ ? emoji_end(text, end + joiner.len) : end;
        if (joiner.cp != ZWJ || further == end + joiner.len) {
            break;
        }
        end = further;
    }
    return end;
}

/* Does the sequence end in an arrow, which turns the picture before it?  Lists of Unicode 15.1 and later have them. */
static bool
has_direction(const uint32_t *cps, size_t n)
{
    const uint32_t right = 0x27A1, sideways = 0x2194, upright = 0x2195;
    return n >= 4 && cps[n - 1] == 0xFE0F && cps[n - 3] == ZWJ &&
           (cps[n - 2] == right || cps[n - 2] == sideways || cps[n - 2] == upright);
}

enum tt_emoji_kind
tt_judge_emoji_joiner(struct tt_str text, size_t pos)
{
    uint32_t cps[2 * TT_EMOJI_SEQUENCE_MAX];
    size_t n = 0;
    size_t after = pos + tt_utf8_next(text, pos).len;
    size_t start = chain_start(text, pos);
    size_t end = chain_end(text, after);
    if (start == pos || end == after) {
        return TT_EMOJI_NONE;
    }
    for (size_t at = start; at < end;) {
        struct tt_rune rune = tt_utf8_next(text, at);
        if (n == TT_RUN_COUNT(cps)) {
            return TT_EMOJI_NONE; /* no emoji is so long */
        }
        cps[n++] = rune.cp;
        at += rune.len;
    }
    return tt_emoji_is_rgi(cps, n) || has_direction(cps, n) ? TT_EMOJI_LISTED : TT_EMOJI_UNLISTED;
}

bool
tt_judge_ends_cut_chain(struct tt_str text, size_t pos, uint32_t after)
{
    size_t start = emoji_start(text, pos);
    return start < pos && chain_start(text, pos) < start && !tt_char_is(after, TT_CHAR_PICTOGRAPH);
}
