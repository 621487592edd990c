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
    const char *sought; /* what "No marks found" shall say instead of marks, or NULL */
    uint64_t files, bytes;
    uint64_t documents; /* JSON documents among them */
    uint64_t binary;    /* binaries of trees, which were passed over */
    uint64_t ignored;   /* names of trees that .gitignore files kept out; a directory is one */
    const struct tt_not_inspected *not_inspected;
    size_t not_inspected_count;
    uint64_t findings[TT_LEVELS]; /* all that were found, shown or not */
    uint64_t hidden[TT_LEVELS];   /* of these, the ones that tt_writer_shows left out */
    uint64_t elapsed_ms;
};

struct tt_writer_options {
    bool color;          /* ANSI colours; text only */
    enum tt_level shown; /* findings below are counted, not written (rules with always_shown excepted) */
    bool explain;        /* text: also why it may be innocent and what to do; set for the first finding of a rule */
    bool quiet;          /* text: findings only, no closing lines */
};

/* Is the finding to be written?  The caller asks before it calls finding() below, and counts the others as hidden. */
bool tt_writer_shows(const struct tt_writer_options *options, const struct tt_finding *finding);

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

/*
 * Pieces that writers share.
 *
 * safe: s for a terminal; control, invisible, blank and private characters become ‹U+XXXX›, bytes that are not UTF-8 ‹XX›.
 * count: "1 file", "12 files".  size: "312 bytes", "81.2 kB".
 */
void tt_writer_add_safe(struct tt_buf *out, struct tt_str s);
void tt_writer_add_count(struct tt_buf *out, uint64_t n, const char *noun);
void tt_writer_add_size(struct tt_buf *out, uint64_t bytes);
void tt_writer_add_number(struct tt_buf *out, int64_t number);

/* "  label         text", in lines that continue under the first word; nothing when text is empty. */
void tt_writer_add_labelled(struct tt_buf *out, const char *label, struct tt_str text);

/* Appends "U+02BC" for the first character of *s ("0xE9" for a wrong byte) and drops it from *s; false when *s is empty. */
bool tt_writer_next_point(struct tt_buf *out, struct tt_str *s);

/* The first of the items that '\n' ends or divides, dropped from *rest; false when *rest is empty. */
bool tt_writer_next_item(struct tt_str *rest, struct tt_str *item);

/* Key "decoded.lab" is name "lab" in group "decoded"; without a dot the group is empty. */
struct tt_str tt_fact_group(const struct tt_fact *fact);
struct tt_str tt_fact_name(const struct tt_fact *fact);

/* The facts of a finding as one JSON object, with an object in it for each group. */
void tt_json_add_evidence(struct tt_buf *out, const struct tt_finding *finding);

/* Appends "key": and, unless *first, a comma before it; clears *first.  key needs no escaping. */
void tt_json_add_key(struct tt_buf *out, bool *first, const char *key);
void tt_json_add_text_member(struct tt_buf *out, bool *first, const char *key, struct tt_str text);
void tt_json_add_u64_member(struct tt_buf *out, bool *first, const char *key, uint64_t number);
void tt_json_add_bool_member(struct tt_buf *out, bool *first, const char *key, bool value);

/* Appends s as a JSON string with quotes; bytes that are not UTF-8 become U+FFFD, invisible characters \uXXXX. */
void tt_json_add_string(struct tt_buf *out, struct tt_str s);

#endif
