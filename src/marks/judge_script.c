/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scripts as far as zero-width characters go: which are written with joiners, with break hints, or with neither.
 *
 * By blocks, so that marks and digits of a script count as its letters do.  Input: code points.  Output: yes or no.
 */
#include "marks/judge_script.h"

#include "marks/judge.h"

struct range {
    uint32_t from, to;
};

static bool
is_in(uint32_t cp, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (cp >= ranges[i].from && cp <= ranges[i].to) {
            return true;
        }
    }
    return false;
}

/* Blocks of the Brahmic family: joiners choose between conjunct forms there. */
bool
tt_judge_is_brahmic(uint32_t cp)
{
    static const struct range ranges[] = {
        {0x0900, 0x0DFF}, {0x0F00, 0x0FFF}, {0x1000, 0x109F},   {0x1700, 0x17FF},   {0x1900, 0x194F}, {0x1A20, 0x1AAF},
        {0x1B00, 0x1C4F}, {0x1CD0, 0x1CFF}, {0xA800, 0xA82F},   {0xA880, 0xA8FF},   {0xA930, 0xA9FF}, {0xAA00, 0xAA7F},
        {0xAAE0, 0xAAFF}, {0xABC0, 0xABFF}, {0x11000, 0x1107F}, {0x11080, 0x11FFF},
    };
    return is_in(cp, ranges, TT_RUN_COUNT(ranges));
}

/* Scripts of South-East Asia that are written without blanks: ZWSP is their break opportunity. */
bool
tt_judge_breaks_without_blanks(uint32_t cp)
{
    static const struct range ranges[] = {
        {0x0E00, 0x0FFF}, {0x1000, 0x109F}, {0x1780, 0x17FF}, {0x1950, 0x1AAF},
        {0x1B00, 0x1BBF}, {0xA980, 0xA9FF}, {0xAA00, 0xAADF},
    };
    return is_in(cp, ranges, TT_RUN_COUNT(ranges));
}

bool
tt_judge_is_east_asian(uint32_t cp)
{
    static const struct range ranges[] = {
        {0x1100, 0x11FF}, {0x2E80, 0x9FFF}, {0xA960, 0xA97F},   {0xAC00, 0xD7FF},
        {0xF900, 0xFAFF}, {0xFF00, 0xFFEF}, {0x20000, 0x3FFFF},
    };
    return is_in(cp, ranges, TT_RUN_COUNT(ranges));
}

bool
tt_judge_uses_joiners(uint32_t cp)
{
    const struct tt_char *c = tt_char(cp);
    if (!tt_char_is_letter(cp) && !tt_char_is_mark(cp)) {
        return false;
    }
    bool joins = c->joining == TT_JOIN_C || c->joining == TT_JOIN_D || c->joining == TT_JOIN_L || c->joining == TT_JOIN_R;
    return joins || c->script == TT_SCRIPT_ARABIC || tt_judge_is_brahmic(cp);
}

/* Scripts whose ligatures are asked for by a joiner between two letters: Runic, Tifinagh, Old Hungarian, Egyptian hieroglyphs. */
bool
tt_judge_is_tied(uint32_t left, uint32_t right)
{
    static const struct range ranges[] = {{0x16A0, 0x16EA}, {0x2D30, 0x2D67}, {0x10C80, 0x10CF2}, {0x13000, 0x1342F}};
    for (size_t i = 0; i < TT_RUN_COUNT(ranges); i++) {
        if (is_in(left, &ranges[i], 1) && is_in(right, &ranges[i], 1)) {
            return true;
        }
    }
    return false;
}
