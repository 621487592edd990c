/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gaps of a text, 64 bytes at a time; see spacing_row.h.
 *
 * Input: text, or the inside of a JSON string, borrowed.  Output: counts, and digits into memory of the caller.  A gap is a row of spaces that stands between
 * two visible bytes, the first of which may have to be a sign that ends a sentence.
 */
#include "marks/spacing_row.h"

#ifdef __SSE2__
#include <emmintrin.h> /* part of every x86-64, so that no kernel need be chosen */
#endif

#define CHUNK 32 /* blocks that a kernel looks at at once */
#define BLOCK TT_SPACING_BLOCK

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
take_vector(struct tt_spacing_masks *m, const char *p, size_t at, bool sentences)
{
    __m128i v = _mm_loadu_si128((const __m128i *) (const void *) (p + at));
    m->space |= bits(is(v, ' '), at);
    m->visible |= bits(_mm_cmpeq_epi8(_mm_max_epu8(v, _mm_set1_epi8(' ' + 1)), v), at);
    if (sentences) {
        __m128i end = _mm_or_si128(_mm_or_si128(is(v, '.'), is(v, '?')), _mm_or_si128(is(v, '!'), is(v, ':')));
        m->ends |= bits(_mm_or_si128(end, _mm_or_si128(is(v, '"'), is(v, ')'))), at);
    }
}

#else

static inline void
take_byte(struct tt_spacing_masks *m, unsigned char c, size_t at)
{
    uint64_t bit = (uint64_t) 1 << at;
    m->space |= c == ' ' ? bit : 0;
    m->visible |= c > ' ' ? bit : 0;
    m->ends |= c == '.' || c == '?' || c == '!' || c == ':' || c == '"' || c == ')' ? bit : 0;
}

#endif

/* n of the block's bytes are text; what fills it up is neither space nor visible. */
static inline struct tt_spacing_masks
read_masks(const char *p, size_t n, bool sentences)
{
    struct tt_spacing_masks m = {0};
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

/* Where the reading of a text stands. */
struct source {
    const struct tt_spacing_text *of;
    size_t pos, room;        /* of the block; bytes of the text that are still wanted */
    uint64_t carry;          /* as string_blocks wants it */
    uint64_t letters, blank; /* of the block before: its last byte's letter is the first of this one */
    struct tt_string_block blocks[CHUNK];
};

/* Leaves in a block of n bytes what is wanted of it. */
static void
cut_masks(struct source *source, struct tt_spacing_masks *m, uint64_t letters, size_t n)
{
    uint64_t within = n < BLOCK ? ((uint64_t) 1 << n) - 1 : ~(uint64_t) 0, plain = within & ~letters;
    size_t count = tt_word_bits(plain);
    if (count > source->room) {
        within = tt_spacing_up_to(plain, source->room);
        count = source->room;
    }
    m->space &= within;
    m->visible &= within;
    source->room -= count;
}

/* Of a JSON string: an escape is as visible as its two signs, unless it stands for a blank, and is one byte of the text. */
static struct tt_spacing_masks
next_written(struct source *source)
{
    const struct tt_str text = source->of->text;
    size_t at = source->pos / BLOCK % CHUNK, left = text.len - source->pos;
    if (at == 0) {
        source->of->kernels->string_blocks((const unsigned char *) text.ptr + source->pos, left, CHUNK, &source->carry,
                                           source->blocks);
    }
    const struct tt_string_block *b = &source->blocks[at];
    uint64_t blank = b->feeds | b->tabs, letters = b->escapes << 1 | source->letters;
    struct tt_spacing_masks m = {
        .space = b->spaces, .visible = ~(b->spaces | blank | blank << 1 | source->blank), .ends = b->ends};
    source->letters = b->escapes >> (BLOCK - 1);
    source->blank = blank >> (BLOCK - 1);
    cut_masks(source, &m, letters, left < BLOCK ? left : BLOCK);
    return m;
}

static struct tt_spacing_masks
next_masks(struct source *source, bool sentences)
{
    const struct tt_str text = source->of->text;
    size_t n = text.len - source->pos < BLOCK ? text.len - source->pos : BLOCK;
    struct tt_spacing_masks m;
    if (source->of->kernels) {
        m = next_written(source);
    } else {
        m = read_masks(text.ptr + source->pos, n, sentences);
        cut_masks(source, &m, 0, n);
    }
    source->pos += BLOCK;
    return m;
}

/* Adds the places of a block at pos, those of two spaces being in twice. */
static void
add_places(struct tt_spacing_row *row, uint64_t places, uint64_t twice, size_t pos, uint8_t *digit)
{
    if (places == 0) {
        return;
    }
    for (uint64_t m = digit ? places : 0; m; m &= m - 1) {
        *digit++ = (twice & m & -m) != 0;
    }
    if (row->twice == 0 && twice) {
        row->first = pos + (size_t) __builtin_ctzll(twice) - 2; /* one bit stands for it: the byte behind */
    }
    row->places += tt_word_bits(places);
    row->twice += tt_word_bits(twice);
    row->end = pos + BLOCK - 1 - (size_t) __builtin_clzll(places);
}

void
tt_spacing_read(const struct tt_spacing_text *text, bool sentences, size_t bytes, size_t max, uint8_t *digit,
                struct tt_spacing_row *row)
{
    struct source source; /* not cleared as a whole: that takes as long as a sample */
    struct tt_spacing_masks last = {0};
    uint64_t carry = 0;
    source.of = text;
    source.pos = 0;
    source.room = bytes;
    source.carry = source.letters = source.blank = 0;
    *row = (struct tt_spacing_row) {0};
    while (source.pos < text->text.len && row->places < max && source.room > 0) {
        size_t pos = source.pos;
        size_t left = max - row->places;
        uint64_t twice, wide;
        struct tt_spacing_masks m = next_masks(&source, sentences);
        uint64_t places = tt_spacing_step(&m, &last, tt_spacing_starts(&m, &last, sentences), &carry, &twice, &wide);
        last = m;
        if (left < BLOCK && tt_word_bits(places) >= left) {
            places &= tt_spacing_up_to(places, left);
            twice &= tt_spacing_up_to(places, left);
            wide &= tt_spacing_up_to(places, left);
        }
        row->wide += tt_word_bits(wide);
        add_places(row, places, twice, pos, digit ? digit + row->places : NULL);
    }
}
