/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One field of an input: its text, the texts hidden in its escapes, and the way from a mark back to the raw bytes.
 *
 * Level 0 is the field itself: the raw bytes of a file, or of a JSON string, which are decoded first.  Where a level's text
 * holds escapes (level.h), they are decoded into the next level, at most TT_ESCAPE_LEVELS.  What a deeper level only repeats is
 * not reported again.
 *
 * A string that holds a whole document in JSON, outside of a model's own messages, is read as that: its strings and keys are decoded
 * once more, and are fields with a path of their own: "$.request.postData.text!$.messages[0].content".
 */
#ifndef TT_SCAN_FIELD_H
#define TT_SCAN_FIELD_H

#include "marks/json_form.h"
#include "marks/learned.h"
#include "marks/marks.h"
#include "scan/file.h"
#include "scan/nested.h"

struct tt_scan_fields {
    struct tt_marks marks;
    struct tt_site_reader sites;
    struct tt_nested nested;
    struct tt_buf nested_path; /* "$.body!$.messages[0]" */
    struct tt_json_form form;
    struct tt_arena form_paths;               /* of the places that form keeps */
    struct tt_buf text[TT_ESCAPE_LEVELS + 1]; /* the decoded text of each level */
    struct tt_scan_file *file;
    bool shown;                       /* this document's one candidate for a hidden character that an escape shows was reported */
    const struct tt_learned *learned; /* sites of descriptions; NULL: none */
    bool alone;                       /* each field is judged by itself: no template sites, no choices of spelling */
};

struct tt_scan_field {
    struct tt_str raw;        /* valid UTF-8, as it stands in the input */
    size_t from, to;          /* the part of raw whose marks are reported; the rest is context */
    struct tt_cursor *cursor; /* over bytes that raw is a part of */
    size_t raw_at;            /* index of raw[0] in the cursor's bytes */
    bool escaped;             /* raw is the inside of a JSON string with escapes */
    bool at_start, at_end;    /* as in struct tt_field */
    bool in_json;
    bool rest_of_json;         /* plain text behind the fault of a JSON document */
    bool has_choice, has_wide; /* of a JSON string: escapes that another spelling could replace; characters outside ASCII */
    struct tt_str path, role, type;
    const enum tt_place *place; /* what these come to; NULL: to be worked out */
};

enum tt_status tt_scan_fields_init(struct tt_scan_fields *fields, const struct tt_alloc *alloc,
                                   const struct tt_kernels *kernels) TT_MUST_USE;
void tt_scan_fields_free(struct tt_scan_fields *fields);

/* A document of the input begins, or is complete.  path is that of all of it; at is where it ends, in the cursor's bytes. */
void tt_scan_fields_begin_document(struct tt_scan_fields *fields);
enum tt_status tt_scan_fields_end_document(struct tt_scan_fields *fields, struct tt_str path, struct tt_cursor *cursor,
                                           size_t at) TT_MUST_USE;

/* An object or array of the document closes.  at is where it closes, in the cursor's bytes. */
enum tt_status tt_scan_fields_end_object(struct tt_scan_fields *fields, uint32_t depth, struct tt_str path,
                                         struct tt_cursor *cursor, size_t at) TT_MUST_USE;

/* Looks at how the value of a name, or an item, is written: blanks are those behind the colon, number is empty for other values. */
struct tt_scan_value {
    struct tt_str blanks, number;
    uint32_t depth;             /* of the members of its container */
    bool named;                 /* blanks are those behind a colon */
    bool twice;                 /* its object has a value of that name already */
    struct tt_scan_field field; /* from: where raw has the colon, or the number; for the excerpt */
};
enum tt_status tt_scan_fields_value(struct tt_scan_fields *fields, const struct tt_scan_value *value) TT_MUST_USE;

/* Keeps the place of a spelling that is mixed with another: field->from, in raw. */
enum tt_status tt_scan_fields_mixed(struct tt_scan_fields *fields, const struct tt_scan_field *field) TT_MUST_USE;

/* Finds the marks of a field and adds them to fields->file. */
enum tt_status tt_scan_fields_look(struct tt_scan_fields *fields, const struct tt_scan_field *field) TT_MUST_USE;

#endif
