/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report of a command that has findings: an output, the writer of --format, and the summary at the end.
 *
 * Order of things: open, seal, begin, then findings and notes in any order, then close.
 */
#ifndef TT_CLI_REPORT_H
#define TT_CLI_REPORT_H

#include "base/arena.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "finding/writer.h"

/* One entry more than the list may hold is kept free, for the line that counts the rest. */
struct tt_not_inspected_list {
    struct tt_arena words;
    size_t bytes; /* of these words */
    struct tt_not_inspected *entries;
    size_t count, room;
    uint64_t rest;      /* entries that were not kept */
    char rest_text[64]; /* says how many */
};

struct tt_report {
    const struct tt_call *call;
    const struct tt_writer *writer;
    struct tt_writer_options options;
    struct tt_output output;
    struct tt_progress progress;
    struct tt_summary summary; /* what was inspected is counted here by the command */
    struct tt_buf text;        /* written, not yet handed to the output */
    struct tt_not_inspected_list skipped;
    bool *explained; /* a rule of tt_rules each: its explanation stands in the output already */
    uint64_t written;
    uint64_t begun_ms;
};

/* Opens the output.  TT_EXIT_OK, or a failure that was told, of which nothing is left. */
enum tt_exit tt_report_open(struct tt_report *report, const struct tt_call *call);

/*
 * From now on only these paths, the system's libraries that an archive may take, and with repositories the .gitignore files above the
 * paths can be read: which of the libraries it is, is not known before an archive is met.
 */
enum tt_status tt_report_seal(const struct tt_report *report, const char *const *paths, size_t count,
                              bool repositories) TT_MUST_USE;

/* The process is sealed: what is told from now on is part of the report. */
void tt_report_begin(struct tt_report *report);

/* Counts a finding, and writes it if the options show it. */
enum tt_status tt_report_finding(struct tt_report *report, const struct tt_finding *finding) TT_MUST_USE;

/* The same for one that the command has counted in summary.findings by itself. */
enum tt_status tt_report_counted(struct tt_report *report, const struct tt_finding *finding) TT_MUST_USE;

/* Keeps a copy.  Beyond the bounds entries are only counted: the exit code and the last line still tell of them. */
enum tt_status tt_report_not_inspected(struct tt_report *report, const struct tt_not_inspected *entry) TT_MUST_USE;

/* Hands on what was written so far. */
enum tt_status tt_report_flush(struct tt_report *report) TT_MUST_USE;

/* Writes the end, or, where status is a failure, takes the output back and says so.  Returns the exit code of the command. */
enum tt_exit tt_report_close(struct tt_report *report, enum tt_status status);

#endif
