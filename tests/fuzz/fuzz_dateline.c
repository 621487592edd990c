/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The date-line codec on any bytes: the input is a base URL, and also a text with date sentences.
 *
 * Properties: a URL never crashes the host parser and its host is lower-case ASCII without what no host may hold; what is encoded
 * for it reads back as the same value; a sentence found in a text lies within it and names the symbols that stand there.
 */
#include "base/limits.h"
#include "marks/dateline.h"
#include "text/date.h"
#include "text/utf8.h"

#include <stdlib.h>

#define REQUIRE(condition)  \
    do {                    \
        if (!(condition)) { \
            abort();        \
        }                   \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct tt_str keywords[] = {TT_STR_INIT("deepseek"), TT_STR_INIT("01ai")};
static const struct tt_str domains[] = {TT_STR_INIT("cn"), TT_STR_INIT("jd.com")};
static const struct tt_dateline_lists lists = {keywords, 2, domains, 2};

static void
check_host(struct tt_str host)
{
    for (size_t i = 0; i < host.len; i++) {
        unsigned char c = (unsigned char) host.ptr[i];
        REQUIRE(c > ' ' && c < 0x7F && !(c >= 'A' && c <= 'Z'));
        REQUIRE(c != '/' && c != '@' && c != '?' && c != '#' && c != '\\');
    }
}

/* Finds the first date of a text that is the date of a sentence. */
static bool
first_sentence(struct tt_str text, struct tt_dateline_site *site)
{
    struct tt_date date;
    for (size_t i = 0; i < text.len; i++) {
        if (tt_ascii_is_digit(text.ptr[i]) && tt_date_read(text, i, &date) && tt_dateline_read(text, &date, site)) {
            return true;
        }
    }
    return false;
}

static void
check_round_trip(const struct tt_dateline *d)
{
    struct tt_buf sentence;
    struct tt_dateline_site site;
    tt_buf_init(&sentence, &tt_alloc_libc, 64);
    REQUIRE(tt_dateline_encode(d, TT_STR("2026-05-09"), &sentence, NULL) == TT_OK);
    REQUIRE(first_sentence(tt_buf_str(&sentence), &site));
    REQUIRE(site.value == (int) tt_dateline_value(d) && site.offset == 0 && site.length == sentence.len);
    tt_buf_free(&sentence);
}

static void
check_url(struct tt_str url)
{
    struct tt_buf host;
    struct tt_dateline d;
    tt_buf_init(&host, &tt_alloc_libc, 16 * TT_URL_MAX);
    enum tt_status status = tt_dateline_classify(url, TT_STR("Asia/Urumqi"), &lists, &host, &d);
    REQUIRE(status == TT_OK || (status == TT_E_LIMIT && url.len > TT_URL_MAX));
    if (status == TT_OK) {
        REQUIRE(d.why != NULL && (d.gated || d.tz));
        check_host(d.host);
        check_round_trip(&d);
    }
    tt_buf_free(&host);
}

static void
check_text(struct tt_str text)
{
    struct tt_dateline_site site;
    if (!first_sentence(text, &site)) {
        return;
    }
    REQUIRE(site.offset + site.length <= text.len && site.apostrophe_at == site.offset + 5);
    REQUIRE(tt_utf8_next(text, site.apostrophe_at).cp == site.apostrophe);
    for (int i = 0; i < 2; i++) {
        REQUIRE(tt_utf8_next(text, site.separator_at[i]).cp == site.separator[i]);
    }
    int value = site.separator[0] == site.separator[1] ? tt_dateline_decode(site.apostrophe, site.separator[0]) : -1;
    REQUIRE(site.value == value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tt_str input = tt_str_make(data, size);
    struct tt_str names[4];
    check_url(input);
    check_text(input);
    size_t count = tt_dateline_list(input, names, 4);
    for (size_t i = 0; i < count && i < 4; i++) {
        REQUIRE(names[i].len > 0 && names[i].ptr >= input.ptr && names[i].ptr + names[i].len <= input.ptr + input.len);
    }
    return 0;
}
