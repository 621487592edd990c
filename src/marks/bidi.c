/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Controls of direction: marks (U+061C 200E 200F), embeddings and overrides (202A-202E), isolates (2066-2069), and the
 * deprecated 206A-206F.
 *
 * Legitimate are pairs that are closed in their paragraph (UAX #9), and marks where something runs from right to left.  Files
 * of chat programs and dates copied from a window hold marks where nothing does; they are unusual.  Overrides, open pairs,
 * repeated marks and controls inside a name break a rule.  A run that also holds zero-width characters is left to their
 * channel.
 */
#include "marks/bidi_pairs.h"
#include "marks/channels.h"
#include "marks/code.h"
#include "marks/context.h"
#include "marks/judge.h"

#define NEAR_BYTES 512 /* how far away text from right to left may be */
#define LONG_RUN 8     /* no text needs so many controls in a row */
#define TYPED_RUN 3    /* so many equal marks in a row are typing noise where text runs from right to left */
#define CROWD 8        /* marks between words of one line */

static bool
is_mark(uint32_t cp)
{
    return cp == 0x200E || cp == 0x200F || cp == 0x061C;
}

static bool
is_control(uint32_t cp)
{
    return (cp >= TT_LRE && cp <= TT_RLO) || (cp >= TT_LRI && cp <= TT_PDI);
}

/* Does it run from right to left, by itself and not because a control says so? */
static bool
is_rtl(uint32_t cp)
{
    const struct tt_char *c = tt_char(cp);
    bool sign = cp >= 0x0590 && cp <= 0x08FF && c->category >= TT_PC; /* the comma and the percent sign of Arabic, the maqaf */
    return !(c->flags & TT_CHAR_BIDI) && (c->flags & TT_CHAR_RTL || sign);
}

/* May a character of a right-to-left script begin with this byte?  They are U+0590-08FF, FB1D-FEFC, 10800-10FFF, 1E800-1EFFF. */
static bool
is_rtl_lead(unsigned char byte)
{
    return (byte >= 0xD6 && byte <= 0xE0) || byte == 0xEF || byte == 0xF0;
}

/* Is one of these in from..to?  from may lie inside a character.  ASCII, the common case, is skipped by eights. */
static bool
holds_rtl(struct tt_str text, size_t from, size_t to)
{
    while (from < to) {
        uint64_t eight;
        if (to - from >= sizeof(eight)) {
            memcpy(&eight, text.ptr + from, sizeof(eight));
            if (!(eight & 0x8080808080808080)) {
                from += sizeof(eight);
                continue;
            }
        }
        if (is_rtl_lead((unsigned char) text.ptr[from]) && is_rtl(tt_utf8_next(text, from).cp)) {
            return true;
        }
        from++;
    }
    return false;
}

/* Is there a character of a right-to-left script near from..to?  Beyond the paragraph too: a page is written in one language. */
static bool
is_near_rtl(struct tt_str text, size_t from, size_t to)
{
    size_t first = from > NEAR_BYTES ? from - NEAR_BYTES : 0;
    size_t last = text.len - to > NEAR_BYTES ? to + NEAR_BYTES : text.len;
    return holds_rtl(text, first, from) || holds_rtl(text, to, last);
}

static bool
is_name_letter(uint32_t cp)
{
    return cp == '_' || (cp < 0x80 && tt_ascii_is_alpha((int) cp));
}

static bool
is_blank(uint32_t cp)
{
    return cp == 0 || cp < ' ' || tt_char_is(cp, TT_CHAR_SPACE);
}

static bool
is_word_part(uint32_t cp)
{
    return tt_char_is_letter(cp) || tt_char_is_mark(cp) || tt_char(cp)->digit >= 0;
}

static struct tt_verdict
verdict(enum tt_judgement judgement, const char *why)
{
    return (struct tt_verdict) {.judgement = judgement, .why = why};
}

#define LEGITIMATE verdict(TT_JUDGE_LEGITIMATE, "")

/* ---- marks ---- */

struct census {
    size_t marks, deprecated;
    bool repeated; /* a mark directly behind the same mark */
};

static struct census
count_run(struct tt_str text, const struct tt_run *run)
{
    struct census census = {0};
    uint32_t before = 0;
    for (size_t pos = run->from; pos < run->to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        census.marks += is_mark(rune.cp);
        census.deprecated += rune.cp >= 0x206A && rune.cp <= 0x206F;
        census.repeated = census.repeated || (is_mark(rune.cp) && rune.cp == before);
        before = rune.cp;
        pos += rune.len;
    }
    return census;
}

/* Dates that programs put together part by part have a mark before each number or word, or around each. */
static bool
is_in_date(struct tt_str text, const struct tt_run *run, uint32_t left)
{
    struct tt_span line = tt_context_line(text, run->from);
    size_t numbers = 0;
    if (!is_blank(left) && tt_char(left)->digit < 0 && left != '/') {
        return false;
    }
    for (size_t pos = line.from; pos < line.to && numbers < 2;) {
        if ((unsigned char) text.ptr[pos] < 0x80) {
            pos++;
            continue;
        }
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (rune.len == 0) {
            break;
        }
        pos += rune.len;
        numbers += is_mark(rune.cp) && tt_char(tt_utf8_next(text, pos).cp)->digit >= 0;
    }
    return numbers >= 2;
}

#define SIGNS_MAX 32 /* bytes */

/*
 * Is the run in a string of its own that holds signs and no letter?  The data of locales have such ones for languages that run from right to left, as for
 * the plus sign, and patterns for numbers, whose digits are zeros, and for dates, whose letters stand for fields and are repeated.
 */
static bool
is_in_sign(const struct tt_field *field)
{
    if (!field->in_json || !field->at_start || !field->at_end || field->text.len > SIGNS_MAX) {
        return false;
    }
    size_t signs = 0, words = 0, changes = 0;
    uint32_t last = 0;
    for (size_t pos = 0; pos < field->text.len;) {
        struct tt_rune rune = tt_utf8_next(field->text, pos);
        bool field_letter = rune.cp < 0x80 && rune.cp && strchr("GyMdEHhmsaSzkKcLQqYuv", (int) rune.cp);
        if (rune.len == 0 || (tt_char_is_letter(rune.cp) && !field_letter) || tt_char(rune.cp)->digit > 0) {
            return false;
        }
        words += field_letter && rune.cp == last;
        changes += field_letter && last < 0x80 && tt_ascii_is_alpha((int) last) && rune.cp != last;
        last = rune.cp;
        signs += !is_mark(rune.cp);
        pos += rune.len;
    }
    return signs > 0 && changes <= words;
}

/* Marks where nothing runs from right to left. */
static struct tt_verdict
judge_needless(struct tt_str text, const struct tt_run *run, const struct census *census, uint32_t left, uint32_t right)
{
    if (census->repeated) {
        return verdict(TT_JUDGE_BROKEN, "repeated where nothing runs from right to left");
    }
    if (census->marks > TYPED_RUN) {
        return verdict(TT_JUDGE_BROKEN, "in a row where nothing runs from right to left");
    }
    if (tt_char_is_letter(left) && tt_char_is_letter(right)) {
        return verdict(TT_JUDGE_BROKEN, "inside a word");
    }
    if (is_in_date(text, run, left)) {
        return verdict(TT_JUDGE_HABIT, "in a date, where nothing runs from right to left");
    }
    bool inside = !is_blank(left) && !is_blank(right) && left < 0x80 && right < 0x80;
    enum tt_code code = inside ? tt_code_at(text, run->from, run->to) : TT_CODE_NONE;
    if (code != TT_CODE_NONE) {
        return verdict(TT_JUDGE_BROKEN, tt_code_where(code));
    }
    return verdict(TT_JUDGE_UNUSUAL, "where nothing runs from right to left");
}

static struct tt_verdict
judge_marks(struct tt_str text, const struct tt_run *run, const struct census *census)
{
    uint32_t left = tt_utf8_prev(text, run->from).cp;
    uint32_t right = tt_utf8_next(text, run->to).cp;
    if (is_name_letter(left) && is_name_letter(right)) {
        return verdict(TT_JUDGE_BROKEN, "inside a name or word");
    }
    bool beside = is_rtl(left) || is_rtl(right);
    if (!beside && !is_near_rtl(text, run->from, run->to)) {
        return judge_needless(text, run, census, left, right);
    }
    if (census->repeated) {
        return census->marks > TYPED_RUN ? verdict(TT_JUDGE_BROKEN, "repeated, which changes nothing")
                                         : verdict(TT_JUDGE_HABIT, "repeated, as happens while typing");
    }
    bool inside = is_rtl(left) && is_rtl(right) && is_word_part(left) && is_word_part(right);
    return inside ? verdict(TT_JUDGE_UNUSUAL, "inside a word, where it changes little") : LEGITIMATE;
}

/* Is the run part of a longer one that the zero-width channel reports? */
static bool
is_left_to_zero_width(const struct tt_field *field, const struct tt_run *run)
{
    const uint32_t flags = TT_CHAR_ZERO_WIDTH | TT_CHAR_INVISIBLE;
    bool beside =
        tt_char_is(tt_utf8_prev(field->text, run->from).cp, flags) || tt_char_is(tt_utf8_next(field->text, run->to).cp, flags);
    if (!beside) {
        return false;
    }
    struct tt_run whole = tt_run_at(field, run->from, flags);
    return tt_judge_zero_width(field, &whole).judgement >= TT_JUDGE_UNUSUAL;
}

/* As everybody would judge it who does not know that the text is about such characters. */
static struct tt_verdict
judge_unquoted(const struct tt_field *field, const struct tt_run *run)
{
    struct census census = count_run(field->text, run);
    bool plain = census.marks == run->count && !census.repeated;
    if (is_left_to_zero_width(field, run) || (plain && is_in_sign(field))) {
        return LEGITIMATE;
    }
    if (run->count >= LONG_RUN) {
        return verdict(TT_JUDGE_BROKEN, "in a row, which no text needs");
    }
    if (census.deprecated > 0) {
        bool near = is_near_rtl(field->text, run->from, run->to);
        return verdict(near ? TT_JUDGE_UNUSUAL : TT_JUDGE_BROKEN, "which Unicode deprecates");
    }
    return census.marks > 0 ? judge_marks(field->text, run, &census) : LEGITIMATE;
}

/* Low verdicts stand without a look at tables about characters, which takes long; visit() looks before it reports one. */
static struct tt_verdict
judge(const struct tt_field *field, const struct tt_run *run)
{
    struct tt_verdict plain = judge_unquoted(field, run);
    return plain.judgement == TT_JUDGE_BROKEN ? tt_run_unless_shown(field, run, plain) : plain;
}

static const struct tt_run_kind kind = {
    .flags = TT_CHAR_BIDI,
    .alone = 8,
    .together = 16,
    .noun = "controls of direction",
    .judge = judge,
};

/* A mark between a word and a blank, or inside a word; chat programs put theirs at the starts of lines and beside signs. */
static bool
is_site(const struct tt_field *field, const struct tt_run *run)
{
    uint32_t left = tt_utf8_prev(field->text, run->from).cp;
    uint32_t right = tt_utf8_next(field->text, run->to).cp;
    bool between =
        (tt_char_is_letter(left) && (right == ' ' || tt_char_is_letter(right))) || (left == ' ' && tt_char_is_letter(right));
    return between && judge(field, run).judgement >= TT_JUDGE_UNUSUAL;
}

static const struct tt_crowd crowd = {TT_CHAR_BIDI, is_site, CROWD, "between the words of one line"};

/* ---- embeddings, overrides, isolates ---- */

/* A label that a window shows: Windows copies a path, address books a number, with the opening control and not the closing one. */
static bool
is_copied_label(struct tt_str text, size_t pos)
{
    struct tt_str rest = tt_str_slice(text, pos, text.len);
    if (rest.len == 0) {
        return false;
    }
    unsigned char first = (unsigned char) rest.ptr[0];
    bool drive = tt_ascii_is_alpha(first) && rest.len > 1 && rest.ptr[1] == ':';
    return drive || tt_ascii_is_digit(first) || first == '+' || first == '\\' || first == '/' || first == '~';
}

/* Does text from left to right, between from and to, hold more than one word? */
static bool
holds_words(struct tt_str text, size_t from, size_t to)
{
    return memchr(text.ptr + from, ' ', to - from) != NULL;
}

static bool
holds_controls(struct tt_str text, size_t from, size_t to)
{
    for (size_t pos = from; pos < to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (rune.len == 0 || tt_char_is(rune.cp, TT_CHAR_BIDI)) {
            return rune.len > 0;
        }
        pos += rune.len;
    }
    return false;
}

static bool
is_in_source(struct tt_str text, size_t pos)
{
    struct tt_span line = tt_context_line(text, pos);
    return tt_code_is_line(tt_str_slice(text, line.from, line.to));
}

/* The first position from from on at which neither a blank nor a control of direction stands. */
static size_t
skip_blanks(struct tt_str text, size_t from, size_t to)
{
    while (from < to) {
        struct tt_rune rune = tt_utf8_next(text, from);
        if (!tt_char_is(rune.cp, TT_CHAR_SPACE | TT_CHAR_BIDI)) {
            break;
        }
        from += rune.len;
    }
    return from;
}

/*
 * Translators open an embedding and let the paragraph close it.  Nothing is hidden when what follows, up to to, runs as the
 * control says: from right to left at once or as the whole paragraph does, or from left to right to its end.
 */
static bool
is_followed(struct tt_str text, size_t pos, struct tt_rune rune, size_t to)
{
    size_t from = pos + rune.len;
    struct tt_span line = tt_context_line(text, pos);
    if (rune.cp == TT_RLE) {
        size_t next = skip_blanks(text, from, line.to);
        return is_rtl(tt_utf8_next(text, next).cp) ||
               (skip_blanks(text, line.from, pos) == pos && holds_rtl(text, from, line.to));
    }
    for (; from < to; from += rune.len) {
        rune = tt_utf8_next(text, from);
        if (rune.len == 0 || tt_char_is(rune.cp, TT_CHAR_RTL | TT_CHAR_BIDI)) {
            return false;
        }
    }
    return holds_rtl(text, line.from, pos);
}

/* Does a string end at pos, or a program's text begin? */
static bool
is_last(struct tt_str text, size_t pos)
{
    uint32_t next = tt_utf8_next(text, pos).cp;
    return next == 0 || tt_bidi_ends_paragraph(next) || (next < 0x80 && strchr("\"'<%{", (int) next));
}

/* A pair that is closed: what is between from and to? */
static struct tt_verdict
judge_closed(struct tt_str text, size_t pos, struct tt_rune rune, size_t to)
{
    size_t from = pos + rune.len;
    bool right = rune.cp == TT_RLE || rune.cp == TT_RLI;
    if (is_name_letter(tt_utf8_prev(text, pos).cp) && is_name_letter(tt_utf8_next(text, from).cp) && is_in_source(text, pos)) {
        return verdict(TT_JUDGE_BROKEN, "inside a name of source code");
    }
    if (from == to) { /* programs isolate values, also empty ones */
        bool unusual = tt_bidi_is_isolate(rune.cp) || is_near_rtl(text, pos, pos);
        return verdict(unusual ? TT_JUDGE_UNUSUAL : TT_JUDGE_BROKEN, "around nothing");
    }
    if (!right || is_near_rtl(text, pos, pos)) {
        return LEGITIMATE;
    }
    bool moves = holds_words(text, from, to) && (is_in_source(text, pos) || holds_controls(text, from, to));
    return moves ? verdict(TT_JUDGE_BROKEN, "moves words that are written from left to right")
                 : verdict(TT_JUDGE_UNUSUAL, "around text that is written from left to right");
}

static struct tt_verdict
judge_control(const struct tt_field *field, size_t pos, struct tt_rune rune)
{
    size_t other;
    if (rune.cp == TT_LRO || rune.cp == TT_RLO) {
        return verdict(TT_JUDGE_BROKEN, "reverses or fixes the order of what follows");
    }
    bool closes = rune.cp == TT_PDF || rune.cp == TT_PDI;
    switch (tt_bidi_find_pair(field, pos, &other)) {
    case TT_BIDI_UNKNOWN: return LEGITIMATE;
    case TT_BIDI_DEEP: return verdict(TT_JUDGE_BROKEN, "nested deeper than UAX #9 follows");
    case TT_BIDI_PAIRED: return closes ? LEGITIMATE : judge_closed(field->text, pos, rune, other);
    case TT_BIDI_OPEN: break;
    }
    if (closes) {
        return verdict(rune.cp == TT_PDF ? TT_JUDGE_UNUSUAL : TT_JUDGE_BROKEN, "that closes nothing");
    }
    if (!tt_bidi_is_isolate(rune.cp) && is_followed(field->text, pos, rune, other) && !is_in_source(field->text, pos)) {
        return verdict(TT_JUDGE_UNUSUAL, "that only the end of its paragraph closes");
    }
    bool first = pos == 0 || tt_bidi_ends_paragraph(tt_utf8_prev(field->text, pos).cp);
    if (!tt_bidi_is_isolate(rune.cp) && first && is_near_rtl(field->text, pos, pos) && !is_in_source(field->text, pos)) {
        return verdict(TT_JUDGE_UNUSUAL, "that only the end of its paragraph closes");
    }
    if (!tt_bidi_is_isolate(rune.cp) && is_last(field->text, pos + rune.len) && is_near_rtl(field->text, pos, pos)) {
        return verdict(TT_JUDGE_UNUSUAL, "at the end of a string, for what a program puts behind it");
    }
    if (rune.cp == TT_LRE && is_copied_label(field->text, pos + rune.len)) {
        return verdict(TT_JUDGE_UNUSUAL, "before a path or number, as copied from a window");
    }
    return verdict(TT_JUDGE_BROKEN, "that is not closed in its paragraph");
}

/* ---- reports ---- */

/* The characters of line but for controls of direction and other ignorable ones. */
static void
add_visible(struct tt_buf *out, struct tt_str line)
{
    for (size_t pos = 0; pos < line.len;) {
        struct tt_rune rune = tt_utf8_next(line, pos);
        if (rune.len == 0) {
            return;
        }
        if (!tt_char_is(rune.cp, TT_CHAR_IGNORABLE)) {
            tt_buf_add(out, tt_str_slice(line, pos, pos + rune.len));
        }
        pos += rune.len;
    }
}

/* What the line says in the order of its characters, and what a screen shows. */
static void
add_order(struct tt_look *look, struct tt_finding *f, size_t pos)
{
    struct tt_span span = tt_context_line(look->field->text, pos);
    struct tt_str line = tt_str_slice(look->field->text, span.from, span.to);
    struct tt_buf says, shows;
    struct tt_str said, shown;
    tt_buf_init(&says, look->arena->alloc, 4 * TT_CONTEXT_BYTES);
    tt_buf_init(&shows, look->arena->alloc, 4 * TT_CONTEXT_BYTES);
    add_visible(&says, line);
    bool known = tt_bidi_show(line, &shows);
    enum tt_status status = says.status != TT_OK ? says.status : shows.status;
    if (status == TT_OK && known && !tt_str_eq(tt_buf_str(&says), tt_buf_str(&shows))) {
        status = tt_arena_dup(look->arena, tt_buf_str(&says), &said);
        status = status == TT_OK ? tt_arena_dup(look->arena, tt_buf_str(&shows), &shown) : status;
        if (status == TT_OK) {
            tt_finding_add_text(f, "order.says", said);
            tt_finding_add_text(f, "order.shows", shown);
        }
    }
    tt_buf_free(&says);
    tt_buf_free(&shows);
    look->status = look->status == TT_OK ? status : look->status;
}

static size_t
paragraph_start(const struct tt_field *field, size_t pos)
{
    struct tt_rune rune = tt_utf8_prev(field->text, pos);
    while (pos > field->from && rune.len > 0 && !tt_bidi_ends_paragraph(rune.cp)) {
        pos -= rune.len;
        rune = tt_utf8_prev(field->text, pos);
    }
    return pos;
}

static size_t
paragraph_end(const struct tt_field *field, size_t pos)
{
    struct tt_rune rune = tt_utf8_next(field->text, pos);
    while (pos < field->to && rune.len > 0 && !tt_bidi_ends_paragraph(rune.cp)) {
        pos += rune.len;
        rune = tt_utf8_next(field->text, pos);
    }
    return pos;
}

/* Reads the controls of from..to together; true when they say something, which is reported then. */
static bool
report_message(struct tt_look *look, const struct tt_run *run, size_t from, size_t to)
{
    struct tt_run_evidence e = {.run = *run, .to = to > run->to ? to : run->to, .why = ""};
    e.symbols = tt_run_symbols(look, from, e.to, kind.flags, &e.n);
    e.total = e.n;
    bool enough = e.symbols && e.n >= kind.together && tt_run_variety(e.symbols, e.n) >= 2;
    if (!enough || !tt_run_read(look, &e)) {
        tt_arena_reset(look->arena);
        return look->status != TT_OK;
    }
    *look->done = e.to;
    tt_run_report(look, &kind, &e);
    return true;
}

/* The message may begin with pairs that are in order, so the paragraph is read from its start, and the field once. */
static bool
report_messages(struct tt_look *look, const struct tt_run *run)
{
    const struct tt_field *field = look->field;
    if (report_message(look, run, paragraph_start(field, run->from), paragraph_end(field, run->to))) {
        return true;
    }
    return tt_look_ask_once(look) && report_message(look, run, field->from, field->to);
}

/* One report for a paragraph: what follows hangs on the first control that is wrong. */
static void
report_control(struct tt_look *look, const struct tt_run *run, size_t pos, struct tt_rune rune, struct tt_verdict verdict)
{
    const struct tt_run alone = {.from = pos, .to = pos + rune.len, .count = 1, .first = rune.cp};
    struct tt_finding f;
    if (verdict.judgement != TT_JUDGE_BROKEN) {
        tt_run_report_unusual(look, &alone, verdict);
        return;
    }
    if (report_messages(look, run)) {
        return;
    }
    size_t end = paragraph_end(look->field, pos);
    *look->done = end > run->to ? end : run->to;
    struct tt_str message = tt_look_text(look, "a ", tt_run_name(rune.cp), " ", verdict.why, NULL);
    tt_look_begin(look, &f, TT_SUSPICIOUS, pos, rune.len, message);
    f.extent_to = look->field->escaped ? pos + rune.len : *look->done; /* nothing moves where its code is shown */
    add_order(look, &f, pos);
    if (look->status == TT_OK) {
        tt_look_report(look, &f);
    }
}

/* Judges the controls of the run; true when one of them broke a rule and the paragraph is done. */
static bool
visit_controls(struct tt_look *look, const struct tt_run *run)
{
    for (size_t pos = run->from; pos < run->to && look->status == TT_OK;) {
        struct tt_rune rune = tt_utf8_next(look->field->text, pos);
        if (is_control(rune.cp)) {
            const struct tt_run alone = {.from = pos, .to = pos + rune.len, .count = 1, .first = rune.cp};
            struct tt_verdict found = judge_control(look->field, pos, rune);
            bool told = found.judgement == TT_JUDGE_UNUSUAL && tt_look_has_low(look);
            found = told ? LEGITIMATE : tt_run_unless_shown(look->field, &alone, found);
            if (found.judgement != TT_JUDGE_LEGITIMATE) {
                report_control(look, run, pos, rune, found);
            }
            if (found.judgement == TT_JUDGE_BROKEN) {
                return true;
            }
        }
        pos += rune.len;
    }
    return look->status != TT_OK;
}

/* The common case: one mark with right-to-left text on one side and no letter of it on the other. */
static bool
is_plain_mark(struct tt_str text, size_t pos, struct tt_rune rune)
{
    uint32_t left = tt_utf8_prev(text, pos).cp;
    uint32_t right = tt_utf8_next(text, pos + rune.len).cp;
    bool together = tt_char_is(left, TT_CHAR_IGNORABLE) || tt_char_is(right, TT_CHAR_IGNORABLE);
    return is_mark(rune.cp) && !together && is_rtl(left) != is_rtl(right);
}

static void
visit(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    bool override = rune.cp == TT_LRO || rune.cp == TT_RLO;
    if ((pos < look->claimed && !override) || is_plain_mark(look->field->text, pos, rune)) {
        return;
    }
    if (is_control(rune.cp) && look->note[0]++ == 0 && tt_bidi_read_openers(look)) {
        return;
    }
    struct tt_run run = tt_run_at(look->field, pos, kind.flags);
    *look->done = run.to;
    if (run.tail || is_left_to_zero_width(look->field, &run) || visit_controls(look, &run)) {
        return;
    }
    enum tt_judgement judgement = judge(look->field, &run).judgement;
    if (judgement == TT_JUDGE_LEGITIMATE || (judgement == TT_JUDGE_HABIT && tt_look_has_low(look))) {
        return;
    }
    if (judgement < TT_JUDGE_BROKEN && tt_run_is_quoted(look->field, &run)) {
        return;
    }
    if (judgement < TT_JUDGE_UNUSUAL || !tt_run_crowd(look, &kind, &crowd, run.from)) {
        tt_run_visit(look, &kind, run.from);
    }
}

const struct tt_channel tt_channel_bidi = {
    .name = "bidi",
    .rule = "mark.bidi",
    .alphabet = "U+061C 200E 200F 202A-202E 2066-206F",
    .capacity = "1 to 4 bits a character, and another order on the screen",
    .wake = TT_CHAR_BIDI,
    .visit = visit,
};
