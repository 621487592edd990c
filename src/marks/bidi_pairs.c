/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pairing of the controls of direction, after UAX #9, BD9 and BD11.
 *
 * Input: a field and the position of one half.  Output: whether and where the other half stands.  Isolates are matched like
 * brackets; embeddings and overrides like brackets inside one isolate, and their closing does not reach out of it.  An
 * embedding that only the end of its isolate closes counts as open.  The walk ends with the paragraph or at TT_BIDI_DEEP, so that all
 * walks together cost at most DEPTH_MAX steps a character.
 */
#include "marks/bidi_pairs.h"

#include "marks/choice.h"

#define DEPTH_MAX 125 /* max_depth of UAX #9 */

bool
tt_bidi_is_embedding(uint32_t cp)
{
    return cp == TT_LRE || cp == TT_RLE || cp == TT_LRO || cp == TT_RLO;
}

bool
tt_bidi_is_isolate(uint32_t cp)
{
    return cp >= TT_LRI && cp <= TT_FSI;
}

bool
tt_bidi_ends_paragraph(uint32_t cp)
{
    return cp == '\n' || cp == '\r' || (cp >= 0x1C && cp <= 0x1E) || cp == 0x85 || cp == 0x2029;
}

/* How many halves wait for theirs. */
struct depth {
    size_t isolates;
    size_t embeddings; /* of the level at which the walk began */
};

/* One character of a walk.  opens and closes are seen in the direction of the walk. */
static enum tt_bidi_pair
step(struct depth *d, bool embedding, bool opens, bool isolate_opens, bool closes, bool isolate_closes)
{
    if (isolate_opens) {
        d->isolates++;
    } else if (isolate_closes) {
        if (d->isolates == 0) {
            return TT_BIDI_OPEN; /* the end of the isolate around it */
        }
        d->isolates--;
        if (d->isolates == 0 && !embedding) {
            return TT_BIDI_PAIRED;
        }
    } else if (d->isolates == 0 && opens) {
        d->embeddings++;
    } else if (d->isolates == 0 && closes) {
        d->embeddings--;
        if (d->embeddings == 0) {
            return TT_BIDI_PAIRED;
        }
    }
    return d->isolates + d->embeddings > DEPTH_MAX ? TT_BIDI_DEEP : TT_BIDI_UNKNOWN;
}

static enum tt_bidi_pair
find_end(const struct tt_field *field, size_t pos, bool embedding, size_t *at)
{
    struct depth d = {.isolates = !embedding, .embeddings = embedding};
    for (;;) {
        struct tt_rune rune = tt_utf8_next(field->text, pos);
        *at = pos;
        if (rune.len == 0) {
            return field->at_end ? TT_BIDI_OPEN : TT_BIDI_UNKNOWN;
        }
        if (tt_bidi_ends_paragraph(rune.cp)) {
            return TT_BIDI_OPEN;
        }
        pos += rune.len;
        if (!tt_char_is(rune.cp, TT_CHAR_BIDI)) {
            continue;
        }
        enum tt_bidi_pair pair =
            step(&d, embedding, tt_bidi_is_embedding(rune.cp), tt_bidi_is_isolate(rune.cp), rune.cp == TT_PDF, rune.cp == TT_PDI);
        if (pair != TT_BIDI_UNKNOWN) {
            return pair;
        }
    }
}

static enum tt_bidi_pair
find_start(const struct tt_field *field, size_t pos, bool embedding, size_t *at)
{
    struct depth d = {.isolates = !embedding, .embeddings = embedding};
    for (;;) {
        struct tt_rune rune = tt_utf8_prev(field->text, pos);
        *at = pos;
        if (rune.len == 0) {
            return field->at_start ? TT_BIDI_OPEN : TT_BIDI_UNKNOWN;
        }
        if (tt_bidi_ends_paragraph(rune.cp)) {
            return TT_BIDI_OPEN;
        }
        pos -= rune.len;
        *at = pos;
        if (!tt_char_is(rune.cp, TT_CHAR_BIDI)) {
            continue;
        }
        enum tt_bidi_pair pair =
            step(&d, embedding, rune.cp == TT_PDF, rune.cp == TT_PDI, tt_bidi_is_embedding(rune.cp), tt_bidi_is_isolate(rune.cp));
        if (pair != TT_BIDI_UNKNOWN) {
            return pair;
        }
    }
}

enum tt_bidi_pair
tt_bidi_find_pair(const struct tt_field *field, size_t pos, size_t *at)
{
    struct tt_rune rune = tt_utf8_next(field->text, pos);
    if (rune.cp == TT_PDF || rune.cp == TT_PDI) {
        return find_start(field, pos, rune.cp == TT_PDF, at);
    }
    return find_end(field, pos + rune.len, tt_bidi_is_embedding(rune.cp), at);
}

bool
tt_bidi_read_openers(struct tt_look *look)
{
    struct tt_str text = tt_str_slice(look->field->text, 0, look->field->to);
    struct tt_choice choice;
    if (!tt_choice_begin(look, &choice, TT_CHOICE_PLACES)) {
        return false;
    }
    for (size_t pos = 0; pos < text.len && !tt_choice_is_full(&choice);) {
        const char *next = memchr(text.ptr + pos, 0xE2, text.len - pos); /* the first byte of all of them */
        if (!next) {
            break;
        }
        pos = (size_t) (next - text.ptr);
        struct tt_rune rune = tt_utf8_next(text, pos);
        bool opens = rune.cp == TT_LRE || rune.cp == TT_RLE || (rune.cp >= TT_LRI && rune.cp < TT_PDI);
        if (opens) {
            tt_choice_add(&choice, pos, tt_str_slice(text, pos, pos + rune.len));
        }
        pos += rune.len ? rune.len : 1;
    }
    bool said = tt_choice_end(look, &choice, "controls that open pairs");
    *look->done = said ? text.len : *look->done;
    return said;
}
