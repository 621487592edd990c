/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings of JSON in which no channel can find anything, told by one look at their bytes: most of a request are so short.  For the others there is
 * marks/glance.h.
 */
#ifndef TT_GATE_IDLE_H
#define TT_GATE_IDLE_H

#include "base/str.h"

#if defined(__SSE2__)
#include <emmintrin.h> /* part of every x86-64, so that no kernel need be chosen */
#endif

#define TT_GATE_IDLE_MAX 16 /* bytes of a string that is never asked about */

#if defined(__SSE2__)

/* The bytes from first to last, both ASCII. */
static inline __m128i
tt_gate_in_range(__m128i v, char first, char last)
{
    return _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8((char) (first - 1))),
                         _mm_cmplt_epi8(v, _mm_set1_epi8((char) (last + 1))));
}

/* Signs of escapes, controls, braces, DEL; bytes from 0x80 on are negative. */
static inline __m128i
tt_gate_find_odd(__m128i v)
{
    __m128i odd = _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)), _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7F)));
    odd = _mm_or_si128(odd, _mm_or_si128(tt_gate_in_range(v, '%', '&'), _mm_cmpeq_epi8(v, _mm_set1_epi8('+'))));
    return _mm_or_si128(odd, _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\\')), _mm_cmpeq_epi8(v, _mm_set1_epi8('{'))));
}

/* raw: the inside of a string, whatever its place.  room: how many bytes from raw.ptr on may be read; at least raw.len.  True: nothing can be found. */
static inline bool
tt_gate_is_idle(struct tt_str raw, size_t room)
{
    if (raw.len >= TT_GATE_IDLE_MAX || room < TT_GATE_IDLE_MAX) {
        return false;
    }
    /* What follows from the channels and from text/escape.h: a mark in so little printable ASCII needs a date with two separators, or an escape. */
    __m128i v = _mm_loadu_si128((const __m128i *) (const void *) raw.ptr);
    unsigned within = (1U << raw.len) - 1;
    unsigned parts = (unsigned) _mm_movemask_epi8(tt_gate_in_range(v, '-', '/')) & within;
    return ((unsigned) _mm_movemask_epi8(tt_gate_find_odd(v)) & within) == 0 && (parts & (parts - 1)) == 0;
}

#else

static inline bool
tt_gate_is_idle(struct tt_str raw, size_t room)
{
    (void) room;
    return raw.len == 0;
}

#endif

#endif
