/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptions of learned sites that a command line names.
 */
#ifndef TT_CLI_LEARNED_FILES_H
#define TT_CLI_LEARNED_FILES_H

#include "cli/cli.h"
#include "marks/learned.h"

/* Adds the description in bytes, the content of path.  An error is appended to message: "FILE:LINE:COLUMN: error: ...". */
enum tt_status tt_learned_take(struct tt_learned *learned, const char *path, struct tt_str bytes,
                               struct tt_buf *message) TT_MUST_USE;

/* Reads the files into *learned, which the caller frees in any case.  Errors are told. */
enum tt_exit tt_learned_open(const struct tt_call *call, const struct tt_option_list *files, struct tt_learned *learned);

#endif
