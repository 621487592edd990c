/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one record that every detector produces.
 *
 * All strings are borrowed: they live as long as the arena or literal they come from, which is at least until the sink that
 * took the finding returns.  A sink that keeps a finding copies it (tt_finding_copy).
 */
#ifndef TT_FINDING_FINDING_H
#define TT_FINDING_FINDING_H

#include "base/arena.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/str.h"
#include "finding/rule.h"

/* How sure, never how bad. */
enum tt_level {
    TT_INFO,       /* a stated fact */
    TT_CANDIDATE,  /* present, could be innocent */
    TT_SUSPICIOUS, /* breaks a rule of legitimate use */
    TT_CONFIRMED,  /* decoded, proven by variation, or an explicit trace */
};
#define TT_LEVELS 4

const char *tt_level_name(enum tt_level level);

/* Reads a level's name; false when it is none. */
bool tt_level_parse(struct tt_str name, enum tt_level *out);

struct tt_where {
    struct tt_str uri;  /* as the user named it; "-" is standard input */
    struct tt_str path; /* "$.system[0].text", or empty outside JSON */
    uint64_t offset;    /* of the raw bytes in the input */
    uint64_t length;
    uint64_t line;   /* from 1 */
    uint64_t column; /* in code points, from 1 */
};

/* How a fact is written: the JSON value that becomes of it. */
enum tt_fact_kind {
    TT_FACT_TEXT,       /* a string */
    TT_FACT_NUMBER,     /* an integer */
    TT_FACT_CODEPOINTS, /* text: ["U+02BC", ...], the first 64 */
    TT_FACT_HEX,        /* bytes: "cabc", the first 256 */
    TT_FACT_LIST,       /* text with items divided by '\n': ["a", "b"] */
    TT_FACT_LITERAL,    /* text that is a JSON number: 1.58 */
};

/* One piece of evidence.  A key "decoded.lab" is written as member "lab" of the object "decoded"; such facts stand together. */
struct tt_fact {
    const char *key; /* static */
    enum tt_fact_kind kind;
    struct tt_str text;
    int64_t number;
};

struct tt_finding {
    const struct tt_rule *rule;
    enum tt_level level;
    struct tt_str message; /* one sentence for a person */
    struct tt_where where;
    struct tt_str excerpt; /* the line with the mark made visible; safe to print */
    struct tt_fact facts[TT_FACTS_MAX];
    size_t fact_count;
    size_t extent_from, extent_to; /* bytes of the detector's text that the finding rests on; for sources, never written */
    char id[33];                   /* 32 lower-case hexadecimal digits; see tt_finding_identify */
};

/* Adds a fact; silently full at TT_FACTS_MAX, which a test forbids detectors to reach. */
void tt_finding_add_text(struct tt_finding *f, const char *key, struct tt_str text);
void tt_finding_add_number(struct tt_finding *f, const char *key, int64_t number);
void tt_finding_add_fact(struct tt_finding *f, const char *key, enum tt_fact_kind kind, struct tt_str text);

/*
 * Sets id: the first 16 bytes of SHA-256 over rule, JSON path, offset, length and excerpt.  The uri is left out, so the same finding
 * in the same content has the same id on every machine.
 */
void tt_finding_identify(struct tt_finding *f);

/* Orders the findings of one text by offset, and by rule where several stand at one. */
void tt_finding_sort(struct tt_finding *findings, size_t count);

/* A deep copy whose strings live in arena. */
enum tt_status tt_finding_copy(struct tt_arena *arena, const struct tt_finding *from, struct tt_finding *to) TT_MUST_USE;

/* Takes one finding; the record is borrowed for the call.  A status other than TT_OK stops the detector. */
struct tt_sink {
    enum tt_status (*take)(void *ctx, const struct tt_finding *finding);
    void *ctx;
};

#endif
