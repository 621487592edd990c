/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spacing: one space or two between words, or behind sentences.
 *
 * Justified text, tables, manual pages and whole schools of typing double their spaces, so that presence and even irregular
 * use are silent; only a reading counts.  No character wakes this channel.  It glances at the beginning of a field, where a
 * message has to begin, and reads on only if a double space stands there between two words.  A message that begins later, or
 * spaces around signs, are left to the comparison of documents.
 *
 * Input: a field.  Output: at most one finding a field.  Owns nothing but scratch in the look's arena.
 */
#include "marks/blanks.h"
#include "marks/channels.h"
#include "marks/forms.h"
#include "marks/spacing_row.h"

#include "base/limits.h"
#define READ_BYTES 65536  /* bytes that are read then */
#define PLACES_MAX 8192   /* gaps that are read */
#define MARGIN_ORDINARY 8 /* bits, see forms.h */
#define LEAST_ORDINARY 5  /* bytes of text */

/*
 * Are two spaces, not more, between two words in these eight bytes?  Five places are tested at once; the pattern is the same from
 * both ends, so that the order of bytes does not matter.
 */
static bool
holds_double(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof(word));
    uint64_t low = word & 0x7F7F7F7F7F7F7F7Fu, space = word ^ 0x2020202020202020u;
    uint64_t visible = (low + 0x5F5F5F5F5F5F5F5Fu) | word; /* bit 7 of each byte over 0x20 */
    uint64_t spaces = ~(((space & 0x7F7F7F7F7F7F7F7Fu) + 0x7F7F7F7F7F7F7F7Fu) | space);
    return (visible & spaces >> 8 & spaces >> 16 & visible >> 24 & 0x8080808080u) != 0;
}

static bool
begins_double(struct tt_str text)
{
    for (size_t pos = 0; pos + 8 <= text.len; pos += 5) {
        if (holds_double(text.ptr + pos)) {
            return true;
        }
    }
    return false;
}

/* Where the places of a text are looked for. */
struct places {
    struct tt_spacing_text text;
    bool sentences; /* only those behind sentences */
    struct tt_spacing_row row;
};

/* Are there enough of both forms among the first places for a message to begin there? */
static bool
is_mixed(struct places *places)
{
    size_t max = places->sentences ? TT_SPACING_SENTENCES : TT_SPACING_WORDS;
    tt_spacing_read(&places->text, places->sentences, TT_SPACING_BYTES, max, NULL, &places->row);
    const struct tt_spacing_row *r = &places->row;
    return tt_spacing_is_text(r->wide, r->places) && r->places - r->twice >= max / TT_SPACING_SHARE &&
           r->twice >= max / TT_SPACING_SHARE;
}

/* Do the places say something?  Then payload is in the arena. */
static enum tt_status
read_places(struct tt_arena *arena, struct places *places, struct tt_payload *payload)
{
    *payload = (struct tt_payload) {0};
    if (!is_mixed(places)) {
        return TT_OK;
    }
    struct tt_forms forms = {.max = PLACES_MAX, .count = 2, .form = {TT_STR_INIT(" "), TT_STR_INIT("  ")}};
    forms.digit = tt_arena_get(arena, PLACES_MAX);
    if (!forms.digit) {
        return TT_E_MEMORY;
    }
    tt_spacing_read(&places->text, places->sentences, READ_BYTES, PLACES_MAX, forms.digit, &places->row);
    const struct tt_spacing_row *r = &places->row;
    if (!tt_spacing_is_text(r->wide, r->places)) {
        return TT_OK; /* a table */
    }
    forms.n = r->places;
    forms.tally[0] = r->places - r->twice;
    forms.tally[1] = r->twice;
    return tt_forms_find(arena, &forms, (struct tt_forms_demand) {.margin = MARGIN_ORDINARY, .least = LEAST_ORDINARY}, payload);
}

bool
tt_spacing_may_say(struct tt_arena *arena, const struct tt_spacing_text *text, bool sentences)
{
    struct places places = {.text = *text, .sentences = sentences};
    struct tt_payload payload;
    bool may = read_places(arena, &places, &payload) != TT_OK || payload.grade >= TT_GRADE_TEXT;
    tt_arena_reset(arena);
    return may;
}

static bool
judge(struct tt_look *look, bool sentences)
{
    struct places places = {.text = {.text = tt_str_slice(look->field->text, 0, look->field->to)}, .sentences = sentences};
    struct tt_payload payload;
    look->status = read_places(look->arena, &places, &payload);
    if (look->status != TT_OK || payload.grade < TT_GRADE_TEXT) {
        return false;
    }
    struct tt_forms_evidence e = {.level = TT_CONFIRMED, .offset = places.row.first, .length = 2, .to = places.row.end};
    e.places = e.bits = places.row.places;
    e.payload = &payload;
    e.message = tt_look_text(look, "single and double spaces carry readable text (", payload.format, ")", NULL);
    tt_forms_report(look, &e);
    return true;
}

static void
visit_field(struct tt_look *look)
{
    struct tt_str text = tt_str_slice(look->field->text, 0, look->field->to);
    if (begins_double(tt_str_slice(text, 0, TT_SPACING_GLANCE)) && !judge(look, false) && look->status == TT_OK) {
        judge(look, true);
    }
}

const struct tt_channel tt_channel_spacing = {
    .name = "spacing",
    .rule = "mark.spacing",
    .alphabet = "one U+0020 or two",
    .capacity = "1 bit a gap between words",
    .visit_field = visit_field,
};
