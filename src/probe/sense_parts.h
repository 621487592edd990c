/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How runs become a table, and a table becomes effects.  Private to src/probe/sense*.c.
 *
 *     run ──► requests ──► leaves          kept, as numbers of strings (sense.c)
 *     slot                                 one request, found again in each run (sense_table.c)
 *     site                                 one leaf of it, found again in each run
 *     column                               one part of a site that differs among runs: a word, a sign, the order of names (sense_column.c)
 *     effect                               a condition that changes a column, and no smaller one explains it (sense_effect.c)
 */
#ifndef TT_PROBE_SENSE_PARTS_H
#define TT_PROBE_SENSE_PARTS_H

#include "probe/leaf.h"
#include "probe/sense.h"

/* ---- strings as numbers: equal strings have one number; 0 is the empty one ---- */

struct tt_sense_string {
    struct tt_str text;
    uint64_t hash;
};

struct tt_sense_strings {
    struct tt_arena *arena;
    struct tt_sense_string *items;
    size_t count, room;
    uint32_t *slots; /* open addressing: number, or 0 */
    size_t slot_count;
};

enum tt_status tt_sense_strings_init(struct tt_sense_strings *strings, struct tt_arena *arena) TT_MUST_USE;

/* The number of text; a copy is kept. */
enum tt_status tt_sense_number(struct tt_sense_strings *strings, struct tt_str text, uint32_t *out) TT_MUST_USE;

/* ---- runs ---- */

struct tt_sense_leaf {
    uint32_t path, value, raw, margin;
    enum tt_leaf_kind kind;
    bool escaped, line, in_content;
    uint64_t offset, length;
};

struct tt_sense_request {
    uint32_t method, path, masked, shape, names, hello;
    uint32_t ordinal; /* of the exchange; 0: what is not in a request */
    bool cut;
    struct tt_sense_leaf *leaves;
    size_t count;
    uint64_t *marks; /* of path and value of each leaf, sorted: to see how like two requests are */
};

struct tt_sense_contact {
    enum tt_contact_kind kind;
    bool nameless;
    uint32_t name;
};

struct tt_sense_run {
    struct tt_run run;
    bool failed;
    uint32_t failure;                  /* why */
    struct tt_sense_request *requests; /* the first is what is not in a request */
    size_t count;
    bool cut; /* more requests than are compared */
    struct tt_sense_contact *contacts;
    size_t contact_count;
};

/* ---- conditions ---- */

struct tt_sense_cond {
    struct tt_condition condition;
    uint32_t factors; /* that are not at level 0; none where one source is alone: such a run only explains others */
    uint32_t base;    /* the condition with all at level 0 and this instant; TT_SENSE_NONE: no run of it */
    uint32_t *subs;   /* conditions with some of these levels and the others at 0, the same instant; larger ones last */
    size_t sub_count;
    bool minimal;   /* each condition with one factor less has a run */
    uint32_t *runs; /* positions in table->runs */
    size_t run_count;
    bool row; /* all its runs are of TT_STAGE_PAIR */
};

#define TT_SENSE_NONE UINT32_MAX
#define TT_SENSE_MISSING UINT32_MAX      /* the run, or condition, says nothing of the column */
#define TT_SENSE_MIXED (UINT32_MAX - 1)  /* runs of the condition differ */
#define TT_SENSE_RANDOM (UINT32_MAX - 2) /* they differ, and that is what the level does */

/* ---- the table ---- */

struct tt_sense_site {
    uint32_t path, value; /* value: where the site was seen first */
    enum tt_leaf_kind kind;
    bool line;
    uint32_t *leaf; /* of each run: number of its leaf, from 1; 0: it has none */
};

struct tt_sense_slot {
    uint32_t first_run, first_request; /* where the request was seen first */
    uint32_t *request;                 /* of each run: number of the request, from 1; 0: it has none */
    struct tt_sense_site *sites;
    size_t count;
};

enum tt_sense_column_kind {
    TT_COLUMN_REQUEST,  /* is the request there? */
    TT_COLUMN_REQUESTS, /* the order of requests */
    TT_COLUMN_PRESENT,  /* is the leaf there? */
    TT_COLUMN_TEXT,     /* a part of the decoded value */
    TT_COLUMN_VARIANT,  /* another text altogether */
    TT_COLUMN_ORDER,    /* order of the names that all runs have */
    TT_COLUMN_FORM,     /* how a part that is the same is spelled */
    TT_COLUMN_MARGIN,   /* how the leaf is set apart */
    TT_COLUMN_SHAPE,    /* what kind of random value a volatile part is */
    TT_COLUMN_FRESH,    /* is it another value in each run, and if not, which? */
    TT_COLUMN_FIXED,    /* the signs of a random part that all runs of the baseline have */
};

enum tt_sense_state {
    TT_STATE_STABLE,
    TT_STATE_VOLATILE, /* runs of one condition differ */
    TT_STATE_LEVEL,    /* only under one level they do */
};

struct tt_sense_column {
    enum tt_sense_column_kind kind;
    uint32_t slot, site;
    uint32_t from, to; /* cells of a text: see sense_split.c */
    uint32_t *value;   /* of each run: number of a string, or TT_SENSE_MISSING */
    double chance;     /* that two runs of a condition agree although the part is random */
    enum tt_sense_state state;
    uint32_t *at;        /* of each condition: what its runs agree on, or one of the words above */
    bool *effect;        /* of each condition: it changes the column, and no smaller one explains it */
    uint32_t *predicted; /* of each condition; TT_SENSE_MIXED: smaller ones say different things */
};

struct tt_sense_table {
    struct tt_sense_run **runs; /* that worked: the baseline first, then by number */
    size_t run_count;
    uint32_t *cond_of; /* of each run */
    struct tt_sense_cond *conds;
    size_t cond_count;
    uint32_t noon;               /* the baseline at noon; TT_SENSE_NONE: no run of it */
    struct tt_sense_slot *slots; /* the first is what is not in a request */
    size_t slot_count, slot_room;
    struct tt_sense_column *columns; /* by slot and site */
    size_t column_count, column_room;
};

struct tt_sense {
    const struct tt_alloc *alloc;
    const struct tt_design *design;
    struct tt_arena keep;    /* runs and strings */
    struct tt_arena work;    /* the table; made again when runs were added */
    struct tt_arena answer;  /* of the last question */
    struct tt_arena scratch; /* of one step */
    struct tt_sense_strings strings;
    struct tt_sense_run **runs;
    size_t run_count, run_room;
    unsigned reduced; /* conditions that tt_sense_reduce asked for */
    bool fresh;       /* the table is of all runs */
    struct tt_sense_table table;
};

static inline struct tt_str
tt_sense_text(const struct tt_sense *sense, uint32_t number)
{
    return sense->strings.items[number].text;
}

/* The leaf of a site in a run, or NULL. */
static inline const struct tt_sense_leaf *
tt_sense_leaf_of(const struct tt_sense *sense, const struct tt_sense_slot *slot, const struct tt_sense_site *site, size_t run)
{
    uint32_t leaf = site->leaf[run];
    return leaf ? &sense->table.runs[run]->requests[slot->request[run] - 1].leaves[leaf - 1] : NULL;
}

/* size bytes, cleared; NULL when there is no memory. */
void *tt_sense_get(struct tt_arena *arena, size_t size) TT_MUST_USE;

/* Makes the table when runs were added: conditions, slots and sites, columns, effects. */
enum tt_status tt_sense_refresh(struct tt_sense *sense) TT_MUST_USE;
enum tt_status tt_sense_make_conds(struct tt_sense *sense) TT_MUST_USE;
enum tt_status tt_sense_make_slots(struct tt_sense *sense) TT_MUST_USE;
enum tt_status tt_sense_make_columns(struct tt_sense *sense) TT_MUST_USE;
enum tt_status tt_sense_make_effects(struct tt_sense *sense) TT_MUST_USE;

/* The condition's number, or TT_SENSE_NONE. */
uint32_t tt_sense_find_cond(const struct tt_sense *sense, const struct tt_condition *condition);

/* A new column without values. */
struct tt_sense_column *tt_sense_add_column(struct tt_sense *sense, enum tt_sense_column_kind kind, uint32_t slot, uint32_t site);

/* Takes the last column back where all runs agree. */
void tt_sense_drop_if_same(struct tt_sense *sense);

/* Settles all columns, and adds some about the volatile ones (sense_volatile.c). */
enum tt_status tt_sense_settle_columns(struct tt_sense *sense) TT_MUST_USE;

/* Sets at and state of a column. */
enum tt_status tt_sense_settle(struct tt_sense *sense, struct tt_sense_column *column) TT_MUST_USE;

/* Is the value too long to come again by chance? */
bool tt_sense_is_rare(const struct tt_sense *sense, uint32_t value);

/* When the clock of a run's client starts, in Unix seconds; 0: at the machine's own time. */
int64_t tt_sense_instant(const struct tt_sense *sense, const struct tt_run *run);

/* ---- parts of lines ---- */

/*
 * A line against the reference: cell 2i is what stands before the reference's token i, cell 2i+1 what stands for it; the last cell is what stands
 * behind all.  Cells lie one behind the other and cover the line.
 */
struct tt_sense_split {
    size_t *starts; /* of each cell, and the end of the last */
    size_t cells;   /* 2n+1 for n tokens of the reference */
    bool foreign;   /* hardly anything of the reference is in it: another text */
};

struct tt_sense_reference {
    struct tt_token *tokens;
    struct tt_align_item *items;
    size_t count, words;
    struct tt_str text;
};

enum tt_status tt_sense_refer(struct tt_arena *arena, struct tt_str text, struct tt_sense_reference *out) TT_MUST_USE;
enum tt_status tt_sense_cut(struct tt_arena *arena, const struct tt_sense_reference *reference, struct tt_str line,
                            bool may_be_foreign, struct tt_sense_split *out) TT_MUST_USE;

/* The reference of a site: the value that most runs at the baseline have; else of any. */
uint32_t tt_sense_site_reference(const struct tt_sense *sense, const struct tt_sense_slot *slot,
                                 const struct tt_sense_site *site);

#endif
