/* SPDX-License-Identifier: Apache-2.0 */
/* Spellings of JSON: mixed choices are found and decoded, careful writers are left alone. */
#include "collected.h"

#include <stdio.h>

#define RULE "mark.json-form"

struct example {
    const char *json;
    int level; /* -1: none */
    const char *choice;
};

static const struct example examples[] = {
    {"{\"a\":\"caf\\u00e9 na\\u00efve\"}", -1, NULL},
    {"{\"a\":\"caf\\u00e9 na\\u00EFve\"}", TT_CANDIDATE, "hexadecimal case"},
    {"{\"a\":\"\\u0041\\u0042\"}", -1, NULL},
    {"{\"a\":\"\\u0041B\"}", TT_CANDIDATE, "needless escape"},
    {"{\"a\":\"\\u003ca\\u003e \\u0026 b\"}", -1, NULL},
    {"{\"a\":\"\\/x\\/y\"}", -1, NULL},
    {"{\"a\":\"\\/x/y\"}", TT_CANDIDATE, "escaped slash"},
    {"{\"a\":\"caf\xC3\xA9\",\"b\":\"\\u00e9\"}", TT_CANDIDATE, "escape outside ASCII"},
    {"{\"a\":\"\\u00e9\",\"b\":\"caf\xC3\xA9\"}", TT_CANDIDATE, "escape outside ASCII"},
    {"{\"a\":\"caf\xC3\xA9 \\u200b \\u2028\"}", -1, NULL}, /* careful writers escape what is not seen */
    {"{\"a\":\"\\ud83d\\ude00 \\u00e9\"}", -1, NULL},
    {"{\"a\":\"\\ud83d x\"}", TT_CANDIDATE, "lone surrogate"},
    {"{\"a\":\"\\ude00\\ud83d\"}", TT_CANDIDATE, "lone surrogate"},
    {"{\"a\\u0062\":1}", TT_CANDIDATE, "needless escape"},                   /* a name */
    {"{\"a\":1,\"b\":{\"a\":2},\"\\u0061\":3}", TT_CANDIDATE, "name twice"}, /* a name counts as decoded */
    {"{\"a\":1,\"b\":{\"a\":2},\"A\":3}", -1, NULL},
    {"[{\"a\":1},{\"a\":2},{\"b\":{},\"a\":3}]", -1, NULL},
    {"{\"a\":\"plain\",\"b\":[1,2.0,1e3]}", -1, NULL},
};

static const struct tt_finding *
find(const struct collected *c)
{
    for (size_t i = 0; i < c->count; i++) {
        if (strcmp(c->findings[i].rule->id, RULE) == 0) {
            return &c->findings[i];
        }
    }
    return NULL;
}

static void
test_examples(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
        struct collected c;
        collect(&c, "t.json", tt_str_cstr(examples[i].json));
        const struct tt_finding *f = find(&c);
        if ((f ? (int) f->level : -1) != examples[i].level) {
            fail_msg("%s: level %d", examples[i].json, f ? (int) f->level : -1);
        }
        if (f) {
            assert_str_equal(collected_fact(f, "choice"), tt_str_cstr(examples[i].choice));
            assert_true(f->excerpt.len > 0 && f->where.line == 1 && f->where.column <= f->where.offset + 1);
        }
        collected_free(&c);
    }
}

/* The place of the second spelling. */
static void
test_place(void **state)
{
    (void) state;
    struct collected c;
    collect(&c, "t.json", TT_STR("{\n \"a\": \"\\u00e9\",\n \"b\": \"x \\u00EF\"}"));
    const struct tt_finding *f = find(&c);
    assert_non_null(f);
    assert_int_equal(f->where.line, 3);
    assert_int_equal(f->where.column, 10);
    assert_str_equal(f->where.path, TT_STR("$.b"));
    collected_free(&c);
}

/* A message in the choice of spelling, in all four orders of bits. */
static void
test_message(void **state)
{
    (void) state;
    static const char secret[] = "tz=Asia;lab=1";
    for (unsigned way = 0; way < 4; way++) {
        char json[4096];
        size_t n = (size_t) snprintf(json, sizeof(json), "{\"other\":\"a\\nb\",\"text\":\"");
        for (size_t i = 0; i < 8 * (sizeof(secret) - 1); i++) {
            unsigned byte = (unsigned char) secret[i / 8];
            unsigned bit = (way & 2 ? byte >> (i % 8) : byte >> (7 - i % 8)) & 1;
            bit ^= way & 1;
            n += (size_t) snprintf(json + n, sizeof(json) - n, bit ? "\\u%04x" : "%c", 'a' + (int) (i % 26));
        }
        n += (size_t) snprintf(json + n, sizeof(json) - n, "\"}");
        struct collected c;
        collect(&c, "t.json", tt_str_make(json, n));
        const struct tt_finding *f = find(&c);
        assert_non_null(f);
        assert_int_equal(f->level, TT_CONFIRMED);
        assert_str_equal(collected_fact(f, "decoded.text"), TT_STR("tz=Asia;lab=1"));
        collected_free(&c);
    }
}

/* Both spellings often, but no text in them. */
static void
test_noise(void **state)
{
    (void) state;
    char json[4096];
    uint32_t random = 3;
    size_t n = (size_t) snprintf(json, sizeof(json), "[\"");
    for (int i = 0; i < 200; i++) {
        random = random * 1664525 + 1013904223;
        n += (size_t) snprintf(json + n, sizeof(json) - n, random >> 31 || i < 8 ? "\\u%04x" : "%c", 'a' + i % 26);
    }
    n += (size_t) snprintf(json + n, sizeof(json) - n, "\"]");
    struct collected c;
    collect(&c, "t.json", tt_str_make(json, n));
    assert_non_null(find(&c));
    assert_int_equal(find(&c)->level, TT_SUSPICIOUS);
    collected_free(&c);
}

/* One document's spelling says nothing of the next one's. */
static void
test_documents(void **state)
{
    (void) state;
    struct collected c;
    collect(&c, "t.jsonl", TT_STR("{\"a\":\"\\u00e9\"}\n{\"a\":\"\\u00E9\"}\n"));
    assert_null(find(&c));
    collected_free(&c);
}

/* One bit a member: a space behind the colon, or a fraction. */
static size_t
write_members(char *json, size_t size, const char *message, bool spaces)
{
    size_t n = (size_t) snprintf(json, size, "{\"all\":[{");
    for (size_t i = 0; i < strlen(message) * 8; i++) {
        bool bit = message[i / 8] >> (7 - i % 8) & 1;
        n += (size_t) snprintf(json + n, size - n, "%s\"k%zu\":%s%zu%s", i ? "," : "", i, spaces && bit ? " " : "", i,
                               !spaces && bit ? ".0" : "");
    }
    return n + (size_t) snprintf(json + n, size - n, "}]}");
}

static void
test_members(void **state)
{
    (void) state;
    for (unsigned spaces = 0; spaces < 2; spaces++) {
        char json[8192];
        struct collected c;
        size_t n = write_members(json, sizeof(json), "under the counter", spaces);
        collect(&c, "t.json", tt_str_make(json, n));
        assert_non_null(find(&c));
        assert_int_equal(find(&c)->level, TT_CONFIRMED);
        assert_str_equal(collected_fact(find(&c), "decoded.text"), TT_STR("under the counter"));
        assert_true(find(&c)->where.path.len > 0);
        collected_free(&c);
    }
}

/* What people mix by hand, and programs by type, is silent. */
static void
test_habits(void **state)
{
    static const char *const documents[] = {
        "{\"a\": 1, \"b\":2, \"c\": [1, 2.0, 3, 4.0], \"d\":{\"e\": 1}}",
        "{\"lat\": 12.0, \"lon\": 13, \"scale\":1.0, \"zoom\":3}",
        "[1,1.0,1,1.0,1,1.0,1,1.0,1,1.0,1,1.0,1,1.0,1,1.0,1,1.0,1,1.0,1,1.0,1,1.0]",
    };
    (void) state;
    for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++) {
        struct collected c;
        collect(&c, "t.json", tt_str_cstr(documents[i]));
        assert_null(find(&c));
        collected_free(&c);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples), cmocka_unit_test(test_place),     cmocka_unit_test(test_message),
        cmocka_unit_test(test_noise),    cmocka_unit_test(test_documents), cmocka_unit_test(test_members),
        cmocka_unit_test(test_habits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
