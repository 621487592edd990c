/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Line structure: LF, CR LF and CR mixed in one text.
 *
 * One kind throughout is silent, whichever it is.  A mixture is a candidate, once a document: concatenated files, diffs of
 * Windows sources and captured terminals have it.  Read as bits, a line a place, it may say something.  All lines of a field (or
 * window) are taken together in the first visit at a CR LF; a text without CR LF never gets here, and lone CRs of progress bars
 * count only beside it.
 *
 * Input: a position.  Output: at most one finding a field.  Owns nothing but scratch in the look's arena.
 */
#include "marks/channels.h"
#include "marks/choice.h"

#include "base/limits.h"

#define PLACES_MIN 28    /* line ends that make four characters of 7 bits */
#define PLACES_MAX 65536 /* line ends that are read */

#define COPIED_CHANGES 2 /* from one kind of line ends to the other, and back */
#define COPIED_LINES 8   /* of each kind */

struct survey {
    size_t feeds, pairs; /* LF alone, CR LF */
    size_t changes;      /* from one to the other */
    size_t odd, odd_to;  /* the first line end of the kind that is rarer */
    size_t first[2];     /* the first LF alone and the first CR LF */
};

static void
take_survey(const struct tt_field *field, struct survey *s)
{
    const char *p = field->text.ptr;
    const char *end = p + field->to;
    bool last = false;
    *s = (struct survey) {0};
    for (const char *at = p + field->from; at < end && (at = memchr(at, '\n', (size_t) (end - at))); at++) {
        bool pair = at > p && at[-1] == '\r';
        size_t *count = pair ? &s->pairs : &s->feeds;
        s->changes += s->pairs + s->feeds > 0 && pair != last;
        last = pair;
        if ((*count)++ == 0) {
            s->first[pair] = (size_t) (at - p) - pair;
        }
    }
    bool pair = s->pairs < s->feeds || s->feeds == 0;
    s->odd = s->first[pair];
    s->odd_to = s->odd + 1 + pair;
}

/* One block of lines that was copied into the text: nobody chose the end of a line. */
static bool
is_copied(const struct survey *s)
{
    return s->changes == COPIED_CHANGES && s->pairs >= COPIED_LINES && s->feeds >= COPIED_LINES;
}

/* Did the part before this window end its last line with LF alone, while this one begins with CR LF? */
static bool
changes_here(const struct tt_field *field, const struct survey *s)
{
    const char *feed = field->from > 1 ? memrchr(field->text.ptr, '\n', field->from) : NULL;
    return s->feeds == 0 && feed && feed > field->text.ptr && feed[-1] != '\r';
}

/* Reads line ends as digits; true when they said something, which is then reported. */
static bool
report_text(struct tt_look *look, const struct survey *s)
{
    const struct tt_field *field = look->field;
    const char *p = field->text.ptr;
    const char *end = p + field->to;
    struct tt_choice choice;
    size_t places = s->feeds + s->pairs;
    if (places < PLACES_MIN || !tt_choice_begin(look, &choice, places < PLACES_MAX ? places : PLACES_MAX)) {
        return false;
    }
    for (const char *at = p + field->from; at < end && (at = memchr(at, '\n', (size_t) (end - at))); at++) {
        bool pair = at > p && at[-1] == '\r';
        tt_choice_add(&choice, (size_t) (at - p) - pair, pair ? TT_STR("\r\n") : TT_STR("\n"));
    }
    return tt_choice_end(look, &choice, "the ends of lines");
}

static void
report_mixture(struct tt_look *look, const struct survey *s)
{
    struct tt_forms_evidence e = {
        .level = TT_CANDIDATE,
        .offset = s->odd,
        .length = s->odd_to - s->odd,
        .to = s->odd_to,
        .places = s->feeds + s->pairs,
        .bits = s->feeds + s->pairs,
        .message = TT_STR_INIT("lines end in two different ways"),
    };
    tt_forms_report(look, &e);
}

static void
visit(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    const struct tt_field *field = look->field;
    struct survey s;
    (void) rune;
    if (pos == 0 || field->text.ptr[pos - 1] != '\r') {
        /* A blank woke the kernel.  Where there is no carriage return at all, it need not ask again. */
        const char *cr = memchr(field->text.ptr + pos, '\r', field->to - pos);
        *look->done = cr ? (size_t) (cr - field->text.ptr) : field->to;
        return;
    }
    *look->done = field->to;
    take_survey(field, &s);
    bool told = s.feeds > 0 && report_text(look, &s);
    if (!told && !is_copied(&s) && (s.feeds > 0 || changes_here(field, &s)) && look->status == TT_OK) {
        report_mixture(look, &s);
    }
}

const struct tt_channel tt_channel_line_end = {
    .name = "line-end",
    .rule = "mark.line-end",
    .alphabet = "LF and CR LF",
    .capacity = "1 bit a line",
    .wake = TT_CHAR_LINE_END,
    .visit = visit,
};
