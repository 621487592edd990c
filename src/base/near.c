/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Distance between short words, for suggestions.
 *
 * In: a word and names, one at a time.  Out: the nearest name within a third of the word's length.  Nothing is allocated: words
 * beyond TT_NEAR_WORD_MAX are near to nothing.
 */
#include "base/near.h"

/*
 * Number of insertions, deletions, replacements and swaps of neighbours that make b of a (Damerau's distance without overlap).
 * Both have at most TT_NEAR_WORD_MAX bytes.
 */
static size_t
distance(struct tt_str a, struct tt_str b)
{
    size_t rows[3][TT_NEAR_WORD_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.len; j++) {
        last[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = last[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
            best = last[j] + 1 < best ? last[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1]) {
                best = before[j - 2] + 1 < best ? before[j - 2] + 1 : best;
            }
            row[j] = best;
        }
        size_t *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return last[b.len];
}

void
tt_near_begin(struct tt_near *near, struct tt_str word)
{
    /* More errors than a third of the word, and any name would do. */
    *near = (struct tt_near) {.word = word, .least = word.len / 3 + 1};
}

void
tt_near_offer(struct tt_near *near, struct tt_str name)
{
    if (near->word.len == 0 || near->word.len > TT_NEAR_WORD_MAX || name.len > TT_NEAR_WORD_MAX) {
        return;
    }
    size_t errors = distance(near->word, name);
    if (errors <= near->least && (near->best.len == 0 || errors < near->least)) {
        near->least = errors;
        near->best = name;
    }
}
