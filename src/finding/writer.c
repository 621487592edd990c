/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the writers share: their table, escaping for JSON and for a terminal, facts as JSON, counts for people.
 *
 * In: findings whose strings may hold anything, for most of them come from untrusted input.  Out: bytes appended to the caller's
 * buffer, which remembers its first failure.  The room text has the full Unicode tables, but writers stand below it; a short list
 * of what must not reach a terminal is enough here.  JSON strings follow RFC 8259, section 7.
 */
#include "finding/writer.h"

const struct tt_writer *const tt_writers[] = {&tt_writer_text, &tt_writer_json, &tt_writer_sarif, NULL};

bool
tt_writer_shows(const struct tt_writer_options *options, const struct tt_finding *finding)
{
    return finding->level >= options->shown || finding->rule->always_shown;
}

/*
 * Characters that a terminal hides, obeys or draws as a blank, in order: the categories Cc, Cf (as far as invisible), Zs, Zl, Zp,
 * Co and noncharacters, the property Default_Ignorable_Code_Point, and two letters that look empty.  U+0020 is the one exception.
 */
static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x0000, 0x001F},   {0x007F, 0x00A0},    {0x00AD, 0x00AD}, {0x034F, 0x034F}, {0x061C, 0x061C},   {0x115F, 0x1160},
    {0x1680, 0x1680},   {0x17B4, 0x17B5},    {0x180B, 0x180F}, {0x2000, 0x200F}, {0x2028, 0x202F},   {0x205F, 0x206F},
    {0x2800, 0x2800},   {0x3000, 0x3000},    {0x3164, 0x3164}, {0xE000, 0xF8FF}, {0xFDD0, 0xFDEF},   {0xFE00, 0xFE0F},
    {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},    {0xFFF0, 0xFFFB}, {0xFFFE, 0xFFFF}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0xE0000, 0xE0FFF}, {0xF0000, 0x10FFFF},
};

static bool
is_hidden(uint32_t cp)
{
    size_t i = 0;
    while (i < sizeof(hidden) / sizeof(*hidden) - 1 && cp > hidden[i].last) {
        i++;
    }
    return cp >= hidden[i].first && cp <= hidden[i].last;
}

/*
 * The length of the character that starts s, and the character; 0 when the bytes are not UTF-8 (The Unicode Standard, table 3-7).
 * s is not empty.
 */
static size_t
decode(struct tt_str s, uint32_t *cp)
{
    const unsigned char *p = (const unsigned char *) s.ptr;
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (p[0] < 0x80) {
        *cp = p[0];
        return 1;
    }
    size_t len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || s.len < len) {
        return 0;
    }
    uint32_t value = p[0] & (0x7FU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
        value = value << 6 | (p[i] & 0x3F);
    }
    *cp = value;
    return value >= least[len] && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF) ? len : 0;
}

/* Length of the start of s that both a terminal and a JSON string take as it is; the common case, so it is copied at once. */
static size_t
plain_length(struct tt_str s)
{
    size_t n = 0;
    while (n < s.len && s.ptr[n] >= 0x20 && s.ptr[n] < 0x7F && s.ptr[n] != '"' && s.ptr[n] != '\\') {
        n++;
    }
    return n;
}

static void
add_byte(struct tt_buf *out, unsigned char byte)
{
    char pair[2] = {tt_hex_capital(byte >> 4), tt_hex_capital(byte)};
    tt_buf_add(out, tt_str_make(pair, 2));
}

/* One character or one wrong byte for a terminal; returns the bytes taken. */
static size_t
add_safe_one(struct tt_buf *out, struct tt_str s)
{
    uint32_t cp = 0;
    size_t len = decode(s, &cp);
    if (len > 0 && !is_hidden(cp)) {
        tt_buf_add(out, tt_str_make(s.ptr, len));
        return len;
    }
    tt_buf_add_cstr(out, "‹");
    if (len > 0) {
        tt_buf_add_codepoint(out, cp);
    } else {
        add_byte(out, (unsigned char) s.ptr[0]);
        len = 1;
    }
    tt_buf_add_cstr(out, "›");
    return len;
}

void
tt_writer_add_safe(struct tt_buf *out, struct tt_str s)
{
    while (s.len > 0) {
        size_t n = plain_length(s);
        tt_buf_add(out, tt_str_slice(s, 0, n));
        s = tt_str_slice(s, n, s.len);
        if (s.len > 0) {
            s = tt_str_slice(s, add_safe_one(out, s), s.len);
        }
    }
}

void
tt_writer_add_count(struct tt_buf *out, uint64_t n, const char *noun)
{
    tt_buf_add_u64(out, n);
    tt_buf_add_char(out, ' ');
    tt_buf_add_cstr(out, noun);
    if (n != 1) {
        tt_buf_add_char(out, 's');
    }
}

void
tt_writer_add_size(struct tt_buf *out, uint64_t bytes)
{
    static const char units[] = "kMGTPE";
    if (bytes < 1000) {
        tt_writer_add_count(out, bytes, "byte");
        return;
    }
    size_t unit = 0;
    uint64_t tenths = bytes / 100;
    /* 9999 tenths are written "999.9"; rounding down keeps a size from looking larger than it is. */
    while (tenths > 9999) {
        tenths /= 1000;
        unit++;
    }
    tt_buf_add_u64(out, tenths / 10);
    tt_buf_add_char(out, '.');
    tt_buf_add_char(out, (char) ('0' + tenths % 10));
    tt_buf_add_char(out, ' ');
    tt_buf_add_char(out, units[unit]);
    tt_buf_add_char(out, 'B');
}

static void
add_u16_escape(struct tt_buf *out, uint32_t unit)
{
    tt_buf_add(out, TT_STR("\\u"));
    add_byte(out, (unsigned char) (unit >> 8));
    add_byte(out, (unsigned char) (unit & 0xFF));
}

static void
add_json_escape(struct tt_buf *out, uint32_t cp)
{
    switch (cp) {
    case '"': tt_buf_add(out, TT_STR("\\\"")); return;
    case '\\': tt_buf_add(out, TT_STR("\\\\")); return;
    case '\n': tt_buf_add(out, TT_STR("\\n")); return;
    case '\r': tt_buf_add(out, TT_STR("\\r")); return;
    case '\t': tt_buf_add(out, TT_STR("\\t")); return;
    default: break;
    }
    if (cp >= 0x10000) {
        add_u16_escape(out, 0xD800 + ((cp - 0x10000) >> 10));
        add_u16_escape(out, 0xDC00 + ((cp - 0x10000) & 0x3FF));
    } else {
        add_u16_escape(out, cp);
    }
}

static size_t
add_json_one(struct tt_buf *out, struct tt_str s)
{
    uint32_t cp = 0;
    size_t len = decode(s, &cp);
    if (len == 0) {
        tt_buf_add(out, TT_STR("\xEF\xBF\xBD"));
        return 1;
    }
    if (cp == '"' || cp == '\\' || is_hidden(cp)) {
        add_json_escape(out, cp);
    } else {
        tt_buf_add(out, tt_str_make(s.ptr, len));
    }
    return len;
}

void
tt_json_add_string(struct tt_buf *out, struct tt_str s)
{
    tt_buf_add_char(out, '"');
    while (s.len > 0) {
        size_t n = plain_length(s);
        tt_buf_add(out, tt_str_slice(s, 0, n));
        s = tt_str_slice(s, n, s.len);
        if (s.len > 0) {
            s = tt_str_slice(s, add_json_one(out, s), s.len);
        }
    }
    tt_buf_add_char(out, '"');
}

void
tt_writer_add_number(struct tt_buf *out, int64_t number)
{
    if (number < 0) {
        tt_buf_add_char(out, '-');
    }
    /* The unsigned negation is right for INT64_MIN too. */
    tt_buf_add_u64(out, number < 0 ? 0 - (uint64_t) number : (uint64_t) number);
}

bool
tt_writer_next_point(struct tt_buf *out, struct tt_str *s)
{
    if (s->len == 0) {
        return false;
    }
    uint32_t cp = 0;
    size_t len = decode(*s, &cp);
    if (len > 0) {
        tt_buf_add_codepoint(out, cp);
    } else {
        tt_buf_add(out, TT_STR("0x"));
        add_byte(out, (unsigned char) s->ptr[0]);
        len = 1;
    }
    *s = tt_str_slice(*s, len, s->len);
    return true;
}

bool
tt_writer_next_item(struct tt_str *rest, struct tt_str *item)
{
    if (rest->len == 0) {
        return false;
    }
    const char *end = memchr(rest->ptr, '\n', rest->len);
    size_t len = end ? (size_t) (end - rest->ptr) : rest->len;
    *item = tt_str_slice(*rest, 0, len);
    *rest = tt_str_slice(*rest, end ? len + 1 : len, rest->len);
    return true;
}

struct tt_str
tt_fact_group(const struct tt_fact *fact)
{
    const char *dot = strchr(fact->key, '.');
    return tt_str_make(fact->key, dot ? (size_t) (dot - fact->key) : 0);
}

struct tt_str
tt_fact_name(const struct tt_fact *fact)
{
    struct tt_str key = tt_str_cstr(fact->key);
    size_t group = tt_fact_group(fact).len;
    return tt_str_slice(key, group ? group + 1 : 0, key.len);
}
