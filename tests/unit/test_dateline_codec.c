/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codec of the date-line mark, against the readable table tests/golden/dateline/fixtures.md.
 *
 * The lists are the shipped ones, data/dateline.  Both are found in the source tree: the first argument, or TT_ROOT, or the
 * current directory.
 */
#include "test.h"

#include "base/limits.h"
#include "marks/dateline.h"
#include "text/date.h"
#include "text/utf8.h"

#include <stdio.h>
#include <stdlib.h>

#define NAMES_MAX 64
#define FILE_MAX ((size_t) 1 << 20)

static const char *root = ".";

struct fixture {
    char *files[3];
    struct tt_str page;
    struct tt_str names[2][NAMES_MAX];
    struct tt_dateline_lists lists;
};

/* ---- files ---- */

/* The bytes stay in fx->files[i] until teardown. */
static struct tt_str
read_file(struct fixture *fx, int i, const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", root, name);
    FILE *f = fopen(path, "rb");
    if (!f) {
        fail_msg("cannot open %s", path);
    }
    fx->files[i] = test_malloc(FILE_MAX);
    size_t n = fread(fx->files[i], 1, FILE_MAX, f);
    fclose(f);
    assert_true(n > 0 && n < FILE_MAX);
    return tt_str_make(fx->files[i], n);
}

static int
setup(void **state)
{
    struct fixture *fx = test_calloc(1, sizeof(*fx));
    fx->page = read_file(fx, 0, "tests/golden/dateline/fixtures.md");
    struct tt_str keywords = read_file(fx, 1, "data/dateline/keywords.txt");
    struct tt_str domains = read_file(fx, 2, "data/dateline/domains.txt");
    fx->lists = (struct tt_dateline_lists) {
        .keywords = fx->names[0],
        .keyword_count = tt_dateline_list(keywords, fx->names[0], NAMES_MAX),
        .domains = fx->names[1],
        .domain_count = tt_dateline_list(domains, fx->names[1], NAMES_MAX),
    };
    *state = fx;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fx = *state;
    for (int i = 0; i < 3; i++) {
        test_free(fx->files[i]);
    }
    test_free(fx);
    return 0;
}

/* ---- rows of the table ---- */

#define CELLS_MAX 5

struct row {
    struct tt_str cell[CELLS_MAX]; /* trimmed; the first without its backticks, still escaped */
    bool has_input;                /* the first cell has backticks */
    char input[512];               /* the first cell, escapes undone */
    size_t input_length;
    size_t number; /* for messages */
};

static uint32_t
hex4(struct tt_str s, size_t at)
{
    uint32_t value = 0;
    for (size_t i = at; i < at + 4; i++) {
        value = value << 4 | (uint32_t) tt_ascii_hex((unsigned char) s.ptr[i]);
    }
    return value;
}

static void
unescape(struct row *row)
{
    struct tt_str s = row->cell[0];
    size_t n = 0;
    assert_true(s.len + 4 < sizeof(row->input));
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c != '\\') {
            row->input[n++] = c;
            continue;
        }
        char kind = s.ptr[++i];
        if (kind == 'u') {
            n += tt_utf8_put(hex4(s, i + 1), row->input + n);
            i += 4;
        } else {
            row->input[n++] = kind == 'n' ? '\n' : kind == 't' ? '\t' : kind;
        }
    }
    row->input_length = n;
}

static struct tt_str
trimmed(struct tt_str s)
{
    while (s.len > 0 && s.ptr[0] == ' ') {
        s = tt_str_slice(s, 1, s.len);
    }
    while (s.len > 0 && s.ptr[s.len - 1] == ' ') {
        s.len--;
    }
    return s;
}

static void
split_row(struct tt_str line, struct row *row)
{
    size_t n = 0;
    size_t from = 1;
    for (size_t i = 1; i < line.len && n < CELLS_MAX; i++) {
        if (line.ptr[i] == '|') {
            row->cell[n++] = trimmed(tt_str_slice(line, from, i));
            from = i + 1;
        }
    }
    struct tt_str first = row->cell[0];
    row->has_input = first.len >= 2 && first.ptr[0] == '`';
    if (row->has_input) {
        row->cell[0] = tt_str_slice(first, 1, first.len - 1);
        unescape(row);
    }
}

/* Calls check for each row of the section; rows without an input are the header and "absent". Returns the rows with one. */
static size_t
each_row(struct fixture *fx, const char *section, void (*check)(struct fixture *fx, const struct row *row))
{
    bool inside = false;
    size_t count = 0, number = 0;
    for (size_t from = 0; from < fx->page.len;) {
        const char *end = memchr(fx->page.ptr + from, '\n', fx->page.len - from);
        size_t to = end ? (size_t) (end - fx->page.ptr) : fx->page.len;
        struct tt_str line = tt_str_slice(fx->page, from, to);
        struct row row = {.number = ++number};
        from = to + 1;
        if (tt_str_starts(line, TT_STR("## "))) {
            inside = tt_str_eq(tt_str_slice(line, 3, line.len), tt_str_cstr(section));
        }
        if (!inside || !tt_str_starts(line, TT_STR("|")) || tt_str_starts(line, TT_STR("|--"))) {
            continue;
        }
        split_row(line, &row);
        if (row.has_input || tt_str_eq(row.cell[0], TT_STR("absent"))) {
            print_message("# line %zu %.*s\n", number, (int) line.len, line.ptr); /* a comment in TAP */
            check(fx, &row);
            count++;
        }
    }
    return count;
}

static struct tt_str
input_of(const struct row *row)
{
    return row->has_input ? tt_str_make(row->input, row->input_length) : tt_str_make(NULL, 0);
}

/* ---- the sections ---- */

static void
check_base_url(struct fixture *fx, const struct row *row)
{
    struct tt_buf host;
    struct tt_dateline d, east;
    struct tt_dateline_url url;
    tt_buf_init(&host, &tt_alloc_libc, TT_URL_MAX);
    struct tt_str input = input_of(row);
    struct tt_str expected = row->cell[1];
    assert_int_equal(tt_dateline_classify(input, TT_STR("UTC"), &fx->lists, &host, &d), TT_OK);
    bool null_host = tt_str_eq(row->cell[2], TT_STR("null"));
    assert_str_equal(d.host, null_host ? TT_STR("") : row->cell[2]);
    assert_non_null(d.why);
    assert_int_equal(d.gated, tt_str_eq(expected, TT_STR("no mark")));
    if (!d.gated) {
        assert_int_equal(d.lab, expected.ptr[0] == '1');
        assert_int_equal(d.known, expected.ptr[1] == '1');
    }
    assert_int_equal(tt_dateline_value(&d), d.gated ? 0 : 4 * d.lab + 2 * d.known);
    assert_int_equal(tt_dateline_classify(input, TT_STR("Asia/Urumqi"), &fx->lists, &host, &east), TT_OK);
    assert_int_equal(tt_dateline_value(&east), d.gated ? 0 : tt_dateline_value(&d) + 1);
    assert_int_equal(tt_dateline_host(input, &host, &url), TT_OK);
    assert_int_equal(url.parsed, !null_host && input.len > 0);
    tt_buf_free(&host);
}

static void
test_base_urls(void **state)
{
    assert_true(each_row(*state, "Base URLs", check_base_url) >= 100);
}

static void
check_zone(struct fixture *fx, const struct row *row)
{
    struct tt_buf host;
    struct tt_dateline d;
    tt_buf_init(&host, &tt_alloc_libc, TT_URL_MAX);
    assert_int_equal(tt_dateline_classify(TT_STR("http://localhost"), input_of(row), &fx->lists, &host, &d), TT_OK);
    assert_int_equal(d.tz, row->cell[1].ptr[0] == '1');
    tt_buf_free(&host);
}

static void
test_zones(void **state)
{
    assert_true(each_row(*state, "Time zones", check_zone) >= 10);
}

static void
add_unhex(struct tt_buf *out, struct tt_str hex)
{
    for (size_t i = 0; i + 1 < hex.len; i++) {
        if (hex.ptr[i] != ' ') {
            tt_buf_add_char(out, (char) (tt_ascii_hex(hex.ptr[i]) << 4 | tt_ascii_hex(hex.ptr[i + 1])));
            i++;
        }
    }
}

static void
check_value(struct fixture *fx, const struct row *row)
{
    (void) fx;
    struct tt_buf bytes, sentence;
    struct tt_error err;
    struct tt_str facts = row->cell[2];
    struct tt_dateline d = {.lab = facts.ptr[0] == '1', .known = facts.ptr[2] == '1', .tz = facts.ptr[4] == '1'};
    tt_buf_init(&bytes, &tt_alloc_libc, 100);
    tt_buf_init(&sentence, &tt_alloc_libc, 100);
    add_unhex(&bytes, row->cell[3]);
    assert_str_equal(tt_buf_str(&bytes), input_of(row));
    assert_int_equal(tt_dateline_value(&d), row->cell[1].ptr[0] - '0');
    assert_int_equal(tt_dateline_encode(&d, TT_STR("2026-05-09"), &sentence, &err), TT_OK);
    assert_str_equal(tt_buf_str(&sentence), tt_buf_str(&bytes));
    assert_memory_equal(tt_dateline_reading(tt_dateline_value(&d)) + strlen("value "), row->cell[1].ptr, 1);
    tt_buf_free(&bytes);
    tt_buf_free(&sentence);
}

static void
test_values(void **state)
{
    assert_int_equal(each_row(*state, "Values", check_value), 8);
}

/* Reads the first date of the text as a sentence. */
static bool
read_sentence(struct tt_str text, struct tt_dateline_site *site)
{
    struct tt_date date;
    for (size_t i = 0; i < text.len; i++) {
        if (tt_ascii_is_digit(text.ptr[i]) && tt_date_read(text, i, &date)) {
            return tt_dateline_read(text, &date, site);
        }
    }
    return false;
}

static void
check_reading(struct fixture *fx, const struct row *row)
{
    (void) fx;
    struct tt_dateline_site site = {.value = 99};
    struct tt_str text = input_of(row);
    struct tt_str expected = row->cell[1];
    if (tt_str_eq(expected, TT_STR("no"))) {
        assert_false(read_sentence(text, &site));
        return;
    }
    assert_true(read_sentence(text, &site));
    int value = tt_str_eq(expected, TT_STR("other")) ? -1 : expected.ptr[0] - '0';
    assert_int_equal(site.value, value);
    assert_int_equal(tt_ascii_lower(text.ptr[site.offset]), 't');
    assert_int_equal(site.apostrophe_at, site.offset + 5);
    assert_int_equal(tt_utf8_next(text, site.apostrophe_at).cp, site.apostrophe);
    assert_int_equal(tt_utf8_next(text, site.separator_at[0]).cp, site.separator[0]);
    assert_int_equal(tt_utf8_next(text, site.separator_at[1]).cp, site.separator[1]);
    assert_true(site.offset + site.length <= text.len);
}

static void
test_reading(void **state)
{
    assert_true(each_row(*state, "Reading", check_reading) >= 30);
}

/* ---- what the table does not say ---- */

static void
test_decode_is_the_inverse(void **state)
{
    (void) state;
    for (unsigned value = 0; value < 8; value++) {
        assert_int_equal(tt_dateline_decode(tt_dateline_apostrophe(value), tt_dateline_separator(value)), value);
    }
    assert_int_equal(tt_dateline_decode(0x2018, '-'), -1);
    assert_int_equal(tt_dateline_decode(0x0027, '.'), -1);
    assert_int_equal(tt_dateline_decode(0x02BC, 0x2010), -1);
}

static uint32_t
next_random(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

/* Any inputs: the sentence that is written reads back as the value it was written for, and only the date's separators differ. */
static void
test_round_trip(void **state)
{
    struct fixture *fx = *state;
    static const char *const hosts[] = {"deepseek", "x", "cn", "a.cn", "01ai.jd.com", "moonshot.cn", "api.anthropic.com"};
    static const char *const zones[] = {"UTC", "Asia/Shanghai", "Asia/Urumqi", "Europe/Berlin"};
    uint32_t seed = 20260630;
    for (int n = 0; n < 2000; n++) {
        struct tt_buf host, out;
        struct tt_dateline d;
        struct tt_dateline_site site;
        char url[100], date[11];
        snprintf(url, sizeof(url), "https://%s:%u/", hosts[next_random(&seed) % 7], next_random(&seed) % 2 ? 443 : 8443);
        snprintf(date, sizeof(date), "%04u-%02u-%02u", 1000 + next_random(&seed) % 9000, 1 + next_random(&seed) % 12,
                 1 + next_random(&seed) % 28);
        tt_buf_init(&host, &tt_alloc_libc, TT_URL_MAX);
        tt_buf_init(&out, &tt_alloc_libc, 100);
        struct tt_str zone = tt_str_cstr(zones[next_random(&seed) % 4]);
        assert_int_equal(tt_dateline_classify(tt_str_cstr(url), zone, &fx->lists, &host, &d), TT_OK);
        assert_int_equal(tt_dateline_encode(&d, tt_str_cstr(date), &out, NULL), TT_OK);
        assert_true(read_sentence(tt_buf_str(&out), &site));
        assert_int_equal(site.value, tt_dateline_value(&d));
        assert_int_equal(site.offset, 0);
        assert_int_equal(site.length, out.len);
        tt_buf_free(&host);
        tt_buf_free(&out);
    }
}

static void
test_bad_dates(void **state)
{
    (void) state;
    static const char *const dates[] = {
        "",           "2026-05-9",  "2026-5-09",  "2026/05/09", "2026-00-09", "2026-13-09",  "2026-05-00",
        "2026-04-31", "2026-02-29", "1900-02-29", "20x6-05-09", "2026-05-0x", "2026-05-091", "-026-05-09",
    };
    struct tt_dateline d = {.gated = true};
    struct tt_buf out;
    struct tt_error err;
    tt_buf_init(&out, &tt_alloc_libc, 100);
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        assert_int_equal(tt_dateline_encode(&d, tt_str_cstr(dates[i]), &out, &err), TT_E_USAGE);
        assert_int_equal(err.code, TT_E_USAGE);
        assert_int_equal(out.len, 0);
    }
    assert_int_equal(tt_dateline_encode(&d, TT_STR("2024-02-29"), &out, &err), TT_OK);
    assert_int_equal(tt_dateline_encode(&d, TT_STR("2000-02-29"), &out, &err), TT_OK);
    tt_buf_free(&out);
}

static void
test_list_files(void **state)
{
    struct fixture *fx = *state;
    struct tt_str names[3];
    assert_int_equal(fx->lists.keyword_count, 11);
    assert_int_equal(fx->lists.domain_count, 20);
    struct tt_str text = TT_STR("# head\n\n  one \r\ntwo#x\n#\nthree\nfour");
    assert_int_equal(tt_dateline_list(text, names, 3), 4);
    assert_str_equal(names[0], TT_STR("one"));
    assert_str_equal(names[1], TT_STR("two"));
    assert_str_equal(names[2], TT_STR("three"));
    assert_int_equal(tt_dateline_list(TT_STR(""), names, 3), 0);
    assert_int_equal(tt_dateline_list(TT_STR("one"), NULL, 0), 1);
}

/* Without lists nothing matches; an empty name in a list matches nothing either. */
static void
test_empty_lists(void **state)
{
    (void) state;
    struct tt_str empty[1] = {{"", 0}};
    struct tt_dateline_lists none = {NULL, 0, NULL, 0};
    struct tt_dateline_lists blank = {empty, 1, empty, 1};
    struct tt_buf host;
    struct tt_dateline d;
    tt_buf_init(&host, &tt_alloc_libc, TT_URL_MAX);
    assert_int_equal(tt_dateline_classify(TT_STR("https://deepseek.cn"), TT_STR("UTC"), &none, &host, &d), TT_OK);
    assert_int_equal(tt_dateline_value(&d), 0);
    assert_false(d.gated);
    assert_int_equal(tt_dateline_classify(TT_STR("https://deepseek.cn"), TT_STR("UTC"), &blank, &host, &d), TT_OK);
    assert_int_equal(tt_dateline_value(&d), 0);
    tt_buf_free(&host);
}

static void
test_limits(void **state)
{
    struct fixture *fx = *state;
    static char long_url[TT_URL_MAX + 1];
    struct tt_buf host;
    struct tt_dateline d;
    memset(long_url, 'a', sizeof(long_url));
    memcpy(long_url, "http://", 7);
    tt_buf_init(&host, &tt_alloc_libc, TT_URL_MAX);
    assert_int_equal(tt_dateline_classify(tt_str_make(long_url, TT_URL_MAX), TT_STR(""), &fx->lists, &host, &d), TT_OK);
    assert_int_equal(d.host.len, TT_URL_MAX - 7);
    assert_int_equal(tt_dateline_classify(tt_str_make(long_url, TT_URL_MAX + 1), TT_STR(""), &fx->lists, &host, &d), TT_E_LIMIT);
    tt_buf_free(&host);
    tt_buf_init(&host, &tt_alloc_libc, 4);
    assert_int_equal(tt_dateline_classify(TT_STR("http://abcde"), TT_STR(""), &fx->lists, &host, &d), TT_E_LIMIT);
    tt_buf_free(&host);
}

/* Bytes that are not UTF-8, NUL included, are only a host that no one has. */
static void
test_odd_bytes(void **state)
{
    (void) state;
    static const struct tt_str urls[] = {
        TT_STR_INIT("http://a\0b"),         TT_STR_INIT("http://\xff.cn"), TT_STR_INIT("http://\xe4\xb8.cn"),
        TT_STR_INIT("http://a%ff.cn"),      TT_STR_INIT("http://a%00b"),   TT_STR_INIT("http://a\x7f.cn"),
        TT_STR_INIT("http://\xed\xa0\x80"),
    };
    struct tt_buf host;
    struct tt_dateline_url url;
    tt_buf_init(&host, &tt_alloc_libc, TT_URL_MAX);
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        assert_int_equal(tt_dateline_host(urls[i], &host, &url), TT_OK);
        assert_false(url.parsed);
        assert_int_equal(host.len, 0);
    }
    tt_buf_free(&host);
}

static bool
classify_and_encode(void *ctx, const struct tt_alloc *alloc)
{
    struct fixture *fx = ctx;
    struct tt_buf host, out;
    struct tt_dateline d;
    tt_buf_init(&host, alloc, TT_URL_MAX);
    tt_buf_init(&out, alloc, 100);
    enum tt_status status = tt_dateline_classify(TT_STR("https://d\xc3\xa9.cn"), TT_STR("UTC"), &fx->lists, &host, &d);
    if (status == TT_OK) {
        assert_true(d.known);
        status = tt_dateline_encode(&d, TT_STR("2026-05-09"), &out, NULL);
    }
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    tt_buf_free(&host);
    tt_buf_free(&out);
    return status == TT_OK;
}

static void
test_allocations(void **state)
{
    test_every_allocation(classify_and_encode, *state);
}

static void
test_explanations_are_never_one(void **state)
{
    (void) state;
    for (int value = -1; value < 8; value++) {
        const char *why[2];
        struct tt_dateline_site site = {.value = value};
        tt_dateline_explain(&site, why);
        assert_string_not_equal(why[0], why[1]);
        assert_null(strstr(why[0], "clean"));
        assert_null(strstr(why[1], "clean"));
    }
}

int
main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base_urls),
        cmocka_unit_test(test_zones),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_reading),
        cmocka_unit_test(test_decode_is_the_inverse),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_bad_dates),
        cmocka_unit_test(test_list_files),
        cmocka_unit_test(test_empty_lists),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_odd_bytes),
        cmocka_unit_test(test_allocations),
        cmocka_unit_test(test_explanations_are_never_one),
    };
    const char *from_env = getenv("TT_ROOT");
    root = argc > 1 ? argv[1] : from_env ? from_env : root;
    return cmocka_run_group_tests(tests, setup, teardown);
}
