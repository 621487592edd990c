/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Idle strings; see idle.h.
 *
 * Input: bytes.  Output: a bit.  What is asked follows from the channels and from text/escape.h: in printable ASCII a mark needs a date (two
 * separators behind digits), an escape (a sign of it), a token (a run of its characters), a header, a document, or more text than this.
 */
#include "gate/idle.h"

#include "base/limits.h"
#include "text/kernel.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define BLOCK 16
#define WORD_RUN 16 /* letters, digits, _ and -: as marks/opaque_token.c looks at */
_Static_assert(TT_TOKEN_RUN_MIN == WORD_RUN + 8, "has_run counts so");

#define WORD 64
#define WORDS (TT_FIELD_LOOK_MIN / WORD)
_Static_assert(WORDS == 2, "a longer string, which channels look at whole, is never idle");

/* A bit for each byte. */
struct masks {
    uint64_t odd;           /* signs of escapes, controls, braces, anything beyond ASCII; of all bytes together */
    uint64_t word[WORDS];   /* of a token's characters */
    uint64_t base64[WORDS]; /* the same, and one more of base64 */
    uint64_t part[WORDS];   /* separators of a date */
    uint64_t digit[WORDS];
};

static inline void
take_byte(struct masks *m, unsigned char c, size_t at)
{
    uint64_t bit = (uint64_t) 1 << at % WORD;
    size_t i = at / WORD;
    bool word = tt_ascii_is_alnum(c) || c == '_' || c == '-';
    m->odd |= c < 0x20 || c >= 0x7F || c == '%' || c == '&' || c == '+' || c == '\\' || c == '{';
    m->word[i] |= word ? bit : 0;
    m->base64[i] |= word || c == '/' ? bit : 0;
    m->part[i] |= c == '-' || c == '.' || c == '/' ? bit : 0;
    m->digit[i] |= tt_ascii_is_digit(c) ? bit : 0;
}

#if defined(__SSE2__)

/* The bytes from first to last, both ASCII. */
static inline __m128i
in_range(__m128i v, char first, char last)
{
    return _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8((char) (first - 1))),
                         _mm_cmplt_epi8(v, _mm_set1_epi8((char) (last + 1))));
}

static inline __m128i
is(__m128i v, char c)
{
    return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}

static inline uint64_t
bits(__m128i v)
{
    return (uint64_t) (unsigned) _mm_movemask_epi8(v);
}

/* Bytes that are odd by themselves; those from 0x80 on are negative. */
static inline __m128i
find_odd(__m128i v)
{
    __m128i odd = _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)), is(v, 0x7F));
    odd = _mm_or_si128(odd, _mm_or_si128(in_range(v, '%', '&'), is(v, '+')));
    return _mm_or_si128(odd, _mm_or_si128(is(v, '\\'), is(v, '{')));
}

/* n of the block's bytes are of the string. */
static inline void
take_block(struct masks *m, const char *p, size_t at, size_t n)
{
    __m128i v = _mm_loadu_si128((const __m128i *) (const void *) (p + at));
    uint64_t within = ((uint64_t) 1 << n) - 1;
    size_t i = at / WORD, shift = at % WORD;
    __m128i digit = in_range(v, '0', '9');
    __m128i letter = in_range(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 'z');
    __m128i word = _mm_or_si128(_mm_or_si128(digit, letter), _mm_or_si128(is(v, '_'), is(v, '-')));
    m->odd |= bits(find_odd(v)) & within;
    m->word[i] |= (bits(word) & within) << shift;
    m->base64[i] |= (bits(_mm_or_si128(word, is(v, '/'))) & within) << shift;
    m->part[i] |= (bits(in_range(v, '-', '/')) & within) << shift;
    m->digit[i] |= (bits(digit) & within) << shift;
}

/* The same question of a string of less than a block, without runs and with any separators. */
static inline bool
is_short_idle(struct tt_str raw)
{
    __m128i v = _mm_loadu_si128((const __m128i *) (const void *) raw.ptr);
    uint64_t within = ((uint64_t) 1 << raw.len) - 1, parts = bits(in_range(v, '-', '/')) & within;
    return (bits(find_odd(v)) & within) == 0 && (parts & (parts - 1)) == 0;
}

#endif

static void
read_masks(struct masks *m, struct tt_str raw, size_t room)
{
    size_t at = 0;
    *m = (struct masks) {0};
#if defined(__SSE2__)
    for (; at < raw.len && at + BLOCK <= room; at += BLOCK) {
        take_block(m, raw.ptr, at, raw.len - at < BLOCK ? raw.len - at : BLOCK);
    }
#else
    (void) room;
#endif
    for (; at < raw.len; at++) {
        take_byte(m, (unsigned char) raw.ptr[at], at);
    }
}

/* Are there 16 bits in a row; or 24? */
static inline bool
has_run(const uint64_t mask[WORDS], bool longer)
{
    unsigned __int128 run = (unsigned __int128) mask[1] << WORD | mask[0];
    run &= run >> 1;
    run &= run >> 2;
    run &= run >> 4;
    run &= run >> 8;
    return (longer ? run & run >> 8 : run) != 0;
}

/* Two separators behind digits. */
static inline bool
has_date(const struct masks *m)
{
    uint64_t first = m->digit[0] & (m->part[0] >> 1 | m->part[1] << (WORD - 1)), second = m->digit[1] & m->part[1] >> 1;
    return (first & (first - 1)) != 0 || (second & (second - 1)) != 0 || (first != 0 && second != 0);
}

static enum tt_gate_idle
judge_long(struct tt_str raw, size_t room)
{
    struct masks m;
    read_masks(&m, raw, room);
    if (m.odd != 0 || has_date(&m) || has_run(m.base64, true)) {
        return TT_GATE_NOT_IDLE;
    }
    bool header = raw.len > 1 && (raw.ptr[0] == 'x' || raw.ptr[0] == 'X') && raw.ptr[1] == '-';
    return header || has_run(m.word, false) ? TT_GATE_IDLE_BUT_TOKENS : TT_GATE_IDLE;
}

enum tt_gate_idle
tt_gate_idle_of(struct tt_str raw, size_t room)
{
#if defined(__SSE2__)
    if (raw.len < BLOCK && room >= BLOCK) {
        return is_short_idle(raw) ? TT_GATE_IDLE : TT_GATE_NOT_IDLE;
    }
#endif
    return raw.len < TT_FIELD_LOOK_MIN ? judge_long(raw, room) : TT_GATE_NOT_IDLE;
}

bool
tt_gate_has_tokens(enum tt_place place, bool about_user, struct tt_str raw)
{
    switch (place) {
    case TT_PLACE_PLAIN:
    case TT_PLACE_TOOL_RESULT: return false;
    case TT_PLACE_MESSAGE: return raw.len > 0 && (raw.ptr[0] == '<' || raw.ptr[0] == ' ' || raw.ptr[0] == '\\'); /* a reminder */
    case TT_PLACE_METADATA: return about_user;
    default: return true;
    }
}
