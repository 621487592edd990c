/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a conclusion says, as findings for the one writer and as the facts around them.
 */
#ifndef TT_PROBE_FINDINGS_H
#define TT_PROBE_FINDINGS_H

#include "finding/finding.h"
#include "probe/job.h"
#include "probe/sense.h"

struct tt_probe_view {
    const struct tt_job *job;
    const struct tt_conclusion *conclusion;
    struct tt_str folder;       /* of the captures, as it was named */
    int runs;                   /* the folder DIR/runs, to find lines in; -1: lines are not told */
    uint64_t requests, bytes;   /* captured */
    unsigned run_count, failed; /* runs */
    unsigned missing;           /* runs that are not made yet, of a probe that did not come to its end */
    struct tt_str end_of_first; /* how the first run ended, where that is no success */
    struct tt_str first_failed; /* the first of them: its levels and how it ended; empty: none */
    bool end_unknown;           /* whether these are all runs that were planned cannot be told */
};

/* Hands every dependence and every volatile field to sink, the strongest first. */
enum tt_status tt_probe_findings(const struct tt_probe_view *view, const struct tt_alloc *alloc, struct tt_sink sink) TT_MUST_USE;

/* The level of a dependence: confirmed where a test decided, candidate where too few runs did. */
enum tt_level tt_dependence_level(const struct tt_dependence *dependence);

/* "U+2019" for a short mark, names of a list, else the text, quoted and cut; "(absent)", "(elsewhere)" where it is moved. */
void tt_probe_add_symbol(struct tt_buf *out, enum tt_probe_class class, const struct tt_symbol *symbol);

/* Says the symbol more than that of the same levels at noon? */
bool tt_probe_symbol_is_new(const struct tt_dependence *dependence, size_t number);

/* "time zone and host of the base URL" */
void tt_probe_add_factors(struct tt_buf *out, const struct tt_design *design, uint32_t factors);

/* "Asia/Shanghai", "Asia/Shanghai + gateway.example.test": the levels of factors in a condition. */
void tt_probe_add_levels(struct tt_buf *out, const struct tt_design *design, uint32_t factors,
                         const struct tt_condition *condition);

/* "env TZ": the sources that do it alone, and factors with several of which none does; nothing where they were not run one by one. */
void tt_probe_add_sources(struct tt_buf *out, const struct tt_design *design, const struct tt_dependence *dependence,
                          const char *between);

/* "1.58": at most two decimals, rounded down, so that "at least" stays true. */
void tt_probe_add_decimal(struct tt_buf *out, double number);

/* Of a view with end_unknown. */
#define TT_PROBE_END_UNKNOWN "another version of telltale planned these runs: whether it came to its end is not known"

/* That runs are missing, and how to go on. */
void tt_probe_add_missing(struct tt_buf *out, const struct tt_probe_view *view);

/* One thing that could not be concluded, as a sentence. */
void tt_probe_add_untested(struct tt_buf *out, const struct tt_design *design, const struct tt_untested *untested);

/* A plan for a person: factors with their levels, and how many runs. */
void tt_probe_add_plan(struct tt_buf *out, const struct tt_job *job, const struct tt_plan_total *total);

/* What stands behind the findings: the client, the plan, what is sent openly, volatile fields, destinations, fingerprints, what was not tested. */
void tt_probe_facts_text(const struct tt_probe_view *view, struct tt_buf *out);
void tt_probe_facts_json(const struct tt_probe_view *view, struct tt_buf *out); /* one line {"type":"probe",...} */

/* Confirmed marks as a description of sites: where they stand, what is written there, what it means.  *left_out: marks that are none. */
void tt_probe_learned(const struct tt_probe_view *view, struct tt_buf *out, size_t *left_out);

#endif
