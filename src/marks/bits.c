/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bits between the first and the last place of a text that is marked; see bits.h.
 *
 * Input: bits.  Output: a payload in the look's arena.  The places before and behind carry nothing, and would only make the zeros
 * of the message look cheap to the reader of forms.c; so they are cut off.
 */
#include "marks/bits.h"

#define BEHIND 7 /* places behind the last 1: it may stand anywhere in the last byte */

/*
 * Places before the first 1.  A message of ASCII begins with 01 or 001, so that it most likely begins one or two places
 * before; what it begins with else is within the third.  The reader gives the first place the most credit.
 */
static const size_t leads[] = {1, 2, 8};

static bool
read_from(struct tt_look *look, const uint8_t *bits, size_t from, size_t to, const struct tt_str text[2],
          struct tt_forms_demand demand, struct tt_payload *out)
{
    struct tt_forms forms;
    if (!tt_forms_init(look, &forms, to - from)) {
        return false;
    }
    for (size_t i = from; i < to; i++) {
        tt_forms_add(&forms, text[bits[i]]);
    }
    return tt_forms_read(look, &forms, demand, out);
}

bool
tt_bits_read(struct tt_look *look, const uint8_t *bits, size_t n, const struct tt_str text[2], struct tt_forms_demand demand,
             struct tt_payload *out)
{
    const uint8_t *first = memchr(bits, 1, n);
    const uint8_t *last = memrchr(bits, 1, n);
    *out = (struct tt_payload) {0};
    if (!first || !last) {
        return false;
    }
    size_t begin = (size_t) (first - bits);
    size_t end = (size_t) (last - bits) + 1;
    end = n - end > BEHIND ? end + BEHIND : n;
    for (size_t i = 0; i < sizeof(leads) / sizeof(*leads) && look->status == TT_OK; i++) {
        if (read_from(look, bits, begin > leads[i] ? begin - leads[i] : 0, end, text, demand, out)) {
            return true;
        }
    }
    return false;
}
