/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people's slips and programs leave in a text is no finding by itself; in the text that a client brings along, its system text and the
 * descriptions of its tools, it is a candidate.
 */
#include "look.h"

static const struct {
    const char *rule, *text;
} rows[] = {
    {"mark.mixed-script", "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82, \xD0\x9A"
                          "DE is here"},                                              /* a keyboard switched late */
    {"mark.look-alike", "You don\xE2\x80\x98t write tests that cannot fail"},         /* a word processor's quotation mark */
    {"mark.zero-width", "You are a \xE2\x80\x8B\xE2\x80\x8Bhelper for work on code"}, /* machine translation */
    {"mark.format", "You are a\xC2\xAD helper for work on code"},                     /* a hyphen that a layout left */
};

static const struct {
    const char *path;
    size_t findings;
} places[] = {
    {"$.system", 1},
    {"$.tools[0].description", 1},
    {"$.messages[0].content", 0},
    {"$.notes", 0},
};

static void
test_places(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct tt_str text = tt_str_cstr(rows[i].text);
        for (size_t k = 0; k < sizeof(places) / sizeof(*places); k++) {
            struct looked l;
            const struct tt_field field = {.text = text,
                                           .to = text.len,
                                           .at_start = true,
                                           .at_end = true,
                                           .in_json = true,
                                           .path = tt_str_cstr(places[k].path),
                                           .role = TT_STR("user")};
            assert_int_equal(look_field(&l, rows[i].rule, &field, &tt_alloc_libc), TT_OK);
            if (l.count != places[k].findings || (l.count > 0 && l.findings[0].level != TT_CANDIDATE)) {
                fail_msg("%s at %s: %zu findings", rows[i].rule, places[k].path, l.count);
            }
            look_free(&l);
        }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_places)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
