/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The run of a scan over trees, paths and standard input: order, agreement between numbers of threads, what cannot be read,
 * progress, failure of every allocation, limits.
 *
 * Every test has a folder of its own under TMPDIR.  What a run says is kept as text, one line an input, so that two runs can be
 * compared.
 */
#include "collected.h"
#include "folder.h"

#include "scan/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK "x\xE2\xA7\xB8y" /* U+29F8: suspicious whatever stands around it */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- a folder ---- */

struct folder {
    char root[FOLDER_PATH_MAX];
};

static int
make_folder(void **state)
{
    static struct folder folder;
    folder_make(folder.root);
    *state = &folder;
    return 0;
}

static int
remove_folder(void **state)
{
    struct folder *folder = *state;
    return folder_remove(folder->root);
}

/* The full path of name, valid until four calls later. */
static const char *
path_of(const struct folder *folder, const char *name)
{
    static char paths[4][4096];
    static size_t next;
    char *path = paths[next++ % COUNT(paths)];
    assert_true(snprintf(path, sizeof(paths[0]), "%s/%s", folder->root, name) < (int) sizeof(paths[0]));
    return path;
}

static void
put_directory(const struct folder *folder, const char *name)
{
    assert_int_equal(mkdir(path_of(folder, name), 0700), 0);
}

static void
put_bytes(const struct folder *folder, const char *name, struct tt_str bytes)
{
    FILE *file = fopen(path_of(folder, name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

static void
put(const struct folder *folder, const char *name, const char *text)
{
    put_bytes(folder, name, tt_str_cstr(text));
}

static void
put_link(const struct folder *folder, const char *name, const char *target)
{
    assert_int_equal(symlink(target, path_of(folder, name)), 0);
}

/* ---- a run ---- */

struct run {
    const struct folder *folder;
    struct tt_buf names; /* of the inputs, each with a blank behind it; the folder's own path left out */
    struct tt_buf log;   /* a line an input: name, findings, what was not inspected */
    uint64_t bytes, files, results;
    uint64_t stop_at;                 /* the result that refuses; 0 none */
    struct tt_scan_progress progress; /* the last */
    uint64_t progress_calls;
    pthread_t thread; /* the one that called tt_scan_run */
};

static void
add_name(struct tt_buf *out, const struct run *run, struct tt_str uri)
{
    struct tt_str root = tt_str_cstr(run->folder->root);
    bool inside = tt_str_starts(uri, root) && uri.len > root.len;
    tt_buf_add(out, inside ? tt_str_slice(uri, root.len + 1, uri.len) : uri);
}

static void
add_finding(struct tt_buf *out, const struct tt_finding *f)
{
    tt_buf_add_cstr(out, " ");
    tt_buf_add_cstr(out, f->rule->id);
    tt_buf_add_cstr(out, "/");
    tt_buf_add_cstr(out, tt_level_name(f->level));
    tt_buf_add_cstr(out, "/");
    tt_buf_add_u64(out, f->where.offset);
    tt_buf_add_cstr(out, "/");
    tt_buf_add_cstr(out, f->id);
}

static enum tt_status
keep(void *ctx, const struct tt_scan_result *result)
{
    struct run *run = ctx;
    assert_true(pthread_equal(run->thread, pthread_self()));
    run->results++;
    run->bytes += result->bytes;
    run->files += result->files;
    add_name(&run->names, run, result->uri);
    tt_buf_add_cstr(&run->names, " ");
    add_name(&run->log, run, result->uri);
    tt_buf_add_cstr(&run->log, ":");
    for (size_t i = 0; i < result->finding_count; i++) {
        assert_str_equal(result->findings[i].where.uri, result->uri);
        add_finding(&run->log, &result->findings[i]);
    }
    for (size_t i = 0; i < result->not_inspected_count; i++) {
        tt_buf_add_cstr(&run->log, " ! ");
        tt_buf_add(&run->log, result->not_inspected[i].why);
    }
    tt_buf_add_cstr(&run->log, "\n");
    return run->results == run->stop_at ? TT_E_IO : TT_OK;
}

static void
watch(void *ctx, const struct tt_scan_progress *progress)
{
    struct run *run = ctx;
    assert_true(pthread_equal(run->thread, pthread_self()));
    assert_true(progress->files_done <= progress->files_known);
    assert_true(progress->files_done >= run->progress.files_done && progress->bytes_done >= run->progress.bytes_done);
    assert_true(!run->progress.walked || (progress->walked && progress->files_known == run->progress.files_known));
    run->progress = *progress;
    run->progress_calls++;
}

static void
run_init(struct run *run, const struct folder *folder)
{
    *run = (struct run) {.folder = folder, .thread = pthread_self()};
    tt_buf_init(&run->names, &tt_alloc_libc, 4 * TT_MIB);
    tt_buf_init(&run->log, &tt_alloc_libc, 64 * TT_MIB);
}

static void
run_free(struct run *run)
{
    tt_buf_free(&run->names);
    tt_buf_free(&run->log);
}

static enum tt_status
run_with(struct run *run, const struct tt_alloc *alloc, unsigned jobs, const char *const *paths, size_t count)
{
    struct tt_scan scan = {
        .alloc = alloc,
        .kernels = tt_kernels_get(tt_cpu_detect()),
        .jobs = jobs,
        .result = keep,
        .progress = watch,
        .ctx = run,
    };
    return tt_scan_run(&scan, paths, count);
}

/* Runs over the whole folder. */
static void
run_folder(struct run *run, const struct folder *folder, unsigned jobs)
{
    const char *const paths[] = {folder->root};
    run_init(run, folder);
    assert_int_equal(run_with(run, &tt_alloc_libc, jobs, paths, 1), TT_OK);
}

/* Runs over the paths, which are full ones, with one job and with several; what comes first is log. */
static void
check_log(const struct folder *folder, const char *const *paths, size_t count, const char *log)
{
    static const unsigned jobs[] = {1, 4};
    for (size_t i = 0; i < COUNT(jobs); i++) {
        struct run run;
        run_init(&run, folder);
        assert_int_equal(run_with(&run, &tt_alloc_libc, jobs[i], paths, count), TT_OK);
        if (!tt_str_eq(tt_buf_str(&run.log), tt_str_cstr(log))) {
            fail_msg("%u jobs: %.*s", jobs[i], (int) run.log.len, run.log.ptr);
        }
        run_free(&run);
    }
}

/* ---- order ---- */

static void
test_order(void **state)
{
    const struct folder *folder = *state;
    static const char *const directories[] = {"a", "a-b", "Z", "empty"};
    static const char *const files[] = {"b.txt", "a/z.txt",      "a/.hidden", "a-b/x", "a.txt",
                                        "B.txt", "\xC3\xA9.txt", "Z/a",       "-",     "0"};
    static const char order[] = "- 0 B.txt Z/a a/.hidden a/z.txt a-b/x a.txt b.txt \xC3\xA9.txt ";
    static const unsigned jobs[] = {0, 1, 2, 4, TT_JOBS_MAX, TT_JOBS_MAX + 1};
    for (size_t i = 0; i < COUNT(directories); i++) {
        put_directory(folder, directories[i]);
    }
    for (size_t i = 0; i < COUNT(files); i++) {
        put(folder, files[i], "text\n");
    }
    for (size_t i = 0; i < COUNT(jobs); i++) {
        struct run run;
        run_folder(&run, folder, jobs[i]);
        assert_str_equal(tt_buf_str(&run.names), TT_STR(order));
        run_free(&run);
    }
}

static void
test_argument_order(void **state)
{
    const struct folder *folder = *state;
    put_directory(folder, "d");
    put(folder, "d/2", MARK);
    put(folder, "d/1", "");
    put(folder, "a", "");
    put(folder, "z", "");
    char slash[300], z[300], a[300], d[300];
    memcpy(z, path_of(folder, "z"), 300);
    memcpy(a, path_of(folder, "a"), 300);
    memcpy(d, path_of(folder, "d"), 300);
    memcpy(slash, path_of(folder, "d/"), 300);
    const char *const paths[] = {z, d, a, slash, z};
    struct run run;
    run_init(&run, folder);
    assert_int_equal(run_with(&run, &tt_alloc_libc, 4, paths, COUNT(paths)), TT_OK);
    assert_str_equal(tt_buf_str(&run.names), TT_STR("z d/1 d/2 a d/1 d/2 z "));
    run_free(&run);
}

static void
test_no_paths(void **state)
{
    struct run run;
    run_init(&run, *state);
    assert_int_equal(run_with(&run, &tt_alloc_libc, 4, NULL, 0), TT_OK);
    assert_int_equal(run.results, 0);
    run_free(&run);
    run_folder(&run, *state, 1); /* an empty directory */
    assert_int_equal(run.results, 0);
    run_free(&run);
}

/* ---- many files ---- */

static uint64_t
next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* The content of a file: lines of text or of JSON, some with marks, some broken, a few files much longer than the others. */
static void
make_content(struct tt_buf *out, uint64_t *seed, bool json)
{
    static const char *const texts[] = {
        "an ordinary line\n",
        "one " MARK " mark\n",
        "Today\xE2\x80\x99s date is 2026/05/09.\n",
        "don\xCA\xBCt have the\n",
        "\xFF\n",
        "hidden \xE2\x80\x8B\xE2\x80\x8C\xE2\x80\x8B here\n",
    };
    static const char *const lines[] = {
        "{\"a\":\"plain\"}\n", "{\"system\":\"" MARK "\"}\n",  "[1,\"x\\u29f8y\"]\n", "{\"a\":{\"b\":\"x\\\\u29f8y\"}}\n",
        "{\"" MARK "\":\n",    "[\"don\\u02bct have the\"]\n",
    };
    size_t count = next_random(seed) % (next_random(seed) % 32 == 0 ? 20000 : 50);
    tt_buf_clear(out);
    for (size_t i = 0; i < count; i++) {
        size_t plain = next_random(seed) % 4;
        size_t which = plain ? 0 : next_random(seed) % COUNT(texts);
        tt_buf_add_cstr(out, json ? lines[which] : texts[which]);
    }
}

static void
put_many(const struct folder *folder, size_t count)
{
    static const char *const suffixes[] = {"txt", "json", "jsonl", "md"};
    uint64_t seed = 0x6d616e7966696c65;
    struct tt_buf content;
    char name[64];
    tt_buf_init(&content, &tt_alloc_libc, 8 * TT_MIB);
    for (size_t i = 0; i < count; i++) {
        if (i % 30 == 0) {
            snprintf(name, sizeof(name), "d%zu", i / 30);
            put_directory(folder, name);
        }
        make_content(&content, &seed, i % 4 == 1 || i % 4 == 2);
        snprintf(name, sizeof(name), "d%zu/f%zu.%s", i / 30, next_random(&seed), suffixes[i % 4]);
        put_bytes(folder, name, tt_buf_str(&content));
    }
    tt_buf_free(&content);
}

static void
test_jobs_agree(void **state)
{
    static const unsigned jobs[] = {2, 4, 4, 4, 16};
    struct run one, other;
    put_many(*state, 300);
    run_folder(&one, *state, 1);
    assert_int_equal(one.results, 300);
    assert_int_equal(one.files, 300);
    assert_true(one.log.len > 100000);
    for (size_t i = 0; i < COUNT(jobs); i++) {
        run_folder(&other, *state, jobs[i]);
        assert_str_equal(tt_buf_str(&one.log), tt_buf_str(&other.log));
        assert_int_equal(one.bytes, other.bytes);
        run_free(&other);
    }
    run_free(&one);
}

static void
test_progress(void **state)
{
    static const unsigned jobs[] = {1, 4};
    put_many(*state, 150);
    for (size_t i = 0; i < COUNT(jobs); i++) {
        struct run run;
        run_folder(&run, *state, jobs[i]);
        assert_true(run.progress_calls > 0);
        assert_true(run.progress.walked);
        assert_int_equal(run.progress.files_done, 150);
        assert_int_equal(run.progress.files_known, 150);
        assert_int_equal(run.progress.bytes_done, run.bytes);
        run_free(&run);
    }
}

static void
test_refused_result(void **state)
{
    static const unsigned jobs[] = {1, 4};
    static const uint64_t stops[] = {1, 3, 99, 150};
    const struct folder *folder = *state;
    const char *const paths[] = {folder->root};
    put_many(folder, 150);
    for (size_t i = 0; i < COUNT(jobs) * COUNT(stops); i++) {
        struct run run;
        run_init(&run, folder);
        run.stop_at = stops[i / 2];
        assert_int_equal(run_with(&run, &tt_alloc_libc, jobs[i % 2], paths, 1), TT_E_IO);
        assert_int_equal(run.results, run.stop_at);
        run_free(&run);
    }
}

/* ---- what cannot be read ---- */

static void
test_missing(void **state)
{
    const struct folder *folder = *state;
    const char *const paths[] = {path_of(folder, "gone"), "", path_of(folder, "a/b")};
    put(folder, "a", "");
    check_log(
        folder, paths, 3,
        "gone: ! no such file or directory\n: ! no such file or directory\na/b: ! the operating system could not read it\n");
}

/* Even a path that the system takes for no path at all is one input's trouble. */
static void
test_long_name(void **state)
{
    static char name[200000];
    struct run run;
    memset(name, 'n', sizeof(name) - 1);
    put(*state, "a", MARK);
    const char *const paths[] = {name, path_of(*state, "a")};
    run_init(&run, *state);
    assert_int_equal(run_with(&run, &tt_alloc_libc, 1, paths, 2), TT_OK);
    assert_int_equal(run.results, 2);
    assert_int_equal(run.files, 1);
    assert_true(tt_str_starts(tt_buf_str(&run.log), tt_str_make(name, 1000)));
    assert_non_null(memmem(run.log.ptr, run.log.len, "n: ! the name is too long\na: mark", 33));
    run_free(&run);
}

static void
test_links_in_a_tree(void **state)
{
    const struct folder *folder = *state;
    put_directory(folder, "tree");
    put_directory(folder, "tree/d");
    put(folder, "outside", MARK);
    put(folder, "tree/d/file", "");
    put_link(folder, "tree/circle", "circle");
    put_link(folder, "tree/d/up", "..");
    put_link(folder, "tree/d/same", "file");
    put_link(folder, "tree/dangling", "nowhere");
    put_link(folder, "tree/out", "../outside");
    put_link(folder, "tree/out2", "../../");
    const char *const paths[] = {path_of(folder, "tree"), path_of(folder, "outside")};
    const char *out = "a symbolic link out of the scanned paths; name its target to scan it\n";
    char log[1024];
    snprintf(log, sizeof(log),
             "tree/circle: ! symbolic links go in a circle\ntree/d/file:\ntree/dangling: ! a symbolic link to nothing\n"
             "tree/out: ! %stree/out2: ! %s",
             out, out);
    check_log(folder, paths, 1, log);
    /* with its target named as well, the link is covered */
    struct run run;
    run_init(&run, folder);
    assert_int_equal(run_with(&run, &tt_alloc_libc, 1, paths, 2), TT_OK);
    assert_str_equal(tt_buf_str(&run.names), TT_STR("tree/circle tree/d/file tree/dangling tree/out2 outside "));
    run_free(&run);
}

/* A link that the user names is followed, to a file and to a directory. */
static void
test_named_links(void **state)
{
    const struct folder *folder = *state;
    put_directory(folder, "d");
    put(folder, "d/file", "");
    put_link(folder, "to-d", "d");
    put_link(folder, "to-file", "d/file");
    put_link(folder, "to-nothing", "nothing");
    put_link(folder, "circle", "circle");
    const char *const paths[] = {path_of(folder, "to-d"), path_of(folder, "to-file"), path_of(folder, "to-nothing"),
                                 path_of(folder, "circle")};
    check_log(folder, paths, 4,
              "to-d/file:\nto-file:\nto-nothing: ! no such file or directory\ncircle: ! symbolic links go in a circle\n");
}

static void
test_special_files(void **state)
{
    const struct folder *folder = *state;
    const char *const paths[] = {folder->root};
    assert_int_equal(mkfifo(path_of(folder, "a-pipe"), 0600), 0);
    put_bytes(folder, "binary", TT_STR("a\0b"));
    put_directory(folder, ".git");
    put(folder, ".git/config", MARK);
    put(folder, ".gitignore", "");
    put_directory(folder, "sub");
    put(folder, "sub/.git", MARK); /* of a submodule */
    check_log(folder, paths, 1, ".gitignore:\na-pipe: ! not a regular file (a device, pipe or socket)\nbinary:\n");
    const char *const named[] = {path_of(folder, ".git/config")};
    struct run run;
    run_init(&run, folder);
    assert_int_equal(run_with(&run, &tt_alloc_libc, 1, named, 1), TT_OK);
    assert_true(tt_str_starts(tt_buf_str(&run.log), TT_STR(".git/config: mark.look-alike/suspicious/1/")));
    run_free(&run);
}

/* What the walk has found to be a file may be something else when it is opened. */
static void
test_changed_since_the_walk(void **state)
{
    const struct folder *folder = *state;
    const struct tt_scan scan = {.alloc = &tt_alloc_libc, .kernels = tt_kernels_get(0)};
    static const char *const names[] = {"pipe", "link", "d", "gone"};
    _Atomic uint64_t bytes_done = 0;
    struct tt_worker worker;
    assert_int_equal(mkfifo(path_of(folder, "pipe"), 0600), 0);
    put(folder, "file", MARK);
    put_link(folder, "link", "file");
    put_directory(folder, "d");
    assert_int_equal(tt_worker_init(&worker, &scan, &bytes_done), TT_OK);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct tt_scan_file file;
        tt_scan_file_begin(&file, &tt_alloc_libc, scan.kernels, tt_str_cstr(path_of(folder, names[i])));
        assert_int_equal(tt_worker_file(&worker, &file, false), TT_OK); /* does not wait for a writer */
        assert_int_equal(file.result.finding_count, 0);
        assert_int_equal(file.result.not_inspected_count, 1);
        tt_scan_file_free(&file);
    }
    tt_worker_free(&worker);
}

static void
test_unreadable(void **state)
{
    const struct folder *folder = *state;
    const char *const paths[] = {folder->root};
    bool root = geteuid() == 0;
    put(folder, "file", MARK);
    put_directory(folder, "locked");
    assert_int_equal(chmod(path_of(folder, "file"), 0), 0);
    assert_int_equal(chmod(path_of(folder, "locked"), 0), 0);
    if (root) { /* may read everything, so somebody else looks */
        assert_int_equal(chmod(folder->root, 0755), 0);
        assert_int_equal(seteuid(65534), 0);
    }
    check_log(folder, paths, 1, "file: ! permission denied\nlocked: ! permission denied\n");
    if (root) {
        assert_int_equal(seteuid(0), 0);
    }
    assert_int_equal(chmod(path_of(folder, "locked"), 0700), 0);
}

/* The folder itself is the first of TT_WALK_DEPTH_MAX directories that are entered. */
static void
test_deep_directories(void **state)
{
    const struct folder *folder = *state;
    char name[2 * TT_WALK_DEPTH_MAX + 8] = "d";
    for (size_t depth = 1; depth <= TT_WALK_DEPTH_MAX; depth++) {
        put_directory(folder, name);
        size_t len = strlen(name);
        memcpy(name + len, "/f", 3);
        put(folder, name, "");
        name[len + 1] = 'd';
    }
    struct run run;
    run_folder(&run, folder, 1);
    assert_int_equal(run.results, TT_WALK_DEPTH_MAX);
    assert_int_equal(run.files, TT_WALK_DEPTH_MAX - 1);
    assert_true(tt_str_starts(tt_buf_str(&run.log), TT_STR("d/d/d/")));
    assert_non_null(memmem(run.log.ptr, run.log.len, "d: ! directories are nested too deep\n", 37));
    run_free(&run);
}

/* ---- standard input ---- */

/* Makes text the standard input; returns the old one. */
static int
feed_stdin(const char *text)
{
    int ends[2];
    int old = dup(STDIN_FILENO);
    assert_true(old >= 0);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(close(ends[0]), 0);
    return old;
}

static void
restore_stdin(int old)
{
    assert_int_equal(dup2(old, STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(close(old), 0);
}

static void
test_stdin(void **state)
{
    const struct folder *folder = *state;
    static const unsigned jobs[] = {1, 4};
    put(folder, "a", "");
    put(folder, "-", "");
    const char *const paths[] = {path_of(folder, "a"), "-", folder->root};
    for (size_t i = 0; i < COUNT(jobs); i++) {
        struct run run;
        int old = feed_stdin("[\"" MARK "\"]\n[1]");
        run_init(&run, folder);
        enum tt_status status = run_with(&run, &tt_alloc_libc, jobs[i], paths, COUNT(paths));
        restore_stdin(old);
        assert_int_equal(status, TT_OK);
        assert_str_equal(tt_buf_str(&run.names), TT_STR("a - - a "));
        assert_true(tt_str_starts(tt_buf_str(&run.log), TT_STR("a:\n-: mark.look-alike/suspicious/3/")));
        assert_int_equal(run.bytes, 13);
        run_free(&run);
    }
}

/* ---- memory ---- */

struct input {
    const char *uri;
    struct tt_str bytes;
};

static enum tt_status
ignore(void *ctx, const struct tt_scan_result *result)
{
    (void) ctx;
    (void) result;
    return TT_OK;
}

static bool
scan_input(void *ctx, const struct tt_alloc *alloc)
{
    const struct input *input = ctx;
    struct tt_scan scan = {.alloc = alloc, .kernels = tt_kernels_get(0), .jobs = 1, .result = ignore};
    enum tt_status status = tt_scan_bytes(&scan, tt_str_cstr(input->uri), input->bytes);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    return status == TT_OK;
}

static void
test_memory_of_text(void **state)
{
    (void) state;
    struct input input = {
        "t.txt",
        TT_STR_INIT(
            "The user\xCA\xBCs file.\nToday\xE2\x80\x99s date is 2026/05/09.\n" MARK " \\u29f8 x\\u29f8y \xFF\n"
            "hidden \xE2\x80\x8B\xE2\x80\x8C\xE2\x80\x8B\xE2\x80\x8C\xE2\x80\x8B\xE2\x80\x8C\xE2\x80\x8B\xE2\x80\x8C here\n"),
    };
    test_every_allocation(scan_input, &input);
}

static void
test_memory_of_json(void **state)
{
    (void) state;
    struct input input = {
        "t.jsonl",
        TT_STR_INIT(
            "{\"system\":\"" MARK "\",\"messages\":[{\"role\":\"user\",\"content\":\"x\\u29f8y \\\\u005cu29f8 x\\\\u29f8y\"}]}\n"
            "{\"" MARK "\": \"\xF3\xA0\x81\x81\xF3\xA0\x81\x82\xF3\xA0\x81\x83\xF3\xA0\x81\x84\"}\n[\"" MARK " \xFF\n[2]"),
    };
    test_every_allocation(scan_input, &input);
}

static bool
scan_folder(void *ctx, const struct tt_alloc *alloc)
{
    const struct folder *folder = ctx;
    const char *const paths[] = {folder->root, "gone"};
    struct run run;
    run_init(&run, folder);
    enum tt_status status = run_with(&run, alloc, 1, paths, 2);
    run_free(&run);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    return status == TT_OK;
}

static void
put_few(const struct folder *folder)
{
    put_directory(folder, "d");
    put_directory(folder, "d/e");
    put(folder, "d/e/one.txt", "x\\u29f8y " MARK);
    put(folder, "d/two.json", "[\"" MARK "\"");
    put_link(folder, "d/link", "nowhere");
    put(folder, "three", "{\"a\": 1}");
}

static void
test_memory_of_run(void **state)
{
    put_few(*state);
    test_every_allocation(scan_folder, *state);
}

/* The failing allocator for several threads. */
struct guarded {
    struct tt_alloc alloc;
    struct test_alloc inner;
    pthread_mutex_t mutex;
};

static void *
guarded_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct guarded *guarded = ctx;
    const struct tt_alloc *inner = &guarded->inner.alloc;
    pthread_mutex_lock(&guarded->mutex);
    void *fresh = inner->resize(inner->ctx, ptr, old_size, new_size);
    pthread_mutex_unlock(&guarded->mutex);
    return fresh;
}

/* The order of requests differs from run to run with threads, but each run ends, and with nothing left. */
static void
test_memory_of_threads(void **state)
{
    const struct folder *folder = *state;
    const char *const paths[] = {folder->root, "gone"};
    put_few(folder);
    for (long n = 0;; n++) {
        struct guarded guarded = {.alloc = {.resize = guarded_resize, .ctx = &guarded}, .mutex = PTHREAD_MUTEX_INITIALIZER};
        struct run run;
        test_alloc_init(&guarded.inner, n);
        run_init(&run, folder);
        enum tt_status status = run_with(&run, &guarded.alloc, 4, paths, 2);
        run_free(&run);
        assert_int_equal(guarded.inner.live, 0);
        assert_int_equal(guarded.inner.bytes, 0);
        assert_true(status == TT_OK || status == TT_E_MEMORY);
        if (guarded.inner.requests <= n) {
            assert_int_equal(status, TT_OK);
            break;
        }
    }
}

/* ---- limits ---- */

struct limits {
    uint64_t found, listed;
    char note[128];
};

static enum tt_status
keep_limits(void *ctx, const struct tt_scan_result *result)
{
    struct limits *limits = ctx;
    limits->found = result->found[TT_SUSPICIOUS];
    limits->listed = result->finding_count;
    assert_true(result->not_inspected_count <= 1);
    if (result->not_inspected_count == 1) {
        snprintf(limits->note, sizeof(limits->note), "%s", result->not_inspected[0].why.ptr);
    }
    return TT_OK;
}

static void
scan_limits(struct limits *limits, struct tt_str bytes)
{
    *limits = (struct limits) {0};
    struct tt_scan scan = {
        .alloc = &tt_alloc_libc, .kernels = tt_kernels_get(tt_cpu_detect()), .jobs = 1, .result = keep_limits, .ctx = limits};
    assert_int_equal(tt_scan_bytes(&scan, TT_STR("t.txt"), bytes), TT_OK);
}

static void
test_many_findings(void **state)
{
    (void) state;
    struct limits limits;
    struct tt_buf text;
    tt_buf_init(&text, &tt_alloc_libc, TT_MIB);
    for (size_t i = 0; i < TT_SCAN_FINDINGS_MAX; i++) {
        tt_buf_add_cstr(&text, MARK "\n");
    }
    scan_limits(&limits, tt_buf_str(&text));
    assert_int_equal(limits.found, TT_SCAN_FINDINGS_MAX);
    assert_int_equal(limits.listed, TT_SCAN_FINDINGS_MAX);
    assert_string_equal(limits.note, "");
    tt_buf_add_cstr(&text, MARK MARK);
    scan_limits(&limits, tt_buf_str(&text));
    assert_int_equal(limits.found, TT_SCAN_FINDINGS_MAX + 2);
    assert_int_equal(limits.listed, TT_SCAN_FINDINGS_MAX);
    assert_string_equal(limits.note, "2 more findings are counted but not listed");
    tt_buf_free(&text);
}

/* Findings that do not fit into the memory of a file are counted too; they do not end the run. */
static void
test_large_findings(void **state)
{
    (void) state;
    static const size_t lengths[] = {290000, 230000, 130000, 70000}; /* of hidden runs, one a line */
    for (size_t n = 0; n < COUNT(lengths); n++) {
        struct limits limits;
        struct tt_buf text;
        const uint64_t lines = 50;
        tt_buf_init(&text, &tt_alloc_libc, 64 * TT_MIB);
        for (uint64_t i = 0; i < lines; i++) {
            for (size_t k = 0; k < lengths[n]; k++) {
                tt_buf_add_cstr(&text, "\xE2\x80\x8B");
            }
            tt_buf_add_cstr(&text, "a\n");
        }
        scan_limits(&limits, tt_buf_str(&text));
        assert_true(limits.found >= lines);
        assert_true(limits.listed > 0 && limits.listed < limits.found);
        assert_non_null(strstr(limits.note, "more findings are counted but not listed"));
        tt_buf_free(&text);
    }
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_FOLDER(test_order),
        IN_FOLDER(test_argument_order),
        IN_FOLDER(test_no_paths),
        IN_FOLDER(test_jobs_agree),
        IN_FOLDER(test_progress),
        IN_FOLDER(test_refused_result),
        IN_FOLDER(test_missing),
        IN_FOLDER(test_long_name),
        IN_FOLDER(test_links_in_a_tree),
        IN_FOLDER(test_named_links),
        IN_FOLDER(test_special_files),
        IN_FOLDER(test_changed_since_the_walk),
        IN_FOLDER(test_unreadable),
        IN_FOLDER(test_deep_directories),
        IN_FOLDER(test_stdin),
        cmocka_unit_test(test_memory_of_text),
        cmocka_unit_test(test_memory_of_json),
        IN_FOLDER(test_memory_of_run),
        IN_FOLDER(test_memory_of_threads),
        cmocka_unit_test(test_many_findings),
        cmocka_unit_test(test_large_findings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
