/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reference codec of the reported date-line mark: from a base URL and a time zone to the sentence, and back from the
 * sentence to its symbols.
 *
 * It exists so that a detector can be tested against the real form and a person can see what the form would mean.  It is
 * written from the public descriptions of 2026; the lists come from the caller, because they are data that may grow.
 * Invariant: for every value v, tt_dateline_decode(tt_dateline_apostrophe(v), tt_dateline_separator(v)) == v.
 * Ownership: results borrow from the caller's text and buffer.
 */
#include "marks/dateline.h"

#include "text/char.h"
#include "text/date.h"
#include "text/utf8.h"

#define VENDOR_HOST "api.anthropic.com"

/* By 2*lab + known. */
static const uint32_t apostrophes[4] = {0x0027, 0x2019, 0x02BC, 0x02B9};

/* By tz. */
static const uint32_t separators[2] = {'-', '/'};

/* ---- lists ---- */

size_t
tt_dateline_list(struct tt_str text, struct tt_str *names, size_t max)
{
    size_t count = 0;
    for (size_t from = 0, to; from < text.len; from = to + 1) {
        size_t end = from; /* of the name: before the comment */
        while (end < text.len && text.ptr[end] != '\n' && text.ptr[end] != '#') {
            end++;
        }
        for (to = end; to < text.len && text.ptr[to] != '\n';) {
            to++;
        }
        struct tt_str name = tt_str_trim(tt_str_slice(text, from, end));
        if (name.len > 0) {
            if (count < max) {
                names[count] = name;
            }
            count++;
        }
    }
    return count;
}

static bool
contains(struct tt_str s, struct tt_str part)
{
    for (size_t i = 0; part.len > 0 && i + part.len <= s.len; i++) {
        if (memcmp(s.ptr + i, part.ptr, part.len) == 0) {
            return true;
        }
    }
    return false;
}

/* Is host the domain itself, or a name below it?  "xcn" is not below "cn". */
static bool
is_below(struct tt_str host, struct tt_str domain)
{
    if (domain.len == 0 || !tt_str_ends(host, domain)) {
        return false;
    }
    return host.len == domain.len || host.ptr[host.len - domain.len - 1] == '.';
}

static void
match_lists(const struct tt_dateline_lists *lists, struct tt_dateline *out)
{
    for (size_t i = 0; i < lists->keyword_count && !out->lab; i++) {
        out->lab = contains(out->host, lists->keywords[i]);
    }
    for (size_t i = 0; i < lists->domain_count && !out->known; i++) {
        out->known = is_below(out->host, lists->domains[i]);
    }
}

/* ---- encoder ---- */

static const char *
explain(const struct tt_dateline_url *url, const struct tt_dateline *d)
{
    if (!url->parsed) {
        return "the base URL does not parse, so there is no host name to compare";
    }
    if (d->host.len == 0) {
        return "the base URL has no host name to compare";
    }
    if (d->lab && d->known) {
        return "the host name contains a keyword and is in the domain list";
    }
    if (d->lab) {
        return "the host name contains a keyword";
    }
    return d->known ? "the host name is in the domain list" : "the host name is on neither list";
}

enum tt_status
tt_dateline_classify(struct tt_str base_url, struct tt_str zone, const struct tt_dateline_lists *lists, struct tt_buf *host,
                     struct tt_dateline *out)
{
    struct tt_dateline_url url;
    *out = (struct tt_dateline) {.gated = true, .why = "no base URL is set: the plain sentence, whatever the time zone"};
    tt_buf_clear(host);
    if (base_url.len == 0) {
        return TT_OK;
    }
    TT_TRY(tt_dateline_host(base_url, host, &url));
    if (url.parsed && !url.has_port && tt_str_eq(tt_buf_str(host), TT_STR(VENDOR_HOST))) {
        out->host = tt_buf_str(host);
        out->why = "the base URL is the vendor's own host: the plain sentence, whatever the time zone";
        return TT_OK;
    }
    for (size_t i = 0; i < host->len; i++) {
        host->ptr[i] = (char) tt_ascii_lower(host->ptr[i]); /* only hosts of unknown schemes still have capitals */
    }
    out->gated = false;
    out->host = tt_buf_str(host);
    out->tz = tt_str_eq(zone, TT_STR("Asia/Shanghai")) || tt_str_eq(zone, TT_STR("Asia/Urumqi"));
    match_lists(lists, out);
    out->why = explain(&url, out);
    return TT_OK;
}

unsigned
tt_dateline_value(const struct tt_dateline *d)
{
    return d->gated ? 0 : 4U * d->lab + 2U * d->known + d->tz;
}

uint32_t
tt_dateline_apostrophe(unsigned value)
{
    return apostrophes[value >> 1 & 3];
}

uint32_t
tt_dateline_separator(unsigned value)
{
    return separators[value & 1];
}

static int
number(struct tt_str digits)
{
    int n = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (!tt_ascii_is_digit(digits.ptr[i])) {
            return -1;
        }
        n = n * 10 + (digits.ptr[i] - '0');
    }
    return n;
}

/* YYYY-MM-DD, and a day that the Gregorian calendar has. */
static bool
is_date(struct tt_str s)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (s.len != 10 || s.ptr[4] != '-' || s.ptr[7] != '-') {
        return false;
    }
    int year = number(tt_str_slice(s, 0, 4));
    int month = number(tt_str_slice(s, 5, 7));
    int day = number(tt_str_slice(s, 8, 10));
    if (year < 0 || month < 1 || month > 12 || day < 1) {
        return false;
    }
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= days[month - 1] + (month == 2 && leap);
}

enum tt_status
tt_dateline_encode(const struct tt_dateline *d, struct tt_str date, struct tt_buf *out, struct tt_error *err)
{
    char apostrophe[4];
    unsigned value = tt_dateline_value(d);
    if (!is_date(date)) {
        return tt_error_set(err, TT_E_USAGE, 0, "not a day of the calendar in the form YYYY-MM-DD");
    }
    tt_buf_add(out, TT_STR("Today"));
    tt_buf_add(out, tt_str_make(apostrophe, tt_utf8_put(tt_dateline_apostrophe(value), apostrophe)));
    tt_buf_add(out, TT_STR("s date is "));
    for (size_t i = 0; i < date.len; i++) {
        tt_buf_add_char(out, date.ptr[i] == '-' ? (char) tt_dateline_separator(value) : date.ptr[i]);
    }
    tt_buf_add_char(out, '.');
    return out->status == TT_OK ? TT_OK : tt_error_set(err, out->status, 0, "no room for the sentence");
}

/* ---- decoder ---- */

int
tt_dateline_decode(uint32_t apostrophe, uint32_t separator)
{
    for (unsigned value = 0; value < 8; value++) {
        if (apostrophe == tt_dateline_apostrophe(value) && separator == tt_dateline_separator(value)) {
            return (int) value;
        }
    }
    return -1;
}

/* Could cp stand for the apostrophe?  Its look-alikes, and any other single sign: an alphabet that is not known yet. */
static bool
is_symbol(uint32_t cp)
{
    const struct tt_char *c = tt_char(cp);
    if (c->flags & TT_CHAR_APOSTROPHE) {
        return true;
    }
    bool word =
        (c->category >= TT_LU && c->category <= TT_LT) || c->category == TT_LO || (c->category >= TT_ND && c->category <= TT_NO);
    bool line = cp == ' ' || cp == '\t' || cp == '\n' || cp == '\r';
    return !word && !line;
}

/* What stands between the apostrophe and the date, and how long it is; 0 when it is no such sentence. */
static size_t
phrase_before(struct tt_str before)
{
    static const struct tt_str phrases[] = {
        TT_STR_INIT("s date is "),
        TT_STR_INIT("s date: "),
        TT_STR_INIT("s date is now "),
    };
    for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
        if (tt_str_ends(before, phrases[i])) {
            return phrases[i].len;
        }
    }
    return 0;
}

/* "Today" at the end of before, as a word of its own. */
static bool
ends_in_today(struct tt_str before)
{
    if (!tt_str_ends(before, TT_STR("oday")) || before.len < 5) {
        return false;
    }
    size_t at = before.len - 5;
    struct tt_rune left = tt_utf8_prev(before, at);
    bool in_word = left.len > 0 && (tt_char_is_letter(left.cp) || tt_char(left.cp)->category == TT_ND);
    return tt_ascii_lower(before.ptr[at]) == 't' && !in_word;
}

/* \d{4}S\d{2}S\d{2}, S any separator that the date reader knows. */
static bool
is_date_of_sentence(const struct tt_date *date)
{
    return date->order == TT_DATE_YMD && date->padded && date->ascii_digits && date->separator_at[0] == date->offset + 4;
}

bool
tt_dateline_read(struct tt_str text, const struct tt_date *date, struct tt_dateline_site *out)
{
    struct tt_str before = tt_str_slice(text, 0, date->offset);
    size_t phrase = phrase_before(before);
    if (!is_date_of_sentence(date) || phrase == 0) {
        return false;
    }
    size_t apostrophe_end = before.len - phrase;
    struct tt_rune apostrophe = tt_utf8_prev(text, apostrophe_end);
    if (apostrophe.len == 0 || !is_symbol(apostrophe.cp)) {
        return false;
    }
    size_t at = apostrophe_end - apostrophe.len;
    if (!ends_in_today(tt_str_slice(text, 0, at))) {
        return false;
    }
    size_t end = date->offset + date->length;
    end += end < text.len && text.ptr[end] == '.';
    *out = (struct tt_dateline_site) {
        .offset = at - 5,
        .length = end - (at - 5),
        .apostrophe_at = at,
        .apostrophe_length = apostrophe.len,
        .apostrophe = apostrophe.cp,
        .separator = {date->separator[0], date->separator[1]},
        .separator_at = {date->separator_at[0], date->separator_at[1]},
        .value = -1,
    };
    if (date->separator[0] == date->separator[1]) {
        out->value = tt_dateline_decode(apostrophe.cp, date->separator[0]);
    }
    return true;
}

const char *
tt_dateline_reading(unsigned value)
{
#define KEYWORD "the host name contains a keyword; "
#define NO_KEYWORD "the host name contains no keyword; "
#define LISTED "it is in the domain list; "
#define NOT_LISTED "it is not in the domain list; "
#define ZONE "the time zone is Asia/Shanghai or Asia/Urumqi"
#define OTHER_ZONE "the time zone is another one"
    static const char *const readings[8] = {
        "value 0: " NO_KEYWORD NOT_LISTED OTHER_ZONE, "value 1: " NO_KEYWORD NOT_LISTED ZONE,
        "value 2: " NO_KEYWORD LISTED OTHER_ZONE,     "value 3: " NO_KEYWORD LISTED ZONE,
        "value 4: " KEYWORD NOT_LISTED OTHER_ZONE,    "value 5: " KEYWORD NOT_LISTED ZONE,
        "value 6: " KEYWORD LISTED OTHER_ZONE,        "value 7: " KEYWORD LISTED ZONE,
    };
    return readings[value & 7];
}

void
tt_dateline_explain(const struct tt_dateline_site *site, const char *out[2])
{
    if (site->value == 0) {
        out[0] = "no mark: the plain sentence, as a person or a program without the mark writes it";
        out[1] = tt_dateline_reading(0);
        return;
    }
    out[0] = site->value > 0 ? tt_dateline_reading((unsigned) site->value)
                             : "symbols outside the eight: if they carry anything, no reading is known";
    out[1] = "written so by a person or another program";
}
