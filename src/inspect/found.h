/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was found in a package.  The same thing in many places is one finding, at its first place, with a count.
 */
#ifndef TT_INSPECT_FOUND_H
#define TT_INSPECT_FOUND_H

#include "finding/writer.h"
#include "inspect/view.h"

struct tt_found_row {
    struct tt_finding finding;
    struct tt_str key; /* what it is, without the rule: "api.example.com" */
    uint32_t file;     /* number of the file, in their order */
    uint64_t times;    /* places */
};

struct tt_found {
    const struct tt_alloc *alloc;
    struct tt_arena arena; /* all words */
    struct tt_found_row *rows;
    size_t count, room;
    uint32_t *slots; /* of a table of rows by rule and key: number + 1 */
    size_t slot_count;
    struct tt_not_inspected *notes;
    size_t note_count, note_room;
    uint64_t dropped, notes_dropped; /* beyond the bounds */
    uint64_t files, bytes;
    uint32_t file;
    struct tt_str uri; /* of the file at hand, as kept in the arena; empty: not kept yet */
};

void tt_found_init(struct tt_found *found, const struct tt_alloc *alloc);
void tt_found_free(struct tt_found *found);

/* The next file begins. */
void tt_found_begin_file(struct tt_found *found);

/*
 * Adds a finding of a view: rule, level, message and facts are set, where.offset and where.length are of the view's text.  What begins in
 * the view's context is left to the next one.  Everything is copied.  Of findings with the same rule and key the one of the highest level
 * stays, else the first.
 */
enum tt_status tt_found_add(struct tt_view *view, struct tt_finding *finding, struct tt_str key) TT_MUST_USE;

/* Adds a finding that is complete but for its id, as it is. */
enum tt_status tt_found_keep(struct tt_found *found, const struct tt_finding *finding) TT_MUST_USE;

/* Says that something was not inspected. */
enum tt_status tt_found_note(struct tt_found *found, struct tt_str uri, const char *why, const char *detail) TT_MUST_USE;

/* Puts the rows in the order of files and places, and completes them. */
enum tt_status tt_found_end(struct tt_found *found) TT_MUST_USE;

/* The row of that rule and key, or NULL. */
const struct tt_found_row *tt_found_find(const struct tt_found *found, const struct tt_rule *rule, struct tt_str key);

/* A finding of that rule on length bytes at a place of the view; message is borrowed. */
struct tt_finding tt_found_make(const char *rule, enum tt_level level, size_t at, size_t length, struct tt_str message);

/* The last part of a file's uri, in an archive too.  Borrowed. */
struct tt_str tt_found_name(struct tt_str uri);

/* A sentence of pieces in the view's scratch; the last is NULL. */
struct tt_str tt_found_text(const struct tt_view *view, const char *first, ...) __attribute__((sentinel));

#endif
