/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue: AI tools, providers of models, vendors and families of models, as facts that each name sources and a confidence.
 *
 * Source of truth is data/catalog/; data/gen/catalog.py compiles it into tt_catalog_builtin.  read.h adds files of the same form.  A
 * catalogue is const once it is built, and every pointer that a function here returns lives as long as the catalogue.
 * Nothing here judges: a fact says what somebody stated, the policy says what follows.
 */
#ifndef TT_CATALOG_CATALOG_H
#define TT_CATALOG_CATALOG_H

#include "base/str.h"

/* Ids are unique within a kind: "cursor" is a tool and a family. */
enum tt_catalog_kind {
    TT_CATALOG_TOOL,     /* "claude-code": what a policy calls a product */
    TT_CATALOG_PROVIDER, /* "provider-bedrock": where models are served from */
    TT_CATALOG_VENDOR,   /* "anthropic" */
    TT_CATALOG_FAMILY,   /* "claude": models that a policy treats alike */
    TT_CATALOG_KINDS,
};

/* How well a fact is backed.  The order is that of trust. */
enum tt_confidence {
    TT_UNVERIFIED, /* stated, but no source was found that backs it */
    TT_CONFIDENCE_LOW,
    TT_CONFIDENCE_MEDIUM,
    TT_CONFIDENCE_HIGH,
};

struct tt_catalog_source {
    struct tt_str key; /* as facts name it: "npm" */
    struct tt_str text;
};

/* "region" = "us-east-1": what else is said about a value. */
struct tt_catalog_detail {
    struct tt_str name, text;
};

struct tt_catalog_value {
    struct tt_str text;
    const struct tt_catalog_detail *details;
    size_t detail_count;
};

struct tt_catalog_fact {
    struct tt_str name; /* a name of tt_catalog_fields[], perhaps with a part: "hosts", "packages.npm" */
    enum tt_confidence confidence;
    struct tt_str note; /* why it is unverified, or another reservation; may be empty */
    const struct tt_catalog_value *values;
    size_t value_count;                             /* at least one */
    const struct tt_catalog_source *const *sources; /* of the entry's sources; at least one */
    size_t source_count;
};

struct tt_catalog_entry {
    enum tt_catalog_kind kind;
    struct tt_str id;
    struct tt_str name;
    struct tt_str as_of;          /* YYYY-MM-DD: the edition */
    struct tt_str origin;         /* the last file that added to it; empty: only built in */
    const struct tt_str *aliases; /* other names */
    size_t alias_count;
    const struct tt_catalog_source *sources;
    size_t source_count;
    const struct tt_catalog_fact *facts;
    size_t fact_count;
};

struct tt_catalog {
    const struct tt_catalog_entry *entries; /* ordered by kind, then by the bytes of the id */
    size_t count;
};

/* What the program was built with. */
extern const struct tt_catalog tt_catalog_builtin;

/* A name that a fact may have. */
struct tt_catalog_field {
    const char *name;
    const char *title;    /* for people: "Models it can route to" */
    unsigned kinds;       /* bits 1 << enum tt_catalog_kind that may have it */
    bool parts;           /* is followed by a dot and a part: "packages.npm" */
    int refers;           /* enum tt_catalog_kind of the id that a value is, or -1 */
    const char *wildcard; /* a value that stands for every id; NULL: none */
};

extern const struct tt_catalog_field tt_catalog_fields[];
extern const size_t tt_catalog_field_count;

/* The field of a fact's name; NULL for an unknown name, and for a part too much or missing. */
const struct tt_catalog_field *tt_catalog_field_find(struct tt_str fact);

/* "tool", "provider", "vendor", "family"; "unverified", "low", "medium", "high". */
struct tt_str tt_catalog_kind_name(enum tt_catalog_kind kind);
struct tt_str tt_confidence_name(enum tt_confidence confidence);

/* ---- entries ---- */

/* The order of tt_catalog.entries: below 0 when a comes first. */
int tt_catalog_compare(const struct tt_catalog_entry *a, const struct tt_catalog_entry *b);

/* The entry of exactly that id, or NULL. */
const struct tt_catalog_entry *tt_catalog_find(const struct tt_catalog *catalog, enum tt_catalog_kind kind, struct tt_str id);

/* As above, and else the first whose name or alias is word, upper and lower case of ASCII alike. */
const struct tt_catalog_entry *tt_catalog_find_named(const struct tt_catalog *catalog, enum tt_catalog_kind kind,
                                                     struct tt_str word);

/* For "did you mean": the id of that kind nearest to word within a few typing errors; an empty string when none is near. */
struct tt_str tt_catalog_nearest(const struct tt_catalog *catalog, enum tt_catalog_kind kind, struct tt_str word);

/* ---- facts ---- */

/* The next fact of that name from *at on (start with 0), or NULL; several may differ in confidence and sources. */
const struct tt_catalog_fact *tt_catalog_next_fact(const struct tt_catalog_entry *entry, struct tt_str name, size_t *at);

/* The first value of the first fact of that name ("category", "vendor", "jurisdiction"), or NULL; fact may be NULL. */
const struct tt_catalog_value *tt_catalog_value(const struct tt_catalog_entry *entry, struct tt_str name,
                                                const struct tt_catalog_fact **fact);

/* The detail of that name; an empty string when there is none. */
struct tt_str tt_catalog_detail(const struct tt_catalog_value *value, struct tt_str name);

/* The vendor of a tool, provider or family; NULL when none is known.  *fact (may be NULL) says how well. */
const struct tt_catalog_entry *tt_catalog_vendor_of(const struct tt_catalog *catalog, const struct tt_catalog_entry *entry,
                                                    const struct tt_catalog_fact **fact);

/* ---- names of models and hosts ---- */

/* What a model's name says.  Members that it does not tell are NULL or empty. */
struct tt_catalog_model {
    const struct tt_catalog_entry *family;
    const struct tt_catalog_entry *vendor;   /* of the family; else the one that a prefix names */
    const struct tt_catalog_entry *provider; /* only from a prefix that no vendor uses: "bedrock/", "vertex_ai/" */
    struct tt_str region;                    /* from a prefix: "us" of "us.anthropic.claude-…"; borrowed from the name */
    struct tt_str base;                      /* the name without prefixes, date and version of the service: "claude-sonnet-4-5" */
    const struct tt_catalog_fact *fact;      /* the family's pattern, else the prefix that told most: how well it is backed */
    const struct tt_catalog_fact *through;   /* the prefix that told the provider */
};

/*
 * Resolves a model's name as requests and settings write it: prefixes ("bedrock/", "openrouter/anthropic/", "us.anthropic.",
 * "models/"), dates ("-20250929", "@20240620"), tags (":latest") and case do not matter.  False when the name tells nothing.
 */
bool tt_catalog_model(const struct tt_catalog *catalog, struct tt_str name, struct tt_catalog_model *out);

/* What a host name belongs to. */
struct tt_catalog_host {
    const struct tt_catalog_entry *entry; /* a tool or a provider */
    const struct tt_catalog_fact *fact;
    struct tt_str region;                /* from the name ("eu-west-1") or the catalogue; empty: not told */
    struct tt_str country;               /* ISO 3166-1 alpha-2 of the region; empty: not known */
    const struct tt_catalog_fact *place; /* that tells the country */
};

/* The provider that the host belongs to.  host: without port; case and one final dot do not matter. */
bool tt_catalog_host(const struct tt_catalog *catalog, struct tt_str host, struct tt_catalog_host *out);

/* The next entry of any kind with that host, from *at on (start with 0); a host may belong to a provider and to several tools. */
bool tt_catalog_next_host(const struct tt_catalog *catalog, struct tt_str host, size_t *at, struct tt_catalog_host *out);

/* Is the pattern well-formed?  "api.x.ai", "*.x.ai" (any depth below), "<name>" for one part of a label: "<region>-ai.x.com". */
bool tt_catalog_host_pattern_ok(struct tt_str pattern);

/* Does a name match a pattern with '*' and '?'?  Upper and lower case of ASCII are alike. */
bool tt_catalog_glob(struct tt_str pattern, struct tt_str name);

/* ---- prices ---- */

/*
 * The price of a model: the value of a fact "prices" whose text is a pattern for the model's base name.  Its details are decimal
 * texts in US dollars per million tokens ("input", "output", "cache_read", "cache_write") and a date ("date").  entry: a provider.
 * NULL: unpriced, which is never zero.
 */
const struct tt_catalog_value *tt_catalog_price(const struct tt_catalog_entry *entry, struct tt_str base,
                                                const struct tt_catalog_fact **fact);

#endif
