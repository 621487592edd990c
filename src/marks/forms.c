/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readings of places with few forms; see forms.h.
 *
 * Input: the forms in order.  Output: the best reading, in the look's arena.  Work: for each coding a few units are decoded; only
 * what begins like text is decoded whole, TT_DECODED_MAX bytes at most.
 *
 * The score of a text compares two explanations of its places; see forms_price.h.
 */
#include "marks/forms.h"

#include "base/limits.h"
#include "marks/forms_price.h"

#define SAMPLE_UNITS 24 /* of a long text; the rest is read when they are worth it */
#define BEGINNING 5     /* units, if so many are demanded at all, that must be text before a coding is tried in full */
#define LEAST_LUCK 24   /* bits that places must cost a source without a message */
#define LOOSE_END 12    /* bits more are demanded when something else follows the text */
#define ANCHORS_MAX 10  /* places where a message may begin */
#define STREAK_UNITS 5  /* units of text in a row that make a message in the middle worth reading */
#define TERMINATORS 2   /* units that may end a message */
#define PERMUTATIONS 24 /* of four digits */
#define PACKED_MORE 8   /* bytes behind the last whole byte of packed places, so that so many can be loaded anywhere */

bool
tt_forms_init(struct tt_look *look, struct tt_forms *forms, size_t max)
{
    *forms = (struct tt_forms) {.digit = tt_arena_get(look->arena, max ? max : 1), .max = max};
    if (!forms->digit) {
        look->status = TT_E_MEMORY;
    }
    return forms->digit != NULL;
}

/* Most forms are of one or two bytes. */
static inline bool
is_same(struct tt_str a, struct tt_str b)
{
    if (a.len != b.len || (a.len > 0 && (a.ptr[0] != b.ptr[0] || a.ptr[a.len - 1] != b.ptr[b.len - 1]))) {
        return false;
    }
    return a.len <= 2 || memcmp(a.ptr, b.ptr, a.len) == 0;
}

void
tt_forms_add_many(struct tt_forms *forms, struct tt_str form, size_t count)
{
    size_t i = 0, room = forms->max - forms->n;
    while (i < forms->count && !is_same(forms->form[i], form)) {
        i++;
    }
    if (i == TT_FORMS_MAX) {
        forms->many = forms->many || count > 0;
        return;
    }
    count = count < room ? count : room;
    if (count == 0) {
        return;
    }
    if (i == forms->count) {
        forms->form[forms->count++] = form;
    }
    memset(forms->digit + forms->n, (int) i, count);
    forms->tally[i] += count;
    forms->n += count;
}

void
tt_forms_add(struct tt_forms *forms, struct tt_str form)
{
    for (size_t i = 0; i < forms->count; i++) {
        if (is_same(forms->form[i], form) && forms->n < forms->max) {
            forms->digit[forms->n++] = (uint8_t) i;
            forms->tally[i]++;
            return;
        }
    }
    tt_forms_add_many(forms, form, 1); /* a new one, or there is no room */
}

/* ---- codings ---- */

/* One way to make units of 7 or 8 bits from places. */
struct coding {
    uint8_t value[TT_FORMS_MAX]; /* of each form */
    unsigned bits;               /* a place */
    unsigned width;              /* bits of a unit */
    bool low_first;              /* the first bit of a unit is its least significant one */
    bool flipped;                /* of two forms, the first in rank is 1 */
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
    uint8_t *packed; /* the ranks of places with two forms, a bit each, and three bytes more */
    size_t anchors[ANCHORS_MAX];
    size_t anchor_count;
    int margin;
    size_t least;        /* bytes of text */
    unsigned char *text; /* TT_DECODED_MAX bytes of scratch */
    struct reading best;
};

static int
compare(struct tt_str a, struct tt_str b)
{
    int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* Ranks by length where all forms are rows of one byte, such as blanks: their numbers are what a writer counts. */
static size_t
rank_by_length(struct reader *r)
{
    const struct tt_forms *forms = r->forms;
    size_t most = 0;
    for (size_t i = 0; i < forms->count; i++) {
        struct tt_str form = forms->form[i];
        for (size_t k = 0; k < form.len; k++) {
            if (form.ptr[k] != ' ' || form.len >= TT_FORMS_MAX) {
                return 0;
            }
        }
        r->rank[i] = (uint8_t) form.len;
        most = form.len > most ? form.len : most;
    }
    return most + 1;
}

/* Gives each form its place in the order of all; returns how many places there are. */
static size_t
rank_forms(struct reader *r)
{
    const struct tt_forms *forms = r->forms;
    size_t lengths = forms->count > 4 ? rank_by_length(r) : 0;
    if (lengths > 0) {
        return lengths;
    }
    for (size_t i = 0; i < forms->count; i++) {
        r->rank[i] = 0;
        for (size_t k = 0; k < forms->count; k++) {
            r->rank[i] += compare(forms->form[k], forms->form[i]) < 0;
        }
    }
    /* Of more than four forms, those that a message does not use would change the numbers of the others. */
    return forms->count <= 4 || forms->count == 8 || forms->count == 16 ? forms->count : 0;
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
reverse(unsigned byte)
{
    byte = (byte & 0xF0) >> 4 | (byte & 0x0F) << 4;
    byte = (byte & 0xCC) >> 2 | (byte & 0x33) << 2;
    return (byte & 0xAA) >> 1 | (byte & 0x55) << 1;
}

/* Most places have two forms, and codings are tried at many of them, so their bits are packed once. */
static enum tt_status
pack(struct tt_arena *arena, struct reader *r)
{
    const struct tt_forms *forms = r->forms;
    r->packed = tt_arena_get(arena, forms->n / 8 + PACKED_MORE);
    if (!r->packed) {
        return TT_E_MEMORY;
    }
    memset(r->packed, 0, forms->n / 8 + PACKED_MORE);
    for (size_t i = 0; i < forms->n; i++) {
        r->packed[i / 8] |= (uint8_t) (r->rank[forms->digit[i]] << (7 - i % 8));
    }
    return TT_OK;
}

/* At least 57 places with two forms from place at on, the first of them in the highest bit. */
static uint64_t
load_bits(const struct reader *r, size_t at)
{
    uint64_t bits;
    memcpy(&bits, r->packed + at / 8, sizeof(bits));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    bits = __builtin_bswap64(bits);
#endif
    return bits << at % 8;
}

/* The unit of 7 or 8 places that the highest of these bits make. */
static unsigned
unit_of_bits(const struct coding *c, uint64_t bits)
{
    unsigned unit = (unsigned) ((c->flipped ? ~bits : bits) >> (64 - c->width));
    return c->low_first ? reverse(unit) >> (8 - c->width) : unit;
}

/* The unit of places with 1, 2 or 4 bits each, so that it holds whole ones, from place at on. */
static unsigned
unit_of_digits(const struct reader *r, const struct coding *c, size_t at)
{
    unsigned value = 0;
    if (c->bits == 2 && c->width == 8) { /* the codings of four forms are the most */
        const uint8_t *digit = r->forms->digit + at;
        unsigned v0 = c->value[digit[0]], v1 = c->value[digit[1]], v2 = c->value[digit[2]], v3 = c->value[digit[3]];
        return c->low_first ? v0 | v1 << 2 | v2 << 4 | v3 << 6 : v0 << 6 | v1 << 4 | v2 << 2 | v3;
    }
    for (unsigned bit = 0; bit < c->width; bit += c->bits, at++) {
        unsigned digit = c->value[r->forms->digit[at]];
        value |= digit << (c->low_first ? bit : c->width - c->bits - bit);
    }
    return value;
}

static unsigned
unit_at(const struct reader *r, const struct reading *reading, size_t index)
{
    const struct coding *c = &reading->coding;
    unsigned value = 0;
    if (c->bits == 1) {
        return unit_of_bits(c, load_bits(r, reading->start + index * c->width));
    }
    if (c->width % c->bits == 0) {
        return unit_of_digits(r, c, reading->start + index * c->width / c->bits);
    }
    for (unsigned i = 0; i < c->width; i++) {
        size_t bit = index * c->width + i;
        unsigned in_place = (unsigned) (bit % c->bits);
        unsigned digit = c->value[r->forms->digit[reading->start + bit / c->bits]];
        unsigned is_set = digit >> (c->low_first ? in_place : c->bits - 1 - in_place) & 1;
        value |= is_set << (c->low_first ? i : c->width - 1 - i);
    }
    return value;
}

/* The beginning of UTF-8 without controls, unit by unit.  *more: units that the character needs to be complete. */
static bool
goes_on_like_text(unsigned unit, unsigned *more)
{
    if (*more > 0) {
        *more -= 1;
        return (unit & 0xC0) == 0x80;
    }
    if (unit < 0x80) {
        return tt_price_is_text(unit);
    }
    *more = unit < 0xE0 ? 1 : unit < 0xF0 ? 2 : 3;
    return unit >= 0xC2 && unit <= 0xF4;
}

/* Decodes at most max units from first on, up to one that is not of a text. */
static size_t
decode(const struct reader *r, const struct reading *reading, size_t first, size_t max)
{
    size_t units = unit_count(r, reading), len = 0;
    unsigned more = 0;
    for (size_t i = first; i < units && len < max; i++) {
        unsigned unit = unit_at(r, reading, i);
        if (!goes_on_like_text(unit, &more)) {
            break; /* what follows is no part of the text */
        }
        r->text[len++] = (unsigned char) unit;
    }
    return len;
}

/* Do the units from first on begin like a text of the demanded length?  Asked for each coding at each place where one may begin. */
static bool
begins(const struct reader *r, const struct reading *reading, size_t first)
{
    const struct coding *c = &reading->coding;
    size_t count = r->least < BEGINNING ? r->least : BEGINNING;
    unsigned more = 0;
    if ((r->forms->n - reading->start) * c->bits < (first + r->least) * c->width) {
        return false;
    }
    if (c->bits == 1) {
        uint64_t bits = load_bits(r, reading->start + first * c->width);
        for (size_t i = 0; i < count; i++, bits <<= c->width) {
            if (!goes_on_like_text(unit_of_bits(c, bits), &more)) {
                return false;
            }
        }
        return true;
    }
    for (size_t i = first; i < first + count; i++) {
        if (!goes_on_like_text(unit_at(r, reading, i), &more)) {
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
        if (at >= units || is_filling(r->forms, place, whole ? period : SIZE_MAX)) {
            return true;
        }
        if (!is_terminator(unit_at(r, reading, at))) {
            return false;
        }
    }
    return false;
}

/* ---- one coding ---- */

/* Bits that all codings together give to noise. */
static int
tries(const struct reader *r, size_t starts)
{
    size_t widths = r->bits == 1 ? 2 : 1;
    return (int) tt_price_log2(mapping_count(r->bits) * 2 * widths * starts) * TT_PRICE_BIT;
}

/* Keeps the reading if it is better than the best so far, and good enough.  price: of the text by itself. */
static void
keep(struct reader *r, struct reading *reading, int price, size_t starts)
{
    const struct coding *c = &reading->coding;
    size_t from = reading->start + reading->header * c->width / c->bits;
    int bonus = reading->header ? ((int) reading->header * 8 - 10) * TT_PRICE_BIT : 0; /* a length that matches is no luck */
    int demand = r->margin + (reading->terminated ? 0 : LOOSE_END * TT_PRICE_BIT);
    int least = (int) reading->len * TT_PRICE_BIT / (c->width == 7 ? 2 : 1); /* not a little luck for very long */
    int owed = price + tries(r, starts) - bonus;
    size_t to = from + reading->len * c->width / c->bits;
    least = demand > least ? demand : least;
    least = r->best.score >= least ? r->best.score + 1 : least;
    reading->score = tt_price_of_places(r->forms, from, to < r->forms->n ? to : r->forms->n, owed + least) - owed;
    if (reading->score >= least) {
        r->best = *reading;
    }
}

/*
 * Is the beginning of a long text worth reading on?  Rows and columns often look like one for long.  price: of SAMPLE_UNITS, as far as
 * they are text.
 */
static bool
goes_on(const struct reader *r, const struct reading *reading, int price)
{
    const struct coding *c = &reading->coding;
    size_t to = reading->start + SAMPLE_UNITS * c->width / c->bits;
    int owed = price + SAMPLE_UNITS * TT_PRICE_BIT / 2;
    return tt_price_of_habits(r->forms, reading->start, to, owed) >= owed;
}

/* Reads text from the first place of the reading on. */
static void
try_text(struct reader *r, struct reading *reading, size_t starts)
{
    int price;
    if (!begins(r, reading, 0)) {
        return;
    }
    size_t len = decode(r, reading, 0, SAMPLE_UNITS);
    reading->header = 0;
    reading->len = tt_price_of_text(tt_str_make(r->text, len), &price);
    if (reading->len < r->least) {
        return;
    }
    if (len == SAMPLE_UNITS) {
        if (!goes_on(r, reading, price)) {
            return;
        }
        len = decode(r, reading, 0, TT_DECODED_MAX);
        reading->len = tt_price_of_text(tt_str_make(r->text, len), &price);
    }
    reading->terminated = ends_well(r, reading);
    keep(r, reading, price, starts);
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
        if (said < r->least || said > rest || said > TT_DECODED_MAX || (i & 2 && value % 8 > 0)) {
            continue;
        }
        size_t len = decode(r, reading, size, said);
        if (len == said && tt_price_of_text(tt_str_make(r->text, len), &price) == said) {
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
        struct coding coding = {.bits = r->bits, .width = 8, .flipped = which};
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

/* Letters, digits and blanks; other text of a message is found when the streak is read. */
static bool
is_word_unit(unsigned unit)
{
    return unit == ' ' || tt_ascii_is_alnum((int) unit);
}

/* A streak that is believed may go on to the left, over the signs of addresses and identifiers. */
static void
extend_best(struct reader *r)
{
    struct reading *best = &r->best;
    while (best->start >= best->coding.width && best->len < TT_DECODED_MAX) {
        struct reading before = {.coding = best->coding, .start = best->start - best->coding.width};
        unsigned unit = unit_at(r, &before, 0);
        if (!is_word_unit(unit) && !(unit > 0 && strchr("-_=:./@,", (int) unit))) {
            break;
        }
        best->start -= best->coding.width;
        best->len++;
    }
}

/* Reads the streak that begins at place start with mapping and order number way. */
static void
try_streak(struct reader *r, unsigned way, size_t start)
{
    struct reading reading = {.coding = {.bits = 1, .width = 8, .low_first = way >> 1, .flipped = way & 1}, .start = start};
    int score = r->best.score;
    map_forms(r, way & 1, reading.coding.value);
    try_text(r, &reading, r->forms->n);
    if (r->best.score > score) {
        extend_best(r);
    }
}

#define IS_WORD(u) ((u) == ' ' || ((u) >= '0' && (u) <= '9') || (((u) | 32) >= 'a' && ((u) | 32) <= 'z'))
#define TURNED4(u) (((u) &1) << 3 | ((u) &2) << 1 | ((u) &4) >> 1 | ((u) &8) >> 3)
#define TURNED(u) (TURNED4((u) &15) << 4 | TURNED4((u) >> 4))
#define WAYS(u) (IS_WORD(u) | IS_WORD(255 - (u)) << 1 | IS_WORD(TURNED(u)) << 2 | IS_WORD(TURNED(255 - (u))) << 3)
#define WAYS_4(u) WAYS(u), WAYS((u) + 1), WAYS((u) + 2), WAYS((u) + 3)
#define WAYS_16(u) WAYS_4(u), WAYS_4((u) + 4), WAYS_4((u) + 8), WAYS_4((u) + 12)
#define WAYS_64(u) WAYS_16(u), WAYS_16((u) + 16), WAYS_16((u) + 32), WAYS_16((u) + 48)

/* Of each byte, a bit for each of four ways in which it is a word unit: as it is, inverted, reversed, both. */
static const uint8_t ways_of[256] = {WAYS_64(0), WAYS_64(64), WAYS_64(128), WAYS_64(192)};

#define CHUNK 1024                     /* places */
#define REACH ((STREAK_UNITS - 1) * 8) /* from the first unit of a streak to its last one */

/* The ways of the units that begin at each place of a chunk, with eight places before it and the reach of a streak behind it. */
struct ways {
    uint8_t before[8];
    uint8_t at[CHUNK + REACH];
};

/* Fills in the chunk that begins at place first, the one before having been filled in last. */
static void
fill_ways(const struct reader *r, size_t first, struct ways *ways)
{
    size_t left = r->forms->n - 7 - first; /* units begin there */
    size_t count = left < sizeof(ways->at) ? left : sizeof(ways->at);
    memcpy(ways->before, ways->at + CHUNK - sizeof(ways->before), sizeof(ways->before));
    for (size_t i = 0; i < count; i++) {
        ways->at[i] = ways_of[load_bits(r, first + i) >> 56];
    }
    memset(ways->at + count, 0, sizeof(ways->at) - count);
}

/* The ways of units that are eight places from each other, so many of them behind p: at eight places at once. */
static inline uint64_t
join_ways(const uint8_t *p)
{
    uint64_t joined = ~(uint64_t) 0, ways;
    for (size_t i = 0; i <= REACH; i += sizeof(ways)) {
        memcpy(&ways, p + i, sizeof(ways));
        joined &= ways;
    }
    return joined;
}

/* Reads streaks wherever they begin, in eight phases and four ways at once. */
static void
try_anywhere(struct reader *r)
{
    struct ways ways = {{0}, {0}};
    uint8_t streaks[8];
    for (size_t first = 0; first + 7 < r->forms->n; first += CHUNK) {
        fill_ways(r, first, &ways);
        for (size_t i = 0; i < CHUNK; i += sizeof(streaks)) {
            uint64_t joined = join_ways(ways.at + i);
            memcpy(streaks, &joined, sizeof(streaks));
            for (size_t k = 0; joined && k < sizeof(streaks); k++) {
                const uint8_t before = i > 0 ? ways.at[i + k - 8] : ways.before[k];
                for (unsigned begun = streaks[k] & ~(unsigned) before; begun; begun &= begun - 1) {
                    try_streak(r, (unsigned) __builtin_ctz(begun), first + i + k);
                }
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
describe(struct tt_arena *arena, const struct reader *r, struct tt_payload *out)
{
    const struct coding *c = &r->best.coding;
    struct tt_buf buf;
    struct tt_str text;
    tt_buf_init(&buf, arena->alloc, TT_KIB);
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
    enum tt_status status = buf.status == TT_E_MEMORY ? TT_E_MEMORY : tt_arena_dup(arena, tt_buf_str(&buf), &text);
    tt_buf_free(&buf);
    out->format = text.ptr;
    return status;
}

/* The best reading as a payload. */
static enum tt_status
finish(struct tt_arena *arena, struct reader *r, struct tt_payload *out)
{
    decode(r, &r->best, r->best.header, r->best.len);
    out->bytes = tt_str_make(r->text, r->best.len);
    out->grade = tt_payload_grade(out->bytes);
    if (out->grade < TT_GRADE_TEXT) {
        out->grade = TT_GRADE_NONE;
        return TT_OK;
    }
    return describe(arena, r, out);
}

/* Is there a stretch of so many places that are not nearly all alike?  Without one there is no text. */
static bool
is_lively(const struct tt_forms *forms, size_t stretch)
{
    size_t count[TT_FORMS_MAX] = {0}, most = 0;
    if (forms->n < stretch) {
        return true;
    }
    for (size_t i = 0; i < forms->n; i++) {
        count[forms->digit[i]]++;
        if (i >= stretch) {
            count[forms->digit[i - stretch]]--;
        }
        if (i + 1 >= stretch && (i % 4 == 0 || i + 1 == stretch)) {
            most = 0;
            for (size_t k = 0; k < forms->count; k++) {
                most = count[k] > most ? count[k] : most;
            }
            if (most * 4 <= stretch * 3) {
                return true;
            }
        }
    }
    return false;
}

enum tt_status
tt_forms_find(struct tt_arena *arena, const struct tt_forms *forms, struct tt_forms_demand demand, struct tt_payload *out)
{
    struct reader r = {.forms = forms, .margin = (int) demand.margin * TT_PRICE_BIT};
    r.least = demand.least > TT_FORMS_UNITS ? demand.least : TT_FORMS_UNITS;
    *out = (struct tt_payload) {0};
    size_t ranks = forms->many || forms->count < 2 ? 0 : rank_forms(&r);
    r.bits = bits_for(ranks);
    if (ranks == 0 || forms->n * r.bits < TT_FORMS_UNITS * 7 || !is_lively(forms, TT_FORMS_UNITS * 8 / r.bits)) {
        return TT_OK;
    }
    r.text = tt_arena_get(arena, TT_DECODED_MAX);
    if (!r.text) {
        return TT_E_MEMORY;
    }
    if (r.bits == 1) {
        TT_TRY(pack(arena, &r));
    }
    set_anchors(&r);
    try_codings(&r);
    if (r.best.score == 0 && demand.anywhere && r.bits == 1) {
        try_anywhere(&r);
    }
    return r.best.score > 0 ? finish(arena, &r, out) : TT_OK;
}

bool
tt_forms_read(struct tt_look *look, struct tt_forms *forms, struct tt_forms_demand demand, struct tt_payload *out)
{
    enum tt_status status = tt_forms_find(look->arena, forms, demand, out);
    if (status != TT_OK) {
        look->status = status;
        return false;
    }
    return out->grade >= TT_GRADE_TEXT;
}
