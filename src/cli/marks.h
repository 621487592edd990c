/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the subcommands of `telltale marks` share.
 */
#ifndef TT_CLI_MARKS_H
#define TT_CLI_MARKS_H

#include "base/buf.h"
#include "cli/cli.h"
#include "marks/dateline.h"

enum tt_marks_format { TT_MARKS_TEXT, TT_MARKS_JSON };

/* "text", "json": names of --format. */
extern const char *const tt_marks_formats[];

/* Settings of list, show and decode; the head of those of the others. */
struct tt_marks_settings {
    int format; /* enum tt_marks_format */
};

/* The options of commands that have no others. */
extern const struct tt_option tt_marks_options[];

/* Hands text to the output, or says why there is none.  Frees text. */
enum tt_exit tt_marks_deliver(const struct tt_call *call, struct tt_buf *text);

/* name, value made safe, end of line. */
void tt_marks_add_pair(struct tt_buf *out, const char *name, struct tt_str value);

/* Members of a JSON object. */
void tt_marks_add_codepoint(struct tt_buf *out, bool *first, const char *key, uint32_t cp);
void tt_marks_add_bool(struct tt_buf *out, bool *first, const char *key, bool value);
void tt_marks_add_value(struct tt_buf *out, bool *first, int value); /* of the date line; below 0: null */

/* The sentence with everything that could carry something made visible. */
void tt_marks_add_visible(struct tt_buf *out, struct tt_str sentence, const struct tt_dateline_site *site);

extern const struct tt_command tt_command_marks_encode, tt_command_marks_decode, tt_command_marks_normalise;

#endif
