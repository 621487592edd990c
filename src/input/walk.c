/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks trees without recursion; see walk.h.
 *
 * The names of one directory are read at once and sorted, so that the order never depends on the file system.  Their memory is
 * the directory's own and goes when the walk leaves it.
 */
#include "input/walk.h"

#include "base/limits.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An argument of a command line has at most 128 KiB.  Always room: a name that is too long is that input's trouble, not the run's. */
#define PATH_BYTES_MAX (128 * TT_KIB + TT_WALK_DEPTH_MAX * (NAME_MAX + 1) + 64 * TT_KIB)

enum { KIND_UNKNOWN, KIND_FILE, KIND_DIRECTORY };

struct tt_walk_dir {
    size_t path_len;     /* of the directory in walk->path */
    struct tt_buf names; /* NUL-terminated, with a byte for the kind, one behind the other */
    const char **sorted;
    size_t count, next;
    bool has_git, has_ignore;        /* names that read_names met */
    bool is_root;                    /* of a repository: no pattern from above counts here */
    bool tracked_only;               /* a pattern names it, and files in it are tracked nevertheless: only these count */
    struct tt_tracked_names tracked; /* of a root */
    struct tt_ignore_list ignore;    /* its .gitignore */
    struct tt_ignore_list exclude;   /* of a root: .git/info/exclude */
};

void
tt_walk_begin(struct tt_walk *walk, const struct tt_alloc *alloc, const char *const *paths, size_t count)
{
    *walk = (struct tt_walk) {.alloc = alloc, .paths = paths, .path_count = count};
    tt_buf_init(&walk->path, alloc, PATH_BYTES_MAX);
}

static void
leave(struct tt_walk *walk)
{
    struct tt_walk_dir *dir = &walk->dirs[--walk->depth];
    tt_alloc_free(walk->alloc, dir->sorted, dir->count * sizeof(*dir->sorted));
    tt_buf_free(&dir->names);
    tt_ignore_list_free(&dir->ignore, walk->alloc);
    tt_ignore_list_free(&dir->exclude, walk->alloc);
    tt_tracked_free(&dir->tracked);
}

void
tt_walk_free(struct tt_walk *walk)
{
    while (walk->depth > 0) {
        leave(walk);
    }
    tt_alloc_free(walk->alloc, walk->dirs, TT_WALK_DEPTH_MAX * sizeof(*walk->dirs));
    walk->dirs = NULL;
    tt_buf_free(&walk->path);
    tt_repository_close(&walk->above);
}

static int
by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static bool
is_wanted(const char *name)
{
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, ".git") != 0;
}

/* What the directory itself says of an entry; most file systems do, which saves a look at each file. */
static char
kind_of(const struct dirent *entry)
{
    switch (entry->d_type) {
    case DT_REG: return KIND_FILE;
    case DT_DIR: return KIND_DIRECTORY;
    default: return KIND_UNKNOWN;
    }
}

/* Reads the names of an open directory into dir->names, with the kind behind each.  After an error those that came before it stand. */
static enum tt_status
read_names(struct tt_walk_dir *dir, DIR *stream, const char **trouble)
{
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(stream);
        if (!entry) {
            *trouble = errno ? "the directory could not be listed to its end" : NULL;
            break;
        }
        dir->has_git = dir->has_git || strcmp(entry->d_name, ".git") == 0;
        dir->has_ignore = dir->has_ignore || strcmp(entry->d_name, ".gitignore") == 0;
        if (is_wanted(entry->d_name)) {
            tt_buf_add(&dir->names, tt_str_make(entry->d_name, strlen(entry->d_name) + 1));
            tt_buf_add_char(&dir->names, kind_of(entry));
            dir->count++;
        }
    }
    return dir->names.status;
}

static enum tt_status
sort_names(struct tt_walk *walk, struct tt_walk_dir *dir)
{
    if (dir->count == 0) {
        return TT_OK;
    }
    dir->sorted = tt_alloc_new(walk->alloc, dir->count * sizeof(*dir->sorted));
    if (!dir->sorted) {
        dir->count = 0;
        return TT_E_MEMORY;
    }
    const char *name = dir->names.ptr;
    for (size_t i = 0; i < dir->count; i++) {
        dir->sorted[i] = name;
        name += strlen(name) + 2;
    }
    qsort(dir->sorted, dir->count, sizeof(*dir->sorted), by_bytes);
    return TT_OK;
}

const char *
tt_input_errno(int error)
{
    switch (error) {
    case EACCES:
    case EPERM: return "permission denied";
    case ENOENT: return "no such file or directory";
    case ELOOP: return "symbolic links go in a circle";
    case ENAMETOOLONG: return "the name is too long";
    case EMFILE:
    case ENFILE: return "too many open files";
    case ENOMEM: return "out of memory";
    case EIO: return "the device reported an error";
    default: return "the operating system could not read it";
    }
}

/* Reads "name" in the directory walk->path. */
static enum tt_status
load(struct tt_walk *walk, struct tt_ignore_list *list, const char *name, const char **trouble)
{
    size_t length = walk->path.len;
    walk->path.len--; /* the NUL */
    if (length > 1 && walk->path.ptr[length - 2] != '/') {
        tt_buf_add_char(&walk->path, '/');
    }
    tt_buf_add(&walk->path, tt_str_make(name, strlen(name) + 1));
    enum tt_status status = walk->path.status;
    if (status == TT_OK) {
        status = tt_ignore_list_load(list, walk->alloc, walk->path.ptr, trouble);
    }
    walk->path.len = length;
    walk->path.ptr[length - 1] = '\0';
    return status;
}

/* The patterns that begin to count in the directory walk->path, which was just entered. */
static enum tt_status
load_patterns(struct tt_walk *walk, struct tt_walk_dir *dir, struct tt_walk_item *item)
{
    if (walk->no_ignore || dir->tracked_only) {
        return TT_OK;
    }
    dir->is_root = dir->has_git && tt_repository_is_root(walk->path.ptr);
    if (dir->is_root) {
        TT_TRY(load(walk, &dir->exclude, ".git/info/exclude", &item->trouble));
    }
    if (!item->from_tree) {
        tt_repository_close(&walk->above);
        TT_TRY(tt_repository_open(&walk->above, walk->alloc, walk->path.ptr, &item->trouble));
    }
    return dir->has_ignore ? load(walk, &dir->ignore, ".gitignore", &item->trouble) : TT_OK;
}

/* The part of the path in work that is below dir. */
static struct tt_str
path_below(const struct tt_walk *walk, const struct tt_walk_dir *dir)
{
    size_t slash = dir->path_len > 0 && walk->path.ptr[dir->path_len - 1] != '/';
    return tt_str_slice(tt_buf_str(&walk->path), dir->path_len + slash, walk->path.len - 1);
}

/* Inner patterns go before outer ones; at a repository's root they end. */
static bool
is_ignored(struct tt_walk *walk, bool directory)
{
    enum tt_ignore_verdict verdict = TT_IGNORE_SILENT;
    for (size_t i = walk->depth; i-- > 0;) {
        const struct tt_walk_dir *dir = &walk->dirs[i];
        struct tt_str path = path_below(walk, dir);
        verdict = tt_ignore_list_judge(&dir->ignore, path, directory);
        if (verdict == TT_IGNORE_SILENT && dir->is_root) {
            return tt_ignore_list_judge(&dir->exclude, path, directory) == TT_IGNORE_IGNORED;
        }
        if (verdict != TT_IGNORE_SILENT) {
            return verdict == TT_IGNORE_IGNORED;
        }
    }
    return tt_repository_judge(&walk->above, path_below(walk, &walk->dirs[0]), directory) == TT_IGNORE_IGNORED;
}

/* What the repository around the path in work tracks of it. */
static enum tt_status
find_tracked(struct tt_walk *walk, struct tt_walk_item *item, enum tt_tracked *tracked)
{
    for (size_t i = walk->depth; i-- > 0;) {
        struct tt_walk_dir *dir = &walk->dirs[i];
        if (dir->is_root) {
            struct tt_str root = tt_str_slice(tt_buf_str(&walk->path), 0, dir->path_len);
            return tt_tracked_find(&dir->tracked, walk->alloc, root, path_below(walk, dir), tracked, &item->trouble);
        }
    }
    return tt_repository_tracked(&walk->above, path_below(walk, &walk->dirs[0]), tracked, &item->trouble);
}

enum judgement { TAKE, TAKE_TRACKED, PASS_OVER };

/* A pattern leaves out what it names, but not what is tracked: git shows that, and so does whoever reads the repository. */
static enum tt_status
judge(struct tt_walk *walk, struct tt_walk_item *item, bool directory, enum judgement *judgement)
{
    enum tt_tracked tracked = TT_TRACKED_NO;
    *judgement = TAKE;
    if (!item->from_tree || walk->no_ignore || (!walk->dirs[walk->depth - 1].tracked_only && !is_ignored(walk, directory))) {
        return TT_OK;
    }
    TT_TRY(find_tracked(walk, item, &tracked));
    if (tracked != TT_TRACKED_YES) {
        *judgement = directory && tracked == TT_TRACKED_INSIDE ? TAKE_TRACKED : PASS_OVER;
    }
    return TT_OK;
}

/* Opens the directory walk->path and makes it the innermost. */
static enum tt_status
enter(struct tt_walk *walk, struct tt_walk_item *item, bool tracked_only)
{
    if (walk->depth == TT_WALK_DEPTH_MAX) {
        item->trouble = "directories are nested too deep";
        return TT_OK;
    }
    if (!walk->dirs) {
        walk->dirs = tt_alloc_new(walk->alloc, TT_WALK_DEPTH_MAX * sizeof(*walk->dirs));
        if (!walk->dirs) {
            return TT_E_MEMORY;
        }
    }
    DIR *stream = opendir(walk->path.ptr);
    if (!stream) {
        item->trouble = tt_input_errno(errno);
        return TT_OK;
    }
    struct tt_walk_dir *dir = &walk->dirs[walk->depth++];
    *dir = (struct tt_walk_dir) {.path_len = walk->path.len - 1, .tracked_only = tracked_only};
    tt_buf_init(&dir->names, walk->alloc, TT_WALK_NAMES_BYTES_MAX);
    enum tt_status status = read_names(dir, stream, &item->trouble);
    closedir(stream);
    if (status == TT_E_LIMIT) {
        dir->count = 0;
        item->trouble = "the directory has too many entries";
        return TT_OK;
    }
    if (status != TT_OK) {
        dir->count = 0;
        return status;
    }
    TT_TRY(sort_names(walk, dir));
    return load_patterns(walk, dir, item);
}

/* Is path at or below one of the paths that the user named? */
static bool
is_inside(struct tt_walk *walk, const char *path)
{
    for (size_t i = 0; i < walk->path_count; i++) {
        char root[PATH_MAX];
        if (!realpath(walk->paths[i], root)) {
            continue;
        }
        size_t len = strcmp(root, "/") == 0 ? 0 : strlen(root);
        if (strncmp(path, root, len) == 0 && (path[len] == '/' || path[len] == '\0')) {
            return true;
        }
    }
    return false;
}

/* A link inside a tree: silent when what it leads to is scanned anyway. */
static const char *
trouble_of_link(struct tt_walk *walk)
{
    char target[PATH_MAX];
    if (!realpath(walk->path.ptr, target)) {
        return errno == ENOENT ? "a symbolic link to nothing" : tt_input_errno(errno);
    }
    return is_inside(walk, target) ? NULL : "a symbolic link out of the scanned paths; name its target to scan it";
}

/* Judges walk->path.  *skip: there is nothing to report and nothing to read. */
static enum tt_status
look_at(struct tt_walk *walk, struct tt_walk_item *item, char kind, bool *skip)
{
    struct stat st = {.st_mode = kind == KIND_DIRECTORY ? S_IFDIR : S_IFREG};
    enum judgement judgement;
    *skip = false;
    if (kind == KIND_UNKNOWN && (item->from_tree ? lstat(walk->path.ptr, &st) : stat(walk->path.ptr, &st)) != 0) {
        item->trouble = tt_input_errno(errno);
        return TT_OK;
    }
    TT_TRY(judge(walk, item, S_ISDIR(st.st_mode), &judgement));
    if (judgement == PASS_OVER) {
        walk->ignored++;
        *skip = !item->trouble;
    } else if (S_ISLNK(st.st_mode)) {
        item->trouble = trouble_of_link(walk);
        *skip = !item->trouble;
    } else if (S_ISDIR(st.st_mode)) {
        enum tt_status status = enter(walk, item, judgement == TAKE_TRACKED);
        *skip = !item->trouble;
        return status;
    } else if (!S_ISREG(st.st_mode) && item->from_tree) {
        item->trouble = "not a regular file (a device, pipe or socket)";
    }
    return TT_OK;
}

/* The next name of the innermost directory, or the next path of the command line, into walk->path. */
static bool
next_path(struct tt_walk *walk, struct tt_walk_item *item, char *kind)
{
    *kind = KIND_UNKNOWN;
    while (walk->depth > 0) {
        struct tt_walk_dir *dir = &walk->dirs[walk->depth - 1];
        if (dir->next < dir->count) {
            walk->path.len = dir->path_len;
            if (dir->path_len > 0 && walk->path.ptr[dir->path_len - 1] != '/') {
                tt_buf_add_char(&walk->path, '/');
            }
            const char *name = dir->sorted[dir->next++];
            size_t len = strlen(name);
            tt_buf_add(&walk->path, tt_str_make(name, len + 1));
            *kind = name[len + 1];
            item->from_tree = true;
            return true;
        }
        leave(walk);
    }
    if (walk->path_next == walk->path_count) {
        return false;
    }
    const char *path = walk->paths[walk->path_next++];
    tt_buf_clear(&walk->path);
    tt_buf_add(&walk->path, tt_str_make(path, strlen(path) + 1));
    return true;
}

bool
tt_walk_next(struct tt_walk *walk, struct tt_walk_item *item, enum tt_status *status)
{
    bool skip = true;
    char kind;
    *status = TT_OK;
    while (skip) {
        *item = (struct tt_walk_item) {0};
        if (!next_path(walk, item, &kind)) {
            return false;
        }
        *status = walk->path.status;
        if (*status != TT_OK) {
            return false;
        }
        if (!item->from_tree && strcmp(walk->path.ptr, "-") == 0) {
            break;
        }
        *status = look_at(walk, item, kind, &skip);
        if (*status != TT_OK) {
            return false;
        }
    }
    item->uri = tt_str_make(walk->path.ptr, walk->path.len - 1);
    return true;
}
