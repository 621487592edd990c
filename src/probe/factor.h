/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Factors from text: the built-in ones of data/probe/factors.txt, and those of a file that a person wrote in the same form.
 */
#ifndef TT_PROBE_FACTOR_H
#define TT_PROBE_FACTOR_H

#include "base/arena.h"
#include "base/buf.h"
#include "probe/design.h"

/* Which factors a design has. */
struct tt_factor_choice {
    const char *const *names; /* of --factor: only these; none: all */
    size_t name_count;
    const char *const *hosts; /* of --host: more levels of the base URL's host */
    size_t host_count;
    struct tt_str file; /* content of a factor file, or empty */
    bool base_url;      /* the client can be told a base URL; else host and scheme are no factors */
    bool key;           /* it is given an API key that can vary */
    unsigned processors;
};

/*
 * Builds the design in arena.  What cannot be varied here is left out, a factor or a level, and named with the reason in *left_out, one a line.
 * TT_E_USAGE, TT_E_INPUT: err->msg says why, err->line where in the file; word is what err is about, or empty.
 */
enum tt_status tt_design_build(struct tt_arena *arena, const struct tt_factor_choice *choice, struct tt_design *design,
                               struct tt_buf *left_out, struct tt_str *word, struct tt_error *err) TT_MUST_USE;

/* Number of the factor of that name, or design->factor_count. */
size_t tt_design_find(const struct tt_design *design, struct tt_str name);

#endif
