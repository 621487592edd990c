/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a policy says about one subject on one day, and why.
 *
 * Three axes are judged apart: software, model, route.  On each the most specific decision wins, a tie goes to the stricter, and the
 * order in the file never matters.  The result is the strictest of the three.  What is not known never blocks: a decision that
 * rests on an unknown fact is listed as possible and reported, no more.
 */
#ifndef TT_POLICY_DECIDE_H
#define TT_POLICY_DECIDE_H

#include "policy/policy.h"

/* One value of a fact about the subject; an empty text is unknown. */
struct tt_policy_fact {
    struct tt_str text;
    bool possible;   /* could be so: what a product can do, not what was seen */
    bool unverified; /* the catalogue names no source for it */
    bool derived;    /* follows from other facts, by tt_policy_names.complete */
};

/* A value that stands for every other: families of a product that can be told to use any. */
#define TT_POLICY_ANY "any"

/* Strings are borrowed; a copy of the struct is whole. */
struct tt_policy_subject {
    struct tt_policy_fact facts[TT_ABOUTS];
    struct {
        enum tt_about about;
        struct tt_policy_fact fact;
    } more[TT_POLICY_MORE_MAX]; /* further values of facts, of which each counts: families that a product can route to */
    size_t more_count;
};

/* The value of a fact at i from 0, or NULL. */
const struct tt_policy_fact *tt_policy_fact_at(const struct tt_policy_subject *subject, enum tt_about about, size_t i);

/* Adds a value that is not there yet.  When there is no room for it, a value that could be any other is there instead. */
void tt_policy_fact_add(struct tt_policy_subject *subject, enum tt_about about, struct tt_policy_fact fact);

enum tt_policy_action { TT_ACTION_REPORT, TT_ACTION_ANNOUNCE, TT_ACTION_WARN, TT_ACTION_BLOCK, TT_ACTION_REMOVE };

const char *tt_policy_action_name(enum tt_policy_action action);
const char *tt_policy_status_name(enum tt_policy_status status);
const char *tt_axis_name(enum tt_axis axis);

/* How well a decision fits; the order is that of certainty. */
enum tt_policy_fit { TT_FIT_NO, TT_FIT_POSSIBLE, TT_FIT_UNVERIFIED, TT_FIT_YES };

/* How decision fits on day; *why (may be NULL) is then the fact that is least certain. */
enum tt_policy_fit tt_policy_fit(const struct tt_policy *policy, const struct tt_policy_decision *decision,
                                 const struct tt_policy_subject *subject, int64_t day, enum tt_about *why);

enum tt_policy_fit tt_policy_scope_fit(const struct tt_policy *policy, const struct tt_policy_scope *scope,
                                       const struct tt_policy_subject *subject, enum tt_about *why);

/* A limit that is not kept, or could be not kept. */
struct tt_policy_breach {
    enum tt_about about;
    enum tt_policy_fit fit;
};
#define TT_POLICY_BREACHES 7

enum tt_policy_fit tt_policy_breaches(const struct tt_policy *policy, const struct tt_policy_limits *limits,
                                      const struct tt_policy_subject *subject, struct tt_policy_breach *breaches, size_t *count);

struct tt_policy_other { /* a decision that did not win */
    const struct tt_policy_decision *decision;
    enum tt_policy_fit fit;
    enum tt_about why;  /* of a possible one: the fact that is not known */
    bool is_overridden; /* the winner is narrower, and less strict */
};

struct tt_policy_axis_verdict {
    bool asked;                              /* the subject says something on this axis */
    const struct tt_policy_decision *winner; /* NULL: the default of the policy */
    enum tt_policy_fit fit;
    enum tt_policy_status status; /* on that day */
    bool lapsed;                  /* an approval whose review is overdue reads as reviewing */
    bool overdue;                 /* verify has come */
    enum tt_policy_action action; /* with everything below taken in */
    enum tt_policy_action stage;  /* what the timeline says */
    int64_t since;                /* of stage; 0: none */
    int64_t next;                 /* day of the next stage; 0: none */
    enum tt_policy_action next_stage;
    bool held_by_unknown; /* action is lower, because a possible decision would win */
    const struct tt_policy_exception *exception;
    enum tt_policy_fit exception_fit;
    struct tt_policy_breach breaches[TT_POLICY_BREACHES];
    size_t breach_count;
    struct tt_policy_other others[TT_POLICY_SUPERSEDED_MAX];
    size_t other_count;
    size_t other_more; /* not listed */
};

struct tt_policy_verdict {
    enum tt_policy_action action;
    enum tt_policy_status status;
    enum tt_axis axis; /* that decided */
    struct tt_policy_axis_verdict axes[TT_AXES];
};

/* day is yyyymmdd.  Allocates nothing. */
void tt_policy_decide(const struct tt_policy *policy, const struct tt_policy_subject *subject, int64_t day,
                      struct tt_policy_verdict *verdict);

/* The id of the decision that gave the result, or "default". */
struct tt_str tt_policy_rule(const struct tt_policy_verdict *verdict);

#endif
