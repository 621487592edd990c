/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places of one role in a field, each written in one of a few forms that say the same: do the choices spell a text?
 * Private to src/marks.
 */
#ifndef TT_MARKS_CHOICE_H
#define TT_MARKS_CHOICE_H

#include "marks/forms.h"

#define TT_CHOICE_ODD 8       /* places of the rarer form before it is worth while to collect them all */
#define TT_CHOICE_PLACES 8192 /* that are read where a channel knows no better */

struct tt_choice {
    struct tt_forms forms;
    size_t first, first_length, end; /* the first place of another form than the very first; behind the last place */
};

/* How much the places must say, so many forms being there. */
struct tt_forms_demand tt_choice_demand(size_t forms);

/* places: how many are read, commonly TT_CHOICE_PLACES.  False when memory is out (look->status says so). */
bool tt_choice_begin(struct tt_look *look, struct tt_choice *choice, size_t places);

/* Adds the place text[pos..pos+form.len).  form must live as long as choice. */
void tt_choice_add(struct tt_choice *choice, size_t pos, struct tt_str form);

/* Is there room for no more places?  Then those that follow need not be looked for. */
static inline bool
tt_choice_is_full(const struct tt_choice *choice)
{
    return choice->forms.n == choice->forms.max;
}

/* Reads the places; reports what they say, as confirmed: "<what> carry readable text".  True when something was reported. */
bool tt_choice_end(struct tt_look *look, struct tt_choice *choice, const char *what);

#endif
