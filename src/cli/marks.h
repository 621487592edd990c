/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the subcommands of `telltale marks` share.
 */
#ifndef TT_CLI_MARKS_H
#define TT_CLI_MARKS_H

#include "base/buf.h"
#include "cli/output.h"
#include "marks/dateline.h"
#include "marks/learned.h"
#include "marks/marks.h"

/* Settings of list, show and decode; the head of those of the others. */
struct tt_marks_settings {
    int format; /* enum tt_cli_format */
};

/* The options of commands that have no others. */
extern const struct tt_option tt_marks_options[];

/* name, value made safe, end of line. */
void tt_marks_add_pair(struct tt_buf *out, const char *name, struct tt_str value);

/* Members of a JSON object. */
void tt_marks_add_codepoint(struct tt_buf *out, bool *first, const char *key, uint32_t cp);
void tt_marks_add_value(struct tt_buf *out, bool *first, int value); /* of the date line; below 0: null */

/* The sentence with everything that could carry something made visible. */
void tt_marks_add_visible(struct tt_buf *out, struct tt_str sentence, const struct tt_dateline_site *site);

/* Scans bytes as a file of that name, for the learned sites too if there are any: sink gets each finding.  What could not be inspected is said and counted. */
enum tt_status tt_marks_scan(const struct tt_cli *cli, const char *uri, struct tt_str bytes, const struct tt_learned *learned,
                             struct tt_sink sink, uint64_t *not_inspected) TT_MUST_USE;

/* Reads FILE, or standard input for "-", into raw, which is initialised here; says so when it cannot. */
enum tt_exit tt_marks_read(const struct tt_call *call, const char *path, struct tt_buf *raw);

/* Says that there is no channel of that name, and which one may be meant.  before is "--channel: " or empty. */
enum tt_exit tt_marks_unknown(const struct tt_call *call, const char *before, struct tt_str name);

/* Statistical watermarks, in one sentence. */
#define TT_MARKS_OUT_OF_SCOPE                                                                                                    \
    "Statistical watermarks of model output (a bias in the choice of words) are out of scope: finding one takes its key or the " \
    "model's probabilities, not bytes."

extern const struct tt_command tt_command_marks_list, tt_command_marks_show, tt_command_marks_encode, tt_command_marks_decode,
    tt_command_marks_normalise;

#endif
