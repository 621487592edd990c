/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members of a record; see member.h.
 *
 * In: JSON.  Out: places in it.  Owns nothing, allocates nothing.  The lexer checks the whole text (RFC 8259); of what it passes by only the keys of the two
 * outer levels are kept.
 */
#include "ledger/member.h"

#include "json/string.h"

struct search {
    struct tt_str json;
    struct tt_member *members;
    size_t count;
    struct tt_str outer, inner; /* the keys that lead to the next value */
    struct tt_str list;         /* the key of the list at hand */
    uint64_t list_at;
    bool object;
};

static struct tt_str
bytes_of(const struct search *search, const struct tt_json_token *token)
{
    return tt_str_slice(search->json, (size_t) token->offset, (size_t) (token->offset + token->length));
}

/* Is this the name that the two keys make? */
static bool
is_nested(struct tt_str name, struct tt_str outer, struct tt_str inner)
{
    return name.len == outer.len + 1 + inner.len && tt_str_starts(name, outer) && name.ptr[outer.len] == '.' &&
           tt_str_ends(name, inner);
}

static void
offer(struct search *search, const struct tt_json_token *token)
{
    for (size_t i = 0; i < search->count; i++) {
        struct tt_member *member = &search->members[i];
        bool named =
            token->depth == 2 ? is_nested(member->name, search->outer, search->inner) : tt_str_eq(member->name, search->outer);
        if (!member->raw.ptr && named) {
            member->kind = token->kind;
            member->raw = bytes_of(search, token);
        }
    }
}

/* A list of the outer level, as it is written. */
static void
offer_list(struct search *search, uint64_t end)
{
    for (size_t i = 0; i < search->count; i++) {
        struct tt_member *member = &search->members[i];
        if (!member->raw.ptr && tt_str_eq(member->name, search->list)) {
            member->kind = TT_JSON_ARRAY_BEGIN;
            member->raw = tt_str_slice(search->json, (size_t) search->list_at, (size_t) end);
        }
    }
}

static enum tt_status
on_token(void *ctx, const struct tt_json_token *token)
{
    struct search *search = ctx;
    bool container = token->kind == TT_JSON_OBJECT_BEGIN || token->kind == TT_JSON_ARRAY_BEGIN;
    bool end = token->kind == TT_JSON_OBJECT_END || token->kind == TT_JSON_ARRAY_END;
    if (token->depth == 0) {
        search->object |= token->kind == TT_JSON_OBJECT_BEGIN;
    } else if (token->kind == TT_JSON_KEY && token->depth <= 2) {
        *(token->depth == 1 ? &search->outer : &search->inner) = bytes_of(search, token);
    } else if (token->kind == TT_JSON_ARRAY_BEGIN && token->depth == 1) {
        search->list = search->outer;
        search->list_at = token->offset;
        search->outer = TT_STR(""); /* what is in it has no name */
    } else if (token->kind == TT_JSON_ARRAY_END && token->depth == 1) {
        offer_list(search, token->offset + 1);
    } else if (token->depth <= 2 && !container && !end) {
        offer(search, token);
    }
    return TT_OK;
}

enum tt_status
tt_member_read(struct tt_str json, struct tt_member *members, size_t count)
{
    struct search search = {.json = json, .members = members, .count = count};
    struct tt_json_lexer lexer;
    for (size_t i = 0; i < count; i++) {
        members[i].raw = (struct tt_str) {NULL, 0};
    }
    tt_json_begin(&lexer, tt_kernels_get(tt_cpu_detect()), 0, on_token, &search);
    enum tt_status status = tt_json_feed(&lexer, json, NULL);
    if (status == TT_OK) {
        status = tt_json_end(&lexer, NULL);
    }
    if (status == TT_OK && search.object) {
        return TT_OK;
    }
    for (size_t i = 0; i < count; i++) {
        members[i].raw = (struct tt_str) {NULL, 0};
    }
    return TT_E_INPUT;
}

void
tt_member_add(struct tt_buf *out, const struct tt_member *member)
{
    if (member->raw.ptr && member->kind == TT_JSON_STRING) {
        tt_json_unescape(member->raw, true, out);
    } else if (member->raw.ptr && member->kind != TT_JSON_NULL) {
        tt_buf_add(out, member->raw);
    }
}
