/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoders that leave out what is rubbish; see decode.h.
 *
 * In: byte strings.  Out: byte strings in the arena, none longer than what it was made of.  Owns nothing.
 * Any text can be read so.  So what comes out has to read as words, and clearly better than what went in, before anybody looks at it.
 */
#include "inspect/decode.h"

#define RUBBISH 0.8    /* bits for each sign, of items that were hidden more than of those that lie between them */
#define READABLE 0.6   /* of what comes out */
#define PICKED_MIN 3   /* items of each kind */
#define LOOKED_MAX 512 /* bytes that are compared */

/* Bits for each sign of the first items; each by itself, as words are divided by their ends.  Bytes that are no text say nothing. */
static double
rate_of(struct tt_items items)
{
    double sum = 0;
    size_t bytes = 0;
    if (tt_items_are_binary(items)) {
        return 0;
    }
    for (size_t i = 0; i < items.count && bytes < LOOKED_MAX; i++) {
        size_t len = items.list[i].len < LOOKED_MAX ? items.list[i].len : LOOKED_MAX;
        sum += tt_score_rate(items.list[i]) * (double) len;
        bytes += len;
    }
    return bytes > 0 ? sum / (double) bytes : 0;
}

static bool
reads_better(struct tt_decoding *decoding, struct tt_items out, struct tt_items in, double by)
{
    double rate = rate_of(out);
    decoding->work += 2 * LOOKED_MAX;
    return rate >= READABLE && rate >= rate_of(in) + by;
}

/* Every second item, if the others do not read as words. */
static bool
pick_items(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out, size_t first)
{
    struct tt_str *list = in.count >= 2 * PICKED_MIN ? tt_arena_get(decoding->arena, in.count * sizeof(*list)) : NULL;
    const size_t count = (in.count + 1 - first) / 2;
    size_t picked = 0, left = count;
    if (!list) {
        return false;
    }
    for (size_t i = 0; i < in.count; i++) {
        list[i % 2 == first ? picked++ : left++] = in.list[i];
    }
    *out = (struct tt_items) {list, count};
    return reads_better(decoding, *out, (struct tt_items) {list + count, in.count - count}, RUBBISH);
}

static bool
even_items(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return pick_items(decoding, in, out, 0);
}

static bool
odd_items(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return pick_items(decoding, in, out, 1);
}

const struct tt_list_decoder tt_list_decoder_even_items = {
    .name = "every second item", .decode = even_items, .picks = true, .late = true};
const struct tt_list_decoder tt_list_decoder_odd_items = {
    .name = "every second item from the second on", .decode = odd_items, .picks = true, .late = true};
