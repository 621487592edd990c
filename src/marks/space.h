/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Legitimate use of odd spaces: numbers, units, names, punctuation, East Asian text.  Private to src/marks.
 */
#ifndef TT_MARKS_SPACE_H
#define TT_MARKS_SPACE_H

#include "marks/gaps.h"
#include "marks/run.h"

struct tt_space_verdict {
    enum tt_judgement judgement;
    bool ordinary;    /* it stands between two ordinary words */
    uint32_t cp;      /* its strangest space */
    const char *why;  /* static */
    struct tt_run at; /* where that stands */
};

/* Judges a gap with an odd space by what stands on both sides. */
struct tt_space_verdict tt_space_judge(const struct tt_field *field, const struct tt_gap *gap);

/* A space other than U+0020 and the two that are common in some language or in web pages: U+00A0 and U+3000. */
bool tt_space_is_uncommon(uint32_t cp);

/* Han, Kana, Hangul, their punctuation and fullwidth forms. */
bool tt_space_is_cjk(uint32_t cp);

#endif
