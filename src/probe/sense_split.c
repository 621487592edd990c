/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines cut along a reference, so that the same part of all of them can be compared.
 *
 * Input: a reference and a line.  Output: cells (sense_parts.h) that cover the line.  What stands for no token of the reference falls into the cell
 * between its neighbours.
 */
#include "probe/align.h"
#include "probe/sense_parts.h"

#define FOREIGN_WORDS 5 /* a reference of fewer words is not asked how much of it is left */

/* A word of a sentence: parts of ids have digits, and change altogether without being another text. */
static bool
is_prose(struct tt_str word, enum tt_token_kind kind)
{
    bool digit = false;
    for (size_t i = 0; i < word.len; i++) {
        digit = digit || tt_ascii_is_digit((unsigned char) word.ptr[i]);
    }
    return kind == TT_TOKEN_WORD && !digit;
}

enum tt_status
tt_sense_refer(struct tt_arena *arena, struct tt_str text, struct tt_sense_reference *out)
{
    *out = (struct tt_sense_reference) {.text = text};
    TT_TRY(tt_token_list(arena, text, &out->tokens, &out->items, &out->count));
    for (size_t i = 0; i < out->count; i++) {
        out->words += is_prose(out->items[i].text, out->tokens[i].kind);
    }
    return TT_OK;
}

enum tt_status
tt_sense_cut(struct tt_arena *arena, const struct tt_sense_reference *reference, struct tt_str line, bool may_be_foreign,
             struct tt_sense_split *out)
{
    struct tt_token *tokens;
    struct tt_align_item *items;
    size_t count, kept = 0, cell = 0;
    TT_TRY(tt_token_list(arena, line, &tokens, &items, &count));
    size_t *partner = tt_sense_get(arena, count * sizeof(*partner));
    out->cells = 2 * reference->count + 1;
    out->starts = tt_sense_get(arena, (out->cells + 1) * sizeof(*out->starts));
    if (!partner || !out->starts) {
        return TT_E_MEMORY;
    }
    TT_TRY(tt_align(arena, reference->items, reference->count, items, count, partner));
    for (size_t j = 0; j < count; j++) {
        if (partner[j] == TT_ALIGN_NONE) {
            continue; /* it stays in the cell that is open */
        }
        size_t own = 2 * partner[j] + 1;
        kept += items[j].value == reference->items[partner[j]].value && is_prose(items[j].text, tokens[j].kind);
        /* Cells that nothing stands for lie behind what stands before them. */
        size_t open = tokens[j].offset;
        while (cell < own) {
            cell++;
            out->starts[cell] = open;
        }
        cell = own + 1;
        out->starts[cell] = tokens[j].offset + tokens[j].length;
    }
    while (cell < out->cells) {
        cell++;
        out->starts[cell] = line.len;
    }
    out->foreign = may_be_foreign && reference->words >= FOREIGN_WORDS && kept * 4 < reference->words;
    return TT_OK;
}
