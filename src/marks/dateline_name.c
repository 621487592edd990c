/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Domain names that are not plain ASCII: mapping and labels of UTS #46 as the WHATWG URL standard uses it (section 3.3), and
 * Punycode (RFC 3492).
 *
 * Left out, because it decides nothing here: lower case and composition of letters that are not ASCII, mappings to several
 * characters, most of the bidi rule, and the check that a label "xn--..." decodes.  The lists of the mark are ASCII: their
 * suffixes never meet such a label.  Keywords can stand in the ASCII part of one, which is why Punycode is written at all.
 */
#include "base/limits.h"
#include "marks/dateline_host.h"
#include "text/char.h"
#include "text/utf8.h"

/* RFC 3492, section 6.1. */
static uint64_t
punycode_bias(uint64_t delta, uint64_t points, bool first)
{
    uint64_t k = 0;
    delta = first ? delta / 700 : delta / 2;
    delta += delta / points;
    for (; delta > 455; k += 36) {
        delta /= 35;
    }
    return k + 36 * delta / (delta + 38);
}

/* One generalised variable-length integer of section 3.3. */
static void
punycode_number(struct tt_buf *out, uint64_t value, uint64_t bias)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    for (uint64_t k = 36;; k += 36) {
        uint64_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
        if (value < t) {
            tt_buf_add_char(out, digits[value]);
            return;
        }
        tt_buf_add_char(out, digits[t + (value - t) % (36 - t)]);
        value = (value - t) / (36 - t);
    }
}

/* Adds the ASCII characters of label and returns how many; *all counts every character. */
static size_t
punycode_basic(struct tt_buf *out, struct tt_str label, size_t *all)
{
    size_t basic = 0;
    *all = 0;
    for (size_t i = 0; i < label.len; (*all)++) {
        struct tt_rune rune = tt_utf8_next(label, i);
        if (rune.cp < 0x80) {
            tt_buf_add_char(out, (char) rune.cp);
            basic++;
        }
        i += rune.len;
    }
    return basic;
}

static uint32_t
smallest_from(struct tt_str label, uint32_t low)
{
    uint32_t best = UINT32_MAX;
    for (size_t i = 0; i < label.len;) {
        struct tt_rune rune = tt_utf8_next(label, i);
        if (rune.cp >= low && rune.cp < best) {
            best = rune.cp;
        }
        i += rune.len;
    }
    return best;
}

/* Section 6.3.  label is valid UTF-8 of at most TT_URL_MAX bytes, so the square of its length is bearable and 64 bits suffice. */
static void
punycode_add(struct tt_buf *out, struct tt_str label)
{
    size_t all;
    size_t basic = punycode_basic(out, label, &all);
    uint64_t bias = 72, delta = 0;
    uint32_t low = 128;
    if (basic > 0) {
        tt_buf_add_char(out, '-');
    }
    for (size_t done = basic; done < all; delta++, low++) {
        uint32_t next = smallest_from(label, low);
        delta += (uint64_t) (next - low) * (done + 1);
        low = next;
        for (size_t i = 0; i < label.len;) {
            struct tt_rune rune = tt_utf8_next(label, i);
            i += rune.len;
            delta += rune.cp < low;
            if (rune.cp == low) {
                punycode_number(out, delta, bias);
                bias = punycode_bias(delta, done + 1, done == basic);
                delta = 0;
                done++;
            }
        }
    }
}

/* Is cp in one of n ordered ranges? */
static bool
in_ranges(uint32_t cp, const uint32_t (*ranges)[2], size_t n)
{
    for (size_t i = 0; i < n && cp >= ranges[i][0]; i++) {
        if (cp <= ranges[i][1]) {
            return true;
        }
    }
    return false;
}

/* Characters that IDNA drops: most Default_Ignorable ones, but not those that reorder or fill. */
static bool
is_dropped(uint32_t cp)
{
    static const uint32_t ranges[][2] = {
        {0x00AD, 0x00AD}, {0x034F, 0x034F}, {0x180B, 0x180D}, {0x180F, 0x180F},   {0x200B, 0x200B},   {0x2060, 0x2060},
        {0x2064, 0x2064}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0x1BCA0, 0x1BCA3}, {0xE0100, 0xE01EF},
    };
    return in_ranges(cp, ranges, sizeof(ranges) / sizeof(ranges[0]));
}

static bool
is_joiner(uint32_t cp)
{
    return cp == 0x200C || cp == 0x200D;
}

/*
 * Characters that UTS #46 refuses though their category does not say so: those whose mapping would hold a blank, a slash, a
 * question mark or a dot, and fillers.
 */
static bool
is_refused(uint32_t cp)
{
    static const uint32_t ranges[][2] = {
        {0x00A8, 0x00A8}, {0x00AF, 0x00AF},   {0x00B4, 0x00B4}, {0x00B8, 0x00B8}, {0x02D8, 0x02DD}, {0x037A, 0x037A},
        {0x0384, 0x0385}, {0x04C0, 0x04C0},   {0x10A0, 0x10C5}, {0x115F, 0x1160}, {0x1680, 0x1680}, {0x17B4, 0x17B5},
        {0x1806, 0x1806}, {0x1FBD, 0x1FBD},   {0x1FBF, 0x1FC1}, {0x1FCD, 0x1FCF}, {0x1FDD, 0x1FDF}, {0x1FED, 0x1FEE},
        {0x1FFD, 0x1FFE}, {0x2017, 0x2017},   {0x2024, 0x2026}, {0x203E, 0x203E}, {0x2047, 0x2049}, {0x2100, 0x2101},
        {0x2105, 0x2106}, {0x2132, 0x2132},   {0x2183, 0x2183}, {0x2488, 0x249B}, {0x2A74, 0x2A74}, {0x2FF0, 0x2FFB},
        {0x309B, 0x309C}, {0x3164, 0x3164},   {0x33C2, 0x33C2}, {0x33C7, 0x33C7}, {0x33D8, 0x33D8}, {0xFE12, 0xFE12},
        {0xFE19, 0xFE19}, {0xFE30, 0xFE30},   {0xFE49, 0xFE4C}, {0xFE52, 0xFE52}, {0xFFA0, 0xFFA0}, {0xFFE3, 0xFFE3},
        {0xFFFC, 0xFFFD}, {0x1F100, 0x1F100},
    };
    switch (tt_char(cp)->category) {
    case TT_CN:
    case TT_CC:
    case TT_CO:
    case TT_CS:
    case TT_ZL:
    case TT_ZP: return true;
    case TT_CF: return !is_joiner(cp);
    default: return in_ranges(cp, ranges, sizeof(ranges) / sizeof(ranges[0]));
    }
}

static void
add_rune(struct tt_buf *out, uint32_t cp)
{
    char bytes[4];
    tt_buf_add(out, tt_str_make(bytes, tt_utf8_put(cp, bytes)));
}

/* The mapping of one character that is neither dropped nor refused. */
static void
add_mapped(struct tt_buf *out, uint32_t cp)
{
    if (cp == 0x0130) {
        tt_buf_add_cstr(out, "i\xCC\x87"); /* the one lower case that is ASCII and a mark */
        return;
    }
    bool dot = cp == 0x3002 || cp == 0xFF61;
    uint32_t mapped = dot ? '.' : tt_char_compat(cp);
    add_rune(out, mapped < 0x80 ? (uint32_t) tt_ascii_lower((int) mapped) : mapped);
}

/* UTS #46, section 4, step 1, as far as the head of this file says. */
bool
tt_host_map(struct tt_str name, struct tt_buf *out)
{
    for (size_t i = 0; i < name.len;) {
        struct tt_rune rune = tt_utf8_next(name, i);
        if (rune.len == 0) {
            return false; /* decodes to U+FFFD, which is refused */
        }
        i += rune.len;
        if (rune.cp >= 0x80 && is_dropped(rune.cp)) {
            continue;
        }
        if (rune.cp >= 0x80 && is_refused(rune.cp)) {
            return false;
        }
        add_mapped(out, rune.cp);
    }
    return true;
}

/* Joining_Type of the nearest character on the left of at that is not transparent. */
static uint8_t
joining_before(struct tt_str label, size_t at)
{
    struct tt_rune rune;
    do {
        rune = tt_utf8_prev(label, at);
        at -= rune.len;
    } while (rune.len > 0 && tt_char(rune.cp)->joining == TT_JOIN_T);
    return rune.len ? tt_char(rune.cp)->joining : TT_JOIN_U;
}

static uint8_t
joining_after(struct tt_str label, size_t at)
{
    struct tt_rune rune;
    do {
        rune = tt_utf8_next(label, at);
        at += rune.len;
    } while (rune.len > 0 && tt_char(rune.cp)->joining == TT_JOIN_T);
    return rune.len ? tt_char(rune.cp)->joining : TT_JOIN_U;
}

/* RFC 5892, appendix A.1 and A.2: a joiner behind a virama; U+200C also between letters that join. */
static bool
joiner_fits(struct tt_str label, size_t at, struct tt_rune joiner)
{
    struct tt_rune before = tt_utf8_prev(label, at);
    if (before.len > 0 && tt_char_is(before.cp, TT_CHAR_VIRAMA)) {
        return true;
    }
    uint8_t left = joining_before(label, at);
    uint8_t right = joining_after(label, at + joiner.len);
    return joiner.cp == 0x200C && (left == TT_JOIN_L || left == TT_JOIN_D) && (right == TT_JOIN_R || right == TT_JOIN_D);
}

/*
 * Validity of a label with characters that are not ASCII: UTS #46, section 4.1.  Of the bidi rule (RFC 5893) only that Latin
 * letters and right-to-left characters never share a label.
 */
static bool
label_fits(struct tt_str label)
{
    bool latin = false;
    bool rtl = false;
    if (tt_char_is_mark(tt_utf8_next(label, 0).cp) || tt_str_starts(label, TT_STR("xn--"))) {
        return false;
    }
    for (size_t i = 0; i < label.len;) {
        struct tt_rune rune = tt_utf8_next(label, i);
        if (is_joiner(rune.cp) && !joiner_fits(label, i, rune)) {
            return false;
        }
        latin |= rune.cp < 0x80 && tt_ascii_is_alpha((int) rune.cp);
        rtl |= tt_char_is(rune.cp, TT_CHAR_RTL);
        i += rune.len;
    }
    return !(latin && rtl);
}

static bool
add_label(struct tt_str label, struct tt_buf *host)
{
    if (tt_str_is_ascii(label)) {
        tt_buf_add(host, label);
        return true;
    }
    if (!label_fits(label)) {
        return false;
    }
    tt_buf_add_cstr(host, "xn--");
    punycode_add(host, label);
    return true;
}

/* Labels of a mapped name, and the dots between them. */
bool
tt_host_add_labels(struct tt_str name, struct tt_buf *host)
{
    size_t from = 0;
    for (size_t i = 0; i <= name.len; i++) {
        if (i < name.len && name.ptr[i] != '.') {
            continue;
        }
        if (!add_label(tt_str_slice(name, from, i), host)) {
            return false;
        }
        if (i < name.len) {
            tt_buf_add_char(host, '.');
        }
        from = i + 1;
    }
    return true;
}
