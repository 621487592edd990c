/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outer side of the box: making process 1, talking with it, ending it; see box.h, clone(2) and user_namespaces(7).
 *
 * In: settings.  Out: a struct tt_box with descriptors that the caller polls.  Own: the child, the socket to it, and the descriptors, until
 * tt_box_close.  The child is a copy of this process and never runs another program itself; the strings of the settings are used in place.
 */
#include "probe/box_parts.h"
#include "probe/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Beyond what `prepare` may take. */
#define OPEN_MS 30000

#define SPACES (CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP)

/* ---- settings ---- */

static enum tt_status
complain(struct tt_buf *message, enum tt_status status, const char *what, const char *subject)
{
    tt_buf_add_cstr(message, what);
    if (subject) {
        tt_buf_add_cstr(message, ": ");
        tt_buf_add_cstr(message, subject);
    }
    return status;
}

/* Absolute, short enough, not "/" itself, without empty parts and without parts that would lead elsewhere. */
static bool
is_path(const char *path)
{
    size_t length = path ? strnlen(path, TT_BOX_PATH_MAX) : 0;
    if (length < 2 || length >= TT_BOX_PATH_MAX || path[0] != '/') {
        return false;
    }
    for (const char *at = path; (at = strchr(at, '/')); at++) {
        const char *end = strchrnul(at + 1, '/');
        size_t part = (size_t) (end - at - 1);
        if (part == 0 || (part == 1 && at[1] == '.') || (part == 2 && at[1] == '.' && at[2] == '.') || part > 255) {
            return false;
        }
    }
    return true;
}

static bool
is_in_kernel_folder(const char *path)
{
    static const char *const folders[] = {"/proc", "/sys", "/dev"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
        size_t length = strlen(folders[i]);
        if (strncmp(path, folders[i], length) == 0 && (path[length] == '/' || path[length] == '\0')) {
            return true;
        }
    }
    return false;
}

static enum tt_status
check_files(const struct tt_box_settings *settings, struct tt_buf *message)
{
    for (size_t i = 0; i < settings->file_count; i++) {
        const struct tt_box_file *file = &settings->files[i];
        if (!is_path(file->path) || is_in_kernel_folder(file->path)) {
            return complain(message, TT_E_USAGE, "no entry of a box can be made at this path", file->path);
        }
        if (file->kind == TT_BOX_LINK && (file->content.len == 0 || file->content.len >= TT_BOX_PATH_MAX)) {
            return complain(message, TT_E_USAGE, "a link of a box leads nowhere", file->path);
        }
    }
    for (const char *const *path = settings->shown; path && *path; path++) {
        char plain[TT_BOX_PATH_MAX];
        if (!tt_box_path_plain(plain, *path) || !is_path(plain) || is_in_kernel_folder(plain)) {
            return complain(message, TT_E_USAGE, "this path cannot be shown in a box", *path);
        }
    }
    return TT_OK;
}

/* A name that stands in /etc/passwd and /etc/hosts: no separators of theirs. */
static bool
is_name(const char *name)
{
    size_t length = strnlen(name, 65);
    return length > 0 && length <= 64 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == length;
}

static enum tt_status
check_settings(const struct tt_box_settings *settings, struct tt_buf *message)
{
    if (!settings->argv || !settings->argv[0]) {
        return complain(message, TT_E_USAGE, "no command to run", NULL);
    }
    if (!is_name(settings->user) || !is_name(settings->host_name)) {
        return complain(message, TT_E_USAGE, "the name of a user or host has letters, digits, '.', '_' and '-'", NULL);
    }
    if (!is_path(settings->home) || !is_path(settings->cwd) || is_in_kernel_folder(settings->home) ||
        is_in_kernel_folder(settings->cwd)) {
        return complain(message, TT_E_USAGE, "HOME and the working folder are absolute paths without '.' and '..'", NULL);
    }
    for (size_t i = 0; i < settings->var_count; i++) {
        if (!settings->vars[i].name || settings->vars[i].name[0] == '\0' || strchr(settings->vars[i].name, '=')) {
            return complain(message, TT_E_USAGE, "a variable has no name, or '=' in it", settings->vars[i].name);
        }
    }
    const char *lacks = settings->instant == TT_BOX_REAL_CLOCK ? NULL : tt_clock_lacks();
    if (lacks) {
        return complain(message, TT_E_UNSUPPORTED, "the client's clock cannot be set here", lacks);
    }
    return check_files(settings, message);
}

/* The values that 0 and NULL stand for. */
static struct tt_box_settings
complete(const struct tt_box_settings *given)
{
    struct tt_box_settings all = *given;
    all.host_name = all.host_name ? all.host_name : "devbox";
    all.user = all.user ? all.user : "dev";
    all.home = all.home ? all.home : "/home/dev";
    all.cwd = all.cwd ? all.cwd : all.home;
    struct tt_box_limits *limits = &all.limits;
    limits->wall_ms = limits->wall_ms ? limits->wall_ms : TT_BOX_WALL_MS;
    limits->linger_ms = limits->linger_ms ? limits->linger_ms : TT_BOX_LINGER_MS;
    limits->memory = limits->memory ? limits->memory : TT_BOX_MEMORY;
    limits->disk = limits->disk ? limits->disk : TT_BOX_DISK;
    limits->processes = limits->processes ? limits->processes : TT_BOX_PROCESSES;
    limits->descriptors = limits->descriptors ? limits->descriptors : TT_BOX_DESCRIPTORS;
    return all;
}

/* ---- making process 1 ---- */

/* A copy of this process, like fork, but in namespaces of its own. */
static pid_t
clone_into(uint64_t spaces, int *pidfd)
{
    struct clone_args args = {.flags = spaces | CLONE_PIDFD, .pidfd = (uint64_t) (uintptr_t) pidfd, .exit_signal = SIGCHLD};
    return (pid_t) syscall(SYS_clone3, &args, sizeof(args));
}

/*
 * With a user namespace, if there can be one: then nobody in the box has a right outside.  Root does without where they are forbidden.  0 in the child.
 */
static pid_t
clone_box(struct tt_box *box, bool *user_namespace)
{
    *user_namespace = true;
    pid_t pid = clone_into(SPACES | CLONE_NEWUSER, &box->pidfd);
    if (pid < 0 && geteuid() == 0) {
        *user_namespace = false;
        pid = clone_into(SPACES, &box->pidfd);
    }
    return pid;
}

static enum tt_status
explain_clone(struct tt_buf *message, int error)
{
    const char *denied = geteuid() == 0 ? "this root may not make namespaces (a container without CAP_SYS_ADMIN, or its filter)"
                                        : "this user may not make user namespaces (sysctl kernel.unprivileged_userns_clone, "
                                          "kernel.apparmor_restrict_unprivileged_userns, or a container's filter); root can";
    const char *why = error == ENOSPC
                          ? "user namespaces are switched off, or too many are in use (sysctl user.max_user_namespaces)"
                      : error == ENOSYS ? "this kernel is older than 5.3, or a filter forbids clone3"
                      : error == EINVAL ? "this kernel lacks namespaces"
                      : error == EPERM  ? denied
                                        : strerror(error);
    return complain(message, error == EAGAIN || error == ENOMEM ? TT_E_IO : TT_E_UNSUPPORTED, "no sealed box can be made here",
                    why);
}

static bool
write_whole(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t) strlen(text);
    if (fd >= 0) {
        close(fd);
    }
    return written;
}

/* Number 1000 in the box is this user outside; for root it is number 1000 as well. */
static bool
map_user(pid_t pid)
{
    char path[64], text[64];
    bool root = geteuid() == 0;
    if (!root) {
        snprintf(path, sizeof(path), "/proc/%d/setgroups", (int) pid);
        if (!write_whole(path, "deny")) {
            return false;
        }
    }
    snprintf(path, sizeof(path), "/proc/%d/uid_map", (int) pid);
    snprintf(text, sizeof(text), "%d %u 1", TT_BOX_UID, root ? TT_BOX_UID : (unsigned) geteuid());
    if (!write_whole(path, text)) {
        return false;
    }
    snprintf(path, sizeof(path), "/proc/%d/gid_map", (int) pid);
    snprintf(text, sizeof(text), "%d %u 1", TT_BOX_UID, root ? TT_BOX_UID : (unsigned) getegid());
    return write_whole(path, text);
}

struct ends {
    int control[2], out[2], err[2];
};

static bool
open_ends(struct ends *ends)
{
    *ends = (struct ends) {{-1, -1}, {-1, -1}, {-1, -1}};
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends->control) == 0 && pipe2(ends->out, O_CLOEXEC) == 0 &&
           pipe2(ends->err, O_CLOEXEC) == 0 && fcntl(ends->out[0], F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(ends->err[0], F_SETFL, O_NONBLOCK) == 0;
}

static void
close_end(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

static void
close_inner_ends(struct ends *ends)
{
    close_end(&ends->control[1]);
    close_end(&ends->out[1]);
    close_end(&ends->err[1]);
}

/* Never returns. */
static void
run_inner(const struct tt_box_settings *settings, const struct ends *ends, bool user_namespace, pid_t caller)
{
    struct tt_box_inner inner = {.settings = settings,
                                 .control = ends->control[1],
                                 .out = ends->out[1],
                                 .err = ends->err[1],
                                 .user_namespace = user_namespace,
                                 .caller = caller};
    inner.trees = calloc(TT_BOX_TREES_MAX, sizeof(*inner.trees));
    _exit(inner.trees ? tt_box_inner_main(&inner) : 1);
}

/* ---- talking with it ---- */

static bool
say(const struct tt_box *box, enum tt_box_word word)
{
    struct tt_box_message message = {.word = word};
    return send(box->report, &message, sizeof(message), MSG_NOSIGNAL) == (ssize_t) sizeof(message);
}

static void
take_sockets(struct tt_box *box, const struct msghdr *header)
{
    struct cmsghdr *control = CMSG_FIRSTHDR(header);
    if (control && control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_RIGHTS &&
        control->cmsg_len == CMSG_LEN(sizeof(int) * (TT_BOX_PORTS + 1))) {
        memcpy(box->listeners, CMSG_DATA(control), sizeof(box->listeners));
        memcpy(&box->dns, CMSG_DATA(control) + sizeof(box->listeners), sizeof(int));
    }
}

/* False: process 1 has ended, or (flags MSG_DONTWAIT) says nothing now. */
static bool
hear(struct tt_box *box, struct tt_box_message *message, int flags)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int) * (TT_BOX_PORTS + 1))];
        struct cmsghdr align;
    } room;
    struct iovec part = {message, sizeof(*message)};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &room, .msg_controllen = sizeof(room)};
    ssize_t n;
    do {
        n = recvmsg(box->report, &header, flags | MSG_CMSG_CLOEXEC);
    } while (n < 0 && errno == EINTR);
    if (n != (ssize_t) sizeof(*message)) {
        errno = n < 0 ? errno : EPIPE;
        return false;
    }
    take_sockets(box, &header);
    message->text[sizeof(message->text) - 1] = '\0';
    return true;
}

static bool
await_word(struct tt_box *box, struct tt_box_message *message, int timeout)
{
    struct pollfd look = {.fd = box->report, .events = POLLIN};
    int ready;
    do {
        ready = poll(&look, 1, timeout);
    } while (ready < 0 && errno == EINTR);
    return ready > 0 && hear(box, message, MSG_DONTWAIT);
}

static enum tt_status
begin(struct tt_box *box, const struct tt_box_settings *settings, struct tt_buf *message)
{
    struct tt_box_message said;
    size_t commands = 0;
    if (box->user_namespace && !map_user(box->pid)) {
        return complain(message, TT_E_UNSUPPORTED, "no sealed box can be made here: the user's number cannot be mapped",
                        strerror(errno));
    }
    while (settings->prepare && settings->prepare[commands]) {
        commands++;
    }
    if (!say(box, TT_BOX_SAYS_BEGIN) || !await_word(box, &said, OPEN_MS + (int) commands * (int) settings->limits.wall_ms)) {
        return complain(message, TT_E_INTERNAL, "the box ended before it was ready", NULL);
    }
    if (said.word == TT_BOX_SAYS_FAILED) {
        return complain(message, said.status, said.text, NULL);
    }
    return box->dns >= 0 ? TT_OK : complain(message, TT_E_INTERNAL, "the box gave no sockets", NULL);
}

/* ---- what callers use ---- */

static void
empty(struct tt_box *box)
{
    *box = (struct tt_box) {.pidfd = -1, .report = -1, .out = -1, .err = -1, .dns = -1};
    for (size_t i = 0; i < TT_BOX_PORTS; i++) {
        box->listeners[i] = -1;
    }
}

enum tt_status
tt_box_open(struct tt_box *box, const struct tt_box_settings *given, struct tt_buf *message)
{
    struct tt_box_settings settings = complete(given);
    struct ends ends;
    empty(box);
    TT_TRY(check_settings(&settings, message));
    bool opened = open_ends(&ends);
    pid_t caller = getpid();
    pid_t pid = opened ? clone_box(box, &box->user_namespace) : -1;
    if (pid == 0) {
        run_inner(&settings, &ends, box->user_namespace, caller);
    }
    int error = errno;
    close_inner_ends(&ends);
    box->report = ends.control[0];
    box->out = ends.out[0];
    box->err = ends.err[0];
    box->pid = pid > 0 ? pid : 0;
    enum tt_status status = !opened   ? complain(message, TT_E_IO, "the box's pipes", strerror(error))
                            : pid < 0 ? explain_clone(message, error)
                                      : begin(box, &settings, message);
    if (status != TT_OK) {
        tt_box_close(box);
    }
    return status;
}

enum tt_status
tt_box_go(struct tt_box *box)
{
    if (box->pid <= 0 || box->running) {
        return TT_E_USAGE;
    }
    if (!say(box, TT_BOX_SAYS_GO)) {
        return TT_E_IO;
    }
    box->running = true;
    return TT_OK;
}

bool
tt_box_ended(struct tt_box *box, struct tt_box_end *end)
{
    struct tt_box_message said;
    if (!box->running) {
        return false;
    }
    if (hear(box, &said, MSG_DONTWAIT)) {
        *end = said.end;
    } else if (errno == EAGAIN) {
        return false;
    } else {
        *end = (struct tt_box_end) {.cause = TT_BOX_LOST};
    }
    box->running = false;
    return true;
}

void
tt_box_close(struct tt_box *box)
{
    if (box->pid > 0) {
        siginfo_t info;
        (void) syscall(SYS_pidfd_send_signal, box->pidfd, SIGKILL, NULL, 0);
        while (waitid(P_PIDFD, (id_t) box->pidfd, &info, WEXITED) < 0 && errno == EINTR) {
        }
    } else if (box->pidfd == 0 && box->report == 0) {
        return; /* zeroed, never opened: 0 is somebody else's descriptor */
    }
    close_end(&box->pidfd);
    close_end(&box->report);
    close_end(&box->out);
    close_end(&box->err);
    close_end(&box->dns);
    for (size_t i = 0; i < TT_BOX_PORTS; i++) {
        close_end(&box->listeners[i]);
    }
    empty(box);
}
