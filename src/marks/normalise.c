/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From findings to edits; see normalise.h.
 *
 * Places are those of the raw input, so a character may be itself or any depth of JSON escape.  The canonical form of the date line is the plain
 * sentence: U+0027 and U+002D.  Hidden characters have none: they go.
 */
#include "marks/normalise.h"

#include "text/char.h"
#include "text/utf8.h"

#define LEARNED "mark.learned-site"

#define WORDS_MAX 24 /* symbols between the apostrophe and the date: "s date is now " */

/* One character as written: itself, or an escape behind one or more backslashes. */
struct symbol {
    uint32_t cp;
    size_t length; /* 0: none */
};

static uint32_t
read_hex(const char *digits, size_t n)
{
    uint32_t value = 0;
    for (size_t i = 0; i < n; i++) {
        int digit = tt_ascii_hex((unsigned char) digits[i]);
        if (digit < 0) {
            return UINT32_MAX;
        }
        value = value << 4 | (uint32_t) digit;
    }
    return value;
}

/* The \uXXXX at raw[at], which may be half of a pair. */
static struct symbol
read_escape(struct tt_str raw, size_t at, size_t slashes)
{
    struct symbol s = {0};
    size_t pair = at + 5 + slashes;
    if (raw.len - at < 5) {
        return s;
    }
    s.cp = read_hex(raw.ptr + at + 1, 4);
    s.length = slashes + 5;
    if (s.cp >= 0xD800 && s.cp < 0xDC00 && raw.len >= pair + 5 && raw.ptr[pair] == 'u') {
        uint32_t low = read_hex(raw.ptr + pair + 1, 4);
        s.cp = 0x10000 + ((s.cp - 0xD800) << 10) + (low - 0xDC00);
        s.length += slashes + 5;
    }
    return s;
}

static struct symbol
read_symbol(struct tt_str raw, size_t at)
{
    size_t slashes = 0;
    while (at + slashes < raw.len && raw.ptr[at + slashes] == '\\') {
        slashes++;
    }
    size_t behind = at + slashes;
    if (slashes == 0 || behind == raw.len) {
        struct tt_rune rune = tt_utf8_next(raw, at);
        return (struct symbol) {rune.cp, rune.len};
    }
    if (raw.ptr[behind] == 'u') {
        return read_escape(raw, behind, slashes);
    }
    return (struct symbol) {(unsigned char) raw.ptr[behind], slashes + 1};
}

static bool
is_digit_at(struct tt_str raw, size_t at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (at + i >= raw.len || !tt_ascii_is_digit((unsigned char) raw.ptr[at + i])) {
            return false;
        }
    }
    return true;
}

static void
add_edit(struct tt_edit *edits, size_t *count, const struct tt_finding *f, size_t offset, size_t length, struct tt_str with)
{
    edits[(*count)++] =
        (struct tt_edit) {.offset = offset, .length = length, .with = with, .rule = f->rule->id, .line = f->where.line};
}

/* The separators of the date YYYY?MM?DD at raw[at]; false when there is none. */
static bool
edit_date(struct tt_str raw, size_t at, const struct tt_finding *f, struct tt_edit *edits, size_t *count)
{
    size_t digits[] = {4, 2, 2};
    size_t first = *count;
    for (size_t i = 0; i < 3; i++) {
        if (!is_digit_at(raw, at, digits[i])) {
            *count = first;
            return false;
        }
        at += digits[i];
        struct symbol s = i < 2 ? read_symbol(raw, at) : (struct symbol) {'-', 0};
        if (s.cp != '-') {
            add_edit(edits, count, f, at, s.length, TT_STR("-"));
        }
        at += s.length;
    }
    return true;
}

/* The finding stands at the apostrophe, or at the date's first separator when the apostrophe is plain. */
static size_t
edit_dateline(struct tt_str raw, const struct tt_finding *f, struct tt_edit *edits)
{
    size_t count = 0;
    size_t at = (size_t) f->where.offset;
    struct symbol s = read_symbol(raw, at);
    if (at >= 4 && is_digit_at(raw, at - 4, 4)) {
        edit_date(raw, at - 4, f, edits, &count);
        return count;
    }
    if (!tt_char_is(s.cp, TT_CHAR_APOSTROPHE)) {
        return 0;
    }
    add_edit(edits, &count, f, at, s.length, TT_STR("'"));
    at += s.length;
    for (int i = 0; i < WORDS_MAX && s.length > 0; i++) {
        if (is_digit_at(raw, at, 4)) {
            return edit_date(raw, at, f, edits, &count) ? count : 0;
        }
        s = read_symbol(raw, at);
        at += s.length;
    }
    return 0;
}

/* Every hidden character of the finding's span goes; what is seen between them stays. */
static size_t
edit_hidden(struct tt_str raw, const struct tt_finding *f, struct tt_edit *edits)
{
    const uint32_t hidden =
        TT_CHAR_ZERO_WIDTH | TT_CHAR_INVISIBLE | TT_CHAR_TAG | TT_CHAR_VARIATION | TT_CHAR_BIDI | TT_CHAR_FORMAT;
    size_t count = 0;
    size_t at = (size_t) f->where.offset, end = (size_t) (f->where.offset + f->where.length);
    while (at < end && end <= raw.len) {
        struct symbol s = read_symbol(raw, at);
        if (s.length == 0) {
            break;
        }
        if (tt_char_is(s.cp, hidden)) {
            bool grows = count > 0 && edits[count - 1].offset + edits[count - 1].length == at;
            if (grows) {
                edits[count - 1].length += s.length;
            } else if (count == TT_NORMALISE_EDITS_MAX) {
                return 0; /* all of a message or nothing */
            } else {
                add_edit(edits, &count, f, at, s.length, TT_STR(""));
            }
        }
        at += s.length;
    }
    return count;
}

/* The text of a fact, or nothing. */
static struct tt_str
text_fact(const struct tt_finding *f, const char *key)
{
    for (size_t i = 0; i < f->fact_count; i++) {
        if (strcmp(f->facts[i].key, key) == 0) {
            return f->facts[i].text;
        }
    }
    return TT_STR("");
}

bool
tt_normalise_is_proven(const struct tt_finding *f, bool explicit)
{
    bool sentence = strcmp(f->rule->id, "mark.dateline") == 0 || strcmp(f->rule->id, LEARNED) == 0;
    if (tt_str_eq(text_fact(f, "place"), TT_STR("tool_result"))) {
        return false;
    }
    return f->level == TT_CONFIRMED || (sentence && explicit);
}

/* How the marks of each rule are taken out. */
static const struct {
    const char *rule;
    size_t (*edit)(struct tt_str raw, const struct tt_finding *f, struct tt_edit *edits);
} plain_forms[] = {
    {"mark.dateline", edit_dateline}, {"mark.zero-width", edit_hidden}, {"mark.tags", edit_hidden},
    {"mark.variation", edit_hidden},  {"mark.bidi", edit_hidden},       {"mark.format", edit_hidden},
};

bool
tt_normalise_knows(const char *rule)
{
    for (size_t i = 0; i < sizeof(plain_forms) / sizeof(*plain_forms); i++) {
        if (strcmp(rule, plain_forms[i].rule) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- learned sites ---- */

/* What is to stand in the place of some characters, as JSON writes it: one sign that it escapes, or nothing that it does. */
static bool
write_plain(struct tt_str plain, bool json, struct tt_str *with)
{
    static const struct tt_str escaped[] = {TT_STR_INIT("\\\""), TT_STR_INIT("\\\\"), TT_STR_INIT("\\t")};
    const char *sign = plain.len == 1 ? strchr("\"\\\t", plain.ptr[0]) : NULL;
    *with = plain;
    if (json && sign && *sign) {
        *with = escaped[*sign == '"' ? 0 : *sign == '\\' ? 1 : 2];
        return true;
    }
    for (size_t i = 0; json && i < plain.len; i++) {
        unsigned char c = (unsigned char) plain.ptr[i];
        if (c < 0x20 || c == '"' || c == '\\') {
            return false;
        }
    }
    return true;
}

/* The part of a value up to the next digit. */
static struct tt_str
next_part(struct tt_str *value)
{
    const char *digit = memchr(value->ptr, '#', value->len);
    struct tt_str part = tt_str_slice(*value, 0, digit ? (size_t) (digit - value->ptr) : value->len);
    *value = tt_str_slice(*value, part.len, value->len);
    return part;
}

/* Bytes that two parts have in common at their beginnings, in whole characters. */
static size_t
common_start(struct tt_str a, struct tt_str b)
{
    size_t n = 0;
    for (;;) {
        struct tt_rune x = tt_utf8_next(a, n), y = tt_utf8_next(b, n);
        if (n >= a.len || n >= b.len || x.cp != y.cp) {
            return n;
        }
        n += x.len;
    }
}

static size_t
common_end(struct tt_str a, struct tt_str b)
{
    size_t n = 0;
    for (;;) {
        struct tt_rune x = tt_utf8_prev(a, a.len - n), y = tt_utf8_prev(b, b.len - n);
        if (n >= a.len || n >= b.len || x.cp != y.cp) {
            return n;
        }
        n += x.len;
    }
}

/* One part, read at *at: its characters must stand there, and those in which it differs from the plain one are replaced. */
static bool
edit_part(struct tt_str raw, size_t *at, struct tt_str part, struct tt_str plain, const struct tt_finding *f,
          struct tt_edit *edits, size_t *count)
{
    struct tt_str with;
    size_t head = common_start(part, plain);
    size_t tail = common_end(tt_str_slice(part, head, part.len), tt_str_slice(plain, head, plain.len));
    size_t from = *at, to = *at;
    for (size_t pos = 0; pos < part.len;) {
        struct tt_rune rune = tt_utf8_next(part, pos);
        struct symbol s = read_symbol(raw, *at);
        if (s.length == 0 || s.cp != rune.cp) {
            return false;
        }
        pos += rune.len;
        *at += s.length;
        from = pos == head ? *at : from;
        to = pos == part.len - tail ? *at : to;
    }
    to = to < from ? from : to;
    if (part.len == plain.len && head == part.len) {
        return true;
    }
    if (!write_plain(tt_str_slice(plain, head, plain.len - tail), f->where.path.len > 0, &with)) {
        return false;
    }
    add_edit(edits, count, f, from, to - from, with);
    return true;
}

/* Digits stay; between them the value becomes the plain one. */
static size_t
edit_value(struct tt_str raw, struct tt_str value, struct tt_str plain, const struct tt_finding *f, struct tt_edit *edits)
{
    size_t at = (size_t) f->where.offset, count = 0;
    for (;;) {
        struct tt_str part = next_part(&value), plain_part = next_part(&plain);
        if (!edit_part(raw, &at, part, plain_part, f, edits, &count)) {
            return 0;
        }
        if (value.len == 0 || plain.len == 0) {
            return value.len == plain.len && at == f->where.offset + f->where.length ? count : 0;
        }
        struct symbol s = read_symbol(raw, at);
        if (s.length == 0 || (s.cp != '#' && (s.cp > 0x7F || !tt_ascii_is_digit((int) s.cp)))) {
            return 0;
        }
        at += s.length;
        value = tt_str_slice(value, 1, value.len);
        plain = tt_str_slice(plain, 1, plain.len);
    }
}

/* How JSON writes a text: byte for byte. */
static size_t
edit_spelling(struct tt_str raw, struct tt_str value, struct tt_str plain, const struct tt_finding *f, struct tt_edit *edits)
{
    size_t at = (size_t) f->where.offset, head = 0, tail = 0, count = 0;
    if (!tt_str_eq(tt_str_slice(raw, at, at + (size_t) f->where.length), value)) {
        return 0;
    }
    while (head < value.len && head < plain.len && value.ptr[head] == plain.ptr[head]) {
        head++;
    }
    while (tail < value.len - head && tail < plain.len - head &&
           value.ptr[value.len - 1 - tail] == plain.ptr[plain.len - 1 - tail]) {
        tail++;
    }
    add_edit(edits, &count, f, at + head, value.len - head - tail, tt_str_slice(plain, head, plain.len - tail));
    return count;
}

/* The finding shows the text of the symbol; which one of the alphabet it is, the bytes must say again. */
static size_t
edit_learned(struct tt_str raw, const struct tt_finding *f, const struct tt_learned *learned, struct tt_edit *edits)
{
    const struct tt_learned_site *site = tt_learned_find(learned, text_fact(f, "learned.site"));
    struct tt_str text = text_fact(f, "codepoints");
    if (!site || site->open || site->symbols[0].absent) {
        return 0;
    }
    for (size_t i = 1; i < site->symbol_count; i++) {
        struct tt_str value = site->symbols[i].value, plain = site->symbols[0].value;
        bool fits = value.len == text.len && tt_learned_value_at(site, value, text, 0) == text.len;
        size_t count = site->symbols[i].absent ? 0
                       : site->spelling        ? edit_spelling(raw, value, plain, f, edits)
                       : fits                  ? edit_value(raw, value, plain, f, edits)
                                               : 0;
        if (count > 0) {
            return count;
        }
    }
    return 0;
}

size_t
tt_normalise(struct tt_str raw, const struct tt_finding *f, const struct tt_learned *learned, struct tt_edit *edits)
{
    if (strcmp(f->rule->id, LEARNED) == 0 && f->where.offset <= raw.len) {
        return edit_learned(raw, f, learned, edits);
    }
    for (size_t i = 0; i < sizeof(plain_forms) / sizeof(*plain_forms) && f->where.offset < raw.len; i++) {
        if (strcmp(f->rule->id, plain_forms[i].rule) == 0) {
            return plain_forms[i].edit(raw, f, edits);
        }
    }
    return 0;
}

void
tt_normalise_apply(struct tt_str raw, const struct tt_edit *edits, size_t count, struct tt_buf *out)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        tt_buf_add(out, tt_str_slice(raw, at, edits[i].offset));
        tt_buf_add(out, edits[i].with);
        at = edits[i].offset + edits[i].length;
    }
    tt_buf_add(out, tt_str_slice(raw, at, raw.len));
}
