/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict subset of YAML that policies are written in, as a tree with places.
 *
 * Every scalar is text here; the schema gives it a type.  Refused, with the place: anchors, aliases, tags, merge keys, directives,
 * a second document, complex keys, block scalars, plain scalars over several lines, flow maps, long or nested flow lists, tabs,
 * duplicate keys, empty values and null, control characters and controls of direction, a byte order mark.
 */
#ifndef TT_POLICY_TREE_H
#define TT_POLICY_TREE_H

#include "base/arena.h"
#include "base/limits.h"

struct tt_policy_at {
    uint32_t line, column; /* from 1, in code points; 0: not from the file */
};

struct tt_policy_problem {
    struct tt_policy_at at;
    struct tt_str text;
};

/* The errors of one file, in the order in which they were found until tt_policy_problems_sort. */
struct tt_policy_problems {
    struct tt_arena *arena; /* of the texts */
    struct tt_policy_problem items[TT_POLICY_PROBLEMS_MAX];
    size_t count;
    bool more;             /* there were others */
    enum tt_status status; /* TT_OK, or TT_E_MEMORY when a text could not be kept */
};

/* Adds an error whose text is the parts in a row. */
void tt_policy_problem_add(struct tt_policy_problems *problems, struct tt_policy_at at, const struct tt_str *parts, size_t count);
#define TT_POLICY_PROBLEM(problems, at, ...)                                   \
    tt_policy_problem_add(problems, at, (const struct tt_str[]) {__VA_ARGS__}, \
                          sizeof((const struct tt_str[]) {__VA_ARGS__}) / sizeof(struct tt_str))

/* By line, then column; errors of one place keep their order. */
void tt_policy_problems_sort(struct tt_policy_problems *problems);

enum tt_yaml_kind { TT_YAML_SCALAR, TT_YAML_LIST, TT_YAML_MAP };

struct tt_yaml {
    enum tt_yaml_kind kind;
    struct tt_policy_at at;
    struct tt_str text;    /* of a scalar */
    struct tt_yaml *first; /* item of a list, key of a map */
    struct tt_yaml *last;
    struct tt_yaml *next;  /* item or key */
    struct tt_yaml *value; /* of a key; NULL after an error */
    size_t count;          /* items or keys */
    bool refused;          /* an error was said of it: what it holds is not looked at */
};

/*
 * Reads bytes into *root, which lives in the arena of problems.  TT_OK also when problems were found that do not hinder reading on;
 * TT_E_INPUT when the rest could not be read (a problem says why); TT_E_MEMORY.
 */
enum tt_status tt_policy_tree_read(struct tt_str bytes, struct tt_policy_problems *problems, struct tt_yaml **root) TT_MUST_USE;

#endif
