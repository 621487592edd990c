/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places of a text that take one of few forms, read as digits: gaps between words, ends of lines, blanks before them.
 *
 * A channel collects the forms in order; what they say is looked for under every plausible coding: which form is which digit,
 * which digit of a byte comes first, 7 or 8 bits a character, where the message begins.  A reading is believed when noise would
 * give one as good less than once in 2^margin texts, all codings counted.  Private to src/marks.
 */
#ifndef TT_MARKS_FORMS_H
#define TT_MARKS_FORMS_H

#include "marks/channel.h"
#include "marks/payload.h"

#define TT_FORMS_UNITS 4 /* no shorter text is believed */
#define TT_FORMS_MAX 16  /* different forms in one sequence: 4 bits a place */

struct tt_forms {
    uint8_t *digit; /* of each place: the number of its form */
    size_t n, max;  /* places; those beyond max are dropped */
    struct tt_str form[TT_FORMS_MAX];
    size_t tally[TT_FORMS_MAX];
    size_t count; /* different forms */
    bool many;    /* a place had a form beyond TT_FORMS_MAX: nothing is read */
};

/* How much a reading must say. */
struct tt_forms_demand {
    unsigned margin; /* bits; see above */
    size_t least;    /* bytes of text; 0: four */
    bool anywhere;   /* two forms only: the message may also begin in the middle */
};

/* False when memory is out (look->status says so). */
bool tt_forms_init(struct tt_look *look, struct tt_forms *forms, size_t max);

/* Adds a place.  form must live as long as forms. */
void tt_forms_add(struct tt_forms *forms, struct tt_str form);

/* Adds count places of one form. */
void tt_forms_add_many(struct tt_forms *forms, struct tt_str form, size_t count);

/* Reads the places; true when they say something, which is then in the look's arena.  A failure is left in look->status. */
bool tt_forms_read(struct tt_look *look, struct tt_forms *forms, struct tt_forms_demand demand, struct tt_payload *out);

/* The same for those who have no look.  forms->digit and the other members may be filled in by the caller. */
enum tt_status tt_forms_find(struct tt_arena *arena, const struct tt_forms *forms, struct tt_forms_demand demand,
                             struct tt_payload *out) TT_MUST_USE;

/* What a report rests on. */
struct tt_forms_evidence {
    enum tt_level level;
    size_t offset, length; /* the place that is shown */
    size_t to;             /* end of the last place */
    size_t places;         /* 0: not said */
    size_t bits;           /* what they can carry; 0: not said */
    struct tt_str message;
    const struct tt_payload *payload; /* or NULL */
};

void tt_forms_report(struct tt_look *look, const struct tt_forms_evidence *e);

#endif
