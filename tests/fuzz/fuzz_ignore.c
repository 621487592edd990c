/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of .gitignore files.
 *
 * Input: a path, a NUL, the file.  Properties: the last pattern that fits decides, so a file says what its last line says, or else what it says
 * without that line; a name is ignored by its own spelling with every byte behind a backslash.
 */
#include "base/limits.h"
#include "input/ignore.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)    \
    do {                    \
        if (!(condition)) { \
            abort();        \
        }                   \
    } while (0)

static enum tt_ignore_verdict
judge(struct tt_str file, struct tt_str path, bool directory)
{
    struct tt_ignore_list list;
    CHECK(tt_ignore_list_read(&list, &tt_alloc_libc, file) == TT_OK);
    enum tt_ignore_verdict verdict = tt_ignore_list_judge(&list, path, directory);
    tt_ignore_list_free(&list, &tt_alloc_libc);
    return verdict;
}

/* The last line of the file against what is before it. */
static void
check_last(struct tt_str file, struct tt_str path, bool directory)
{
    const char *line_end = file.len > 0 ? memrchr(file.ptr, '\n', file.len) : NULL;
    if (!line_end || tt_str_starts(file, TT_STR("\xEF\xBB\xBF")) ||
        tt_str_starts(tt_str_slice(file, (size_t) (line_end - file.ptr) + 1, file.len), TT_STR("\xEF\xBB\xBF"))) {
        return; /* a byte order mark counts at the start only */
    }
    size_t cut = (size_t) (line_end - file.ptr) + 1;
    enum tt_ignore_verdict last = judge(tt_str_slice(file, cut, file.len), path, directory);
    enum tt_ignore_verdict before = judge(tt_str_slice(file, 0, cut), path, directory);
    CHECK(judge(file, path, directory) == (last != TT_IGNORE_SILENT ? last : before));
}

/* A pattern that spells the path out. */
static void
check_spelling(struct tt_str path, bool directory)
{
    char pattern[2 * 256 + 1];
    size_t n = 0;
    if (path.len == 0 || path.len > 256 || memchr(path.ptr, '\n', path.len) || memchr(path.ptr, '\0', path.len) ||
        path.ptr[0] == '/' || path.ptr[path.len - 1] == '/' || path.ptr[path.len - 1] == '\r') {
        return;
    }
    pattern[n++] = '/';
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] != '/') {
            pattern[n++] = '\\';
        }
        pattern[n++] = path.ptr[i];
    }
    CHECK(judge(tt_str_make(pattern, n), path, directory) == TT_IGNORE_IGNORED);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;
    size_t length = nul ? (size_t) (nul - data) : size;
    struct tt_str path = tt_str_make(data, length);
    struct tt_str file = nul ? tt_str_make(nul + 1, size - length - 1) : TT_STR("");
    if (file.len > 4 * TT_KIB || path.len > TT_IGNORE_PATH_MAX) {
        return 0;
    }
    for (int directory = 0; directory < 2; directory++) {
        check_last(file, path, directory);
        check_spelling(path, directory);
    }
    return 0;
}
