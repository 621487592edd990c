/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the JSON of a document is written: choices between spellings that a parser loses.
 *
 * RFC 8259, section 7, lets a writer spell one character in several ways.  A program spells alike throughout; a document that mixes two
 * spellings carries one bit at each choice.
 */
#ifndef TT_MARKS_JSON_FORM_H
#define TT_MARKS_JSON_FORM_H

#include "marks/channel.h"

enum tt_json_choice {
    TT_JSON_CHOICE_HEX,      /* \u00e9 or \u00E9: one bit a letter among the digits */
    TT_JSON_CHOICE_SLASH,    /* / or \/ */
    TT_JSON_CHOICE_NEEDLESS, /* a or \u0061 */
    TT_JSON_CHOICE_WIDE,     /* a character outside ASCII, or its escape */
    TT_JSON_CHOICE_COLON,    /* a space behind the colon of a name, or none */
    TT_JSON_CHOICE_COMMA,    /* the same behind a comma */
    TT_JSON_CHOICE_NUMBER,   /* a whole number as 1, or as 1.0 or 1e0 */
    TT_JSON_CHOICE_LONE,     /* no choice, but a place where 11 bits fit: a surrogate without its partner */
    TT_JSON_CHOICE_TWICE,    /* no choice either: a name that its object already has; parsers differ in which value counts */
    TT_JSON_CHOICES,
};

/* One choice over a document: its first bits, and where the second spelling came. */
struct tt_json_bits {
    uint64_t count[2]; /* how often the first and the second spelling */
    size_t used;       /* bits kept */
    unsigned char bits[TT_JSON_FORM_BITS / 8];
    bool placed;
    struct tt_where where;
    char excerpt[TT_JSON_FORM_EXCERPT];
    size_t excerpt_length;
};

struct tt_json_form {
    struct tt_json_bits choices[TT_JSON_CHOICES];
    bool plain_slash; /* one was seen in a string that has no choice otherwise */
};

void tt_json_form_begin(struct tt_json_form *form);

/*
 * Counts the choices in the raw inside of a string that has \uXXXX or an escaped slash (has_choice), or characters outside ASCII (has_wide).  True when a choice
 * has now been made both ways for the first time: *at is where in raw, and the caller says which place that is (tt_json_form_place).
 */
bool tt_json_form_string(struct tt_json_form *form, struct tt_str raw, bool has_choice, bool has_wide, size_t *at);

/* The same for the value behind a name: blanks are the bytes between colon and value. */
bool tt_json_form_gap(struct tt_json_form *form, struct tt_str blanks);

/* The same for what stands between two members or items: a comma and blanks. */
bool tt_json_form_comma(struct tt_json_form *form, struct tt_str gap);

/* The same for a number, as written. */
bool tt_json_form_number(struct tt_json_form *form, struct tt_str number);

/* A name stands twice in an object.  True for the first of the document. */
bool tt_json_form_twice(struct tt_json_form *form);

/*
 * Which of two spellings of escapes does the document use throughout: 0, 1, or -1 when it uses both or neither, or when the choice is none of a
 * whole document's; its name.
 */
int tt_json_form_spelling(const struct tt_json_form *form, enum tt_json_choice choice);
const char *tt_json_form_spelling_name(enum tt_json_choice choice, int spelling);

/* Keeps place and excerpt of what was just mixed.  The path is borrowed until tt_json_form_end. */
void tt_json_form_place(struct tt_json_form *form, const struct tt_where *where, struct tt_str excerpt);

/* A finding of one such choice, without place and excerpt: a candidate. */
struct tt_finding tt_json_form_finding(enum tt_json_choice choice);

/* The document is complete: reports the mixed choices. */
enum tt_status tt_json_form_end(struct tt_json_form *form, struct tt_sink sink) TT_MUST_USE;

#endif
