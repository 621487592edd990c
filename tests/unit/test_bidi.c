/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Controls of direction: what right-to-left text needs is left alone, copies of labels and dates are low, pairs that are not
 * closed, overrides and messages are reported; what a screen shows agrees with the Unicode test data.
 */
#include "encoders.h"
#include "look.h"

#include "marks/bidi_pairs.h"

#include <stdio.h>
#include <stdlib.h>

#define RULE "mark.bidi"
#define NOTHING (-1)

#define ALM "\xD8\x9C"
#define LRM "\xE2\x80\x8E"
#define RLM "\xE2\x80\x8F"
#define LRE "\xE2\x80\xAA"
#define RLE "\xE2\x80\xAB"
#define PDF "\xE2\x80\xAC"
#define LRO "\xE2\x80\xAD"
#define RLO "\xE2\x80\xAE"
#define LRI "\xE2\x81\xA6"
#define RLI "\xE2\x81\xA7"
#define FSI "\xE2\x81\xA8"
#define PDI "\xE2\x81\xA9"
#define NADS "\xE2\x81\xAE"
#define ZWNJ "\xE2\x80\x8C"
#define ZWSP "\xE2\x80\x8B"

#define SHALOM "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D"
#define SALAM "\xD8\xB3\xD9\x84\xD8\xA7\xD9\x85"

#define CHECK(rows) LOOK_CHECK(RULE, rows, LOOK_ANYWHERE)

static void
test_marks(void **state)
{
    static const struct look_row rows[] = {
        {SHALOM RLM "! C++" LRM " " SHALOM, NOTHING},
        {SALAM LRM " (Beirut)", NOTHING},
        {"5" ALM "%, " SALAM, NOTHING},
        {SHALOM " HTML" LRM " 5", NOTHING}, /* beside Latin in a Hebrew line */
        {"HTML" LRM " 5\n" SHALOM, NOTHING},
        {"plain" LRM " text", TT_CANDIDATE},
        {RLM "plain text", TT_CANDIDATE},
        {LRM "[12/03/2024, 10:20:30] Anna: " LRM "image omitted", TT_CANDIDATE},
        {LRM "1" LRM "/" LRM "14" LRM "/" LRM "2020", TT_CANDIDATE},
        {LRM "Tuesday, " LRM "January " LRM "14, " LRM "2020, " RLM LRM "10:20:31 AM", TT_CANDIDATE},
        {"pass" LRM "word", TT_SUSPICIOUS},
        {SHALOM " pass" RLM "word " SHALOM, TT_SUSPICIOUS}, /* inside a Latin word in any text */
        {"is_" LRM "admin", TT_SUSPICIOUS},
        {"\xD1\x81\xD0\xBB" LRM "\xD0\xBE\xD0\xB2\xD0\xBE", TT_SUSPICIOUS}, /* inside a Cyrillic word */
        {"https://example.org/" LRM "1?a=2", TT_SUSPICIOUS},
        {"twice" LRM LRM " here", TT_SUSPICIOUS},
        {"a" LRM RLM LRM RLM " b", TT_SUSPICIOUS},
        {SHALOM RLM RLM " " SHALOM, TT_CANDIDATE}, /* typed twice */
        {SHALOM RLM RLM RLM RLM " " SHALOM, TT_SUSPICIOUS},
        {"\xD7\xA9\xD7\x9C" RLM "\xD7\x95\xD7\x9D", TT_CANDIDATE}, /* inside a Hebrew word */
        {"numbers " NADS "123", TT_SUSPICIOUS},
        {SALAM " " NADS "123", TT_CANDIDATE},
        {"| LRM | " LRM " | U+200E |", NOTHING},
        {"375   253   FD   " LRM "   a mark", NOTHING}, /* row of a table of a character set */
        {"375   254   FD   " LRM LRM "   a mark", TT_SUSPICIOUS},
        {SALAM ZWNJ RLM " " SALAM, NOTHING},
        {"in" ZWSP LRM "side", NOTHING}, /* left to the zero-width channel */
    };
    (void) state;
    CHECK(rows);
}

static void
test_pairs(void **state)
{
    static const struct look_row rows[] = {
        {RLI SHALOM PDI " and " LRE "x" PDF, NOTHING},
        {"call " LRE "+1 555" PDF " or " FSI "Anna" PDI "'s", NOTHING},
        {SHALOM RLE "(a)" PDF, NOTHING},
        {LRI FSI "a" PDI LRE "b" PDF PDI, NOTHING},
        {LRI "a" PDF PDI, TT_CANDIDATE}, /* PDF without an embedding inside the isolate */
        {LRE LRI "a" PDF "b" PDI PDF, TT_CANDIDATE},
        {"a " LRI "b", TT_SUSPICIOUS},
        {"a " RLI "b", TT_SUSPICIOUS},
        {"a " FSI "b", TT_SUSPICIOUS},
        {"a " LRE "b", TT_SUSPICIOUS},
        {"a " RLE "b", TT_SUSPICIOUS},
        {"a " LRE PDF "b", TT_SUSPICIOUS}, /* around nothing */
        {SHALOM " a " LRE PDF "b", TT_CANDIDATE},
        {LRE "C:\\Users\\me", TT_CANDIDATE},
        {LRE "+1 555 0100", TT_CANDIDATE},
        {LRI "C:\\Users\\me", TT_SUSPICIOUS},
        {RLE SHALOM " abc", TT_CANDIDATE},         /* as translators leave it */
        {RLE "%s " SHALOM, TT_CANDIDATE},          /* as the whole paragraph runs */
        {SHALOM "\n" RLE "no file", TT_CANDIDATE}, /* the same, not translated */
        {"\n" RLE "no file", TT_SUSPICIOUS},
        {SHALOM " " LRE "GDI+", TT_CANDIDATE}, /* to the end of the paragraph */
        {SHALOM " " LRE "a " SHALOM, TT_SUSPICIOUS},
        {SHALOM " " RLE "abc", TT_SUSPICIOUS},
        {"a " LRI "b\nc" PDI, TT_SUSPICIOUS}, /* the paragraph ends between them */
        {"a " LRI "b\xE2\x80\xA9"
         "c" PDI,
         TT_SUSPICIOUS},
        {"a" PDI " b", TT_SUSPICIOUS},
        {"555" PDF " b", TT_CANDIDATE},
        {LRE "a " LRI "b" PDF PDI, TT_SUSPICIOUS}, /* the PDF is inside the isolate */
        {LRI "a " LRE "b" PDI, TT_SUSPICIOUS},     /* closed by the isolate's end only */
        {LRI PDI "a", TT_CANDIDATE},
        {LRO "123" PDF, TT_SUSPICIOUS},
        {SHALOM " " RLO "abc" PDF, TT_SUSPICIOUS},
        {"| RLO | " RLO " | U+202E |", NOTHING},
        {"RLO: " RLO "abc" PDF, TT_SUSPICIOUS}, /* not alone */
        {RLI "Anna" PDI, TT_CANDIDATE},
        {"/* " RLI "a " LRI "b" PDI " c" PDI " */", TT_SUSPICIOUS}, /* closed, and moves words */
        {"let is" LRI "Admin" PDI " = 1;", TT_SUSPICIOUS},
        {"if (level != \"user" RLO " " LRI "// Check if admin" PDI " " LRI "\") {", TT_SUSPICIOUS},
    };
    (void) state;
    CHECK(rows);
}

/* More open isolates than UAX #9 follows, all closed again. */
static void
test_depth(void **state)
{
    (void) state;
    for (size_t depth = 124; depth <= 127; depth++) {
        char text[127 * 8 + 1] = "";
        for (size_t i = 0; i < depth; i++) {
            strcat(text, LRI "x");
        }
        for (size_t i = 0; i < depth; i++) {
            strcat(text, "x" PDI);
        }
        assert_int_equal(look_level(RULE, tt_str_cstr(text), false), depth <= 125 ? NOTHING : TT_SUSPICIOUS);
    }
}

static void
test_order(void **state)
{
    static const struct {
        const char *text, *says, *shows;
    } rows[] = {
        {"/*" RLO " } " LRI "if (is_admin)" PDI " " LRI " begin admins only */", "/* } if (is_admin)  begin admins only */",
         "/* begin admins only */ if (is_admin) } "},
        {"name_" RLO "fdp.exe", "name_fdp.exe", "name_exe.pdf"},
        {"''' subtract funds then " RLI "''' ;return", "''' subtract funds then ''' ;return",
         "''' subtract funds then return; '''"},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct looked l;
        look_text(&l, RULE, tt_str_cstr(rows[i].text), false);
        assert_int_equal(l.count, 1);
        assert_str_equal(look_fact(&l.findings[0], "order.says")->text, tt_str_cstr(rows[i].says));
        assert_str_equal(look_fact(&l.findings[0], "order.shows")->text, tt_str_cstr(rows[i].shows));
        look_free(&l);
    }
    assert_int_equal(look_level(RULE, TT_STR(SHALOM " " RLO "abc"), false), TT_SUSPICIOUS);
}

/* One character of each Bidi_Class that needs no right-to-left script; NULL for the others. */
static const char *
sample_of(const char *name)
{
    static const char *const samples[][2] = {
        {"L", "a"},   {"EN", "1"},  {"ES", "+"},  {"ET", "#"},  {"CS", ","},  {"WS", " "},  {"ON", "!"},  {"LRE", LRE},
        {"RLE", RLE}, {"LRO", LRO}, {"RLO", RLO}, {"PDF", PDF}, {"LRI", LRI}, {"RLI", RLI}, {"FSI", FSI}, {"PDI", PDI},
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        if (strcmp(samples[i][0], name) == 0) {
            return samples[i][1];
        }
    }
    return NULL;
}

/*
 * Reads "L RLE EN; 7"; the second bit of the set is a left-to-right paragraph's.  False for a case with other classes, or
 * nested too deep to be shown.
 */
static bool
read_case(char *line, const char **samples, size_t *n)
{
    char *classes = strsep(&line, ";");
    char *name;
    *n = 0;
    if (!line || !(strtoul(line, NULL, 16) & 2)) {
        return false;
    }
    while ((name = strsep(&classes, " ")) != NULL) {
        if (*name && *n < 512) {
            samples[*n] = sample_of(name);
            if (!samples[(*n)++] || *n > 60) {
                return false;
            }
        }
    }
    return true;
}

/* The samples in the order that the test data asks for. */
static void
put_expected(char *out, const char **samples, const char *reorder)
{
    char *end;
    *out = '\0';
    for (const char *p = reorder;; p = end) {
        size_t i = strtoul(p, &end, 10);
        if (end == p) {
            return;
        }
        if ((unsigned char) samples[i][0] < 0x80) {
            strcat(out, samples[i]);
        }
    }
}

/* FSI in text without right-to-left characters is LRI, and so it is in these cases. */
static void
test_unicode_cases(void **state)
{
    char line[4096], reorder[4096] = "", text[2048], expected[2048];
    const char *samples[512];
    size_t n, cases = 0;
    (void) state;
    FILE *file = test_open_unicode("BidiTest.txt");
    while (fgets(line, sizeof(line), file)) {
        struct tt_buf shown;
        if (strncmp(line, "@Reorder:", 9) == 0) {
            strcpy(reorder, line + 9);
        }
        if (line[0] == '#' || line[0] == '@' || line[0] == '\n' || !read_case(line, samples, &n)) {
            continue;
        }
        text[0] = '\0';
        for (size_t i = 0; i < n; i++) {
            strcat(text, samples[i]);
        }
        put_expected(expected, samples, reorder);
        tt_buf_init(&shown, &tt_alloc_libc, 4096);
        assert_true(tt_bidi_show(tt_str_cstr(text), &shown));
        if (!tt_str_eq(tt_buf_str(&shown), tt_str_cstr(expected))) {
            fail_msg("case %zu: %s is shown as %.*s, not %s", cases, text, (int) tt_buf_str(&shown).len, tt_buf_str(&shown).ptr,
                     expected);
        }
        tt_buf_free(&shown);
        cases++;
    }
    fclose(file);
    assert_true(cases > 10000);
}

/* A long line and too deep a nest cannot be shown, and nothing is written then. */
static void
test_not_shown(void **state)
{
    char text[2048];
    struct tt_buf shown;
    (void) state;
    tt_buf_init(&shown, &tt_alloc_libc, 4096);
    memset(text, 'x', sizeof(text));
    assert_true(tt_bidi_show(tt_str_make(text, 512), &shown));
    assert_int_equal(tt_buf_str(&shown).len, 512);
    assert_false(tt_bidi_show(tt_str_make(text, 513), &shown));
    assert_false(tt_bidi_show(TT_STR(SHALOM), &shown));
    text[0] = '\0';
    for (size_t i = 0; i < 64; i++) {
        strcat(text, RLE);
    }
    assert_false(tt_bidi_show(tt_str_cstr(text), &shown));
    assert_int_equal(tt_buf_str(&shown).len, 512);
    tt_buf_free(&shown);
}

/* Puts one symbol behind each character of a cover. */
static size_t
spread(const char *cover, const struct enc_symbols *symbols, char *out)
{
    size_t len = 0, n = 0;
    for (const char *p = cover; *p || n < symbols->n; p += *p != '\0') {
        out[len++] = *p ? *p : 'x';
        if (n < symbols->n) {
            len += enc_utf8(&symbols->cp[n++], 1, out + len);
        }
    }
    return len;
}

static const char cover[] = "This is an ordinary sentence that can carry something between its letters.";

static void
test_messages(void **state)
{
    struct enc_symbols *symbols = calloc(1, sizeof(*symbols));
    char text[8192] = "See ";
    struct looked l;
    (void) state;
    assert_non_null(symbols);
    enc_find("binary, U+200E is 0, U+200F is 1")->encode(TT_STR("send the keys"), symbols);
    size_t len = 4 + enc_utf8(symbols->cp, symbols->n, text + 4);
    look_text(&l, RULE, tt_str_make(text, len), false);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].level, TT_CONFIRMED);
    assert_int_equal(l.findings[0].where.offset, 4);
    assert_int_equal(l.findings[0].where.length, 3 * symbols->n);
    assert_str_equal(look_fact(&l.findings[0], "decoded.text")->text, TT_STR("send the keys"));
    look_free(&l);
    look_text(&l, RULE, tt_str_make(text, spread(cover, symbols, text)), true);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].level, TT_CONFIRMED);
    assert_str_equal(look_fact(&l.findings[0], "decoded.text")->text, TT_STR("send the keys"));
    look_free(&l);
    /* any two controls: here an isolate and its end, so that many are not paired */
    for (size_t i = 0; i < symbols->n; i++) {
        symbols->cp[i] = symbols->cp[i] == 0x200E ? 0x2066 : 0x2069;
    }
    look_text(&l, RULE, tt_str_make(text, spread(cover, symbols, text)), false);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].level, TT_CONFIRMED);
    assert_str_equal(look_fact(&l.findings[0], "decoded.text")->text, TT_STR("send the keys"));
    look_free(&l);
    free(symbols);
}

/* Symbols of both channels, the first a mark, one behind each letter: the zero-width channel reports them, and only that one. */
static void
test_company(void **state)
{
    struct enc_symbols *symbols = calloc(1, sizeof(*symbols));
    char text[8192];
    struct looked l;
    (void) state;
    assert_non_null(symbols);
    enc_find("zwsp-steg, 5 symbols")->encode(TT_STR("\xD7\x90\xD7\x91 a message"), symbols);
    size_t len = spread(cover, symbols, text);
    look_text(&l, RULE, tt_str_make(text, len), false);
    assert_int_equal(l.count, 0);
    look_free(&l);
    look_text(&l, "mark.zero-width", tt_str_make(text, len), false);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].level, TT_CONFIRMED);
    assert_str_equal(look_fact(&l.findings[0], "decoded.text")->text, TT_STR("\xD7\x90\xD7\x91 a message"));
    look_free(&l);
    free(symbols);
}

/* One mark at many gaps of a line could be bits; chat lines and lists of numbers are not. */
static void
test_crowd(void **state)
{
    static const struct look_row rows[] = {
        {"some" LRM " words" LRM " here and" LRM " there carry" LRM " one" LRM " mark" LRM " and the" LRM " others" LRM " do not",
         TT_SUSPICIOUS},
        {"some" LRM " words" LRM " here and" LRM " there carry" LRM " one" LRM " mark" LRM " and the" LRM " others do not",
         TT_CANDIDATE},
        {"a" LRM " b\nc" LRM " d\ne" LRM " f\ng" LRM " h\ni" LRM " j\nk" LRM " l\nm" LRM " n\no" LRM " p\nq" LRM " r",
         TT_CANDIDATE},
        {LRM "1, " LRM "2, " LRM "3, " LRM "4, " LRM "5, " LRM "6, " LRM "7, " LRM "8, " LRM "9", TT_CANDIDATE},
    };
    (void) state;
    CHECK(rows);
}

/* Many low cases give one report a document; a paragraph with many wrong controls gives one too, the next one its own. */
static void
test_counts(void **state)
{
    struct looked l;
    (void) state;
    look_text(&l, RULE, TT_STR("a " LRM ".\nb " RLM ".\n555" PDF "\n" LRE "C:\\x\n"), false);
    assert_int_equal(l.count, 1);
    look_free(&l);
    look_text(&l, RULE, TT_STR("a " RLI "b " RLO "c " PDI PDI " d " LRM LRM " e\nnext " LRI "one"), false);
    assert_int_equal(l.count, 2);
    assert_int_equal(l.findings[0].where.offset, 2);
    assert_int_equal(l.findings[1].level, TT_SUSPICIOUS);
    look_free(&l);
}

/* A pair whose halves lie in different windows is not judged by one of them; what is inside one window is. */
static void
test_windows(void **state)
{
    const struct tt_str text = TT_STR("a" PDI " b " LRI "c");
    struct looked l;
    (void) state;
    struct tt_field field = {.text = text, .to = text.len, .at_start = false, .at_end = false};
    assert_int_equal(look_field(&l, RULE, &field, &tt_alloc_libc), TT_OK);
    assert_int_equal(l.count, 0);
    look_free(&l);
    field.at_start = true;
    assert_int_equal(look_field(&l, RULE, &field, &tt_alloc_libc), TT_OK);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].where.offset, 1);
    look_free(&l);
    field = (struct tt_field) {.text = text, .from = 4, .to = text.len, .at_start = true, .at_end = true};
    assert_int_equal(look_field(&l, RULE, &field, &tt_alloc_libc), TT_OK);
    assert_int_equal(l.count, 1); /* the isolate; the first one belongs to the window before */
    assert_int_equal(l.findings[0].where.offset, 7);
    look_free(&l);
}

/* Escapes of source code that list characters say what they are; a word with one of them does not. */
static void
test_escaped(void **state)
{
    static const struct look_row rows[] = {
        {"x = '" RLO "'", NOTHING},
        {"/[" ALM LRM RLM LRE "-" RLO LRI "-" PDI "]/", NOTHING},
        {"\"" RLO "abc\"", TT_SUSPICIOUS},
        {"pass" LRM "word", TT_SUSPICIOUS},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tt_str text = tt_str_cstr(rows[i].text);
        const struct tt_field field = {.text = text, .to = text.len, .at_start = true, .at_end = true, .escaped = true};
        struct looked l;
        assert_int_equal(look_field(&l, RULE, &field, &tt_alloc_libc), TT_OK);
        assert_int_equal(l.count > 0 ? (int) l.findings[0].level : NOTHING, rows[i].level);
        look_free(&l);
    }
}

/* Findings do not depend on which kernels find the characters. */
static void
test_kernels(void **state)
{
    static const char *const pieces[] = {"word ", SHALOM, SALAM " ", LRM, RLM,  LRE,  RLE,   PDF, RLO,
                                         LRI,     RLI,    FSI,       PDI, "\n", ZWNJ, "x_y", "1"};
    (void) state;
    assert_kernels_agree_on_mixtures(RULE, pieces, sizeof(pieces) / sizeof(*pieces), 200);
}

/* A field of controls only takes time in proportion to its length. */
static void
test_dense_field(void **state)
{
    static const char *const pieces[] = {LRI, LRE, PDI, PDF, LRI PDI, LRE PDF " ", "a" LRM " ", "555" PDF " ", LRE "C: ", RLM};
    (void) state;
    for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
        struct looked l;
        size_t len = strlen(pieces[p]), n = 100000 / len;
        char *text = malloc(n * len);
        assert_non_null(text);
        for (size_t i = 0; i < n; i++) {
            memcpy(text + i * len, pieces[p], len);
        }
        look_text(&l, RULE, tt_str_make(text, n * len), false);
        assert_in_range(l.count, p == 4 || p == 5 ? 0 : 1, 4);
        look_free(&l);
        free(text);
    }
}

static void
test_failing_memory(void **state)
{
    struct tt_str text = TT_STR("/*" RLO " } " LRI "if (a)" PDI " */\n" LRM LRM "x" LRM " y");
    (void) state;
    assert_survives_failing_memory(RULE, text, false);
    text = TT_STR("a" LRM " b" RLM " c" LRM " d" LRM " e" RLM " f" LRM " g" RLM " h" LRM " i");
    assert_survives_failing_memory(RULE, text, false);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marks),    cmocka_unit_test(test_pairs),         cmocka_unit_test(test_depth),
        cmocka_unit_test(test_order),    cmocka_unit_test(test_unicode_cases), cmocka_unit_test(test_not_shown),
        cmocka_unit_test(test_messages), cmocka_unit_test(test_company),       cmocka_unit_test(test_crowd),
        cmocka_unit_test(test_counts),   cmocka_unit_test(test_windows),       cmocka_unit_test(test_escaped),
        cmocka_unit_test(test_kernels),  cmocka_unit_test(test_dense_field),   cmocka_unit_test(test_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
