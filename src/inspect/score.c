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
#include "inspect/host.h"

#define LETTER_BITS 5.25 /* log2 of 38: a-z, 0-9, the point and the hyphen */
#define CAPITAL_BITS 0.5 /* what a capital letter costs more */
#define BAD_BITS 4.0     /* what a byte costs that belongs to no name */
#define PART_MIN 2
#define PART_MAX 80
#define SEEN_SLOTS 4096 /* of a table of parts that were seen; when it is full, parts count no more */
#define RATE_BYTES 96

static unsigned
sign_of(unsigned char c)
{
    int lower = tt_ascii_lower(c);
    if (lower >= 'a' && lower <= 'z') {
        return (unsigned) (lower - 'a') + 1;
    }
    return tt_ascii_is_digit(c) ? 27 : c == '.' ? 28 : c == '-' || c == '_' ? 29 : 0;
}

bool
tt_score_is_text(unsigned char c)
{
    return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\r' || c == '\t' || c == '\0';
}

/* What a part costs, in bits. */
static double
cost_of(struct tt_str part)
{
    unsigned last = 0, units = 0;
    double extra = 0;
    for (size_t i = 0; i < part.len; i++) {
        unsigned sign = sign_of((unsigned char) part.ptr[i]);
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
        while (*pos < text.len && sign_of((unsigned char) text.ptr[*pos]) == 0) {
            (*pos)++;
        }
        if (*pos == text.len) {
            continue;
        }
        size_t from = *pos;
        while (*pos < text.len && sign_of((unsigned char) text.ptr[*pos]) != 0) {
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
    size_t count;
};

static bool
is_new(struct seen *seen, struct tt_str part)
{
    uint64_t hash = tt_hash64(0, 0, part) | 1;
    size_t slot = hash % SEEN_SLOTS;
    if (seen->count > SEEN_SLOTS / 2) {
        return false;
    }
    while (seen->slots[slot] && seen->slots[slot] != hash) {
        slot = (slot + 1) % SEEN_SLOTS;
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
    struct seen seen = {.count = 0};
    struct tt_str part;
    char divider;
    size_t item = 0, pos = 0;
    for (size_t i = 0; i < items.count; i++) {
        score.bytes += items.list[i].len;
        for (size_t k = 0; k < items.list[i].len; k++) {
            unsigned char c = (unsigned char) items.list[i].ptr[k];
            bool text = tt_score_is_text(c);
            score.bad += !text;
            score.bits -= text ? 0 : BAD_BITS;
            score.upper += c >= 'A' && c <= 'Z';
        }
    }
    while (tt_score_next(items, &item, &pos, &part, &divider)) {
        score.signs += part.len;
        score.spaces += divider == ' ';
        if (is_new(&seen, part)) {
            weigh(&score, part);
        }
    }
    return score;
}

double
tt_score_rate(struct tt_str text)
{
    unsigned last = 0, units = 0;
    size_t len = text.len < RATE_BYTES ? text.len : RATE_BYTES;
    double extra = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char) text.ptr[i];
        unsigned sign = sign_of(c);
        if (sign == 0 && last == 0 && i > 0) {
            extra += c == ' ' ? 0 : 1;
            continue;
        }
        units += tt_inspect_pairs[last][sign];
        bool capital = c >= 'A' && c <= 'Z';
        bool begins = i == 0 || !tt_ascii_is_alpha((unsigned char) text.ptr[i - 1]) ||
                      tt_ascii_lower((unsigned char) text.ptr[i - 1]) == text.ptr[i - 1];
        extra += capital && !begins ? 1 : 0;
        last = sign;
    }
    units += tt_inspect_pairs[last][0];
    return len ? LETTER_BITS - (units / (double) TT_PAIR_UNIT + extra) / (double) (len + 1) : 0;
}
