/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The finding of channels whose marks are places with few forms; see forms.h.
 *
 * Input: the evidence.  Output: one finding to the look's sink.  Nothing is owned; facts point into the look's arena.
 */
#include "marks/forms.h"

void
tt_forms_report(struct tt_look *look, const struct tt_forms_evidence *e)
{
    struct tt_finding f;
    tt_look_begin(look, &f, e->level, e->offset, e->length, e->message);
    f.extent_to = e->to > f.extent_to ? e->to : f.extent_to;
    if (e->places > 0) {
        tt_finding_add_number(&f, "symbols", (int64_t) e->places);
    }
    if (e->bits > 0) {
        tt_finding_add_number(&f, "bits", (int64_t) e->bits);
    }
    if (e->payload) {
        tt_finding_add_text(&f, "decoded.format", tt_str_cstr(e->payload->format));
        if (e->payload->grade >= TT_GRADE_TEXT) {
            tt_finding_add_text(&f, "decoded.text", e->payload->bytes);
        }
        if (e->payload->note) {
            tt_finding_add_text(&f, "decoded.note", tt_str_cstr(e->payload->note));
        }
    }
    if (look->status != TT_OK) {
        return;
    }
    if (e->level == TT_CANDIDATE) {
        tt_look_report_low(look, &f);
    } else {
        tt_look_report(look, &f);
    }
}
