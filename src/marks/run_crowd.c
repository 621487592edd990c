/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Crowds: one and the same hidden character at so many places of a line that its presence could be a bit at each place.
 *
 * Input: a position and what counts as a place.  Output: one report for the whole line, or nothing.  The line is followed for
 * CROWD_BYTES only, so that a visit costs little.
 */
#include "marks/run.h"

#define CROWD_BYTES 1024

bool
tt_run_crowd(struct tt_look *look, const struct tt_run_kind *kind, const struct tt_crowd *crowd, size_t pos)
{
    const struct tt_field *field = look->field;
    size_t line = tt_run_line_end(field, pos);
    size_t end = line - pos > CROWD_BYTES ? pos + CROWD_BYTES : line;
    size_t count = 0;
    struct tt_run_evidence e = {.why = crowd->why};
    for (size_t at = pos; at < end;) {
        struct tt_run run = tt_run_next(field, at, end, crowd->flags);
        if (run.count == 1 && crowd->is_site(field, &run)) {
            e.run = count == 0 ? run : e.run;
            e.to = run.to;
            count++;
        }
        at = run.to;
    }
    if (count < crowd->least) {
        return false;
    }
    size_t start = tt_run_line_start(field, e.run.from);
    for (int i = 0; i < 2; i++) { /* with what stands before the first place, and without */
        e.symbols = tt_run_symbols(look, i ? e.run.from : start, line, kind->flags, &e.n);
        e.total = e.n;
        if (!e.symbols || tt_run_read(look, &e)) {
            break;
        }
    }
    *look->done = line > e.to ? line : e.to;
    if (e.symbols) {
        tt_run_report(look, kind, &e);
    }
    return true;
}
