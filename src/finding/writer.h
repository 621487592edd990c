/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How findings leave telltale: one const struct a format, listed in tt_writers[].  Writers fill a buffer that the caller
 * empties; they do no I/O.
 */
#ifndef TT_FINDING_WRITER_H
#define TT_FINDING_WRITER_H

#include "base/buf.h"
#include "finding/finding.h"

struct tt_not_inspected {
    struct tt_str uri;
    struct tt_str why; /* "line 3, column 7: not valid JSON: ..." */
};

struct tt_summary {
    const char *version;
    uint64_t files, bytes;
    uint64_t documents; /* JSON documents among them */
    const struct tt_not_inspected *not_inspected;
    size_t not_inspected_count;
    uint64_t findings[TT_LEVELS]; /* all that were found, shown or not */
    uint64_t elapsed_ms;
};

struct tt_writer_options {
    bool color;          /* ANSI colours; text only */
    enum tt_level shown; /* findings below are counted, not written (rules with always_shown excepted) */
    bool quiet;          /* text: findings only, no closing lines */
};

struct tt_writer {
    const char *name; /* of --format */
    const char *help;
    enum tt_level shown; /* default of the option */
    void (*begin)(struct tt_buf *out, const struct tt_writer_options *options, const char *version);
    /* index counts the findings written so far in this output, from 0 (separators depend on it) */
    void (*finding)(struct tt_buf *out, const struct tt_writer_options *options, const struct tt_finding *finding,
                    uint64_t index);
    void (*end)(struct tt_buf *out, const struct tt_writer_options *options, const struct tt_summary *summary);
};

extern const struct tt_writer tt_writer_text, tt_writer_json, tt_writer_sarif;
extern const struct tt_writer *const tt_writers[]; /* ends in NULL */

/* Appends s as a JSON string with quotes; bytes that are not UTF-8 become U+FFFD, invisible characters \uXXXX. */
void tt_json_add_string(struct tt_buf *out, struct tt_str s);

#endif
