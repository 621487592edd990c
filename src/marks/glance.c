/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A glance at a JSON string; see glance.h.
 *
 * Input: raw bytes, borrowed.  Output: a value.  A kernel gives masks, a bit a byte; here they are put together.  What is asked:
 *
 *  - the kernel of the channels finds nothing.  The letter of an escape can look like a neighbour that the text does not have, which costs
 *    a closer look and misses nothing; an escape that stands for more than a line feed, a tab, a quote or a backslash is looked at closely.
 *  - blanks at line ends, starts of lines, two spaces between words: as much as their channels ask for (blanks.h), or a bit less.
 *  - no escape of any form (text/escape.h) in the text, and no token.  A backslash of the text is two here.
 */
#include "marks/glance.h"

#include "base/limits.h"
#include "base/word.h"
#include "marks/blanks.h"
#include "text/char.h"
#include "text/escape.h"

#define CHUNK 32 /* blocks at once */
#define BITS TT_STRING_BLOCK

/* The text is no longer than what stands for it, and half as long at least, as there is no \u in it. */
#define RAW_MAX(text) (2 * (text))

/* The gaps at the beginning. */
struct gaps {
    struct tt_spacing_state state;
    size_t places, twice, wide;
};

struct glance {
    const struct tt_kernels *kernels;
    struct tt_arena *scratch;
    struct tt_str raw;
    size_t streak;            /* characters of base64 right before the block */
    size_t with_tab, triples; /* lines that start with a tab; three line feeds in a row */
    uint64_t with_space;      /* not zero: a line starts with a space */
    struct gaps words, sentences;
    bool spaces, tabs;                       /* at line ends ... */
    size_t blanks, tails;                    /* ... so many, of so many lines */
    size_t lines, last_tails[TT_TAIL_LINES]; /* line feeds since the first of them; at which of these the last were */
};

static unsigned char
byte_at(const struct glance *g, size_t pos)
{
    return pos < g->raw.len ? (unsigned char) g->raw.ptr[pos] : 0;
}

/* ---- escapes of the text ---- */

static bool
is_octal(int c)
{
    return c >= '0' && c <= '7';
}

/* Could an escape begin with the backslash of the text that is written at pos?  As tt_escape_read_backslash, which passes all of a row. */
static bool
begins_backslash(const struct glance *g, size_t pos)
{
    while (byte_at(g, pos) == '\\' && byte_at(g, pos + 1) == '\\') {
        pos += 2;
    }
    int first = byte_at(g, pos + 1), second = byte_at(g, pos + 2);
    switch (byte_at(g, pos)) {
    case 'u': return first == '{' || tt_ascii_hex(first) >= 0;
    case 'U': return tt_ascii_hex(first) >= 0;
    case 'x': return tt_ascii_hex(first) >= 0 && tt_ascii_hex(second) >= 0;
    case '0':
    case '3': return is_octal(first) && is_octal(second);
    default: return false;
    }
}

/* What follows most percent signs, ampersands and pluses in code makes no escape. */
static bool
begins_sign(const struct glance *g, size_t pos)
{
    int next = byte_at(g, pos + 1);
    bool maybe = byte_at(g, pos) == '%' ? tt_ascii_hex(next) >= 0 || next == 'u'
                                        : tt_ascii_is_alnum(next) || next == '#' || next == '/' || next == '+';
    return maybe && tt_escape_begins(g->raw, pos);
}

static bool
has_escapes(const struct glance *g, const struct tt_string_block *b, size_t at)
{
    for (uint64_t m = b->backslashes; m; m &= m - 1) {
        if (begins_backslash(g, at + (size_t) __builtin_ctzll(m))) {
            return true;
        }
    }
    for (uint64_t m = b->signs & ~(b->spaces >> 1); m; m &= m - 1) {
        if (begins_sign(g, at + (size_t) __builtin_ctzll(m))) {
            return true;
        }
    }
    return false;
}

/* ---- tokens ---- */

/* The bits below n, which is no more than all. */
static inline uint64_t
below(size_t n)
{
    return n < BITS ? ((uint64_t) 1 << n) - 1 : ~(uint64_t) 0;
}

/* A bit where TT_TOKEN_RUN_MIN set bits begin. */
static inline uint64_t
find_long(uint64_t bits)
{
    bits &= bits >> 1;
    bits &= bits >> 2;
    bits &= bits >> 4;
    bits &= bits >> 8;
    return bits & bits >> (TT_TOKEN_RUN_MIN - 16);
}

/* Is there a token among the runs that end in the block?  One that goes on is left to the next. */
static bool
has_token(struct glance *g, uint64_t base64, size_t at)
{
    size_t before = g->streak, lead = ~base64 ? (size_t) __builtin_ctzll(~base64) : BITS;
    if (lead == BITS) {
        g->streak += BITS;
        return false;
    }
    g->streak = (size_t) __builtin_clzll(~base64);
    if (before + lead >= TT_TOKEN_RUN_MIN && tt_escape_is_token(g->raw, at - before, at + lead)) {
        return true;
    }
    uint64_t inner = base64 & ~below(lead) & below(BITS - g->streak);
    for (uint64_t found = find_long(inner); found;) {
        size_t from = (size_t) __builtin_ctzll(found), to = from + (size_t) __builtin_ctzll(~(inner >> from));
        if (tt_escape_is_token(g->raw, at + from, at + to)) {
            return true;
        }
        found &= ~below(to);
    }
    return false;
}

/* ---- blanks ---- */

static bool
is_escape(const struct glance *g, size_t backslash)
{
    size_t from = backslash;
    while (from > 0 && g->raw.ptr[from - 1] == '\\') {
        from--;
    }
    return (backslash - from) % 2 == 0;
}

/* Counts the blanks before pos.  True when they belong to lines that could say something. */
static bool
take_tail(struct glance *g, size_t pos, size_t line)
{
    const char *p = g->raw.ptr;
    for (size_t n = 0; pos > 0 && n < TT_TAIL_MAX; n++, g->blanks++) {
        if (p[pos - 1] == ' ') {
            g->spaces = true;
            pos--;
        } else if (pos > 1 && p[pos - 1] == 't' && p[pos - 2] == '\\' && is_escape(g, pos - 2)) {
            g->tabs = true;
            pos -= 2;
        } else {
            break;
        }
    }
    size_t *last = &g->last_tails[g->tails++ % TT_TAIL_LINES];
    bool thick = g->tails > TT_TAIL_LINES && line - *last < TT_TAIL_STRETCH;
    *last = line;
    return thick || (g->spaces && g->tabs && g->blanks >= TT_TAIL_GROUPS);
}

/* b: a block, behind the one before it. */
static bool
has_tails(struct glance *g, const struct tt_string_block *b, size_t at)
{
    uint64_t blanks = (b->spaces << 1 | b[-1].spaces >> (BITS - 1)) | (b->tabs << 2 | b[-1].tabs >> (BITS - 2));
    for (uint64_t m = b->feeds & blanks; m; m &= m - 1) {
        size_t bit = (size_t) __builtin_ctzll(m);
        if (take_tail(g, at + bit, g->lines + tt_word_bits(b->feeds & below(bit)))) {
            return true;
        }
    }
    if (g->tails > 0) {
        g->lines += tt_word_bits(b->feeds);
    }
    return false;
}

static void
count_starts(struct glance *g, const struct tt_string_block *b)
{
    uint64_t starts = b->feeds << 2 | b[-1].feeds >> (BITS - 2), second = b->feeds << 4 | b[-1].feeds >> (BITS - 4);
    g->with_space |= starts & b->spaces;
    g->with_tab += tt_word_bits(starts & b->tabs);
    g->triples += tt_word_bits(starts & second & b->feeds);
}

static bool
can_start_lines(const struct glance *g)
{
    return (g->with_tab >= TT_LINE_START_SHARE && g->with_space) || g->triples >= TT_LINE_START_SHARE;
}

static void
count_gaps(struct gaps *gaps, const struct tt_spacing_masks *m, bool sentences, size_t max)
{
    uint64_t twice;
    if (gaps->places < max) {
        gaps->places += tt_word_bits(tt_spacing_step(&gaps->state, m, sentences, max - gaps->places, &gaps->wide, &twice));
        gaps->twice += tt_word_bits(twice);
    }
}

/* The gaps of a block at at.  An escape is visible, unless it stands for a blank. */
static void
take_gaps(struct glance *g, const struct tt_string_block *b, size_t at)
{
    uint64_t blank = b->feeds | b->tabs, blank_before = (b[-1].feeds | b[-1].tabs) >> (BITS - 1);
    const struct tt_spacing_masks m = {
        .space = b->spaces,
        .visible = below(g->raw.len - at) & ~(b->spaces | blank | blank << 1 | blank_before),
        .ends = b->ends,
    };
    count_gaps(&g->words, &m, false, TT_SPACING_WORDS);
    count_gaps(&g->sentences, &m, true, TT_SPACING_SENTENCES);
}

/* Are there enough of both forms?  If there are few gaps in a long text, those that are counted need not be all that count. */
static bool
is_mixed(const struct glance *g, const struct gaps *gaps, size_t max)
{
    size_t least = max / TT_SPACING_SHARE;
    bool all = gaps->places == max || g->raw.len <= TT_SPACING_BYTES;
    return gaps->twice >= least &&
           (!all || (tt_spacing_is_text(gaps->wide, gaps->places) && gaps->places - gaps->twice >= least));
}

static bool
can_space(const struct glance *g)
{
    const struct tt_spacing_text text = {.text = g->raw, .kernels = g->kernels};
    return (is_mixed(g, &g->words, TT_SPACING_WORDS) && tt_spacing_may_say(g->scratch, &text, false)) ||
           (is_mixed(g, &g->sentences, TT_SPACING_SENTENCES) && tt_spacing_may_say(g->scratch, &text, true));
}

/* ---- all ---- */

static bool
take_block(struct glance *g, const struct tt_string_block *b, size_t at)
{
    if (b->others || has_tails(g, b, at) || has_token(g, b->base64, at) || has_escapes(g, b, at)) {
        return false;
    }
    if (at < RAW_MAX(TT_LINE_START_GLANCE)) {
        count_starts(g, b);
    }
    if (at < RAW_MAX(TT_SPACING_BYTES)) {
        take_gaps(g, b, at);
    }
    return true;
}

/* What a run at the end, a last line without a line feed, and the counts of the whole say. */
static bool
take_end(struct glance *g)
{
    size_t len = g->raw.len;
    if (g->streak >= TT_TOKEN_RUN_MIN && tt_escape_is_token(g->raw, len - g->streak, len)) {
        return false;
    }
    size_t blanks = g->blanks;
    if (g->tails > 0 && take_tail(g, len, g->lines) && g->blanks > blanks) {
        return false;
    }
    return !can_start_lines(g) && !can_space(g);
}

/* Does the text begin as a document in JSON or a stream of events does? */
static bool
may_hold(struct tt_str raw)
{
    size_t pos = 0;
    while (pos < raw.len && (raw.ptr[pos] == ' ' || raw.ptr[pos] == '\\')) {
        pos += raw.ptr[pos] == ' ' ? 1 : 2;
    }
    struct tt_str text = tt_str_slice(raw, pos, raw.len);
    return tt_str_starts(text, TT_STR("{")) || tt_str_starts(text, TT_STR(":")) || tt_str_starts(text, TT_STR("data:")) ||
           tt_str_starts(text, TT_STR("event:"));
}

enum tt_glance
tt_glance_at(const struct tt_kernels *kernels, struct tt_arena *scratch, struct tt_str raw)
{
    struct glance g = {.kernels = kernels, .scratch = scratch, .raw = raw};
    struct tt_string_block blocks[1 + CHUNK];
    const unsigned char *p = (const unsigned char *) raw.ptr;
    uint64_t carry = 0;
    uint32_t found;
    size_t next;
    if (raw.len > TT_WINDOW_SIZE || kernels->collect(p, raw.len, 0, raw.len, &found, 1, &next) > 0) {
        return TT_GLANCE_PERHAPS; /* what is longer is searched in parts */
    }
    memset(&blocks[CHUNK], 0, sizeof(*blocks));
    for (size_t at = 0; at < raw.len; at += CHUNK * BITS) {
        blocks[0] = blocks[CHUNK];
        kernels->string_blocks(p + at, raw.len - at, CHUNK, &carry, &blocks[1]);
        for (size_t i = 0; i < CHUNK && at + i * BITS < raw.len; i++) {
            if (!take_block(&g, &blocks[1 + i], at + i * BITS)) {
                return TT_GLANCE_PERHAPS;
            }
        }
    }
    return !take_end(&g) ? TT_GLANCE_PERHAPS : may_hold(raw) ? TT_GLANCE_HOLDS : TT_GLANCE_NO;
}
