/* SPDX-License-Identifier: Apache-2.0 */
/* Effects as something that can be told: their class, and both lines.  Private to src/probe/sense*.c. */
#ifndef TT_PROBE_SENSE_REPORT_H
#define TT_PROBE_SENSE_REPORT_H

#include "probe/sense_parts.h"

/* One site under one condition: the columns that the condition changes, in classes. */
struct tt_sense_part {
    enum tt_probe_class class;
    size_t *columns; /* numbers */
    size_t count;
};

struct tt_sense_change {
    struct tt_sense_part *parts; /* by class, strongest first; at most one of each */
    size_t count;
};

/* Columns first..end are those of one site. */
enum tt_status tt_sense_classify(struct tt_sense *sense, size_t first, size_t end, uint32_t cond, uint32_t factors,
                                 struct tt_sense_change *out) TT_MUST_USE;

/* The end of the columns that belong to the site of the column first. */
size_t tt_sense_site_end(const struct tt_sense *sense, size_t first);

/*
 * The factors that a column's effect under a condition is told of: the condition's own, or, where each changes the column by itself, none (gates: those
 * that only take the effect of others away).
 */
uint32_t tt_sense_key(const struct tt_sense *sense, const struct tt_sense_column *column, uint32_t cond);

/* The column number of a site, in order: text columns are sorted by place once more here, since shapes were added last. */
bool tt_sense_is_moved(const struct tt_sense *sense, const struct tt_sense_column *column, uint32_t cond);

/* Is a level of these factors in the condition identity-like? */
bool tt_sense_is_identity(const struct tt_sense *sense, uint32_t factors, const struct tt_condition *condition);

/* A run of the condition that shows its value of the column; TT_SENSE_NONE: none. */
uint32_t tt_sense_run_of(const struct tt_sense *sense, const struct tt_sense_column *column, uint32_t cond);

/* The line of a column's site in a run; empty where it is absent. */
struct tt_str tt_sense_line(const struct tt_sense *sense, const struct tt_sense_column *column, uint32_t run);

/* The path of a column: of its leaf, or "#request", "#requests". */
struct tt_str tt_sense_path(const struct tt_sense *sense, const struct tt_sense_column *column);

/* Is it a leaf of how a body is handed over: in chunks or with a length, with blanks behind it? */
bool tt_sense_is_framing(struct tt_str path);

/* Sorts columns by slot and site, those of one site together; once, behind tt_sense_make_columns. */
void tt_sense_sort_columns(struct tt_sense *sense);

#endif
