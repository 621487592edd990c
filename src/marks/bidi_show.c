/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order in which a line with controls of direction is shown: UAX #9 for text without right-to-left scripts.
 *
 * Input: one line.  Output: its characters in the order of the screen, controls left out.  Where no character is of a
 * right-to-left script, only the controls move anything, and many rules of the algorithm have nothing to do.  X1-X10 give the
 * levels and the sequences, W4-W7 the kinds of digits and the signs beside them, N1-N2 those of other signs, I1-I2 and L1-L2 the
 * order.  Pairs of brackets (N0) are treated like other signs, and nothing is mirrored (L4), so that the reader finds the
 * characters of the file.  All state is on the stack; a line of more than POINTS_MAX characters is not shown.
 */
#include "marks/bidi_pairs.h"

#define POINTS_MAX 512
#define STACK_MAX 64 /* nested controls; a line with more is not shown */
#define NO_MATE 0xFFFF

enum type { LEFT, RIGHT, DIGIT, SIGN };

struct point {
    uint32_t cp; /* 0: an isolate or its end, which counts as a sign and is not shown */
    uint16_t mate;
    uint8_t level, type;
    bool opens, seen;
};

struct state {
    uint8_t level, override; /* enum type; SIGN is no override */
    bool isolate;
    uint16_t at; /* of the isolate in points */
};

struct reading {
    struct state stack[STACK_MAX];
    size_t depth;
    struct point points[POINTS_MAX];
    size_t count;
    uint16_t sequence[POINTS_MAX]; /* X10: of points */
    size_t length;
};

static uint8_t
type_of(uint32_t cp)
{
    if (tt_char(cp)->digit >= 0) {
        return cp < 0x80 ? DIGIT : LEFT;
    }
    return tt_char_is_letter(cp) || tt_char_is_mark(cp) ? LEFT : SIGN;
}

static bool
add_point(struct reading *r, uint32_t cp, bool opens)
{
    const struct state *top = &r->stack[r->depth - 1];
    if (r->count == POINTS_MAX) {
        return false;
    }
    uint8_t type = top->override != SIGN ? top->override : cp ? type_of(cp) : SIGN;
    r->points[r->count++] = (struct point) {.cp = cp, .mate = NO_MATE, .level = top->level, .type = type, .opens = opens};
    return true;
}

static bool
push(struct reading *r, uint32_t cp)
{
    bool isolate = tt_bidi_is_isolate(cp);
    bool right = cp == TT_RLE || cp == TT_RLO || cp == TT_RLI;
    uint8_t level = r->stack[r->depth - 1].level;
    if (r->depth == STACK_MAX || (isolate && !add_point(r, 0, true))) {
        return false;
    }
    r->stack[r->depth++] = (struct state) {
        .level = (uint8_t) (right ? (level + 1) | 1 : (level + 2) & ~1),
        .override = cp == TT_RLO   ? RIGHT
                    : cp == TT_LRO ? LEFT
                                   : SIGN,
        .isolate = isolate,
        .at = (uint16_t) (r->count - isolate),
    };
    return true;
}

/* PDF closes an embedding of this isolate; PDI the isolate with all that is open in it. */
static bool
pop(struct reading *r, uint32_t cp)
{
    size_t depth = r->depth - 1;
    if (cp == TT_PDF) {
        r->depth -= depth > 0 && !r->stack[depth].isolate;
        return true;
    }
    while (depth > 0 && !r->stack[depth].isolate) {
        depth--;
    }
    if (depth > 0) {
        r->depth = depth;
        r->points[r->stack[depth].at].mate = (uint16_t) r->count;
    }
    return add_point(r, 0, false);
}

static bool
read_rune(struct reading *r, uint32_t cp)
{
    if (tt_bidi_is_embedding(cp) || tt_bidi_is_isolate(cp)) {
        return push(r, cp);
    }
    if (cp == TT_PDF || cp == TT_PDI) {
        return pop(r, cp);
    }
    if (tt_char_is(cp, TT_CHAR_IGNORABLE)) {
        return true; /* nothing to see; what a mark of direction does to the signs beside it is left out */
    }
    return !tt_char_is(cp, TT_CHAR_RTL) && add_point(r, cp, false);
}

/* X10: points of one level that follow each other when the insides of isolates are taken out. */
static void
follow(struct reading *r, size_t first)
{
    r->length = 0;
    for (size_t at = first; at < r->count && r->points[at].level == r->points[first].level;) {
        struct point *p = &r->points[at];
        p->seen = true;
        r->sequence[r->length++] = (uint16_t) at;
        if (p->opens && p->mate == NO_MATE) {
            return;
        }
        at = p->opens ? p->mate : at + 1;
    }
}

static struct point *
nth(struct reading *r, size_t i)
{
    return &r->points[r->sequence[i]];
}

/* Direction of the higher of the sequence's level and that of what stands beside it. */
static uint8_t
border(const struct reading *r, uint8_t level, size_t beside)
{
    uint8_t other = beside < r->count ? r->points[beside].level : 0;
    return (other > level ? other : level) % 2 ? RIGHT : LEFT;
}

static bool
is_among(const struct point *p, const char *signs)
{
    return p->type == SIGN && p->cp && p->cp < 0x80 && strchr(signs, (int) p->cp);
}

/* W4, W5: signs between and beside digits. */
static void
resolve_number_signs(struct reading *r)
{
    for (size_t i = 1; i + 1 < r->length; i++) {
        if (is_among(nth(r, i), "+-,./:") && nth(r, i - 1)->type == DIGIT && nth(r, i + 1)->type == DIGIT) {
            nth(r, i)->type = DIGIT;
        }
    }
    for (size_t i = 1; i < r->length; i++) {
        if (is_among(nth(r, i), "#$%") && nth(r, i - 1)->type == DIGIT) {
            nth(r, i)->type = DIGIT;
        }
    }
    for (size_t i = r->length; i > 1; i--) {
        if (is_among(nth(r, i - 2), "#$%") && nth(r, i - 1)->type == DIGIT) {
            nth(r, i - 2)->type = DIGIT;
        }
    }
}

/* W7: a digit behind a letter goes with it. */
static void
resolve_digits(struct reading *r, uint8_t before)
{
    for (size_t i = 0; i < r->length; i++) {
        struct point *p = nth(r, i);
        if (p->type == DIGIT && before == LEFT) {
            p->type = LEFT;
        }
        before = p->type == LEFT || p->type == RIGHT ? p->type : before;
    }
}

/* N1, N2: signs between two of one direction take it, others that of the level.  A digit counts as right to left here. */
static void
resolve_signs(struct reading *r, uint8_t before, uint8_t after, uint8_t own)
{
    for (size_t i = 0; i < r->length;) {
        size_t end = i;
        while (end < r->length && nth(r, end)->type == SIGN) {
            end++;
        }
        uint8_t next = end == r->length ? after : nth(r, end)->type == DIGIT ? RIGHT : nth(r, end)->type;
        for (; i < end; i++) {
            nth(r, i)->type = before == next ? before : own;
        }
        before = next;
        i++;
    }
}

/* I1, I2 */
static void
resolve_levels(struct reading *r)
{
    for (size_t i = 0; i < r->length; i++) {
        struct point *p = nth(r, i);
        bool odd = p->level % 2;
        unsigned add = odd ? p->type != RIGHT : p->type == RIGHT ? 1 : p->type == DIGIT ? 2 : 0;
        p->type = (uint8_t) add; /* the level itself is still needed for the borders of others */
    }
}

static void
resolve(struct reading *r, size_t first)
{
    uint8_t level = r->points[first].level;
    follow(r, first);
    const struct point *last = nth(r, r->length - 1);
    size_t behind = last->opens && last->mate == NO_MATE ? r->count : (size_t) (last - r->points) + 1;
    uint8_t before = border(r, level, first > 0 ? first - 1 : r->count);
    uint8_t after = border(r, level, behind);
    resolve_number_signs(r);
    resolve_digits(r, before);
    resolve_signs(r, before, after, level % 2 ? RIGHT : LEFT);
    resolve_levels(r);
}

static void
reverse(struct point *points, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct point point = points[i];
        points[i] = points[count - 1 - i];
        points[count - 1 - i] = point;
    }
}

/* L1 for the end of the line; L2: from the highest level down, reverse every stretch at or over it. */
static void
reorder(struct reading *r)
{
    for (size_t i = 0; i < r->count; i++) {
        r->points[i].level = (uint8_t) (r->points[i].level + r->points[i].type);
    }
    for (size_t i = r->count; i > 0 && (!r->points[i - 1].cp || tt_char_is(r->points[i - 1].cp, TT_CHAR_SPACE)); i--) {
        r->points[i - 1].level = 0;
    }
    for (unsigned level = 2 * STACK_MAX + 2; level > 0; level--) {
        for (size_t i = 0; i < r->count; i++) {
            size_t end = i;
            while (end < r->count && r->points[end].level >= level) {
                end++;
            }
            reverse(r->points + i, end - i);
            i = end;
        }
    }
}

bool
tt_bidi_show(struct tt_str line, struct tt_buf *out)
{
    struct reading r;
    r.stack[0] = (struct state) {.override = SIGN};
    r.depth = 1;
    r.count = 0;
    for (size_t pos = 0; pos < line.len;) {
        struct tt_rune rune = tt_utf8_next(line, pos);
        if (rune.len == 0 || !read_rune(&r, rune.cp)) {
            return false;
        }
        pos += rune.len;
    }
    for (size_t i = 0; i < r.count; i++) {
        if (!r.points[i].seen) {
            resolve(&r, i);
        }
    }
    reorder(&r);
    for (size_t i = 0; i < r.count; i++) {
        char utf8[4];
        if (r.points[i].cp) {
            tt_buf_add(out, tt_str_make(utf8, tt_utf8_put(r.points[i].cp, utf8)));
        }
    }
    return true;
}
