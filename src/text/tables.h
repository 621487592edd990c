/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What data/gen/unicode.py writes and src/text reads.  Private to this room.
 */
#ifndef TT_TEXT_TABLES_H
#define TT_TEXT_TABLES_H

#include "text/char.h"
#include "text/sequence.h"

/* Sorted by from. */
struct tt_char_pair {
    uint32_t from, to;
};

extern const struct tt_char_pair tt_char_prototypes[];
extern const size_t tt_char_prototype_count;
extern const struct tt_char_pair tt_char_compats[];
extern const size_t tt_char_compat_count;

/* The prototypes of more than one character (UTS #39), sorted by from: count of them from tt_char_form_points[start] on. */
struct tt_char_form {
    uint32_t from;
    uint16_t start, count;
};

extern const struct tt_char_form tt_char_forms[];
extern const size_t tt_char_form_count;
extern const uint32_t tt_char_form_points[];

/*
 * Canonical normal forms (UAX #15), Hangul syllables left out.  Pairs: a and b compose to c.  Parts: a decomposes to b and c; c is
 * 0 for a singleton.  Both sorted by their members in order.
 */
struct tt_normal_triple {
    uint32_t a, b, c;
};

extern const struct tt_normal_triple tt_normal_pairs[];
extern const size_t tt_normal_pair_count;
extern const struct tt_normal_triple tt_normal_parts[];
extern const size_t tt_normal_part_count;

/*
 * The sequences of n code points, sorted, lie one behind the other: groups[n].count of them from
 * tt_emoji_symbols[groups[n].start] on.
 */
struct tt_emoji_group {
    uint16_t start, count;
};

extern const struct tt_emoji_group tt_emoji_groups[TT_EMOJI_SEQUENCE_MAX + 1];
extern const uint32_t tt_emoji_symbols[];

/* Sorted; base << 5 | number of the selector, as tt_variation_is_listed counts them. */
extern const uint32_t tt_variation_pairs[];
extern const size_t tt_variation_pair_count;

/*
 * A filter that every TT_CHAR_WAKE character passes and few others do.  Of a character outside ASCII whose first UTF-8 bytes
 * are a, b and c, it looks at five numbers of four bits:
 *   [0] (a >> 4 & 3) | (b >> 2 & 12)   [1] a & 15   [2] b & 15   [3] (c >> 4 & 3) | (b >> 2 & 12)   [4] c & 15
 * The character passes when in some part a bit is set in what stands at each of the five numbers.  Each bit stands for one box,
 * the values that it admits in each row; a character of two bytes passes with any c.
 */
#define TT_WAKE_FILTER_PARTS 2
#define TT_WAKE_FILTER_ROWS 5

struct tt_wake_filter {
    uint8_t rows[TT_WAKE_FILTER_PARTS][TT_WAKE_FILTER_ROWS][16];
};

extern const struct tt_wake_filter tt_wake_filter;

/* The same for TT_CHAR_TWIN and TT_CHAR_BESIDE, by the first three numbers.  It is cut for what may stand beside ASCII letters and digits. */
#define TT_TWIN_FILTER_ROWS 3

struct tt_twin_filter {
    uint8_t rows[TT_TWIN_FILTER_ROWS][16];
};

extern const struct tt_twin_filter tt_twin_filter;

/*
 * The first bytes of these characters: many letters, those of most languages of Europe and East Asia, are behind none of them.  A byte is in
 * the sets whose bits are in both of its entries.
 */
enum {
    TT_LEAD_WAKE = 0x0F, /* of TT_CHAR_WAKE, a bit for each high nibble from C on */
    TT_LEAD_TWIN = 0xF0, /* of TT_CHAR_TWIN and TT_CHAR_BESIDE */
};

struct tt_lead_sets {
    uint8_t high[16], low[16];
};

extern const struct tt_lead_sets tt_lead_sets;

#endif
