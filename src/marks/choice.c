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

struct tt_forms_demand
tt_choice_demand(size_t forms)
{
    return (struct tt_forms_demand) {.margin = MARGIN_ORDINARY, .least = LEAST_ORDINARY, .anywhere = forms == 2};
}

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

/*
 * Where the message is over, the writer's own form goes on: places at the end that are of one form, which stands nowhere before.  False when there are none.
 */
static bool
drop_rest(struct tt_forms *forms)
{
    size_t n = forms->n;
    uint8_t own = forms->digit[n - 1];
    while (n > 0 && forms->digit[n - 1] == own) {
        n--;
    }
    if (forms->n - n != forms->tally[own]) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        forms->digit[i] -= forms->digit[i] > own;
    }
    for (size_t i = own; i + 1 < forms->count; i++) {
        forms->form[i] = forms->form[i + 1];
        forms->tally[i] = forms->tally[i + 1];
    }
    forms->n = n;
    forms->count--;
    return true;
}

bool
tt_choice_end(struct tt_look *look, struct tt_choice *choice, const char *what)
{
    struct tt_payload payload;
    bool read = choice->forms.count >= 2 && tt_forms_read(look, &choice->forms, tt_choice_demand(choice->forms.count), &payload);
    if (!read && look->status == TT_OK && choice->forms.count > 2 && drop_rest(&choice->forms)) {
        read = tt_forms_read(look, &choice->forms, tt_choice_demand(choice->forms.count), &payload);
    }
    if (!read) {
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
