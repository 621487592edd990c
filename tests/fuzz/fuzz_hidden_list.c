/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoders, solvers and the score of inspect, on a list.
 *
 * Input: items, divided by bytes 0xFF; what follows an empty item are strings of the file, which may be keys.
 *
 * Properties: each decoder's result lies within the bounds of its arena and is never longer than the list was, but for inflate; the score counts no more
 * than there is; a list that is found is one, and names its steps.
 */
#include "base/limits.h"
#include "inspect/explore.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ITEMS_MAX 256
#define DIVIDER 0xFF

static void
check(bool good)
{
    if (!good) {
        abort();
    }
}

/* Reads every byte. */
static size_t
touch(struct tt_items items)
{
    volatile unsigned char last = 0;
    size_t bytes = 0;
    for (size_t i = 0; i < items.count; i++) {
        for (size_t k = 0; k < items.list[i].len; k++, bytes++) {
            last = (unsigned char) items.list[i].ptr[k];
        }
    }
    (void) last;
    return bytes;
}

static void
check_score(struct tt_items items)
{
    struct tt_score score = tt_score_items(items);
    check(score.bytes == tt_items_bytes(items) && score.signs <= score.bytes && score.upper <= score.bytes);
    check(score.hosts + score.words <= score.parts && score.alike <= score.parts && score.letters <= 26);
    check(tt_score_null(items) >= 0);
}

static void
decode_all(struct tt_decoding *decoding, struct tt_items items)
{
    for (size_t i = 0; tt_list_decoders[i]; i++) {
        struct tt_items out;
        if (tt_list_decoders[i]->decode(decoding, items, &out)) {
            size_t bytes = touch(out);
            check(bytes <= tt_items_bytes(items) || strcmp(tt_list_decoders[i]->name, "inflate") == 0);
            check_score(out);
        }
    }
}

/* Divides the input; returns how many of the items are the list's. */
static size_t
divide(const uint8_t *data, size_t size, struct tt_str items[ITEMS_MAX], size_t *count)
{
    size_t list = 0, begin = 0;
    for (size_t i = 0; i <= size && *count < ITEMS_MAX; i++) {
        if (i == size || data[i] == DIVIDER) {
            if (i == begin) {
                list = list ? list : *count;
            } else {
                items[(*count)++] = tt_str_make(data + begin, i - begin);
            }
            begin = i + 1;
        }
    }
    return list ? list : *count;
}

/* The strings as the tokens of a view. */
static void
collect(struct tt_keys *keys, struct tt_arena *scratch, const uint8_t *data, const struct tt_str *items, size_t count)
{
    static struct tt_token tokens[ITEMS_MAX];
    struct tt_view view = {.text = tt_str_make(data, 65536), .tokens = tokens, .count = count, .scratch = scratch};
    for (size_t i = 0; i < count; i++) {
        tokens[i] = (struct tt_token) {(uint32_t) (items[i].ptr - (const char *) data), items[i].len & TT_TOKEN_LEN_MAX,
                                       TT_TOKEN_STRING, 0};
    }
    tt_keys_collect(keys, &view);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tt_str list[ITEMS_MAX];
    struct tt_arena arena, scratch;
    struct tt_keys keys;
    struct tt_explored explored;
    size_t count = 0;
    if (size > 8192) {
        return 0;
    }
    size_t own = divide(data, size, list, &count);
    struct tt_items items = {list, own};
    tt_arena_init(&arena, &tt_alloc_libc, TT_INSPECT_SCRATCH);
    tt_arena_init(&scratch, &tt_alloc_libc, TT_INSPECT_SCRATCH);
    collect(&keys, &scratch, data, list + own, count - own);
    struct tt_decoding decoding = {.arena = &arena, .keys = &keys, .work_max = (uint64_t) 1 << 24};
    if (own > 0) {
        check_score(items);
        decode_all(&decoding, items);
        if (tt_explore(&decoding, items, size % 2 ? "escapes" : NULL, &explored)) {
            check(explored.items.count > 0 && touch(explored.items) > 0 && explored.steps[0] != '\0');
            check(explored.score.hosts + explored.score.words > 0 && explored.bits > 0);
        }
    }
    tt_arena_free(&arena);
    tt_arena_free(&scratch);
    return 0;
}
