/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries of a box's file system: what the box itself writes into /etc, then what the settings ask for; see box_root.c for where they lie.
 *
 * What the box writes keeps the machine's own names, users and settings out, and is the same in every box.
 */
#include "probe/box_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define HOSTS_MAX (64 * TT_KIB)

/* ---- one entry ---- */

static bool
is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

/* In a user namespace everything belongs to the client; without one, what is made in its folders is given to it. */
static bool
give(struct tt_box_inner *inner, const char *path)
{
    const struct tt_box_settings *settings = inner->settings;
    bool its_own = is_below(path, settings->home) || is_below(path, settings->cwd) || is_below(path, "/tmp");
    return inner->user_namespace || !its_own || lchown(path, TT_BOX_UID, TT_BOX_UID) == 0 ||
           tt_box_fail(inner, TT_E_IO, "an entry of the box", path, errno);
}

bool
tt_box_folders_make(struct tt_box_inner *inner, char *path, bool last)
{
    for (char *at = strchr(path + 1, '/'); at || last; at = strchr(at + 1, '/')) {
        if (at) {
            *at = '\0';
        }
        bool made = mkdir(path, 0755) == 0;
        if (!made && errno != EEXIST) {
            return tt_box_fail(inner, TT_E_USAGE, "a folder of the box", path, errno);
        }
        if (made && !give(inner, path)) {
            return false;
        }
        if (!at) {
            return true;
        }
        *at = '/';
    }
    return true;
}

/* Where the entry is written: in the layer above a shown tree, or in the root itself. */
static void
place(const struct tt_box_inner *inner, const char *path, char out[2 * TT_BOX_PATH_MAX])
{
    const struct tt_box_tree *tree = tt_box_tree_of(inner, path);
    if (tree) {
        snprintf(out, 2 * TT_BOX_PATH_MAX, TT_BOX_LAYERS "/%zu%s", (size_t) (tree - inner->trees), path + strlen(tree->path));
    } else {
        snprintf(out, 2 * TT_BOX_PATH_MAX, "%s", path);
    }
}

static bool
write_bytes(const char *path, struct tt_str content, unsigned mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    size_t done = 0;
    while (fd >= 0 && done < content.len) {
        ssize_t n = write(fd, content.ptr + done, content.len - done);
        if (n <= 0) {
            break;
        }
        done += (size_t) n;
    }
    bool written = fd >= 0 && done == content.len && fchmod(fd, mode) == 0;
    int error = errno;
    if (fd >= 0) {
        close(fd);
    }
    errno = error;
    return written;
}

static bool
write_link(const char *path, struct tt_str content)
{
    char target[TT_BOX_PATH_MAX];
    snprintf(target, sizeof(target), "%.*s", (int) content.len, content.ptr);
    return symlink(target, path) == 0;
}

/* An overlay takes a character device of number 0 for "nothing is here". */
static bool
write_absence(bool layered, const char *path)
{
    return !layered || mknod(path, S_IFCHR, makedev(0, 0)) == 0;
}

static bool
write_entry(struct tt_box_inner *inner, const struct tt_box_file *file)
{
    char path[2 * TT_BOX_PATH_MAX];
    bool made = false;
    place(inner, file->path, path);
    if (!tt_box_folders_make(inner, path, file->kind == TT_BOX_FOLDER)) {
        return false;
    }
    if (file->kind != TT_BOX_FOLDER && unlink(path) != 0 && errno != ENOENT) {
        return tt_box_fail(inner, TT_E_USAGE, "an entry of the box", file->path, errno);
    }
    switch (file->kind) {
    case TT_BOX_FILE: made = write_bytes(path, file->content, file->mode ? file->mode & 0777 : 0644); break;
    case TT_BOX_LINK: made = write_link(path, file->content); break;
    case TT_BOX_FOLDER: made = !file->mode || chmod(path, file->mode & 01777) == 0; break;
    case TT_BOX_ABSENT: made = write_absence(tt_box_tree_of(inner, file->path) != NULL, path); break;
    }
    if (!made) {
        return tt_box_fail(inner, TT_E_USAGE, "an entry of the box", file->path, errno);
    }
    return file->kind == TT_BOX_ABSENT || give(inner, path);
}

/* ---- what every box has ---- */

static bool
write_text(struct tt_box_inner *inner, const char *path, const char *text)
{
    struct tt_box_file file = {.kind = TT_BOX_FILE, .path = path, .content = tt_str_cstr(text)};
    return write_entry(inner, &file);
}

static bool
write_constant(struct tt_box_inner *inner)
{
    static const struct tt_box_file files[] = {
        {TT_BOX_FILE, "/etc/resolv.conf", TT_STR_INIT("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"), 0},
        {TT_BOX_FILE, "/etc/nsswitch.conf",
         TT_STR_INIT("passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nnetworks: files\nprotocols: files\n"
                     "services: files\nethers: files\nrpc: files\n"),
         0},
        {TT_BOX_FILE, "/etc/machine-id", TT_STR_INIT("5d3f0c1e8a7b42969d1e4f6a0b2c8d37\n"), 0444},
        {TT_BOX_FILE, "/etc/timezone", TT_STR_INIT("UTC\n"), 0},
        {TT_BOX_LINK, "/etc/localtime", TT_STR_INIT("/usr/share/zoneinfo/UTC"), 0},
        {TT_BOX_FILE, "/etc/environment", TT_STR_INIT(""), 0},
        {TT_BOX_ABSENT, "/etc/fstab", TT_STR_INIT(""), 0},
        {TT_BOX_ABSENT, "/etc/gitconfig", TT_STR_INIT(""), 0},
        {TT_BOX_ABSENT, "/etc/mailname", TT_STR_INIT(""), 0},
        {TT_BOX_ABSENT, "/etc/machine-info", TT_STR_INIT(""), 0},
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        if (!write_entry(inner, &files[i])) {
            return false;
        }
    }
    return true;
}

static bool
write_users(struct tt_box_inner *inner)
{
    char text[TT_BOX_PATH_MAX + 512];
    const struct tt_box_settings *settings = inner->settings;
    snprintf(text, sizeof(text),
             "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n%s:x:%d:%d:,,,:%s:/bin/sh\n"
             "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
             settings->user, TT_BOX_UID, TT_BOX_UID, settings->home);
    if (!write_text(inner, "/etc/passwd", text)) {
        return false;
    }
    snprintf(text, sizeof(text), "root:x:0:\ndaemon:x:1:\n%s:x:%d:\nnogroup:x:65534:\n", settings->user, TT_BOX_UID);
    return write_text(inner, "/etc/group", text);
}

static bool
write_hosts(struct tt_box_inner *inner)
{
    char text[HOSTS_MAX];
    const char *name = inner->settings->host_name;
    size_t length = (size_t) snprintf(text, sizeof(text),
                                      "127.0.0.1 localhost\n127.0.1.1 %s\n::1 localhost ip6-localhost ip6-loopback\n", name);
    for (const char *const *host = inner->settings->names; host && *host; host++) {
        if (length + strlen(*host) + 12 >= sizeof(text)) {
            return tt_box_fail(inner, TT_E_LIMIT, "too many names of hosts for the box", *host, 0);
        }
        length += (size_t) snprintf(text + length, sizeof(text) - length, "127.0.0.1 %s\n", *host);
    }
    if (!write_text(inner, "/etc/hosts", text)) {
        return false;
    }
    snprintf(text, sizeof(text), "%s\n", name);
    return write_text(inner, "/etc/hostname", text);
}

bool
tt_box_files_write(struct tt_box_inner *inner)
{
    if (!write_constant(inner) || !write_users(inner) || !write_hosts(inner)) {
        return false;
    }
    for (size_t i = 0; i < inner->settings->file_count; i++) {
        if (!write_entry(inner, &inner->settings->files[i])) {
            return false;
        }
    }
    return true;
}
