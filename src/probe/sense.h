/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the requests of a client depend on: runs of a design are collected, compared leaf by leaf, and concluded from.
 *
 * Every question is answered from all runs that were added so far, in the order of their numbers, so the order of adding does not matter.
 * No I/O.  What is returned belongs to the sense object and is valid until the next call on it, unless it is said otherwise.
 */
#ifndef TT_PROBE_SENSE_H
#define TT_PROBE_SENSE_H

#include "base/alloc.h"
#include "probe/capture.h"
#include "probe/design.h"

/* Sorted from what is nothing to what is strongest, so that classes can be compared. */
enum tt_probe_class {
    TT_CLASS_CONSTANT,  /* no difference */
    TT_CLASS_TRANSPORT, /* explained by scheme, host or proxy */
    TT_CLASS_VOLATILE,  /* differs among runs of one condition */
    TT_CLASS_VISIBLE,   /* other words, numbers, or leaves added and removed */
    TT_CLASS_C1,        /* format: same letters and digits, other punctuation, space or case */
    TT_CLASS_C2,        /* order */
    TT_CLASS_C5,        /* statistical: a volatile leaf whose distribution depends on the factor */
    TT_CLASS_C4,        /* opaque */
    TT_CLASS_C3,        /* encoding: equal when decoded */
    TT_CLASS_C0,        /* look-alike */
};
#define TT_CLASSES 10

/* "c0" ... "visible", "volatile"; static.  "probe." and this name is the rule of a finding. */
const char *tt_probe_class_name(enum tt_probe_class class);

/* What stands at a place under one condition. */
struct tt_symbol {
    struct tt_condition condition;
    bool absent;         /* the leaf is not there */
    bool request;        /* it is no leaf: the request itself is there or not */
    struct tt_str value; /* the part that depends; may be empty */
    struct tt_str line;  /* the whole leaf, decoded */
    bool in_text;        /* value stands at a place of line: ... */
    size_t line_from, line_to;
    bool spelled;      /* ... and is how the client writes the text there */
    uint32_t run;      /* the first run that shows it */
    uint32_t exchange; /* its ordinal there; 0: none (a name that was asked for) */
    bool in_content;   /* offset counts in NN.content, else in NN.request */
    uint64_t offset, length;
    unsigned runs, agree; /* runs of that condition; those that show this value */
};

/* Leaves that change in one way with one set of factors. */
struct tt_dependence {
    enum tt_probe_class class;
    uint32_t factors;                 /* bit set: those that change it, together where there are several */
    uint32_t gates;                   /* of these a level switches the effect off, but changes nothing by itself */
    bool identity;                    /* one of factors is identity-like, at a level that shows the effect */
    bool seldom;                      /* one run of many shows it: it comes and goes, whatever the level */
    bool confirmed;                   /* enough runs of A and B, in turns */
    bool echo;                        /* the leaf contains the level's value, or a plain form of it; else it is a switch */
    const struct tt_source **sources; /* those that change it alone, of factors that were split */
    size_t source_count;
    uint32_t split, alone;     /* factors whose sources were run one by one; of these, those with a source that is enough */
    const char *echo_form;     /* "literal", "hex", "base64", "sha256"; static; NULL without echo */
    struct tt_str request;     /* "POST /v1/chat/completions", or "run" */
    struct tt_str path;        /* of the leaf: "$.messages[].content" */
    size_t places;             /* leaves that change so, of all requests; this one is the first */
    struct tt_symbol *symbols; /* the first is the baseline */
    size_t symbol_count;
    unsigned base_runs;     /* A: runs at the baseline; all of them agree */
    unsigned support, runs; /* B: runs that differ as said, and runs of these conditions that have the leaf's request */
    double p;               /* exact permutation test of A against B; of C5 after Holm */
    double bits;            /* at least so many, over the levels tested */
};

/* A minimal set of levels that changes leaves, everything else at the baseline. */
struct tt_cause {
    struct tt_condition condition;
    uint32_t factors; /* those that are not at level 0 */
    enum tt_probe_class worst;
    bool identity;
    bool confirmed; /* no more runs are needed */
    bool repeats;   /* it shows nothing but what causes before it show: Urumqi as Shanghai */
    size_t leaves;  /* that change */
    unsigned runs;  /* of this condition so far */
};

/* What a leaf says openly of a level. */
struct tt_open_fact {
    uint32_t factors;
    struct tt_str request, path, value;
};

#define TT_VOLATILE_COMES "comes and goes" /* shape of what is not in all runs */

struct tt_volatile_field {
    struct tt_str request, path;
    struct tt_str shape;   /* "uuid4", "hex(16)", "integer near now", "order of 9" ... */
    struct tt_str example; /* the first value */
    double capacity;       /* random bits; 0 where none are seen (a counter, a clock) */
    uint32_t audited;      /* bit set: factors that a deep test compared it with */
    unsigned values, runs; /* different values, and runs that have it */
    size_t places;         /* leaves of that path that come and go alike */
};

struct tt_destination {
    enum tt_contact_kind kind;
    struct tt_str name;
    bool nameless;      /* TLS without a server name: name is address and port */
    unsigned runs;      /* in which it was tried */
    uint32_t first_run; /* the first of them */
};

struct tt_fingerprint {
    struct tt_str request; /* "POST /v1/chat/completions" */
    struct tt_str headers; /* raw names in order, each behind a line feed but the first; of the baseline */
    struct tt_str hello;   /* ClientHello of the first TLS, in hexadecimal; empty: none */
};

struct tt_factor_bits {
    uint32_t factors; /* one bit: alone; more: joint over the cross */
    double bits;
    unsigned symbols;
    unsigned cells, cells_run; /* of the cross of levels, and those with a run */
};

/* What could not be concluded. */
enum tt_untested_kind {
    TT_UNTESTED_RUN,      /* runs failed: detail says how, and which where there are several */
    TT_UNTESTED_LEVEL,    /* no run of this level gave a capture */
    TT_UNTESTED_HIT,      /* a difference that was not confirmed: too few runs */
    TT_UNTESTED_ROW,      /* an unpredicted row that did not come again, or could not be reduced */
    TT_UNTESTED_LIMIT,    /* leaves or requests over a bound were not compared */
    TT_UNTESTED_VOLATILE, /* random bits that no deep test compared */
};

struct tt_untested {
    enum tt_untested_kind kind;
    uint32_t run;     /* or 0 */
    uint32_t factors; /* or 0 */
    struct tt_str detail;
};

struct tt_conclusion {
    struct tt_dependence *dependences; /* strongest first */
    size_t dependence_count;
    struct tt_open_fact *facts;
    size_t fact_count;
    struct tt_volatile_field *volatiles;
    size_t volatile_count;
    struct tt_destination *destinations;
    size_t destination_count;
    struct tt_fingerprint *fingerprints;
    size_t fingerprint_count;
    struct tt_factor_bits *bits; /* covert bits: of each factor alone that has some, then joint ones */
    size_t bit_count;
    struct tt_untested *untested;
    size_t untested_count;
    size_t leaves;   /* compared, in all requests of a run at the baseline */
    size_t requests; /* of a run at the baseline */
};

struct tt_sense;

/* The design is borrowed and must outlive the object.  NULL when out of memory. */
struct tt_sense *tt_sense_new(const struct tt_alloc *alloc, const struct tt_design *design);
void tt_sense_free(struct tt_sense *sense);

/* Takes one run; what is needed of the capture is copied.  A capture with a failure, or a time-out without requests, counts as a failed run. */
enum tt_status tt_sense_add(struct tt_sense *sense, const struct tt_run *run, const struct tt_capture *capture) TT_MUST_USE;

/*
 * The causes seen so far, those first that deserve to be confirmed first: covert ones, then those of several factors, then visible ones; identity-like
 * before others; repeats last.
 */
enum tt_status tt_sense_causes(struct tt_sense *sense, const struct tt_cause **causes, size_t *count) TT_MUST_USE;

/*
 * The next run (TT_STAGE_REDUCE) that is needed to reduce an unpredicted row of TT_STAGE_PAIR to a minimal set; *more is false when there is none.
 * Add its run before asking again.  At most TT_PROBE_REDUCE_MAX runs are asked for.
 */
enum tt_status tt_sense_reduce(struct tt_sense *sense, struct tt_condition *next, bool *more) TT_MUST_USE;

/* Conditions of the crosses of factors with covert leaves that have no run yet, at most max of them (TT_STAGE_CROSS). */
enum tt_status tt_sense_crosses(struct tt_sense *sense, size_t max, const struct tt_condition **conditions,
                                size_t *count) TT_MUST_USE;

/*
 * Conditions in which one source of a level is alone (TT_STAGE_SPLIT), at most max of them: for each confirmed dependence those of one level of its
 * factors that have several sources; the strongest dependences first.
 */
enum tt_status tt_sense_splits(struct tt_sense *sense, size_t max, const struct tt_condition **conditions,
                               size_t *count) TT_MUST_USE;

/* The end of it.  deep: runs of TT_STAGE_DEEP are compared by statistics, too. */
enum tt_status tt_sense_conclude(struct tt_sense *sense, bool deep, const struct tt_conclusion **out) TT_MUST_USE;

/* Would it be reported as covert: confirmed C0 or C3, or another covert class on an identity-like factor? */
bool tt_dependence_is_covert(const struct tt_dependence *dependence);

#endif
