/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of the policy format, version 1: the top of a file, its default and its privacy; see schema.h.  Data only: a new key is
 * one row here, or in schema_decision.c, schema_money.c or schema_gateway.c, and one member in policy.h.
 *
 * Rows of a table stand in byte order of their names.
 */
#include "policy/schema.h"

static const char *const default_statuses[] = {"undecided", "approved", "prohibited", NULL};
static const char *const currencies[] = {"USD", NULL};
static const char *const weekdays[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", NULL};
static const char *const users[] = {"none", "pseudonym", "name", NULL};
static const char *const path_forms[] = {"none", "redacted", "full", NULL};
static const char *const account_forms[] = {"none", "domain", NULL};

static const struct tt_policy_field timeline_fields[] = {
    {.name = "announce",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_timeline, stage[TT_STAGE_ANNOUNCE]),
     .type = TT_TYPE_DATE},
    {.name = "block",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_timeline, stage[TT_STAGE_BLOCK]),
     .type = TT_TYPE_DATE},
    {.name = "remove",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_timeline, stage[TT_STAGE_REMOVE]),
     .type = TT_TYPE_DATE},
    {.name = "verify",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_timeline, stage[TT_STAGE_VERIFY]),
     .type = TT_TYPE_DATE},
    {.name = "warn",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_timeline, stage[TT_STAGE_WARN]),
     .type = TT_TYPE_DATE},
};
const struct tt_policy_schema tt_policy_schema_timeline =
    TT_POLICY_SCHEMA("a timeline", timeline_fields, struct tt_policy_timeline);

static const struct tt_policy_field fallback_fields[] = {
    {.name = "model",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_default, axis[TT_AXIS_MODEL]),
     .type = TT_TYPE_ENUM,
     .choices = default_statuses,
     .fallback = "undecided"},
    {.name = "route",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_default, axis[TT_AXIS_ROUTE]),
     .type = TT_TYPE_ENUM,
     .choices = default_statuses,
     .fallback = "undecided"},
    {.name = "software",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_default, axis[TT_AXIS_SOFTWARE]),
     .type = TT_TYPE_ENUM,
     .choices = default_statuses,
     .fallback = "undecided"},
    {.name = "timeline",
     .shape = TT_SHAPE_MAP,
     .offset = offsetof(struct tt_policy_default, timeline),
     .sub = &tt_policy_schema_timeline},
};
static const struct tt_policy_schema fallback_schema = TT_POLICY_SCHEMA("the default", fallback_fields, struct tt_policy_default);

static const struct tt_policy_field privacy_fields[] = {
    {.name = "account",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_privacy, account),
     .type = TT_TYPE_ENUM,
     .choices = account_forms,
     .fallback = "none"},
    {.name = "paths",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_privacy, paths),
     .type = TT_TYPE_ENUM,
     .choices = path_forms,
     .fallback = "redacted"},
    {.name = "retention_days",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_privacy, retention_days),
     .type = TT_TYPE_INT,
     .least = 1,
     .most = 36500,
     .fallback = "90"},
    {.name = "user",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_privacy, user),
     .type = TT_TYPE_ENUM,
     .choices = users,
     .fallback = "pseudonym"},
};
static const struct tt_policy_schema privacy_schema = TT_POLICY_SCHEMA("privacy", privacy_fields, struct tt_policy_privacy);

static const struct tt_policy_field top_fields[] = {
    {.name = "approved_by", .shape = TT_SHAPE_VALUE, .offset = offsetof(struct tt_policy, approved_by), .type = TT_TYPE_TEXT},
    {.name = "budgets",
     .shape = TT_SHAPE_OBJECTS,
     .offset = offsetof(struct tt_policy, budgets),
     .sub = &tt_policy_schema_budget},
    {.name = "credits",
     .shape = TT_SHAPE_OBJECTS,
     .offset = offsetof(struct tt_policy, credits),
     .sub = &tt_policy_schema_credit},
    {.name = "currency",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy, currency),
     .type = TT_TYPE_ENUM,
     .choices = currencies,
     .fallback = "USD"},
    {.name = "decisions",
     .shape = TT_SHAPE_OBJECTS,
     .offset = offsetof(struct tt_policy, decisions),
     .sub = &tt_policy_schema_decision},
    {.name = "default", .shape = TT_SHAPE_MAP, .offset = offsetof(struct tt_policy, fallback), .sub = &fallback_schema},
    {.name = "exceptions",
     .shape = TT_SHAPE_OBJECTS,
     .offset = offsetof(struct tt_policy, exceptions),
     .sub = &tt_policy_schema_exception},
    {.name = "gateway", .shape = TT_SHAPE_MAP, .offset = offsetof(struct tt_policy, gateway), .sub = &tt_policy_schema_gateway},
    {.name = "id", .shape = TT_SHAPE_VALUE, .offset = offsetof(struct tt_policy, id), .type = TT_TYPE_SLUG, .required = true},
    {.name = "marks", .shape = TT_SHAPE_OBJECTS, .offset = offsetof(struct tt_policy, marks), .sub = &tt_policy_schema_mark},
    {.name = "max_exception_days",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy, max_exception_days),
     .type = TT_TYPE_INT,
     .least = 1,
     .most = 366,
     .fallback = "180"},
    {.name = "owner",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy, owner),
     .type = TT_TYPE_CONTACT,
     .required = true},
    {.name = "privacy", .shape = TT_SHAPE_MAP, .offset = offsetof(struct tt_policy, privacy), .sub = &privacy_schema},
    {.name = "regions", .shape = TT_SHAPE_GROUPS, .offset = offsetof(struct tt_policy, regions), .type = TT_TYPE_COUNTRY},
    {.name = "reimbursements",
     .shape = TT_SHAPE_OBJECTS,
     .offset = offsetof(struct tt_policy, reimbursements),
     .sub = &tt_policy_schema_reimbursement},
    {.name = "teams", .shape = TT_SHAPE_LIST, .offset = offsetof(struct tt_policy, teams), .type = TT_TYPE_SLUG},
    {.name = "telltale_policy",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy, version),
     .type = TT_TYPE_INT,
     .required = true,
     .least = 1,
     .most = 1},
    {.name = "timezone",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy, timezone),
     .type = TT_TYPE_OFFSET,
     .fallback = "UTC"},
    {.name = "title", .shape = TT_SHAPE_VALUE, .offset = offsetof(struct tt_policy, title), .type = TT_TYPE_TEXT},
    {.name = "week_starts",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy, week_starts),
     .type = TT_TYPE_ENUM,
     .choices = weekdays,
     .fallback = "monday"},
};
const struct tt_policy_schema tt_policy_schema_top = TT_POLICY_SCHEMA("a policy", top_fields, struct tt_policy);
