/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder of a gateway; see state.h.
 *
 * Input: a path.  Output: a folder that only its owner may read, with what belongs into it, and a lock.  Files are named relative to a
 * descriptor, so that a folder that is renamed meanwhile stays the same one.  What is found there and does not belong to us is refused
 * rather than repaired: it may be a trap.
 */
#include "serve/state.h"

#include "base/hash.h"
#include "serve/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SHARED_MEMORY "/dev/shm"
#define SECRET_SIZE 32

static enum tt_status
fail(struct tt_buf *message, enum tt_status status, const char *path, const char *why)
{
    tt_buf_add_cstr(message, path);
    tt_buf_add_cstr(message, ": ");
    tt_buf_add_cstr(message, why);
    return status;
}

static enum tt_status
fail_errno(struct tt_buf *message, const char *path)
{
    return fail(message, TT_E_IO, path, strerror(errno));
}

/* ---- files ---- */

static bool
write_all(int fd, struct tt_str bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        bytes = tt_str_slice(bytes, (size_t) n, bytes.len);
    }
    return true;
}

/*
 * Where there is no room for another file, the one that is there is written over: its blocks are its own, and some behind its end were allotted when it was
 * made.  It keeps its length or grows; what is left of the old text becomes empty lines.
 */
static bool
write_over(const struct tt_serve_state *state, const char *name, struct tt_str bytes)
{
    struct stat st;
    static const char lines[] = "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n";
    int fd = openat(state->folder, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    bool good = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && bytes.len <= (uint64_t) st.st_blocks * 512 &&
                write_all(fd, bytes);
    for (uint64_t at = bytes.len; good && at < (uint64_t) st.st_size;) {
        uint64_t left = (uint64_t) st.st_size - at;
        struct tt_str some = tt_str_make(lines, left < sizeof(lines) - 1 ? (size_t) left : sizeof(lines) - 1);
        good = write_all(fd, some);
        at += some.len;
    }
    if (fd >= 0) {
        close(fd);
    }
    return good;
}

#define ROOM_BEHIND 8192 /* bytes that a text may grow when the disk is full */

/* room: bytes that are allotted behind the end. */
static bool
write_anew(const struct tt_serve_state *state, const char *name, struct tt_str bytes, bool for_workers, size_t room)
{
    char temporary[128];
    bool shared = for_workers && state->shared;
    snprintf(temporary, sizeof(temporary), ".%s.tmp", name);
    int fd = openat(state->folder, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return false;
    }
    bool good = write_all(fd, bytes);
    if (good && room > 0) {
        /* Some file systems cannot allot room; then the disk has to have some. */
        (void) fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t) (bytes.len + room));
    }
    good = good && (!shared || (fchown(fd, (uid_t) -1, state->gid) == 0 && fchmod(fd, 0640) == 0));
    good = good && (!state->visited || fchown(fd, state->uid, state->gid) == 0);
    good = close(fd) == 0 && good;
    good = good && renameat(state->folder, temporary, state->folder, name) == 0;
    if (!good) {
        int error = errno;
        unlinkat(state->folder, temporary, 0);
        errno = error;
    }
    return good;
}

bool
tt_serve_state_write(const struct tt_serve_state *state, const char *name, struct tt_str bytes, bool for_workers)
{
    return write_anew(state, name, bytes, for_workers, 0);
}

bool
tt_serve_state_tell(const struct tt_serve_state *state, const char *name, struct tt_str bytes, bool for_workers)
{
    return write_anew(state, name, bytes, for_workers, ROOM_BEHIND) || (errno == ENOSPC && write_over(state, name, bytes));
}

bool
tt_serve_state_read(const struct tt_serve_state *state, const char *name, struct tt_buf *out)
{
    ssize_t n = 1;
    int fd = openat(state->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    while (n > 0) {
        char *to = tt_buf_reserve(out, 1);
        n = to ? read(fd, to, out->cap - out->len) : -1;
        out->len += n > 0 ? (size_t) n : 0;
    }
    close(fd);
    return n == 0;
}

bool
tt_serve_state_rename(const struct tt_serve_state *state, const char *from, const char *to)
{
    return renameat(state->folder, from, state->folder, to) == 0;
}

void
tt_serve_state_drop(const struct tt_serve_state *state, const char *name)
{
    unlinkat(state->folder, name, 0);
}

/* ---- the folder ---- */

void
tt_serve_rings_path(const char *folder, char *out, size_t size)
{
    struct tt_sha256 sha;
    unsigned char digest[TT_SHA256_SIZE];
    tt_sha256_init(&sha);
    tt_sha256_add(&sha, tt_str_cstr(folder));
    tt_sha256_end(&sha, digest);
    char name[2 * 8 + 1] = "";
    tt_hex_write(name, digest, 8);
    snprintf(out, size, SHARED_MEMORY "/telltale-%s", name);
}

size_t
tt_serve_ring_size(unsigned workers)
{
    struct statvfs fs;
    size_t size = TT_RING_SIZE;
    if (statvfs(SHARED_MEMORY, &fs) != 0) {
        return 0;
    }
    uint64_t room = (uint64_t) fs.f_blocks * fs.f_frsize / 2;
    while (size > TT_RING_SIZE_MIN && size * workers * 4 > room) {
        size /= 2;
    }
    return size == TT_RING_SIZE ? 0 : size;
}

/* Makes path and the folders above it that are missing. */
static bool
make_folders(const char *path)
{
    char part[TT_SERVE_PATH_MAX];
    for (size_t i = 1; path[i - 1] && i < sizeof(part); i++) {
        if (path[i] == '/' || path[i] == '\0') {
            memcpy(part, path, i);
            part[i] = '\0';
            if (mkdir(part, 0700) != 0 && errno != EEXIST) {
                return false;
            }
        }
    }
    return true;
}

/* Opens a folder that must be one of ours: no link, owned by this user or the workers' own. */
static enum tt_status
open_own(const char *path, uid_t other, int *fd, struct tt_buf *message)
{
    struct stat st;
    *fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*fd < 0 || fstat(*fd, &st) != 0) {
        return fail_errno(message, path);
    }
    if (st.st_uid != geteuid() && st.st_uid != other) {
        return fail(message, TT_E_USAGE, path, "the folder belongs to another user");
    }
    return TT_OK;
}

static enum tt_status
find_worker(struct tt_serve_state *state, const struct tt_serve_settings *settings, struct tt_buf *message)
{
    state->uid = geteuid();
    state->gid = getegid();
    if (!settings->user) {
        return TT_OK;
    }
    const struct passwd *user = getpwnam(settings->user);
    if (!user) {
        return fail(message, TT_E_USAGE, settings->user, "there is no such user; name one with --user");
    }
    state->uid = user->pw_uid;
    state->gid = user->pw_gid;
    state->shared = state->uid != geteuid();
    return TT_OK;
}

/* Workers open files by their whole paths. */
static enum tt_status
check_passage(const struct tt_serve_state *state, struct tt_buf *message)
{
    char part[TT_SERVE_PATH_MAX];
    struct stat st;
    for (size_t i = 1; state->path[i]; i++) {
        memcpy(part, state->path, i);
        part[i] = '\0';
        if (state->path[i] != '/' || stat(part, &st) != 0) {
            continue;
        }
        mode_t bit = st.st_uid == state->uid ? 0100 : st.st_gid == state->gid ? 0010 : 0001;
        if (!(st.st_mode & bit)) {
            return fail(message, TT_E_USAGE, part, "nginx's workers may not pass through this folder; name another with --state");
        }
    }
    return TT_OK;
}

/* 0700; workers of another user may pass through it to their own parts, but not list it. */
static enum tt_status
open_folder(struct tt_serve_state *state, struct tt_buf *message)
{
    if (!make_folders(state->path)) {
        return fail_errno(message, state->path);
    }
    TT_TRY(open_own(state->path, geteuid(), &state->folder, message));
    if (state->shared) {
        TT_TRY(check_passage(state, message));
    }
    if (state->shared && fchown(state->folder, (uid_t) -1, state->gid) != 0) {
        return fail_errno(message, state->path);
    }
    return fchmod(state->folder, state->shared ? 0710 : 0700) == 0 ? TT_OK : fail_errno(message, state->path);
}

/* Files of bodies that do not fit in memory, made by nginx in folders of its own. */
static enum tt_status
make_temporary(const struct tt_serve_state *state, struct tt_buf *message)
{
    if (mkdirat(state->folder, "temp", 0700) != 0 && errno != EEXIST) {
        return fail_errno(message, "temp");
    }
    if (state->shared && (fchownat(state->folder, "temp", (uid_t) -1, state->gid, AT_SYMLINK_NOFOLLOW) != 0 ||
                          fchmodat(state->folder, "temp", 0710, 0) != 0)) {
        return fail_errno(message, "temp");
    }
    return TT_OK;
}

static enum tt_status
make_secret(const struct tt_serve_state *state, struct tt_buf *message)
{
    unsigned char bytes[SECRET_SIZE];
    struct stat st;
    if (fstatat(state->folder, "secret", &st, AT_SYMLINK_NOFOLLOW) == 0) {
        bool good = S_ISREG(st.st_mode) && st.st_size == SECRET_SIZE && (st.st_mode & 077) == 0;
        return good ? TT_OK : fail(message, TT_E_USAGE, "secret", "it is not a file of 32 bytes that only its owner may read");
    }
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t) sizeof(bytes) ||
        !tt_serve_state_write(state, "secret", tt_str_make(bytes, sizeof(bytes)), false)) {
        return fail_errno(message, "secret");
    }
    return TT_OK;
}

/* The folder lies where every user may write, so its name may be taken by somebody else's. */
static enum tt_status
make_rings(struct tt_serve_state *state, struct tt_buf *message)
{
    int fd = -1;
    tt_serve_rings_path(state->path, state->rings, sizeof(state->rings));
    if (mkdir(state->rings, 0700) != 0 && errno != EEXIST) {
        return fail_errno(message, state->rings);
    }
    enum tt_status status = open_own(state->rings, state->uid, &fd, message);
    if (status == TT_OK && (fchown(fd, state->shared ? state->uid : (uid_t) -1, state->shared ? state->gid : (gid_t) -1) != 0 ||
                            fchmod(fd, 0700) != 0)) {
        status = fail_errno(message, state->rings);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (status == TT_OK) {
        tt_serve_state_drop(state, "rings");
        status = symlinkat(state->rings, state->folder, "rings") == 0 ? TT_OK : fail_errno(message, "rings");
    }
    return status;
}

/* "PID START": what the file says about its process. */
static struct tt_serve_process
read_owner(const struct tt_serve_state *state)
{
    char text[64] = "";
    char *end;
    int fd = openat(state->folder, "gateway.pid", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
    if (fd >= 0) {
        close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    struct tt_serve_process owner = {.pid = (pid_t) strtol(text, &end, 10)};
    owner.start = strtoull(end, NULL, 10);
    return owner;
}

pid_t
tt_serve_state_owner(const struct tt_serve_state *state)
{
    /* The lock ends when its descriptor is closed.  It is asked about, never taken: a gateway that starts meanwhile needs it. */
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = openat(state->folder, "gateway.pid", O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    bool held = fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    if (fd >= 0) {
        close(fd);
    }
    struct tt_serve_process owner = read_owner(state);
    return held && tt_serve_process_lives(owner) ? owner.pid : 0;
}

static enum tt_status
take_lock(struct tt_serve_state *state, struct tt_buf *message)
{
    char text[64];
    struct tt_serve_process self = tt_serve_process_of(getpid());
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    state->lock = openat(state->folder, "gateway.pid", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (state->lock < 0) {
        return fail_errno(message, "gateway.pid");
    }
    if (fcntl(state->lock, F_OFD_SETLK, &lock) != 0) {
        close(state->lock);
        state->lock = -1;
        snprintf(text, sizeof(text), "a gateway runs on this folder already, as process %d", (int) read_owner(state).pid);
        return fail(message, TT_E_USAGE, state->path, text);
    }
    /* What a gateway that was killed said of itself; before this one can be found. */
    tt_serve_state_drop(state, "status.json");
    int n = snprintf(text, sizeof(text), "%d %llu\n", (int) self.pid, (unsigned long long) self.start);
    if (ftruncate(state->lock, 0) != 0 || pwrite(state->lock, text, (size_t) n, 0) != n) {
        return fail_errno(message, "gateway.pid");
    }
    return TT_OK;
}

static enum tt_status
set_path(struct tt_serve_state *state, const char *path, struct tt_buf *message)
{
    *state = (struct tt_serve_state) {.folder = -1, .lock = -1};
    size_t len = strlen(path);
    /* Room for the names of files in it. */
    if (len + 128 > sizeof(state->path)) {
        return fail(message, TT_E_USAGE, "--state", "the path is too long");
    }
    memcpy(state->path, path, len + 1);
    while (len > 1 && state->path[len - 1] == '/') {
        state->path[--len] = '\0';
    }
    return TT_OK;
}

/* What a folder needs before nginx may read its configuration. */
static enum tt_status
furnish(struct tt_serve_state *state, struct tt_buf *message)
{
    TT_TRY(make_temporary(state, message));
    TT_TRY(make_secret(state, message));
    return make_rings(state, message);
}

enum tt_status
tt_serve_state_begin(struct tt_serve_state *state, const struct tt_serve_settings *settings, struct tt_buf *message)
{
    TT_TRY(set_path(state, settings->state, message));
    TT_TRY(find_worker(state, settings, message));
    TT_TRY(open_folder(state, message));
    TT_TRY(take_lock(state, message));
    return furnish(state, message);
}

enum tt_status
tt_serve_state_visit(struct tt_serve_state *state, const char *path, struct tt_buf *message)
{
    TT_TRY(set_path(state, path, message));
    struct stat st;
    state->folder = open(state->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (state->folder < 0 || fstat(state->folder, &st) != 0) {
        return fail_errno(message, state->path);
    }
    state->visited = geteuid() == 0 && st.st_uid != 0;
    state->uid = st.st_uid;
    state->gid = st.st_gid;
    return TT_OK;
}

/* ---- a folder for a check ---- */

enum tt_status
tt_serve_state_scratch(struct tt_serve_state *state, const struct tt_serve_settings *settings, struct tt_buf *message)
{
    const char *place = getenv("TMPDIR");
    char path[TT_SERVE_PATH_MAX / 2];
    snprintf(path, sizeof(path), "%s/telltale-check-XXXXXX", place && place[0] == '/' ? place : "/tmp");
    if (!mkdtemp(path)) {
        return fail_errno(message, path);
    }
    TT_TRY(set_path(state, path, message));
    TT_TRY(find_worker(state, settings, message));
    TT_TRY(open_folder(state, message));
    return furnish(state, message);
}

/* Removes what is in a folder of two levels; nginx makes no deeper ones for a check. */
static void
empty_folder(int folder, bool deeper)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *entry;
    while (list && (entry = readdir(list))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || unlinkat(folder, entry->d_name, 0) == 0) {
            continue;
        }
        int below = deeper ? openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
        if (below >= 0) {
            empty_folder(below, false);
            close(below);
        }
        unlinkat(folder, entry->d_name, AT_REMOVEDIR);
    }
    if (list) {
        closedir(list);
    }
}

void
tt_serve_state_drop_rings(struct tt_serve_state *state)
{
    int rings = state->rings[0] ? open(state->rings, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (rings >= 0) {
        empty_folder(rings, false);
        close(rings);
        rmdir(state->rings);
    }
    tt_serve_state_drop(state, "rings");
}

void
tt_serve_state_remove(struct tt_serve_state *state)
{
    if (state->folder >= 0) {
        tt_serve_state_drop_rings(state);
        empty_folder(state->folder, true);
        rmdir(state->path);
    }
    tt_serve_state_close(state);
}

void
tt_serve_state_close(struct tt_serve_state *state)
{
    if (state->lock >= 0) {
        /* Emptied while it is still ours, so that nobody is named who no longer runs.  A name that stays is not believed either. */
        if (ftruncate(state->lock, 0) != 0) {
            tt_serve_state_drop(state, "status.json");
        }
        close(state->lock);
    }
    if (state->folder >= 0) {
        close(state->folder);
    }
    state->lock = state->folder = -1;
}
