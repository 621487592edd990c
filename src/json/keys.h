/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Duplicate keys: parsers disagree on which of two equal keys wins, so a reader that decides by a key must know.  Keys are
 * compared decoded ("mod\u0065l" equals "model").
 */
#ifndef TT_JSON_KEYS_H
#define TT_JSON_KEYS_H

#include "base/alloc.h"
#include "json/lexer.h"

struct tt_json_keys; /* opaque */

/* NULL when out of memory.  seed0 and seed1 key the hash; vary them where the input is hostile. */
struct tt_json_keys *tt_json_keys_new(const struct tt_alloc *alloc, uint64_t seed0, uint64_t seed1);
void tt_json_keys_free(struct tt_json_keys *keys);
void tt_json_keys_reset(struct tt_json_keys *keys);

/* Call for every token in order; *duplicate is set for a key that its object already has.  TT_E_LIMIT over TT_JSON_KEYS_MAX. */
enum tt_status tt_json_keys_take(struct tt_json_keys *keys, const struct tt_json_token *token, struct tt_str name,
                                 bool *duplicate) TT_MUST_USE;

#endif
