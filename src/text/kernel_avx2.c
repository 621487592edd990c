/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernels with AVX2: 32 or 64 bytes a step.
 *
 * Input and output as kernel.h says.  Owns nothing; reads p[0..n) only: whatever does not fill a step is copied to a
 * padded buffer or left to the reference.  Only functions marked AVX2 use the instructions, so the file needs no compiler
 * flag.
 *
 * UTF-8 is validated as in Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte" (2021): three
 * look-ups by nibble name every error that two neighbouring bytes can show, and one comparison finds the missing or
 * surplus third and fourth bytes.
 */
#include "text/kernel_isa.h"

#ifdef TT_HAVE_AVX2

#include "text/tables.h"
#include "text/utf8.h"

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

#define VECTOR 32 /* bytes of a vector */
#define BLOCK 64  /* bytes of most steps: two vectors, the bits of a mask */

/* How far ahead memory is asked for: the processor's own prefetching ends at each page of 4096 bytes. */
#define PREFETCH 4096

static inline AVX2 __m256i
load(const unsigned char *p)
{
    return _mm256_loadu_si256((const __m256i *) (const void *) p);
}

/* The same 16 entries for both halves of a vector. */
static inline AVX2 __m256i
load_table(const uint8_t table[16])
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *) (const void *) table));
}

static inline AVX2 __m256i
low_nibbles(__m256i x)
{
    return _mm256_and_si256(x, _mm256_set1_epi8(0x0F));
}

static inline AVX2 __m256i
high_nibbles(__m256i x)
{
    return _mm256_and_si256(_mm256_srli_epi16(x, 4), _mm256_set1_epi8(0x0F));
}

/* A bit a byte, from comparisons of two vectors. */
static inline AVX2 uint64_t
join_masks(__m256i low, __m256i high)
{
    return (uint32_t) _mm256_movemask_epi8(low) | (uint64_t) (uint32_t) _mm256_movemask_epi8(high) << VECTOR;
}

/* ---- collect ---- */

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
 * low nibble of the first byte and of the second.  The tables are written inverted (see pair_vector).  Not every pair is a
 * hit: bits are few, so that two of them also take what is rare, and '%' wants a third byte.
 */
enum {
    P_SPACE_Z = 1 << 0, /* a space, a line feed; "&z" "&Z"; in vain: a space before z, & before a line feed */
    P_TAB = 1 << 1,     /* a tab or carriage return, a line feed */
    P_HASH_8 = 1 << 2,  /* "&#"; "%8" "%9"; in vain: both before # ( ) 3 8 9 */
    P_LETTER = 1 << 3,  /* "%a" ... "%f" "%A" ... "%F" */
    P_LOW = 1 << 4,     /* 00..08 0B 0E 0F and all over 7F, whatever follows */
    P_HIGH = 1 << 5,    /* 10..1F, whatever follows */
    P_DEL = 1 << 6,     /* 7F, whatever follows */
    P_DATE = 1 << 7,    /* a separator and a digit: no hit, but half a date; the top bit, which a movemask takes */
    P_SINGLE = P_LOW | P_HIGH | P_DEL,
    P_HITS = 0xFF & ~P_DATE,
};

#define NOT(bits) ((uint8_t) ~(bits))

static const uint8_t pair_first_high[16] = {
    NOT(P_TAB | P_LOW),
    NOT(P_HIGH),
    NOT(P_SPACE_Z | P_HASH_8 | P_LETTER | P_DATE),
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
    NOT(P_HIGH | P_LOW | P_SPACE_Z), /* 20 */
    NOT(P_HIGH | P_LOW),
    NOT(P_HIGH | P_LOW),
    NOT(P_HIGH | P_LOW),
    NOT(P_HIGH | P_LOW),
    NOT(P_HIGH | P_LOW | P_HASH_8 | P_LETTER),  /* 25 */
    NOT(P_HIGH | P_LOW | P_SPACE_Z | P_HASH_8), /* 26 */
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
    NOT(P_SINGLE | P_SPACE_Z | P_TAB),
    NOT(P_SINGLE),
    NOT(P_SINGLE | P_HASH_8),
    NOT(P_SINGLE | P_HASH_8 | P_DATE),
    NOT(P_SINGLE | P_LETTER),
    NOT(P_SINGLE | P_SPACE_Z),
    NOT(P_SINGLE | P_LETTER),
    NOT(P_SINGLE | P_SPACE_Z),
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
    NOT(P_SINGLE | P_LETTER | P_DATE),
    NOT(P_SINGLE | P_LETTER | P_DATE),
    NOT(P_SINGLE | P_LETTER | P_HASH_8 | P_DATE), /* 23 */
    NOT(P_SINGLE | P_LETTER | P_DATE),
    NOT(P_SINGLE | P_LETTER | P_DATE),
    NOT(P_SINGLE | P_LETTER | P_DATE),
    NOT(P_SINGLE | P_DATE),
    NOT(P_SINGLE | P_HASH_8 | P_DATE),
    NOT(P_SINGLE | P_HASH_8 | P_DATE),
    NOT(P_SINGLE | P_SPACE_Z | P_TAB), /* 0A 5A 7A */
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

/* x, hidden from the compiler, which would otherwise make constants anew at each use: that takes longer than the use itself. */
static inline AVX2 __m256i
keep(__m256i x)
{
    __asm__("" : "+x"(x));
    return x;
}

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

/* What begins in a block: bytes that may start characters of which some channel wants to know. */
struct wide {
    uint64_t wakers; /* TT_CHAR_WAKE: a superset */
    uint64_t twins;  /* TT_CHAR_TWIN: a superset */
};

static inline AVX2 __m256i
look_up(const uint8_t table[16], __m256i nibbles)
{
    return _mm256_shuffle_epi8(load_table(table), nibbles);
}

/* The bytes of a vector that the first rows of a filter let through are not zero. */
static inline AVX2 __m256i
pass_filter(const uint8_t (*rows)[16], size_t count, const __m256i *nibbles)
{
    __m256i passing = look_up(rows[0], nibbles[0]);
#pragma GCC unroll 6
    for (size_t i = 1; i < count; i++) {
        passing = _mm256_and_si256(passing, look_up(rows[i], nibbles[i]));
    }
    return passing;
}

/* Bits for the bytes of x that are not zero. */
static inline AVX2 uint64_t
find_not_zero(__m256i x)
{
    return (uint32_t) ~_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, _mm256_setzero_si256()));
}

/* The bits of struct wide for the vector at p.  Reads VECTOR + 2 bytes.  Inlined twice, it would want too many registers. */
static __attribute__((noinline)) AVX2 struct wide
find_wide_in_vector(const unsigned char *p)
{
    __m256i nibbles[6];
#pragma GCC unroll 3
    for (int i = 0; i < 3; i++) {
        __m256i x = load(p + i);
        nibbles[2 * i] = high_nibbles(x);
        nibbles[2 * i + 1] = low_nibbles(x);
    }
    __m256i wakers = _mm256_setzero_si256();
#pragma GCC unroll 3
    for (int part = 0; part < TT_WAKE_FILTER_PARTS; part++) {
        wakers = _mm256_or_si256(wakers, pass_filter(tt_wake_filter.nibble[part], 6, nibbles));
    }
    return (struct wide) {find_not_zero(wakers), find_not_zero(pass_filter(tt_twin_filter.nibble, 4, nibbles))};
}

static inline AVX2 struct wide
find_wide(const unsigned char *p)
{
    struct wide low = find_wide_in_vector(p);
    struct wide high = find_wide_in_vector(p + VECTOR);
    return (struct wide) {low.wakers | high.wakers << VECTOR, low.twins | high.twins << VECTOR};
}

/*
 * Where in the block at p an ASCII letter or digit stands directly before a character, or directly behind one that starts
 * there and has 2, 3 or 4 bytes: a superset, as anything from '0' to DEL counts.  Reads the block behind it, too; after says
 * that one stands before p.
 */
static inline AVX2 uint64_t
find_beside_alnum(const unsigned char *p, bool after)
{
    const __m256i below = _mm256_set1_epi8('0' - 1);     /* as signed numbers, bytes over 7F are smaller, */
    const __m256i above = _mm256_set1_epi8((char) 0xC0); /* and continuation bytes the smallest */
    __m256i low = load(p);
    __m256i high = load(p + VECTOR);
    __m256i behind = load(p + BLOCK);
    uint64_t now = join_masks(_mm256_cmpgt_epi8(low, below), _mm256_cmpgt_epi8(high, below));
    uint64_t next = (uint32_t) _mm256_movemask_epi8(_mm256_cmpgt_epi8(behind, below));
    uint64_t more = join_masks(_mm256_cmpgt_epi8(above, low), _mm256_cmpgt_epi8(above, high));
    uint64_t more_next = (uint32_t) _mm256_movemask_epi8(_mm256_cmpgt_epi8(above, behind));
    uint64_t three = ahead(more, more_next, 2); /* the third byte of the character that starts here is one of it, too */
    uint64_t four = three & ahead(more, more_next, 3);
    return now << 1 | after | ahead(now, next, 2) | (three & ahead(now, next, 3)) | (four & ahead(now, next, 4));
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

static bool
is_waking(struct tt_str text, size_t pos)
{
    struct tt_rune rune = tt_utf8_next(text, pos);
    if (rune.len == 0) {
        return false;
    }
    uint32_t flags = tt_char(rune.cp)->flags;
    if (flags & TT_CHAR_WAKE || !(flags & TT_CHAR_TWIN)) {
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
    unsigned char second = at + 1 < text.len ? (unsigned char) text.ptr[at + 1] : 0;
    unsigned char third = at + 2 < text.len ? (unsigned char) text.ptr[at + 2] : 0;
    bool hit = true;
    switch (byte) {
    case ' ':
    case '\t':
    case '\r':
        at++;
        hit = second == '\n';
        break;
    case '&': hit = second == '#' || second == 'z' || second == 'Z'; break;
    case '%': hit = tt_ascii_hex(second) >= 8 && tt_ascii_hex(third) >= 0; break;
    default: break; /* a control or a date */
    }
    return hit ? at : c->to;
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

/* What may be a hit in the block at p, and in *wide, whether all of it is ASCII. */
static inline AVX2 uint64_t
find_hits(const struct collector *c, const struct constants *k, const unsigned char *p, bool *is_ascii)
{
    const __m256i date = _mm256_set1_epi8((char) P_DATE);
    const __m256i none = _mm256_set1_epi8(-1);
    __m256i low = pair_vector(k, p);
    __m256i high = pair_vector(k, p + VECTOR);
    uint64_t hits =
        ~join_masks(_mm256_cmpeq_epi8(_mm256_or_si256(low, date), none), _mm256_cmpeq_epi8(_mm256_or_si256(high, date), none));
    /* Most text has no halves of dates; a first half just behind the block may belong to the block's last byte. */
    if (~join_masks(low, high) || (p[BLOCK] >= '-' && p[BLOCK] <= '/')) {
        hits |= find_dates(p);
    }
    uint64_t not_ascii = join_masks(load(p), load(p + VECTOR));
    *is_ascii = not_ascii == 0;
    if (not_ascii) {
        struct wide wide = find_wide(p);
        hits = (hits & ~not_ascii) | wide.wakers;
        if (wide.twins) {
            hits |= wide.twins & find_beside_alnum(p, is_alnum_before(c));
        }
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

/* ---- valid_utf8 ---- */

/* What is wrong with two neighbouring bytes; a bit is an error when all three tables have it. */
enum {
    E_SHORT = 1 << 0,                    /* a lead, then no continuation */
    E_LONG = 1 << 1,                     /* ASCII, then a continuation */
    E_OVERLONG_3 = 1 << 2,               /* E0 80..9F */
    E_LARGE = 1 << 3,                    /* F4 90..BF, or a lead over F4 with 90..BF */
    E_SURROGATE = 1 << 4,                /* ED A0..BF */
    E_OVERLONG_2 = 1 << 5,               /* C0 or C1 */
    E_EDGE_4 = 1 << 6,                   /* F0 80..8F is overlong; a lead over F4 with 80..8F is too large */
    E_TWO = 1 << 7,                      /* two continuations: right only as third or fourth byte */
    E_ANY_LOW = E_SHORT | E_LONG | E_TWO /* these do not depend on the first byte's low nibble */
};

static const uint8_t by_first_high[16] = {
    E_LONG,
    E_LONG,
    E_LONG,
    E_LONG,
    E_LONG,
    E_LONG,
    E_LONG,
    E_LONG, /* ASCII */
    E_TWO,
    E_TWO,
    E_TWO,
    E_TWO,                                /* continuations */
    E_SHORT | E_OVERLONG_2,               /* C0..CF */
    E_SHORT,                              /* D0..DF */
    E_SHORT | E_OVERLONG_3 | E_SURROGATE, /* E0..EF */
    E_SHORT | E_LARGE | E_EDGE_4,         /* F0..FF */
};

static const uint8_t by_first_low[16] = {
    E_ANY_LOW | E_OVERLONG_2 | E_OVERLONG_3 | E_EDGE_4, /* C0 E0 F0 */
    E_ANY_LOW | E_OVERLONG_2,                           /* C1 */
    E_ANY_LOW,
    E_ANY_LOW,
    E_ANY_LOW | E_LARGE, /* F4 */
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4 | E_SURROGATE, /* ED */
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4,
};

static const uint8_t by_second_high[16] = {
    E_SHORT,
    E_SHORT,
    E_SHORT,
    E_SHORT,
    E_SHORT,
    E_SHORT,
    E_SHORT,
    E_SHORT,                                                 /* ASCII */
    E_LONG | E_OVERLONG_2 | E_TWO | E_OVERLONG_3 | E_EDGE_4, /* 80..8F */
    E_LONG | E_OVERLONG_2 | E_TWO | E_OVERLONG_3 | E_LARGE,  /* 90..9F */
    E_LONG | E_OVERLONG_2 | E_TWO | E_SURROGATE | E_LARGE,   /* A0..AF */
    E_LONG | E_OVERLONG_2 | E_TWO | E_SURROGATE | E_LARGE,   /* B0..BF */
    E_SHORT,
    E_SHORT,
    E_SHORT,
    E_SHORT, /* leads */
};

/* x moved up by k bytes, the last k bytes of before in front. */
#define SHIFT_IN(before, x, k) _mm256_alignr_epi8((x), _mm256_permute2x128_si256((before), (x), 0x21), 16 - (k))

/* Not zero where a byte of x cannot stand behind what precedes it. */
static inline AVX2 __m256i
find_errors(__m256i before, __m256i x)
{
    __m256i prev1 = SHIFT_IN(before, x, 1);
    __m256i pairs = _mm256_and_si256(_mm256_and_si256(_mm256_shuffle_epi8(load_table(by_first_high), high_nibbles(prev1)),
                                                      _mm256_shuffle_epi8(load_table(by_first_low), low_nibbles(prev1))),
                                     _mm256_shuffle_epi8(load_table(by_second_high), high_nibbles(x)));
    /* The top bit stays set where a lead of three stands two places back, or a lead of four three places back. */
    __m256i third = _mm256_subs_epu8(SHIFT_IN(before, x, 2), _mm256_set1_epi8((char) (0xE0 - 0x80)));
    __m256i fourth = _mm256_subs_epu8(SHIFT_IN(before, x, 3), _mm256_set1_epi8((char) (0xF0 - 0x80)));
    __m256i expected = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char) E_TWO));
    return _mm256_xor_si256(expected, pairs);
}

/* Whole vectors from the start that show no error; the last character of them may be cut. */
static AVX2 size_t
skip_valid(const unsigned char *p, size_t n)
{
    __m256i before = _mm256_setzero_si256();
    size_t pos = 0;
    for (; n - pos >= BLOCK; pos += BLOCK) {
        __m256i a = load(p + pos);
        __m256i b = load(p + pos + VECTOR);
        /* All ASCII needs no look-up unless a character was left open. */
        if (_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(a, b), before)) != 0) {
            __m256i errors = _mm256_or_si256(find_errors(before, a), find_errors(a, b));
            if (!_mm256_testz_si256(errors, errors)) {
                break;
            }
        }
        before = b;
    }
    return pos;
}

TT_KERNEL_VALID_UTF8(tt_valid_utf8_avx2)
{
    if (n < BLOCK) {
        return tt_valid_utf8_c(p, n);
    }
    size_t end = skip_valid(p, n);
    /* Back to the start of the last character, which may be cut there.  What precedes end is valid, so it is near. */
    size_t pos = end;
    while (pos > 0 && end - pos < 4 && p[pos - 1] >= 0x80) {
        pos--;
        if (p[pos] >= 0xC0) {
            break;
        }
    }
    return pos + tt_valid_utf8_c(p + pos, n - pos);
}

/* ---- counting ---- */

/* Sum of the 32 bytes of x. */
static inline AVX2 size_t
sum_bytes(__m256i x)
{
    __m256i sums = _mm256_sad_epu8(x, _mm256_setzero_si256());
    uint64_t parts[4];
    _mm256_storeu_si256((__m256i *) (void *) parts, sums);
    return (size_t) (parts[0] + parts[1] + parts[2] + parts[3]);
}

/* A byte counts to 255, so the counters are emptied after so many steps. */
#define STEPS_MAX 255

AVX2
TT_KERNEL_COUNT_LINES(tt_count_lines_avx2)
{
    if (n < BLOCK) {
        return tt_count_lines_c(p, n);
    }
    const __m256i newline = _mm256_set1_epi8('\n');
    size_t lines = 0;
    size_t pos = 0;
    while (n - pos >= BLOCK) {
        __m256i even = _mm256_setzero_si256();
        __m256i odd = _mm256_setzero_si256();
        for (int step = 0; step < STEPS_MAX && n - pos >= BLOCK; step++, pos += BLOCK) {
            even = _mm256_sub_epi8(even, _mm256_cmpeq_epi8(load(p + pos), newline));
            odd = _mm256_sub_epi8(odd, _mm256_cmpeq_epi8(load(p + pos + VECTOR), newline));
        }
        lines += sum_bytes(even) + sum_bytes(odd);
    }
    return lines + tt_count_lines_c(p + pos, n - pos);
}

AVX2
TT_KERNEL_COUNT_POINTS(tt_count_points_avx2)
{
    if (n < BLOCK) {
        return tt_count_points_c(p, n);
    }
    /* As signed numbers, continuation bytes are the smallest ones. */
    const __m256i last = _mm256_set1_epi8((char) 0xBF);
    size_t points = 0;
    size_t pos = 0;
    while (n - pos >= BLOCK) {
        __m256i even = _mm256_setzero_si256();
        __m256i odd = _mm256_setzero_si256();
        for (int step = 0; step < STEPS_MAX && n - pos >= BLOCK; step++, pos += BLOCK) {
            even = _mm256_sub_epi8(even, _mm256_cmpgt_epi8(load(p + pos), last));
            odd = _mm256_sub_epi8(odd, _mm256_cmpgt_epi8(load(p + pos + VECTOR), last));
        }
        points += sum_bytes(even) + sum_bytes(odd);
    }
    return points + tt_count_points_c(p + pos, n - pos);
}

/* ---- json_plain ---- */

AVX2
TT_KERNEL_JSON_PLAIN(tt_json_plain_avx2)
{
    if (n < VECTOR) {
        return tt_json_plain_c(p, n);
    }
    const __m256i space = _mm256_set1_epi8(' ');
    const __m256i quote = _mm256_set1_epi8('"');
    const __m256i backslash = _mm256_set1_epi8('\\');
    size_t pos = 0;
    for (; n - pos >= VECTOR; pos += VECTOR) {
        __m256i x = load(p + pos);
        /* As signed numbers, control characters and bytes over 7F are those below the space. */
        __m256i ends = _mm256_or_si256(_mm256_cmpgt_epi8(space, x),
                                       _mm256_or_si256(_mm256_cmpeq_epi8(x, quote), _mm256_cmpeq_epi8(x, backslash)));
        uint32_t mask = (uint32_t) _mm256_movemask_epi8(ends);
        if (mask) {
            return pos + (size_t) __builtin_ctz(mask);
        }
    }
    return pos + tt_json_plain_c(p + pos, n - pos);
}

#endif
