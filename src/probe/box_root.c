/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root of a box; see mount_namespaces(7) and pivot_root(2).
 *
 * It is a new tmpfs, so that nothing of the machine exists unless box_trees.c shows it.  It becomes read-only at last; what the client may write to are
 * mounts of their own.
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

/* Folders of a usual root that are empty in a box. */
static const char *const empty_folders[] = {"/boot", "/dev", "/home", "/media",     "/mnt",     "/proc",    "/root",   "/run",
                                            "/srv",  "/sys", "/tmp",  "/var/cache", "/var/lib", "/var/log", "/var/tmp"};

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
           tt_box_trees_mount(inner) && tt_box_devices_make(inner) && leave_machine(inner);
}
