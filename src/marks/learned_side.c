/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparing the skeleton of a text with letters that are looked for; see learned_side.h.
 *
 * Input: valid UTF-8, or the inside of a JSON string.  Nothing is owned.  The work is bounded by the letters: between two of them a few characters
 * are passed over, and none at the end of a line.
 */
#include "marks/learned_side.h"

#include "text/char.h"

/* What was read: bytes of the skeleton, or one of these. */
enum { NOTHING = 0, LINE = -1, END = -2, HASH = -3 };

struct unit {
    int kind;
    char fold[TT_SKELETON_BYTES];
};

static size_t
fold_ascii(uint32_t cp, char *out)
{
    bool digit = tt_ascii_is_digit((int) cp);
    *out = digit ? '#' : (char) tt_ascii_lower((int) cp);
    return digit || tt_ascii_is_alpha((int) cp);
}

size_t
tt_skeleton_fold(uint32_t cp, char out[TT_SKELETON_BYTES])
{
    if (cp < 0x80) {
        return fold_ascii(cp, out);
    }
    uint32_t like = tt_char_ascii(cp);
    if (like != 0 && like < 0x80 && like != cp) {
        return fold_ascii(like, out);
    }
    if (tt_char(cp)->digit >= 0) {
        *out = '#';
        return 1;
    }
    return tt_char_is_letter(cp) ? tt_utf8_put(cp, out) : 0;
}

static void
read_rune(struct unit *unit, uint32_t cp)
{
    unit->kind = cp == '\n' || cp == '\r' ? LINE : cp == '#' ? HASH : (int) tt_skeleton_fold(cp, unit->fold);
}

static void
read_escape(struct unit *unit, char letter)
{
    unit->kind = letter == 'n' || letter == 'r' ? LINE : NOTHING;
}

static struct unit
next_unit(const struct tt_skeleton_text *t, size_t *pos)
{
    struct unit unit = {.kind = END};
    if (*pos >= t->text.len) {
        return unit;
    }
    if (t->escaped && t->text.ptr[*pos] == '\\' && *pos + 1 < t->text.len) {
        read_escape(&unit, t->text.ptr[*pos + 1]);
        *pos += 2;
        return unit;
    }
    struct tt_rune rune = tt_utf8_next(t->text, *pos);
    *pos += rune.len ? rune.len : 1;
    read_rune(&unit, rune.cp);
    return unit;
}

/* Is text[pos] the letter of an escape?  An escape begins at every other backslash of a row. */
static bool
is_escaped(struct tt_str text, size_t pos)
{
    size_t row = 0;
    while (row < pos && text.ptr[pos - 1 - row] == '\\') {
        row++;
    }
    return row % 2 == 1;
}

static struct unit
prev_unit(const struct tt_skeleton_text *t, size_t *pos)
{
    struct unit unit = {.kind = END};
    if (*pos == 0) {
        return unit;
    }
    if (t->escaped && is_escaped(t->text, *pos - 1)) {
        read_escape(&unit, t->text.ptr[*pos - 1]);
        *pos -= 2;
        return unit;
    }
    struct tt_rune rune = tt_utf8_prev(t->text, *pos);
    *pos -= rune.len ? rune.len : 1;
    read_rune(&unit, rune.cp);
    return unit;
}

/* A '#' of the skeleton is a digit, or the sign itself; elsewhere the sign is passed over. */
static void
read_hash(struct unit *unit, bool wanted)
{
    if (unit->kind == HASH) {
        unit->kind = wanted ? 1 : NOTHING;
        unit->fold[0] = '#';
    }
}

static bool
is_at_edge(int kind, bool open)
{
    return kind == LINE || (kind == END && open);
}

bool
tt_skeleton_forward(const struct tt_skeleton_text *t, size_t *pos, struct tt_str letters, bool edge, size_t between_max)
{
    size_t done = 0, last = *pos, between = 0;
    while (done < letters.len || edge) {
        struct unit unit = next_unit(t, pos);
        read_hash(&unit, done < letters.len && letters.ptr[done] == '#');
        if (done == letters.len && is_at_edge(unit.kind, t->ends)) {
            break;
        }
        if (unit.kind < 0 || (unit.kind == NOTHING && ++between > between_max)) {
            return false;
        }
        if (unit.kind > 0) {
            size_t n = (size_t) unit.kind;
            if (n > letters.len - done || memcmp(letters.ptr + done, unit.fold, n) != 0) {
                return false;
            }
            done += n;
            between = 0;
            last = *pos;
        }
    }
    *pos = last;
    return true;
}

bool
tt_skeleton_back(const struct tt_skeleton_text *t, size_t *pos, struct tt_str letters, bool edge, size_t between_max)
{
    size_t left = letters.len, last = *pos, between = 0;
    while (left > 0 || edge) {
        struct unit unit = prev_unit(t, pos);
        read_hash(&unit, left > 0 && letters.ptr[left - 1] == '#');
        if (left == 0 && is_at_edge(unit.kind, t->starts)) {
            break;
        }
        if (unit.kind < 0 || (unit.kind == NOTHING && ++between > between_max)) {
            return false;
        }
        if (unit.kind > 0) {
            size_t n = (size_t) unit.kind;
            if (n > left || memcmp(letters.ptr + left - n, unit.fold, n) != 0) {
                return false;
            }
            left -= n;
            between = 0;
            last = *pos;
        }
    }
    *pos = last;
    return true;
}
