/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The solver for a short key that repeats and is not known: exclusive or with 2 to 32 bytes.
 *
 * In: byte strings.  Out: the most likely text for each likely length of the key, to a judge.  Owns nothing.
 *
 * For each length, the bytes under one byte of the key are a column.  A byte of the key that makes a sign of names or lists of a whole column is
 * possible; a column that has none ends this length, which happens to nearly all wrong ones.  Among the possible bytes the one whose column looks
 * most like letters begins; then each byte in turn is set to what makes the best words of the whole, until nothing changes.
 */
#include "inspect/decode.h"

#include "base/limits.h"
#include "inspect/key_set.h"
#include "inspect/tables.h"

#include <limits.h>

#define KEY_MAX 32
#define COLUMN_MIN 11          /* bytes under each byte of the key; with fewer, any text can be made of any bytes */
#define BYTES_MAX (4 * TT_KIB) /* that are looked at for the key */
#define ROUNDS_MAX 6
#define WEIGHT_MIN 14 /* of a byte, after the first guess: names have more, bytes that mean nothing about 10 */

struct search {
    struct tt_decoding *decoding;
    const unsigned char *bytes; /* the items, one behind the other */
    const uint16_t *index;      /* of each in its item, or in the list */
    size_t len;
    unsigned length; /* of the key */
    unsigned char key[KEY_MAX];
    const struct tt_str *parts; /* what the key begins anew with: the items, or all as one */
    size_t part_count;
    long weight;                          /* of the first guess */
    unsigned char possible[KEY_MAX][256]; /* bytes of the key for each column */
    size_t possible_count[KEY_MAX];
};

/* The bytes under one byte of the key. */
struct column {
    unsigned number;
    size_t count;
    uint16_t places[BYTES_MAX];
};

/* What a sign of a text is worth by itself; for the first guess. */
static int
weight_of(unsigned char c)
{
    static const int8_t weights[256] = {
        ['e'] = 30, ['o'] = 29, ['a'] = 28, ['i'] = 27, ['n'] = 26, ['t'] = 25, ['r'] = 24, ['s'] = 23, ['c'] = 22, ['m'] = 21,
        ['.'] = 20, [','] = 19, ['d'] = 18, ['l'] = 17, ['p'] = 16, ['u'] = 15, ['h'] = 14, ['g'] = 13, ['b'] = 12, ['f'] = 11,
        ['k'] = 10, ['y'] = 9,  ['w'] = 8,  ['v'] = 7,  ['-'] = 6,  ['x'] = 5,  ['j'] = 4,  ['q'] = 4,  ['z'] = 4,
    };
    return weights[c] ? weights[c] : tt_ascii_is_digit(c) ? 4 : tt_ascii_is_alpha(c) ? 1 : -4;
}

/* The bytes of the key that make text of a column; false: there is none. */
static bool
find_possible(const struct search *search, unsigned column, struct tt_key_set *set)
{
    memset(set, 0xFF, sizeof(*set));
    for (size_t i = 0; i < search->part_count; i++) {
        struct tt_str part = search->parts[i];
        for (size_t k = column; k < part.len; k += search->length) {
            struct tt_key_set one = tt_key_set_xor((unsigned char) part.ptr[k]);
            if (!tt_key_set_meet(set, &one)) {
                return false;
            }
        }
    }
    return true;
}

/* What a byte of the key makes of a column. */
static long
weigh(const struct search *search, unsigned column, unsigned key)
{
    long weight = 0;
    for (size_t i = 0; i < search->part_count; i++) {
        struct tt_str part = search->parts[i];
        for (size_t k = column; k < part.len; k += search->length) {
            weight += weight_of((unsigned char) ((unsigned char) part.ptr[k] ^ key));
        }
    }
    return weight;
}

/* The likeliest byte of the key for each column; false when one has none. */
static bool
guess(struct search *search)
{
    struct tt_key_set sets[KEY_MAX];
    for (unsigned column = 0; column < search->length; column++) {
        search->decoding->work += COLUMN_MIN;
        if (!find_possible(search, column, &sets[column])) {
            return false;
        }
    }
    search->weight = 0;
    for (unsigned column = 0; column < search->length; column++) {
        long best = LONG_MIN;
        search->possible_count[column] = 0;
        for (unsigned key = 0; key < 256; key++) {
            if (tt_key_set_has(&sets[column], key)) {
                long weight = weigh(search, column, key);
                search->possible[column][search->possible_count[column]++] = (unsigned char) key;
                search->key[column] = weight > best ? (unsigned char) key : search->key[column];
                best = weight > best ? weight : best;
            }
        }
        search->weight += best;
        search->decoding->work += search->possible_count[column] * (search->len / search->length);
    }
    return true;
}

/* The row of a sign that the key makes. */
static unsigned
sign_at(const struct search *search, size_t i)
{
    return tt_score_sign((unsigned char) (search->bytes[i] ^ search->key[search->index[i] % search->length]));
}

static unsigned
pair_cost(unsigned last, unsigned sign)
{
    return sign == 0 && last == 0 ? 3 * TT_PAIR_UNIT : tt_inspect_pairs[last][sign];
}

/* What the signs under one byte of the key cost, and those behind them; no others change with it. */
static unsigned
cost(const struct search *search, const struct column *column)
{
    unsigned units = 0;
    for (size_t k = 0; k < column->count; k++) {
        size_t i = column->places[k];
        unsigned sign = sign_at(search, i);
        units += pair_cost(i > 0 ? sign_at(search, i - 1) : 0, sign);
        /* One of the column as well is counted in its turn. */
        if (i + 1 < search->len && search->index[i + 1] % search->length != column->number) {
            units += pair_cost(sign, sign_at(search, i + 1));
        }
    }
    return units;
}

/* Sets a byte of the key to what makes the best words.  True: it was another. */
static bool
better(struct search *search, struct column *column, unsigned number)
{
    unsigned char first = search->key[number], kept = first;
    column->number = number;
    column->count = 0;
    for (size_t i = 0; i < search->len; i++) {
        if (search->index[i] % search->length == number) {
            column->places[column->count++] = (uint16_t) i;
        }
    }
    unsigned best = cost(search, column);
    for (size_t i = 0; i < search->possible_count[number]; i++) {
        search->key[number] = search->possible[number][i];
        unsigned units = cost(search, column);
        if (units < best) {
            best = units;
            kept = search->key[number];
        }
    }
    search->key[number] = kept;
    search->decoding->work += search->len + 3 * search->possible_count[number] * column->count;
    return kept != first;
}

/* Betters one byte of the key after the other. */
static void
climb(struct search *search)
{
    struct column column; /* large, and filled as it is used */
    bool changed = true;
    for (unsigned round = 0; round < ROUNDS_MAX && changed; round++) {
        changed = false;
        for (unsigned number = 0; number < search->length; number++) {
            changed = better(search, &column, number) || changed;
        }
    }
}

/* "xor 0x1a2b3c" */
static const char *
say(char text[96], const struct search *search, bool running)
{
    const char *word = running ? "xor (running) 0x" : "xor 0x";
    size_t len = strlen(word);
    memcpy(text, word, len);
    tt_hex_write(text + len, search->key, search->length);
    text[len + 2 * search->length] = '\0';
    return text;
}

static bool
hand_over(const struct search *search, struct tt_items in, bool running, const struct tt_judge *judge)
{
    struct tt_str *list;
    char *bytes;
    char text[96];
    size_t at = 0;
    if (!tt_items_make(search->decoding->arena, in, &list, &bytes)) {
        return false;
    }
    for (size_t i = 0; i < in.count; i++) {
        for (size_t k = 0; k < in.list[i].len; k++, at++) {
            size_t index = running ? at : k;
            bytes[at] = (char) ((unsigned char) in.list[i].ptr[k] ^ search->key[index % search->length]);
        }
        list[i] = tt_str_make(bytes + at - in.list[i].len, in.list[i].len);
    }
    return judge->judge(judge->ctx, (struct tt_items) {list, in.count}, say(text, search, running), 8.0 * search->length);
}

static bool
try_length(struct search *search, struct tt_items in, bool running, const struct tt_judge *judge)
{
    if (!guess(search) || search->weight < WEIGHT_MIN * (long) search->len) {
        return false;
    }
    climb(search);
    return hand_over(search, in, running, judge);
}

static bool
try_all(struct tt_decoding *decoding, struct tt_items in, bool running, const struct tt_judge *judge)
{
    struct search search; /* large, and filled as it is used */
    size_t total = tt_items_bytes(in);
    total = total < BYTES_MAX ? total : BYTES_MAX;
    if (total < 2 * COLUMN_MIN || decoding->hope < 16) {
        return false;
    }
    unsigned char *bytes = tt_arena_get(decoding->arena, total + 1);
    uint16_t *index = tt_arena_get(decoding->arena, (total + 1) * sizeof(*index));
    struct tt_str *parts = tt_arena_get(decoding->arena, (in.count + 1) * sizeof(*parts));
    if (!bytes || !index || !parts) {
        return false;
    }
    search.decoding = decoding;
    search.len = search.part_count = 0;
    for (size_t i = 0; i < in.count && search.len < total; i++) {
        struct tt_str part = tt_str_slice(in.list[i], 0, total - search.len);
        for (size_t k = 0; k < part.len; k++) {
            bytes[search.len + k] = (unsigned char) part.ptr[k];
            index[search.len + k] = (uint16_t) (running ? search.len + k : k);
        }
        parts[search.part_count++] = part;
        search.len += part.len;
    }
    if (running) {
        parts[0] = tt_str_make(bytes, search.len);
        search.part_count = 1;
    }
    search.bytes = bytes;
    search.index = index;
    search.parts = parts;
    for (search.length = 2;
         search.length <= KEY_MAX && search.length * COLUMN_MIN <= search.len && 8.0 * search.length <= decoding->hope;
         search.length++) {
        if (try_length(&search, in, running, judge)) {
            return true;
        }
    }
    return false;
}

static void
solve(struct tt_decoding *decoding, struct tt_items in, const struct tt_judge *judge)
{
    if (decoding->decoded && !try_all(decoding, in, false, judge) && in.count > 1) {
        (void) try_all(decoding, in, true, judge);
    }
}

const struct tt_list_solver tt_list_solver_repeated = {.name = "repeated xor", .solve = solve};
