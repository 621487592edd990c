/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types of values in a policy.
 *
 * In: the text of a scalar.  Out: its number where it has one, or static words that say what it must be.  No type depends on how a
 * value is quoted, and none guesses: "NO" is two letters until a field of countries reads it.
 */
#include "policy/schema.h"

#include "policy/version.h"
#include "text/utf8.h"

/* ISO 3166-1, edition of 2020 with its newsletters; two letters each, no divider. */
static const char countries[] =
    "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZ"
    "ECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKY"
    "KZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPY"
    "QARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZM"
    "ZW";

bool
tt_policy_is_country(struct tt_str text)
{
    for (size_t i = 0; text.len == 2 && i + 2 < sizeof(countries); i += 2) {
        if (countries[i] == text.ptr[0] && countries[i + 1] == text.ptr[1]) {
            return true;
        }
    }
    return false;
}

static bool
is_name(struct tt_str text, bool slug)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool letter = slug ? c >= 'a' && c <= 'z' : tt_ascii_is_alpha(c);
        bool first = letter || (slug && tt_ascii_is_digit(c));
        bool other = tt_ascii_is_digit(c) || c == '.' || c == '_' || c == '-';
        if (!first && (i == 0 || !other)) {
            return false;
        }
    }
    return text.len > 0 && text.len <= 64;
}

/* Decimal digits only; false when there are none, or too many for any field. */
static bool
read_digits(struct tt_str text, int64_t *number)
{
    int64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!tt_ascii_is_digit(text.ptr[i]) || i == 9) {
            return false;
        }
        value = value * 10 + (text.ptr[i] - '0');
    }
    *number = value;
    return text.len > 0;
}

static int64_t
days_of_month(int64_t year, int64_t month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

bool
tt_policy_date_parse(struct tt_str text, int64_t *date)
{
    int64_t year, month, day;
    if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-' || !read_digits(tt_str_slice(text, 0, 4), &year) ||
        !read_digits(tt_str_slice(text, 5, 7), &month) || !read_digits(tt_str_slice(text, 8, 10), &day)) {
        return false;
    }
    *date = year * 10000 + month * 100 + day;
    return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= days_of_month(year, month);
}

static void
add_padded(struct tt_buf *out, int64_t number, int64_t least)
{
    for (; number < least && least > 1; least /= 10) {
        tt_buf_add_char(out, '0');
    }
    tt_buf_add_u64(out, (uint64_t) number);
}

void
tt_policy_date_add(struct tt_buf *out, int64_t date)
{
    add_padded(out, date / 10000, 1000);
    tt_buf_add_char(out, '-');
    add_padded(out, date / 100 % 100, 10);
    tt_buf_add_char(out, '-');
    add_padded(out, date % 100, 10);
}

int64_t
tt_policy_date_next(int64_t date)
{
    int64_t year = date / 10000, month = date / 100 % 100, day = date % 100;
    if (day < days_of_month(year, month)) {
        return date + 1;
    }
    return month < 12 ? year * 10000 + (month + 1) * 100 + 1 : (year + 1) * 10000 + 101;
}

int64_t
tt_policy_date_previous(int64_t date)
{
    int64_t year = date / 10000, month = date / 100 % 100, day = date % 100;
    if (day > 1) {
        return date - 1;
    }
    return month > 1 ? year * 10000 + (month - 1) * 100 + days_of_month(year, month - 1) : (year - 1) * 10000 + 1231;
}

/* Days since the first of March of year 0, so that leap days end a year. */
static int64_t
day_number(int64_t date)
{
    int64_t year = date / 10000, month = date / 100 % 100, day = date % 100;
    int64_t y = month > 2 ? year : year - 1;
    int64_t m = month > 2 ? month - 3 : month + 9;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day;
}

int64_t
tt_policy_date_days(int64_t from, int64_t until)
{
    return day_number(until) - day_number(from);
}

/* ---- one reader a type: true when text is one ---- */

static bool
read_text(struct tt_str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; count++) {
        struct tt_rune c = tt_utf8_next(text, i);
        i += c.len ? c.len : 1;
    }
    return count > 0 && count <= TT_POLICY_TEXT_MAX;
}

static bool
read_usd(struct tt_str text, int64_t *micro)
{
    size_t dot = 0;
    int64_t whole, cents = 0;
    while (dot < text.len && text.ptr[dot] != '.') {
        dot++;
    }
    struct tt_str rest = tt_str_slice(text, dot + 1, text.len);
    if (!read_digits(tt_str_slice(text, 0, dot), &whole) || (dot < text.len && (rest.len > 2 || !read_digits(rest, &cents)))) {
        return false;
    }
    *micro = whole * 1000000 + cents * (rest.len == 1 ? 100000 : 10000);
    return true;
}

static bool
read_offset(struct tt_str text, int64_t *minutes)
{
    int64_t hour, minute;
    *minutes = 0;
    if (tt_str_eq(text, TT_STR("UTC"))) {
        return true;
    }
    if (text.len != 6 || (text.ptr[0] != '+' && text.ptr[0] != '-') || text.ptr[3] != ':' ||
        !read_digits(tt_str_slice(text, 1, 3), &hour) || !read_digits(tt_str_slice(text, 4, 6), &minute)) {
        return false;
    }
    *minutes = (text.ptr[0] == '-' ? -1 : 1) * (hour * 60 + minute);
    return hour <= 14 && minute < 60;
}

/* A mailbox or URL, roughly: one '@' or "://" with something on both sides, and no blank. */
static bool
read_contact(struct tt_str text)
{
    bool found = false;
    for (size_t i = 0; i < text.len; i++) {
        struct tt_str rest = tt_str_slice(text, i, text.len);
        if (text.ptr[i] == ' ') {
            return false;
        }
        found = found || (i > 0 && text.ptr[i] == '@' && rest.len > 1) ||
                (i > 0 && tt_str_starts(rest, TT_STR("://")) && rest.len > 3);
    }
    return found && read_text(text);
}

static bool
read_glob(struct tt_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '[' || c == ']' || c == '{' || c == '}' || c == '\\' || c == ' ') {
            return false;
        }
    }
    return read_text(text);
}

static bool
read_sha256(struct tt_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (tt_ascii_hex(text.ptr[i]) < 0 || (text.ptr[i] >= 'A' && text.ptr[i] <= 'F')) {
            return false;
        }
    }
    return text.len == 64;
}

static bool
read_package(struct tt_str text)
{
    size_t colon = 0;
    while (colon < text.len && text.ptr[colon] >= 'a' && text.ptr[colon] <= 'z') {
        colon++;
    }
    for (size_t i = colon; i < text.len; i++) {
        if (text.ptr[i] == ' ') {
            return false;
        }
    }
    return colon > 0 && colon + 1 < text.len && text.ptr[colon] == ':' && read_text(text);
}

static bool
read_host(struct tt_str text)
{
    bool dot = true; /* a label must begin */
    for (size_t i = tt_str_starts(text, TT_STR("*.")) ? 2 : 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool inner = (c >= 'a' && c <= 'z') || tt_ascii_is_digit(c) || c == '-' || c == '_';
        if ((c == '.' && dot) || (c != '.' && !inner)) {
            return false;
        }
        dot = c == '.';
    }
    return !dot && text.len <= 253;
}

static bool
read_choice(const char *const *choices, struct tt_str text, int64_t *index)
{
    for (*index = 0; choices[*index]; ++*index) {
        if (tt_str_eq(tt_str_cstr(choices[*index]), text)) {
            return true;
        }
    }
    return false;
}

const char *
tt_policy_type_parse(const struct tt_policy_field *field, struct tt_str text, struct tt_policy_value *out)
{
    int64_t *number = &out->number;
    switch (field->type) {
    case TT_TYPE_TEXT: return read_text(text) ? NULL : "must be a text of 1 to 400 characters";
    case TT_TYPE_SLUG: return is_name(text, true) ? NULL : "must be small letters, digits, '.', '_' and '-', at most 64";
    case TT_TYPE_ID: return is_name(text, false) ? NULL : "must be a letter, then letters, digits, '.', '_' and '-', at most 64";
    case TT_TYPE_DATE: return tt_policy_date_parse(text, number) ? NULL : "must be a day that exists, as YYYY-MM-DD";
    case TT_TYPE_USD: return read_usd(text, number) ? NULL : "must be an amount such as 250 or 19.90";
    case TT_TYPE_INT:
        return read_digits(text, number) && *number >= field->least && *number <= field->most ? NULL : "must be a whole number";
    case TT_TYPE_BOOL:
        *number = tt_str_eq(text, TT_STR("true"));
        return *number || tt_str_eq(text, TT_STR("false")) ? NULL : "must be true or false";
    case TT_TYPE_COUNTRY: return tt_policy_is_country(text) ? NULL : "must be a country of ISO 3166-1, two capital letters";
    case TT_TYPE_REGION:
        return tt_policy_is_country(text) || is_name(text, true) ? NULL : "must be a country, a group of 'regions', or all";
    case TT_TYPE_GLOB: return read_glob(text) ? NULL : "must be a name in which only '*' and '?' are special";
    case TT_TYPE_RANGE: return tt_policy_range_valid(text) ? NULL : "must be comparisons such as \">= 1.1.0 < 2\"";
    case TT_TYPE_OFFSET: return read_offset(text, number) ? NULL : "must be UTC or a distance from it such as +08:00";
    case TT_TYPE_CONTACT: return read_contact(text) ? NULL : "must be a mailbox or a URL of a role";
    case TT_TYPE_ENUM: return read_choice(field->choices, text, number) ? NULL : "must be one of its words";
    case TT_TYPE_SHA256: return read_sha256(text) ? NULL : "must be 64 small hexadecimal digits";
    case TT_TYPE_PACKAGE: return read_package(text) ? NULL : "must be a registry, ':' and a name, such as npm:@a/b or vscode:a.b";
    case TT_TYPE_HOSTNAME: return read_host(text) ? NULL : "must be a host name in small letters, or '*.' and the end of one";
    }
    return "has an unknown type";
}
