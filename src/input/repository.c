/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds a directory's repository and reads the patterns above it; see repository.h.
 *
 * In: the path of a directory.  Out: layers of patterns, which the struct owns.  The order is git's: an inner .gitignore goes
 * before an outer one, and .git/info/exclude comes last.  A user's own core.excludesFile is not read: what is scanned must not
 * depend on who scans it.
 */
#include "input/repository.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOO_LARGE "a .gitignore file here is too large and not obeyed; what it would ignore is scanned"
#define UNREADABLE "a .gitignore file here cannot be read; what it would ignore is scanned"
#define NO_INDEX "the git index here cannot be read; files that it tracks and .gitignore names are not scanned"

/* Appends "directory/name" to buf. */
static void
add_path(struct tt_buf *buf, struct tt_str directory, const char *name)
{
    tt_buf_add(buf, directory);
    if (!tt_str_ends(directory, TT_STR("/"))) {
        tt_buf_add_char(buf, '/');
    }
    tt_buf_add(buf, tt_str_make(name, strlen(name) + 1));
}

/* Is there a "directory/name" of that kind? */
static bool
has(struct tt_str directory, const char *name, mode_t kind)
{
    char path[PATH_MAX + 16];
    struct stat st;
    size_t slash = tt_str_ends(directory, TT_STR("/")) ? 0 : 1;
    if (directory.len + slash + strlen(name) >= sizeof(path)) {
        return false;
    }
    memcpy(path, directory.ptr, directory.len);
    memcpy(path + directory.len, "/", slash);
    memcpy(path + directory.len + slash, name, strlen(name) + 1);
    return stat(path, &st) == 0 && (st.st_mode & S_IFMT) == kind;
}

static bool
is_root(struct tt_str directory)
{
    return has(directory, ".git/HEAD", S_IFREG) || has(directory, ".git", S_IFREG);
}

bool
tt_repository_is_root(const char *directory)
{
    return is_root(tt_str_cstr(directory));
}

/* The length of the path of the directory above; 0 when there is none.  path is absolute, without a slash at its end. */
static size_t
length_above(struct tt_str path)
{
    const char *slash = path.len > 1 ? memrchr(path.ptr, '/', path.len) : NULL;
    return !slash ? 0 : slash == path.ptr ? 1 : (size_t) (slash - path.ptr);
}

/* The root of the repository that holds directory, a part of its path; empty if there is none or it is directory itself. */
static struct tt_str
find_root(struct tt_str directory)
{
    if (is_root(directory)) {
        return tt_str_slice(directory, 0, 0);
    }
    struct tt_str above = directory;
    do {
        above.len = length_above(above);
    } while (above.len > 0 && !is_root(above));
    return above;
}

enum found { FOUND, ABSENT, FAILED };

static enum tt_status
read_all(int fd, struct tt_buf *out, enum found *found)
{
    for (;;) {
        char *to = tt_buf_reserve(out, 4 * TT_KIB);
        if (!to) {
            return out->status;
        }
        ssize_t n = read(fd, to, 4 * TT_KIB);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            *found = n < 0 ? FAILED : FOUND;
            return TT_OK;
        }
        out->len += (size_t) n;
    }
}

/* Reads a file up to the maximum of out: TT_E_LIMIT.  Like git, it does not follow a link: what it leads to may be no part of the tree. */
static enum tt_status
read_file(const char *path, struct tt_buf *out, enum found *found)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        *found = errno == ENOENT || errno == ENOTDIR ? ABSENT : FAILED;
        return TT_OK;
    }
    *found = FAILED;
    enum tt_status status = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? read_all(fd, out, found) : TT_OK;
    close(fd);
    return status;
}

enum tt_status
tt_ignore_list_load(struct tt_ignore_list *list, const struct tt_alloc *alloc, const char *path, const char **trouble)
{
    struct tt_buf text;
    enum found found = FAILED;
    *list = (struct tt_ignore_list) {0};
    tt_buf_init(&text, alloc, TT_IGNORE_FILE_MAX + 4 * TT_KIB);
    enum tt_status status = read_file(path, &text, &found);
    if (status == TT_OK && found == FOUND) {
        status = tt_ignore_list_read(list, alloc, tt_buf_str(&text));
    }
    tt_buf_free(&text);
    const char *why = status == TT_E_LIMIT ? TOO_LARGE : status == TT_OK && found == FAILED ? UNREADABLE : NULL;
    *trouble = why ? why : *trouble;
    return status == TT_E_LIMIT ? TT_OK : status;
}

/* ---- what is tracked ---- */

/* Of submodules and work trees, .git is a file that says where the index lies: "gitdir: PATH". */
static void
add_index_path(struct tt_buf *out, const struct tt_alloc *alloc, struct tt_str root)
{
    struct tt_buf file, text;
    enum found found = FAILED;
    if (!has(root, ".git", S_IFREG)) {
        add_path(out, root, ".git/index");
        return;
    }
    tt_buf_init(&file, alloc, 2 * PATH_MAX);
    tt_buf_init(&text, alloc, 2 * PATH_MAX);
    add_path(&file, root, ".git");
    if (file.status == TT_OK && read_file(file.ptr, &text, &found) == TT_OK && found == FOUND &&
        tt_str_starts(tt_buf_str(&text), TT_STR("gitdir: "))) {
        struct tt_str to = tt_str_slice(tt_buf_str(&text), 8, text.len);
        const char *end = to.len ? memchr(to.ptr, '\n', to.len) : NULL;
        to.len = end ? (size_t) (end - to.ptr) : to.len;
        if (!tt_str_starts(to, TT_STR("/"))) {
            tt_buf_add(out, root);
            tt_buf_add_char(out, '/');
        }
        add_path(out, to, "index");
    }
    tt_buf_free(&file);
    tt_buf_free(&text);
}

/* Reads the index.  Without one, nothing is tracked yet. */
static enum tt_status
load_tracked(struct tt_git_index *index, const struct tt_alloc *alloc, struct tt_str root, const char **trouble)
{
    struct tt_buf path, bytes;
    enum found found = FAILED;
    tt_buf_init(&path, alloc, 4 * PATH_MAX);
    tt_buf_init(&bytes, alloc, TT_GIT_INDEX_MAX);
    add_index_path(&path, alloc, root);
    enum tt_status status = path.status;
    if (status == TT_OK && path.len > 0) {
        status = read_file(path.ptr, &bytes, &found);
    }
    if (status == TT_OK && found == FOUND) {
        status = tt_git_index_read(index, alloc, tt_buf_str(&bytes));
    }
    if (status == TT_E_INPUT || status == TT_E_LIMIT || (status == TT_OK && found == FAILED)) {
        *trouble = NO_INDEX;
        status = TT_OK;
    }
    tt_buf_free(&bytes);
    tt_buf_free(&path);
    return status;
}

enum tt_status
tt_tracked_find(struct tt_tracked_names *names, const struct tt_alloc *alloc, struct tt_str root, struct tt_str path,
                enum tt_tracked *tracked, const char **trouble)
{
    if (!names->asked) {
        TT_TRY(load_tracked(&names->index, alloc, root, trouble));
        names->asked = true;
    }
    *tracked = tt_git_index_find(&names->index, path);
    return TT_OK;
}

void
tt_tracked_free(struct tt_tracked_names *names)
{
    tt_git_index_free(&names->index);
    names->asked = false;
}

/* ---- patterns above ---- */

/* Reads one file of patterns into the next layer. */
static enum tt_status
add_layer(struct tt_repository *repository, struct tt_str folder, const char *name, size_t base, const char **trouble)
{
    struct tt_buf path;
    struct tt_repository_layer *layer = &repository->layers[repository->count];
    if (repository->count == TT_WALK_DEPTH_MAX) {
        return TT_OK;
    }
    layer->list = (struct tt_ignore_list) {0};
    tt_buf_init(&path, repository->alloc, 2 * PATH_MAX);
    add_path(&path, folder, name);
    enum tt_status status = path.status;
    if (status == TT_OK) {
        status = tt_ignore_list_load(&layer->list, repository->alloc, path.ptr, trouble);
    }
    tt_buf_free(&path);
    layer->base = base;
    if (layer->list.count > 0) {
        repository->count++;
    } else {
        tt_ignore_list_free(&layer->list, repository->alloc); /* only comments */
    }
    return status;
}

/* Is one of the directories on the way to the named one ignored, or it itself? */
static bool
is_ignored(struct tt_repository *repository)
{
    struct tt_str path = tt_buf_str(&repository->path);
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] != '/') {
            continue;
        }
        for (size_t k = repository->count; k-- > 0;) {
            const struct tt_repository_layer *layer = &repository->layers[k];
            struct tt_str below = tt_str_slice(path, layer->base, i);
            enum tt_ignore_verdict verdict = below.len > 0 ? tt_ignore_list_judge(&layer->list, below, true) : TT_IGNORE_SILENT;
            if (verdict == TT_IGNORE_IGNORED) {
                return true;
            }
            if (verdict == TT_IGNORE_KEPT) {
                break;
            }
        }
    }
    return false;
}

/* The .gitignore of each folder from the root to above directory. */
static enum tt_status
add_layers(struct tt_repository *repository, struct tt_str directory, struct tt_str root, const char **trouble)
{
    struct tt_str path = tt_buf_str(&repository->path);
    TT_TRY(add_layer(repository, root, ".git/info/exclude", 0, trouble));
    TT_TRY(add_layer(repository, root, ".gitignore", 0, trouble));
    for (size_t i = 0; i + 1 < path.len; i++) {
        if (path.ptr[i] == '/') {
            size_t length = directory.len - (path.len - 1) + i;
            TT_TRY(add_layer(repository, tt_str_slice(directory, 0, length), ".gitignore", i + 1, trouble));
        }
    }
    return TT_OK;
}

static void
drop_layers(struct tt_repository *repository)
{
    while (repository->count > 0) {
        tt_ignore_list_free(&repository->layers[--repository->count].list, repository->alloc);
    }
}

enum tt_status
tt_repository_open(struct tt_repository *repository, const struct tt_alloc *alloc, const char *directory, const char **trouble)
{
    char real[PATH_MAX];
    repository->alloc = alloc;
    repository->count = 0;
    repository->tracked = (struct tt_tracked_names) {.asked = false};
    tt_buf_init(&repository->path, alloc, 2 * PATH_MAX);
    tt_buf_init(&repository->root, alloc, 2 * PATH_MAX);
    struct tt_str path = realpath(directory, real) ? tt_str_cstr(real) : TT_STR("");
    struct tt_str root = find_root(path);
    if (root.len == 0) {
        return TT_OK;
    }
    tt_buf_add(&repository->root, root);
    tt_buf_add(&repository->path, tt_str_slice(path, root.len + (root.len > 1), path.len));
    tt_buf_add_char(&repository->path, '/');
    enum tt_status status = repository->path.status != TT_OK ? repository->path.status : repository->root.status;
    if (status == TT_OK) {
        status = add_layers(repository, path, root, trouble);
    }
    if (status != TT_OK || is_ignored(repository)) {
        drop_layers(repository);
    }
    return status;
}

void
tt_repository_close(struct tt_repository *repository)
{
    drop_layers(repository);
    tt_tracked_free(&repository->tracked);
    if (repository->alloc) {
        tt_buf_free(&repository->path);
        tt_buf_free(&repository->root);
    }
}

enum tt_status
tt_repository_tracked(struct tt_repository *repository, struct tt_str path, enum tt_tracked *tracked, const char **trouble)
{
    size_t length = repository->path.len;
    *tracked = TT_TRACKED_NO;
    if (repository->root.len == 0) {
        return TT_OK;
    }
    tt_buf_add(&repository->path, path);
    enum tt_status status = repository->path.status;
    if (status == TT_OK) {
        status = tt_tracked_find(&repository->tracked, repository->alloc, tt_buf_str(&repository->root),
                                 tt_buf_str(&repository->path), tracked, trouble);
    }
    repository->path.len = length;
    repository->path.status = TT_OK;
    return status == TT_E_LIMIT ? TT_OK : status; /* a path that is too long is tracked by nobody */
}

enum tt_ignore_verdict
tt_repository_judge(struct tt_repository *repository, struct tt_str path, bool directory)
{
    enum tt_ignore_verdict verdict = TT_IGNORE_SILENT;
    size_t length = repository->path.len;
    if (repository->count == 0) {
        return verdict;
    }
    tt_buf_add(&repository->path, path);
    if (repository->path.status == TT_OK) {
        struct tt_str whole = tt_buf_str(&repository->path);
        for (size_t i = repository->count; i-- > 0 && verdict == TT_IGNORE_SILENT;) {
            const struct tt_repository_layer *layer = &repository->layers[i];
            verdict = tt_ignore_list_judge(&layer->list, tt_str_slice(whole, layer->base, whole.len), directory);
        }
    }
    repository->path.len = length;
    repository->path.status = TT_OK; /* a path that is too long is not ignored */
    return verdict;
}

/* Adds a name as a whole or not at all; beyond the buffer's maximum a file stays closed, and its reader says so. */
static void
add_name(struct tt_buf *names, struct tt_str directory, const char *name)
{
    size_t length = names->len;
    add_path(names, directory, name);
    if (names->status != TT_OK) {
        names->len = length;
    }
}

/* The index of the repository whose root that directory is, if it is one, and the file that may say where it lies. */
static void
add_index_name(struct tt_buf *names, struct tt_str root)
{
    size_t length = names->len;
    if (!is_root(root)) {
        return;
    }
    if (has(root, ".git", S_IFREG)) {
        add_path(names, root, ".git");
    }
    add_index_path(names, names->alloc, root);
    if (names->status != TT_OK) {
        names->len = length;
    }
}

enum tt_status
tt_repository_files(struct tt_buf *names, const char *const *paths, size_t count)
{
    char real[PATH_MAX];
    struct stat st;
    for (size_t i = 0; i < count; i++) {
        if (stat(paths[i], &st) != 0 || !S_ISDIR(st.st_mode) || !realpath(paths[i], real)) {
            continue;
        }
        struct tt_str directory = tt_str_cstr(real);
        struct tt_str root = find_root(directory);
        add_index_name(names, root.len ? root : directory);
        if (root.len == 0) {
            continue;
        }
        add_name(names, root, ".git/info/exclude");
        while (directory.len > root.len) {
            directory.len = length_above(directory);
            add_name(names, directory, ".gitignore");
        }
    }
    return names->status == TT_E_MEMORY ? TT_E_MEMORY : TT_OK;
}
