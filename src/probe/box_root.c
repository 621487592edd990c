/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file system of a box; see mount_namespaces(7), pivot_root(2) and the kernel's Documentation/filesystems/overlayfs.rst.
 *
 * The root is a new tmpfs, so that nothing of the machine exists unless it is named here: programs of the system, /etc, and what the settings show.
 * Each of these trees is an overlay without an upper layer: entries of the settings lie in a layer above the machine's folder.  So they replace files
 * and links alike, nothing is copied, and nothing can be written.  It also cuts off sockets and FIFOs that lie in a shown folder: an overlay gives
 * them other inodes, behind which nobody listens.
 */
#include "probe/box_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Programs and what they need; some are links to /usr on most machines. */
static const char *const system_trees[] = {"/usr",   "/etc",   "/opt",    "/bin",       "/sbin",     "/lib",
                                           "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store"};

/* Folders of a usual root that are empty in a box. */
static const char *const empty_folders[] = {"/boot", "/dev", "/home", "/media",     "/mnt",     "/proc",    "/root",   "/run",
                                            "/srv",  "/sys", "/tmp",  "/var/cache", "/var/lib", "/var/log", "/var/tmp"};

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
add_tree(struct tt_box_inner *inner, const char *path, bool asked)
{
    struct stat st;
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

/* ---- the new root ---- */

static bool
mount_tmpfs(struct tt_box_inner *inner, const char *path)
{
    char options[96];
    snprintf(options, sizeof(options), "mode=755,nr_inodes=262144,size=%llu", (unsigned long long) inner->settings->limits.disk);
    return mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, options) == 0 ||
           tt_box_fail(inner, TT_E_UNSUPPORTED, "the root of the box", path, errno);
}

static bool
turn_root(struct tt_box_inner *inner)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
        return tt_box_fail(inner, TT_E_UNSUPPORTED, "the machine's mounts cannot be kept out of the box", NULL, errno);
    }
    if (!mount_tmpfs(inner, "/tmp")) {
        return false;
    }
    if (mkdir("/tmp" TT_BOX_OLD, 0700) != 0 || syscall(SYS_pivot_root, "/tmp", "/tmp" TT_BOX_OLD) != 0 || chdir("/") != 0) {
        return tt_box_fail(inner, TT_E_UNSUPPORTED, "the root of the box", "pivot_root", errno);
    }
    return (mkdir(TT_BOX_LAYERS, 0700) == 0 || tt_box_fail(inner, TT_E_IO, "the root of the box", TT_BOX_LAYERS, errno)) &&
           mount_tmpfs(inner, TT_BOX_LAYERS);
}

static bool
make_folders(struct tt_box_inner *inner)
{
    char path[TT_BOX_PATH_MAX];
    for (size_t i = 0; i < sizeof(empty_folders) / sizeof(*empty_folders); i++) {
        snprintf(path, sizeof(path), "%s", empty_folders[i]);
        if (!tt_box_folders_make(inner, path, true)) {
            return false;
        }
    }
    for (size_t i = 0; i < inner->tree_count; i++) {
        snprintf(path, sizeof(path), TT_BOX_LAYERS "/%zu", i);
        if (mkdir(path, 0755) != 0) {
            return tt_box_fail(inner, TT_E_IO, "the root of the box", path, errno);
        }
    }
    return symlink("/run", "/var/run") == 0 || tt_box_fail(inner, TT_E_IO, "the root of the box", "/var/run", errno);
}

/* ---- what the client may write to ---- */

/* A mount of its own, because the root becomes read-only. */
static bool
make_writable(struct tt_box_inner *inner, const char *folder, unsigned mode)
{
    char path[TT_BOX_PATH_MAX];
    if (tt_box_tree_of(inner, folder)) {
        return true; /* a folder of the machine stays as it is */
    }
    snprintf(path, sizeof(path), "%s", folder);
    if (!tt_box_folders_make(inner, path, true)) {
        return false;
    }
    if (mount(path, path, NULL, MS_BIND, NULL) != 0 || chmod(path, mode) != 0) {
        return tt_box_fail(inner, TT_E_IO, "a folder of the box", path, errno);
    }
    return inner->user_namespace || (mode & S_ISVTX) || chown(path, TT_BOX_UID, TT_BOX_UID) == 0 ||
           tt_box_fail(inner, TT_E_IO, "a folder of the box", path, errno);
}

static bool
make_all_writable(struct tt_box_inner *inner)
{
    return make_writable(inner, "/tmp", 01777) && make_writable(inner, "/var/tmp", 01777) &&
           make_writable(inner, "/dev/shm", 01777) && make_writable(inner, inner->settings->home, 0755) &&
           (strcmp(inner->settings->cwd, inner->settings->home) == 0 || make_writable(inner, inner->settings->cwd, 0755));
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

/* "." stands for the machine's folder, so that no name has to be written into options. */
static bool
mount_folder(struct tt_box_inner *inner, const struct tt_box_tree *tree)
{
    char path[TT_BOX_PATH_MAX], options[64];
    snprintf(path, sizeof(path), "%s", tree->path);
    snprintf(options, sizeof(options), "lowerdir=" TT_BOX_LAYERS "/%zu:.", (size_t) (tree - inner->trees));
    if (!tt_box_folders_make(inner, path, true)) {
        return false;
    }
    bool mounted = fchdir(tree->fd) == 0 && mount("overlay", path, "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV, options) == 0;
    int error = errno;
    return (mounted && chdir("/") == 0) || tt_box_fail(inner, TT_E_UNSUPPORTED, "cannot be shown in the box", path, error);
}

static bool
mount_trees(struct tt_box_inner *inner)
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

/* ---- the end ---- */

static bool
leave_machine(struct tt_box_inner *inner)
{
    for (size_t i = 0; i < inner->tree_count; i++) {
        if (inner->trees[i].fd >= 0) {
            close(inner->trees[i].fd);
        }
    }
    if (umount2(TT_BOX_OLD, MNT_DETACH) != 0 || umount2(TT_BOX_LAYERS, MNT_DETACH) != 0 || rmdir(TT_BOX_OLD) != 0 ||
        rmdir(TT_BOX_LAYERS) != 0) {
        return tt_box_fail(inner, TT_E_UNSUPPORTED, "the machine's files cannot be kept out of the box", NULL, errno);
    }
    return mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) == 0 ||
           tt_box_fail(inner, TT_E_UNSUPPORTED, "the root of the box", NULL, errno);
}

bool
tt_box_root_make(struct tt_box_inner *inner)
{
    return turn_root(inner) && make_folders(inner) && make_all_writable(inner) && tt_box_files_write(inner) &&
           mount_trees(inner) && tt_box_devices_make(inner) && leave_machine(inner);
}
