/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hidden characters in a table of a character set: the characters of the set in a row, each once.
 *
 * Programs that convert text hold such rows, and descriptions of character sets print them.  Letters of no language stand together
 * so: a word repeats one before long, and a blank ends it.  Ideographs are the exception, and make no table here.
 *
 * Input: a run in a text.  Output: yes or no.  Nothing is allocated; SIDE characters on both sides are looked at.
 */
#include "marks/run.h"

#define SIDE 12      /* characters on one side */
#define TABLE_MIN 18 /* of both sides together */
#define RUN_MAX 4    /* characters of the run itself */

struct row {
    uint32_t cp[2 * SIDE];
    size_t n, wide, ideographs;
};

/* Adds a character; false when the row ends before it or it is no table. */
static bool
add(struct row *row, struct tt_rune rune)
{
    uint8_t script = tt_char(rune.cp)->script;
    bool again = tt_run_digit(row->cp, row->n, rune.cp) >= 0;
    if (rune.len == 0 || rune.cp <= ' ' || again) {
        return false;
    }
    row->cp[row->n++] = rune.cp;
    row->wide += rune.cp >= 0x80;
    row->ideographs +=
        script == TT_SCRIPT_HAN || script == TT_SCRIPT_HANGUL || script == TT_SCRIPT_HIRAGANA || script == TT_SCRIPT_KATAKANA;
    return true;
}

bool
tt_run_is_in_table(struct tt_str text, const struct tt_run *run)
{
    struct row row = {.n = 0};
    size_t left = run->from, right = run->to;
    if (run->count > RUN_MAX) {
        return false;
    }
    for (int i = 0; i < SIDE; i++) {
        struct tt_rune rune = tt_utf8_prev(text, left);
        if (!add(&row, rune)) {
            break;
        }
        left -= rune.len;
    }
    for (int i = 0; i < SIDE; i++) {
        struct tt_rune rune = tt_utf8_next(text, right);
        if (!add(&row, rune)) {
            break;
        }
        right += rune.len;
    }
    return row.n >= TABLE_MIN && row.wide * 2 >= row.n && row.ideographs * 2 <= row.n;
}
