/* SPDX-License-Identifier: Apache-2.0 */
/* The variation channel: listed pairs are left alone, keyboards' extra selectors are low, rows of selectors are read. */
#include "encoders.h"
#include "look.h"

#include "text/sequence.h"

#include <stdlib.h>

#define RULE "mark.variation"
#define NOTHING (-1)

static int
level_of(const uint32_t *cps, size_t n)
{
    char text[256];
    return look_level(RULE, tt_str_make(text, enc_utf8(cps, n, text)), false);
}

static void
test_singles(void **state)
{
    static const struct {
        uint32_t cps[4];
        int level;
    } rows[] = {
        {{0x2708, 0xFE0F}, NOTHING},
        {{0x2708, 0xFE0E}, NOTHING},
        {{0x23, 0xFE0F, 0x20E3}, NOTHING},
        {{0x31, 0xFE0F, 0x20E3}, NOTHING},
        {{0x31, 0xFE0F}, NOTHING},
        {{0x1F600, 0xFE0F}, NOTHING},          /* an emoji anyway */
        {{0x1F44D, 0x1F3FD, 0xFE0F}, NOTHING}, /* behind a skin tone */
        {{0x2229, 0xFE00}, NOTHING},
        {{0x1000, 0xFE00}, NOTHING},
        {{0x1828, 0x180B}, NOTHING},
        {{0x9089, 0xE0101}, NOTHING},
        {{0x4FAE, 0xFE00}, NOTHING},             /* a compatibility ideograph's pair */
        {{0x4E00, 0x201C, 0xFE01}, NOTHING},     /* a wide quotation mark of Unicode 16.0 ... */
        {{0x61, 0x201C, 0xFE01}, TT_SUSPICIOUS}, /* ... where no ideograph is near */
        {{0x2605, 0xFE0F}, TT_CANDIDATE},        /* what keyboards write */
        {{0x2192, 0xFE0F}, TT_CANDIDATE},
        {{0x20E3, 0xFE0F}, TT_CANDIDATE},
        {{0x2211, 0xFE00}, TT_CANDIDATE},
        {{0x1820, 0x180F}, TT_CANDIDATE}, /* Mongolian, not listed */
        {{0x2605, 0xFE05}, TT_SUSPICIOUS},
        {{0x1F600, 0xE0151}, TT_SUSPICIOUS},
        {{0x61, 0xFE0F}, TT_SUSPICIOUS},
        {{0x61, 0xE0151}, TT_SUSPICIOUS},
        {{0x61, 0x180B}, TT_SUSPICIOUS},
        {{0x4E00, 0xFE05}, TT_SUSPICIOUS},
        {{0x20, 0xFE0F}, TT_SUSPICIOUS},
        {{0x61, 0x20, 0xFE0F}, TT_CANDIDATE}, /* a picture was removed */
        {{0x61, 0x20, 0xFE0F, 0x62}, TT_SUSPICIOUS},
        {{0x61, 0x20, 0xFE0E}, TT_SUSPICIOUS},
        {{0x0A, 0xFE0F}, TT_SUSPICIOUS},
        {{0xFE0F, 0x61}, TT_SUSPICIOUS}, /* at the start */
        {{0x1F600, 0xFE0F, 0xFE0F}, TT_SUSPICIOUS},
        {{0x9089, 0xE0101, 0xE0102}, TT_SUSPICIOUS},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t n = 0;
        while (n < 4 && rows[i].cps[n]) {
            n++;
        }
        int level = level_of(rows[i].cps, n);
        if (level != rows[i].level) {
            print_message("row %zu gives %d, not %d\n", i, level, rows[i].level);
        }
        assert_int_equal(level, rows[i].level);
    }
}

/* Every listed pair there is, and every base of an emoji pair with either selector. */
static void
test_listed_pairs(void **state)
{
    size_t pairs = 0;
    (void) state;
    for (uint32_t base = 0; base < 0x20000; base++) {
        for (uint32_t selector = 0xFE00; selector <= 0xFE0F; selector++) {
            if (tt_variation_is_listed(base, selector)) {
                const uint32_t cps[] = {base, selector};
                assert_int_equal(level_of(cps, 2), NOTHING);
                pairs++;
            }
        }
    }
    assert_true(pairs > 1500);
}

/* A space, a base, the payload's selectors, a letter. */
static void
check_decoded(const char *format, const char *secret, uint32_t base)
{
    struct enc_symbols *symbols = calloc(1, sizeof(*symbols));
    char text[4096] = " ";
    struct looked l;
    assert_non_null(symbols);
    enc_find(format)->encode(tt_str_cstr(secret), symbols);
    size_t len = 1 + enc_utf8(&base, 1, text + 1);
    size_t at = len;
    len += enc_utf8(symbols->cp, symbols->n, text + len);
    text[len++] = 'z';
    look_text(&l, RULE, tt_str_make(text, len), false);
    assert_int_equal(l.count, 1);
    if (l.findings[0].level != TT_CONFIRMED) {
        print_message("%s of %s\n", format, secret);
    }
    assert_int_equal(l.findings[0].level, TT_CONFIRMED);
    assert_int_equal(l.findings[0].where.offset, at);
    assert_str_equal(look_fact(&l.findings[0], "decoded.text")->text, tt_str_cstr(secret));
    assert_int_equal(look_fact(&l.findings[0], "bits")->number, 8 * (int64_t) symbols->n);
    look_free(&l);
    free(symbols);
}

static void
test_decoded(void **state)
{
    (void) state;
    check_decoded("variation selector bytes", "hello world", 0x1F600);
    check_decoded("variation selector bytes", "caf\xC3\xA9 \xE4\xB8\xAD\xE6\x96\x87", 'a');
    check_decoded("variation selector bytes", "eval(atob('aGVsbG8='))", ' ');
    check_decoded("variation selector ASCII", "hello from the other side", 0x1F600);
    check_decoded("variation selector nibbles, high first", "hello world", 0x4E00);
}

/* Both nibble orders are tried; where both read, both are said. */
static void
test_alternatives(void **state)
{
    static const uint32_t cps[] = {'a', 0xFE06, 0xFE04, 0xFE06, 0xFE05, 0xFE06, 0xFE06, 0xFE06, 0xFE07};
    char text[64];
    struct looked l;
    (void) state;
    look_text(&l, RULE, tt_str_make(text, enc_utf8(cps, 9, text)), false);
    assert_int_equal(l.count, 1);
    assert_str_equal(look_fact(&l.findings[0], "decoded.text")->text, TT_STR("defg"));
    assert_str_equal(look_fact(&l.findings[0], "decoded.alternatives")->text,
                     TT_STR("variation selector nibbles, low first: FVfv"));
    look_free(&l);
}

/* One selector behind each letter; without meaning it is one finding all the same. */
static void
test_spread(void **state)
{
    static const char secret[] = "every letter";
    uint32_t cps[64];
    char text[512];
    size_t n = 0;
    struct looked l;
    (void) state;
    for (size_t i = 0; secret[i]; i++) {
        cps[n++] = 'a' + (uint32_t) i;
        cps[n++] = 0xE0100 + (unsigned char) secret[i] - 16;
    }
    look_text(&l, RULE, tt_str_make(text, enc_utf8(cps, n, text)), false);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].level, TT_CONFIRMED);
    assert_str_equal(look_fact(&l.findings[0], "decoded.text")->text, tt_str_cstr(secret));
    look_free(&l);
    for (size_t i = 1; i < n; i += 2) {
        cps[i] = 0xE01E0 + (uint32_t) (i % 5);
    }
    look_text(&l, RULE, tt_str_make(text, enc_utf8(cps, n, text)), false);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].level, TT_SUSPICIOUS);
    assert_int_equal(look_fact(&l.findings[0], "symbols")->number, 12);
    look_free(&l);
}

static void
test_table_cell(void **state)
{
    (void) state;
    assert_int_equal(look_level(RULE, TT_STR("| VS16 | \xEF\xB8\x8F | U+FE0F |"), false), NOTHING);
    assert_int_equal(look_level(RULE, TT_STR("| VS16 | \xEF\xB8\x8F\xEF\xB8\x8F | U+FE0F |"), false), TT_SUSPICIOUS);
}

static void
test_failing_memory(void **state)
{
    (void) state;
    char nibbles[] = "a\xEF\xB8\x86\xEF\xB8\x84\xEF\xB8\x86\xEF\xB8\x85\xEF\xB8\x86\xEF\xB8\x86\xEF\xB8\x86\xEF\xB8\x87";
    char low[] = "\xE2\x98\x85\xEF\xB8\x8F";
    assert_survives_failing_memory(RULE, tt_str_cstr(nibbles), false);
    assert_survives_failing_memory(RULE, tt_str_cstr(low), false);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_singles),        cmocka_unit_test(test_listed_pairs), cmocka_unit_test(test_decoded),
        cmocka_unit_test(test_alternatives),   cmocka_unit_test(test_spread),       cmocka_unit_test(test_table_cell),
        cmocka_unit_test(test_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
