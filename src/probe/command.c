/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a command line to a command in the box; see command.h.
 *
 * In: words, PATH and HOME.  Out: strings in the caller's arena.  What is shown in the box is as little as the client needs to start: its package
 * or prefix and that of its interpreter, never a home folder.
 */
#include "probe/command.h"

#include "base/hash.h"
#include "json/node.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHOWN_MAX 32
#define CLIENT_MAX 8
#define INTERPRETERS_MAX 4 /* scripts whose interpreter is a script */
#define PACKAGE_MAX (1 * TT_MIB)
#define BOX_PATH "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"

struct resolver {
    struct tt_arena *arena;
    struct tt_job *job;
    const char *search, *home;
    struct tt_buf path; /* folders before BOX_PATH, each with ':' */
    struct tt_buf *message;
};

/* ---- paths ---- */

static struct tt_str
parent_of(struct tt_str path)
{
    while (path.len > 1 && path.ptr[path.len - 1] != '/') {
        path.len--;
    }
    return path.len > 1 ? tt_str_slice(path, 0, path.len - 1) : path;
}

static struct tt_str
name_of(struct tt_str path)
{
    size_t from = path.len;
    while (from > 0 && path.ptr[from - 1] != '/') {
        from--;
    }
    return tt_str_slice(path, from, path.len);
}

static bool
is_below(struct tt_str path, struct tt_str folder)
{
    return tt_str_starts(path, folder) && (path.len == folder.len || path.ptr[folder.len] == '/');
}

/* What a box always has. */
static bool
is_of_system(struct tt_str path)
{
    static const struct tt_str folders[] = {
        TT_STR_INIT("/usr"),   TT_STR_INIT("/opt"), TT_STR_INIT("/bin"), TT_STR_INIT("/sbin"),  TT_STR_INIT("/lib"),
        TT_STR_INIT("/lib64"), TT_STR_INIT("/etc"), TT_STR_INIT("/dev"), TT_STR_INIT("/lib32"), TT_STR_INIT("/proc")};
    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
        if (is_below(path, folders[i])) {
            return true;
        }
    }
    return false;
}

/* Folders that hold what is nobody's business of a client's package. */
static bool
is_private(const struct resolver *resolver, struct tt_str folder)
{
    struct tt_str above = parent_of(folder);
    return folder.len <= 1 || above.len <= 1 || tt_str_eq(folder, tt_str_cstr(resolver->home)) ||
           tt_str_eq(above, TT_STR("/home")) || tt_str_eq(name_of(folder), TT_STR(".local")) ||
           tt_str_eq(folder, TT_STR("/var/tmp"));
}

/* The outermost folder "node_modules" of a path; empty when there is none. */
static struct tt_str
package_root(struct tt_str path)
{
    static const char part[] = "/node_modules/";
    for (size_t i = 0; i + strlen(part) <= path.len; i++) {
        if (memcmp(path.ptr + i, part, strlen(part)) == 0) {
            return tt_str_slice(path, 0, i + strlen(part) - 1);
        }
    }
    return TT_STR("");
}

/* What has to be shown for a file: its package, its prefix, its folder, or the file alone. */
static struct tt_str
tree_of(const struct resolver *resolver, struct tt_str path)
{
    struct tt_str package = package_root(path), folder = parent_of(path);
    if (package.len > 0) {
        return package;
    }
    if (tt_str_eq(name_of(folder), TT_STR("bin")) && !is_private(resolver, parent_of(folder))) {
        return parent_of(folder);
    }
    return is_private(resolver, folder) ? path : folder;
}

static enum tt_status
show(struct resolver *resolver, struct tt_str path)
{
    struct tt_job *job = resolver->job;
    struct tt_str tree = tree_of(resolver, path);
    if (is_of_system(path)) {
        return TT_OK;
    }
    for (size_t i = 0; i < job->shown_count; i++) {
        if (is_below(path, job->shown[i])) {
            return TT_OK;
        }
    }
    return job->shown_count < SHOWN_MAX ? tt_arena_dup(resolver->arena, tree, &job->shown[job->shown_count++]) : TT_E_LIMIT;
}

/* The file itself, and where it leads when it is a link. */
static enum tt_status
show_both(struct resolver *resolver, struct tt_str path)
{
    char real[PATH_MAX];
    TT_TRY(show(resolver, path));
    return realpath(path.ptr, real) ? show(resolver, tt_str_cstr(real)) : TT_OK;
}

/* ---- what is looked up ---- */

static bool
is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* A program by its name, as a shell finds it. */
static bool
look_up(const struct resolver *resolver, struct tt_str name, char out[PATH_MAX])
{
    const char *at = resolver->search;
    while (at && *at) {
        size_t len = strcspn(at, ":");
        if (len > 0 && at[0] == '/' && len + 1 + name.len + 1 <= PATH_MAX) {
            memcpy(out, at, len);
            out[len] = '/';
            memcpy(out + len + 1, name.ptr, name.len);
            out[len + 1 + name.len] = '\0';
            if (is_file(out) && access(out, X_OK) == 0) {
                return true;
            }
        }
        at += len + (at[len] == ':');
    }
    return false;
}

/* An absolute path; the file need not be there. */
static enum tt_status
make_absolute(struct resolver *resolver, struct tt_str path, struct tt_str *out)
{
    char folder[PATH_MAX];
    if (path.ptr[0] == '/') {
        return tt_arena_dup(resolver->arena, path, out);
    }
    while (tt_str_starts(path, TT_STR("./"))) {
        path = tt_str_slice(path, 2, path.len);
    }
    if (!getcwd(folder, sizeof(folder))) {
        return TT_E_IO;
    }
    size_t len = strlen(folder);
    char *full = tt_arena_get(resolver->arena, len + 1 + path.len + 1);
    if (!full) {
        return TT_E_MEMORY;
    }
    memcpy(full, folder, len);
    full[len] = '/';
    memcpy(full + len + 1, path.ptr, path.len);
    full[len + 1 + path.len] = '\0';
    *out = tt_str_make(full, len + 1 + path.len);
    /* ".." has no place in a box's paths. */
    char real[PATH_MAX];
    return tt_str_has(*out, TT_STR("/../")) && realpath(full, real) ? tt_arena_dup(resolver->arena, tt_str_cstr(real), out)
                                                                    : TT_OK;
}

/* ---- identity ---- */

static bool
read_some(const char *path, char *out, size_t max, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = 0;
    for (*len = 0; fd >= 0 && *len < max && (n = read(fd, out + *len, max - *len)) > 0;) {
        *len += (size_t) n;
    }
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0 && n >= 0;
}

static enum tt_status
add_client(struct resolver *resolver, struct tt_str path)
{
    char real[PATH_MAX], hex[2 * TT_SHA256_SIZE];
    unsigned char digest[TT_SHA256_SIZE], bytes[16 * TT_KIB];
    struct tt_job *job = resolver->job;
    struct tt_sha256 hash;
    int fd = realpath(path.ptr, real) ? open(real, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0 || job->client_count == CLIENT_MAX) {
        return TT_OK;
    }
    tt_sha256_init(&hash);
    for (ssize_t n; (n = read(fd, bytes, sizeof(bytes))) > 0;) {
        tt_sha256_add(&hash, tt_str_make(bytes, (size_t) n));
    }
    close(fd);
    tt_sha256_end(&hash, digest);
    tt_hex_write(hex, digest, sizeof(digest));
    struct tt_job_file *file = &job->client[job->client_count++];
    TT_TRY(tt_arena_dup(resolver->arena, tt_str_cstr(real), &file->path));
    return tt_arena_dup(resolver->arena, tt_str_make(hex, sizeof(hex)), &file->sha256);
}

/* "version" of the package.json beside or above a file; what is no package has none. */
static enum tt_status
find_version(struct resolver *resolver, struct tt_str path)
{
    char real[PATH_MAX], name[PATH_MAX + 16];
    const struct tt_node *root = NULL;
    struct tt_error err;
    size_t len = 0;
    struct tt_str folder = realpath(path.ptr, real) ? parent_of(tt_str_cstr(real)) : TT_STR("/");
    char *bytes = tt_arena_get(resolver->arena, PACKAGE_MAX);
    if (!bytes) {
        return TT_E_MEMORY;
    }
    for (int i = 0; i < 4 && folder.len > 1; i++, folder = parent_of(folder)) {
        memcpy(name, folder.ptr, folder.len);
        memcpy(name + folder.len, "/package.json", sizeof("/package.json"));
        if (read_some(name, bytes, PACKAGE_MAX, &len) &&
            tt_node_parse(resolver->arena, tt_str_make(bytes, len), &root, &err) == TT_OK && root->kind == TT_JSON_OBJECT_BEGIN) {
            const struct tt_node *version = tt_node_get(root, TT_STR("version"));
            resolver->job->client_version = version && version->kind == TT_JSON_STRING ? version->text : TT_STR("");
            return TT_OK;
        }
    }
    return TT_OK;
}

/* ---- programs and their interpreters ---- */

/* "#!/usr/bin/env -S node --flag" names node. */
static struct tt_str
interpreter_of(struct tt_str head)
{
    const char *end = memchr(head.ptr, '\n', head.len);
    struct tt_str line = tt_str_slice(head, 2, end ? (size_t) (end - head.ptr) : head.len);
    struct tt_str word = TT_STR("");
    bool env = false;
    while (line.len > 0) {
        size_t from = 0, to;
        while (from < line.len && (line.ptr[from] == ' ' || line.ptr[from] == '\t')) {
            from++;
        }
        for (to = from; to < line.len && line.ptr[to] != ' ' && line.ptr[to] != '\t' && line.ptr[to] != '\r';) {
            to++;
        }
        word = tt_str_slice(line, from, to);
        line = tt_str_slice(line, to + 1, line.len);
        bool option = env && (word.len == 0 || word.ptr[0] == '-' || memchr(word.ptr, '=', word.len));
        if (!option && !tt_str_eq(name_of(word), TT_STR("env"))) {
            break;
        }
        env = true;
    }
    return word;
}

/* Shows and identifies a program and, for a script, what runs it. */
static enum tt_status
show_program(struct resolver *resolver, struct tt_str path)
{
    char head[256], found[PATH_MAX];
    size_t len = 0;
    for (int i = 0; i < INTERPRETERS_MAX; i++) {
        TT_TRY(show_both(resolver, path));
        TT_TRY(add_client(resolver, path));
        if (!read_some(path.ptr, head, sizeof(head), &len) || len < 3 || head[0] != '#' || head[1] != '!') {
            break;
        }
        struct tt_str name = interpreter_of(tt_str_make(head, len));
        if (name.len == 0 || name.len >= sizeof(found)) {
            break;
        }
        if (name.ptr[0] == '/') {
            TT_TRY(tt_arena_dup(resolver->arena, name, &path));
            continue;
        }
        if (!look_up(resolver, name, found)) {
            break;
        }
        TT_TRY(tt_arena_dup(resolver->arena, tt_str_cstr(found), &path));
        if (!is_of_system(path)) {
            tt_buf_add(&resolver->path, parent_of(path));
            tt_buf_add_char(&resolver->path, ':');
        }
    }
    return TT_OK;
}

static bool
is_interpreter(struct tt_str name)
{
    static const struct tt_str names[] = {TT_STR_INIT("node"), TT_STR_INIT("python"), TT_STR_INIT("bun"),  TT_STR_INIT("deno"),
                                          TT_STR_INIT("ruby"), TT_STR_INIT("perl"),   TT_STR_INIT("bash"), TT_STR_INIT("sh"),
                                          TT_STR_INIT("php"),  TT_STR_INIT("java")};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (tt_str_starts(name, names[i])) {
            return true;
        }
    }
    return false;
}

static enum tt_status
resolve_program(struct resolver *resolver, struct tt_str word, struct tt_str *out)
{
    char found[PATH_MAX];
    bool has_slash = memchr(word.ptr, '/', word.len) != NULL;
    if (has_slash) {
        TT_TRY(make_absolute(resolver, word, out));
    } else if (word.len < NAME_MAX && look_up(resolver, word, found)) {
        TT_TRY(tt_arena_dup(resolver->arena, tt_str_cstr(found), out));
    }
    if ((!has_slash && out->len == 0) || !is_file(out->ptr) || access(out->ptr, X_OK) != 0) {
        tt_buf_add_cstr(resolver->message, "there is no program ");
        tt_buf_add(resolver->message, word);
        return TT_E_USAGE;
    }
    resolver->job->name = name_of(*out);
    TT_TRY(show_program(resolver, *out));
    return find_version(resolver, *out);
}

/* A word that names a file is made absolute and shown; the first one behind an interpreter is the client itself. */
static enum tt_status
resolve_word(struct resolver *resolver, struct tt_str word, bool script, struct tt_str *out)
{
    TT_TRY(tt_arena_dup(resolver->arena, word, out));
    if ((!script && !memchr(word.ptr, '/', word.len)) || access(out->ptr, F_OK) != 0) {
        return TT_OK;
    }
    TT_TRY(make_absolute(resolver, word, out));
    TT_TRY(show_both(resolver, *out));
    if (script && is_file(out->ptr)) {
        resolver->job->name = name_of(*out);
        TT_TRY(add_client(resolver, *out));
        return find_version(resolver, *out);
    }
    return TT_OK;
}

static enum tt_status
resolve_words(struct resolver *resolver, const struct tt_str *args, size_t count)
{
    struct tt_job *job = resolver->job;
    TT_TRY(resolve_program(resolver, args[0], &job->argv[0]));
    bool script = is_interpreter(name_of(job->argv[0]));
    for (size_t i = 1; i < count; i++) {
        TT_TRY(resolve_word(resolver, args[i], script && args[i].len > 0 && args[i].ptr[0] != '-', &job->argv[i]));
        script = script && args[i].len > 0 && args[i].ptr[0] == '-';
    }
    job->argv_count = count;
    if (resolver->path.len > 0) {
        tt_buf_add_cstr(&resolver->path, BOX_PATH);
        TT_TRY(resolver->path.status);
        TT_TRY(tt_arena_dup(resolver->arena, tt_buf_str(&resolver->path), &job->path));
    }
    return TT_OK;
}

enum tt_status
tt_command_resolve(struct tt_arena *arena, const struct tt_str *args, size_t count, const char *search, const char *home,
                   struct tt_job *job, struct tt_buf *message)
{
    struct resolver resolver = {.arena = arena, .job = job, .search = search, .home = home ? home : "/root", .message = message};
    struct tt_str *shown = tt_arena_get(arena, SHOWN_MAX * sizeof(*shown));
    job->argv = tt_arena_get(arena, (count + 1) * sizeof(*job->argv));
    job->client = tt_arena_get(arena, CLIENT_MAX * sizeof(*job->client));
    if (!shown || !job->argv || !job->client || count == 0 || job->shown_count > SHOWN_MAX) {
        return count == 0 ? TT_E_USAGE : job->shown_count > SHOWN_MAX ? TT_E_LIMIT : TT_E_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        job->argv[i] = TT_STR("");
    }
    for (size_t i = 0; i < job->shown_count; i++) {
        shown[i] = job->shown[i];
    }
    job->shown = shown;
    job->client_version = job->path = TT_STR("");
    tt_buf_init(&resolver.path, arena->alloc, 16 * TT_KIB);
    enum tt_status status = resolve_words(&resolver, args, count);
    tt_buf_free(&resolver.path);
    return status;
}

/* ---- keys ---- */

static size_t
key_length(struct tt_str text)
{
    size_t n = 0;
    while (n < text.len && (tt_ascii_is_alnum((unsigned char) text.ptr[n]) || text.ptr[n] == '-' || text.ptr[n] == '_')) {
        n++;
    }
    return n;
}

/* Mixed letters and digits: a word or a row of zeros is no key. */
static bool
is_random(struct tt_str text)
{
    uint64_t seen[4] = {0};
    unsigned kinds = 0, digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char) text.ptr[i];
        kinds += !(seen[c / 64] >> c % 64 & 1);
        seen[c / 64] |= (uint64_t) 1 << c % 64;
        digits += tt_ascii_is_digit(c);
    }
    return kinds >= 12 && digits >= 3;
}

bool
tt_command_holds_key(struct tt_str text)
{
    static const struct tt_str prefixes[] = {TT_STR_INIT("sk-"),         TT_STR_INIT("AIza"), TT_STR_INIT("ghp_"),
                                             TT_STR_INIT("github_pat_"), TT_STR_INIT("xai-"), TT_STR_INIT("gsk_"),
                                             TT_STR_INIT("hf_"),         TT_STR_INIT("AKIA")};
    for (size_t at = 0; at < text.len; at++) {
        struct tt_str rest = tt_str_slice(text, at, text.len);
        bool start = at == 0 || !tt_ascii_is_alnum((unsigned char) text.ptr[at - 1]);
        for (size_t i = 0; start && i < sizeof(prefixes) / sizeof(*prefixes); i++) {
            struct tt_str key = tt_str_slice(rest, 0, key_length(rest));
            if (tt_str_starts(key, prefixes[i]) && key.len >= 20 && is_random(tt_str_slice(key, prefixes[i].len, key.len))) {
                return true;
            }
        }
    }
    return false;
}
