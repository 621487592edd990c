/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of git indexes of all versions, with both lengths of object names; what is refused.  tests/ignore.py compares with git itself.
 */
#include "test.h"

#include "base/limits.h"
#include "input/git_index.h"

#include <stdio.h>

struct entry {
    const char *name;
    unsigned mode, stage;
    bool extended;
};

static void
add_number(struct tt_buf *out, uint32_t value, size_t size)
{
    while (size-- > 0) {
        tt_buf_add_char(out, (char) (value >> (8 * size)));
    }
}

static void
add_zeros(struct tt_buf *out, size_t count)
{
    while (count-- > 0) {
        tt_buf_add_char(out, '\0');
    }
}

static size_t
common_start(const char *a, const char *b)
{
    size_t n = 0;
    while (a[n] && a[n] == b[n]) {
        n++;
    }
    return n;
}

/* As git writes it: 7 bits a byte, the last one first in meaning; enough for two bytes here. */
static void
add_offset(struct tt_buf *out, size_t value)
{
    if (value > 127) {
        tt_buf_add_char(out, (char) (0x80 | ((value >> 7) - 1)));
    }
    tt_buf_add_char(out, (char) (value & 127));
}

static void
add_entry(struct tt_buf *out, const struct entry *e, const char *before, unsigned version, size_t hash_size)
{
    size_t begin = out->len, length = strlen(e->name), kept = version == 4 ? common_start(before, e->name) : 0;
    add_zeros(out, 24);
    add_number(out, e->mode ? e->mode : 0100644, 4);
    add_zeros(out, 12);
    add_zeros(out, hash_size);
    add_number(out, (e->extended ? 0x4000u : 0) | e->stage << 12 | (uint32_t) (length < 0xFFF ? length : 0xFFF), 2);
    add_zeros(out, e->extended ? 2 : 0);
    if (version == 4) {
        add_offset(out, strlen(before) - kept);
    }
    tt_buf_add_cstr(out, e->name + kept);
    add_zeros(out, version == 4 ? 1 : 8 - (out->len - begin) % 8);
}

static void
build(struct tt_buf *out, const struct entry *entries, size_t count, unsigned version, size_t hash_size, const char *extension)
{
    tt_buf_init(out, &tt_alloc_libc, TT_MIB);
    tt_buf_add_cstr(out, "DIRC");
    add_number(out, version, 4);
    add_number(out, (uint32_t) count, 4);
    for (size_t i = 0; i < count; i++) {
        add_entry(out, &entries[i], i ? entries[i - 1].name : "", version, hash_size);
    }
    if (extension) {
        tt_buf_add_cstr(out, extension);
        add_number(out, 5, 4);
        add_zeros(out, 5);
    }
    add_zeros(out, hash_size);
    assert_int_equal(out->status, TT_OK);
}

static const struct entry entries[] = {
    {.name = "a"},
    {.name = "build/kept", .stage = 1},
    {.name = "build/kept", .stage = 2},
    {.name = "build-not/x"},
    {.name = "lib", .mode = 0160000},  /* a submodule */
    {.name = "out/", .mode = 0040000}, /* of a sparse index */
    {.name = "src.c"},
    {.name = "src/a.c"},
    {.name = "src/deep/er/b.c"},
    {.name = "\xC3\xA4"},
};
#define ENTRIES (sizeof(entries) / sizeof(*entries))

static const struct {
    const char *path;
    enum tt_tracked tracked;
} finds[] = {
    {"a", TT_TRACKED_YES},
    {"b", TT_TRACKED_NO},
    {"build", TT_TRACKED_INSIDE},
    {"build/kept", TT_TRACKED_YES},
    {"build/other", TT_TRACKED_NO},
    {"build/kept/x", TT_TRACKED_NO},
    {"buil", TT_TRACKED_NO},
    {"build-not", TT_TRACKED_INSIDE},
    {"lib", TT_TRACKED_YES},
    {"lib/x", TT_TRACKED_NO},
    {"out", TT_TRACKED_NO},
    {"src", TT_TRACKED_INSIDE},
    {"src.c", TT_TRACKED_YES},
    {"src/deep", TT_TRACKED_INSIDE},
    {"src/deep/er", TT_TRACKED_INSIDE},
    {"src/deep/er/b.c", TT_TRACKED_YES},
    {"\xC3\xA4", TT_TRACKED_YES},
    {"zz", TT_TRACKED_NO},
    {"A", TT_TRACKED_NO},
};

static void
versions(void **state)
{
    struct entry sorted[ENTRIES];
    (void) state;
    /* '-' comes before '/'. */
    memcpy(sorted, entries, sizeof(sorted));
    sorted[1] = entries[3];
    sorted[2] = entries[1];
    sorted[3] = entries[2];
    for (unsigned version = 2; version <= 4; version++) {
        for (size_t hash_size = 20; hash_size <= 32; hash_size += 12) {
            struct tt_buf bytes;
            struct tt_git_index index;
            sorted[0].extended = version > 2;
            build(&bytes, sorted, ENTRIES, version, hash_size, version == 3 ? "TREE" : NULL);
            assert_int_equal(tt_git_index_read(&index, &tt_alloc_libc, tt_buf_str(&bytes)), TT_OK);
            assert_int_equal(index.places.len / sizeof(uint32_t), ENTRIES - 2);
            for (size_t i = 0; i < sizeof(finds) / sizeof(*finds); i++) {
                assert_int_equal(tt_git_index_find(&index, tt_str_cstr(finds[i].path)), finds[i].tracked);
            }
            tt_git_index_free(&index);
            tt_buf_free(&bytes);
        }
    }
}

static void
assert_refused(struct tt_str bytes)
{
    struct tt_git_index index;
    assert_int_equal(tt_git_index_read(&index, &tt_alloc_libc, bytes), TT_E_INPUT);
    assert_int_equal(tt_git_index_find(&index, TT_STR("a")), TT_TRACKED_NO);
}

static void
refused(void **state)
{
    static const struct entry order[] = {{.name = "b"}, {.name = "a"}}, one[] = {{.name = "a"}, {.name = "ab"}};
    static const struct entry empty[] = {{.name = ""}}, extended[] = {{.name = "a", .extended = true}};
    struct tt_buf bytes;
    (void) state;
    assert_refused(TT_STR(""));
    assert_refused(TT_STR("DIRC"));
    for (unsigned version = 0; version < 7; version++) {
        build(&bytes, one, 2, version, 20, "link");
        assert_refused(tt_buf_str(&bytes));
        tt_buf_free(&bytes);
        build(&bytes, order, 2, version, 20, NULL);
        assert_refused(tt_buf_str(&bytes));
        tt_buf_free(&bytes);
        build(&bytes, empty, 1, version, 20, NULL);
        assert_refused(tt_buf_str(&bytes));
        tt_buf_free(&bytes);
    }
    build(&bytes, extended, 1, 2, 20, NULL);
    assert_refused(tt_buf_str(&bytes));
    tt_buf_free(&bytes);
    /* Cut anywhere. */
    for (unsigned version = 2; version <= 4; version++) {
        build(&bytes, one, 2, version, 20, NULL);
        for (size_t len = 0; len < bytes.len; len++) {
            assert_refused(tt_str_slice(tt_buf_str(&bytes), 0, len));
        }
        tt_buf_free(&bytes);
    }
}

/* Names of every length around those that the flags can hold, and around the limit. */
static void
long_names(void **state)
{
    static char name[TT_GIT_NAME_MAX + 8];
    static const size_t lengths[] = {0xFFE, 0xFFF, TT_GIT_NAME_MAX, TT_GIT_NAME_MAX + 1};
    (void) state;
    for (size_t i = 0; i < 3 * sizeof(lengths) / sizeof(*lengths); i++) {
        struct tt_buf bytes;
        struct tt_git_index index;
        size_t length = lengths[i / 3];
        memset(name, 'n', length);
        name[length] = '\0';
        const struct entry e[] = {{.name = name}, {.name = "o"}};
        build(&bytes, e, 2, 2 + (unsigned) i % 3, 20, NULL);
        enum tt_status status = tt_git_index_read(&index, &tt_alloc_libc, tt_buf_str(&bytes));
        assert_int_equal(status, length <= TT_GIT_NAME_MAX ? TT_OK : TT_E_INPUT);
        if (status == TT_OK) {
            assert_int_equal(tt_git_index_find(&index, tt_str_cstr(name)), TT_TRACKED_YES);
            assert_int_equal(tt_git_index_find(&index, TT_STR("o")), TT_TRACKED_YES);
            tt_git_index_free(&index);
        }
        tt_buf_free(&bytes);
    }
}

static bool
read_one(void *ctx, const struct tt_alloc *alloc)
{
    const struct tt_buf *bytes = ctx;
    struct tt_git_index index;
    enum tt_status status = tt_git_index_read(&index, alloc, tt_buf_str(bytes));
    tt_git_index_free(&index);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    return status == TT_OK;
}

static void
every_allocation(void **state)
{
    static const struct entry few[] = {{.name = "a"}, {.name = "b"}};
    struct tt_buf bytes;
    (void) state;
    build(&bytes, few, 2, 2, 20, NULL);
    test_every_allocation(read_one, &bytes);
    tt_buf_free(&bytes);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(versions),
    cmocka_unit_test(refused),
    cmocka_unit_test(long_names),
    cmocka_unit_test(every_allocation),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
