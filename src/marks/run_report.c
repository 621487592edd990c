/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports of the hidden-run channels: message, evidence, and what the characters say.
 *
 * Input: the evidence that run_visit.c has gathered.  Output: one finding to the look's sink.  Every string lives in the look's
 * arena.
 */
#include "marks/run.h"

#include "base/limits.h"

/* ---- one report ---- */

static const char *
number_text(struct tt_look *look, uint64_t value)
{
    struct tt_str text;
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char) ('0' + value % 10);
        value /= 10;
    } while (value);
    enum tt_status status = tt_arena_dup(look->arena, tt_str_make(digits + at, sizeof(digits) - at), &text);
    if (status != TT_OK) {
        look->status = status;
    }
    return text.ptr;
}

/* Bits that one of so many symbols carries, rounded up. */
static unsigned
bits_of(size_t variety)
{
    unsigned bits = 1;
    while (variety > (size_t) 1 << bits) {
        bits++;
    }
    return bits;
}

static size_t
capacity(const struct tt_run_kind *kind, const struct tt_run_evidence *e)
{
    return e->total * (kind->bits ? kind->bits : bits_of(tt_run_variety(e->symbols, e->n)));
}

/* Name of the character, to begin a sentence. */
static const char *
capital_name(struct tt_look *look, uint32_t cp)
{
    const char *name = tt_run_name(cp);
    size_t size = strlen(name) + 1;
    char *copy = tt_arena_get(look->arena, size);
    if (!copy) {
        look->status = TT_E_MEMORY;
        return "";
    }
    memcpy(copy, name, size);
    copy[0] = (char) (copy[0] - ('a' - 'A')); /* names are in lower case */
    return copy;
}

static struct tt_str
message_of(struct tt_look *look, const struct tt_run_kind *kind, const struct tt_run_evidence *e, const struct tt_payload *best)
{
    if (e->total == 1) {
        return tt_look_text(look, capital_name(look, e->run.first), " ", e->why, NULL);
    }
    const char *count = number_text(look, e->total);
    if (!best || best->grade < TT_GRADE_FRAMED) {
        return tt_look_text(look, count, " ", kind->noun, " ", e->why, NULL);
    }
    const char *what = best->grade == TT_GRADE_FRAMED ? " carry a locked message (" : " carry readable text (";
    return tt_look_text(look, count, " ", kind->noun, what, best->format, ")", NULL);
}

/* "format: text" of the readings behind the first, one a line. */
static void
add_alternatives(struct tt_look *look, struct tt_finding *f, const struct tt_readings *readings)
{
    struct tt_buf list;
    struct tt_str text;
    tt_buf_init(&list, look->arena->alloc, TT_READINGS_MAX * (TT_DECODED_MAX + 64));
    for (size_t i = 1; i < readings->count; i++) {
        const struct tt_payload *payload = &readings->best[i];
        tt_buf_add_cstr(&list, i > 1 ? "\n" : "");
        tt_buf_add_cstr(&list, payload->format);
        tt_buf_add_cstr(&list, ": ");
        for (size_t k = 0; k < payload->bytes.len; k++) {
            char c = payload->bytes.ptr[k];
            tt_buf_add_char(&list, c == '\n' ? ' ' : c); /* items are divided by line feeds */
        }
    }
    enum tt_status status = list.status == TT_E_MEMORY ? TT_E_MEMORY : tt_arena_dup(look->arena, tt_buf_str(&list), &text);
    tt_buf_free(&list);
    if (status != TT_OK) {
        look->status = status;
        return;
    }
    tt_finding_add_fact(f, "decoded.alternatives", TT_FACT_LIST, text);
}

/* What the text says once more: "base64: user=4711". */
static void
add_inner(struct tt_look *look, struct tt_finding *f, const struct tt_payload *best)
{
    struct tt_payload inner;
    enum tt_status status = tt_payload_inner(look->arena, best->bytes, &inner);
    if (status != TT_OK) {
        look->status = status;
    } else if (inner.grade >= TT_GRADE_TEXT) {
        tt_finding_add_text(f, "decoded.within", inner.bytes);
        tt_finding_add_text(f, "decoded.within_format", tt_str_cstr(inner.format));
    }
}

/* What was read; of bytes that say nothing, only that many readings fit. */
static void
add_decoded(struct tt_look *look, struct tt_finding *f, const struct tt_readings *readings)
{
    const struct tt_payload *best = &readings->best[0];
    if (best->grade < TT_GRADE_FRAMED && !best->note) {
        return;
    }
    tt_finding_add_text(f, "decoded.format", tt_str_cstr(best->format));
    if (best->grade >= TT_GRADE_TEXT) {
        tt_finding_add_text(f, "decoded.text", best->bytes);
        add_inner(look, f, best);
    } else if (best->bytes.len > 0) {
        tt_finding_add_number(f, "decoded.length", (int64_t) best->bytes.len);
    }
    if (best->note) {
        tt_finding_add_text(f, "decoded.note", tt_str_cstr(best->note));
    }
    if (best->grade >= TT_GRADE_TEXT && readings->count > 1) {
        add_alternatives(look, f, readings);
    }
}

/* The characters that were read, so that what is spread over a text can be read again. */
static void
add_symbols(struct tt_look *look, struct tt_finding *f, const struct tt_run_evidence *e)
{
    size_t n = e->n < 64 ? e->n : 64; /* writers show no more */
    char *utf8 = tt_arena_get(look->arena, n * 4 + 1);
    size_t len = 0;
    if (!utf8) {
        look->status = TT_E_MEMORY;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        len += tt_utf8_put(e->symbols[i], utf8 + len);
    }
    tt_finding_add_fact(f, "hidden", TT_FACT_CODEPOINTS, tt_str_make(utf8, len));
}

void
tt_run_report(struct tt_look *look, const struct tt_run_kind *kind, const struct tt_run_evidence *e)
{
    struct tt_finding f;
    const struct tt_payload *best = e->readings.count > 0 ? &e->readings.best[0] : NULL;
    enum tt_level level = best && best->grade >= TT_GRADE_FRAMED ? TT_CONFIRMED : TT_SUSPICIOUS;
    tt_look_begin(look, &f, level, e->run.from, e->run.to - e->run.from, message_of(look, kind, e, best));
    f.extent_to = e->to;
    if (e->total > 1) {
        tt_finding_add_number(&f, "symbols", (int64_t) e->total);
        tt_finding_add_number(&f, "bits", (int64_t) capacity(kind, e));
    }
    if (e->to > e->run.to) {
        add_symbols(look, &f, e);
    }
    if (best) {
        add_decoded(look, &f, &e->readings);
    }
    if (e->total > 1 && e->to > look->claimed) {
        look->claimed = e->to;
    }
    if (look->status == TT_OK) {
        tt_look_report(look, &f);
    }
}

#define NOTE_QUIET 1 /* of the channel's notes */
#define QUIET_MAX 32 /* quiet places of a field that are a habit; so many are worth to be told */

void
tt_run_report_unusual(struct tt_look *look, const struct tt_run *run, struct tt_verdict verdict)
{
    struct tt_finding f;
    if (verdict.quiet && ++look->note[NOTE_QUIET] < QUIET_MAX && !tt_look_in_template(look)) {
        return;
    }
    struct tt_str message = tt_look_text(look, capital_name(look, run->first), " ", verdict.why, NULL);
    tt_look_begin(look, &f, TT_CANDIDATE, run->from, run->to - run->from, message);
    if (look->status == TT_OK) {
        tt_look_report_low(look, &f);
    }
}
