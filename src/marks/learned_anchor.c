/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a learned site is known again by: its skeleton, and a word of it to look for first.
 *
 * In: a site with its symbols, and the texts around it.  Out: its sides and its anchor, in the set's arena.  The anchor is a word on one side of
 * the symbol, since other marks may stand between words; of a word in ASCII its rarest two bytes are what a kernel looks for.
 */
#include "marks/learned_anchor.h"

#include "marks/learned_side.h"

/* What a sentence must have to be known again wherever it stands: as for template sites (site_reader.c). */
#define LETTERS_MIN 12
#define WORDS_MIN 3
#define WEAK_MIN 4   /* letters where the path says the rest */
#define ANCHOR_MIN 3 /* bytes */

struct skeleton {
    size_t letters, words; /* of both sides, and of what all values have */
};

/* Appends the skeleton of a context; *first and *last are where its letters begin and end in it. */
static void
fold(struct tt_str text, struct tt_buf *out, size_t *first, size_t *last, struct skeleton *sum)
{
    bool within = false;
    *first = text.len;
    *last = 0;
    for (size_t pos = 0; pos < text.len;) {
        char bytes[TT_SKELETON_BYTES];
        struct tt_rune rune = tt_utf8_next(text, pos);
        size_t n = rune.cp == '#' ? 1 : tt_skeleton_fold(rune.cp, bytes);
        bytes[0] = rune.cp == '#' ? '#' : bytes[0];
        bool letter = n > 0 && bytes[0] != '#';
        sum->letters += letter ? n : 0;
        sum->words += letter && !within;
        within = letter;
        tt_buf_add(out, tt_str_make(bytes, n));
        *first = n > 0 && pos < *first ? pos : *first;
        pos += rune.len ? rune.len : 1;
        *last = n > 0 ? pos : *last;
    }
}

/* Which end of the text touches the symbol decides where its gap is.  edge is set already. */
static enum tt_status
make_side(struct tt_learned_side *side, struct tt_str text, bool after, struct tt_arena *arena, struct skeleton *sum)
{
    struct tt_buf letters;
    size_t first, last;
    tt_buf_init(&letters, arena->alloc, TT_SKELETON_BYTES * TT_LEARNED_TEXT_MAX);
    fold(text, &letters, &first, &last, sum);
    side->gap = letters.len == 0 ? text : after ? tt_str_slice(text, 0, first) : tt_str_slice(text, last, text.len);
    enum tt_status status = letters.status == TT_OK ? tt_arena_dup(arena, tt_buf_str(&letters), &side->letters) : letters.status;
    tt_buf_free(&letters);
    return status;
}

/* The letters of the value that has the fewest. */
static enum tt_status
add_values(const struct tt_learned_site *site, const struct tt_alloc *alloc, struct skeleton *sum)
{
    struct skeleton least = {SIZE_MAX, 0};
    for (size_t i = 0; i < site->symbol_count && !site->open; i++) {
        struct skeleton own = {0, 0};
        struct tt_buf letters;
        size_t first, last;
        struct tt_str value = site->spelling ? site->plain : site->symbols[i].value;
        tt_buf_init(&letters, alloc, TT_SKELETON_BYTES * TT_LEARNED_TEXT_MAX);
        fold(value, &letters, &first, &last, &own);
        least = !site->symbols[i].absent && own.letters < least.letters ? own : least;
        enum tt_status status = letters.status;
        tt_buf_free(&letters);
        if (status != TT_OK) {
            return status;
        }
    }
    sum->letters += site->open ? 0 : least.letters;
    sum->words += least.words;
    return TT_OK;
}

/* The less often letters come in texts, the higher; capitals are rarer. */
static size_t
rarity(char c)
{
    static const char order[] = "etaoinsrhldcumfpgwybvkxjqz";
    const char *at = strchr(order, tt_ascii_lower((unsigned char) c));
    return (at ? (size_t) (at - order) : 0) + (c >= 'A' && c <= 'Z' ? sizeof(order) : 0);
}

/* The rarest pair of a word, and how rare it is. */
static size_t
best_pair(struct tt_str word, size_t *at)
{
    size_t best = 0;
    for (size_t i = 0; i + 1 < word.len; i++) {
        size_t rare = 1 + rarity(word.ptr[i]) + rarity(word.ptr[i + 1]);
        *at = rare > best ? i : *at;
        best = rare > best ? rare : best;
    }
    return best;
}

/* The characters from pos on that are of one kind: letters that stand for themselves in the skeleton. */
static struct tt_str
word_at(struct tt_str text, size_t pos, bool wide)
{
    size_t end = pos;
    while (end < text.len) {
        struct tt_rune rune = tt_utf8_next(text, end);
        char bytes[TT_SKELETON_BYTES];
        size_t n = tt_skeleton_fold(rune.cp, bytes);
        bool own = rune.cp >= 0x80 && n == rune.len && memcmp(bytes, text.ptr + end, n) == 0;
        if (wide ? !own : !tt_ascii_is_alpha((int) rune.cp)) {
            break;
        }
        end += rune.len;
    }
    return tt_str_slice(text, pos, end);
}

/* Takes the word as the anchor if it is better than what is there.  Those in ASCII are found faster. */
static void
offer(struct tt_learned_site *site, struct tt_str word, size_t letters_at, bool after, bool wide, size_t *best)
{
    size_t pair = 0, value = wide ? word.len : 1000 + best_pair(word, &pair) + (word.len > 3 ? 20 : 0);
    if (word.len < ANCHOR_MIN || value <= *best) {
        return;
    }
    *best = value;
    site->anchor = word;
    site->anchor_at = letters_at;
    site->anchor_pair = pair;
    site->anchored_after = after;
    site->anchored_wide = wide;
}

static void
find_anchor(struct tt_learned_site *site, struct tt_str context, bool after, size_t *best)
{
    size_t letters_at = 0;
    for (size_t pos = 0; pos < context.len;) {
        struct tt_rune rune = tt_utf8_next(context, pos);
        bool wide = rune.cp >= 0x80;
        struct tt_str word = word_at(context, pos, wide);
        char bytes[TT_SKELETON_BYTES];
        offer(site, word, letters_at, after, wide, best);
        letters_at += word.len > 0 ? word.len : rune.cp == '#' ? 1 : tt_skeleton_fold(rune.cp, bytes);
        pos += word.len > 0 ? word.len : rune.len ? rune.len : 1;
    }
}

enum tt_status
tt_learned_skeleton(struct tt_learned_site *site, struct tt_str before, struct tt_str after, struct tt_arena *arena, bool *enough)
{
    struct skeleton sum = {0, 0};
    size_t best = 0;
    TT_TRY(make_side(&site->before, before, false, arena, &sum));
    TT_TRY(make_side(&site->after, after, true, arena, &sum));
    TT_TRY(add_values(site, arena->alloc, &sum));
    find_anchor(site, before, false, &best);
    find_anchor(site, after, true, &best);
    site->weak = sum.letters < LETTERS_MIN || sum.words < WORDS_MIN;
    bool whole = site->before.edge && site->after.edge && sum.letters >= WEAK_MIN;
    *enough = site->anchor.len > 0 && (!site->weak || whole);
    return TT_OK;
}

/* Each pair is a set of its own while there are enough; then some share one, and are told apart later. */
static void
add_pair(struct tt_learned *learned, const struct tt_learned_site *site, size_t number)
{
    struct tt_byte_pairs *pairs = &learned->pairs;
    const unsigned char *p = (const unsigned char *) site->anchor.ptr + site->anchor_pair;
    uint8_t bit = (uint8_t) (1U << number % 8);
    pairs->first.high[p[0] >> 4] |= bit;
    pairs->first.low[p[0] & 15] |= bit;
    pairs->second.high[p[1] >> 4] |= bit;
    pairs->second.low[p[1] & 15] |= bit;
}

/* The same two bytes as those of an earlier site? */
static bool
shares_pair(const struct tt_learned *learned, size_t i)
{
    const struct tt_learned_site *site = learned->sites[i];
    for (size_t k = 0; k < i; k++) {
        const struct tt_learned_site *other = learned->sites[k];
        if (!other->anchored_wide &&
            memcmp(other->anchor.ptr + other->anchor_pair, site->anchor.ptr + site->anchor_pair, 2) == 0) {
            return true;
        }
    }
    return false;
}

void
tt_learned_add_pairs(struct tt_learned *learned)
{
    size_t number = 0;
    learned->narrow = learned->wide = false;
    memset(&learned->pairs, 0, sizeof(learned->pairs));
    for (size_t i = 0; i < learned->count; i++) {
        bool wide = learned->sites[i]->anchored_wide;
        learned->wide = learned->wide || wide;
        learned->narrow = learned->narrow || !wide;
        if (!wide && !shares_pair(learned, i)) {
            add_pair(learned, learned->sites[i], number++);
        }
    }
}
