/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trailing blanks: spaces and tabs at the ends of lines.
 *
 * Most texts have some, by habit or by mistake, and Markdown, diffs and tables need them; their presence is silent.  What
 * counts is a pattern.  All lines of a field (or window) are taken together, once enough have blanks: these are read as
 * stegsnow writes them, as a row of spaces and tabs, and with each line as one place.  Groups of spaces of many lengths
 * between tabs break a rule even when they cannot be read.
 *
 * Input: a position.  Output: at most one finding a field.  Owns nothing but scratch in the look's arena.
 */
#include "marks/blanks.h"
#include "marks/channels.h"
#include "marks/forms.h"
#include "marks/run.h"

#include "base/limits.h"

#define ROW_MIN 28        /* blanks that make four characters of 7 bits */
#define BEFORE_MAX 8      /* lines without blanks before the first that has some: the first bits may be zero */
#define SPACED_MIN 5      /* groups of spaces before tabs ... */
#define LENGTHS_MIN 4     /* ... of so many different lengths that nobody types so */
#define GROUP_MAX 7       /* spaces of a group that stegsnow writes */
#define MARGIN_PATTERN 8  /* bits, see forms.h: for rows in which spaces and tabs alternate */
#define MARGIN_ORDINARY 8 /* for lines, which often end in blanks */
#define LEAST_ORDINARY 5  /* bytes of text */
#define KEPT_MAX 512      /* lines with blanks that need not be found again by each reading */

/* A line with blanks at its end, and how many lines without stand before it. */
struct tail {
    size_t lines;
    size_t from, to; /* the blanks */
    size_t next;     /* the line behind */
};

/* What the lines of a stretch hold. */
struct survey {
    size_t from, to;        /* start of the first line that is read, end of the last line with blanks */
    size_t first, first_to; /* the first line's blanks */
    size_t lines, tails, blanks;
    bool tabs, spaces;
    bool varied;                /* not all the same */
    bool thick;                 /* somewhere TT_TAIL_LINES of TT_TAIL_STRETCH lines have blanks */
    size_t last[TT_TAIL_LINES]; /* numbers of the last lines with blanks */
    struct tail *kept;          /* the first KEPT_MAX lines with blanks, in the arena */
};

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A space, tab or carriage return, and a line feed. */
static const struct tt_byte_pairs blank_ends = {
    .first = {.high = {[2] = 1, [0] = 2}, .low = {[0] = 1, [9] = 2, [0xD] = 2}},
    .second = {.high = {[0] = 1 | 2}, .low = {[0xA] = 1 | 2}},
};

/* Where the blanks before to begin, at or behind least. */
static size_t
find_blanks(const struct tt_field *field, size_t to, size_t least)
{
    size_t from = to;
    while (from > least && to - from < TT_TAIL_MAX && is_blank(field->text.ptr[from - 1])) {
        from--;
    }
    return from;
}

/* The first line with blanks of those from pos on, where a line starts; false when there is none.  A line that is cut is none. */
static bool
next_tail(const struct tt_look *look, size_t pos, struct tail *out)
{
    const struct tt_field *field = look->field;
    const unsigned char *p = (const unsigned char *) field->text.ptr;
    for (size_t at = pos; at < field->to; at++) {
        at = look->kernels->find_pair(p, field->to, at, &blank_ends);
        bool last = at + 1 >= field->to; /* of the text, and of a line that no feed ends */
        if (at == field->to || (last && !field->at_end)) {
            return false;
        }
        size_t to = at + (p[at] != '\r');
        size_t from = last && p[at] == '\r' ? to : find_blanks(field, to, pos);
        if (from < to) {
            *out = (struct tail) {.from = from, .to = to, .next = last ? field->to + 1 : at + 2};
            out->lines = look->kernels->count_lines(p + pos, from - pos);
            return true;
        }
    }
    return false;
}

/* Lines from pos on. */
static size_t
count_lines(const struct tt_look *look, size_t pos)
{
    const struct tt_field *field = look->field;
    const unsigned char *p = (const unsigned char *) field->text.ptr;
    if (pos >= field->to) {
        return 0;
    }
    return look->kernels->count_lines(p + pos, field->to - pos) + (field->at_end && p[field->to - 1] != '\n');
}

static void
count_tail(const struct tt_field *field, const struct tail *tail, struct survey *s)
{
    size_t len = tail->to - tail->from;
    s->lines += tail->lines + 1;
    size_t *last = &s->last[s->tails % TT_TAIL_LINES];
    s->thick = s->thick || (s->tails >= TT_TAIL_LINES && s->lines - *last < TT_TAIL_STRETCH);
    *last = s->lines;
    if (s->tails++ == 0) {
        s->first = tail->from;
        s->first_to = tail->to;
    }
    struct tt_str blanks = tt_str_slice(field->text, tail->from, tail->to);
    s->varied = s->varied || !tt_str_eq(blanks, tt_str_slice(field->text, s->first, s->first_to));
    s->to = tail->to;
    s->blanks += len;
    s->tabs = s->tabs || memchr(blanks.ptr, '\t', len);
    s->spaces = s->spaces || memchr(blanks.ptr, ' ', len);
}

/* Start of the line that is some lines before the one that ends at feed. */
static size_t
start_before(const struct tt_field *field, size_t feed)
{
    size_t pos = feed;
    for (size_t lines = 0; pos > field->from; pos--) {
        if (field->text.ptr[pos - 1] == '\n' && lines++ == BEFORE_MAX) {
            break;
        }
    }
    return pos;
}

static void
take_survey(struct tt_look *look, size_t feed, struct survey *s)
{
    struct tail tail;
    *s = (struct survey) {.from = start_before(look->field, feed)};
    s->kept = tt_arena_get(look->arena, KEPT_MAX * sizeof(*s->kept));
    if (!s->kept) {
        look->status = TT_E_MEMORY;
        return;
    }
    size_t pos = s->from;
    for (; next_tail(look, pos, &tail); pos = tail.next) {
        if (s->tails < KEPT_MAX) {
            s->kept[s->tails] = tail;
        }
        count_tail(look->field, &tail, s);
    }
    s->lines += count_lines(look, pos);
}

/* Line number i with blanks, when the one before it ended at *pos; false behind the last.  *pos is then where it ends. */
static bool
surveyed_tail(const struct tt_look *look, const struct survey *s, size_t i, size_t *pos, struct tail *out)
{
    if (i >= s->tails) {
        return false;
    }
    bool found = true;
    if (i < KEPT_MAX) {
        *out = s->kept[i];
    } else {
        found = next_tail(look, *pos, out);
    }
    *pos = found ? out->next : *pos;
    return found;
}

/* ---- stegsnow ---- */

/* Groups of up to seven spaces, each ended by a tab or, if not empty, by the line; the first tab only says that they begin. */
struct snow {
    struct tt_run_bytes bytes;
    size_t groups, spaced, lengths; /* spaced: groups with spaces that a tab ends; lengths: how many different ones */
    unsigned seen;                  /* bit a length */
    bool begun, broken;
};

static void
add_group(struct snow *snow, size_t spaces, bool tab)
{
    static const uint8_t mirrored[GROUP_MAX + 1] = {0, 4, 2, 6, 1, 5, 3, 7};
    if (spaces > GROUP_MAX) {
        snow->broken = true;
        return;
    }
    snow->groups++;
    snow->spaced += tab && spaces > 0;
    if (tab && !(snow->seen >> spaces & 1)) {
        snow->seen |= 1U << spaces;
        snow->lengths++;
    }
    tt_run_add_bits(&snow->bytes, mirrored[spaces], 3);
}

static void
read_tail(struct tt_str tail, struct snow *snow)
{
    size_t spaces = 0, i = 0;
    if (!snow->begun) {
        if (tail.len == 0 || tail.ptr[0] != '\t') {
            return;
        }
        snow->begun = true;
        i = 1;
    }
    for (; i < tail.len; i++) {
        if (tail.ptr[i] == '\t') {
            add_group(snow, spaces, true);
            spaces = 0;
        } else {
            spaces++;
        }
    }
    if (spaces > 0) {
        add_group(snow, spaces, false);
    }
}

/* Reads all lines; *pattern: the groups are of many lengths, whether they can be read or not. */
static bool
read_snow(struct tt_look *look, const struct survey *s, struct tt_payload *out, bool *pattern)
{
    struct snow snow = {.begun = false};
    struct tail tail;
    enum tt_status status = tt_run_bytes_init(&snow.bytes, look->arena, TT_DECODED_MAX);
    *pattern = false;
    if (status != TT_OK) {
        look->status = status;
        return false;
    }
    size_t pos = s->from;
    for (size_t i = 0; !snow.broken && surveyed_tail(look, s, i, &pos, &tail); i++) {
        read_tail(tt_str_slice(look->field->text, tail.from, tail.to), &snow);
    }
    if (snow.broken || snow.groups < TT_TAIL_GROUPS) {
        return false;
    }
    *pattern = snow.spaced >= SPACED_MIN && snow.lengths >= LENGTHS_MIN;
    tt_run_finish(out, "stegsnow", &snow.bytes);
    return out->grade >= TT_GRADE_TEXT;
}

/* ---- other readings ---- */

/* All blanks in a row, a space or tab a place. */
static bool
read_row(struct tt_look *look, const struct survey *s, struct tt_payload *out)
{
    struct tt_forms forms;
    struct tail tail;
    if (!tt_forms_init(look, &forms, s->blanks < TT_RUN_MAX ? s->blanks : TT_RUN_MAX)) {
        return false;
    }
    size_t pos = s->from;
    for (size_t i = 0; surveyed_tail(look, s, i, &pos, &tail); i++) {
        for (size_t k = tail.from; k < tail.to; k++) {
            tt_forms_add(&forms, tt_str_slice(look->field->text, k, k + 1));
        }
    }
    return tt_forms_read(look, &forms, (struct tt_forms_demand) {.margin = MARGIN_PATTERN}, out);
}

/* Which lines are places, and what is their form? */
enum reading {
    READ_PRESENCE, /* every line: are there blanks? */
    READ_LINES,    /* every line: its blanks, or none */
    READ_TAILS,    /* lines with blanks */
};

static bool
read_lines(struct tt_look *look, const struct survey *s, enum reading reading, struct tt_payload *out)
{
    const struct tt_str nothing = TT_STR("");
    struct tt_forms forms;
    struct tail tail;
    size_t most = reading == READ_TAILS ? s->tails : s->lines, pos = s->from;
    if (!tt_forms_init(look, &forms, most < TT_RUN_MAX ? most : TT_RUN_MAX)) {
        return false;
    }
    for (size_t i = 0; surveyed_tail(look, s, i, &pos, &tail); i++) {
        struct tt_str blanks = tt_str_slice(look->field->text, tail.from, tail.to);
        tt_forms_add_many(&forms, nothing, reading == READ_TAILS ? 0 : tail.lines);
        tt_forms_add(&forms, reading == READ_PRESENCE ? TT_STR(" ") : blanks);
    }
    tt_forms_add_many(&forms, nothing, reading == READ_TAILS ? 0 : count_lines(look, pos));
    struct tt_forms_demand demand = {.margin = MARGIN_ORDINARY, .least = LEAST_ORDINARY, .anywhere = true};
    return tt_forms_read(look, &forms, demand, out);
}

static bool
read_any(struct tt_look *look, const struct survey *s, struct tt_payload *out)
{
    if (s->tabs && s->spaces && s->blanks >= ROW_MIN && read_row(look, s, out)) {
        return true;
    }
    int last = s->varied ? READ_TAILS : READ_PRESENCE;
    for (int i = READ_PRESENCE; i <= last && s->thick && look->status == TT_OK; i++) {
        if (read_lines(look, s, (enum reading) i, out)) {
            return true;
        }
    }
    return false;
}

static void
report(struct tt_look *look, const struct survey *s, const struct tt_payload *payload)
{
    struct tt_forms_evidence e = {
        .level = payload ? TT_CONFIRMED : TT_SUSPICIOUS,
        .offset = s->first,
        .length = s->first_to - s->first,
        .to = s->to,
        .places = s->tails,
        .payload = payload,
    };
    e.message = payload ? tt_look_text(look, "the blanks at the ends of lines carry readable text (", payload->format, ")", NULL)
                        : tt_look_text(look, "spaces and tabs alternate at the ends of lines as nobody types them", NULL);
    tt_forms_report(look, &e);
}

static void
judge(struct tt_look *look, size_t first)
{
    struct survey s;
    struct tt_payload payload = {0};
    bool pattern = false;
    take_survey(look, first, &s);
    if (look->status != TT_OK) {
        return;
    }
    bool mixed = s.tabs && s.spaces && s.blanks >= TT_TAIL_GROUPS;
    if ((mixed && read_snow(look, &s, &payload, &pattern)) || (look->status == TT_OK && read_any(look, &s, &payload))) {
        report(look, &s, &payload);
    } else if (pattern && look->status == TT_OK) {
        report(look, &s, NULL);
    }
}

/* What is known of the lines seen so far. */
enum { NOTE_FIRST, NOTE_TAILS, NOTE_BLANKS, NOTE_KINDS };
enum { KIND_SPACE = 1, KIND_TAB = 2, KIND_BOTH = 3, KIND_BEGUN = 4 };

/* Adds the blanks of the line whose text ends at to. */
static void
note_tail(const struct tt_field *field, size_t to, uint32_t note[TT_NOTES])
{
    size_t at = find_blanks(field, to, field->from);
    for (size_t i = at; i < to; i++) {
        note[NOTE_KINDS] |= field->text.ptr[i] == '\t' ? KIND_TAB : KIND_SPACE;
    }
    note[NOTE_BLANKS] += (uint32_t) (to - at);
    note[NOTE_TAILS] += at < to;
}

/*
 * Nearly every text has fewer blanks at line ends than could say anything, so they are only counted at first; the survey begins when
 * there are enough.  A last line without a line end wakes nobody and is counted in advance.
 */
static void
visit(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    const struct tt_field *field = look->field;
    const char *p = field->text.ptr;
    uint32_t *note = look->note;
    (void) rune;
    if (note[NOTE_KINDS] == 0) {
        note[NOTE_KINDS] = KIND_BEGUN;
        note[NOTE_FIRST] = (uint32_t) pos;
        if (field->at_end && p[field->to - 1] != '\n') {
            note_tail(field, field->to, note);
        }
    }
    note_tail(field, pos > field->from && p[pos - 1] == '\r' ? pos - 1 : pos, note);
    bool mixed = (note[NOTE_KINDS] & KIND_BOTH) == KIND_BOTH && note[NOTE_BLANKS] >= TT_TAIL_GROUPS;
    if (mixed || note[NOTE_TAILS] >= TT_TAIL_LINES) {
        *look->done = field->to;
        judge(look, note[NOTE_FIRST]);
    }
}

const struct tt_channel tt_channel_trailing_space = {
    .name = "trailing-space",
    .rule = "mark.trailing-space",
    .alphabet = "U+0020 and U+0009 at the end of a line",
    .capacity = "3 bits in 8 columns, or 1 bit a line",
    .wake = TT_CHAR_LINE_END,
    .visit = visit,
};
