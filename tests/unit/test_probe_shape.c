/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of random values: each kind, its borders, its name and its bits; clocks near a run's time. */
#include "test.h"

#include "probe/design.h"
#include "probe/shape.h"
#include "probe/stats.h"

#include <stdio.h>

#define NOON TT_NOON_SECONDS /* 1770120000 */

static void
assert_shape(const char *value, int64_t instant, enum tt_shape_kind kind, const char *name, double bits)
{
    struct tt_shape shape = tt_shape_read(tt_str_cstr(value), instant);
    struct tt_buf said;
    tt_buf_init(&said, &tt_alloc_libc, TT_KIB);
    tt_shape_write(&shape, &said);
    if (shape.kind != kind || !tt_str_eq(tt_buf_str(&said), tt_str_cstr(name))) {
        fail_msg("%s: kind %d, %.*s; wanted %d, %s", value, shape.kind, (int) said.len, said.ptr, kind, name);
    }
    double found = tt_shape_bits(&shape);
    if (found < bits - 0.01 || found > bits + 0.01) {
        fail_msg("%s: %.2f bits, wanted %.2f", value, found, bits);
    }
    assert_int_equal(shape.length, strlen(value));
    tt_buf_free(&said);
}

static void
test_kinds(void **state)
{
    (void) state;
    static const struct {
        const char *value;
        enum tt_shape_kind kind;
        const char *name;
        double bits;
    } rows[] = {
        {"", TT_SHAPE_EMPTY, "empty", 0},
        {"6f1ed002-ab55-4a1e-9c3f-0123456789ab", TT_SHAPE_UUID, "uuid4", 122},
        {"6F1ED002-AB55-4A1E-9C3F-0123456789AB", TT_SHAPE_UUID, "uuid4 in capitals", 122},
        {"0194c9f4-9a00-7a1e-9c3f-0123456789ab", TT_SHAPE_UUID, "uuid7", 74},
        {"00000000-0000-1000-8000-000000000000", TT_SHAPE_UUID, "uuid1", 128},
        /* One character less, a dash at another place, a letter beyond f: no UUID, but its characters are. */
        {"6f1ed002-ab55-4a1e-9c3f-0123456789a", TT_SHAPE_BASE64, "base64(35)", 210},
        {"6f1ed00-2ab55-4a1e-9c3f-0123456789ab", TT_SHAPE_BASE64, "base64(36)", 216},
        {"6f1ed002-ab55-4a1e-9c3f-0123456789ag", TT_SHAPE_BASE64, "base64(36)", 216},
        {"0123abcd", TT_SHAPE_HEX, "hex(8)", 32},
        {"0123ABCD", TT_SHAPE_HEX, "hex(8) in capitals", 32},
        {"0123aBCD", TT_SHAPE_BASE64, "base64(8)", 48},
        {"abcdef", TT_SHAPE_HEX, "hex(6)", 24},
        {"abcdeg", TT_SHAPE_ALNUM, "alphanumeric(6)", 31.02},
        {"ABCDEG", TT_SHAPE_ALNUM, "alphanumeric(6) in capitals", 31.02},
        {"aZ3kQ9xW2m+/==", TT_SHAPE_BASE64, "base64(14)", 84},
        {"aZ3kQ9xW2m-_", TT_SHAPE_BASE64, "base64(12)", 72},
        {"7", TT_SHAPE_NUMBER, "integer(1)", 3.32},
        {"123456789", TT_SHAPE_NUMBER, "integer(9)", 29.90},
        {"3.14", TT_SHAPE_OTHER, "text(4)", 28},
        {"two words", TT_SHAPE_OTHER, "text(9)", 63},
        {"caf\xc3\xa9", TT_SHAPE_OTHER, "text(5)", 35},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_shape(rows[i].value, NOON, rows[i].kind, rows[i].name, rows[i].bits);
    }
}

static void
test_times(void **state)
{
    (void) state;
    static const struct {
        const char *value;
        int64_t instant;
        const char *name; /* NULL: no time */
    } rows[] = {
        {"1770120000", NOON, "integer near now"},
        {"1770120000123", NOON, "integer near now"},
        {"1770120000123456", NOON, "integer near now"},
        {"1770120000123456789", NOON, "integer near now"},
        {"1770120449", NOON, "integer near now"},             /* less than half a quarter of an hour */
        {"1770120451", NOON, "integer near now +15 minutes"}, /* more */
        {"1770148800", NOON, "integer near now +480 minutes"},
        {"1770102000000", NOON, "integer near now -300 minutes"},
        {"1770292800", NOON, "integer near now +2880 minutes"}, /* two days */
        {"1770292801", NOON, NULL},
        {"1769947200", NOON, "integer near now -2880 minutes"},
        {"1769947199", NOON, NULL},
        {"01770120000", NOON, "integer near now"},
        {"9770120000123456789", NOON, NULL}, /* more than fits */
        {"17701200001234567890", NOON, NULL},
        {"1577836800", 0, "integer near now"}, /* 2020 */
        {"1577836799", 0, NULL},
        {"2208988800", 0, "integer near now"}, /* 2040 */
        {"2208988801", 0, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct tt_shape shape = tt_shape_read(tt_str_cstr(rows[i].value), rows[i].instant);
        if (!rows[i].name) {
            assert_int_equal(shape.kind, TT_SHAPE_NUMBER);
            continue;
        }
        assert_shape(rows[i].value, rows[i].instant, TT_SHAPE_TIME, rows[i].name, 0);
    }
    assert_int_equal(tt_shape_read(TT_STR("1770120000"), NOON).per_second, 1);
    assert_int_equal(tt_shape_read(TT_STR("1770120000123"), NOON).per_second, 1000);
}

/* Ids that begin with a clock in hexadecimal: 0x6981e2c0 is NOON. */
static void
test_clock_digits(void **state)
{
    (void) state;
    char seconds[32], milliseconds[32], padded[40];
    snprintf(seconds, sizeof(seconds), "%08llxa1b2c3d4e5f60718", (unsigned long long) NOON);
    snprintf(milliseconds, sizeof(milliseconds), "%011llxa1b2c3", (unsigned long long) NOON * 1000);
    snprintf(padded, sizeof(padded), "%012llxa1b2c3", (unsigned long long) NOON * 1000);
    assert_int_equal(tt_shape_clock_digits(tt_str_cstr(seconds), NOON), 8);
    assert_int_equal(tt_shape_clock_digits(tt_str_cstr(milliseconds), NOON), 11);
    assert_int_equal(tt_shape_clock_digits(tt_str_cstr(padded), NOON), 12);
    assert_int_equal(tt_shape_clock_digits(tt_str_make(seconds, 8), NOON), 8);
    assert_int_equal(tt_shape_clock_digits(tt_str_make(seconds, 7), NOON), 0);
    assert_int_equal(tt_shape_clock_digits(tt_str_cstr(seconds), NOON + 30 * 86400), 0);
    assert_int_equal(tt_shape_clock_digits(tt_str_cstr(seconds), 0), 8);
    assert_int_equal(tt_shape_clock_digits(TT_STR("x"), NOON), 0);
    assert_int_equal(tt_shape_clock_digits(TT_STR(""), NOON), 0);
    assert_int_equal(tt_shape_clock_digits(TT_STR("deadbeefdeadbeef"), NOON), 0);
}

/* Any bytes have a shape, the same when asked again, and a name. */
static void
test_any_bytes(void **state)
{
    (void) state;
    uint64_t random = 7;
    for (int round = 0; round < 20000; round++) {
        static const char digits[] = "0123456789abcdefABCDEFgz-_+/= \xc3\xa9";
        char value[40];
        size_t length = (size_t) (round % 40);
        for (size_t i = 0; i < length; i++) {
            random = random * UINT64_C(6364136223846793005) + 1;
            value[i] = digits[(random >> 33) % (round % 3 ? sizeof(digits) - 1 : 16)];
        }
        struct tt_shape one = tt_shape_read(tt_str_make(value, length), NOON);
        struct tt_shape two = tt_shape_read(tt_str_make(value, length), NOON);
        struct tt_buf said, again;
        assert_true(one.kind == two.kind && one.length == two.length && one.version == two.version);
        assert_true(tt_shape_bits(&one) >= 0 && tt_shape_bits(&one) <= 7.0 * (double) (length + 1) + 128);
        tt_buf_init(&said, &tt_alloc_libc, TT_KIB);
        tt_buf_init(&again, &tt_alloc_libc, TT_KIB);
        tt_shape_write(&one, &said);
        tt_shape_write(&two, &again);
        assert_true(said.len > 0 && said.status == TT_OK);
        assert_str_equal(tt_buf_str(&said), tt_buf_str(&again));
        tt_buf_free(&said);
        tt_buf_free(&again);
    }
}

static void
test_part(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        size_t from, to;
        const char *part;
    } cases[] = {
        {"019c235f-b66e-7e90-93dc-7eeca0f60a30", 9, 36, "019c235f-b66e-7e90-93dc-7eeca0f60a30"},
        {"id 019c235f-b66e-7e90-93dc-7eeca0f60a30:0", 13, 20, "019c235f-b66e-7e90-93dc-7eeca0f60a30"},
        {"019c235f-b66e", 9, 13, "b66e"},
        {"abc-123", 4, 7, "123"},
        {"", 0, 0, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_str_equal(tt_shape_part(tt_str_cstr(cases[i].text), cases[i].from, cases[i].to), tt_str_cstr(cases[i].part));
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_part),         cmocka_unit_test(test_kinds),     cmocka_unit_test(test_times),
        cmocka_unit_test(test_clock_digits), cmocka_unit_test(test_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
