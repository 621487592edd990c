/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions in words, and back: what a run is, as it stands in DIR/runs/0007/condition.json.
 *
 * The words are what makes a folder readable to another version of telltale: that one may number its runs otherwise, but what a run was is told by
 * its levels' names.
 */
#ifndef TT_PROBE_CONDITION_H
#define TT_PROBE_CONDITION_H

#include "base/arena.h"
#include "base/buf.h"
#include "probe/design.h"

/* Of each kind its word in plan.json and in sentences: "env", "link" ... */
extern const char *const tt_source_kind_names[TT_SOURCE_KINDS];

/* "env TZ", "link /etc/localtime", "hostname": a source without its value. */
void tt_source_describe(const struct tt_source *source, struct tt_buf *out);

/*
 * "time-zone=Asia/Shanghai, host=official, edge": what is not at its baseline; "baseline" when nothing is.  Where one source is alone:
 * "time-zone=Asia/Shanghai, of time-zone only env TZ".
 */
void tt_condition_describe(const struct tt_design *design, const struct tt_condition *condition, struct tt_buf *out);

/* Back again.  TT_E_INPUT: no condition of the design is described so. */
enum tt_status tt_condition_parse(const struct tt_alloc *alloc, const struct tt_design *design, struct tt_str text,
                                  struct tt_condition *out) TT_MUST_USE;

/* {"number": 7, "stage": "single", "condition": "time-zone=Asia/Shanghai"} and a line feed. */
void tt_condition_format(const struct tt_design *design, const struct tt_run *run, struct tt_buf *out);
enum tt_status tt_condition_read(const struct tt_alloc *alloc, const struct tt_design *design, struct tt_str json,
                                 struct tt_run *out) TT_MUST_USE;

#endif
