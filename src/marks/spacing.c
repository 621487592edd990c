/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spacing: one space or two between words, or behind sentences.
 *
 * Justified text, tables, manual pages and whole schools of typing double their spaces, so that presence and even irregular
 * use are silent; only a reading counts.  No character wakes this channel.  It glances at the beginning of a field, where a
 * message has to begin, and reads on only if a double space stands there between two words.  A message that begins later, or
 * spaces around signs, are left to the comparison of documents.
 *
 * Input: a field.  Output: at most one finding a field.  Owns nothing but scratch in the look's arena.
 */
#include "marks/channels.h"
#include "marks/forms.h"

#include "base/limits.h"
#include "base/word.h"

#ifdef __SSE2__
#include <emmintrin.h> /* part of every x86-64, so that no kernel need be chosen */
#endif

#define GLANCE 512          /* bytes at the beginning */
#define READ_BYTES 65536    /* bytes that are read then */
#define PLACES_MAX 8192     /* gaps that are read */
#define SAMPLE_BYTES 4096   /* at the beginning, in which ... */
#define SAMPLE_WORDS 48     /* ... so many gaps are counted, or ... */
#define SAMPLE_SENTENCES 24 /* ... ends of sentences; both forms must have a share */
#define WIDE_SHARE 16       /* more than one gap of so many is wide: a table */
#define MARGIN_ORDINARY 8   /* bits, see forms.h */
#define LEAST_ORDINARY 5    /* bytes of text */

/*
 * Are two spaces, not more, between two words in these eight bytes?  Five places are tested at once; the pattern is the same from
 * both ends, so that the order of bytes does not matter.
 */
static bool
holds_double(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof(word));
    uint64_t low = word & 0x7F7F7F7F7F7F7F7Fu, space = word ^ 0x2020202020202020u;
    uint64_t visible = (low + 0x5F5F5F5F5F5F5F5Fu) | word; /* bit 7 of each byte over 0x20 */
    uint64_t spaces = ~(((space & 0x7F7F7F7F7F7F7F7Fu) + 0x7F7F7F7F7F7F7F7Fu) | space);
    return (visible & spaces >> 8 & spaces >> 16 & visible >> 24 & 0x8080808080u) != 0;
}

static bool
begins_double(struct tt_str text)
{
    for (size_t pos = 0; pos + 8 <= text.len; pos += 5) {
        if (holds_double(text.ptr + pos)) {
            return true;
        }
    }
    return false;
}

/* The places of a text, and what its blanks look like besides. */
struct places {
    struct tt_forms forms;
    size_t first, end; /* the first double space; behind the last place */
    size_t wide;       /* gaps of three and more: running text has few */
};

/* A row of spaces. */
struct gap {
    size_t from, to;
};

/* The signs . ? ! : " ) that a sentence or a clause ends with, and a space. */
static const struct tt_byte_pairs sentence_ends = {
    .first = {.high = {[2] = 1, [3] = 2}, .low = {[1] = 1, [2] = 1, [9] = 1, [0xA] = 2, [0xE] = 1, [0xF] = 2}},
    .second = {.high = {[2] = 1 | 2}, .low = {[0] = 1 | 2}},
};

/* Where the row of spaces ends that has come to pos; indentation makes long ones. */
static size_t
row_end(struct tt_str text, size_t pos, size_t to)
{
    static const char spaces[8] = {' ', ' ', ' ', ' ', ' ', ' ', ' ', ' '};
    while (to - pos >= sizeof(spaces) && memcmp(text.ptr + pos, spaces, sizeof(spaces)) == 0) {
        pos += sizeof(spaces);
    }
    while (pos < to && text.ptr[pos] == ' ') {
        pos++;
    }
    return pos;
}

/* The first row of spaces in from..to, or the first behind a sentence. */
static bool
next_gap(const struct tt_look *look, size_t from, size_t to, bool sentences, struct gap *out)
{
    struct tt_str text = look->field->text;
    if (sentences) {
        out->from = look->kernels->find_pair((const unsigned char *) text.ptr, to, from, &sentence_ends) + 1;
    } else {
        out->from = tt_word_search(text.ptr, from, to, ' ');
    }
    if (out->from >= to) {
        return false;
    }
    out->to = row_end(text, out->from, to);
    return true;
}

static bool
is_visible(char c)
{
    return (unsigned char) c > ' ';
}

/* Does the gap stand between two words? */
static bool
is_place(struct tt_str text, size_t to, struct gap gap)
{
    return gap.from > 0 && gap.to < to && is_visible(text.ptr[gap.from - 1]) && is_visible(text.ptr[gap.to]);
}

/* Collects at most max places of the first bytes.  False for tables, and when memory is out. */
static bool
collect(struct tt_look *look, bool sentences, size_t bytes, size_t max, struct places *out)
{
    struct tt_str text = look->field->text;
    struct gap gap;
    size_t to = look->field->to < bytes ? look->field->to : bytes;
    *out = (struct places) {.first = SIZE_MAX};
    if (!tt_forms_init(look, &out->forms, max)) {
        return false;
    }
    for (size_t pos = 0; out->forms.n < max && next_gap(look, pos, to, sentences, &gap); pos = gap.to) {
        size_t width = gap.to - gap.from;
        if (!is_place(text, to, gap)) {
            continue;
        }
        if (width > 2) {
            out->wide++;
            continue;
        }
        tt_forms_add(&out->forms, tt_str_slice(text, gap.from, gap.to));
        out->first = width == 2 && out->first == SIZE_MAX ? gap.from : out->first;
        out->end = gap.to;
    }
    return out->wide * WIDE_SHARE <= out->forms.n;
}

/* ---- the sample ---- */

#define BLOCK 64

/* A bit for each byte of a block. */
struct masks {
    uint64_t space, visible;
    uint64_t border; /* signs of sentence_ends */
};

#ifdef __SSE2__

static inline __m128i
is(__m128i v, char c)
{
    return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}

static inline uint64_t
bits(__m128i v, size_t at)
{
    return (uint64_t) (unsigned) _mm_movemask_epi8(v) << at;
}

static inline void
take_vector(struct masks *m, const char *p, size_t at, bool sentences)
{
    __m128i v = _mm_loadu_si128((const __m128i *) (const void *) (p + at));
    m->space |= bits(is(v, ' '), at);
    m->visible |= bits(_mm_cmpeq_epi8(_mm_max_epu8(v, _mm_set1_epi8(' ' + 1)), v), at);
    if (sentences) {
        __m128i border = _mm_or_si128(_mm_or_si128(is(v, '.'), is(v, '?')), _mm_or_si128(is(v, '!'), is(v, ':')));
        m->border |= bits(_mm_or_si128(border, _mm_or_si128(is(v, '"'), is(v, ')'))), at);
    }
}

#else

static inline void
take_byte(struct masks *m, unsigned char c, size_t at)
{
    uint64_t bit = (uint64_t) 1 << at;
    m->space |= c == ' ' ? bit : 0;
    m->visible |= c > ' ' ? bit : 0;
    m->border |= c == '.' || c == '?' || c == '!' || c == ':' || c == '"' || c == ')' ? bit : 0;
}

#endif

/* n of the block's bytes are text; what fills it up is neither space nor visible. */
static inline struct masks
read_masks(const char *p, size_t n, bool sentences)
{
    struct masks m = {0};
    char padded[BLOCK];
    if (n < BLOCK) {
        memset(padded, 0, sizeof(padded));
        memcpy(padded, p, n);
        p = padded;
    }
#ifdef __SSE2__
    for (size_t at = 0; at < BLOCK; at += sizeof(__m128i)) {
        take_vector(&m, p, at, sentences);
    }
#else
    (void) sentences;
    for (size_t at = 0; at < BLOCK; at++) {
        take_byte(&m, (unsigned char) p[at], at);
    }
#endif
    return m;
}

/* How many places there are, how many of them of two spaces, and how many wider gaps. */
struct sample {
    size_t places, twice, wide;
};

/* Most masks are empty, and not every processor counts by itself: pairs of bits are added, then fours, then bytes. */
static inline size_t
count_bits(uint64_t mask)
{
    const uint64_t ones = 0x0101010101010101u;
    if (mask == 0) {
        return 0;
    }
    mask -= mask >> 1 & 0x55 * ones;
    mask = (mask & 0x33 * ones) + (mask >> 2 & 0x33 * ones);
    return ((mask + (mask >> 4)) & 0x0F * ones) * ones >> 56;
}

/* The lowest n of bits, and all that stand before the last of these. */
static inline uint64_t
up_to(uint64_t places, size_t n)
{
    for (; n > 1; n--) {
        places &= places - 1;
    }
    return places ^ (places - 1);
}

/*
 * Counts what collect() would find, block by block.  A row of spaces behind a visible byte ends where the carry of an addition to its first bit
 * comes to rest; how wide it is, the bits before that tell.
 */
static struct sample
take_sample(struct tt_str text, bool sentences, size_t max)
{
    struct sample sample = {0};
    struct masks last = {0};
    uint64_t carry = 0;
    for (size_t pos = 0; pos < text.len && sample.places < max; pos += BLOCK) {
        struct masks m = read_masks(text.ptr + pos, text.len - pos < BLOCK ? text.len - pos : BLOCK, sentences);
        uint64_t before = sentences ? m.border << 1 | last.border >> (BLOCK - 1) : m.visible << 1 | last.visible >> (BLOCK - 1);
        uint64_t starts = m.space & before, moved, next;
        next = (uint64_t) __builtin_add_overflow(m.space, starts, &moved);
        next |= (uint64_t) __builtin_add_overflow(moved, carry, &moved);
        uint64_t second = m.space << 2 | last.space >> (BLOCK - 2), third = m.space << 3 | last.space >> (BLOCK - 3);
        uint64_t ends = moved & ~m.space & m.visible, wide = ends & second & third, places = ends & ~wide;
        size_t left = max - sample.places, count = count_bits(places);
        if (count >= left) {
            count = left;
            places &= up_to(places, left);
            wide &= up_to(places, left);
        }
        sample.places += count;
        sample.twice += count_bits(places & second);
        sample.wide += count_bits(wide);
        carry = next;
        last = m;
    }
    return sample;
}

/* Are there enough of both forms among the first places for a message to begin there? */
static bool
is_mixed(const struct tt_look *look, bool sentences)
{
    size_t to = look->field->to < SAMPLE_BYTES ? look->field->to : SAMPLE_BYTES;
    size_t max = sentences ? SAMPLE_SENTENCES : SAMPLE_WORDS;
    struct sample s = take_sample(tt_str_slice(look->field->text, 0, to), sentences, max);
    return s.wide * WIDE_SHARE <= s.places && s.places - s.twice >= max / 6 && s.twice >= max / 6;
}

static bool
read_places(struct tt_look *look, bool sentences)
{
    struct places places;
    struct tt_payload payload;
    if (!is_mixed(look, sentences) || !collect(look, sentences, READ_BYTES, PLACES_MAX, &places) ||
        !tt_forms_read(look, &places.forms, (struct tt_forms_demand) {.margin = MARGIN_ORDINARY, .least = LEAST_ORDINARY},
                       &payload)) {
        return false;
    }
    struct tt_forms_evidence e = {.level = TT_CONFIRMED, .offset = places.first, .length = 2, .to = places.end};
    e.places = e.bits = places.forms.n;
    e.payload = &payload;
    e.message = tt_look_text(look, "single and double spaces carry readable text (", payload.format, ")", NULL);
    tt_forms_report(look, &e);
    return true;
}

static void
visit_field(struct tt_look *look)
{
    struct tt_str text = tt_str_slice(look->field->text, 0, look->field->to);
    if (begins_double(tt_str_slice(text, 0, GLANCE)) && !read_places(look, false) && look->status == TT_OK) {
        read_places(look, true);
    }
}

const struct tt_channel tt_channel_spacing = {
    .name = "spacing",
    .rule = "mark.spacing",
    .alphabet = "one U+0020 or two",
    .capacity = "1 bit a gap between words",
    .visit_field = visit_field,
};
