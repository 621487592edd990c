/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layout of JSON; see site_layout.h.
 *
 * Input: the bytes between the tokens of a valid document (RFC 8259, section 2: white space, at most one sign), and its numbers (section 6).
 * Gaps come by the million, so the usual one, which is equal to the first of its kind, costs a compare and a multiplication.
 */
#include "marks/site_layout.h"

#include "base/hash.h"

#define DIGITS_MAX 32  /* of a number; longer ones are no choice of spelling */
#define DIGITS_FEW 3   /* of a fraction that may return in another document */
#define POINT_LEAST -3 /* 0.0001: below, and from a million on, programs choose an exponent by the value */
#define POINT_MOST 6

static uint64_t
hash(const void *bytes, size_t n)
{
    return tt_hash64(0x6c61796f75742e2e, 0x6a736f6e, tt_str_make(bytes, n));
}

/* Short gaps are their own key. */
static uint64_t
key_of(struct tt_str gap)
{
    const unsigned char *p = (const unsigned char *) gap.ptr;
    uint64_t key = 0;
    if (gap.len == 2) { /* ": " and ", " */
        return (uint64_t) 3 << 56 | (uint64_t) p[0] << 8 | p[1];
    }
    if (gap.len == 1) {
        return (uint64_t) 2 << 56 | p[0];
    }
    if (gap.len > 7) {
        return hash(gap.ptr, gap.len) | 1;
    }
    for (size_t i = 0; i < gap.len; i++) {
        key = key << 8 | p[i];
    }
    return key | (uint64_t) (gap.len + 1) << 56;
}

static char
sign_of(struct tt_str gap)
{
    for (size_t i = 0; i < gap.len; i++) {
        if (gap.ptr[i] == ':' || gap.ptr[i] == ',') {
            return gap.ptr[i];
        }
    }
    return 0;
}

void
tt_site_layout_begin(struct tt_site_layout *layout, const struct tt_site_layout *outer)
{
    uint64_t around = outer ? outer->colon ? outer->colon : outer->around : 0;
    layout->around = around;
    layout->opening = layout->colon = layout->comma = layout->chain = 0;
    layout->opening_length = 0;
    layout->count = 0;
    layout->mixed = layout->lost = layout->lined = false;
    layout->length = 0;
}

/* Keeps the first gaps that differ from the one of their kind, for a person. */
static void
differ(struct tt_site_layout *layout, struct tt_str gap)
{
    size_t room = sizeof(layout->text) - layout->length;
    layout->mixed = true;
    if (gap.len + 3 <= room) {
        char *out = layout->text + layout->length;
        *out++ = '"';
        memcpy(out, gap.ptr, gap.len);
        memcpy(out + gap.len, "\" ", 2);
        layout->length = (uint8_t) (layout->length + gap.len + 3);
    }
}

/* A closing bracket stands as the opening one does: close, behind the same blanks, or on a line that is indented less. */
static bool
closes_alike(const struct tt_site_layout *layout, struct tt_str gap, uint64_t key)
{
    bool line = gap.len > 0 && (gap.ptr[0] == '\n' || gap.ptr[0] == '\r');
    return key == layout->opening || (line && layout->lined && gap.len < layout->opening_length);
}

void
tt_site_layout_gap(struct tt_site_layout *layout, struct tt_str gap, bool closes)
{
    uint64_t key = key_of(gap);
    layout->chain = (layout->chain ^ key) * 0x9E3779B97F4A7C15 + layout->count++;
    if (key == layout->comma || key == layout->colon) {
        return;
    }
    char sign = sign_of(gap);
    uint64_t *first = sign == ':' ? &layout->colon : sign == ',' ? &layout->comma : &layout->opening;
    if (layout->count == 1) {
        layout->opening_length = gap.len;
        layout->lined = gap.len > 0 && (gap.ptr[0] == '\n' || gap.ptr[0] == '\r');
    } else if (closes ? !closes_alike(layout, gap, key) : *first != 0) {
        differ(layout, gap);
    }
    if (*first == 0) {
        *first = key;
    }
}

bool
tt_site_layout_form(const struct tt_site_layout *layout, uint64_t *form, struct tt_str *sample)
{
    bool other = layout->colon != 0 && layout->around != 0 && layout->colon != layout->around;
    if (layout->lost || layout->count < 2) {
        return false;
    }
    if (layout->mixed) {
        *form = layout->chain;
        *sample = tt_str_make(layout->text, layout->length);
    } else {
        *form = 1 + other;
        *sample = other ? TT_STR("alike, but unlike the object around") : TT_STR("alike");
    }
    return true;
}

/* ---- numbers ---- */

/* A number as 0.DIGITS times ten to the power of point, and what of its spelling is a choice. */
struct number {
    char digits[DIGITS_MAX];
    size_t count; /* significant digits; of zero none */
    long point;
    size_t places;  /* digits behind the decimal point */
    char exponent;  /* 'e', 'E' or 0 */
    char plus;      /* its sign is written though it needs none */
    size_t padding; /* zeros before it */
};

static size_t
digits_at(struct tt_str text, size_t pos)
{
    size_t n = 0;
    while (pos + n < text.len && tt_ascii_is_digit((unsigned char) text.ptr[pos + n])) {
        n++;
    }
    return n;
}

/* "e+03" behind the mantissa. */
static void
read_exponent(struct tt_str text, size_t pos, struct number *n)
{
    bool minus = false;
    long value = 0;
    n->exponent = text.ptr[pos++];
    if (pos < text.len && (text.ptr[pos] == '+' || text.ptr[pos] == '-')) {
        minus = text.ptr[pos] == '-';
        n->plus = !minus;
        pos++;
    }
    for (; pos < text.len && text.ptr[pos] == '0' && pos + 1 < text.len; pos++) {
        n->padding++;
    }
    for (; pos < text.len && value < 1000; pos++) {
        value = value * 10 + (text.ptr[pos] - '0');
    }
    n->point += minus ? -value : value;
}

static bool
read_number(struct tt_str text, struct number *n)
{
    *n = (struct number) {0};
    size_t pos = text.len > 0 && text.ptr[0] == '-';
    size_t whole = digits_at(text, pos), lead = 0;
    n->places = pos + whole < text.len && text.ptr[pos + whole] == '.' ? digits_at(text, pos + whole + 1) : 0;
    if (whole == 0 || whole + n->places > DIGITS_MAX) {
        return false;
    }
    memcpy(n->digits, text.ptr + pos, whole);
    if (n->places > 0) {
        memcpy(n->digits + whole, text.ptr + pos + whole + 1, n->places);
    }
    n->count = whole + n->places;
    n->point = (long) whole;
    pos += n->count + (n->places > 0);
    if (pos < text.len) {
        read_exponent(text, pos, n);
    }
    while (n->count > 0 && n->digits[n->count - 1] == '0') {
        n->count--;
    }
    while (lead < n->count && n->digits[lead] == '0') {
        lead++;
    }
    memmove(n->digits, n->digits + lead, n->count - lead);
    n->count -= lead;
    n->point -= (long) lead;
    return true;
}

bool
tt_site_number_read(struct tt_str number, uint64_t *key, uint64_t *form)
{
    struct number n;
    if (!read_number(number, &n) || (n.exponent && (n.point < POINT_LEAST || n.point > POINT_MOST))) {
        return false;
    }
    uint64_t spelling = (uint64_t) (unsigned char) n.exponent << 16 | (uint64_t) (n.plus != 0) << 8 | n.padding;
    if (n.count == 0 || (long) n.count <= n.point) {
        *key = n.count == 0 ? 1 : 2;
        *form = n.exponent ? spelling : n.places;
        return true;
    }
    uint64_t value[2] = {hash(n.digits, n.count), (uint64_t) n.point};
    *key = hash(value, sizeof(value));
    *form = (spelling << 8 | n.places) << 1 | 1;
    return n.count <= DIGITS_FEW;
}
