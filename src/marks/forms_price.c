/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prices of places and of texts; see forms_price.h.
 *
 * Input: places, or bytes.  Output: numbers.  Integers only, so that every machine decides alike; nothing is owned.
 */
#include "marks/forms_price.h"

#define HABIT_PRICE (2 * TT_PRICE_BIT) /* of saying that a source has habits, and of which kind */
#define PERIOD_MAX 40                  /* places */
#define PERIOD_PRICE (6 * TT_PRICE_BIT)

/* ---- the source without a message ---- */

#define FINE 256 /* logarithms here count so many parts of a bit */

static int
log2_fine(size_t n)
{
    int whole = 63 - __builtin_clzll(n | 1);
    uint64_t x = ((uint64_t) n << 32) >> whole; /* 1 <= x < 2, with 32 binary digits */
    int fine = 0;
    for (int part = FINE / 2; part > 0; part /= 2) {
        x = (x >> 16) * (x >> 16);
        if (x >> 33) {
            fine += part;
            x >>= 1;
        }
    }
    return whole * FINE + fine;
}

/*
 * What n choices, of which each option was made count[i] times, cost a source that learns the shares while it goes: their entropy,
 * and half a logarithm for each share.  In parts of a bit.
 */
static int64_t
cost_of_shares(const uint32_t *count, size_t options)
{
    int64_t cost = 0;
    size_t n = 0;
    for (size_t i = 0; i < options; i++) {
        n += count[i];
        cost -= count[i] ? (int64_t) count[i] * log2_fine(count[i]) : 0;
    }
    return n ? cost + (int64_t) n * log2_fine(n) + (int64_t) (options - 1) * log2_fine(n + 1) / 2 : 0;
}

/* What the places from..to cost a source in which a form depends on the last order ones. */
static int
cost_in_context(const struct tt_forms *forms, size_t from, size_t to, unsigned order)
{
    uint32_t count[TT_FORMS_MAX * TT_FORMS_MAX][TT_FORMS_MAX];
    size_t k = forms->count, contexts = order == 0 ? 1 : order == 1 ? k : k * k;
    size_t before = 0, newest = order > 0,
           older = order > 1 ? k : 0; /* the weights of the last two forms in a context's number */
    size_t context = 0;
    int64_t cost = 0;
    memset(count, 0, contexts * sizeof(count[0]));
    for (size_t i = from; i < to; i++) {
        count[context][forms->digit[i]]++;
        context = forms->digit[i] * newest + before * older;
        before = forms->digit[i];
    }
    for (size_t c = 0; c < contexts; c++) {
        cost += cost_of_shares(count[c], k);
    }
    return (int) (cost / (FINE / TT_PRICE_BIT));
}

/* What they cost a source that repeats what stood period places before, or says something else. */
static int
cost_of_repeats(const struct tt_forms *forms, size_t from, size_t to, size_t period)
{
    uint32_t count[2] = {0};
    for (size_t i = from + period; i < to; i++) {
        count[forms->digit[i] == forms->digit[i - period]]++;
    }
    size_t fresh = period < to - from ? period : to - from;
    int64_t cost = (int64_t) fresh * log2_fine(forms->count) + (int64_t) count[0] * log2_fine(forms->count - 1);
    return (int) ((cost + cost_of_shares(count, 2)) / (FINE / TT_PRICE_BIT));
}

/* What mere chance pays for places from..to. */
static int
cost_of_chance(const struct tt_forms *forms, size_t from, size_t to)
{
    return (int) ((int64_t) (to - from) * log2_fine(forms->count) / (FINE / TT_PRICE_BIT));
}

/* What the cheaper of chance and habits pays.  Stops where it is under enough. */
int
tt_price_of_habits(const struct tt_forms *forms, size_t from, size_t to, int enough)
{
    int least = cost_of_chance(forms, from, to);
    for (unsigned order = 0; order <= 2 && least >= enough; order++) {
        int cost = cost_in_context(forms, from, to, order) + HABIT_PRICE;
        least = cost < least ? cost : least;
    }
    return least;
}

/* What the cheapest source pays: chance, habits, or rows and columns.  Stops where it is under enough. */
int
tt_price_of_places(const struct tt_forms *forms, size_t from, size_t to, int enough)
{
    int least = tt_price_of_habits(forms, from, to, enough);
    for (size_t period = 3; period <= PERIOD_MAX && least >= enough; period++) {
        int cost = cost_of_repeats(forms, from, to, period) + PERIOD_PRICE;
        least = cost < least ? cost : least;
    }
    return least;
}

int
tt_price_of_range(unsigned range)
{
    int whole = 0;
    while (range >> whole > 1) {
        whole++;
    }
    return whole * TT_PRICE_BIT + (int) ((range - (1U << whole)) * TT_PRICE_BIT >> whole);
}

/* ---- the source of texts ---- */

/* Kinds of characters, and kinds of writing, of which each consists of some of them. */
enum sign {
    SIGN_LOWER,
    SIGN_UPPER,
    SIGN_HEX,
    SIGN_DIGIT,
    SIGN_BLANK,
    SIGN_LINK,
    SIGN_QUOTE,
    SIGN_OTHER,
    SIGN_2,
    SIGN_3,
    SIGN_4,
    SIGN_NONE
};
#define STYLES 8

/* Price of a character in sixteenths of a bit: -log2 of the share of its kind, divided among its members. */
static const uint16_t prices[STYLES][SIGN_NONE] = {
    {82, 132, 82, 132, 82, 132, 145, 145, 277, 363, 320},    /* sentences and names */
    {132, 82, 132, 132, 82, 132, 145, 145, 277, 363, 320},   /* the same in capitals */
    {170, 170, 66, 66, 170, 132, 170, 170, 300, 380, 340},   /* numbers in any base */
    {170, 91, 170, 74, 132, 106, 170, 170, 300, 380, 340},   /* serial numbers */
    {94, 144, 94, 81, 144, 92, 150, 150, 277, 363, 320},     /* identifiers, addresses, key=value */
    {98, 98, 98, 98, 134, 134, 134, 134, 300, 380, 340},     /* keys and tokens */
    {98, 144, 98, 94, 144, 96, 80, 150, 277, 363, 320},      /* JSON */
    {133, 133, 133, 133, 133, 133, 133, 133, 184, 257, 238}, /* other scripts */
};
#define STYLE_PRICE 48 /* of saying which one it is */

static enum sign
sign_of_ascii(uint32_t cp)
{
    if (cp >= 'a' && cp <= 'z') {
        return cp <= 'f' ? SIGN_HEX : SIGN_LOWER;
    }
    if (tt_ascii_is_alnum((int) cp)) {
        return tt_ascii_is_digit((int) cp) ? SIGN_DIGIT : SIGN_UPPER;
    }
    if (cp <= ' ' || cp == 0x7F) {
        return cp == ' ' ? SIGN_BLANK : cp == '\n' || cp == '\t' || cp == '\r' ? SIGN_OTHER : SIGN_NONE;
    }
    return strchr("-_=:./@,", (int) cp) ? SIGN_LINK : strchr("\"{}[]", (int) cp) ? SIGN_QUOTE : SIGN_OTHER;
}

static enum sign
sign_of(uint32_t cp)
{
    if (cp < 0x80) {
        return sign_of_ascii(cp);
    }
    uint8_t category = tt_char(cp)->category;
    if (category == TT_CN || category >= TT_ZL) {
        return SIGN_NONE;
    }
    return cp < 0x800 ? SIGN_2 : cp < 0x10000 ? SIGN_3 : SIGN_4;
}

/* Length of the text that bytes begin with, and its price.  A character cut by the end does not count. */
size_t
tt_price_of_text(struct tt_str bytes, int *price)
{
    int sums[STYLES] = {0};
    size_t pos = 0;
    while (pos < bytes.len) {
        struct tt_rune rune = tt_utf8_next(bytes, pos);
        enum sign sign = rune.len ? sign_of(rune.cp) : SIGN_NONE;
        if (sign == SIGN_NONE) {
            break;
        }
        for (int i = 0; i < STYLES; i++) {
            sums[i] += prices[i][sign];
        }
        pos += rune.len;
    }
    *price = sums[0];
    for (int i = 1; i < STYLES; i++) {
        *price = sums[i] < *price ? sums[i] : *price;
    }
    *price += STYLE_PRICE;
    return pos;
}

bool
tt_price_is_wide_text(uint32_t cp)
{
    return sign_of(cp) != SIGN_NONE;
}

unsigned
tt_price_log2(size_t n)
{
    unsigned bits = 0;
    while ((size_t) 1 << bits < n) {
        bits++;
    }
    return bits;
}
