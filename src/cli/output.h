/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a command's result goes: standard output, or the file of --output, which appears complete or not at all.
 *
 * A file is written under a temporary name beside its own and renamed by tt_output_finish.  Every failure is told to the person
 * here, once; the caller only looks at the result and returns TT_EXIT_INTERNAL.
 */
#ifndef TT_CLI_OUTPUT_H
#define TT_CLI_OUTPUT_H

#include "base/buf.h"
#include "cli/cli.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

struct tt_output {
    const struct tt_cli *cli;
    const char *name; /* for messages */
    FILE *file;
    char *target;        /* resolved name of the file; NULL when nothing is renamed */
    char *temporary;     /* its name while it is written */
    int directory;       /* of both, O_PATH; -1 when nothing is renamed */
    bool failed;         /* already told */
    bool watched;        /* the watcher runs, and the signals in held are blocked */
    atomic_bool unwatch; /* the watcher shall end */
    pthread_t watcher;
    sigset_t held;
};

/* path NULL or "-" is standard output.  On failure nothing is left to close. */
bool tt_output_open(struct tt_output *output, const struct tt_cli *cli, const char *path) TT_MUST_USE;

/*
 * From now on a signal that ends the process removes the temporary file first.  Called after the process is sealed, because a seal
 * covers only threads that start later, and before other threads start, which must not take the signals.
 */
void tt_output_watch(struct tt_output *output);

/* Writes bytes; once it failed, later calls do nothing and return false. */
bool tt_output_write(struct tt_output *output, struct tt_str bytes);

/* Flushes, and puts the file in its place. */
bool tt_output_finish(struct tt_output *output) TT_MUST_USE;

/* Removes what was written to a file. */
void tt_output_abandon(struct tt_output *output);

/* Is the output a terminal that may be given colours? */
bool tt_output_is_terminal(const struct tt_output *output);

/* What commands that have no findings write. */
enum tt_cli_format { TT_CLI_TEXT, TT_CLI_JSON };

/* "text", "json": names of --format. */
extern const char *const tt_cli_formats[];

/* Hands text to the output, or says why there is none.  Frees text. */
enum tt_exit tt_cli_deliver(const struct tt_call *call, struct tt_buf *text);

#endif
