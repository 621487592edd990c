/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a list of byte strings say names of hosts, or words?  In bits of evidence.
 */
#ifndef TT_INSPECT_SCORE_H
#define TT_INSPECT_SCORE_H

#include "base/str.h"

/* Byte strings, one after the other. */
struct tt_items {
    const struct tt_str *list;
    size_t count;
};

struct tt_score {
    double bits;    /* by how much names or words explain the text better than letters drawn at random */
    size_t bytes;   /* of the items */
    size_t signs;   /* bytes of names and words among them */
    size_t hosts;   /* different names of hosts */
    size_t words;   /* different other words */
    size_t bad;     /* bytes that neither are nor divide any */
    size_t parts;   /* names and words, repeated ones included */
    size_t spaces;  /* parts behind a blank, as in sentences */
    size_t alike;   /* parts behind the sign that most of them stand behind */
    size_t upper;   /* capital letters */
    size_t letters; /* different letters */
};

/* Reads every item, and every part of one that other signs divide. */
struct tt_score tt_score_items(struct tt_items items);

/*
 * The next name or word at or behind *item, *pos; false at the end.  *divider: the sign in front of it within its item, or 0.
 */
bool tt_score_next(struct tt_items items, size_t *item, size_t *pos, struct tt_str *part, char *divider);

/* What a list of that score costs if it is names and words, in bits. */
double tt_score_cost(const struct tt_score *score);

/*
 * What the bytes cost if they are neither: the less of what it takes to learn how often each byte occurs (the estimator of Krichevsky and Trofimov, with
 * less weight for what has not been seen), and of what they cost as if they were words as they are.
 */
double tt_score_null(struct tt_items items);

/* Bits for a byte of text, up to a bound of bytes: below 0 for what is no name and no word, in any direction. */
double tt_score_rate(struct tt_str text);

/* Of each byte, its row in the table of pairs. */
extern const uint8_t tt_score_signs[256];

/* The byte's row in the table of pairs; 0: it is of no name. */
static inline unsigned
tt_score_sign(unsigned char c)
{
    return tt_score_signs[c];
}

/* What so many bytes may cost that begin a list of names, in units of the table: as much as letters at random, or more where the first name is odd. */
#define TT_NAME_UNITS(count) (84 * (count) + 6 * 16)

/* May the byte stand in a decoded list? */
static inline bool
tt_score_is_text(unsigned char c)
{
    return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\r' || c == '\t' || c == '\0';
}

#endif
