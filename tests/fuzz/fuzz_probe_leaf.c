/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaves of any bytes: a head and a body that a client could send.
 *
 * Properties: reading ends well; each leaf's place lies within the files of the capture; reading twice gives the same; a request aligned with itself has
 * no difference.
 */
#include "base/hash.h"
#include "base/limits.h"
#include "probe/align.h"
#include "probe/leaf.h"

#include <stdlib.h>

#define CHECK(condition)    \
    do {                    \
        if (!(condition)) { \
            abort();        \
        }                   \
    } while (0)

static void
check_places(const struct tt_exchange *exchange, const struct tt_leaves *leaves)
{
    for (size_t i = 0; i < leaves->count; i++) {
        const struct tt_leaf *leaf = &leaves->items[i];
        size_t room = leaf->in_content ? exchange->content.len : exchange->head.len + exchange->body.len;
        CHECK(leaf->offset <= room && leaf->length <= room - leaf->offset);
        CHECK(leaf->path.len > 0);
    }
}

static void
check_alignment(struct tt_arena *arena, const struct tt_leaves *one, const struct tt_leaves *two)
{
    struct tt_align_item *items = tt_arena_get(arena, (one->count + 1) * sizeof(*items));
    size_t *partner = tt_arena_get(arena, (one->count + 1) * sizeof(*partner));
    CHECK(items && partner && one->count == two->count);
    for (size_t i = 0; i < one->count; i++) {
        CHECK(tt_str_eq(one->items[i].path, two->items[i].path) && tt_str_eq(one->items[i].value, two->items[i].value));
        items[i] =
            (struct tt_align_item) {.kind = tt_hash64(0, 0, one->items[i].path), .value = tt_hash64(0, 0, one->items[i].value)};
    }
    CHECK(tt_align(arena, items, one->count, items, one->count, partner) == TT_OK);
    for (size_t i = 0; i < one->count; i++) {
        CHECK(partner[i] == i);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tt_arena arena;
    struct tt_leaves one, two;
    struct tt_str all = tt_str_make(data, size);
    const char *end = size ? memmem(data, size, "\r\n\r\n", 4) : NULL;
    size_t head = end ? (size_t) (end - all.ptr) + 4 : 0;
    struct tt_exchange exchange = {.kind = head ? TT_EXCHANGE_HTTP : TT_EXCHANGE_WEBSOCKET,
                                   .head = tt_str_slice(all, 0, head),
                                   .body = tt_str_slice(all, head, size),
                                   .content = tt_str_slice(all, head, size),
                                   .chunked = size % 3 == 0};
    tt_arena_init(&arena, &tt_alloc_libc, TT_LEAF_ARENA);
    enum tt_status status = tt_leaf_read(&exchange, &arena, &one);
    CHECK(status == TT_OK || status == TT_E_MEMORY);
    if (status == TT_OK && tt_leaf_read(&exchange, &arena, &two) == TT_OK) {
        check_places(&exchange, &one);
        check_alignment(&arena, &one, &two);
    }
    tt_arena_free(&arena);
    return 0;
}
