/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence for lists of hosts and words; see score.h.
 *
 * In: byte strings.  Out: bits.  Owns nothing.
 *
 * Two explanations of the text are compared.  One draws each sign of a name at random from the 38 that names are made of.  The other draws it behind
 * the sign before it as often as in names and words (data/inspect/pairs.txt), and the last label of a host from those in use (tlds.txt).  bits is by
 * how much the second needs less.  Only different parts count: a word that is repeated proves nothing new.  Random letters get less than nothing, whichever key they were
 * decoded with, so that a sum over many bytes does not pass by chance.
 */
#include "inspect/score.h"

#include "base/hash.h"
#include "inspect/beginning.h"
#include "inspect/host.h"

#define LETTER_BITS 5.25 /* log2 of 38: a-z, 0-9, the point and the hyphen */
#define CAPITAL_BITS 0.5 /* what a capital letter costs more */
#define BAD_BITS 4.0     /* what a byte costs that belongs to no name */
#define PART_MIN 2
#define PART_MAX 80
#define SEEN_SLOTS ((size_t) 4096) /* of a table of parts that were seen, at most; when it is full, parts count no more */
#define OTHER_BITS 7.0             /* of a byte that is neither of a name nor divides two */
#define NOT_SEEN 0.125             /* the weight of a byte that has not been seen */
#define RATE_BYTES 96

/* Of each byte, its row in the table of pairs: 1-26 letters of either case, 27 digits, 28 the point, 29 the hyphen and the low line. */
const uint8_t tt_score_signs[256] = {
    ['-'] = 29, ['.'] = 28, ['_'] = 29, ['0'] = 27, ['1'] = 27, ['2'] = 27, ['3'] = 27, ['4'] = 27, ['5'] = 27, ['6'] = 27,
    ['7'] = 27, ['8'] = 27, ['9'] = 27, ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,
    ['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17,
    ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 1,
    ['b'] = 2,  ['c'] = 3,  ['d'] = 4,  ['e'] = 5,  ['f'] = 6,  ['g'] = 7,  ['h'] = 8,  ['i'] = 9,  ['j'] = 10, ['k'] = 11,
    ['l'] = 12, ['m'] = 13, ['n'] = 14, ['o'] = 15, ['p'] = 16, ['q'] = 17, ['r'] = 18, ['s'] = 19, ['t'] = 20, ['u'] = 21,
    ['v'] = 22, ['w'] = 23, ['x'] = 24, ['y'] = 25, ['z'] = 26,
};

#define S 1u
#define P (S | (uint64_t) 1 << 16)
#define C (S | (uint64_t) 1 << 32)
#define D (S | (uint64_t) 1 << 48)
const uint64_t tt_beginning_kinds[256] = {
    ['-'] = S, ['.'] = P, ['_'] = S, ['0'] = D, ['1'] = D, ['2'] = D, ['3'] = D, ['4'] = D, ['5'] = D, ['6'] = D, ['7'] = D,
    ['8'] = D, ['9'] = D, ['A'] = C, ['B'] = C, ['C'] = C, ['D'] = C, ['E'] = C, ['F'] = C, ['G'] = C, ['H'] = C, ['I'] = C,
    ['J'] = C, ['K'] = C, ['L'] = C, ['M'] = C, ['N'] = C, ['O'] = C, ['P'] = C, ['Q'] = C, ['R'] = C, ['S'] = C, ['T'] = C,
    ['U'] = C, ['V'] = C, ['W'] = C, ['X'] = C, ['Y'] = C, ['Z'] = C, ['a'] = S, ['b'] = S, ['c'] = S, ['d'] = S, ['e'] = S,
    ['f'] = S, ['g'] = S, ['h'] = S, ['i'] = S, ['j'] = S, ['k'] = S, ['l'] = S, ['m'] = S, ['n'] = S, ['o'] = S, ['p'] = S,
    ['q'] = S, ['r'] = S, ['s'] = S, ['t'] = S, ['u'] = S, ['v'] = S, ['w'] = S, ['x'] = S, ['y'] = S, ['z'] = S,
};
#undef S
#undef P
#undef C
#undef D

/* What a part costs, in bits. */
static double
cost_of(struct tt_str part)
{
    unsigned last = 0, units = 0;
    double extra = 0;
    for (size_t i = 0; i < part.len; i++) {
        unsigned sign = tt_score_signs[(unsigned char) part.ptr[i]];
        units += tt_inspect_pairs[last][sign];
        extra += part.ptr[i] >= 'A' && part.ptr[i] <= 'Z' ? CAPITAL_BITS : 0;
        last = sign;
    }
    return (units + tt_inspect_pairs[last][0]) / (double) TT_PAIR_UNIT + extra;
}

/* The same of the name of a host, whose last label is one of a list. */
static double
cost_of_host(struct tt_str host)
{
    const char *point = memrchr(host.ptr, '.', host.len);
    size_t name = (size_t) (point - host.ptr) + 1;
    struct tt_str label = tt_str_slice(host, name, host.len);
    const struct tt_inspect_tld *tld = tt_host_tld(label);
    double whole = cost_of(host);
    /* What is in front of the label, without its end, which the point is. */
    double front = cost_of(tt_str_slice(host, 0, name)) - tt_inspect_pairs[28][0] / (double) TT_PAIR_UNIT;
    return tld && front + tld->bits < whole ? front + tld->bits : whole;
}

bool
tt_score_next(struct tt_items items, size_t *item, size_t *pos, struct tt_str *part, char *divider)
{
    for (; *item < items.count; (*item)++, *pos = 0) {
        struct tt_str text = items.list[*item];
        while (*pos < text.len && tt_score_signs[(unsigned char) text.ptr[*pos]] == 0) {
            (*pos)++;
        }
        if (*pos == text.len) {
            continue;
        }
        size_t from = *pos;
        while (*pos < text.len && tt_score_signs[(unsigned char) text.ptr[*pos]] != 0) {
            (*pos)++;
        }
        *divider = from > 0 ? text.ptr[from - 1] : '\0';
        *part = tt_str_slice(text, from, *pos);
        return true;
    }
    return false;
}

/* Parts that were seen, by their hash. */
struct seen {
    uint64_t slots[SEEN_SLOTS];
    size_t count, room; /* a power of two */
};

/* Clearing the table would cost more than all else for short lists. */
static void
begin_seen(struct seen *seen, size_t bytes)
{
    seen->count = 0;
    for (seen->room = 32; seen->room < SEEN_SLOTS && seen->room < 2 * bytes; seen->room *= 2) {
    }
    memset(seen->slots, 0, seen->room * sizeof(*seen->slots));
}

static bool
is_new(struct seen *seen, struct tt_str part)
{
    uint64_t hash = tt_hash64(0, 0, part) | 1;
    size_t slot = hash & (seen->room - 1);
    if (seen->count > seen->room / 2) {
        return false;
    }
    while (seen->slots[slot] && seen->slots[slot] != hash) {
        slot = (slot + 1) & (seen->room - 1);
    }
    bool new = seen->slots[slot] == 0;
    seen->slots[slot] = hash;
    seen->count += new;
    return new;
}

static bool
has_letter(struct tt_str part)
{
    for (size_t i = 0; i < part.len; i++) {
        if (tt_ascii_is_alpha((unsigned char) part.ptr[i])) {
            return true;
        }
    }
    return false;
}

static void
weigh(struct tt_score *score, struct tt_str part)
{
    if (part.len < PART_MIN || part.len > PART_MAX || !has_letter(part)) {
        score->bad += part.len;
        score->bits -= part.len > PART_MAX ? BAD_BITS * (double) part.len : 0;
        return;
    }
    /* ".example.com" and "name." are written for domains, and sentences end so. */
    struct tt_str core = part;
    while (core.len > 0 && core.ptr[0] == '.') {
        core = tt_str_slice(core, 1, core.len);
    }
    bool host = tt_host_is_one(core);
    score->hosts += host;
    score->words += !host;
    score->bits += LETTER_BITS * (double) (part.len + 1) - (host ? cost_of_host(core) : cost_of(part));
}

struct tt_score
tt_score_items(struct tt_items items)
{
    struct tt_score score = {0};
    struct seen seen; /* large, and cleared as far as it is used */
    struct tt_str part;
    char divider;
    size_t item = 0, pos = 0, dividers[256] = {0};
    bool letters[TT_PAIR_SIGNS] = {false};
    for (size_t i = 0; i < items.count; i++) {
        score.bytes += items.list[i].len;
        for (size_t k = 0; k < items.list[i].len; k++) {
            unsigned char c = (unsigned char) items.list[i].ptr[k];
            bool text = tt_score_is_text(c);
            score.bad += !text;
            score.bits -= text ? 0 : BAD_BITS;
            score.upper += c >= 'A' && c <= 'Z';
            score.letters += tt_score_signs[c] >= 1 && tt_score_signs[c] <= 26 && !letters[tt_score_signs[c]];
            letters[tt_score_signs[c]] = true;
        }
    }
    begin_seen(&seen, score.bytes);
    while (tt_score_next(items, &item, &pos, &part, &divider)) {
        size_t behind = ++dividers[(unsigned char) divider];
        score.signs += part.len;
        score.parts++;
        score.spaces += divider == ' ';
        score.alike = behind > score.alike ? behind : score.alike;
        if (is_new(&seen, part)) {
            weigh(&score, part);
        }
    }
    return score;
}

double
tt_score_cost(const struct tt_score *score)
{
    size_t counted = score->signs + score->parts;
    double others = score->bytes > counted ? (double) (score->bytes - counted) : 0;
    return LETTER_BITS * (double) counted - score->bits + OTHER_BITS * others;
}

/* Good to a thousandth; x >= 1. */
static double
log2_of(double x)
{
    double whole = 0;
    while (x >= 65536) {
        x /= 65536;
        whole += 16;
    }
    while (x >= 2) {
        x /= 2;
        whole += 1;
    }
    return whole - 2.5 + (4.0283 + (-2.0893 + (0.6293 - 0.0684 * x) * x) * x) * x;
}

double
tt_score_null(struct tt_items items)
{
    uint32_t counts[256] = {0};
    double learnt = 0, words = 0;
    size_t seen = 0;
    for (size_t i = 0; i < items.count; i++) {
        unsigned last = 0;
        for (size_t k = 0; k < items.list[i].len; k++) {
            unsigned char c = (unsigned char) items.list[i].ptr[k];
            learnt += log2_of(((double) seen + NOT_SEEN * 256) / (counts[c] + NOT_SEEN));
            counts[c]++;
            seen++;
            /* As tt_score_cost() has it: a byte that ends a name costs what the end costs, a further one more. */
            words += tt_score_signs[c] || last ? tt_inspect_pairs[last][tt_score_signs[c]] / (double) TT_PAIR_UNIT : OTHER_BITS;
            last = tt_score_signs[c];
        }
        words += last ? tt_inspect_pairs[last][0] / (double) TT_PAIR_UNIT : 0;
    }
    return learnt < words ? learnt : words;
}

double
tt_score_rate(struct tt_str text)
{
    unsigned last = 0, units = 0;
    size_t len = text.len < RATE_BYTES ? text.len : RATE_BYTES;
    double extra = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char) text.ptr[i];
        unsigned sign = tt_score_signs[c];
        if (sign == 0 && last == 0 && i > 0) {
            extra += c == ' ' ? 0 : 1;
            continue;
        }
        units += tt_inspect_pairs[last][sign];
        last = sign;
    }
    units += tt_inspect_pairs[last][0];
    return len ? LETTER_BITS - (units / (double) TT_PAIR_UNIT + extra) / (double) (len + 1) : 0;
}
