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
    bool dateline = strcmp(f->rule->id, "mark.dateline") == 0;
    if (tt_str_eq(text_fact(f, "place"), TT_STR("tool_result"))) {
        return false;
    }
    return f->level == TT_CONFIRMED || (dateline && explicit);
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

size_t
tt_normalise(struct tt_str raw, const struct tt_finding *f, struct tt_edit *edits)
{
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
