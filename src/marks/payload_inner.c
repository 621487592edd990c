/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text within a decoded text: writers often pass a message through base64, base32 (RFC 4648) or hexadecimal digits before they
 * hide it.
 *
 * Input: decoded text.  Output: the text that it stands for, in the arena.  It is believed when it is the cheaper of the two to
 * write down (forms_price.h): a word that happens to be of the alphabet decodes to noise.
 */
#include "marks/forms_price.h"
#include "marks/payload.h"

#define LEAST 8  /* characters */
#define MARGIN 6 /* bits */

static int
digit_of(unsigned bits, int c)
{
    bool upper = c >= 'A' && c <= 'Z';
    if (bits == 4) {
        return tt_ascii_hex(c);
    }
    if (bits == 5) {
        return upper ? c - 'A' : c >= '2' && c <= '7' ? c - '2' + 26 : -1;
    }
    if (upper) {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (tt_ascii_is_digit(c)) {
        return c - '0' + 52;
    }
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* The bytes that text stands for; empty when it has another character, or bits that fill no byte. */
static struct tt_str
decode(struct tt_str text, unsigned bits, unsigned char *out)
{
    size_t len = 0;
    unsigned held = 0;
    uint32_t acc = 0;
    while (bits > 4 && text.len > 0 && text.ptr[text.len - 1] == '=') {
        text.len--;
    }
    for (size_t i = 0; i < text.len; i++) {
        int digit = digit_of(bits, (unsigned char) text.ptr[i]);
        if (digit < 0) {
            return TT_STR("");
        }
        acc = acc << bits | (uint32_t) digit;
        held += bits;
        if (held >= 8) {
            held -= 8;
            out[len++] = (unsigned char) (acc >> held);
            acc &= (1U << held) - 1;
        }
    }
    return held < bits && acc == 0 ? tt_str_make(out, len) : TT_STR("");
}

enum tt_status
tt_payload_inner(struct tt_arena *arena, struct tt_str text, struct tt_payload *out)
{
    static const char *const names[] = {"hexadecimal digits", "base32", "base64"};
    static const unsigned char widths[] = {4, 5, 6};
    int outer, inner;
    *out = (struct tt_payload) {0};
    if (text.len < LEAST) {
        return TT_OK;
    }
    unsigned char *bytes = tt_arena_get(arena, text.len);
    if (!bytes) {
        return TT_E_MEMORY;
    }
    tt_price_of_text(text, &outer);
    for (size_t i = 0; i < sizeof(widths) && out->grade == TT_GRADE_NONE; i++) {
        struct tt_str within = decode(text, widths[i], bytes);
        if (within.len == 0 || tt_price_of_text(within, &inner) != within.len || inner + MARGIN * TT_PRICE_BIT > outer ||
            tt_payload_grade(within) < TT_GRADE_TEXT) {
            continue;
        }
        *out = (struct tt_payload) {.grade = TT_GRADE_TEXT, .format = names[i], .bytes = within};
    }
    return TT_OK;
}
