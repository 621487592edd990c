/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What .gitignore files keep out of a walk: nested ones, those above the named directory, repositories inside repositories, files
 * that cannot be obeyed.  Order, links and special files are in test_scan.c; the meaning of patterns in test_ignore.c.
 */
#include "folder.h"

#include "input/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NO_INDEX "!the git index here cannot be read; files that it tracks and .gitignore names are not scanned"
#define UNREADABLE "!a .gitignore file here cannot be read; what it would ignore is scanned"
#define TOO_LARGE "!a .gitignore file here is too large and not obeyed; what it would ignore is scanned"

static char here[4096];

static int
make_folder(void **state)
{
    static char root[FOLDER_PATH_MAX];
    folder_make(root);
    assert_non_null(getcwd(here, sizeof(here)));
    assert_int_equal(chdir(root), 0);
    *state = root;
    return 0;
}

static int
remove_folder(void **state)
{
    return chdir(here) == 0 ? folder_remove(*state) : -1;
}

/* A file, with the directories that lead to it. */
static void
put(const char *name, const char *text)
{
    char path[512];
    assert_true(snprintf(path, sizeof(path), "%s", name) < (int) sizeof(path));
    for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void) mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* An index of git that tracks these names, in order of bytes, at most 8. */
static void
put_index(const char *name, const char *const *tracked)
{
    static const char zeros[64];
    FILE *file = fopen(name, "wb");
    size_t count = 0;
    assert_non_null(file);
    while (tracked[count]) {
        count++;
    }
    fprintf(file, "DIRC%c%c%c%c%c%c%c%c", 0, 0, 0, 2, 0, 0, 0, (int) count);
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(tracked[i]);
        fwrite(zeros, 1, 60, file);
        fprintf(file, "%c%c%s", (int) (length >> 8), (int) (length & 255), tracked[i]);
        fwrite(zeros, 1, 8 - (62 + length) % 8, file);
    }
    fwrite(zeros, 1, 20, file);
    assert_int_equal(fclose(file), 0);
}

/* The names of a walk, each with a blank behind it, and its troubles; false when memory is out. */
static bool
walk_with(const struct tt_alloc *alloc, const char *path, bool no_ignore, struct tt_buf *names, uint64_t *ignored)
{
    struct tt_walk walk;
    struct tt_walk_item item;
    enum tt_status status;
    tt_walk_begin(&walk, alloc, &path, 1);
    walk.no_ignore = no_ignore;
    while (tt_walk_next(&walk, &item, &status)) {
        tt_buf_add(names, item.uri);
        tt_buf_add_cstr(names, item.trouble ? "!" : "");
        tt_buf_add_cstr(names, item.trouble ? item.trouble : "");
        tt_buf_add_char(names, ' ');
    }
    *ignored = walk.ignored;
    tt_walk_free(&walk);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    return status == TT_OK;
}

static void
check(const char *path, const char *wanted, uint64_t wanted_ignored)
{
    struct tt_buf names;
    uint64_t ignored;
    tt_buf_init(&names, &tt_alloc_libc, TT_MIB);
    assert_true(walk_with(&tt_alloc_libc, path, false, &names, &ignored));
    if (!tt_str_eq(tt_buf_str(&names), tt_str_cstr(wanted)) || ignored != wanted_ignored) {
        fail_msg("%s: %.*s (%ju ignored)", path, (int) names.len, names.ptr, (uintmax_t) ignored);
    }
    tt_buf_free(&names);
}

static void
test_nested(void **state)
{
    (void) state;
    put(".gitignore", "*.o\n/out/\nkept/\n");
    put("a.o", "");
    put("b.c", "");
    put("out/x", "");
    put("d/out/x", "");
    put("d/.gitignore", "!a.o\n/only\n");
    put("d/a.o", "");
    put("d/b.o", "");
    put("d/only", "");
    put("d/e/only", "");
    assert_int_equal(symlink("b.c", "link.o"), 0);
    check(".", "./.gitignore ./b.c ./d/.gitignore ./d/a.o ./d/e/only ./d/out/x ", 5);
    struct tt_buf names;
    uint64_t ignored;
    tt_buf_init(&names, &tt_alloc_libc, TT_MIB);
    assert_true(walk_with(&tt_alloc_libc, "d", true, &names, &ignored));
    assert_str_equal(tt_buf_str(&names), TT_STR("d/.gitignore d/a.o d/b.o d/e/only d/only d/out/x "));
    assert_int_equal(ignored, 0);
    tt_buf_free(&names);
}

/* Above a named directory, patterns count only within its repository. */
static void
test_above(void **state)
{
    (void) state;
    put(".gitignore", "*.o\n/sub/inner/x\n");
    put("sub/.gitignore", "!keep.o\n/inner/y\n");
    put("sub/inner/a.o", "");
    put("sub/inner/keep.o", "");
    put("sub/inner/x", "");
    put("sub/inner/y", "");
    put("sub/inner/z", "");
    check("sub/inner", "sub/inner/a.o sub/inner/keep.o sub/inner/x sub/inner/y sub/inner/z ", 0);
    put(".git/HEAD", "ref: refs/heads/main\n");
    put(".git/info/exclude", "z\nkeep.o\n");
    check("sub/inner", "sub/inner/keep.o ", 4);
    check("sub/inner/", "sub/inner/keep.o ", 4);
    check("sub/../sub/inner", "sub/../sub/inner/keep.o ", 4);
    check(".", "./.gitignore ./sub/.gitignore ./sub/inner/keep.o ", 4);
    check("sub/inner/a.o", "sub/inner/a.o ", 0);
    put("sub/inner/.git", "gitdir: elsewhere\n"); /* a submodule begins here */
    check("sub", "sub/.gitignore sub/inner/a.o sub/inner/keep.o sub/inner/x sub/inner/y sub/inner/z ", 0);
}

/* The user has named it, so it is scanned, and so is what is in it. */
static void
test_named(void **state)
{
    (void) state;
    put(".git/HEAD", "ref: refs/heads/main\n");
    put(".gitignore", "build/\n*.log\n");
    put("build/x.log", "");
    put("build/sub/y", "");
    put("z.log", "");
    check(".", "./.gitignore ", 2);
    check("build", "build/sub/y build/x.log ", 0);
    check("build/sub", "build/sub/y ", 0);
    check("z.log", "z.log ", 0);
}

/* What git tracks is no pattern's to leave out; of a folder that one names, only that is taken. */
static void
test_tracked(void **state)
{
    static const char *const tracked[] = {"build/deep/kept.c", "build/kept.c", "sub/a.log", NULL};
    (void) state;
    put(".git/HEAD", "ref: refs/heads/main\n");
    put(".gitignore", "build/\n*.log\n");
    put("build/.gitignore", "!other.c\n"); /* is not obeyed in an ignored folder */
    put("build/kept.c", "");
    put("build/other.c", "");
    put("build/deep/kept.c", "");
    put("build/deep/other.c", "");
    put("build/else/x", "");
    put("sub/a.log", "");
    put("sub/b.log", "");
    put("sub/c.c", "");
    check(".", "./.gitignore ./sub/c.c ", 3);
    put_index(".git/index", tracked);
    check(".", "./.gitignore ./build/deep/kept.c ./build/kept.c ./sub/a.log ./sub/c.c ", 5);
    check("sub", "sub/a.log sub/c.c ", 1);
    check("sub/", "sub/a.log sub/c.c ", 1);
    check("build/deep", "build/deep/kept.c build/deep/other.c ", 0); /* named */
    /* A work tree: .git is a file. */
    put("tree/.git", "gitdir: ../.git/worktrees/tree\n");
    put("tree/.gitignore", "*.c\n");
    put("tree/a.c", "");
    put("tree/b.c", "");
    put(".git/worktrees/tree/HEAD", "x\n");
    put_index(".git/worktrees/tree/index", (const char *const[]) {"b.c", NULL});
    check("tree", "tree/.gitignore tree/b.c ", 1);
    /* An index that is none: said at the first name that is left out. */
    put(".git/index", "DIRC and no more");
    check(".", "./.gitignore ./build" NO_INDEX " ./sub/c.c ./tree/.gitignore ./tree/b.c ", 4);
}

static void
test_trouble(void **state)
{
    (void) state;
    static char many[2 * TT_IGNORE_PATTERNS_MAX + 3];
    for (size_t i = 0; i + 1 < sizeof(many); i++) {
        many[i] = i % 2 ? '\n' : '*';
    }
    put(".git/HEAD", "ref: refs/heads/main\n");
    put("link/x", "");
    assert_int_equal(symlink("../patterns", "link/.gitignore"), 0);
    put("patterns", "x\n");
    put("many/.gitignore", many);
    put("many/x/y", "");
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_int_equal(mkdir("folder/.gitignore", 0700), 0);
    put("folder/x", "");
    check(".",
          "./folder" UNREADABLE " ./folder/x ./link" UNREADABLE " ./link/x ./many" TOO_LARGE
          " ./many/.gitignore ./many/x/y ./patterns ",
          0);
    check("many/x", "many/x" TOO_LARGE " many/x/y ", 0);
}

static bool
walk_once(void *ctx, const struct tt_alloc *alloc)
{
    struct tt_buf names;
    uint64_t ignored;
    (void) ctx;
    tt_buf_init(&names, &tt_alloc_libc, TT_MIB);
    bool done = walk_with(alloc, "sub", false, &names, &ignored);
    tt_buf_free(&names);
    return done;
}

static bool
list_files(void *ctx, const struct tt_alloc *alloc)
{
    const char *const paths[] = {"sub/inner", "sub", "-", "missing"};
    struct tt_buf names;
    (void) ctx;
    tt_buf_init(&names, alloc, TT_MIB);
    enum tt_status status = tt_repository_files(&names, paths, COUNT(paths));
    size_t n = 0;
    for (size_t at = 0; at < names.len; at += strlen(names.ptr + at) + 1) {
        n++;
    }
    assert_true(n == 7 || (status == TT_E_MEMORY && n < 7));
    tt_buf_free(&names);
    return status == TT_OK;
}

static void
test_allocations(void **state)
{
    (void) state;
    put(".git/HEAD", "ref: refs/heads/main\n");
    put(".git/info/exclude", "z\n");
    put(".gitignore", "# only words\n");
    put("sub/.gitignore", "a\n");
    put("sub/inner/x", "");
    put("sub/inner/a", "");
    put_index(".git/index", (const char *const[]) {"b", "sub/c", NULL});
    test_every_allocation(walk_once, NULL);
    test_every_allocation(list_files, NULL);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_FOLDER(test_nested),  IN_FOLDER(test_above),   IN_FOLDER(test_named),
        IN_FOLDER(test_tracked), IN_FOLDER(test_trouble), IN_FOLDER(test_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
