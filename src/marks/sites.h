/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Template sites: the same place of the same text in many documents, and the forms in which it was seen.
 *
 * One document shows a form; only several show that it varies.  A reader (tt_site_reader) turns the fields of a document into pairs
 * (site, form).  A table (tt_sites) counts them: a small one for each input, which are then merged in the order of the inputs.
 */
#ifndef TT_MARKS_SITES_H
#define TT_MARKS_SITES_H

#include "marks/channel.h"
#include "marks/json_form.h"
#include "marks/site_layout.h"

enum tt_site_kind {
    TT_SITE_LOOK,    /* a sentence; its forms look alike or format a value in different ways */
    TT_SITE_WORDING, /* what stands between two sentences that stay the same */
    TT_SITE_ORDER,   /* the sentences of a document; its forms are their orders */
    TT_SITE_JSON,    /* an object of a request; its forms are the orders of its names */
    TT_SITE_LEARNED, /* a learned site; its forms are its symbols */
    TT_SITE_HEADERS, /* the headers of an HTTP request; its forms are their orders and the case of their letters */
    TT_SITE_BLANKS,  /* an object or array of a request; its forms are the blanks between its signs */
    TT_SITE_NUMBER,  /* a number of a request; its forms are its spellings */
    TT_SITE_ESCAPES, /* a request; its forms are one of its choices of escapes */
};

/* One form of one site, as seen by the reader. */
struct tt_site_seen {
    enum tt_site_kind kind;
    bool shared; /* people write there too, what their keyboards and clipboards hold */
    uint64_t site, form;
    size_t offset, length; /* in the field's text; 0 of what is no part of one */
    struct tt_str sample;  /* the text itself */
};

typedef enum tt_status tt_site_fn(void *ctx, const struct tt_site_seen *seen);

/* How often a template was met in the document at hand: its second use is another site. */
struct tt_site_count {
    uint64_t template;
    uint32_t document, n;
};

/* The names of an open object, in their order. */
struct tt_site_names {
    uint64_t sum, chain;
    uint64_t met;                        /* bit of each hash below */
    uint32_t hash[TT_SITE_NAMES_UNIQUE]; /* of the first names */
    uint32_t count, length;
    char text[TT_SITE_NAMES_TEXT]; /* "role, content, ": as many as fit */
    struct tt_site_layout layout;
};

/* What was seen before the document was known to be a request. */
struct tt_site_held {
    enum tt_site_kind kind;
    uint64_t site, form;
    size_t length;
    char text[TT_SITE_NAMES_TEXT]; /* "temperature: 1.0" */
};

struct tt_site_reader {
    struct tt_site_names *names;  /* of each depth */
    struct tt_site_names headers; /* of the request in work */
    struct tt_site_held held[TT_SITE_HELD];
    size_t held_count, tries;
    uint64_t requests;             /* that had headers: each is a document of its own */
    bool request;                  /* this document has been seen to be one */
    bool any_text;                 /* the caller's: texts that are no request are compared too */
    struct tt_buf fold, form, key; /* of one sentence */
    struct tt_site_count counts[TT_SITE_COUNTS];
    uint32_t document;
    uint64_t order_sum, order_chain; /* of the document's sentences */
    size_t order_count;
};

enum tt_status tt_site_reader_init(struct tt_site_reader *reader, const struct tt_alloc *alloc) TT_MUST_USE;
void tt_site_reader_free(struct tt_site_reader *reader);
void tt_site_reader_begin(struct tt_site_reader *reader);

/* Reads from..to of a field.  Fields that hold no template (tool results, the model's own words) are passed over. */
enum tt_status tt_site_reader_field(struct tt_site_reader *reader, const struct tt_field *field, tt_site_fn *seen,
                                    void *ctx) TT_MUST_USE;

/* An object or array opens; it has a name; it closes.  depth is that of its members, path the container's own. */
void tt_site_reader_object(struct tt_site_reader *reader, uint32_t depth);
bool tt_site_reader_name(struct tt_site_reader *reader, uint32_t depth, struct tt_str name); /* is it there twice? */
enum tt_status tt_site_reader_object_end(struct tt_site_reader *reader, uint32_t depth, struct tt_str path, tt_site_fn *seen,
                                         void *ctx) TT_MUST_USE;

/* What stands between two tokens of the container whose members have that depth; closes: before its bracket.  NULL: it was not seen. */
void tt_site_reader_gap(struct tt_site_reader *reader, uint32_t depth, const struct tt_str *gap, bool closes);

/* A number of that path, as written. */
enum tt_status tt_site_reader_number(struct tt_site_reader *reader, uint32_t depth, struct tt_str path,
                                     struct tt_str number) TT_MUST_USE;

/* A header of an HTTP request that a document records; the request is complete. */
void tt_site_reader_header(struct tt_site_reader *reader, struct tt_str name);
enum tt_status tt_site_reader_headers_end(struct tt_site_reader *reader, tt_site_fn *seen, void *ctx) TT_MUST_USE;

/* The document is complete.  form: its choices of spelling, or NULL. */
enum tt_status tt_site_reader_end(struct tt_site_reader *reader, const struct tt_json_form *form, tt_site_fn *seen,
                                  void *ctx) TT_MUST_USE;

/* One row of a table: a form of a site. */
struct tt_site {
    enum tt_site_kind kind;
    bool shared;
    uint32_t next;      /* number (from 1) of the site's next row, 0 at the end */
    uint32_t last_form; /* of a site's first row: number of its last one */
    uint32_t forms;     /* of a site's first row: how many rows it has */
    uint64_t site, form;
    uint64_t documents;                     /* that have this form */
    uint64_t first_document, last_document; /* within the input */
    struct tt_str sample;
    struct tt_where first; /* where the form was seen first */
};

struct tt_sites {
    const struct tt_alloc *alloc;
    struct tt_arena arena; /* samples, names */
    struct tt_site *rows;  /* in order of coming */
    size_t count, room, max;
    uint32_t *slots; /* open addressing by site: number of its first row, or 0 */
    size_t slot_count;
    uint64_t dropped; /* rows that found no room */
};

/* A table of at most max rows and bytes of samples; allocates nothing. */
void tt_sites_init(struct tt_sites *sites, const struct tt_alloc *alloc, size_t max, size_t bytes);
void tt_sites_free(struct tt_sites *sites);

/*
 * Counts a form once a document.  *row is the row when it is new and wants its place (first, in the table's arena), else NULL; rows move at
 * the next call.  A full table drops what is new.
 */
enum tt_status tt_sites_count(struct tt_sites *sites, const struct tt_site_seen *seen, uint64_t document,
                              struct tt_site **row) TT_MUST_USE;

/*
 * Adds the rows of one input; those without a uri get that one.  A full table forgets the older half of the sites that were seen in one form and one
 * document.
 */
enum tt_status tt_sites_merge(struct tt_sites *sites, const struct tt_sites *input, struct tt_str uri) TT_MUST_USE;

/* Reports the sites whose form varies over documents, in the order in which they were first seen. */
enum tt_status tt_sites_report(const struct tt_sites *sites, struct tt_sink sink) TT_MUST_USE;

#endif
