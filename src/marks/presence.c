/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading presence and absence; see presence.h.
 *
 * Input: a field that holds the character at least once.  Output: at most one finding.  Units are read in several ways, because an encoder may take each letter,
 * each word, each word that is long enough to be divided, or each line for a place.  Every way is a chance for noise, so the margin is wide.
 */
#include "marks/presence.h"

#include "marks/choice.h"
#include "marks/run.h"
#include "text/sequence.h"

#define MARGIN 18        /* bits, see forms.h: hyphenated text is common, messages are not */
#define MARGIN_STYLES 12 /* they are read in one way only */
#define LEAST 5          /* bytes of text */
#define PRESENT_LEAST 8  /* places that have the character: fewer spell no five letters */

#define NOTE_READ (TT_NOTES - 1) /* of the channel's notes */
#define NOTE_STYLES (TT_NOTES - 2)

/* What ends a unit, and how many letters it has at least: words begin to be divided at about five. */
enum end { AT_LETTER, AT_OTHERS, AT_BLANKS, AT_LINES };

static const struct unit {
    enum end end;
    size_t least;
} units[] = {{AT_LETTER, 1}, {AT_OTHERS, 1}, {AT_OTHERS, 5}, {AT_BLANKS, 1}, {AT_BLANKS, 4},
             {AT_BLANKS, 5}, {AT_BLANKS, 6}, {AT_BLANKS, 7}, {AT_LINES, 1}};

struct reading {
    struct tt_choice choice;
    char own[4];          /* the character */
    size_t letters;       /* of the unit at hand */
    size_t from;          /* where it begins */
    size_t at, at_length; /* the character in it; length 0: none */
    size_t present;
};

static void
end_unit(struct reading *r, size_t pos, const struct unit *unit)
{
    if (r->letters >= unit->least) {
        tt_choice_add(&r->choice, r->at_length ? r->at : r->from, r->at_length ? tt_str_make(r->own, r->at_length) : TT_STR(""));
        r->present += r->at_length > 0;
    }
    r->letters = r->at_length = 0;
    r->from = pos;
}

static bool
is_letter(uint32_t cp)
{
    return cp < 0x80 ? tt_ascii_is_alpha((int) cp) : tt_char_is_letter(cp);
}

/* Does a unit end before the character? */
static bool
ends(enum end end, uint32_t cp, bool letter)
{
    switch (end) {
    case AT_LETTER: return letter || !tt_char_is_mark(cp);
    case AT_OTHERS: return !letter && !tt_char_is_mark(cp);
    case AT_BLANKS: return tt_char_is(cp, TT_CHAR_SPACE);
    case AT_LINES: break;
    }
    return cp == '\n';
}

static void
read_units(struct reading *r, struct tt_str text, uint32_t cp, const struct unit *unit)
{
    for (size_t pos = 0; pos < text.len && !tt_choice_is_full(&r->choice);) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        bool letter = is_letter(rune.cp);
        if (rune.cp == cp) {
            r->at = pos;
            r->at_length = rune.len;
        } else if (ends(unit->end, rune.cp, letter)) {
            end_unit(r, pos, unit);
        }
        r->letters += letter;
        pos += rune.len ? rune.len : 1;
    }
    end_unit(r, text.len, unit);
}

/* Reports what the places say, if they say something. */
static bool
report(struct tt_look *look, struct reading *r, unsigned margin, const char *what)
{
    struct tt_payload payload;
    struct tt_choice *choice = &r->choice;
    const struct tt_forms_demand demand = {.margin = margin, .least = LEAST, .anywhere = choice->forms.count == 2};
    if (choice->forms.count < 2 || r->present < PRESENT_LEAST || !tt_forms_read(look, &choice->forms, demand, &payload)) {
        return false;
    }
    struct tt_forms_evidence e = {.level = TT_CONFIRMED, .offset = r->at, .length = r->at_length, .to = choice->end};
    e.places = e.bits = choice->forms.n;
    e.payload = &payload;
    e.message = tt_look_text(look, what, ", there or not, carry readable text (", payload.format, ")", NULL);
    *look->done = choice->end;
    tt_forms_report(look, &e);
    return true;
}

/* Is the character there often enough for any way to read it?  Mostly it is not, which saves all of them.  Its first byte is rare in what it stands in. */
static bool
is_frequent(struct tt_str text, struct tt_str own)
{
    size_t count = 0;
    const char *at = text.ptr, *end = text.ptr + text.len;
    for (; count < PRESENT_LEAST && (at = memchr(at, own.ptr[0], (size_t) (end - at))); at++) {
        count += tt_str_starts(tt_str_make(at, (size_t) (end - at)), own);
    }
    return count >= PRESENT_LEAST;
}

bool
tt_presence_of(struct tt_look *look, uint32_t cp, const char *what)
{
    struct tt_str text = tt_str_slice(look->field->text, 0, look->field->to);
    char own[4];
    size_t own_length = tt_utf8_put(cp, own);
    if (look->note[NOTE_READ]++ > 0 || !is_frequent(text, tt_str_make(own, own_length))) {
        return false;
    }
    for (size_t i = 0; i < TT_RUN_COUNT(units) && look->status == TT_OK; i++) {
        struct reading r = {0};
        if (!tt_choice_begin(look, &r.choice, TT_CHOICE_PLACES)) {
            return false;
        }
        memcpy(r.own, own, own_length);
        read_units(&r, text, cp, &units[i]);
        if (report(look, &r, MARGIN, what)) {
            return true;
        }
    }
    return false;
}

/* Characters outside ASCII that are listed with both styles: digits and # * seldom mean an emoji. */
static bool
takes_style(uint32_t cp)
{
    return cp >= 0x80 && tt_variation_is_listed(cp, 0xFE0F);
}

bool
tt_presence_of_styles(struct tt_look *look)
{
    struct tt_str text = tt_str_slice(look->field->text, 0, look->field->to);
    struct reading r = {0};
    if (look->note[NOTE_STYLES]++ > 0 || !tt_choice_begin(look, &r.choice, TT_CHOICE_PLACES)) {
        return false;
    }
    for (size_t pos = 0; pos < text.len && !tt_choice_is_full(&r.choice);) {
        if ((unsigned char) text.ptr[pos] < 0x80) {
            pos++;
            continue;
        }
        struct tt_rune base = tt_utf8_next(text, pos);
        struct tt_rune style = tt_utf8_next(text, pos + base.len);
        bool styled = style.cp == 0xFE0E || style.cp == 0xFE0F;
        if (takes_style(base.cp)) {
            tt_choice_add(&r.choice, pos, styled ? tt_str_slice(text, pos + base.len, pos + base.len + style.len) : TT_STR(""));
            r.present += styled;
            r.at = styled ? pos + base.len : r.at;
            r.at_length = styled ? style.len : r.at_length;
        }
        pos += base.len ? base.len : 1;
    }
    return report(look, &r, MARGIN_STYLES, "styles of emoji");
}
