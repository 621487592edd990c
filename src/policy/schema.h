/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy format, version 1, as tables: which keys a map has, their types and defaults, and where their values go.
 *
 * The same tables fill the structs, suggest misspelt keys, check references and write the canonical form.  Rows stand in byte order
 * of their names, which the canonical form relies on and a test checks.
 */
#ifndef TT_POLICY_SCHEMA_H
#define TT_POLICY_SCHEMA_H

#include "policy/policy.h"

enum tt_policy_type {
    TT_TYPE_TEXT,     /* 1-400 characters */
    TT_TYPE_SLUG,     /* [a-z0-9][a-z0-9._-]{0,63} */
    TT_TYPE_ID,       /* [A-Za-z][A-Za-z0-9._-]{0,63} */
    TT_TYPE_DATE,     /* YYYY-MM-DD */
    TT_TYPE_USD,      /* [0-9]{1,9}(\.[0-9]{1,2})? */
    TT_TYPE_INT,      /* within least and most */
    TT_TYPE_BOOL,     /* true, false */
    TT_TYPE_COUNTRY,  /* ISO 3166-1 alpha-2 */
    TT_TYPE_REGION,   /* a country, a group of the file, or "all" */
    TT_TYPE_GLOB,     /* only * and ? are special */
    TT_TYPE_RANGE,    /* ">= 1.1.0 < 2" */
    TT_TYPE_OFFSET,   /* UTC, +08:00 */
    TT_TYPE_CONTACT,  /* a mailbox or URL */
    TT_TYPE_ENUM,     /* of choices */
    TT_TYPE_SHA256,   /* 64 hexadecimal digits */
    TT_TYPE_PACKAGE,  /* npm:@a/b, vscode:a.b */
    TT_TYPE_HOSTNAME, /* a name, or "*." and a name */
};

enum tt_policy_shape {
    TT_SHAPE_VALUE,   /* struct tt_policy_value */
    TT_SHAPE_LIST,    /* struct tt_policy_list */
    TT_SHAPE_MAP,     /* an embedded struct described by sub */
    TT_SHAPE_OBJECTS, /* struct tt_policy_objects of structs described by sub, each with an id */
    TT_SHAPE_GROUPS,  /* struct tt_policy_objects of struct tt_policy_group: names chosen by the author */
};

struct tt_policy_schema;

struct tt_policy_field {
    const char *name;
    enum tt_policy_shape shape;
    enum tt_policy_type type; /* of the value or of each item */
    size_t offset;
    bool required;
    enum tt_policy_name names;  /* what a value must name */
    int64_t least, most;        /* of TT_TYPE_INT */
    const char *const *choices; /* of TT_TYPE_ENUM; ends in NULL */
    const char *fallback;       /* as the file would spell it; items of a list divided by spaces; NULL: none */
    const struct tt_policy_schema *sub;
    const char *alone; /* of a list: a word that may stand without a list around it; NULL: none */
};

struct tt_policy_schema {
    const char *what; /* "a decision" */
    const struct tt_policy_field *fields;
    size_t count;
    size_t size; /* of the struct */
};

#define TT_POLICY_SCHEMA(what, rows, type)                       \
    {                                                            \
        what, rows, sizeof(rows) / sizeof(*(rows)), sizeof(type) \
    }

/* schema.c */
extern const struct tt_policy_schema tt_policy_schema_top, tt_policy_schema_timeline;
/* schema_decision.c */
extern const struct tt_policy_schema tt_policy_schema_decision, tt_policy_schema_match, tt_policy_schema_exception;
/* schema_money.c */
extern const struct tt_policy_schema tt_policy_schema_budget, tt_policy_schema_credit, tt_policy_schema_reimbursement;
/* schema_gateway.c */
extern const struct tt_policy_schema tt_policy_schema_mark, tt_policy_schema_gateway;

/* Reads text as a value of the field's type into out->number; NULL, or static words that say what it must be. */
const char *tt_policy_type_parse(const struct tt_policy_field *field, struct tt_str text, struct tt_policy_value *out);

/* ISO 3166-1 alpha-2, in capitals. */
bool tt_policy_is_country(struct tt_str text);

/* What fill and cross share. */
struct tt_policy_check {
    struct tt_policy_problems *problems;
    const struct tt_policy_names *names;
    struct tt_policy *policy;
};

/* tree -> struct, with types and defaults; errors go to problems. */
enum tt_status tt_policy_fill(struct tt_policy_check *check, const struct tt_yaml *root) TT_MUST_USE;

/* What depends on more than one key: conditions, references, order of dates.  Fills defaults that other keys give. */
enum tt_status tt_policy_cross(struct tt_policy_check *check) TT_MUST_USE;

/* Names of the file itself: teams, groups, decisions.  Offers near ones; true when name is one. */
bool tt_policy_own_name(const struct tt_policy *policy, enum tt_policy_name kind, struct tt_str name, struct tt_str *nearest);

/* Members of a struct at an offset. */
static inline const void *
tt_policy_member(const void *object, size_t offset)
{
    return (const char *) object + offset;
}

#endif
