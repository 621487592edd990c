/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptions of learned sites that a command line names.
 */
#ifndef TT_CLI_LEARNED_FILES_H
#define TT_CLI_LEARNED_FILES_H

#include "cli/cli.h"
#include "marks/learned.h"

/* Reads the files into *learned, which the caller frees in any case.  Errors are told. */
enum tt_exit tt_learned_open(const struct tt_call *call, const struct tt_option_list *files, struct tt_learned *learned);

#endif
