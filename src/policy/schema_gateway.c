/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of marks and of the gateway; see schema.h.  Data only.
 */
#include "policy/schema.h"

static const char *const users[] = {"none", "pseudonym", "name", NULL};
static const char *const levels[] = {"info", "candidate", "suspicious", "confirmed", NULL};
static const char *const mark_actions[] = {"report", "normalise", "block", NULL};
static const char *const identity_sources[] = {"api-key", "header", "client-certificate", "address", NULL};
static const char *const failures[] = {"open", "closed", NULL};
static const char *const acted_or_always[] = {"acted", "always", NULL};
static const char *const meters[] = {"estimate", "inject", "require", NULL};
static const char *const credential_forms[] = {"pass", "replace", NULL};
static const char *const reference_forms[] = {"report", "block", NULL};
static const char *const body_forms[] = {"none", "redacted", "full", NULL};
static const char *const header_forms[] = {"none", "names", NULL};
static const char *const address_forms[] = {"none", "prefix", "full", NULL};

static const struct tt_policy_field mark_fields[] = {
    {.name = "action",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_mark, action),
     .type = TT_TYPE_ENUM,
     .required = true,
     .choices = mark_actions},
    {.name = "channel",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_mark, channel),
     .type = TT_TYPE_SLUG,
     .names = TT_NAME_CHANNEL},
    {.name = "id", .shape = TT_SHAPE_VALUE, .offset = offsetof(struct tt_policy_mark, id), .type = TT_TYPE_ID, .required = true},
    {.name = "level",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_mark, level),
     .type = TT_TYPE_ENUM,
     .choices = levels,
     .fallback = "suspicious"},
    {.name = "providers",
     .shape = TT_SHAPE_LIST,
     .offset = offsetof(struct tt_policy_mark, providers),
     .type = TT_TYPE_ID,
     .names = TT_NAME_PROVIDER,
     .fallback = "all"},
    {.name = "reason", .shape = TT_SHAPE_VALUE, .offset = offsetof(struct tt_policy_mark, reason), .type = TT_TYPE_TEXT},
    {.name = "site", .shape = TT_SHAPE_VALUE, .offset = offsetof(struct tt_policy_mark, site), .type = TT_TYPE_TEXT},
};
const struct tt_policy_schema tt_policy_schema_mark = TT_POLICY_SCHEMA("an entry of marks", mark_fields, struct tt_policy_mark);

static const struct tt_policy_field store_fields[] = {
    {.name = "address",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_store, address),
     .type = TT_TYPE_ENUM,
     .choices = address_forms,
     .fallback = "none"},
    {.name = "bodies",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_store, bodies),
     .type = TT_TYPE_ENUM,
     .choices = body_forms,
     .fallback = "none"},
    {.name = "headers",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_store, headers),
     .type = TT_TYPE_ENUM,
     .choices = header_forms,
     .fallback = "none"},
    {.name = "identity",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_store, identity),
     .type = TT_TYPE_ENUM,
     .choices = users,
     .fallback = "pseudonym"},
};
static const struct tt_policy_schema store_schema =
    TT_POLICY_SCHEMA("what the gateway may store", store_fields, struct tt_policy_store);

/* In the order of their bits in a verdict. */
static const char *const reference_names[TT_POLICY_REFERENCES] = {"response", "prompt", "cache", "file", "url", "server"};

const char *
tt_policy_reference_name(unsigned kind)
{
    return reference_names[kind];
}

#define REFERENCE(key, kind)                                                                                  \
    {                                                                                                         \
        .name = (key), .shape = TT_SHAPE_VALUE, .offset = offsetof(struct tt_policy_references, kinds[kind]), \
        .type = TT_TYPE_ENUM, .choices = reference_forms, .fallback = "report"                                \
    }

/* Sorted by name; the numbers are places in reference_names. */
static const struct tt_policy_field reference_fields[] = {
    REFERENCE("cache", 2),    REFERENCE("file", 3),   REFERENCE("prompt", 1),
    REFERENCE("response", 0), REFERENCE("server", 5), REFERENCE("url", 4),
};
static const struct tt_policy_schema references_schema =
    TT_POLICY_SCHEMA("what requests may refer to", reference_fields, struct tt_policy_references);

static const struct tt_policy_field gateway_fields[] = {
    {.name = "answer_headers",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_gateway, answer_headers),
     .type = TT_TYPE_ENUM,
     .choices = acted_or_always,
     .fallback = "acted"},
    {.name = "body_hash",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_gateway, body_hash),
     .type = TT_TYPE_ENUM,
     .choices = acted_or_always,
     .fallback = "acted"},
    {.name = "contact", .shape = TT_SHAPE_VALUE, .offset = offsetof(struct tt_policy_gateway, contact), .type = TT_TYPE_TEXT},
    {.name = "credentials",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_gateway, credentials),
     .type = TT_TYPE_ENUM,
     .choices = credential_forms,
     .fallback = "pass"},
    {.name = "identity",
     .shape = TT_SHAPE_LIST,
     .offset = offsetof(struct tt_policy_gateway, identity),
     .type = TT_TYPE_ENUM,
     .choices = identity_sources},
    {.name = "identity_header",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_gateway, identity_header),
     .type = TT_TYPE_TEXT},
    {.name = "meter",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_gateway, meter),
     .type = TT_TYPE_ENUM,
     .choices = meters,
     .fallback = "estimate"},
    {.name = "on_error",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_gateway, on_error),
     .type = TT_TYPE_ENUM,
     .choices = failures,
     .fallback = "closed"},
    {.name = "references",
     .shape = TT_SHAPE_MAP,
     .offset = offsetof(struct tt_policy_gateway, references),
     .sub = &references_schema},
    {.name = "reroute",
     .shape = TT_SHAPE_VALUE,
     .offset = offsetof(struct tt_policy_gateway, reroute),
     .type = TT_TYPE_BOOL,
     .fallback = "false"},
    {.name = "store", .shape = TT_SHAPE_MAP, .offset = offsetof(struct tt_policy_gateway, store), .sub = &store_schema},
};
const struct tt_policy_schema tt_policy_schema_gateway =
    TT_POLICY_SCHEMA("the gateway", gateway_fields, struct tt_policy_gateway);
