/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives as inputs: which ones are known by their bytes, how their files are called and ordered, what is reported of damaged ones, and
 * failure of every allocation.  Formats, compression, bombs and encryption are in tests/bad_input.py.
 */
#include "test.h"

#include "base/buf.h"
#include "base/limits.h"
#include "input/archive.h"
#include "scan/scan.h"

#include <stdio.h>

#define MARK "x\xE2\xA7\xB8y" /* U+29F8: suspicious whatever stands around it */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct file {
    const char *name;
    struct tt_str bytes;
};

/* Appends the file as tar(5) writes it. */
static void
add_file(struct tt_buf *tar, const struct file *file)
{
    char header[512] = {0};
    unsigned sum = 0;
    memcpy(header, file->name, strlen(file->name));
    snprintf(header + 100, 8, "%07o", 0644U);
    snprintf(header + 124, 12, "%011zo", file->bytes.len);
    snprintf(header + 136, 12, "%011o", 0U);
    memcpy(header + 148, "        ", 8);
    header[156] = '0';
    memcpy(header + 257, "ustar\00000", 8);
    for (size_t i = 0; i < sizeof(header); i++) {
        sum += (unsigned char) header[i];
    }
    snprintf(header + 148, 8, "%06o", sum);
    tt_buf_add(tar, tt_str_make(header, sizeof(header)));
    tt_buf_add(tar, file->bytes);
    while (tar->len % 512) {
        tt_buf_add_char(tar, '\0');
    }
}

static void
make_tar(struct tt_buf *tar, const struct file *files, size_t count)
{
    static const char end[1024];
    tt_buf_init(tar, &tt_alloc_libc, 16 * TT_MIB);
    for (size_t i = 0; i < count; i++) {
        add_file(tar, &files[i]);
    }
    tt_buf_add(tar, tt_str_make(end, sizeof(end)));
    assert_int_equal(tar->status, TT_OK);
}

static void
test_signatures(void **state)
{
    (void) state;
    static const struct {
        struct tt_str head;
        bool is_one;
    } rows[] = {
        {TT_STR_INIT("PK\3\4rest"), true},
        {TT_STR_INIT("PK\5\6"), true},
        {TT_STR_INIT("PK and more"), false},
        {TT_STR_INIT("!<arch>\ndebian-binary   1"), true},
        {TT_STR_INIT("!<arch>\nmain.o/"), false},
        {TT_STR_INIT("\x1F\x8B\x08"), true},
        {TT_STR_INIT("\x1F\x8B"), false},
        {TT_STR_INIT("\x28\xB5\x2F\xFD"), true},
        {TT_STR_INIT("\xFD"
                     "7zXZ\0"),
         true},
        {TT_STR_INIT("BZh91AY&SY"), true},
        {TT_STR_INIT("BZh9 is a text"), false},
        {TT_STR_INIT("abcd1AY&SY"), false},
        {TT_STR_INIT("ustar"), false},
        {TT_STR_INIT(""), false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(tt_archive_is_one(rows[i].head), rows[i].is_one);
    }
}

/* ---- a scan ---- */

struct run {
    struct tt_buf log; /* "uri@offset " of each finding, then "uri: why; " of each note */
    uint64_t files, binary, documents, found;
};

static enum tt_status
keep(void *ctx, const struct tt_scan_result *result)
{
    struct run *run = ctx;
    for (size_t i = 0; i < result->finding_count; i++) {
        tt_buf_add(&run->log, result->findings[i].where.uri);
        tt_buf_add_char(&run->log, '@');
        tt_buf_add_u64(&run->log, result->findings[i].where.offset);
        tt_buf_add_char(&run->log, ' ');
    }
    for (size_t i = 0; i < result->not_inspected_count; i++) {
        tt_buf_add(&run->log, result->not_inspected[i].uri);
        tt_buf_add_cstr(&run->log, ": ");
        tt_buf_add(&run->log, result->not_inspected[i].why);
        tt_buf_add_cstr(&run->log, "; ");
    }
    run->files += result->files;
    run->binary += result->binary;
    run->documents += result->documents;
    run->found += result->found[TT_SUSPICIOUS];
    return TT_OK;
}

static enum tt_status
scan(struct run *run, const struct tt_alloc *alloc, const char *uri, struct tt_str bytes)
{
    struct tt_scan scan = {.alloc = alloc, .kernels = tt_kernels_get(tt_cpu_detect()), .jobs = 1, .result = keep, .ctx = run};
    *run = (struct run) {0};
    tt_buf_init(&run->log, &tt_alloc_libc, 16 * TT_MIB);
    return tt_scan_bytes(&scan, tt_str_cstr(uri), bytes);
}

static void
test_entries(void **state)
{
    (void) state;
    static const struct file inner[] = {{"deep.txt", TT_STR_INIT(" " MARK)}};
    struct file files[] = {
        {"z.txt", TT_STR_INIT("one\n" MARK "\n" MARK)},
        {"a/b.jsonl", TT_STR_INIT("{}\n{\"a\":\"" MARK "\"}\n")},
        {"program", TT_STR_INIT("\x7F"
                                "ELF\0\0\0")},
        {"inner.tar", TT_STR_INIT("")},
        {"last.txt", TT_STR_INIT(MARK "\xFF")},
    };
    struct tt_buf tar, nested;
    struct run run;
    make_tar(&nested, inner, COUNT(inner));
    files[3].bytes = tt_buf_str(&nested);
    make_tar(&tar, files, COUNT(files));
    assert_int_equal(scan(&run, &tt_alloc_libc, "t.tar", tt_buf_str(&tar)), TT_OK);
    assert_str_equal(tt_buf_str(&run.log),
                     TT_STR("t.tar!z.txt@5 t.tar!z.txt@11 t.tar!a/b.jsonl@10 t.tar!inner.tar!deep.txt@2 t.tar!last.txt@1 "
                            "t.tar!last.txt: line 1, column 4 (byte 5): not valid UTF-8, passed over; the text around it was "
                            "read (--encoding NAME reads other encodings); "));
    assert_int_equal(run.files, 4);
    assert_int_equal(run.binary, 1);
    assert_int_equal(run.documents, 2);
    tt_buf_free(&run.log);
    tt_buf_free(&tar);
    tt_buf_free(&nested);
}

/* More findings than are kept: those of all entries are counted, and one note says so. */
static void
test_many_findings(void **state)
{
    (void) state;
    enum { FILES = 120, MARKS = 100 };
    static struct file files[FILES];
    static char names[FILES][16], text[MARKS * 8 + 1];
    struct tt_buf tar;
    struct run run;
    for (size_t i = 0; i < MARKS; i++) {
        memcpy(text + i * 8, "  " MARK "\n", 8);
    }
    for (size_t i = 0; i < FILES; i++) {
        snprintf(names[i], sizeof(names[i]), "%zu.txt", i);
        files[i] = (struct file) {names[i], tt_str_make(text, sizeof(text) - 1)};
    }
    make_tar(&tar, files, FILES);
    assert_int_equal(scan(&run, &tt_alloc_libc, "t.tar", tt_buf_str(&tar)), TT_OK);
    assert_int_equal(run.found, FILES * MARKS);
    assert_true(tt_str_starts(tt_buf_str(&run.log), TT_STR("t.tar!0.txt@3 t.tar!0.txt@11 ")));
    assert_true(tt_str_ends(tt_buf_str(&run.log), TT_STR("more findings are counted but not listed; ")));
    tt_buf_free(&run.log);
    tt_buf_free(&tar);
}

/* Whatever is wrong with an archive: the scan ends, and says so or finds what is there. */
static void
test_damaged(void **state)
{
    (void) state;
    static const struct file files[] = {
        {"a.txt", TT_STR_INIT(MARK)}, {"b.txt", TT_STR_INIT(MARK " and more")}, {"c", TT_STR_INIT("")}};
    struct tt_buf tar;
    uint64_t seed = 0x6172636869766573;
    make_tar(&tar, files, COUNT(files));
    for (size_t round = 0; round < 3000; round++) {
        struct run run;
        char copy[8192];
        size_t len = tar.len;
        assert_true(len <= sizeof(copy));
        memcpy(copy, tar.ptr, len);
        for (size_t n = round % 4; n > 0; n--) {
            seed = seed * 6364136223846793005 + 1442695040888963407;
            copy[(seed >> 33) % len] = (char) (seed >> 20);
        }
        len = round % 5 ? len : (seed >> 40) % len;
        enum tt_status status = scan(&run, &tt_alloc_libc, "t.tar", tt_str_make(copy, len));
        assert_int_equal(status, TT_OK);
        tt_buf_free(&run.log);
    }
    tt_buf_free(&tar);
}

static bool
scan_once(void *ctx, const struct tt_alloc *alloc)
{
    struct run run;
    enum tt_status status = scan(&run, alloc, "t.tar", *(struct tt_str *) ctx);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    tt_buf_free(&run.log);
    return status == TT_OK;
}

static void
test_allocations(void **state)
{
    (void) state;
    static const struct file inner[] = {{"deep.txt", TT_STR_INIT(" " MARK)}};
    struct file files[] = {
        {"a.txt", TT_STR_INIT(MARK "\xFF")},
        {"inner.tar", TT_STR_INIT("")},
        {"wide.txt", TT_STR_INIT("\xFF\xFE"
                                 "x\0\xF8\x29y\0")},
    };
    struct tt_buf tar, nested;
    make_tar(&nested, inner, COUNT(inner));
    files[1].bytes = tt_buf_str(&nested);
    make_tar(&tar, files, COUNT(files));
    struct tt_str bytes = tt_buf_str(&tar);
    test_every_allocation(scan_once, &bytes);
    tt_buf_free(&tar);
    tt_buf_free(&nested);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signatures), cmocka_unit_test(test_entries),     cmocka_unit_test(test_many_findings),
        cmocka_unit_test(test_damaged),    cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
