/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a box shows of the machine: programs of the system, /etc, and what the settings name; see the kernel's Documentation/filesystems/overlayfs.rst,
 * open_tree(2) and mount_setattr(2).
 *
 * Each folder is an overlay without an upper layer: entries of the settings lie in a layer above the machine's folder.  So they replace files and links
 * alike, nothing is copied, and nothing can be written.  It also cuts off sockets and FIFOs that lie in the folder: an overlay gives them other inodes,
 * behind which nobody listens.
 *
 * Where the kernel refuses that (other file systems are mounted in the folder, as containers do in /etc, and the user may not leave them out), /etc is
 * completed in its layer, and of other folders the mounts themselves are shown, read-only.  Their sockets would be live, so then there must be none.
 */
#include "probe/box_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COPY_MAX ((off_t) (64 * TT_MIB)) /* of one file of /etc */

/* Programs and what they need; some are links to /usr on most machines. */
static const char *const system_trees[] = {"/usr",   "/etc",   "/opt",    "/bin",       "/sbin",     "/lib",
                                           "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store"};

/* ---- what is shown ---- */

static int
compare_trees(const void *a, const void *b)
{
    return strcmp(((const struct tt_box_tree *) a)->path, ((const struct tt_box_tree *) b)->path);
}

static bool
has_tree(const struct tt_box_inner *inner, const char *path)
{
    for (size_t i = 0; i < inner->tree_count; i++) {
        if (strcmp(inner->trees[i].path, path) == 0) {
            return true;
        }
    }
    return false;
}

/* A folder or file that is not there is an error only where somebody asked for it. */
static bool
add_tree(struct tt_box_inner *inner, const char *given, bool asked)
{
    struct stat st;
    char path[TT_BOX_PATH_MAX];
    (void) tt_box_path_plain(path, given);
    struct tt_box_tree *tree = &inner->trees[inner->tree_count];
    if (has_tree(inner, path)) {
        return true;
    }
    if (inner->tree_count == TT_BOX_TREES_MAX) {
        return tt_box_fail(inner, TT_E_LIMIT, "too many paths are shown in the box", path, 0);
    }
    *tree = (struct tt_box_tree) {.fd = -1};
    snprintf(tree->path, sizeof(tree->path), "%s", path);
    ssize_t length = readlink(path, tree->link, sizeof(tree->link) - 1);
    if (length > 0 && !asked) {
        tree->link[length] = '\0';
        inner->tree_count++;
        return true;
    }
    tree->link[0] = '\0';
    tree->fd = open(path, O_PATH | O_CLOEXEC);
    if (tree->fd < 0 || fstat(tree->fd, &st) != 0) {
        return !asked || tt_box_fail(inner, TT_E_USAGE, "cannot be shown in the box", path, errno);
    }
    if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) {
        return tt_box_fail(inner, TT_E_USAGE, "cannot be shown in the box, for it is neither a file nor a folder", path, 0);
    }
    tree->folder = S_ISDIR(st.st_mode);
    inner->tree_count++;
    return true;
}

bool
tt_box_trees_open(struct tt_box_inner *inner)
{
    for (size_t i = 0; i < sizeof(system_trees) / sizeof(*system_trees); i++) {
        if (!add_tree(inner, system_trees[i], false)) {
            return false;
        }
    }
    for (const char *const *path = inner->settings->shown; path && *path; path++) {
        if (!add_tree(inner, *path, true)) {
            return false;
        }
    }
    /* A folder is mounted before what lies in it. */
    qsort(inner->trees, inner->tree_count, sizeof(*inner->trees), compare_trees);
    return true;
}

const struct tt_box_tree *
tt_box_tree_of(const struct tt_box_inner *inner, const char *path)
{
    const struct tt_box_tree *found = NULL;
    for (size_t i = 0; i < inner->tree_count; i++) {
        const struct tt_box_tree *tree = &inner->trees[i];
        size_t length = strlen(tree->path);
        if (tree->folder && strncmp(path, tree->path, length) == 0 && path[length] == '/') {
            found = tree; /* the last is the longest */
        }
    }
    return found;
}

/* ---- the machine's trees ---- */

/* The machine's file or folder itself, with all that is mounted in it, but read-only. */
static bool
attach(int fd, const char *path)
{
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV};
    int copy = (int) syscall(SYS_open_tree, fd, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    bool attached = copy >= 0 &&
                    syscall(SYS_mount_setattr, copy, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof(attributes)) == 0 &&
                    syscall(SYS_move_mount, copy, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) == 0;
    int error = errno;
    if (copy >= 0) {
        close(copy);
    }
    errno = error;
    return attached;
}

static bool
mount_file(struct tt_box_inner *inner, const struct tt_box_tree *tree)
{
    char path[TT_BOX_PATH_MAX];
    snprintf(path, sizeof(path), "%s", tree->path);
    if (!tt_box_folders_make(inner, path, false)) {
        return false;
    }
    int place = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644); /* in a shown folder it is there */
    if (place >= 0) {
        close(place);
    }
    return attach(tree->fd, path) || tt_box_fail(inner, TT_E_UNSUPPORTED, "cannot be shown in the box", path, errno);
}

/* ---- folders that cannot be overlaid ---- */

/* The words of one line behind the seventh are the path. */
static const char *
path_of_socket(char *line)
{
    char *at = line;
    for (int i = 0; i < 7 && at; i++) {
        at += strspn(at, " ");
        at = strchr(at, ' ');
    }
    line[strcspn(line, "\n")] = '\0';
    return at ? at + strspn(at, " ") : "";
}

/* Does a program of the machine listen in this folder?  What cannot be read holds one. */
static bool
holds_socket(const struct tt_box_inner *inner, const struct tt_box_tree *tree)
{
    char name[64], *line = NULL;
    size_t room = 0, length = strlen(tree->path);
    bool found = false;
    snprintf(name, sizeof(name), TT_BOX_OLD "/proc/%d/net/unix", (int) inner->caller);
    FILE *list = fopen(name, "re");
    while (list && !found && getline(&line, &room, list) > 0) {
        const char *path = path_of_socket(line);
        found = strncmp(path, tree->path, length) == 0 && path[length] == '/';
    }
    free(line);
    if (list) {
        fclose(list);
    }
    return found || !list;
}

static bool
copy_file(const char *from, const char *to, const struct stat *st)
{
    int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), out = -1;
    bool copied = in < 0; /* what the user may not read is not there for the client */
    if (in >= 0) {
        out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st->st_mode & 0777);
        off_t left = st->st_size < COPY_MAX ? st->st_size : COPY_MAX;
        ssize_t n = 1;
        while (out >= 0 && left > 0 && (n = sendfile(out, in, NULL, (size_t) left)) > 0) {
            left -= n;
        }
        copied = out >= 0 && n >= 0;
        close(in);
    }
    if (out >= 0) {
        close(out);
    }
    return copied;
}

static bool
copy_link(const char *from, const char *to)
{
    char target[TT_BOX_PATH_MAX];
    ssize_t n = readlink(from, target, sizeof(target) - 1);
    target[n > 0 ? n : 0] = '\0';
    return n <= 0 || symlink(target, to) == 0;
}

/* Into the layer, unless an entry of the settings is there.  One that stands for nothing is taken away, now that it covers nothing. */
static bool
copy_entry(FTS *walk, FTSENT *entry, const char *to)
{
    struct stat st;
    if (lstat(to, &st) == 0) {
        bool nothing = S_ISCHR(st.st_mode);
        if (entry->fts_info == FTS_D && !S_ISDIR(st.st_mode)) {
            fts_set(walk, entry, FTS_SKIP);
        }
        return !nothing || unlink(to) == 0;
    }
    switch (entry->fts_info) {
    case FTS_D: return mkdir(to, entry->fts_statp->st_mode & 0777) == 0;
    case FTS_F: return copy_file(entry->fts_accpath, to, entry->fts_statp);
    case FTS_SL:
    case FTS_SLNONE: return copy_link(entry->fts_accpath, to);
    default: return true;
    }
}

static bool
complete_layer(const char *layer)
{
    char from[] = ".", to[2 * TT_BOX_PATH_MAX], *const roots[] = {from, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    bool copied = walk != NULL;
    for (FTSENT *entry; copied && (entry = fts_read(walk));) {
        snprintf(to, sizeof(to), "%s%s", layer, entry->fts_path + 1);
        copied = entry->fts_info == FTS_DP || copy_entry(walk, entry, to);
    }
    int error = errno;
    if (walk) {
        fts_close(walk);
    }
    errno = error;
    return copied;
}

/* In its own folder of the machine as working folder, as mount_folder has set it. */
static bool
mount_differently(struct tt_box_inner *inner, const struct tt_box_tree *tree, const char *layer, int error)
{
    bool mounted;
    if (strcmp(tree->path, "/etc") == 0) {
        int fd = complete_layer(layer) ? open(layer, O_PATH | O_CLOEXEC) : -1;
        mounted = fd >= 0 && attach(fd, tree->path);
        error = errno;
        if (fd >= 0) {
            close(fd);
        }
    } else if (rmdir(layer) != 0) {
        return tt_box_fail(inner, TT_E_UNSUPPORTED,
                           "entries in this folder cannot be replaced here, for the kernel does not overlay it", tree->path,
                           error);
    } else if (holds_socket(inner, tree)) {
        return tt_box_fail(inner, TT_E_UNSUPPORTED,
                           "a program of the machine may listen in this folder, which cannot be cut off here", tree->path, error);
    } else {
        mounted = attach(tree->fd, tree->path);
        error = errno;
    }
    return mounted || tt_box_fail(inner, TT_E_UNSUPPORTED, "cannot be shown in the box", tree->path, error);
}

/* ---- mounting ---- */

/* "." stands for the machine's folder, so that no name has to be written into options. */
static bool
mount_folder(struct tt_box_inner *inner, const struct tt_box_tree *tree)
{
    char path[TT_BOX_PATH_MAX], layer[64], options[96];
    snprintf(path, sizeof(path), "%s", tree->path);
    snprintf(layer, sizeof(layer), TT_BOX_LAYERS "/%zu", (size_t) (tree - inner->trees));
    snprintf(options, sizeof(options), "lowerdir=%s:.", layer);
    if (!tt_box_folders_make(inner, path, true)) {
        return false;
    }
    if (fchdir(tree->fd) != 0) {
        return tt_box_fail(inner, TT_E_USAGE, "cannot be shown in the box", path, errno);
    }
    bool mounted = mount("overlay", path, "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV, options) == 0 ||
                   mount_differently(inner, tree, layer, errno);
    return mounted && chdir("/") == 0;
}

bool
tt_box_trees_mount(struct tt_box_inner *inner)
{
    for (size_t i = 0; i < inner->tree_count; i++) {
        const struct tt_box_tree *tree = &inner->trees[i];
        if (tree->link[0]) {
            if (symlink(tree->link, tree->path) != 0) {
                return tt_box_fail(inner, TT_E_IO, "the root of the box", tree->path, errno);
            }
        } else if (!(tree->folder ? mount_folder(inner, tree) : mount_file(inner, tree))) {
            return false;
        }
    }
    return true;
}
