/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members of a record: the few that the ledger itself looks at, and those that are listed.
 */
#ifndef TT_LEDGER_MEMBER_H
#define TT_LEDGER_MEMBER_H

#include "base/buf.h"
#include "json/lexer.h"

struct tt_member {
    struct tt_str name; /* "id", or "decision.action": two levels at most.  As written in the JSON, without escapes */
    enum tt_json_kind kind;
    struct tt_str raw; /* as it stands, strings without their quotes; empty of objects, arrays, and when it is not there */
};

/*
 * Looks the members up; of names that come twice the first counts.  TT_E_INPUT: json is not one whole JSON object, in UTF-8; the members are
 * then empty.
 */
enum tt_status tt_member_read(struct tt_str json, struct tt_member *members, size_t count) TT_MUST_USE;

/* Appends the member's text, a string without its escapes; nothing when it is not there or null. */
void tt_member_add(struct tt_buf *out, const struct tt_member *member);

#endif
