/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packages in memory: lists of asar archives, what is found in one, and that it ends well wherever memory ends.
 */
#include "test.h"

#include "base/limits.h"
#include "inspect/asar.h"
#include "inspect/inspect.h"

#include <stdlib.h>

#define SCRIPT                                                          \
    "const z=process.env.TZ;fetch(`https://api.example.com/${z}`);var " \
    "a=atob('YXBpLmV4YW1wbGUuY29tLGNoYXQucml2ZXJzdG9uZS5pbyxyZWxheS5ibHVlcXVhcnJ5LmNu');"
#define LIST "{\"files\":{\"dist\":{\"files\":{\"main.js\":{\"size\":" /* ... */

static void
test_lists(void **state)
{
    (void) state;
    static const struct {
        struct tt_str json;
        enum tt_status status;
        size_t count, unpacked;
        bool damaged;
        const char *first;
    } rows[] = {
        {TT_STR_INIT("{\"files\":{}}"), TT_OK, 0, 0, false, NULL},
        {TT_STR_INIT("{\"files\":{\"a\":{\"size\":3,\"offset\":\"5\"},\"b\":{\"offset\":\"0\",\"size\":5}}}"), TT_OK, 2, 0, false,
         "b"},
        {TT_STR_INIT("{\"files\":{\"d\":{\"files\":{\"x\":{\"size\":1,\"offset\":\"0\"}}}}}"), TT_OK, 1, 0, false, "d/x"},
        {TT_STR_INIT("{\"files\":{\"u\":{\"size\":3,\"unpacked\":true},\"l\":{\"link\":\"u\"}}}"), TT_OK, 0, 1, false, NULL},
        {TT_STR_INIT("{\"files\":{\"a\":{\"size\":3}}}"), TT_OK, 0, 0, true, NULL},
        {TT_STR_INIT("{\"files\":{\"a\":{\"size\":-1,\"offset\":\"0\"}}}"), TT_OK, 0, 0, true, NULL},
        {TT_STR_INIT("{\"files\":{\"a\":{\"size\":99999999999999999999,\"offset\":\"0\"}}}"), TT_OK, 0, 0, true, NULL},
        {TT_STR_INIT("{\"files\":{\"files\":{\"files\":{\"size\":{\"size\":1,\"offset\":\"0\"}}}}}"), TT_OK, 1, 0, false,
         "files/size"},
        {TT_STR_INIT("{\"files\":[1,2}}"), TT_E_INPUT, 0, 0, false, NULL},
        {TT_STR_INIT(""), TT_E_INPUT, 0, 0, false, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct tt_asar asar;
        assert_int_equal(tt_asar_read(&asar, &tt_alloc_libc, tt_kernels_get(0), rows[i].json), rows[i].status);
        assert_int_equal(asar.count, rows[i].count);
        assert_int_equal(asar.unpacked, rows[i].unpacked);
        assert_int_equal(asar.damaged, rows[i].damaged);
        if (rows[i].first) {
            assert_str_equal(asar.entries[0].path, tt_str_cstr(rows[i].first));
        }
        tt_asar_free(&asar);
    }
}

static void
test_prefixes(void **state)
{
    (void) state;
    static const struct {
        struct tt_str head;
        bool is_one;
    } rows[] = {
        {TT_STR_INIT("\4\0\0\0\x14\0\0\0\x10\0\0\0\x0C\0\0\0{\"files\":{}}"), true},
        {TT_STR_INIT("\4\0\0\0\x14\0\0\0\x11\0\0\0\x0C\0\0\0{\"files\":{}}"), false},
        {TT_STR_INIT("\4\0\0\0\x14\0\0\0\x10\0\0\0\x0D\0\0\0{\"files\":{}}"), false},
        {TT_STR_INIT("\4\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0{"), false},
        {TT_STR_INIT("\5\0\0\0\x14\0\0\0\x10\0\0\0\x0C\0\0\0{\"files\":{}}"), false},
        {TT_STR_INIT("\4\0\0\0\x14\0\0\0\x10\0\0\0\x0C\0\0\0"), false},
        {TT_STR_INIT(""), false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        size_t json = 0;
        uint64_t base = 0;
        assert_int_equal(tt_asar_is_one(rows[i].head, &json, &base), rows[i].is_one);
        assert_true(!rows[i].is_one || (json == 12 && base == 28));
    }
}

static bool
inspect_script(void *ctx, const struct tt_alloc *alloc)
{
    const struct tt_inspect settings = {.alloc = alloc, .kernels = tt_kernels_get(0)};
    struct tt_found found;
    size_t lists = 0;
    tt_found_init(&found, alloc);
    enum tt_status status = tt_inspect_bytes(&settings, TT_STR("cli.js"), *(const struct tt_str *) ctx, &found);
    for (size_t i = 0; status == TT_OK && i < found.count; i++) {
        lists += strcmp(found.rows[i].finding.rule->id, "client.hidden-list") == 0;
    }
    tt_found_free(&found);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    return status == TT_OK && lists > 0;
}

static void
test_allocations(void **state)
{
    (void) state;
    struct tt_str script = TT_STR(SCRIPT);
    test_every_allocation(inspect_script, &script);
}

/* The same in an asar archive. */
static void
test_asar_allocations(void **state)
{
    (void) state;
    static char archive[2 * TT_KIB];
    char list[128];
    struct tt_buf out;
    const size_t size = sizeof(SCRIPT) - 1;
    tt_buf_init(&out, &tt_alloc_libc, TT_KIB);
    tt_buf_add(&out, TT_STR(LIST));
    tt_buf_add_u64(&out, size);
    tt_buf_add(&out, TT_STR(",\"offset\":\"0\"}}}}}"));
    while (out.len % 4 != 0) {
        tt_buf_add_char(&out, ' ');
    }
    const size_t len = out.len;
    memcpy(list, out.ptr, len);
    tt_buf_free(&out);
    const uint32_t numbers[4] = {4, (uint32_t) len + 8, (uint32_t) len + 4, (uint32_t) len};
    for (size_t i = 0; i < 16; i++) {
        archive[i] = (char) (numbers[i / 4] >> (8 * (i % 4)) & 0xFF);
    }
    memcpy(archive + 16, list, len);
    memcpy(archive + 16 + len, SCRIPT, size);
    struct tt_str whole = tt_str_make(archive, 16 + len + size);
    test_every_allocation(inspect_script, &whole);
}

/* A file that is longer than a stretch: what lies on both sides of the cut is found once, with its place in the file. */
static void
test_long_file(void **state)
{
    (void) state;
    const struct tt_inspect settings = {.alloc = &tt_alloc_libc, .kernels = tt_kernels_get(tt_cpu_detect())};
    const size_t size = TT_INSPECT_STRETCH + 3 * TT_INSPECT_AHEAD;
    char *text = malloc(size);
    struct tt_found found;
    struct test_alloc alloc;
    assert_non_null(text);
    memset(text, '\n', size);
    memcpy(text + 100, SCRIPT, sizeof(SCRIPT) - 1);
    memcpy(text + size - 5000, SCRIPT, sizeof(SCRIPT) - 1);
    test_alloc_init(&alloc, -1);
    struct tt_inspect counted = settings;
    counted.alloc = &alloc.alloc;
    tt_found_init(&found, &alloc.alloc);
    assert_int_equal(tt_inspect_bytes(&counted, TT_STR("cli.js"), tt_str_make(text, size), &found), TT_OK);
    assert_int_equal(found.bytes, size);
    size_t lists = 0;
    for (size_t i = 0; i < found.count; i++) {
        bool list = strcmp(found.rows[i].finding.rule->id, "client.hidden-list") == 0;
        lists += list;
        assert_true(!list || (found.rows[i].times == 2 && found.rows[i].finding.where.offset < 400));
    }
    assert_int_equal(lists, 1);
    assert_true(alloc.peak < TT_INSPECT_STRETCH + TT_INSPECT_AHEAD + 2 * TT_INSPECT_SCRATCH); /* whatever the file's length is */
    tt_found_free(&found);
    assert_int_equal(alloc.live, 0);
    free(text);
}

/* The package is larger than what may be read or searched: it ends where the bound is, and one note says so. */
static void
test_bounds(void **state)
{
    (void) state;
    static const struct {
        uint64_t bytes, work;
        size_t lists, notes;
        const char *words;
    } rows[] = {
        {0, 0, 1, 0, NULL},
        {sizeof(SCRIPT) - 1, 0, 1, 0, NULL},
        {sizeof(SCRIPT) - 2, 0, 1, 1, "--max-size"},
        {10, 0, 0, 1, "--max-size"},
        {0, 1, 0, 1, "the package as a whole took too long"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct tt_inspect settings = {
            .alloc = &tt_alloc_libc, .kernels = tt_kernels_get(0), .bytes_max = rows[i].bytes, .work_max = rows[i].work};
        struct tt_found found;
        size_t lists = 0;
        tt_found_init(&found, &tt_alloc_libc);
        assert_int_equal(tt_inspect_bytes(&settings, TT_STR("cli.js"), TT_STR(SCRIPT), &found), TT_OK);
        for (size_t k = 0; k < found.count; k++) {
            lists += strcmp(found.rows[k].finding.rule->id, "client.hidden-list") == 0;
        }
        assert_int_equal(lists, rows[i].lists);
        assert_int_equal(found.note_count, rows[i].notes);
        assert_true(!rows[i].words ||
                    memmem(found.notes[0].why.ptr, found.notes[0].why.len, rows[i].words, strlen(rows[i].words)));
        tt_found_free(&found);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),       cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_allocations), cmocka_unit_test(test_asar_allocations),
        cmocka_unit_test(test_long_file),   cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
