/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole of inspect on a file, and its token reader.
 *
 * Input: a byte that names the file (an ending decides how it is read), then the file.  Archives are opened as well, where libarchive is there.
 *
 * Properties: tokens lie one behind the other within the text; each finding lies within the file; the same bytes give the same findings.
 */
#include "base/limits.h"
#include "inspect/inspect.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"cli.js", "package.json", "README.md", "program", "package.tgz"};

static void
check(bool good)
{
    if (!good) {
        abort();
    }
}

static void
read_tokens(struct tt_str text)
{
    struct tt_tokens tokens;
    size_t end = 0;
    tt_tokens_init(&tokens, &tt_alloc_libc);
    check(tt_tokens_read(&tokens, text, 0, text.len) == TT_OK);
    for (size_t i = 0; i < tokens.count; i++) {
        check(tokens.list[i].at >= end && (size_t) tokens.list[i].at + tokens.list[i].len <= text.len);
        end = (size_t) tokens.list[i].at + tokens.list[i].len;
    }
    tt_tokens_free(&tokens);
}

static void
inspect(struct tt_found *found, const char *name, struct tt_str bytes)
{
    const struct tt_inspect settings = {.alloc = &tt_alloc_libc, .kernels = tt_kernels_get(tt_cpu_detect())};
    tt_found_init(found, &tt_alloc_libc);
    check(tt_inspect_bytes(&settings, tt_str_cstr(name), bytes, found) == TT_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tt_found one, two;
    if (size < 1 || size > 65536) {
        return 0;
    }
    const char *name = names[data[0] % (sizeof(names) / sizeof(*names))];
    struct tt_str bytes = tt_str_make(data + 1, size - 1);
    read_tokens(bytes);
    inspect(&one, name, bytes);
    inspect(&two, name, bytes);
    check(one.count == two.count && one.note_count == two.note_count);
    for (size_t i = 0; i < one.count; i++) {
        const struct tt_finding *a = &one.rows[i].finding, *b = &two.rows[i].finding;
        check(a->rule == b->rule && a->where.offset == b->where.offset && a->where.length == b->where.length);
        /* A file in an archive may be longer than the archive. */
        check(!tt_str_eq(a->where.uri, tt_str_cstr(name)) || a->where.offset + a->where.length <= bytes.len);
    }
    tt_found_free(&one);
    tt_found_free(&two);
    return 0;
}
