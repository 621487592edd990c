/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.look-alike-table: characters that look like one ASCII sign and stand together.
 *
 * In: strings and numbers.  Out: a finding for each table.  Owns nothing.  A member is a string that is one character, a string of nothing but such
 * characters, or a number in a list of nothing but such numbers.  Typographic quotes and dashes go in pairs everywhere, so a table has at least one
 * character that is not theirs.
 */
#include "inspect/found.h"
#include "inspect/literal.h"
#include "text/char.h"
#include "text/utf8.h"

#define GAP_TOKENS 8
#define STRING_MAX 16 /* characters of a string that may be a table by itself */
#define TABLE_MAX 64  /* different characters of one */
#define SMALL_MAX 8   /* a table of more converts rather than chooses */
#define RANGE_MAX 2   /* between two characters */

struct table {
    uint32_t ascii; /* the sign that all look like; 0: no table is open */
    uint32_t points[TABLE_MAX];
    size_t count;   /* different ones */
    size_t unusual; /* of these */
    size_t keys;    /* members that stand for something else: {"x": ...} */
    size_t members;
    size_t first, last; /* tokens */
};

/* Is it a sign in another form: full width, small, vertical? */
static bool
is_form(uint32_t cp)
{
    return (cp >= 0xFF01 && cp <= 0xFF5E) || (cp >= 0xFE30 && cp <= 0xFE6F);
}

/* Does everybody write it for that sign? */
static bool
is_usual(uint32_t cp)
{
    return (cp >= 0x2010 && cp <= 0x2015) || (cp >= 0x2018 && cp <= 0x201F) || cp == 0x2212 || cp == 0xB4 || cp == 0x2032 ||
           cp == 0x2033 || cp == 0x2039 || cp == 0x203A || cp == 0xAD || cp == 0x2DC || cp == 0x223C || is_form(cp);
}

/* The sign that a character beyond ASCII looks like, or 0 for letters, digits and what looks like nothing. */
static uint32_t
sign_of(uint32_t cp)
{
    uint32_t ascii = cp >= 0x80 ? tt_char_ascii(cp) : 0;
    return ascii > 0x20 && ascii < 0x7F && !tt_ascii_is_alnum((int) ascii) ? ascii : 0;
}

/* Two neighbours of the code chart are a range of it: tables of encodings and of normal forms have such. */
static bool
is_range(const struct table *table)
{
    uint32_t a = table->points[0], b = table->points[1];
    return table->count == 2 && (a < b ? b - a : a - b) <= RANGE_MAX;
}

static enum tt_status
report(struct tt_view *view, const struct table *table)
{
    const struct tt_token *first = &view->tokens[table->first], *last = &view->tokens[table->last];
    bool chooses = table->unusual >= 2 && table->count <= SMALL_MAX && !is_range(table) && table->keys * 2 < table->members;
    struct tt_finding finding =
        tt_found_make("client.look-alike-table", chooses ? TT_SUSPICIOUS : TT_CANDIDATE, first->at,
                      (size_t) last->at + last->len - first->at, TT_STR("characters that look like one sign stand together"));
    char text[4 * TABLE_MAX], sign[2] = {(char) table->ascii, '\0'};
    size_t len = 0;
    for (size_t i = 0; i < table->count; i++) {
        len += tt_utf8_put(table->points[i], text + len);
    }
    tt_finding_add_fact(&finding, "codepoints", TT_FACT_CODEPOINTS, tt_str_make(text, len));
    tt_finding_add_text(&finding, "looks_like", tt_str_make(sign, 1));
    tt_finding_add_number(&finding, "members", (int64_t) table->members);
    tt_finding_add_text(&finding, "not_proven", TT_STR("whether a program writes one of them, or only recognises them"));
    return tt_found_add(view, &finding, tt_str_make(text, len));
}

static enum tt_status
close_table(struct tt_view *view, struct table *table)
{
    enum tt_status status = table->ascii && table->count >= 2 && table->unusual >= 1 ? report(view, table) : TT_OK;
    *table = (struct table) {.ascii = 0};
    return status;
}

static enum tt_status
add(struct tt_view *view, struct table *table, uint32_t cp, size_t token)
{
    uint32_t ascii = sign_of(cp);
    if (table->ascii && (table->ascii != ascii || token - table->last > GAP_TOKENS)) {
        TT_TRY(close_table(view, table));
    }
    if (!table->ascii) {
        table->ascii = ascii;
        table->first = token;
    }
    bool known = table->count == TABLE_MAX;
    for (size_t i = 0; i < table->count && !known; i++) {
        known = table->points[i] == cp;
    }
    if (!known) {
        table->points[table->count++] = cp;
        table->unusual += !is_usual(cp);
    }
    table->keys += tt_view_is_sign(view, token + 1, ':') && token > 0 &&
                   (tt_view_is_sign(view, token - 1, '{') || tt_view_is_sign(view, token - 1, ','));
    table->members++;
    table->last = token;
    return TT_OK;
}

/* Adds the characters of a string that is nothing but look-alikes of one sign, and the sign itself. */
static enum tt_status
take_string(struct tt_view *view, struct table *table, size_t token)
{
    struct tt_str text = tt_view_text(view, token);
    struct tt_literal_char c;
    uint32_t points[STRING_MAX], ascii = 0;
    size_t count = 0;
    for (size_t pos = 0; (c = tt_literal_next(text, pos, true)).len > 0; pos += c.len) {
        uint32_t sign = c.cp < 0x80 ? c.cp : sign_of(c.cp);
        if (count == STRING_MAX || sign == 0 || (ascii && ascii != sign)) {
            return TT_OK;
        }
        ascii = sign;
        points[count++] = c.cp;
    }
    for (size_t i = 0; i < count; i++) {
        if (points[i] >= 0x80) {
            TT_TRY(add(view, table, points[i], token));
        }
    }
    return TT_OK;
}

/* A number of a list in which every number is a look-alike of one sign or the sign itself. */
static bool
is_in_list(const struct tt_view *view, size_t token, uint32_t ascii)
{
    for (int way = -2; way <= 2; way += 4) {
        size_t at = token;
        while (at + 2 < view->count && at >= 2 && tt_view_is_sign(view, way < 0 ? at - 1 : at + 1, ',')) {
            uint32_t number;
            at = way < 0 ? at - 2 : at + 2;
            if (view->tokens[at].kind != TT_TOKEN_NUMBER || !tt_literal_number(tt_view_text(view, at), &number) ||
                (number != ascii && sign_of(number) != ascii)) {
                return false;
            }
        }
    }
    return true;
}

static enum tt_status
take_number(struct tt_view *view, struct table *table, size_t token)
{
    uint32_t number;
    if (!tt_literal_number(tt_view_text(view, token), &number) || number < 0xA0 || number > 0x10FFFF) {
        return TT_OK;
    }
    uint32_t ascii = sign_of(number);
    bool listed = ascii && (tt_view_is_sign(view, token + 1, ',') || (token > 0 && tt_view_is_sign(view, token - 1, ',')));
    return listed && is_in_list(view, token, ascii) ? add(view, table, number, token) : TT_OK;
}

static enum tt_status
look(struct tt_view *view)
{
    struct table table = {.ascii = 0};
    for (size_t i = 0; i < view->count; i++) {
        const struct tt_token *token = &view->tokens[i];
        bool literal = tt_token_is_literal(token) && token->flags & (TT_TOKEN_ESCAPED | TT_TOKEN_WIDE);
        if (literal && !(token->flags & TT_TOKEN_RAW) && token->len <= 10 * STRING_MAX) {
            TT_TRY(take_string(view, &table, i));
        } else if (token->kind == TT_TOKEN_NUMBER && token->len >= 3 && token->len <= 7) {
            TT_TRY(take_number(view, &table, i));
        }
    }
    return close_table(view, &table);
}

const struct tt_detector tt_detector_table = {
    .name = "table",
    .kinds = TT_VIEW_SCRIPT | TT_VIEW_DATA | TT_VIEW_BINARY,
    .look = look,
};
