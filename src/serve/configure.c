/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From files to a configuration that nginx has accepted; see run.h.
 *
 * Input: the files that the settings name, read anew each time.  Output: copies and a rendered configuration in the folder.  What was
 * checked is what nginx reads: policy, keys, learned sites and included file are copied, so that a change in between cannot slip in.  The steps are read,
 * test (under names that end in ".new"), commit; the files before are kept as ".last" until the next commit.
 */
#include "finding/writer.h"
#include "marks/learned.h"
#include "serve/include.h"
#include "serve/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const files[] = {"policy.yaml", "keys.json", "include.conf", "nginx.conf"};
#define FILES (sizeof(files) / sizeof(*files))
#define NAME_MAX_BYTES 64

/* The name of a file of the folder: those above, then the descriptions of learned sites; false behind the last. */
static bool
name_file(const struct tt_serve *serve, size_t i, const char *suffix, char name[NAME_MAX_BYTES])
{
    if (i < FILES) {
        snprintf(name, NAME_MAX_BYTES, "%s%s", files[i], suffix);
    } else {
        snprintf(name, NAME_MAX_BYTES, TT_SERVE_LEARNED_NAME "%zu" TT_SERVE_LEARNED_END "%s", i - FILES + 1, suffix);
    }
    return i < FILES + serve->settings.learned_count;
}

static enum tt_status
add_place(struct tt_buf *message, const char *path, const struct tt_error *err)
{
    tt_buf_add_cstr(message, path);
    if (err->line > 0) {
        tt_buf_add_char(message, ':');
        tt_buf_add_u64(message, err->line);
    }
    if (err->column > 0) {
        tt_buf_add_char(message, ':');
        tt_buf_add_u64(message, err->column);
    }
    tt_buf_add_cstr(message, ": ");
    return TT_E_USAGE;
}

static enum tt_status
fail_errno(struct tt_buf *message, const char *path)
{
    tt_buf_add_cstr(message, "cannot use ");
    tt_buf_add_cstr(message, path);
    tt_buf_add_cstr(message, ": ");
    tt_buf_add_cstr(message, strerror(errno));
    return TT_E_USAGE;
}

/* A whole file.  private: nobody but its owner may read it. */
static enum tt_status
read_file(const char *path, bool private, struct tt_buf *out, struct tt_buf *message)
{
    struct stat st;
    ssize_t n = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        enum tt_status status = fail_errno(message, path);
        if (fd >= 0) {
            close(fd);
        }
        return status;
    }
    while (n > 0) {
        char *to = tt_buf_reserve(out, 1);
        n = to ? read(fd, to, out->cap - out->len) : -1;
        out->len += n > 0 ? (size_t) n : 0;
    }
    close(fd);
    if (n < 0) {
        errno = out->status == TT_E_LIMIT ? EFBIG : errno;
        return fail_errno(message, path);
    }
    if (private && (st.st_mode & 077)) {
        tt_buf_add_cstr(message, path);
        tt_buf_add_cstr(message, ": others may read it; it holds keys: chmod 600");
        return TT_E_USAGE;
    }
    return TT_OK;
}

static enum tt_status
read_keys(struct tt_serve *serve, struct tt_serve_candidate *candidate, struct tt_buf *message)
{
    const char *path = serve->settings.keys;
    struct tt_error err = {.msg = "the file cannot be used"};
    if (!path) {
        return TT_OK;
    }
    TT_TRY(read_file(path, true, &candidate->keys, message));
    if (tt_serve_rates_read(serve->front->alloc, tt_buf_str(&candidate->keys), &candidate->rates, &err) != TT_OK) {
        add_place(message, path, &err);
        tt_buf_add_cstr(message, err.msg);
        return TT_E_USAGE;
    }
    return TT_OK;
}

static enum tt_status
read_include(struct tt_serve *serve, struct tt_buf *bytes, struct tt_buf *message)
{
    const char *path = serve->settings.include;
    struct tt_error err = {.msg = ""};
    struct tt_buf words;
    if (!path) {
        return TT_OK;
    }
    TT_TRY(read_file(path, false, bytes, message));
    tt_buf_init(&words, serve->front->alloc, TT_KIB);
    enum tt_status status = tt_serve_include_check(tt_buf_str(bytes), &serve->settings, &err, &words);
    if (status != TT_OK) {
        status = add_place(message, path, &err);
        tt_buf_add(message, tt_buf_str(&words));
        tt_buf_add_cstr(message, err.msg);
    }
    tt_buf_free(&words);
    return status;
}

/* One description: its sites are added to those of the ones before, so that no id stands twice. */
static enum tt_status
read_description(const char *path, struct tt_learned *set, struct tt_serve_learned *out, struct tt_buf *message)
{
    unsigned char digest[TT_SHA256_SIZE];
    struct tt_sha256 sha;
    size_t before = set->count;
    TT_TRY(read_file(path, false, &out->bytes, message));
    if (tt_learned_take(set, tt_str_cstr(path), tt_buf_str(&out->bytes), message) != TT_OK) {
        return TT_E_USAGE;
    }
    out->sites = set->count - before;
    tt_sha256_init(&sha);
    tt_sha256_add(&sha, tt_buf_str(&out->bytes));
    tt_sha256_end(&sha, digest);
    tt_hex_write(out->digest, digest, sizeof(digest));
    return TT_OK;
}

static enum tt_status
read_learned(struct tt_serve *serve, struct tt_serve_candidate *candidate, struct tt_buf *message)
{
    const struct tt_alloc *alloc = serve->front->alloc;
    enum tt_status status = TT_OK;
    if (serve->settings.learned_count == 0) {
        return TT_OK;
    }
    struct tt_learned *set = tt_alloc_new(alloc, sizeof(*set));
    if (!set) {
        return TT_E_MEMORY;
    }
    tt_learned_init(set, alloc);
    for (size_t i = 0; i < serve->settings.learned_count && status == TT_OK; i++) {
        status = read_description(serve->settings.learned[i], set, &candidate->learned[i], message);
    }
    tt_learned_free(set);
    tt_alloc_free(alloc, set, sizeof(*set));
    return status;
}

enum tt_status
tt_serve_candidate_read(struct tt_serve *serve, struct tt_serve_candidate *candidate, struct tt_buf *message)
{
    *candidate = (struct tt_serve_candidate) {.rates = {.count = 0}};
    tt_buf_init(&candidate->keys, serve->front->alloc, TT_SERVE_KEYS_MAX);
    tt_buf_init(&candidate->include, serve->front->alloc, TT_SERVE_INCLUDE_MAX);
    for (size_t i = 0; i < TT_LEARNED_FILES_MAX; i++) {
        tt_buf_init(&candidate->learned[i].bytes, serve->front->alloc, TT_LEARNED_FILE_MAX);
    }
    TT_TRY(serve->front->read_policy(serve->front->ctx, serve->settings.policy, &candidate->policy, message));
    TT_TRY(read_keys(serve, candidate, message));
    TT_TRY(read_learned(serve, candidate, message));
    return read_include(serve, &candidate->include, message);
}

void
tt_serve_candidate_free(struct tt_serve_candidate *candidate)
{
    tt_buf_free(&candidate->policy.bytes);
    tt_buf_free(&candidate->keys);
    tt_buf_free(&candidate->include);
    for (size_t i = 0; i < TT_LEARNED_FILES_MAX; i++) {
        tt_buf_free(&candidate->learned[i].bytes);
    }
}

void
tt_serve_candidate_render(struct tt_serve *serve, const struct tt_serve_candidate *candidate, const char *suffix,
                          struct tt_buf *out)
{
    char policy[TT_SERVE_PATH_MAX], keys[TT_SERVE_PATH_MAX], include[TT_SERVE_PATH_MAX];
    snprintf(policy, sizeof(policy), "%s/%s%s", serve->settings.state, files[0], suffix);
    snprintf(keys, sizeof(keys), "%s/%s%s", serve->settings.state, files[1], suffix);
    snprintf(include, sizeof(include), "%s/%s%s", serve->settings.state, files[2], suffix);
    struct tt_serve_plan plan = {
        .settings = &serve->settings,
        .policy = &candidate->policy,
        .rates = &candidate->rates,
        .addresses = serve->addresses,
        .policy_file = policy,
        .keys_file = serve->settings.keys ? keys : NULL,
        .include_file = serve->settings.include ? include : NULL,
        .suffix = suffix,
        .rings = serve->state.rings,
        .ring_size = serve->ring_size,
        .files = serve->files,
        .zone = serve->zone,
    };
    tt_serve_render(&plan, out);
}

static enum tt_status
write_configuration(struct tt_serve *serve, const struct tt_serve_candidate *candidate, const char *suffix,
                    struct tt_buf *message)
{
    struct tt_buf text;
    tt_buf_init(&text, serve->front->alloc, TT_SERVE_CONFIG_MAX);
    tt_serve_candidate_render(serve, candidate, suffix, &text);
    bool good = text.status == TT_OK && tt_serve_state_write(&serve->state, "nginx.conf.new", tt_buf_str(&text), false);
    enum tt_status status = good ? TT_OK : text.status != TT_OK ? text.status : fail_errno(message, "nginx.conf");
    tt_buf_free(&text);
    return status;
}

enum tt_status
tt_serve_candidate_test(struct tt_serve *serve, const struct tt_serve_candidate *candidate, struct tt_buf *message)
{
    const struct tt_buf *const contents[] = {&candidate->policy.bytes, &candidate->keys, &candidate->include, NULL};
    char name[NAME_MAX_BYTES];
    for (size_t i = 0; name_file(serve, i, ".new", name); i++) {
        const struct tt_buf *bytes = i < FILES ? contents[i] : &candidate->learned[i - FILES].bytes;
        if (bytes && !tt_serve_state_write(&serve->state, name, tt_buf_str(bytes), false)) {
            return fail_errno(message, serve->state.path);
        }
    }
    TT_TRY(write_configuration(serve, candidate, ".new", message));
    return tt_serve_nginx_test(serve, message);
}

enum tt_status
tt_serve_candidate_commit(struct tt_serve *serve, const struct tt_serve_candidate *candidate, struct tt_buf *message)
{
    char name[NAME_MAX_BYTES], fresh[NAME_MAX_BYTES], last[NAME_MAX_BYTES];
    TT_TRY(write_configuration(serve, candidate, "", message));
    for (size_t i = 0; name_file(serve, i, "", name); i++) {
        name_file(serve, i, ".new", fresh);
        name_file(serve, i, ".last", last);
        tt_serve_state_rename(&serve->state, name, last);
        if (!tt_serve_state_rename(&serve->state, fresh, name)) {
            enum tt_status status = fail_errno(message, name);
            tt_serve_candidate_back(serve);
            return status;
        }
    }
    return TT_OK;
}

void
tt_serve_candidate_back(struct tt_serve *serve)
{
    char name[NAME_MAX_BYTES], last[NAME_MAX_BYTES];
    for (size_t i = 0; name_file(serve, i, "", name); i++) {
        name_file(serve, i, ".last", last);
        tt_serve_state_rename(&serve->state, last, name);
    }
}
