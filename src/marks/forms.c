/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readings of places with few forms; see forms.h.
 *
 * Input: the forms in order.  Output: the best reading, in the look's arena.  Work: for each coding a few units are decoded; only
 * what begins like text is decoded whole, TT_DECODED_MAX bytes at most.
 *
 * The score of a text compares two explanations of its places: that a simple model of writing made them, or that a source
 * without a message did, be it chance, a habit that shows in the places themselves, or a pattern that repeats.  So neither sparse
 * forms nor rows and columns pass for text, although their bytes may all be printable.
 */
#include "marks/forms.h"

#include "base/limits.h"
#include "marks/run.h"

#define BIT 16                /* scores count sixteenths of a bit */
#define SAMPLE_UNITS 24       /* of a long text; the rest is read when they are worth it */
#define BEGINNING 3           /* units that must be text before a coding is tried in full */
#define LEAST_LUCK 24         /* bits that places must cost a source without a message */
#define LEAST_UNITS 4         /* no shorter text is believed */
#define LOOSE_END 12          /* bits more are demanded when something else follows the text */
#define ANCHORS_MAX 10        /* places where a message may begin */
#define STREAK_UNITS 5        /* units of text in a row that make a message in the middle worth reading */
#define TERMINATORS 2         /* units that may end a message */
#define PERMUTATIONS 24       /* of four digits */
#define HABIT_PRICE (2 * BIT) /* of saying that a source has habits, and of which kind */
#define PERIOD_MAX 40         /* places */
#define PERIOD_PRICE (6 * BIT)

bool
tt_forms_init(struct tt_look *look, struct tt_forms *forms, size_t max)
{
    *forms = (struct tt_forms) {.digit = tt_arena_get(look->arena, max ? max : 1), .max = max};
    if (!forms->digit) {
        look->status = TT_E_MEMORY;
    }
    return forms->digit != NULL;
}

void
tt_forms_add(struct tt_forms *forms, struct tt_str form)
{
    size_t i = 0;
    while (i < forms->count && !tt_str_eq(forms->form[i], form)) {
        i++;
    }
    if (i == TT_FORMS_MAX) {
        forms->many = true;
        return;
    }
    if (forms->n == forms->max) {
        return;
    }
    if (i == forms->count) {
        forms->form[forms->count++] = form;
    }
    forms->tally[i]++;
    forms->digit[forms->n++] = (uint8_t) i;
}

/* ---- codings ---- */

/* One way to make units of 7 or 8 bits from places. */
struct coding {
    uint8_t value[TT_FORMS_MAX]; /* of each form */
    unsigned bits;               /* a place */
    unsigned width;              /* bits of a unit */
    bool low_first;              /* the first bit of a unit is its least significant one */
};

struct reading {
    struct coding coding;
    size_t start;  /* first place */
    size_t header; /* units before the text that give its length */
    size_t len;    /* bytes of text */
    int score;
    bool terminated; /* nothing but filling follows */
};

struct reader {
    const struct tt_forms *forms;
    uint8_t rank[TT_FORMS_MAX]; /* of each form, in the order of their bytes */
    unsigned bits;
    size_t anchors[ANCHORS_MAX];
    size_t anchor_count;
    int margin;
    unsigned char *text; /* TT_DECODED_MAX bytes of scratch */
    struct reading best;
};

static int
compare(struct tt_str a, struct tt_str b)
{
    int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static void
rank_forms(struct reader *r)
{
    const struct tt_forms *forms = r->forms;
    for (size_t i = 0; i < forms->count; i++) {
        r->rank[i] = 0;
        for (size_t k = 0; k < forms->count; k++) {
            r->rank[i] += compare(forms->form[k], forms->form[i]) < 0;
        }
    }
}

static unsigned
bits_for(size_t count)
{
    unsigned bits = 1;
    while (count > (size_t) 1 << bits) {
        bits++;
    }
    return bits;
}

/* How many ways there are to give digits to forms, as far as they are tried: all up to four digits, else two orders. */
static unsigned
mapping_count(unsigned bits)
{
    return bits == 2 ? PERMUTATIONS : 2;
}

/* Gives the forms the digits of mapping number which. */
static void
map_forms(const struct reader *r, unsigned which, uint8_t value[TT_FORMS_MAX])
{
    uint8_t digits[TT_FORMS_MAX];
    unsigned base = 1U << r->bits;
    for (unsigned i = 0; i < base; i++) {
        digits[i] = (uint8_t) (which && r->bits != 2 ? base - 1 - i : i);
    }
    for (unsigned i = 0, left = which; r->bits == 2 && i < 3; i++) {
        unsigned choice = i + left % (4 - i); /* the number in the factorial system */
        uint8_t chosen = digits[choice];
        left /= 4 - i;
        digits[choice] = digits[i];
        digits[i] = chosen;
    }
    for (size_t i = 0; i < r->forms->count; i++) {
        value[i] = digits[r->rank[i]];
    }
}

static size_t
unit_count(const struct reader *r, const struct reading *reading)
{
    return (r->forms->n - reading->start) * reading->coding.bits / reading->coding.width;
}

static unsigned
unit_at(const struct reader *r, const struct reading *reading, size_t index)
{
    const struct coding *c = &reading->coding;
    unsigned value = 0;
    for (unsigned i = 0; i < c->width; i++) {
        size_t bit = index * c->width + i;
        unsigned in_place = (unsigned) (bit % c->bits);
        unsigned digit = c->value[r->forms->digit[reading->start + bit / c->bits]];
        unsigned is_set = digit >> (c->low_first ? in_place : c->bits - 1 - in_place) & 1;
        value |= is_set << (c->low_first ? i : c->width - 1 - i);
    }
    return value;
}

/* ---- the source without a message ---- */

#define FINE 256 /* logarithms here count so many parts of a bit */

static int
log2_fine(size_t n)
{
    int whole = 0;
    while (n >> whole > 1) {
        whole++;
    }
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
    return n ? cost + (int64_t) n * log2_fine(n) + (int64_t) (options - 1) * log2_fine(n) / 2 : 0;
}

/* What the places from..to cost a source in which a form depends on the last order ones. */
static int
cost_in_context(const struct tt_forms *forms, size_t from, size_t to, unsigned order)
{
    uint32_t count[TT_FORMS_MAX * TT_FORMS_MAX][TT_FORMS_MAX];
    size_t k = forms->count, contexts = order == 0 ? 1 : order == 1 ? k : k * k, context = 0;
    int64_t cost = 0;
    memset(count, 0, contexts * sizeof(count[0]));
    for (size_t i = from; i < to; i++) {
        count[context][forms->digit[i]]++;
        context = (context * k + forms->digit[i]) % contexts;
    }
    for (size_t c = 0; c < contexts; c++) {
        cost += cost_of_shares(count[c], k);
    }
    return (int) (cost / (FINE / BIT));
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
    return (int) ((cost + cost_of_shares(count, 2)) / (FINE / BIT));
}

/* What mere chance pays for places from..to. */
static int
cost_of_chance(const struct tt_forms *forms, size_t from, size_t to)
{
    return (int) ((int64_t) (to - from) * log2_fine(forms->count) / (FINE / BIT));
}

/* What the cheapest source pays: chance, habits, or rows and columns.  Stops where it is under enough. */
static int
luck_of(const struct tt_forms *forms, size_t from, size_t to, int enough)
{
    int least = cost_of_chance(forms, from, to);
    for (unsigned order = 0; order <= 2 && least >= enough; order++) {
        int cost = cost_in_context(forms, from, to, order) + HABIT_PRICE;
        least = cost < least ? cost : least;
    }
    for (size_t period = 3; period <= PERIOD_MAX && least >= enough; period++) {
        int cost = cost_of_repeats(forms, from, to, period) + PERIOD_PRICE;
        least = cost < least ? cost : least;
    }
    return least;
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
static size_t
text_length(struct tt_str bytes, int *price)
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

/* Decodes at most max units from first on, up to one that is not of a text. */
static size_t
decode(const struct reader *r, const struct reading *reading, size_t first, size_t max)
{
    size_t units = unit_count(r, reading), len = 0;
    for (size_t i = first; i < units && len < max; i++) {
        unsigned unit = unit_at(r, reading, i);
        r->text[len++] = (unsigned char) unit;
        if (unit < 0x80 && sign_of(unit) == SIGN_NONE) {
            break; /* what follows is no part of the text */
        }
    }
    return len;
}

/* Do the units from first on begin like text? */
static bool
begins(const struct reader *r, const struct reading *reading, size_t first)
{
    if (unit_count(r, reading) < first + LEAST_UNITS) {
        return false;
    }
    for (size_t i = first; i < first + BEGINNING; i++) {
        unsigned unit = unit_at(r, reading, i);
        bool lead = unit >= 0x80 && reading->coding.width == 8 && (i > first || unit >= 0xC2);
        if (!lead && sign_of(unit) == SIGN_NONE) {
            return false;
        }
    }
    return true;
}

static bool
is_terminator(unsigned unit)
{
    return unit < 0x20 || unit == 0x7F || unit >= 0xFE;
}

/* Are the places from first on all alike, or do they repeat those of one period before? */
static bool
is_filling(const struct tt_forms *forms, size_t first, size_t period)
{
    bool alike = true, repeats = true;
    for (size_t i = first; i < forms->n && (alike || repeats); i++) {
        alike = alike && forms->digit[i] == forms->digit[forms->n - 1];
        repeats = repeats && i >= period && forms->digit[i] == forms->digit[i - period];
    }
    return alike || repeats;
}

/* Does nothing follow the text of reading but terminators and filling? */
static bool
ends_well(const struct reader *r, const struct reading *reading)
{
    const struct coding *c = &reading->coding;
    size_t units = unit_count(r, reading), at = reading->len;
    if (at >= units) {
        return true;
    }
    for (size_t i = 0; i <= TERMINATORS; i++, at++) {
        size_t place = reading->start + (at * c->width + c->bits - 1) / c->bits;
        size_t period = at * c->width / c->bits;
        bool whole = at * c->width % c->bits == 0;
        if (is_filling(r->forms, place, whole ? period : SIZE_MAX)) {
            return true;
        }
        if (at >= units || !is_terminator(unit_at(r, reading, at))) {
            return false;
        }
    }
    return false;
}

/* ---- one coding ---- */

static unsigned
log2_up(size_t n)
{
    unsigned bits = 0;
    while ((size_t) 1 << bits < n) {
        bits++;
    }
    return bits;
}

/* Bits that all codings together give to noise. */
static int
tries(const struct reader *r, size_t starts)
{
    size_t widths = r->bits == 1 ? 2 : 1;
    return (int) log2_up(mapping_count(r->bits) * 2 * widths * starts) * BIT;
}

/* Keeps the reading if it is better than the best so far, and good enough.  price: of the text by itself. */
static void
keep(struct reader *r, struct reading *reading, int price, size_t starts)
{
    const struct coding *c = &reading->coding;
    size_t from = reading->start + reading->header * c->width / c->bits;
    int bonus = reading->header ? (int) (reading->header * 8 - 4) * BIT : 0; /* a length that matches is no luck */
    int demand = r->margin + (reading->terminated ? 0 : LOOSE_END * BIT);
    int least = (int) reading->len * BIT; /* not a little luck for very long */
    int owed = price + tries(r, starts) - bonus;
    size_t to = from + reading->len * c->width / c->bits;
    least = demand > least ? demand : least;
    least = r->best.score >= least ? r->best.score + 1 : least;
    reading->score = luck_of(r->forms, from, to < r->forms->n ? to : r->forms->n, owed + least) - owed;
    if (reading->score >= least) {
        r->best = *reading;
    }
}

/* Is the beginning of a long text worth reading on?  Rows and columns often look like one for long. */
static bool
goes_on(const struct reader *r, const struct reading *reading)
{
    const struct coding *c = &reading->coding;
    int price;
    if (decode(r, reading, 0, SAMPLE_UNITS) < SAMPLE_UNITS) {
        return true; /* it is short */
    }
    text_length(tt_str_make(r->text, SAMPLE_UNITS), &price);
    size_t to = reading->start + SAMPLE_UNITS * c->width / c->bits;
    int owed = price + SAMPLE_UNITS * BIT / 2;
    return luck_of(r->forms, reading->start, to, owed) >= owed;
}

/* Reads text from the first place of the reading on. */
static void
try_text(struct reader *r, struct reading *reading, size_t starts)
{
    int price;
    if (!begins(r, reading, 0) || !goes_on(r, reading)) {
        return;
    }
    size_t len = decode(r, reading, 0, TT_DECODED_MAX);
    reading->header = 0;
    reading->len = text_length(tt_str_make(r->text, len), &price);
    if (reading->len >= LEAST_UNITS) {
        reading->terminated = ends_well(r, reading);
        keep(r, reading, price, starts);
    }
}

/* The number in units 0..size, in either byte order. */
static size_t
length_field(const struct reader *r, const struct reading *reading, size_t size, bool low_first)
{
    size_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value = value << 8 | unit_at(r, reading, low_first ? size - 1 - i : i);
    }
    return value;
}

/* Reads a text behind a length of so many units, which counts bytes or bits in either byte order. */
static void
try_length(struct reader *r, struct reading *reading, size_t size, size_t starts)
{
    int price;
    size_t rest = unit_count(r, reading) - size;
    for (int i = 0; i < 4; i++) {
        size_t value = length_field(r, reading, size, i & 1), said = value / (i & 2 ? 8 : 1);
        if (said < LEAST_UNITS || said > rest || said > TT_DECODED_MAX || (i & 2 && value % 8 > 0)) {
            continue;
        }
        size_t len = decode(r, reading, size, said);
        if (len == said && text_length(tt_str_make(r->text, len), &price) == said) {
            reading->header = size;
            reading->len = said;
            reading->terminated = true;
            keep(r, reading, price, starts);
        }
    }
}

static void
try_header(struct reader *r, struct reading *reading, size_t starts)
{
    for (size_t size = 1; size <= 4; size *= 2) {
        if (begins(r, reading, size)) {
            try_length(r, reading, size, starts);
        }
    }
}

static void
try_coding(struct reader *r, const struct coding *coding)
{
    for (size_t i = 0; i < r->anchor_count; i++) {
        struct reading reading = {.coding = *coding, .start = r->anchors[i]};
        size_t starts = i == 0 ? 1 : r->anchor_count; /* the first place is where one looks first */
        try_text(r, &reading, starts);
        if (coding->width == 8) {
            try_header(r, &reading, starts);
        }
    }
}

static void
try_codings(struct reader *r)
{
    for (unsigned which = 0; which < mapping_count(r->bits); which++) {
        struct coding coding = {.bits = r->bits, .width = 8};
        map_forms(r, which, coding.value);
        for (int order = 0; order < 2; order++) {
            coding.low_first = order;
            coding.width = 8;
            try_coding(r, &coding);
            if (r->bits == 1) {
                coding.width = 7;
                try_coding(r, &coding);
            }
        }
    }
}

/* ---- messages in the middle ---- */

static unsigned
reverse(unsigned byte)
{
    byte = (byte & 0xF0) >> 4 | (byte & 0x0F) << 4;
    byte = (byte & 0xCC) >> 2 | (byte & 0x33) << 2;
    return (byte & 0xAA) >> 1 | (byte & 0x55) << 1;
}

/* Letters, digits and blanks; other text of a message is found when the streak is read. */
static bool
is_word_unit(unsigned unit)
{
    return unit == ' ' || tt_ascii_is_alnum((int) unit);
}

/* Reads the streak that begins at place start with mapping and order number way. */
static void
try_streak(struct reader *r, unsigned way, size_t start)
{
    struct reading reading = {.coding = {.bits = 1, .width = 8, .low_first = way >> 1}, .start = start};
    map_forms(r, way & 1, reading.coding.value);
    try_text(r, &reading, r->forms->n);
}

/* Follows eight phases and four ways at once through all places. */
static void
try_anywhere(struct reader *r)
{
    uint16_t streak[8][4] = {{0}};
    unsigned window = 0;
    for (size_t i = 0; i < r->forms->n; i++) {
        window = (window << 1 | r->rank[r->forms->digit[i]]) & 0xFF;
        if (i < 7) {
            continue;
        }
        unsigned ways[4] = {window, ~window & 0xFF, reverse(window), reverse(~window & 0xFF)};
        for (unsigned way = 0; way < 4; way++) {
            uint16_t *units = &streak[i % 8][way];
            *units = is_word_unit(ways[way]) ? (uint16_t) (*units + 1) : 0;
            if (*units == STREAK_UNITS) {
                try_streak(r, way, i + 1 - STREAK_UNITS * 8);
            }
        }
    }
}

/* ---- all ---- */

/* A message begins at the first place, or so that its first unit holds the first place that differs from the ones before. */
static void
set_anchors(struct reader *r)
{
    const struct tt_forms *forms = r->forms;
    size_t change = 1;
    r->anchors[r->anchor_count++] = 0;
    while (change < forms->n && forms->digit[change] == forms->digit[0]) {
        change++;
    }
    for (size_t back = 0; back < 8 / r->bits && back < change && r->anchor_count < ANCHORS_MAX; back++) {
        if (change - back > 0) {
            r->anchors[r->anchor_count++] = change - back;
        }
    }
}

/* "U+0020 is 0, U+00A0 is 1; 8 bits, most significant first" */
static enum tt_status
describe(struct tt_look *look, const struct reader *r, struct tt_payload *out)
{
    const struct coding *c = &r->best.coding;
    struct tt_buf buf;
    struct tt_str text;
    tt_buf_init(&buf, look->arena->alloc, TT_KIB);
    for (size_t i = 0; i < r->forms->count; i++) {
        struct tt_str form = r->forms->form[i];
        tt_buf_add_cstr(&buf, i ? ", " : "");
        tt_buf_add_cstr(&buf, form.len ? "" : "nothing");
        for (size_t pos = 0; pos < form.len;) {
            struct tt_rune rune = tt_utf8_next(form, pos);
            tt_buf_add_cstr(&buf, pos ? " " : "");
            tt_buf_add_codepoint(&buf, rune.cp);
            pos += rune.len ? rune.len : 1;
        }
        tt_buf_add_cstr(&buf, " is ");
        tt_buf_add_u64(&buf, c->value[i]);
    }
    tt_buf_add_cstr(&buf, c->width == 7 ? "; 7 bits" : "; 8 bits");
    tt_buf_add_cstr(&buf, c->low_first ? ", least significant first" : ", most significant first");
    tt_buf_add_cstr(&buf, r->best.header ? ", behind a length" : "");
    enum tt_status status = buf.status == TT_E_MEMORY ? TT_E_MEMORY : tt_arena_dup(look->arena, tt_buf_str(&buf), &text);
    tt_buf_free(&buf);
    out->format = text.ptr;
    return status;
}

/* The best reading as a payload. */
static void
finish(struct tt_look *look, struct reader *r, struct tt_payload *out)
{
    decode(r, &r->best, r->best.header, r->best.len);
    out->bytes = tt_str_make(r->text, r->best.len);
    out->grade = tt_payload_grade(out->bytes);
    if (out->grade < TT_GRADE_TEXT) {
        out->grade = TT_GRADE_NONE;
        return;
    }
    enum tt_status status = describe(look, r, out);
    if (status != TT_OK) {
        look->status = status;
        out->grade = TT_GRADE_NONE;
    }
}

bool
tt_forms_read(struct tt_look *look, struct tt_forms *forms, struct tt_forms_demand demand, struct tt_payload *out)
{
    *out = (struct tt_payload) {0};
    if (forms->many || forms->count < 2 || forms->n * bits_for(forms->count) < LEAST_UNITS * 7) {
        return false;
    }
    struct reader r = {.forms = forms, .bits = bits_for(forms->count), .margin = (int) demand.margin * BIT};
    r.text = tt_arena_get(look->arena, TT_DECODED_MAX);
    if (!r.text) {
        look->status = TT_E_MEMORY;
        return false;
    }
    if (luck_of(forms, 0, forms->n, LEAST_LUCK * BIT) < LEAST_LUCK * BIT) {
        return false;
    }
    rank_forms(&r);
    set_anchors(&r);
    try_codings(&r);
    if (r.best.score == 0 && demand.anywhere && r.bits == 1) {
        try_anywhere(&r);
    }
    if (r.best.score > 0) {
        finish(look, &r, out);
    }
    return out->grade >= TT_GRADE_TEXT;
}

/* ---- reports ---- */

void
tt_forms_report(struct tt_look *look, const struct tt_forms_evidence *e)
{
    struct tt_finding f;
    tt_look_begin(look, &f, e->level, e->offset, e->length, e->message);
    f.extent_to = e->to > f.extent_to ? e->to : f.extent_to;
    if (e->places > 0) {
        tt_finding_add_number(&f, "symbols", (int64_t) e->places);
    }
    if (e->bits > 0) {
        tt_finding_add_number(&f, "bits", (int64_t) e->bits);
    }
    if (e->payload) {
        tt_finding_add_text(&f, "decoded.format", tt_str_cstr(e->payload->format));
        if (e->payload->grade >= TT_GRADE_TEXT) {
            tt_finding_add_text(&f, "decoded.text", e->payload->bytes);
        }
        if (e->payload->note) {
            tt_finding_add_text(&f, "decoded.note", tt_str_cstr(e->payload->note));
        }
    }
    if (look->status != TT_OK) {
        return;
    }
    if (e->level == TT_CANDIDATE) {
        tt_look_report_low(look, &f);
    } else {
        tt_look_report(look, &f);
    }
}
