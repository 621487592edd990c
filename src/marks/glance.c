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
#define HOT inline __attribute__((always_inline)) /* what take_blocks is made of, once for each kind of processor */
#define AHEAD (3 * BITS) /* bytes behind a string that kernels may read, to be spared a copy of its end */

/* The text is no longer than what stands for it, and half as long at least, as there is no \u in it. */
#define RAW_MAX(text) (2 * (text))

/* Where the last of something were. */
struct numbers {
    size_t tails[TT_TAIL_LINES], words[TT_SPACING_RARER - 1], sentences[TT_SPACING_RARER - 1];
};

/* Gaps, first those of the sample that spacing.c takes; then as many as there are, unless the sample says that it is no use. */
struct gaps {
    uint64_t carry;
    bool sentences;     /* only those behind sentences */
    bool sampled, idle; /* the sample is complete; and no message can begin in it */
    bool lively;        /* of so many places in a row some are of the rarer form, as many as a text has */
    size_t max;         /* places of the sample */
    size_t places, twice, wide;
    size_t *last; /* numbers of the last places of two spaces */
};

struct glance {
    const struct tt_kernels *kernels;
    struct tt_arena *scratch;
    struct tt_str raw;
    size_t room;
    bool collected;                       /* there is something for the kernel of the channels, which has found nothing */
    struct tt_spacing_masks last;         /* of the block before */
    uint64_t within;                      /* bytes of the block in work that are of the string */
    size_t streak;                        /* characters of base64 right before the block */
    size_t with_tab, with_space, triples; /* lines that start so; three line feeds in a row */
    struct gaps words, sentences;
    bool spaces, tabs;         /* at line ends ... */
    size_t blanks, tails;      /* ... so many, of so many lines */
    size_t lines, *last_tails; /* line feeds since the first of them; at which of these the last were */
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

static HOT bool
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
static HOT uint64_t
below(size_t n)
{
    return n < BITS ? ((uint64_t) 1 << n) - 1 : ~(uint64_t) 0;
}

/* A bit where TT_TOKEN_RUN_MIN set bits begin. */
static HOT uint64_t
find_long(uint64_t bits)
{
    bits &= bits >> 1;
    bits &= bits >> 2;
    bits &= bits >> 4;
    bits &= bits >> 8;
    return bits & bits >> (TT_TOKEN_RUN_MIN - 16);
}

/* Is there a token among the runs that end in the block, at least one of which may be long enough? */
static bool
has_long_token(const struct glance *g, uint64_t base64, size_t at)
{
    size_t lead = (size_t) __builtin_ctzll(~base64), trail = (size_t) __builtin_clzll(~base64);
    if (g->streak + lead >= TT_TOKEN_RUN_MIN && tt_escape_is_token(g->raw, at - g->streak, at + lead)) {
        return true;
    }
    for (uint64_t found = find_long(base64 & ~below(lead) & below(BITS - trail)); found;) {
        size_t from = (size_t) __builtin_ctzll(found), to = from + (size_t) __builtin_ctzll(~(base64 >> from));
        if (tt_escape_is_token(g->raw, at + from, at + to)) {
            return true;
        }
        found &= ~below(to);
    }
    return false;
}

/* A run that goes on is left to the next block. */
static HOT bool
has_token(struct glance *g, uint64_t base64, size_t at)
{
    if (base64 == ~(uint64_t) 0) {
        g->streak += BITS;
        return false;
    }
    bool longer = g->streak + (size_t) __builtin_ctzll(~base64) >= TT_TOKEN_RUN_MIN || find_long(base64);
    bool found = longer && has_long_token(g, base64, at);
    g->streak = (size_t) __builtin_clzll(~base64);
    return found;
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
static HOT bool
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

static HOT void
count_starts(struct glance *g, const struct tt_string_block *b)
{
    uint64_t starts = b->feeds << 2 | b[-1].feeds >> (BITS - 2), second = b->feeds << 4 | b[-1].feeds >> (BITS - 4);
    g->with_space += tt_word_bits(starts & b->spaces);
    g->with_tab += tt_word_bits(starts & b->tabs);
    g->triples += tt_word_bits(starts & second & b->feeds);
}

static bool
can_start_lines(const struct glance *g)
{
    bool mixed = g->with_tab >= TT_LINE_START_SHARE && g->with_space >= TT_LINE_START_SHARE;
    return (mixed || g->triples >= TT_LINE_START_SHARE) && tt_line_start_may_say(g->scratch, g->kernels, g->raw);
}

static bool
is_mixed(const struct gaps *gaps, size_t places, size_t twice, size_t wide)
{
    size_t least = gaps->max / TT_SPACING_SHARE;
    return twice >= least && places - twice >= least && tt_spacing_is_text(wide, places);
}

/* The block that has come holds the last place of the sample. */
static void
end_sample(struct gaps *gaps, uint64_t places, uint64_t twice, uint64_t wide)
{
    uint64_t within = tt_spacing_up_to(places, gaps->max - gaps->places);
    gaps->sampled = true;
    gaps->idle = !is_mixed(gaps, gaps->max, gaps->twice + tt_word_bits(twice & within), gaps->wide + tt_word_bits(wide & within));
}

/* Places of two spaces are rare. */
static HOT void
number_twice(struct gaps *gaps, uint64_t places, uint64_t twice)
{
    for (; twice; twice &= twice - 1) {
        size_t number = gaps->places + tt_word_bits(places & below((size_t) __builtin_ctzll(twice)));
        size_t *last = &gaps->last[gaps->twice++ % (TT_SPACING_RARER - 1)];
        gaps->lively = gaps->lively || (gaps->twice >= TT_SPACING_RARER && number - *last < TT_SPACING_STRETCH);
        *last = number;
    }
}

static HOT void
count_gaps(struct gaps *gaps, const struct tt_spacing_masks *m, const struct tt_spacing_masks *last)
{
    uint64_t twice, wide, starts = tt_spacing_starts(m, last, gaps->sentences);
    if ((starts | gaps->carry) == 0 || gaps->idle) {
        return;
    }
    uint64_t places = tt_spacing_step(m, last, starts, &gaps->carry, &twice, &wide);
    size_t count = tt_word_bits(places);
    if (gaps->places + count >= gaps->max && !gaps->sampled) {
        end_sample(gaps, places, twice, wide);
    }
    number_twice(gaps, places, twice);
    gaps->places += count;
    gaps->wide += tt_word_bits(wide);
}

/* The gaps of a block.  An escape is visible, unless it stands for a blank. */
static HOT void
take_gaps(struct glance *g, const struct tt_string_block *b)
{
    uint64_t blank = b->feeds | b->tabs, blank_before = (b[-1].feeds | b[-1].tabs) >> (BITS - 1);
    const struct tt_spacing_masks m = {
        .space = b->spaces,
        .visible = g->within & ~(b->spaces | blank | blank << 1 | blank_before),
        .ends = b->ends,
    };
    count_gaps(&g->words, &m, &g->last);
    count_gaps(&g->sentences, &m, &g->last);
    g->last = m;
}

/* If there are few gaps in a long text, those of the sample are not known for certain. */
static bool
can_say(const struct glance *g, const struct gaps *gaps)
{
    bool enough = gaps->places < TT_SPACING_STRETCH ? gaps->places >= TT_SPACING_LEAST : gaps->lively;
    if (gaps->idle || !enough) {
        return false;
    }
    const struct tt_spacing_text text = {.text = g->raw, .kernels = g->kernels};
    bool mixed = gaps->sampled || g->raw.len > TT_SPACING_BYTES || is_mixed(gaps, gaps->places, gaps->twice, gaps->wide);
    return mixed && tt_spacing_may_say(g->scratch, &text, gaps->sentences);
}

/* ---- all ---- */

static bool
collects(struct glance *g)
{
    uint32_t found;
    size_t next;
    g->collected = true;
    return g->kernels->collect((const unsigned char *) g->raw.ptr, g->room, 0, g->raw.len, &found, 1, &next) > 0;
}

/* Does a channel wake?  Only for a date, of which two halves stand close, a control, or something beyond ASCII; few strings have any. */
static HOT bool
has_wakers(struct glance *g, const struct tt_string_block *b)
{
    uint64_t before = b[-1].halves, dates = b->halves & (b->halves << 2 | b->halves << 3 | before >> (BITS - 3));
    return (dates | b->more) && !g->collected && collects(g);
}

static HOT bool
take_block(struct glance *g, const struct tt_string_block *b, size_t at)
{
    if (b->others || has_wakers(g, b) || has_tails(g, b, at) || has_token(g, b->base64, at) || has_escapes(g, b, at)) {
        return false;
    }
    if (at < RAW_MAX(TT_LINE_START_GLANCE)) {
        count_starts(g, b);
    }
    if (!g->words.idle || !g->sentences.idle) {
        take_gaps(g, b);
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
    return !can_start_lines(g) && !can_say(g, &g->words) && !can_say(g, &g->sentences);
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

/* Leaves in the last block what is of the string, whose n bytes in it do not fill it. */
static void
cut_block(struct tt_string_block *b, uint64_t within)
{
    b->escapes &= within;
    b->feeds &= within;
    b->tabs &= within;
    b->backslashes &= within;
    b->others &= within;
    b->spaces &= within;
    b->ends &= within;
    b->signs &= within;
    b->base64 &= within;
    b->halves &= within;
    b->more &= within;
}

static HOT bool
take_blocks(struct glance *g)
{
    struct tt_string_block blocks[1 + CHUNK];
    size_t len = g->raw.len;
    uint64_t carry = 0;
    memset(&blocks[CHUNK], 0, sizeof(*blocks));
    for (size_t at = 0; at < len; at += CHUNK * BITS) {
        size_t count = (len - at + BITS - 1) / BITS;
        count = count < CHUNK ? count : CHUNK;
        blocks[0] = blocks[CHUNK];
        g->kernels->string_blocks((const unsigned char *) g->raw.ptr + at, g->room - at, count, &carry, &blocks[1]);
        for (size_t i = 0; i < count; i++) {
            size_t pos = at + i * BITS;
            if (len - pos < BITS) {
                g->within = below(len - pos);
                cut_block(&blocks[1 + i], g->within);
            }
            if (!take_block(g, &blocks[1 + i], pos)) {
                return false;
            }
        }
    }
    return true;
}

#ifdef __x86_64__

/* Half of the work is to count bits and to find the next: one instruction each, where the processor has it. */
__attribute__((target("bmi,bmi2,popcnt"))) static bool
take_fast(struct glance *g)
{
    return take_blocks(g);
}

#endif

static bool
take_any(struct glance *g)
{
#ifdef __x86_64__
    if (g->kernels->bits) {
        return take_fast(g);
    }
#endif
    return take_blocks(g);
}

enum tt_glance
tt_glance_at(const struct tt_kernels *kernels, struct tt_arena *scratch, struct tt_str raw, size_t room)
{
    if (raw.len > TT_WINDOW_SIZE) {
        return TT_GLANCE_PERHAPS; /* it is searched in parts */
    }
    room = room - raw.len < AHEAD ? room : raw.len + AHEAD;
    struct numbers numbers; /* not cleared: that would take as long as many a string */
    bool is_short = raw.len < TT_FIELD_LOOK_MIN;
    struct glance g = {
        .kernels = kernels,
        .scratch = scratch,
        .raw = raw,
        .room = room,
        .within = ~(uint64_t) 0,
        .words = {.idle = is_short, .max = TT_SPACING_WORDS, .last = numbers.words},
        .sentences = {.idle = is_short, .max = TT_SPACING_SENTENCES, .last = numbers.sentences, .sentences = true},
        .last_tails = numbers.tails,
    };
    return !take_any(&g) || !take_end(&g) ? TT_GLANCE_PERHAPS : may_hold(raw) ? TT_GLANCE_HOLDS : TT_GLANCE_NO;
}
