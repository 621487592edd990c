/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel collect with AVX2: 64 bytes a step.  docs/internals/kernels.md tells the way through it.
 *
 * Input and output as kernel.h says.  Owns nothing; reads p[0..n) only: what does not fill two blocks is copied to a padded
 * buffer.  Vectors only pass over what cannot be a hit; each hit is checked byte by byte, as in the reference.
 */
#include "text/kernel_isa.h"

#ifdef TT_HAVE_AVX2

#include "text/kernel_avx2.h"
#include "text/tables.h"
#include "text/utf8.h"

/* How far ahead memory is asked for: the processor's own prefetching ends at each page of 4096 bytes. */
#define PREFETCH 4096

/* The bytes of a vector that lie in first..last.  Both are constants; the sum moves the range to the smallest signed numbers. */
static inline AVX2 __m256i
in_range(__m256i x, unsigned first, unsigned last)
{
    __m256i moved = _mm256_add_epi8(x, _mm256_set1_epi8((char) (0x80 - first)));
    return _mm256_cmpgt_epi8(_mm256_set1_epi8((char) (0x80 + last - first + 1)), moved);
}

/* The bytes of the block at p that lie in first..last. */
static inline AVX2 uint64_t
find_range(const unsigned char *p, unsigned first, unsigned last)
{
    return join_masks(in_range(load(p), first, last), in_range(load(p + VECTOR), first, last));
}

/* The mask shifted so that each bit tells of the byte k places further on. */
static inline uint64_t
ahead(uint64_t now, uint64_t next, unsigned k)
{
    return now >> k | next << (BLOCK - k);
}

/*
 * Two neighbouring bytes that a channel may look at.  A bit is such a pair when all four tables have it: those of the high and
 * low nibble of the first byte and of the second.  The tables are written inverted (see pair_vector).
 */
enum {
    P_SPACE = 1 << 0, /* a space, a line feed */
    P_TAB = 1 << 1,   /* a tab or carriage return, a line feed */
    P_LOW = 1 << 2,   /* 00..08 0B 0E 0F and all over 7F, whatever follows */
    P_HIGH = 1 << 3,  /* 10..1F, whatever follows */
    P_DEL = 1 << 4,   /* 7F, whatever follows */
    P_DATE = 1 << 7,  /* a separator and a digit: no hit, but half a date; the top bit, which a movemask takes */
    P_SINGLE = P_LOW | P_HIGH | P_DEL,
    P_HITS = P_SPACE | P_TAB | P_SINGLE,
};

#define NOT(bits) ((uint8_t) ~(bits))

static const uint8_t pair_first_high[16] = {
    NOT(P_TAB | P_LOW),
    NOT(P_HIGH),
    NOT(P_SPACE | P_DATE),
    NOT(0),
    NOT(0),
    NOT(0),
    NOT(0),
    NOT(P_DEL),
    NOT(P_LOW),
    NOT(P_LOW),
    NOT(P_LOW),
    NOT(P_LOW),
    NOT(P_LOW),
    NOT(P_LOW),
    NOT(P_LOW),
    NOT(P_LOW),
};

static const uint8_t pair_first_low[16] = {
    NOT(P_HIGH | P_LOW | P_SPACE), /* 20 */
    NOT(P_HIGH | P_LOW),
    NOT(P_HIGH | P_LOW),
    NOT(P_HIGH | P_LOW),
    NOT(P_HIGH | P_LOW),
    NOT(P_HIGH | P_LOW),
    NOT(P_HIGH | P_LOW),
    NOT(P_HIGH | P_LOW),
    NOT(P_HIGH | P_LOW),
    NOT(P_HIGH | P_TAB), /* 09 */
    NOT(P_HIGH),
    NOT(P_HIGH | P_LOW),
    NOT(P_HIGH),
    NOT(P_HIGH | P_TAB | P_DATE),         /* 0D 2D */
    NOT(P_HIGH | P_LOW | P_DATE),         /* 2E */
    NOT(P_HIGH | P_LOW | P_DATE | P_DEL), /* 2F 7F */
};

static const uint8_t pair_second_high[16] = {
    NOT(P_SINGLE | P_SPACE | P_TAB),
    NOT(P_SINGLE),
    NOT(P_SINGLE),
    NOT(P_SINGLE | P_DATE),
    NOT(P_SINGLE),
    NOT(P_SINGLE),
    NOT(P_SINGLE),
    NOT(P_SINGLE),
    NOT(P_SINGLE),
    NOT(P_SINGLE),
    NOT(P_SINGLE),
    NOT(P_SINGLE),
    NOT(P_SINGLE),
    NOT(P_SINGLE),
    NOT(P_SINGLE),
    NOT(P_SINGLE),
};

static const uint8_t pair_second_low[16] = {
    NOT(P_SINGLE | P_DATE),
    NOT(P_SINGLE | P_DATE),
    NOT(P_SINGLE | P_DATE),
    NOT(P_SINGLE | P_DATE),
    NOT(P_SINGLE | P_DATE),
    NOT(P_SINGLE | P_DATE),
    NOT(P_SINGLE | P_DATE),
    NOT(P_SINGLE | P_DATE),
    NOT(P_SINGLE | P_DATE),
    NOT(P_SINGLE | P_DATE),
    NOT(P_SINGLE | P_SPACE | P_TAB), /* 0A */
    NOT(P_SINGLE),
    NOT(P_SINGLE),
    NOT(P_SINGLE),
    NOT(P_SINGLE),
    NOT(P_SINGLE),
};

/* What the search for pairs works with.  Kept in registers: see keep(). */
struct constants {
    __m256i first_high, first_low, second_high, second_low; /* the tables above */
    __m256i nibble;
    __m256i hits; /* P_HITS */
};

static inline AVX2 struct constants
make_constants(void)
{
    return (struct constants) {
        .first_high = keep(load_table(pair_first_high)),
        .first_low = keep(load_table(pair_first_low)),
        .second_high = keep(load_table(pair_second_high)),
        .second_low = keep(load_table(pair_second_low)),
        .nibble = keep(_mm256_set1_epi8(0x0F)),
        .hits = keep(_mm256_set1_epi8((char) P_HITS)),
    };
}

/*
 * Bytes of the vector at p that begin a pair do not have all bits set.  Reads VECTOR + 1 bytes.  A shuffle gives zero for
 * bytes over 7F, which is why the tables are inverted: zero means that every bit fits.
 */
static inline AVX2 __m256i
pair_vector(const struct constants *k, const unsigned char *p)
{
    __m256i a = keep(load(p));
    __m256i b = keep(load(p + 1));
    __m256i a_high = _mm256_and_si256(_mm256_srli_epi16(a, 4), k->nibble);
    __m256i b_high = _mm256_and_si256(_mm256_srli_epi16(b, 4), k->nibble);
    __m256i first = _mm256_or_si256(_mm256_shuffle_epi8(k->first_high, a_high), _mm256_shuffle_epi8(k->first_low, a));
    __m256i second = _mm256_or_si256(_mm256_shuffle_epi8(k->second_high, b_high), _mm256_shuffle_epi8(k->second_low, b));
    return _mm256_or_si256(first, second);
}

/* Where date shapes start in the block at p.  Reads the block behind it, too. */
static AVX2 uint64_t
find_dates(const unsigned char *p)
{
    uint64_t d = find_range(p, '0', '9');
    if (d == 0) {
        return 0;
    }
    uint64_t d_next = find_range(p + BLOCK, '0', '9');
    uint64_t s = find_range(p, '-', '/');
    uint64_t s_next = find_range(p + BLOCK, '-', '/');
    uint64_t begun = d & ahead(s, s_next, 1) & ahead(d, d_next, 2);
    uint64_t short_end = ahead(s, s_next, 3) & ahead(d, d_next, 4);
    uint64_t long_end = ahead(d, d_next, 3) & ahead(s, s_next, 4) & ahead(d, d_next, 5);
    return begun & (short_end | long_end);
}

/*
 * The first block from p to last in which something may stand, or one behind last.  In such a block a pair begins or a date,
 * which has two separators with a digit behind each, 2 or 3 bytes apart.
 */
static inline AVX2 const unsigned char *
skip_plain(const struct constants *k, const unsigned char *p, const unsigned char *last)
{
    const unsigned char *const first = p;
    uint64_t before = 0; /* the halves of dates in the block before p */
    for (; p <= last; p += BLOCK) {
        __m256i low = pair_vector(k, p);
        __m256i high = pair_vector(k, p + VECTOR);
        uint64_t halves = ~join_masks(low, high);
        uint64_t dates = halves & (ahead(before, halves, BLOCK - 2) | ahead(before, halves, BLOCK - 3));
        if (!_mm256_testc_si256(_mm256_and_si256(low, high), k->hits) || dates) {
            /* The date may begin in the block before. */
            return p > first && dates & 0xF ? p - BLOCK : p;
        }
        before = halves;
        /* The address may lie behind the text: a prefetch reads nothing, and as a number it is no pointer out of bounds. */
        _mm_prefetch((const char *) ((uintptr_t) p + PREFETCH), _MM_HINT_T0);
    }
    /* A date that begins in the last block may end behind it. */
    return p > first && find_dates(p - BLOCK) ? p - BLOCK : p;
}

struct collector {
    struct tt_str text;
    size_t pos, to; /* what is still to be searched */
    uint32_t *out;
    size_t count, max;
};

static bool
is_alnum_before(const struct collector *c)
{
    return c->pos > 0 && tt_ascii_is_alnum((unsigned char) c->text.ptr[c->pos - 1]);
}

/* What a filter lets through is not zero.  The bits of numbers above the lowest four are of no account, but for the top one. */
static inline AVX2 __m256i
pass_filter(const uint8_t (*rows)[16], size_t count, const __m256i *numbers)
{
    __m256i passing = _mm256_shuffle_epi8(load_table(rows[0]), numbers[0]);
#pragma GCC unroll 5
    for (size_t i = 1; i < count; i++) {
        passing = _mm256_and_si256(passing, _mm256_shuffle_epi8(load_table(rows[i]), numbers[i]));
    }
    return passing;
}

/* Bits for the bytes of x that are not zero. */
static inline AVX2 uint32_t
find_not_zero(__m256i x)
{
    return ~(uint32_t) _mm256_movemask_epi8(_mm256_cmpeq_epi8(x, _mm256_setzero_si256()));
}

/* The first of the five numbers of tables.h, of the characters that start in a; b is the same text one byte further on. */
static inline AVX2 __m256i
first_number(__m256i a, __m256i b)
{
    __m256i middle = _mm256_and_si256(_mm256_srli_epi16(b, 2), _mm256_set1_epi8(3 << 2));
    return _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi16(a, 4), _mm256_set1_epi8(3)), middle);
}

/*
 * The bytes of the vector at p that may start a character with TT_CHAR_WAKE.  Reads VECTOR + 2 bytes.  What it says of bytes that
 * start no character means nothing.
 */
static inline AVX2 uint32_t
filter_wakers(const unsigned char *p)
{
    __m256i a = load(p);
    __m256i b = load(p + 1);
    __m256i c = load(p + 2);
    /* The fourth number is made of the third byte as the first is of the first. */
    const __m256i numbers[TT_WAKE_FILTER_ROWS] = {first_number(a, b), low_nibbles(a), low_nibbles(b), first_number(c, b),
                                                  low_nibbles(c)};
    __m256i wakers = pass_filter(tt_wake_filter.rows[0], TT_WAKE_FILTER_ROWS, numbers);
#pragma GCC unroll 2
    for (int part = 1; part < TT_WAKE_FILTER_PARTS; part++) {
        wakers = _mm256_or_si256(wakers, pass_filter(tt_wake_filter.rows[part], TT_WAKE_FILTER_ROWS, numbers));
    }
    return find_not_zero(wakers);
}

/* The same for TT_CHAR_TWIN and TT_CHAR_BESIDE.  Reads VECTOR + 1 bytes. */
static inline AVX2 uint32_t
filter_twins(const unsigned char *p)
{
    __m256i a = load(p);
    __m256i b = load(p + 1);
    const __m256i numbers[TT_TWIN_FILTER_ROWS] = {first_number(a, b), low_nibbles(a), low_nibbles(b)};
    return find_not_zero(pass_filter(tt_twin_filter.rows, TT_TWIN_FILTER_ROWS, numbers));
}

/* The sets of tt_lead_sets that each byte of the vector at p is in, if it is a first byte. */
static inline AVX2 __m256i
lead_sets_of(const unsigned char *p)
{
    __m256i x = load(p);
    return _mm256_and_si256(_mm256_shuffle_epi8(load_table(tt_lead_sets.high), high_nibbles(x)),
                            _mm256_shuffle_epi8(load_table(tt_lead_sets.low), low_nibbles(x)));
}

/* The bytes of a block, with these sets, that are in some of which. */
static inline AVX2 uint64_t
leads_in(__m256i low, __m256i high, int which)
{
    const __m256i wanted = _mm256_set1_epi8((char) which);
    return find_not_zero(_mm256_and_si256(low, wanted)) | (uint64_t) find_not_zero(_mm256_and_si256(high, wanted)) << VECTOR;
}

/* The bytes of the block at p that are not ASCII and not the first one of a character. */
static inline AVX2 uint64_t
find_continuations(const unsigned char *p)
{
    const __m256i lead = _mm256_set1_epi8((char) 0xC0); /* as signed numbers, continuation bytes are the smallest ones */
    return join_masks(_mm256_cmpgt_epi8(lead, load(p)), _mm256_cmpgt_epi8(lead, load(p + VECTOR)));
}

/* The bytes of the block at p from '0' to DEL: ASCII letters and digits, and a few signs. */
static inline AVX2 uint64_t
find_alnum(const unsigned char *p)
{
    const __m256i below = _mm256_set1_epi8('0' - 1); /* as signed numbers, bytes over 7F are smaller, too */
    return join_masks(_mm256_cmpgt_epi8(load(p), below), _mm256_cmpgt_epi8(load(p + VECTOR), below));
}

/*
 * Where in the block at p an ASCII letter or digit may stand directly before a character, or directly behind the one of 2, 3
 * or 4 bytes that starts there.  Reads the block behind it, too; after says that one stands before p.
 */
static inline AVX2 uint64_t
find_beside_alnum(const unsigned char *p, bool after)
{
    uint64_t now = find_alnum(p);
    uint64_t next = find_alnum(p + BLOCK);
    if (!now && !after && !(next & 0xF)) {
        return 0;
    }
    uint64_t more = find_continuations(p);
    uint64_t more_next = find_continuations(p + BLOCK);
    uint64_t three = ahead(more, more_next, 2);
    uint64_t four = three & ahead(more, more_next, 3);
    return now << 1 | after | ahead(now, next, 2) | (three & ahead(now, next, 3)) | (four & ahead(now, next, 4));
}

/* The bytes of the block at p that may start a hit of more than one byte.  Most blocks of most languages have no lead of one. */
static inline AVX2 uint64_t
find_wide(const struct collector *c, const unsigned char *p)
{
    __m256i low = lead_sets_of(p);
    __m256i high = lead_sets_of(p + VECTOR);
    uint64_t wakers = leads_in(low, high, TT_LEAD_WAKE);
    uint64_t twins = leads_in(low, high, TT_LEAD_TWIN);
    if (wakers) {
        wakers &= filter_wakers(p) | (uint64_t) filter_wakers(p + VECTOR) << VECTOR;
    }
    if (twins) {
        twins &= find_beside_alnum(p, is_alnum_before(c)); /* most text of other scripts than Latin has none near */
    }
    if (twins) {
        twins &= filter_twins(p) | (uint64_t) filter_twins(p + VECTOR) << VECTOR;
    }
    return wakers | twins;
}

static bool
is_waking(struct tt_str text, size_t pos)
{
    if (((unsigned char) text.ptr[pos] & 0xC0) == 0x80) {
        return false; /* the filters say nothing of bytes that start no character */
    }
    struct tt_rune rune = tt_utf8_next(text, pos);
    if (rune.len == 0) {
        return false;
    }
    uint32_t flags = tt_char(rune.cp)->flags;
    if (flags & TT_CHAR_WAKE || !(flags & (TT_CHAR_TWIN | TT_CHAR_BESIDE))) {
        return (flags & TT_CHAR_WAKE) != 0;
    }
    size_t end = pos + rune.len;
    return (pos > 0 && tt_ascii_is_alnum((unsigned char) text.ptr[pos - 1])) ||
           (end < text.len && tt_ascii_is_alnum((unsigned char) text.ptr[end]));
}

/* Where the hit that was found at is reported: at itself, at the line feed of a pair, or at c->to when it is none. */
static size_t
place_of_hit(const struct collector *c, size_t at)
{
    const struct tt_str text = c->text;
    unsigned char byte = (unsigned char) text.ptr[at];
    if (byte >= 0x80) {
        return is_waking(text, at) ? at : c->to;
    }
    bool pair = byte == ' ' || byte == '\t' || byte == '\r';
    return pair ? at + 1 : at; /* else a control or a date */
}

/* Takes over what was found in the block at c->pos.  False when out is full; c->pos is then where to go on. */
static bool
add_hits(struct collector *c, uint64_t hits)
{
    if (c->to - c->pos < BLOCK) {
        hits &= ((uint64_t) 1 << (c->to - c->pos)) - 1;
    }
    for (; hits; hits &= hits - 1) {
        size_t at = place_of_hit(c, c->pos + (size_t) __builtin_ctzll(hits));
        if (at >= c->to) {
            continue;
        }
        c->out[c->count++] = (uint32_t) at;
        if (c->count == c->max) {
            c->pos = at + 1;
            return false;
        }
    }
    return true;
}

/* What may be a hit in the block at p; *is_ascii: all of the block is ASCII. */
static inline AVX2 uint64_t
find_hits(const struct collector *c, const struct constants *k, const unsigned char *p, bool *is_ascii)
{
    const __m256i date = _mm256_set1_epi8((char) P_DATE);
    const __m256i none = _mm256_set1_epi8(-1);
    __m256i low = pair_vector(k, p);
    __m256i high = pair_vector(k, p + VECTOR);
    uint64_t hits =
        ~join_masks(_mm256_cmpeq_epi8(_mm256_or_si256(low, date), none), _mm256_cmpeq_epi8(_mm256_or_si256(high, date), none));
    /* A date has two halves 2 or 3 bytes apart; the second may stand behind the block, as both may when it begins at the last byte. */
    uint64_t halves = ~join_masks(low, high);
    bool cut = halves >> (BLOCK - 3) || (p[BLOCK] >= '-' && p[BLOCK] <= '/');
    if (cut || halves & (halves >> 2 | halves >> 3)) {
        hits |= find_dates(p);
    }
    uint64_t not_ascii = join_masks(load(p), load(p + VECTOR));
    *is_ascii = not_ascii == 0;
    if (not_ascii) {
        hits = (hits & ~not_ascii) | find_wide(c, p);
    }
    return hits;
}

/*
 * Searches the blocks from c->pos on.  p is where c->pos stands in memory, size what may be read there: a block is
 * searched only when the one behind it can be read too.  False when out is full.
 */
static AVX2 bool
collect_blocks(struct collector *c, const unsigned char *p, size_t size)
{
    if (size < 2 * BLOCK) {
        return true;
    }
    const size_t readable = size - 2 * BLOCK;
    const size_t wanted = c->to - c->pos - 1;
    const unsigned char *last = p + (readable < wanted ? readable : wanted);
    const unsigned char *at = p;
    const size_t start = c->pos;
    const struct constants k = make_constants();
    bool skip = true; /* not behind a block with other characters than ASCII, which seldom comes alone */
    while (at <= last && (!skip || (at = skip_plain(&k, at, last)) <= last)) {
        c->pos = start + (size_t) (at - p);
        if (!add_hits(c, find_hits(c, &k, at, &skip))) {
            return false;
        }
        at += BLOCK;
    }
    c->pos = start + (size_t) (at - p); /* may pass c->to; the caller mends that */
    return true;
}

/* A line feed at c->pos is the second byte of its pair, which is found at the first one: no block has that. */
static bool
starts_behind_blank(const struct collector *c)
{
    if (c->pos == 0 || c->text.ptr[c->pos] != '\n') {
        return false;
    }
    char before = c->text.ptr[c->pos - 1];
    return before == ' ' || before == '\t' || before == '\r';
}

TT_KERNEL_COLLECT(tt_collect_avx2)
{
    to = to < n ? to : n;
    if (from >= to || max == 0) {
        *next = from < to ? from : to;
        return 0;
    }
    struct collector c = {.text = tt_str_make(p, n), .pos = from, .to = to, .out = out, .max = max};
    if (starts_behind_blank(&c)) {
        c.out[c.count++] = (uint32_t) from;
        c.pos++;
    }
    if (c.count < max && c.pos < to && collect_blocks(&c, p + c.pos, n - c.pos) && c.pos < to) {
        /* Less than two blocks are left.  Blanks behind them start nothing and end nothing. */
        unsigned char tail[3 * BLOCK];
        memset(tail, ' ', sizeof(tail));
        memcpy(tail, p + c.pos, n - c.pos);
        collect_blocks(&c, tail, sizeof(tail));
    }
    *next = c.pos < to ? c.pos : to;
    return c.count;
}

#endif
