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
#include "marks/space.h"
#include "marks/channels.h"
#include "marks/context.h"

#include "base/limits.h"

#define LISTED_MAX 2      /* odd spaces of an entry of a list */
#define TOGETHER 3        /* so many broken places of a field are one report */
#define THICK 10          /* gaps with a no-break space ... */
#define THICK_BYTES 1500  /* ... in so many bytes are read as bits */
#define BACK_BYTES 1500   /* where reading begins before them, for the first bits may be ordinary spaces */
#define STRETCH 512       /* gaps that are read then */
#define RUN_BYTES 32      /* a run of blanks as long as this is read by itself */
#define MARGIN_ODD 3      /* bits; what is read breaks a rule anyway */
#define MARGIN_ORDINARY 8 /* what is read may be innocent */
#define LEAST_ORDINARY 5  /* bytes of text */

/* struct tt_look's notes. */
enum note { NOTE_COUNT, NOTE_FROM, NOTE_UNTIL, NOTE_FLAGS };

/* Of NOTE_FLAGS: a line end was reported; above it, how often no-break spaces were read in vain. */
#define FLAG_SEPARATOR 1
#define FLAG_MISS 2
#define MISSES_MAX 5

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
    struct tt_space_verdict first_broken, first_unusual, second_kind;
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
        if (tt_space_is_uncommon(rune.cp)) {
            s->uncommon[s->uncommon_n++] = rune.cp;
        }
    }
}

/* Two different odd spaces between ordinary words of one line: nobody types so. */
static void
note_variety(const struct tt_field *field, const struct tt_space_verdict *v, struct survey *s)
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

/* fresh: it was not judged before. */
static void
survey_gap(const struct tt_field *field, const struct tt_gap *gap, bool fresh, struct survey *s)
{
    struct tt_space_verdict v = tt_space_judge(field, gap);
    add_symbols(field->text, gap, s);
    note_variety(field, &v, s);
    s->total += gap->odd;
    if (!fresh) {
        return;
    }
    s->to = gap->to;
    if (v.judgement == TT_JUDGE_BROKEN) {
        s->first_broken = s->broken++ ? s->first_broken : v;
    } else if (v.judgement == TT_JUDGE_UNUSUAL) {
        s->first_unusual = s->unusual++ ? s->first_unusual : v;
    }
}

/* A space alone in quotes is one that a program lists, as tables of entities do. */
static bool
is_listed(const struct tt_gap *gap)
{
    return gap->odd <= LISTED_MAX && gap->before == gap->after && gap->before > 0 && gap->before < 0x80 &&
           strchr("\"'`|", (int) gap->before);
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
        if (gap.odd > 0 && !is_listed(&gap)) {
            survey_gap(field, &gap, gap.from >= judge_from, s);
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
report_place(struct tt_look *look, const struct tt_space_verdict *v, enum tt_level level, const char *why)
{
    struct tt_forms_evidence e = {.level = level, .offset = v->at.from, .length = v->at.to - v->at.from, .to = v->at.to};
    e.message = tt_look_text(look, "a ", name_of(v->cp), " ", why, NULL);
    tt_forms_report(look, &e);
}

static void
report_many(struct tt_look *look, const struct survey *s)
{
    const struct tt_space_verdict *v = &s->first_broken;
    struct tt_forms_evidence e = {.level = TT_SUSPICIOUS, .offset = v->at.from, .length = v->at.to - v->at.from, .to = s->to};
    unsigned bits = 1;
    while (tt_run_variety(s->symbols, s->n) >> bits) {
        bits++;
    }
    e.places = s->total;
    e.bits = s->total * bits;
    e.message = tt_look_text(look, tt_look_number(look, s->broken), " unusual spaces stand where ordinary ones belong", NULL);
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
    const struct tt_space_verdict *first = s.broken ? &s.first_broken : &s.first_unusual;
    if (read_survey(look, gap->from, &s, &payload)) {
        report_reading(look, first->at.from, first->at.to - first->at.from, s.to, s.total, &payload);
    } else if (look->status != TT_OK) {
        return;
    } else if (s.broken >= TOGETHER && !look->field->escaped) {
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

/* A stretch of gaps that is read. */
struct stretch {
    size_t from, end;
    size_t places;
};

static bool
read_stretch(struct tt_look *look, struct stretch *stretch, size_t most, struct tt_payload *out)
{
    struct tt_forms forms;
    if (!tt_gap_forms(look, stretch->from, look->field->text.len, most, &forms, &stretch->end)) {
        return false;
    }
    stretch->places = forms.n;
    return tt_forms_read(look, &forms,
                         (struct tt_forms_demand) {.margin = MARGIN_ORDINARY, .least = LEAST_ORDINARY, .anywhere = true}, out);
}

/* Where no-break spaces stand thick, the gaps around are read; after misses, less often. */
static void
visit_common(struct tt_look *look, const struct tt_gap *gap)
{
    struct tt_payload part, whole;
    uint32_t *note = look->note;
    size_t first;
    if (gap->from < note[NOTE_UNTIL] || is_before_sign(gap) || tt_gap_is_edge(gap) || !is_thick(note, gap, &first)) {
        return;
    }
    struct stretch stretch = {.from = reading_start(look->field, first)}, all = stretch;
    if (read_stretch(look, &stretch, STRETCH, &part)) {
        bool longer = read_stretch(look, &all, TT_RUN_MAX, &whole) && whole.bytes.len >= part.bytes.len;
        struct tt_gap shown = tt_gap_at(look->field->text, first);
        stretch = longer ? all : stretch;
        report_reading(look, shown.from, shown.to - shown.from, stretch.end, stretch.places, longer ? &whole : &part);
        note[NOTE_UNTIL] = (uint32_t) stretch.end;
        return;
    }
    size_t length = stretch.end > first ? stretch.end - first : 0;
    uint32_t misses = note[NOTE_FLAGS] / FLAG_MISS;
    note[NOTE_UNTIL] = (uint32_t) (first + (length << misses));
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
    if (!tt_forms_read(look, &forms, (struct tt_forms_demand) {.margin = MARGIN_ORDINARY, .least = LEAST_ORDINARY}, &payload)) {
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
    struct tt_space_verdict v = {.cp = rune.cp};
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
    if (rune.cp == 0x3000 && (tt_space_is_cjk(tt_utf8_next(text, pos + 3).cp) || tt_space_is_cjk(tt_utf8_prev(text, pos).cp))) {
        *look->done = pos + 3;
        return;
    }
    if (rune.cp == 0x00A0 && (pos < look->note[NOTE_UNTIL] || tt_utf8_prev(text, pos).cp == 0x00A0)) {
        *look->done = pos + rune.len;
        return;
    }
    struct tt_gap gap = tt_gap_at(text, pos);
    if (gap.from < look->field->from) {
        *look->done = gap.to;
        return; /* an earlier window has seen it */
    }
    if (rune.cp == 0x00A0 && gap.to - gap.from < RUN_BYTES) {
        *look->done = pos + rune.len; /* other spaces of the gap wake the channel themselves */
        visit_common(look, &gap);
        return;
    }
    *look->done = gap.to;
    if (is_listed(&gap) || visit_row(look, &gap) || look->status != TT_OK) {
        return;
    }
    if (tt_space_judge(look->field, &gap).judgement >= TT_JUDGE_UNUSUAL) {
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
