/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the choices between forms; see choice.h.
 *
 * Input: places in the order of the text.  Output: at most one finding.  People mix forms too, so only what reads as text is
 * reported here; that forms are mixed at all is the channels' own matter.
 */
#include "marks/choice.h"

#define MARGIN_ORDINARY 8 /* bits, see forms.h */
#define LEAST_ORDINARY 5  /* bytes of text */

bool
tt_choice_begin(struct tt_look *look, struct tt_choice *choice, size_t places)
{
    *choice = (struct tt_choice) {.first = SIZE_MAX};
    return tt_forms_init(look, &choice->forms, places);
}

void
tt_choice_add(struct tt_choice *choice, size_t pos, struct tt_str form)
{
    if (tt_choice_is_full(choice)) {
        return;
    }
    tt_forms_add(&choice->forms, form);
    if (choice->first == SIZE_MAX && choice->forms.count > 1) {
        choice->first = pos;
        choice->first_length = form.len;
    }
    choice->end = pos + form.len;
}

bool
tt_choice_end(struct tt_look *look, struct tt_choice *choice, const char *what)
{
    const struct tt_forms_demand demand = {
        .margin = MARGIN_ORDINARY, .least = LEAST_ORDINARY, .anywhere = choice->forms.count == 2};
    struct tt_payload payload;
    if (choice->forms.count < 2 || !tt_forms_read(look, &choice->forms, demand, &payload)) {
        return false;
    }
    struct tt_forms_evidence e = {.level = TT_CONFIRMED, .offset = choice->first, .length = choice->first_length};
    e.to = choice->end;
    e.places = e.bits = choice->forms.n;
    e.payload = &payload;
    e.message = tt_look_text(look, what, " carry readable text (", payload.format, ")", NULL);
    tt_forms_report(look, &e);
    return true;
}
