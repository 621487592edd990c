/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hidden runs of a format that nobody has described: the codings that people come up with, over whatever characters.
 *
 * Input: the symbols of a run.  Output: its best reading, in the arena.  Tried are: bits, pairs, triples and nibbles of bytes in every
 * order (forms.c); groups of digits in base 2 to 16 for bytes, ASCII and UTF-16; numbers with a separator between them; characters
 * that stand for ASCII by their distance.  Marks at the ends of a message are left out.
 *
 * A reading is believed when its text is a cheaper explanation of the symbols than chance, habit or pattern, by more than the
 * number of codings makes up for (forms_price.h).  So no coding needs a rule of its own against noise.
 */
#include "base/limits.h"
#include "marks/decoders.h"
#include "marks/forms_price.h"
#include "marks/run.h"

#define SYMBOLS_MAX TT_FORMS_MAX /* different ones; more are letters of an alphabet (read_shifted) */
#define MARGIN 6                 /* bits; see forms.h */
#define MARGIN_INSIDE 14         /* where the text may begin and end anywhere */
#define SYMBOLS_MIN 12           /* of a run worth the work */
#define TEXT_MIN 4               /* characters */
#define KINDS_PRICE 3            /* bits, of saying which kind of coding it is */
#define NUMBER_DIGITS 21         /* of a code point in binary */
#define SHIFTED_MIN 8            /* characters of an alphabet that was moved */
#define SHIFT_RANGE 95           /* printable ASCII */

struct general {
    struct tt_arena *arena;
    const uint32_t *symbols;
    struct tt_forms forms; /* of a part of the run */
    uint32_t alphabet[SYMBOLS_MAX];
    size_t count;    /* different symbols of that part */
    int cost;        /* of the part, without a message */
    int parts_price; /* of saying which part */
    uint8_t value[SYMBOLS_MAX];
    struct tt_run_bytes text; /* scratch */
    struct tt_payload best;
    int score; /* of the best reading */
};

/* ---- the part that is read ---- */

static void
sort_in(uint32_t *alphabet, size_t count, uint32_t cp)
{
    size_t i = count;
    for (; i > 0 && alphabet[i - 1] > cp; i--) {
        alphabet[i] = alphabet[i - 1];
    }
    alphabet[i] = cp;
}

/* Gathers the different symbols in order; false when there are too many, or one. */
static bool
take_alphabet(struct general *g, size_t from, size_t to)
{
    g->count = 0;
    for (size_t i = from; i < to; i++) {
        if (tt_run_digit(g->alphabet, g->count, g->symbols[i]) >= 0) {
            continue;
        }
        if (g->count == SYMBOLS_MAX) {
            return false;
        }
        sort_in(g->alphabet, g->count++, g->symbols[i]);
    }
    return g->count > 1;
}

static enum tt_status
take_part(struct general *g, size_t from, size_t to)
{
    g->forms =
        (struct tt_forms) {.n = to - from, .max = to - from, .count = g->count, .digit = tt_arena_get(g->arena, to - from)};
    if (!g->forms.digit) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < g->count; i++) {
        char utf8[4];
        size_t len = tt_utf8_put(g->alphabet[i], utf8);
        TT_TRY(tt_arena_dup(g->arena, tt_str_make(utf8, len), &g->forms.form[i]));
    }
    for (size_t i = from; i < to; i++) {
        uint8_t digit = (uint8_t) tt_run_digit(g->alphabet, g->count, g->symbols[i]);
        g->forms.digit[i - from] = digit;
        g->forms.tally[digit]++;
    }
    g->cost = tt_price_of_places(&g->forms, 0, g->forms.n, 0);
    return TT_OK;
}

/* ---- keeping the best ---- */

/* What the scratch holds, as one of so many readings of that kind. */
static enum tt_status
keep(struct general *g, const char *format, size_t tries)
{
    int price;
    struct tt_str text = tt_str_make(g->text.ptr, g->text.len);
    if (g->text.bad || g->text.high || text.len < TEXT_MIN || tt_price_of_text(text, &price) != text.len) {
        return TT_OK;
    }
    int owed = price + (int) (tt_price_log2(tries) + KINDS_PRICE) * TT_PRICE_BIT + g->parts_price;
    int score = g->cost - owed;
    if (score < MARGIN * TT_PRICE_BIT || score <= g->score || tt_payload_grade(text) < TT_GRADE_TEXT) {
        return TT_OK;
    }
    g->score = score;
    g->best = (struct tt_payload) {.format = format};
    struct tt_run_bytes kept;
    TT_TRY(tt_run_bytes_init(&kept, g->arena, text.len));
    memcpy(kept.ptr, text.ptr, text.len);
    kept.len = text.len;
    tt_run_finish(&g->best, format, &kept);
    return TT_OK;
}

static void
begin_text(struct general *g)
{
    g->text.len = 0;
    g->text.high = 0;
    g->text.bad = false;
}

/* Adds a value as the format has it; false when it is none, or no text. */
static bool
add_value(struct general *g, uint32_t value, bool units)
{
    if (value < 0x80 && !tt_price_is_text(value)) {
        return false;
    }
    if (units) {
        tt_run_add_unit(&g->text, value);
        return !g->text.bad;
    }
    tt_run_add_byte(&g->text, value);
    return value <= 0xFF;
}

/* ---- which symbol is which digit ---- */

/* All orders of up to four symbols; of more, the order of code points and its reverse. */
static size_t
order_count(size_t count)
{
    static const uint8_t orders[] = {1, 1, 2, 6, 24};
    return count <= 4 ? orders[count] : 2;
}

static void
set_order(struct general *g, size_t count, size_t which)
{
    for (size_t i = 0; i < count && i < SYMBOLS_MAX; i++) {
        g->value[i] = (uint8_t) (count > 4 && which ? count - 1 - i : i);
    }
    for (size_t i = 0; count <= 4 && i + 1 < count; i++) {
        size_t chosen = i + which % (count - i);
        uint8_t value = g->value[chosen];
        which /= count - i;
        g->value[chosen] = g->value[i];
        g->value[i] = value;
    }
}

/* ---- groups of digits ---- */

/* So many digits of that base make a byte, a character of ASCII, or a UTF-16 unit. */
static const struct group {
    uint8_t base, width;
    bool units;
    uint8_t shift; /* is added to each value */
    const char *format;
} groups[] = {
    {2, 16, true, 0, "UTF-16 in binary"},
    {3, 5, false, 0, "ASCII in base 3"},
    {3, 6, false, 0, "bytes in base 3"},
    {3, 11, true, 0, "UTF-16 in base 3"},
    {4, 8, true, 0, "UTF-16 in base 4"},
    {5, 4, false, 0, "bytes in base 5"},
    {5, 3, false, 0, "ASCII in base 5"},
    {5, 7, true, 0, "UTF-16 in base 5"},
    {6, 4, false, 0, "bytes in base 6"},
    {6, 3, false, 0, "ASCII in base 6"},
    {6, 7, true, 0, "UTF-16 in base 6"},
    {7, 3, false, 0, "bytes in base 7"},
    {7, 6, true, 0, "UTF-16 in base 7"},
    {8, 3, false, 0, "bytes in base 8"},
    {8, 6, true, 0, "UTF-16 in base 8"},
    {9, 3, false, 0, "bytes in base 9"},
    {9, 6, true, 0, "UTF-16 in base 9"},
    {10, 3, false, 0, "bytes in base 10"},
    {10, 2, false, 32, "ASCII from the blank on in base 10"},
    {10, 2, false, 31, "ASCII from U+001F on in base 10"},
    {10, 5, true, 0, "UTF-16 in base 10"},
    {16, 2, false, 0, "bytes in base 16"},
    {16, 4, true, 0, "UTF-16 in base 16"},
};

/* One group from place at on. */
static uint32_t
group_value(const struct general *g, const struct group *group, size_t at, bool low_first)
{
    uint32_t value = 0;
    for (size_t i = 0; i < group->width; i++) {
        size_t place = at + (low_first ? group->width - 1 - i : i);
        value = value * group->base + g->value[g->forms.digit[place]];
    }
    return value + group->shift;
}

static enum tt_status
read_groups(struct general *g, const struct group *group, bool low_first, size_t tries)
{
    begin_text(g);
    for (size_t at = 0; at < g->forms.n && g->text.len < TT_DECODED_MAX; at += group->width) {
        uint32_t value = group_value(g, group, at, low_first);
        if (value > (group->units ? 0xFFFF : 0xFF) || !add_value(g, value, group->units)) {
            return TT_OK;
        }
    }
    return keep(g, group->format, tries);
}

/* Do all symbols stand in one row of sixteen, as selectors and digits of the tags do?  Then they may be hexadecimal digits. */
static bool
is_row(const struct general *g)
{
    return g->count > 4 && (g->alphabet[0] | 15) == (g->alphabet[g->count - 1] | 15);
}

static enum tt_status
try_base(struct general *g, size_t base, size_t tries)
{
    for (size_t i = 0; i < TT_RUN_COUNT(groups); i++) {
        if (groups[i].base == base && g->forms.n % groups[i].width == 0) {
            TT_TRY(read_groups(g, &groups[i], false, tries));
            TT_TRY(read_groups(g, &groups[i], true, tries));
        }
    }
    return TT_OK;
}

static enum tt_status
try_groups(struct general *g)
{
    size_t orders = order_count(g->count);
    for (size_t which = 0; which < orders; which++) {
        set_order(g, g->count, which);
        TT_TRY(try_base(g, g->count, orders * 8));
    }
    for (size_t which = 0; which < 2 && is_row(g) && g->count < 16; which++) {
        for (size_t i = 0; i < g->count; i++) {
            uint32_t digit = g->alphabet[i] & 15;
            g->value[i] = (uint8_t) (which ? 15 - digit : digit);
        }
        TT_TRY(try_base(g, 16, 16));
    }
    return TT_OK;
}

/* ---- numbers with a separator ---- */

/* Reads code points, or bytes, in so many digits each; the value of the separator is the base. */
static enum tt_status
read_numbers(struct general *g, size_t base, bool units, size_t tries)
{
    uint32_t value = 0;
    size_t digits = 0;
    begin_text(g);
    for (size_t i = 0; i <= g->forms.n && g->text.len < TT_DECODED_MAX; i++) {
        size_t digit = i < g->forms.n ? g->value[g->forms.digit[i]] : base;
        if (digit < base) {
            value = value * (uint32_t) base + (uint32_t) digit;
            if (++digits > NUMBER_DIGITS || value > 0x10FFFF) {
                return TT_OK;
            }
            continue;
        }
        bool outside = i == 0 || i >= g->forms.n; /* a separator may also stand before or behind all */
        if (digits == 0 && !outside) {
            return TT_OK;
        }
        if (digits > 0 && (units ? value >= 0x10000 : value > 0xFF)) {
            tt_run_add_point(&g->text, value);
        } else if (digits > 0 && !add_value(g, value, units)) {
            return TT_OK;
        }
        value = 0;
        digits = 0;
    }
    return keep(g, units ? "numbers of characters with a separator" : "numbers of bytes with a separator", tries);
}

/* Every symbol could be the separator. */
static enum tt_status
try_numbers(struct general *g)
{
    size_t digits = g->count - 1, orders = order_count(digits);
    if (g->count < 3) {
        return TT_OK;
    }
    for (size_t which = 0; which < orders * g->count; which++) {
        size_t separator = which / orders;
        set_order(g, digits, which % orders);
        for (size_t i = digits; i > separator; i--) {
            g->value[i] = g->value[i - 1];
        }
        g->value[separator] = (uint8_t) digits;
        TT_TRY(read_numbers(g, digits, false, orders * g->count * 2));
        TT_TRY(read_numbers(g, digits, true, orders * g->count * 2));
    }
    return TT_OK;
}

/* ---- letters of an alphabet that was moved ---- */

static enum tt_status
read_shifted(struct general *g, size_t n)
{
    uint32_t low = UINT32_MAX, high = 0;
    for (size_t i = 0; i < n; i++) {
        low = g->symbols[i] < low ? g->symbols[i] : low;
        high = g->symbols[i] > high ? g->symbols[i] : high;
    }
    if (n < SHIFTED_MIN || high - low >= SHIFT_RANGE || tt_run_variety(g->symbols, n) <= 4) {
        return TT_OK;
    }
    g->cost = (int) n * tt_price_of_range(high - low + 1);
    for (uint32_t first = 0x20; first + (high - low) < 0x7F; first++) {
        begin_text(g);
        for (size_t i = 0; i < n && i < TT_DECODED_MAX; i++) {
            tt_run_add_byte(&g->text, first + (g->symbols[i] - low));
        }
        TT_TRY(keep(g, "ASCII, moved", SHIFT_RANGE));
    }
    return TT_OK;
}

/* ---- all ---- */

/* The forms reader judges by itself; what it believes competes by the price of its text. */
static enum tt_status
try_bits(struct general *g)
{
    struct tt_payload payload = {0};
    int price;
    TT_TRY(tt_forms_find(g->arena, &g->forms, (struct tt_forms_demand) {.margin = MARGIN}, &payload));
    if (payload.grade < TT_GRADE_TEXT && g->count == 2) { /* in a frame: a head before it, a checksum behind it */
        struct tt_forms_demand inside = {.margin = MARGIN_INSIDE, .anywhere = true};
        TT_TRY(tt_forms_find(g->arena, &g->forms, inside, &payload));
    }
    if (payload.grade < TT_GRADE_TEXT) {
        return TT_OK;
    }
    tt_price_of_text(payload.bytes, &price);
    int score = g->cost - price - g->parts_price;
    if (score > g->score) {
        g->score = score;
        g->best = payload;
    }
    return TT_OK;
}

static enum tt_status
try_part(struct general *g, size_t from, size_t to, int price)
{
    if (to - from < SYMBOLS_MIN || !take_alphabet(g, from, to)) {
        return TT_OK;
    }
    g->parts_price = price;
    TT_TRY(take_part(g, from, to));
    TT_TRY(try_bits(g));
    TT_TRY(try_groups(g));
    return try_numbers(g);
}

/* How many symbols like the one at an end stand there in a row; 0 when it stands anywhere else too. */
static void
mark_at_ends(const struct general *g, size_t *from, size_t *to, uint32_t mark)
{
    size_t first = *from, last = *to;
    while (first < last && g->symbols[first] == mark) {
        first++;
    }
    while (last > first && g->symbols[last - 1] == mark) {
        last--;
    }
    for (size_t i = first; i < last; i++) {
        if (g->symbols[i] == mark) {
            return;
        }
    }
    *from = first;
    *to = last;
}

static enum tt_status
decode(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    struct general g = {.arena = arena, .symbols = symbols};
    size_t from = 0, to = n;
    if (n < SHIFTED_MIN) {
        return TT_OK;
    }
    TT_TRY(tt_run_bytes_init(&g.text, arena, TT_DECODED_MAX + 4));
    TT_TRY(read_shifted(&g, n));
    TT_TRY(try_part(&g, 0, n, 0));
    mark_at_ends(&g, &from, &to, symbols[0]);
    mark_at_ends(&g, &from, &to, symbols[n - 1]);
    if (from > 0 || to < n) {
        TT_TRY(try_part(&g, from, to, 2 * TT_PRICE_BIT));
    }
    *out = g.best;
    return TT_OK;
}

const struct tt_decoder tt_decoder_general = {"a coding of no known program", "the general form of the others", decode};
