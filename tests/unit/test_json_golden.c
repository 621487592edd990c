/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the readable documents of tests/golden/json against the lexer.
 *
 *     test_json_golden [--update] [DIRECTORY]
 *
 * A document is Markdown.  A heading names a case; behind it come a block ```json (the input; "```json depth=3" sets the
 * limit) and a block ```tokens with one line for each token, `offset length depth KIND flags`, or `error at N: message`.
 * In the input ‹EF BB BF› stands for these bytes, and the line end before the closing fence is not part of it.  Each
 * input is lexed whole, byte by byte and cut once at every place; all must say the same.  --update writes what the lexer
 * says into the documents.
 */
#include "base/buf.h"
#include "test.h"
#include "json/lexer.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define FILES_MAX 64
#define CASES_MAX 512
#define FILE_MAX TT_MIB

struct golden {
    char name[128];
    struct tt_str input;    /* as written */
    struct tt_str expected; /* borrowed from the file's text, in which it stands */
    uint32_t depth_max;
    struct tt_buf actual;
};

struct file {
    char path[512];
    struct tt_buf text;
    size_t first, count; /* of the cases */
};

static struct file files[FILES_MAX];
static size_t file_count;
static struct golden cases[CASES_MAX];
static size_t case_count;

static void
die(const char *what, const char *where)
{
    fprintf(stderr, "test_json_golden: %s: %s\n", where, what);
    exit(2);
}

/* ---- Reading ---- */

static void
read_file(struct file *file)
{
    FILE *f = fopen(file->path, "rb");
    tt_buf_init(&file->text, &tt_alloc_libc, FILE_MAX);
    char *to = tt_buf_reserve(&file->text, FILE_MAX);
    if (!f || !to) {
        die("cannot be read", file->path);
    }
    file->text.len = fread(to, 1, FILE_MAX, f);
    fclose(f);
}

/* Takes one line without its end off the rest. */
static struct tt_str
take_line(struct tt_str *rest)
{
    const char *end = memchr(rest->ptr, '\n', rest->len);
    size_t n = end ? (size_t) (end - rest->ptr) : rest->len;
    struct tt_str line = tt_str_slice(*rest, 0, n);
    *rest = tt_str_slice(*rest, end ? n + 1 : n, rest->len);
    return line;
}

/* The lines up to the closing fence, with their line ends. */
static struct tt_str
take_block(struct tt_str *rest, const char *where)
{
    const char *start = rest->ptr;
    while (rest->len > 0) {
        struct tt_str line = take_line(rest);
        if (tt_str_eq(line, TT_STR("```"))) {
            return tt_str_make(start, (size_t) (line.ptr - start));
        }
    }
    die("a block is not closed", where);
    return TT_STR("");
}

static void
begin_case(struct tt_str heading, const char *where)
{
    if (case_count == CASES_MAX) {
        die("too many cases", where);
    }
    struct golden *g = &cases[case_count++];
    const char *slash = strrchr(where, '/');
    const char *file = slash ? slash + 1 : where;
    snprintf(g->name, sizeof(g->name), "%.*s: %.*s", (int) strcspn(file, "."), file, (int) heading.len, heading.ptr);
    tt_buf_init(&g->actual, &tt_alloc_libc, TT_MIB);
}

static void
parse_file(struct file *file)
{
    struct tt_str rest = tt_buf_str(&file->text);
    struct tt_str heading = {0};
    file->first = case_count;
    while (rest.len > 0) {
        struct tt_str line = take_line(&rest);
        if (tt_str_starts(line, TT_STR("## "))) {
            heading = tt_str_slice(line, 3, line.len);
        } else if (tt_str_starts(line, TT_STR("```json"))) {
            begin_case(heading, file->path);
            struct golden *g = &cases[case_count - 1];
            const char *limit = memmem(line.ptr, line.len, "depth=", 6);
            g->depth_max = limit ? (uint32_t) strtoul(limit + 6, NULL, 10) : 0;
            g->input = take_block(&rest, file->path);
            g->input.len -= g->input.len > 0;
        } else if (tt_str_eq(line, TT_STR("```tokens"))) {
            if (case_count == file->first) {
                die("tokens without an input", file->path);
            }
            cases[case_count - 1].expected = take_block(&rest, file->path);
        }
    }
    file->count = case_count - file->first;
}

static int
compare_files(const void *a, const void *b)
{
    return strcmp(((const struct file *) a)->path, ((const struct file *) b)->path);
}

static void
read_directory(const char *name)
{
    DIR *dir = opendir(name);
    struct dirent *entry;
    if (!dir) {
        die("is no directory that can be read", name);
    }
    while ((entry = readdir(dir)) && file_count < FILES_MAX) {
        if (tt_str_ends(tt_str_cstr(entry->d_name), TT_STR(".md"))) {
            snprintf(files[file_count++].path, sizeof(files[0].path), "%s/%s", name, entry->d_name);
        }
    }
    closedir(dir);
    qsort(files, file_count, sizeof(files[0]), compare_files);
    for (size_t i = 0; i < file_count; i++) {
        read_file(&files[i]);
        parse_file(&files[i]);
    }
}

/* Appends the bytes that the written input stands for. */
static void
add_input(struct tt_buf *out, struct tt_str written)
{
    const struct tt_str open = TT_STR("\xe2\x80\xb9"), close = TT_STR("\xe2\x80\xba");
    bool inside = false;
    for (size_t i = 0; i < written.len;) {
        struct tt_str rest = tt_str_slice(written, i, written.len);
        if (tt_str_starts(rest, inside ? close : open)) {
            inside = !inside;
            i += 3;
        } else if (!inside) {
            tt_buf_add_char(out, rest.ptr[0]);
            i++;
        } else if (rest.len >= 2 && tt_ascii_hex(rest.ptr[0]) >= 0 && tt_ascii_hex(rest.ptr[1]) >= 0) {
            tt_buf_add_char(out, (char) (tt_ascii_hex(rest.ptr[0]) << 4 | tt_ascii_hex(rest.ptr[1])));
            i += 2;
        } else {
            i++; /* a blank between two bytes */
        }
    }
}

/* ---- Lexing ---- */

static enum tt_status
print_token(void *ctx, const struct tt_json_token *token)
{
    static const char *const kinds[] = {
        "OBJECT_BEGIN", "OBJECT_END", "ARRAY_BEGIN", "ARRAY_END", "KEY", "STRING", "NUMBER", "TRUE", "FALSE", "NULL",
    };
    static const char *const flags[] = {" escape", " u", " non-ascii", " lone-surrogate"};
    struct tt_buf *out = ctx;
    tt_buf_add_u64(out, token->offset);
    tt_buf_add_char(out, ' ');
    tt_buf_add_u64(out, token->length);
    tt_buf_add_char(out, ' ');
    tt_buf_add_u64(out, token->depth);
    tt_buf_add_char(out, ' ');
    tt_buf_add_cstr(out, kinds[token->kind]);
    for (int i = 0; i < 4; i++) {
        tt_buf_add_cstr(out, token->flags & (1u << i) ? flags[i] : "");
    }
    tt_buf_add_char(out, '\n');
    return TT_OK;
}

/* Writes what the lexer says to input cut before first, and behind that after every step bytes. */
static void
lex(struct tt_buf *out, const struct golden *g, struct tt_str input, size_t first, size_t step)
{
    struct tt_json_lexer lexer;
    struct tt_error err;
    tt_buf_clear(out);
    tt_json_begin(&lexer, tt_kernels_get(tt_cpu_detect()), g->depth_max, print_token, out);
    enum tt_status status = tt_json_feed(&lexer, tt_str_slice(input, 0, first), &err);
    for (size_t at = first; at < input.len && status == TT_OK; at += step) {
        status = tt_json_feed(&lexer, tt_str_slice(input, at, at + step), &err);
    }
    if (status == TT_OK) {
        status = tt_json_end(&lexer, &err);
    }
    if (status != TT_OK) {
        tt_buf_add_cstr(out, "error at ");
        tt_buf_add_u64(out, err.pos);
        tt_buf_add_cstr(out, ": ");
        tt_buf_add_cstr(out, err.msg);
        tt_buf_add_char(out, '\n');
    }
}

static void
assert_text(const char *how, struct tt_str expected, struct tt_str actual)
{
    if (!tt_str_eq(expected, actual)) {
        fail_msg("%s\nexpected:\n%.*s\nactual:\n%.*s", how, (int) expected.len, expected.ptr, (int) actual.len, actual.ptr);
    }
}

static void
test_case(void **state)
{
    struct golden *g = *state;
    struct tt_buf input, pieces;
    tt_buf_init(&input, &tt_alloc_libc, FILE_MAX);
    tt_buf_init(&pieces, &tt_alloc_libc, FILE_MAX);
    add_input(&input, g->input);
    lex(&g->actual, g, tt_buf_str(&input), input.len, 1);
    assert_text("whole", g->expected, tt_buf_str(&g->actual));
    lex(&pieces, g, tt_buf_str(&input), 0, 1);
    assert_text("byte by byte", g->expected, tt_buf_str(&pieces));
    for (size_t cut = 0; cut <= input.len; cut++) {
        lex(&pieces, g, tt_buf_str(&input), cut, input.len);
        assert_text("cut once", g->expected, tt_buf_str(&pieces));
    }
    tt_buf_free(&g->actual);
    tt_buf_free(&input);
    tt_buf_free(&pieces);
}

/* ---- Writing ---- */

/* Replaces the tokens of every case; a case without a block gets one behind its input. */
static void
update_file(struct file *file)
{
    FILE *f = fopen(file->path, "wb");
    const char *from = file->text.ptr;
    if (!f) {
        die("cannot be written", file->path);
    }
    for (size_t i = file->first; i < file->first + file->count; i++) {
        struct golden *g = &cases[i];
        struct tt_buf input;
        tt_buf_init(&input, &tt_alloc_libc, FILE_MAX);
        add_input(&input, g->input);
        lex(&g->actual, g, tt_buf_str(&input), input.len, 1);
        bool fresh = !g->expected.ptr;
        const char *input_end = g->input.ptr + g->input.len + 1 + strlen("```\n");
        const char *to = fresh ? input_end : g->expected.ptr;
        fwrite(from, 1, (size_t) (to - from), f);
        fprintf(f, "%s%.*s%s", fresh ? "```tokens\n" : "", (int) g->actual.len, g->actual.ptr, fresh ? "```\n" : "");
        from = to + g->expected.len;
        tt_buf_free(&input);
        tt_buf_free(&g->actual);
    }
    fwrite(from, 1, (size_t) (file->text.ptr + file->text.len - from), f);
    if (fclose(f) != 0) {
        die("cannot be written", file->path);
    }
}

int
main(int argc, char **argv)
{
    static struct CMUnitTest tests[CASES_MAX];
    bool update = argc > 1 && strcmp(argv[1], "--update") == 0;
    int result = 0;
    read_directory(argc > 1 + update ? argv[1 + update] : "tests/golden/json");
    if (case_count == 0) {
        die("holds no cases", argc > 1 + update ? argv[1 + update] : "tests/golden/json");
    }
    for (size_t i = 0; i < case_count; i++) {
        tests[i] = (struct CMUnitTest) {.name = cases[i].name, .test_func = test_case, .initial_state = &cases[i]};
    }
    if (update) {
        for (size_t i = 0; i < file_count; i++) {
            update_file(&files[i]);
        }
    } else {
        result = _cmocka_run_group_tests("json golden documents", tests, case_count, NULL, NULL);
    }
    for (size_t i = 0; i < file_count; i++) {
        tt_buf_free(&files[i].text);
    }
    return result;
}
