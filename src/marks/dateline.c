/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The date-line channel: the apostrophe and the separators of "Today's date is 2026-05-09."
 *
 * Input: each numeric date of a field.  Output: a finding where a date sentence is written with other symbols than the plain
 * ones.  The plain sentence is also what the mark writes for value 0, so its absence here is no statement at all.
 * Ownership: messages and facts live in the look's arena or in the field's text.
 *
 * Level: a form that people type every day is a candidate; symbols that only an encoder is known to combine are suspicious.
 * More than that takes proof by variation, which one text cannot give.
 */
#include "marks/dateline.h"
#include "marks/channels.h"

/* How far around the sentence another apostrophe is looked for: a context block of a client, not a whole conversation. */
#define CONTROL_REACH 2048

#define WORD_MAX 24 /* letters shown on each side of that apostrophe */

/* "'" itself, or "‹U+02BC›": room for a code point of any size. */
struct symbol_name {
    char text[24];
};

static struct symbol_name
name_symbol(uint32_t cp)
{
    struct symbol_name name = {{(char) cp, '\0'}};
    if (cp > ' ' && cp < 0x7F) {
        return name;
    }
    size_t n = 0;
    for (const char *p = "‹U+"; *p; p++) {
        name.text[n++] = *p;
    }
    for (int shift = cp > 0xFFFFF ? 20 : cp > 0xFFFF ? 16 : 12; shift >= 0; shift -= 4) {
        name.text[n++] = tt_hex_capital(cp >> shift);
    }
    for (const char *p = "›"; *p; p++) {
        name.text[n++] = *p;
    }
    name.text[n] = '\0';
    return name;
}

/* Signs that keyboards, word processors and input methods put in place of U+0027. */
static bool
is_habit(uint32_t cp)
{
    return cp == 0x0027 || cp == 0x2018 || cp == 0x2019 || cp == 0x0060 || cp == 0x00B4 || cp == 0xFF07;
}

static bool
is_mixed(const struct tt_dateline_site *site)
{
    return site->separator[0] != site->separator[1];
}

static enum tt_level
level_of(const struct tt_dateline_site *site)
{
    if (site->value >= 0) {
        return site->value <= 2 ? TT_CANDIDATE : TT_SUSPICIOUS;
    }
    bool plain_date = site->separator[0] == '-' || site->separator[0] == '.'; /* both are usual somewhere */
    return is_habit(site->apostrophe) && plain_date && !is_mixed(site) ? TT_CANDIDATE : TT_SUSPICIOUS;
}

static struct tt_str
message_for(struct tt_look *look, const struct tt_dateline_site *site)
{
    struct symbol_name apostrophe = name_symbol(site->apostrophe);
    struct symbol_name first = name_symbol(site->separator[0]);
    struct symbol_name second = name_symbol(site->separator[1]);
    if (site->value >= 0) {
        const char *reading = tt_dateline_reading((unsigned) site->value) + strlen("value 0: ");
        char value[] = {(char) ('0' + site->value), '\0'};
        return tt_look_text(look, "Today", apostrophe.text, "s date line ",
                            level_of(site) == TT_CANDIDATE ? "could carry" : "carries", " value ", value,
                            " of 0-7; by the published code ", reading, NULL);
    }
    if (is_mixed(site)) {
        return tt_look_text(look, "Today", apostrophe.text, "s date line has two separators, ", first.text, " and ", second.text,
                            ": not this mark; site anomaly", NULL);
    }
    return tt_look_text(look, "Today", apostrophe.text, "s date line, with separator ", first.text,
                        ", is not one of the eight forms of the date-line mark: unknown symbol", NULL);
}

/* ---- facts ---- */

static void
add_decoded(struct tt_finding *f, int value)
{
    if (value < 0) {
        return;
    }
    tt_finding_add_number(f, "decoded.value", value);
    tt_finding_add_number(f, "decoded.lab", value >> 2 & 1);
    tt_finding_add_number(f, "decoded.known", value >> 1 & 1);
    tt_finding_add_number(f, "decoded.tz", value & 1);
    tt_finding_add_number(f, "bits", 3);
}

static struct tt_str
separator_text(struct tt_look *look, const struct tt_dateline_site *site)
{
    char both[2][5] = {{0}};
    tt_utf8_put(site->separator[0], both[0]);
    if (is_mixed(site)) {
        tt_utf8_put(site->separator[1], both[1]);
    }
    return tt_look_text(look, both[0], both[1], NULL);
}

static void
add_symbols(struct tt_look *look, struct tt_finding *f, const struct tt_dateline_site *site)
{
    struct tt_str text = look->field->text;
    size_t at = site->apostrophe_at;
    tt_finding_add_fact(f, "symbols.apostrophe", TT_FACT_CODEPOINTS, tt_str_slice(text, at, at + site->apostrophe_length));
    tt_finding_add_fact(f, "symbols.separator", TT_FACT_CODEPOINTS, separator_text(look, site));
}

static void
add_explanations(struct tt_look *look, struct tt_finding *f, const struct tt_dateline_site *site)
{
    const char *why[2];
    tt_dateline_explain(site, why);
    tt_finding_add_fact(f, "explanations", TT_FACT_LIST, tt_look_text(look, why[0], "\n", why[1], NULL));
}

/* ---- the control: another apostrophe of the same block ---- */

static bool
is_letter_at(struct tt_str text, size_t at)
{
    return at < text.len && tt_ascii_is_alpha(text.ptr[at]);
}

/* An apostrophe inside an English word, as the one of the date sentence is. */
static bool
is_control(struct tt_str text, size_t at, struct tt_rune rune)
{
    return tt_char_is(rune.cp, TT_CHAR_APOSTROPHE) && at > 0 && is_letter_at(text, at - 1) && is_letter_at(text, at + rune.len);
}

/* A control in from..to, at most CONTROL_REACH apart; one with another symbol than the sentence is preferred. */
static struct tt_rune
find_control(struct tt_str text, size_t from, size_t to, uint32_t symbol, size_t *at)
{
    struct tt_rune found = {0, 0};
    for (size_t i = from; i < to;) {
        struct tt_rune rune = tt_utf8_next(text, i);
        if (is_control(text, i, rune) && (found.len == 0 || found.cp == symbol)) {
            found = rune;
            *at = i;
        }
        i += rune.len ? rune.len : 1;
    }
    return found;
}

/* Letters around a control, cut to WORD_MAX. */
static void
copy_word(struct tt_str text, size_t from, size_t to, char out[WORD_MAX + 1])
{
    size_t n = to - from < WORD_MAX ? to - from : WORD_MAX;
    memcpy(out, text.ptr + from, n);
    out[n] = '\0';
}

static void
add_control_at(struct tt_look *look, struct tt_finding *f, size_t at, struct tt_rune rune)
{
    struct tt_str text = look->field->text;
    struct symbol_name name = name_symbol(rune.cp);
    char left[WORD_MAX + 1], right[WORD_MAX + 1];
    size_t from = at;
    size_t to = at + rune.len;
    while (from > 0 && at - from < WORD_MAX && is_letter_at(text, from - 1)) {
        from--;
    }
    while (to - at < WORD_MAX && is_letter_at(text, to)) {
        to++;
    }
    copy_word(text, from, at, left);
    copy_word(text, at + rune.len, to, right);
    tt_finding_add_text(f, "control",
                        tt_look_text(look, "the same block writes ", name.text, " in: ", left, name.text, right, NULL));
}

/* Two members of one look-alike class in one block are an inconsistency that needs no history to be seen. */
static void
add_control(struct tt_look *look, struct tt_finding *f, const struct tt_dateline_site *site)
{
    struct tt_str text = look->field->text;
    size_t end = site->offset + site->length;
    size_t low = site->offset > CONTROL_REACH ? site->offset - CONTROL_REACH : 0;
    size_t high = text.len - end > CONTROL_REACH ? end + CONTROL_REACH : text.len;
    size_t at = 0, other_at = 0;
    struct tt_rune found = find_control(text, low, site->offset, site->apostrophe, &at);
    if (found.len == 0 || found.cp == site->apostrophe) {
        struct tt_rune other = find_control(text, end, high, site->apostrophe, &other_at);
        if (other.len > 0 && (found.len == 0 || other.cp != site->apostrophe)) {
            found = other;
            at = other_at;
        }
    }
    if (found.len > 0) {
        add_control_at(look, f, at, found);
    }
}

/* ---- the channel ---- */

/* The span that is shown: the apostrophe, or the separators when it is the plain one. */
static void
begin(struct tt_look *look, struct tt_finding *f, const struct tt_dateline_site *site)
{
    char bytes[4];
    size_t at = site->apostrophe_at;
    size_t length = site->apostrophe_length;
    if (site->apostrophe == 0x0027) {
        at = site->separator_at[0];
        length = site->separator_at[1] + tt_utf8_put(site->separator[1], bytes) - at;
    }
    tt_look_begin(look, f, level_of(site), at, length, message_for(look, site));
    f->extent_from = site->offset;
    f->extent_to = site->offset + site->length;
}

static void
visit_date(struct tt_look *look, const struct tt_date *date)
{
    struct tt_dateline_site site;
    struct tt_finding f;
    if (!tt_dateline_read(look->field->text, date, &site) || site.value == 0) {
        return;
    }
    begin(look, &f, &site);
    add_decoded(&f, site.value);
    add_symbols(look, &f, &site);
    add_explanations(look, &f, &site);
    if (tt_look_place(look) == TT_PLACE_TOOL_RESULT) {
        tt_finding_add_fact(&f, "labels", TT_FACT_LIST, TT_STR("quoted"));
    }
    add_control(look, &f, &site);
    tt_look_report(look, &f);
}

const struct tt_channel tt_channel_dateline = {
    .name = "date-line",
    .rule = "mark.dateline",
    .alphabet = "apostrophe U+0027 U+2019 U+02BC U+02B9, date separator U+002D U+002F",
    .capacity = "3 bits a sentence",
    .visit_date = visit_date,
};
