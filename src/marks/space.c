/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Odd spaces: U+00A0 1680 2000-200A 202F 205F 3000, and the line ends U+0085 2028 2029.
 *
 * No-break spaces stand anywhere in text that people and programs write, thin ones in numbers, units, names and around dashes,
 * wide ones beside ideographs; these are silent.  Between two ordinary words nobody's keyboard puts a thin space or one of the
 * rare widths.  The first such place of a field makes the channel look at all gaps from there on together, once: they are read
 * as digits in every plausible way.  No-break spaces alone are read only where they stand thick.
 *
 * Input: a position.  Output: findings.  Owns nothing but scratch in the look's arena.
 */
#include "marks/channels.h"
#include "marks/context.h"
#include "marks/gaps.h"
#include "marks/run.h"

#include "base/limits.h"

#define TOGETHER 3         /* so many broken places of a field are one report */
#define THICK 10           /* gaps with a no-break space ... */
#define THICK_BYTES 1500   /* ... in so many bytes are read as bits */
#define BACK_BYTES 1500    /* where reading begins before them, for the first bits may be ordinary spaces */
#define STRETCH 512        /* gaps that are read then */
#define WORD_MIN 2         /* letters: shorter words are variables, units and initials */
#define RUN_BYTES 32       /* a run of blanks as long as this is read by itself */
#define MARGIN_ODD 3       /* bits; what is read breaks a rule anyway */
#define MARGIN_ORDINARY 11 /* what is read may be innocent */

/* struct tt_look's notes. */
enum note { NOTE_COUNT, NOTE_FROM, NOTE_UNTIL, NOTE_FLAGS };

/* Of NOTE_FLAGS: a line end was reported; above it, how often no-break spaces were read in vain. */
#define FLAG_SEPARATOR 1
#define FLAG_MISS 2
#define MISSES_MAX 3

enum kind {
    KIND_PLAIN,
    KIND_COMMON,   /* U+00A0, U+3000 */
    KIND_WIDE,     /* in menus of word processors, and in the output of language models */
    KIND_THIN,     /* of typography: numbers, units, dashes */
    KIND_UNCOMMON, /* widths that only typesetters' tables know */
};

static enum kind
kind_of(uint32_t cp)
{
    switch (cp) {
    case ' ': return KIND_PLAIN;
    case 0x00A0:
    case 0x3000: return KIND_COMMON;
    case 0x2002:
    case 0x2003:
    case 0x202F: return KIND_WIDE;
    case 0x2007:
    case 0x2009:
    case 0x200A: return KIND_THIN;
    default: return KIND_UNCOMMON;
    }
}

static bool
is_cjk(uint32_t cp)
{
    uint8_t script = tt_char(cp)->script;
    bool wide = (cp >= 0x3000 && cp < 0x3040) || (cp >= 0xFE30 && cp < 0xFE50) || (cp >= 0xFF00 && cp < 0xFFF0);
    return wide || script == TT_SCRIPT_HAN || script == TT_SCRIPT_HIRAGANA || script == TT_SCRIPT_KATAKANA ||
           script == TT_SCRIPT_HANGUL;
}

/* ---- words ---- */

/* The word on one side of a gap. */
struct word {
    size_t letters; /* at most LETTERS_MAX are counted */
    uint32_t near;  /* the character at the gap */
    uint32_t beyond;
};

#define LETTERS_MAX 24

static bool
in_word(uint32_t cp)
{
    return (tt_char_is_letter(cp) || tt_char_is_mark(cp)) && !is_cjk(cp);
}

static struct word
word_before(struct tt_str text, size_t pos)
{
    struct word word = {.near = tt_utf8_prev(text, pos).cp};
    struct tt_rune rune = tt_utf8_prev(text, pos);
    for (; word.letters < LETTERS_MAX && rune.len > 0 && in_word(rune.cp); rune = tt_utf8_prev(text, pos)) {
        word.letters++;
        pos -= rune.len;
    }
    for (size_t i = 0; i < 2 && rune.len > 0 && tt_gap_is_space(rune.cp); i++) {
        pos -= rune.len;
        rune = tt_utf8_prev(text, pos);
    }
    word.beyond = rune.cp;
    return word;
}

static struct word
word_behind(struct tt_str text, size_t pos)
{
    struct word word = {.near = tt_utf8_next(text, pos).cp};
    struct tt_rune rune = tt_utf8_next(text, pos);
    for (; word.letters < LETTERS_MAX && rune.len > 0 && in_word(rune.cp); rune = tt_utf8_next(text, pos)) {
        word.letters++;
        pos += rune.len;
    }
    word.beyond = rune.cp;
    return word;
}

/* Digits, superscripts, and signs of numbers: what makes a word beside it a unit. */
static bool
is_number_part(uint32_t cp)
{
    uint8_t category = tt_char(cp)->category;
    return category == TT_ND || category == TT_NO || cp == 0x2212 || cp == 0x207B || cp == 0xB0;
}

/* Are both words ordinary: long enough, and no units of measure?  "mg kg" behind a number, "mol dm" before a superscript. */
static bool
are_words(const struct word *left, const struct word *right)
{
    bool unit = is_number_part(left->beyond) || is_number_part(right->beyond) || left->beyond == '/' || right->beyond == '/';
    return left->letters >= WORD_MIN && right->letters >= WORD_MIN && !unit && left->beyond != '@';
}

static bool
is_lower(uint32_t cp)
{
    return tt_char(cp)->category == TT_LL;
}

/* ---- judging one gap ---- */

struct verdict {
    enum tt_judgement judgement;
    bool ordinary;    /* it stands between two ordinary words */
    uint32_t cp;      /* its strangest space */
    const char *why;  /* static */
    struct tt_run at; /* where that stands */
};

/* The strangest space of the gap, and how many different ones there are.  Ascending ones are a list of them all: 0. */
static size_t
look_inside(struct tt_str text, const struct tt_gap *gap, struct verdict *v)
{
    uint32_t seen[TT_FORMS_MAX], last = 0;
    size_t variety = 0;
    bool ascending = true;
    for (size_t pos = gap->from; pos < gap->to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (rune.cp != ' ' && (v->cp == 0 || kind_of(rune.cp) > kind_of(v->cp))) {
            v->cp = rune.cp;
            v->at = (struct tt_run) {.from = pos, .to = pos + rune.len, .count = 1, .first = rune.cp};
        }
        if (kind_of(rune.cp) > KIND_COMMON && variety < TT_FORMS_MAX && tt_run_digit(seen, variety, rune.cp) < 0) {
            seen[variety++] = rune.cp;
        }
        ascending = ascending && rune.cp > last;
        last = rune.cp;
        pos += rune.len;
    }
    return ascending ? 0 : variety;
}

/* Of a space between two ordinary words. */
static void
judge_words(const struct word *left, const struct word *right, struct verdict *v)
{
    enum kind kind = kind_of(v->cp);
    bool lower = is_lower(left->near) && is_lower(right->near);
    v->ordinary = lower;
    if (kind == KIND_UNCOMMON || (kind == KIND_THIN && lower)) {
        v->judgement = TT_JUDGE_BROKEN;
        v->why = "stands between two ordinary words";
    } else if (kind == KIND_THIN || (lower && (kind == KIND_WIDE || v->cp == 0x3000))) {
        v->judgement = TT_JUDGE_UNUSUAL;
        v->why = "stands between two words";
    }
}

/* Scripts that use a space for something else: Mongolian endings, Ogham. */
static bool
is_of_script(const struct verdict *v, const struct tt_gap *gap)
{
    uint8_t script = tt_char(gap->before)->script;
    return (v->cp == 0x202F && script == TT_SCRIPT_MONGOLIAN) || (v->cp == 0x1680 && script == tt_char(0x1681)->script) ||
           (kind_of(v->cp) != KIND_UNCOMMON && (is_cjk(gap->before) || is_cjk(gap->after)));
}

static struct verdict
judge(const struct tt_field *field, const struct tt_gap *gap)
{
    struct verdict v = {.judgement = TT_JUDGE_LEGITIMATE};
    size_t variety = look_inside(field->text, gap, &v);
    if (variety >= 2 && gap->odd >= 4) {
        v.judgement = TT_JUDGE_BROKEN;
        v.why = "is one of several different ones in a row";
        return v;
    }
    if (is_of_script(&v, gap)) {
        return v;
    }
    struct word left = word_before(field->text, gap->from), right = word_behind(field->text, gap->to);
    bool trailing = tt_gap_is_edge(gap) && !tt_gap_is_edge(&(struct tt_gap) {.before = gap->before, .after = ' '});
    bool math = tt_char(gap->before)->category == TT_SM || tt_char(gap->after)->category == TT_SM;
    if (are_words(&left, &right)) {
        judge_words(&left, &right, &v);
    } else if (trailing && gap->after != '\t' && kind_of(v.cp) > KIND_COMMON) {
        v.judgement = TT_JUDGE_UNUSUAL;
        v.why = "stands at the end of a line";
    } else if (kind_of(v.cp) == KIND_UNCOMMON && !math && !is_number_part(gap->before) && !is_number_part(gap->after)) {
        v.judgement = TT_JUDGE_UNUSUAL;
        v.why = "is of a width that text seldom uses";
    }
    if (v.judgement != TT_JUDGE_LEGITIMATE && tt_run_is_quoted(field, &v.at)) {
        v.judgement = TT_JUDGE_LEGITIMATE;
    }
    return v;
}

/* Where reading of gaps begins that has to include what stands before pos. */
static size_t
reading_start(const struct tt_field *field, size_t pos)
{
    size_t start = pos > BACK_BYTES ? pos - BACK_BYTES : 0;
    while (start > 0 && start < pos && ((unsigned char) field->text.ptr[start] & 0xC0) == 0x80) {
        start++;
    }
    return start;
}

/* ---- the rest of a field ---- */

/* All odd spaces from one place on, and the judgements of those that were not judged before. */
struct survey {
    uint32_t *symbols;  /* every one */
    uint32_t *uncommon; /* without U+00A0 and U+3000 */
    size_t n, uncommon_n, total;
    size_t broken, unusual;
    struct verdict first_broken, first_unusual, second_kind;
    uint32_t ordinary; /* the last odd space between ordinary words, in line_end's line */
    size_t line_end;
    size_t to; /* end of the last gap with an odd space */
};

static void
add_symbols(struct tt_str text, const struct tt_gap *gap, struct survey *s)
{
    for (size_t pos = gap->from; pos < gap->to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        pos += rune.len;
        if (rune.cp == ' ' || s->n == TT_RUN_MAX) {
            continue;
        }
        s->symbols[s->n++] = rune.cp;
        if (kind_of(rune.cp) > KIND_COMMON) {
            s->uncommon[s->uncommon_n++] = rune.cp;
        }
    }
}

/* Two different odd spaces between ordinary words of one line: nobody types so. */
static void
note_variety(const struct tt_field *field, const struct verdict *v, struct survey *s)
{
    if (!v->ordinary) {
        return;
    }
    if (v->at.from >= s->line_end) {
        s->line_end = tt_run_line_end(field, v->at.from);
        s->ordinary = v->cp;
    } else if (v->cp != s->ordinary && s->second_kind.cp == 0) {
        s->second_kind = *v;
    }
}

static void
survey_gap(const struct tt_field *field, const struct tt_gap *gap, struct survey *s)
{
    struct verdict v = judge(field, gap);
    add_symbols(field->text, gap, s);
    s->total += gap->odd;
    s->to = gap->to;
    if (v.judgement == TT_JUDGE_BROKEN) {
        s->first_broken = s->broken++ ? s->first_broken : v;
    } else if (v.judgement == TT_JUDGE_UNUSUAL) {
        s->first_unusual = s->unusual++ ? s->first_unusual : v;
    }
    note_variety(field, &v, s);
}

static bool
survey(struct tt_look *look, size_t from, size_t judge_from, struct survey *s)
{
    const struct tt_field *field = look->field;
    size_t most = field->text.len - from < TT_RUN_MAX ? field->text.len - from : TT_RUN_MAX;
    struct tt_gap gap;
    *s = (struct survey) {.symbols = tt_arena_get(look->arena, most * sizeof(uint32_t)),
                          .uncommon = tt_arena_get(look->arena, most * sizeof(uint32_t))};
    if (!s->symbols || !s->uncommon) {
        look->status = TT_E_MEMORY;
        return false;
    }
    for (size_t pos = from; tt_gap_next(field->text, pos, field->to, &gap); pos = gap.to) {
        if (gap.odd > 0 && gap.from >= judge_from) {
            survey_gap(field, &gap, s);
        } else if (gap.odd > 0) {
            add_symbols(field->text, &gap, s);
        }
    }
    return true;
}

/* ---- reading ---- */

static bool
read_symbols(struct tt_look *look, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    struct tt_readings readings;
    struct tt_forms forms;
    enum tt_status status = tt_payload_read(look->arena, symbols, n, &readings);
    if (status != TT_OK) {
        look->status = status;
        return false;
    }
    if (readings.count > 0 && readings.best[0].grade >= TT_GRADE_FRAMED) {
        *out = readings.best[0];
        return true;
    }
    char *utf8 = tt_arena_get(look->arena, n * 4 + 1);
    if (!utf8 || !tt_forms_init(look, &forms, n)) {
        look->status = TT_E_MEMORY;
        return false;
    }
    for (size_t i = 0, len = 0; i < n; i++) {
        size_t size = tt_utf8_put(symbols[i], utf8 + len);
        tt_forms_add(&forms, tt_str_make(utf8 + len, size));
        len += size;
    }
    return tt_forms_read(look, &forms, (struct tt_forms_demand) {.margin = MARGIN_ODD}, out);
}

static bool
read_survey(struct tt_look *look, size_t from, const struct survey *s, struct tt_payload *out)
{
    struct tt_forms forms;
    size_t end;
    struct tt_forms_demand demand = {.margin = s->broken > 0 ? MARGIN_ODD : MARGIN_ORDINARY, .anywhere = true};
    if (s->uncommon_n > 1 && read_symbols(look, s->uncommon, s->uncommon_n, out)) {
        return true;
    }
    if (look->status == TT_OK && s->n > s->uncommon_n && s->n > 1 && read_symbols(look, s->symbols, s->n, out)) {
        return true;
    }
    if (look->status != TT_OK ||
        !tt_gap_forms(look, reading_start(look->field, from), look->field->to, TT_RUN_MAX, &forms, &end)) {
        return false;
    }
    return tt_forms_read(look, &forms, demand, out);
}

/* ---- reports ---- */

static const char *
number_text(struct tt_look *look, size_t value)
{
    struct tt_buf buf;
    struct tt_str text;
    tt_buf_init(&buf, look->arena->alloc, 32);
    tt_buf_add_u64(&buf, value);
    enum tt_status status = buf.status == TT_OK ? tt_arena_dup(look->arena, tt_buf_str(&buf), &text) : buf.status;
    tt_buf_free(&buf);
    if (status != TT_OK) {
        look->status = status;
        return "";
    }
    return text.ptr;
}

static const char *
name_of(uint32_t cp)
{
    const char *name = tt_run_name(cp);
    return strcmp(name, "invisible character") == 0 ? "unusual space" : name;
}

static void
report_reading(struct tt_look *look, size_t at, size_t length, size_t to, size_t places, const struct tt_payload *payload)
{
    const char *what = payload->grade == TT_GRADE_FRAMED ? "the spaces between words carry a locked message ("
                                                         : "the spaces between words carry readable text (";
    struct tt_forms_evidence e = {.level = TT_CONFIRMED, .offset = at, .length = length, .to = to, .places = places};
    e.payload = payload;
    e.message = tt_look_text(look, what, payload->format, ")", NULL);
    tt_forms_report(look, &e);
}

static void
report_place(struct tt_look *look, const struct verdict *v, enum tt_level level, const char *why)
{
    struct tt_forms_evidence e = {.level = level, .offset = v->at.from, .length = v->at.to - v->at.from, .to = v->at.to};
    e.message = tt_look_text(look, "a ", name_of(v->cp), " ", why, NULL);
    tt_forms_report(look, &e);
}

static void
report_many(struct tt_look *look, const struct survey *s)
{
    const struct verdict *v = &s->first_broken;
    struct tt_forms_evidence e = {.level = TT_SUSPICIOUS, .offset = v->at.from, .length = v->at.to - v->at.from, .to = s->to};
    unsigned bits = 1;
    while (tt_run_variety(s->symbols, s->n) >> bits) {
        bits++;
    }
    e.places = s->total;
    e.bits = s->total * bits;
    e.message = tt_look_text(look, number_text(look, s->broken), " unusual spaces stand where ordinary ones belong", NULL);
    tt_forms_report(look, &e);
}

/* Deals with all gaps of the field from the first odd one on. */
static void
visit_field_rest(struct tt_look *look, const struct tt_gap *gap)
{
    struct survey s;
    struct tt_payload payload;
    if (!survey(look, reading_start(look->field, gap->from), gap->from, &s)) {
        return;
    }
    *look->done = look->field->to > gap->to ? look->field->to : gap->to;
    const struct verdict *first = s.broken ? &s.first_broken : &s.first_unusual;
    if (read_survey(look, gap->from, &s, &payload)) {
        report_reading(look, first->at.from, first->at.to - first->at.from, s.to, s.total, &payload);
    } else if (look->status != TT_OK) {
        return;
    } else if (s.broken >= TOGETHER) {
        report_many(look, &s);
    } else if (s.broken > 0) {
        report_place(look, &s.first_broken, TT_SUSPICIOUS, s.first_broken.why);
    } else if (s.second_kind.cp) {
        report_place(look, &s.second_kind, TT_SUSPICIOUS, "and a different one stand between ordinary words of one line");
    } else {
        report_place(look, &s.first_unusual, TT_CANDIDATE, s.first_unusual.why);
    }
}

/* ---- no-break spaces ---- */

/* French and its like: what stands before a sign or inside quotation marks is no choice. */
static bool
is_before_sign(const struct tt_gap *gap)
{
    uint32_t b = gap->after, a = gap->before;
    return b == ';' || b == ':' || b == '!' || b == '?' || b == '%' || b == 0xBB || b == 0x20AC || a == 0xAB || b == 0x2013 ||
           b == 0x2014;
}

/* Have no-break spaces stood thick up to this one?  *first is where that began. */
static bool
is_thick(uint32_t note[TT_NOTES], const struct tt_gap *gap, size_t *first)
{
    if (note[NOTE_COUNT] == 0 || gap->from - note[NOTE_FROM] > THICK_BYTES) {
        note[NOTE_COUNT] = 0;
        note[NOTE_FROM] = (uint32_t) gap->from;
    }
    *first = note[NOTE_FROM];
    if (++note[NOTE_COUNT] < THICK) {
        return false;
    }
    note[NOTE_COUNT] = 0;
    return true;
}

/* Where no-break spaces stand thick, the gaps around are read; after misses, less often. */
static void
visit_common(struct tt_look *look, const struct tt_gap *gap)
{
    struct tt_forms forms;
    struct tt_payload payload;
    uint32_t *note = look->note;
    size_t first, end;
    if (gap->from < note[NOTE_UNTIL] || is_before_sign(gap) || tt_gap_is_edge(gap) || !is_thick(note, gap, &first) ||
        !tt_gap_forms(look, reading_start(look->field, first), look->field->text.len, STRETCH, &forms, &end)) {
        return;
    }
    if (tt_forms_read(look, &forms, (struct tt_forms_demand) {.margin = MARGIN_ORDINARY, .anywhere = true}, &payload)) {
        struct tt_gap shown = tt_gap_at(look->field->text, first);
        report_reading(look, shown.from, shown.to - shown.from, end, forms.n, &payload);
        note[NOTE_UNTIL] = (uint32_t) end;
        return;
    }
    uint32_t misses = note[NOTE_FLAGS] / FLAG_MISS;
    note[NOTE_UNTIL] = (uint32_t) (end + (((end - first) << misses) - (end - first)));
    note[NOTE_FLAGS] += misses < MISSES_MAX ? FLAG_MISS : 0;
}

/* A long row of blanks of two kinds says something by itself, or is an indentation. */
static bool
visit_row(struct tt_look *look, const struct tt_gap *gap)
{
    struct tt_str text = look->field->text;
    struct tt_forms forms;
    struct tt_payload payload;
    if (gap->to - gap->from < RUN_BYTES || !tt_forms_init(look, &forms, gap->to - gap->from)) {
        return false;
    }
    for (size_t pos = gap->from; pos < gap->to;) {
        size_t len = tt_utf8_next(text, pos).len;
        tt_forms_add(&forms, tt_str_slice(text, pos, pos + len));
        pos += len;
    }
    if (!tt_forms_read(look, &forms, (struct tt_forms_demand) {.margin = MARGIN_ORDINARY}, &payload)) {
        return false;
    }
    report_reading(look, gap->from, gap->to - gap->from, gap->to, forms.n, &payload);
    return true;
}

/* ---- line ends ---- */

/* Latin-1 made of other encodings is full of controls; U+0085 is one of them then. */
static bool
is_mojibake(struct tt_str text, size_t pos)
{
    struct tt_span line = tt_context_line(text, pos);
    uint32_t before = tt_utf8_prev(text, pos).cp;
    if (before >= 0xC2 && before <= 0xF4) {
        return true;
    }
    for (size_t at = line.from; at < line.to;) {
        struct tt_rune rune = tt_utf8_next(text, at);
        if (rune.len == 0 || (rune.cp >= 0x80 && rune.cp < 0xA0 && rune.cp != 0x85)) {
            return rune.len > 0;
        }
        at += rune.len;
    }
    return false;
}

/* Set apart by quotes, brackets or other line ends, as in code that deals with them. */
static bool
is_mentioned(struct tt_str text, size_t pos, size_t len)
{
    uint32_t sides[2] = {tt_utf8_prev(text, pos).cp, tt_utf8_next(text, pos + len).cp};
    for (int i = 0; i < 2; i++) {
        bool sign = sides[i] == 0 || (sides[i] < 0x80 && strchr("'\"`[](){}|/\\,", (int) sides[i]));
        if (!sign && sides[i] != 0x85 && sides[i] != 0x2028 && sides[i] != 0x2029) {
            return false;
        }
    }
    return true;
}

static void
visit_separator(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    const struct tt_field *field = look->field;
    struct verdict v = {.cp = rune.cp};
    *look->done = pos + rune.len;
    v.at = (struct tt_run) {.from = pos, .to = pos + rune.len, .count = 1, .first = rune.cp};
    if (look->note[NOTE_FLAGS] & FLAG_SEPARATOR || tt_run_is_quoted(field, &v.at) ||
        (rune.cp == 0x85 && is_mojibake(field->text, pos))) {
        return;
    }
    bool mentioned = is_mentioned(field->text, pos, rune.len);
    if (field->in_json && !mentioned) {
        look->note[NOTE_FLAGS] |= FLAG_SEPARATOR; /* one of a field is enough */
        report_place(look, &v, TT_SUSPICIOUS, "ends a line inside a JSON string");
    } else {
        report_place(look, &v, TT_CANDIDATE, "stands in the text");
    }
}

static void
visit(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    struct tt_str text = look->field->text;
    if (!tt_gap_is_space(rune.cp)) {
        visit_separator(look, pos, rune);
        return;
    }
    if (rune.cp == 0x3000 && (is_cjk(tt_utf8_next(text, pos + 3).cp) || is_cjk(tt_utf8_prev(text, pos).cp))) {
        *look->done = pos + 3;
        return;
    }
    struct tt_gap gap = tt_gap_at(text, pos);
    *look->done = gap.to;
    if (gap.from < look->field->from) {
        return; /* an earlier window has seen it */
    }
    if (visit_row(look, &gap) || look->status != TT_OK) {
        return;
    }
    if (judge(look->field, &gap).judgement >= TT_JUDGE_UNUSUAL) {
        visit_field_rest(look, &gap);
    } else {
        visit_common(look, &gap);
    }
}

const struct tt_channel tt_channel_space = {
    .name = "space",
    .rule = "mark.space",
    .alphabet = "U+0020 00A0 1680 2000-200A 202F 205F 3000; line ends U+0085 2028 2029",
    .capacity = "1 to 4 bits a gap between words",
    .wake = TT_CHAR_ODD_SPACE,
    .visit = visit,
};
