/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy: what an organisation decided about AI tools, models and routes, from which day on, for whom.
 *
 * It is read from the YAML format of docs/policy-format.md, checked as a whole before any of it is used, and constant from then on.
 * All of it lives in one arena.  The room does no I/O: bytes in, policy or errors out.
 */
#ifndef TT_POLICY_POLICY_H
#define TT_POLICY_POLICY_H

#include "base/buf.h"
#include "policy/tree.h"

/* One value of the file.  text.ptr is NULL when the key is absent and has no default; at.line is 0 when the default stands. */
struct tt_policy_value {
    struct tt_str text;
    int64_t number; /* date: yyyymmdd; money: micro-USD; integer; boolean; index of an enum; offset: minutes */
    struct tt_policy_at at;
};

struct tt_policy_list {
    struct tt_policy_value *items;
    size_t count;
    bool present; /* written, or a default: an empty list that is present allows nothing */
    struct tt_policy_at at;
};

/* Each kind of map below begins with its place; line 0: not written, and its members hold the defaults. */

enum tt_policy_stage { TT_STAGE_ANNOUNCE, TT_STAGE_WARN, TT_STAGE_BLOCK, TT_STAGE_REMOVE, TT_STAGE_VERIFY };
#define TT_POLICY_STAGES 5

struct tt_policy_timeline {
    struct tt_policy_at at;
    struct tt_policy_value stage[TT_POLICY_STAGES];
};

/* The facts that decisions are about, and those that narrow them.  The first 13 are subjects, by axis, the most specific first. */
enum tt_about {
    TT_ABOUT_SHA256,
    TT_ABOUT_PACKAGE,
    TT_ABOUT_EXTENSION,
    TT_ABOUT_PRODUCT,
    TT_ABOUT_VENDOR,
    TT_ABOUT_CATEGORY,
    TT_ABOUT_VENDOR_JURISDICTION,
    TT_ABOUT_MODEL,
    TT_ABOUT_MODEL_FAMILY,
    TT_ABOUT_MODEL_VENDOR,
    TT_ABOUT_HOST,
    TT_ABOUT_PROVIDER,
    TT_ABOUT_PROVIDER_JURISDICTION,
    TT_ABOUT_VERSION,
    TT_ABOUT_OS,
    TT_ABOUT_INSTALL,
    TT_ABOUT_VIA,
    TT_ABOUT_ACCOUNT,
    TT_ABOUT_REGION,
    TT_ABOUT_TEAM,
    TT_ABOUT_MACHINE,
    TT_ABOUT_DATA_REGION,
    TT_ABOUT_MCP_SERVER,
    TT_ABOUT_RISK_FLAG,
    TT_ABOUTS,
};
#define TT_POLICY_SUBJECTS 13

/* Name of a fact as keys spell it; static. */
const char *tt_about_name(enum tt_about about);

enum tt_axis { TT_AXIS_SOFTWARE, TT_AXIS_MODEL, TT_AXIS_ROUTE, TT_AXES };

enum tt_axis tt_axis_of(enum tt_about subject);

struct tt_policy_match {
    struct tt_policy_at at;
    struct tt_policy_value subject[TT_POLICY_SUBJECTS];
    struct tt_policy_value version, via;
    struct tt_policy_list os, install, account;
    enum tt_about about; /* which subject is set */
};

struct tt_policy_scope {
    struct tt_policy_at at;
    struct tt_policy_list regions, regions_except, teams, hosts;
};

struct tt_policy_limits {
    struct tt_policy_at at;
    struct tt_policy_list model_families, models, providers, data_regions, accounts, mcp_servers;
    struct tt_policy_value risk_flags; /* enum tt_policy_risk */
};

enum tt_policy_risk { TT_RISK_ALLOW, TT_RISK_REPORT, TT_RISK_PROHIBIT };

/* As the file spells them, in the order of `status`. */
enum tt_policy_status {
    TT_STATUS_APPROVED,
    TT_STATUS_APPROVED_WITH_LIMITS,
    TT_STATUS_REVIEWING,
    TT_STATUS_PROHIBITED,
    TT_STATUS_UNDECIDED, /* of defaults only */
};

struct tt_policy_decision {
    struct tt_policy_at at;
    struct tt_policy_value id;
    struct tt_policy_match match;
    struct tt_policy_value status, reason, severity, reference, owner, from, until, review_due, message;
    struct tt_policy_timeline timeline;
    struct tt_policy_scope applies_to;
    struct tt_policy_limits limits;
    struct tt_policy_list alternatives, alternative_models, supersedes;
};

struct tt_policy_exception {
    struct tt_policy_at at;
    struct tt_policy_value id;
    struct tt_policy_list decisions; /* ids, or the one word "default" */
    struct tt_policy_scope scope;
    struct tt_policy_value owner, approved_by, reason, expires, starts, ticket, hold_at;
};

struct tt_policy_part { /* subject of a budget */
    struct tt_policy_at at;
    struct tt_policy_value product, vendor, provider, model_family;
};

struct tt_policy_budget {
    struct tt_policy_at at;
    struct tt_policy_value id;
    struct tt_policy_value team, amount, from, until, period, warn_at, at_limit, carry_over;
    struct tt_policy_part subject;
    struct tt_policy_list grades;
};

struct tt_policy_credit {
    struct tt_policy_at at;
    struct tt_policy_value id;
    struct tt_policy_value team, source, amount, from, until, order;
};

struct tt_policy_reimbursement {
    struct tt_policy_at at;
    struct tt_policy_value id;
    struct tt_policy_list teams;
    struct tt_policy_value product, per_person, period, total, last_spend, claims_until, receipt;
};

enum tt_policy_mark_action { TT_MARK_REPORT, TT_MARK_NORMALISE, TT_MARK_BLOCK };

struct tt_policy_mark {
    struct tt_policy_at at;
    struct tt_policy_value id;
    struct tt_policy_value channel, site; /* exactly one */
    struct tt_policy_value level;         /* enum tt_level */
    struct tt_policy_value action;        /* enum tt_policy_mark_action */
    struct tt_policy_list providers;      /* "all", or provider ids */
    struct tt_policy_value reason;
};

struct tt_policy_store {
    struct tt_policy_at at;
    struct tt_policy_value bodies, headers, identity, address;
};

/* What happens to a request that could not be judged. */
enum tt_policy_on_error { TT_ON_ERROR_OPEN, TT_ON_ERROR_CLOSED };

/* Whose body's SHA-256 is recorded: that of requests that were not plainly allowed, or of all. */
enum tt_policy_body_hash { TT_HASH_ACTED, TT_HASH_ALWAYS };

/* A streamed request that does not ask for its usage: count what passes, ask for it, or refuse the request. */
enum tt_policy_meter { TT_METER_ESTIMATE, TT_METER_INJECT, TT_METER_REQUIRE };

/* Which credential goes upstream: the client's own, or the one that the keys file names. */
enum tt_policy_credentials { TT_CREDENTIALS_PASS, TT_CREDENTIALS_REPLACE };

/* Which answers carry the gateway's own headers. */
enum tt_policy_answer_headers { TT_HEADERS_ACTED, TT_HEADERS_ALWAYS };

/* Content that a request only refers to, by kind; see enum tt_gate_reference. */
#define TT_POLICY_REFERENCES 6
enum tt_policy_reference { TT_REFERENCE_REPORT, TT_REFERENCE_BLOCK };

struct tt_policy_references {
    struct tt_policy_at at;
    struct tt_policy_value kinds[TT_POLICY_REFERENCES]; /* enum tt_policy_reference */
};

/* The key of a kind, 0...; static. */
const char *tt_policy_reference_name(unsigned kind);

struct tt_policy_gateway {
    struct tt_policy_at at;
    struct tt_policy_list identity; /* sources, the first that answers counts */
    struct tt_policy_value identity_header, on_error, body_hash, meter, credentials, answer_headers;
    struct tt_policy_value reroute; /* to alternative_models instead of a block, where an upstream of the same API serves them */
    struct tt_policy_value contact; /* who to ask; block messages show it */
    struct tt_policy_references references;
    struct tt_policy_store store;
};

struct tt_policy_default {
    struct tt_policy_at at;
    struct tt_policy_value axis[TT_AXES]; /* software, model, route */
    struct tt_policy_timeline timeline;
};

struct tt_policy_privacy {
    struct tt_policy_at at;
    struct tt_policy_value user, paths, account, retention_days;
};

struct tt_policy_group { /* one entry of regions */
    struct tt_policy_value name;
    struct tt_policy_list countries;
};

/* count structs of one kind; the schema knows which.  See the accessors below. */
struct tt_policy_objects {
    void *items;
    size_t count;
};

struct tt_policy_hash {
    char hex[65]; /* lower case, with a NUL */
};

struct tt_policy {
    struct tt_policy_at at;
    struct tt_policy_value version, id, owner, title, approved_by, timezone, currency, week_starts, max_exception_days;
    struct tt_policy_objects regions; /* struct tt_policy_group */
    struct tt_policy_list teams;
    struct tt_policy_default fallback;
    struct tt_policy_privacy privacy;
    struct tt_policy_objects decisions, exceptions, budgets, credits, reimbursements, marks;
    struct tt_policy_gateway gateway;
    struct tt_policy_hash identity; /* SHA-256 of the canonical form */
};

static inline const struct tt_policy_decision *
tt_policy_decision_at(const struct tt_policy *policy, size_t i)
{
    return (const struct tt_policy_decision *) policy->decisions.items + i;
}

static inline const struct tt_policy_exception *
tt_policy_exception_at(const struct tt_policy *policy, size_t i)
{
    return (const struct tt_policy_exception *) policy->exceptions.items + i;
}

/* ---- names from outside of the file ---- */

enum tt_policy_name {
    TT_NAME_NONE,
    TT_NAME_PRODUCT,
    TT_NAME_VENDOR,
    TT_NAME_CATEGORY,
    TT_NAME_FAMILY,
    TT_NAME_ALTERNATIVE, /* a family, or a model that is priced or whose family is known */
    TT_NAME_MODEL_VENDOR,
    TT_NAME_PROVIDER,
    TT_NAME_SOURCE, /* a product or a provider */
    TT_NAME_CHANNEL,
    TT_NAME_TEAM, /* the rest stand in the file itself */
    TT_NAME_REGION,
    TT_NAME_DECISION,
};

struct tt_catalog;
struct tt_policy_subject;

/* What a catalogue knows.  A NULL function, or a NULL table, means that names of that kind are taken as they are. */
struct tt_policy_names {
    const void *ctx;
    /* Is there such a name?  Otherwise *nearest is a name near to it, or empty. */
    bool (*known)(const void *ctx, enum tt_policy_name kind, struct tt_str name, struct tt_str *nearest);
    /* Adds the facts that follow from those given: product -> vendor, model -> family, host -> provider.  See decide.h. */
    void (*complete)(const void *ctx, struct tt_policy_subject *subject);
};

/* The names of a catalogue, which must outlive them, and of the channels of marks.  Allocates nothing. */
struct tt_policy_names tt_policy_names_of(const struct tt_catalog *catalog);

/* ---- reading ---- */

/*
 * Reads and checks a policy; all of it lives in problems->arena, which the caller owns and starts with TT_POLICY_ARENA.  TT_E_INPUT:
 * problems lists why, sorted by place, and *policy is NULL.  names may be NULL.
 */
enum tt_status tt_policy_read(struct tt_str bytes, const struct tt_policy_names *names, struct tt_policy_problems *problems,
                              const struct tt_policy **policy) TT_MUST_USE;

/* The canonical form, whose SHA-256 names the policy: JSON without spaces, keys sorted, defaults written out. */
void tt_policy_canonical(const struct tt_policy *policy, struct tt_buf *out);

/* The same of one key of the top map, by its row in tt_policy_schema_top; nothing when it is absent. */
void tt_policy_canonical_key(const struct tt_policy *policy, size_t row, struct tt_buf *out);

/* ---- dates: yyyymmdd as a number ---- */

/* "2026-07-10"; false when it is no day of the calendar. */
bool tt_policy_date_parse(struct tt_str text, int64_t *date);
void tt_policy_date_add(struct tt_buf *out, int64_t date);
int64_t tt_policy_date_next(int64_t date);                /* the day after */
int64_t tt_policy_date_previous(int64_t date);            /* the day before */
int64_t tt_policy_date_days(int64_t from, int64_t until); /* days between; negative when until is before from */

#endif
