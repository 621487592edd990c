/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Twins: letters and digits that look like an ASCII one, and what the words are made of in which they stand.  Private to
 * src/marks.
 */
#ifndef TT_MARKS_TWIN_H
#define TT_MARKS_TWIN_H

#include "marks/channel.h"
#include "marks/payload.h"

/* The ASCII letter or digit that cp could be taken for by a reader or a published table; 0 when there is none.  ASCII: itself. */
uint32_t tt_twin_ascii(uint32_t cp);

/* What stands in the way of reading a word as a word of one script. */
enum tt_word_kind {
    TT_WORD_PLAIN,   /* one script, or a mixture in which nothing is exchanged: "cgroup" with a Russian ending */
    TT_WORD_TWINS,   /* one script, and each letter has an ASCII twin: could be read as a Latin word */
    TT_WORD_FOREIGN, /* a word of another script with Latin letters that have twins there */
    TT_WORD_NEAR,    /* a Latin word; some of its foreign letters look like Latin letters outside ASCII only */
    TT_WORD_EITHER,  /* foreign letters with twins and Latin letters with twins */
    TT_WORD_LATIN,   /* a Latin word, each foreign letter in it has an ASCII twin */
    TT_WORD_NUMBER,  /* ASCII digits and digits of another system in one number */
};

/* A word: letters, marks and digits that stand together, at most TT_WORD_BYTES on each side of where it was asked for. */
struct tt_word {
    size_t from, to;
    size_t owner; /* first place at which the engine stops for it, else from: the window that has it reports the word */
    size_t start; /* where judging begins: behind what belongs to an escape */
    enum tt_word_kind kind;
    uint8_t script; /* of its first foreign letter or digit; TT_SCRIPT_COMMON for mathematical, TT_SCRIPT_LATIN for fullwidth */
    uint32_t first; /* that letter or digit */
    unsigned latin; /* ASCII letters */
    unsigned firm_latin; /* those that the foreign script has no twin of */
    unsigned foreign;    /* foreign letters, or digits of another system in a number */
    unsigned firm;       /* foreign letters without an ASCII twin */
    unsigned hard;       /* those without any Latin twin */
    unsigned changes;    /* how often Latin and foreign letters take turns */
};

#define TT_WORD_BYTES ((size_t) 128)

/* The word around pos, where one of its characters stands. */
struct tt_word tt_word_at(struct tt_str text, size_t pos);

/* The first word that begins in from..to; false when there is none.  from is not inside a word. */
bool tt_word_next(struct tt_str text, size_t from, size_t to, struct tt_word *out);

/* Do mixed letters here have another reason: a table of letters, a range of a pattern, a script of the other direction? */
bool tt_word_is_notation(struct tt_str text, const struct tt_word *word);

/* Are all foreign letters symbols as in formulas, and is the word no word of prose with one inside? */
bool tt_word_is_formula(struct tt_str text, const struct tt_word *word);

/*
 * Reads the letters of from..to as bits, ASCII for 0 and twin for 1 or the reverse, as far as they stand in words that a writer of
 * marks would use.  broken: some words there break a rule; else a reading must say more.  False when they say nothing, or on a
 * failure in look->status.
 */
bool tt_twin_read(struct tt_look *look, size_t from, size_t to, bool broken, struct tt_payload *out);

#endif
