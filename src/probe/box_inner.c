/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Process 1 of a box: seals it step by step, then runs what it is told to; see box_parts.h.
 *
 * The order matters.  What is shown is opened first, with the rights of the user who runs telltale; then the process becomes number 1000.  The way out is
 * proven to be shut before the loopback comes up; listeners are made while there are capabilities; those go before anything of the client runs.
 */
#include "probe/box_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

bool
tt_box_fail(struct tt_box_inner *inner, enum tt_status status, const char *what, const char *subject, int error)
{
    inner->message.word = TT_BOX_SAYS_FAILED;
    inner->message.status = status;
    snprintf(inner->message.text, sizeof(inner->message.text), "%s%s%.300s%s%s", what, subject ? ": " : "",
             subject ? subject : "", error ? ": " : "", error ? strerror(error) : "");
    return false;
}

/* ---- the process itself ---- */

/* Only the socket and the pipes stay, as 3, 4 and 5, with nothing on 0, 1 and 2: no descriptor of the caller gets into the box. */
static bool
keep_descriptors(struct tt_box_inner *inner)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int high[3] = {fcntl(inner->control, F_DUPFD_CLOEXEC, 64), fcntl(inner->out, F_DUPFD_CLOEXEC, 64),
                   fcntl(inner->err, F_DUPFD_CLOEXEC, 64)};
    if (null < 0 || high[0] < 0 || high[1] < 0 || high[2] < 0) {
        return tt_box_fail(inner, TT_E_IO, "the box's descriptors", NULL, errno);
    }
    bool kept = true;
    for (int i = 0; i < 3; i++) {
        kept = kept && dup2(null, i) == i && dup3(high[i], 3 + i, O_CLOEXEC) == 3 + i;
    }
    kept = kept && syscall(SYS_close_range, 6U, ~0U, 0U) == 0;
    inner->control = 3;
    inner->out = 4;
    inner->err = 5;
    return kept || tt_box_fail(inner, TT_E_UNSUPPORTED, "the box's descriptors (close_range needs Linux 5.9)", NULL, errno);
}

/* Of the box's own /dev: what was opened before it changed its root is the machine's. */
static bool
renew_null(struct tt_box_inner *inner)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    bool renewed = null >= 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1 && dup2(null, 2) == 2;
    if (null > 2) {
        close(null);
    }
    return renewed || tt_box_fail(inner, TT_E_IO, "the box's /dev/null", NULL, errno);
}

/* Field number of /proc/self/stat; they stand behind the name, which may hold anything but ends at the last ')'. */
static uint64_t
stat_field(const char *stat, int number)
{
    const char *at = strrchr(stat, ')');
    for (int i = 2; at && i < number; i++) {
        at = strchr(at + 1, ' ');
    }
    return at ? strtoull(at + 1, NULL, 10) : 0;
}

/*
 * Process 1 is a copy of telltale, whose command line everybody in the box could read.  The settings may lie there, so it is not overwritten: the kernel
 * is told that the command line is elsewhere.  One built without checkpoints cannot be told; then the line is a fact that all runs share.
 */
static void
hide_command_line(struct tt_box_inner *inner)
{
    char text[2048];
    int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
    if (fd >= 0) {
        close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    snprintf(inner->name, sizeof(inner->name), "init");
    struct prctl_mm_map map = {
        .start_code = stat_field(text, 26),
        .end_code = stat_field(text, 27),
        .start_stack = stat_field(text, 28),
        .start_data = stat_field(text, 45),
        .end_data = stat_field(text, 46),
        .start_brk = stat_field(text, 47),
        .brk = (uintptr_t) sbrk(0),
        .arg_start = (uintptr_t) inner->name,
        .arg_end = (uintptr_t) inner->name + strlen(inner->name) + 1,
        .env_start = stat_field(text, 50),
        .env_end = stat_field(text, 51),
        .exe_fd = (uint32_t) -1,
    };
    (void) prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0);
    (void) prctl(PR_SET_NAME, inner->name);
}

/* Handlers and ignored signals of the caller are not the box's. */
static void
reset_signals(void)
{
    sigset_t none;
    for (int i = 1; i < NSIG; i++) {
        signal(i, SIG_DFL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The caller's death is the box's.  A change of user takes the request back, so it is made more than once. */
static bool
tie_to_caller(struct tt_box_inner *inner)
{
    struct pollfd look = {.fd = inner->control, .events = POLLIN};
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
        return tt_box_fail(inner, TT_E_UNSUPPORTED, "the box cannot be tied to telltale", NULL, errno);
    }
    return poll(&look, 1, 0) >= 0 && !(look.revents & POLLHUP);
}

static bool
await_word(struct tt_box_inner *inner, enum tt_box_word word)
{
    struct tt_box_message said;
    ssize_t n;
    do {
        n = recv(inner->control, &said, sizeof(said), 0);
    } while (n < 0 && errno == EINTR);
    return n == (ssize_t) sizeof(said) && said.word == word;
}

/* In a user namespace the files of a box shall belong to its only user. */
static bool
become_user(struct tt_box_inner *inner)
{
    if (!inner->user_namespace) {
        return true;
    }
    (void) setgroups(0, NULL); /* an ordinary user may not, and keeps groups that mean nothing inside */
    if (setresgid(TT_BOX_UID, TT_BOX_UID, TT_BOX_UID) != 0 || setresuid(TT_BOX_UID, TT_BOX_UID, TT_BOX_UID) != 0) {
        return tt_box_fail(inner, TT_E_UNSUPPORTED, "the user of the box", NULL, errno);
    }
    return tie_to_caller(inner);
}

static bool
name_host(struct tt_box_inner *inner)
{
    const char *name = inner->settings->host_name;
    if (sethostname(name, strlen(name)) != 0 || setdomainname("(none)", 6) != 0) {
        return tt_box_fail(inner, TT_E_UNSUPPORTED, "the name of the box", NULL, errno);
    }
    return true;
}

static bool
seal(struct tt_box_inner *inner)
{
    reset_signals();
    hide_command_line(inner);
    umask(022);
    return tie_to_caller(inner) && keep_descriptors(inner) && await_word(inner, TT_BOX_SAYS_BEGIN) && tt_box_trees_open(inner) &&
           become_user(inner) && tt_seal_network(inner) && name_host(inner) && tt_box_root_make(inner) && renew_null(inner) &&
           tt_seal_network_check(inner) && tt_seal_privileges(inner) && tie_to_caller(inner);
}

/* ---- what it says ---- */

static void
send_plain(struct tt_box_inner *inner)
{
    (void) send(inner->control, &inner->message, sizeof(inner->message), MSG_NOSIGNAL);
}

static bool
send_ready(struct tt_box_inner *inner)
{
    union {
        char bytes[CMSG_SPACE(sizeof(inner->sockets))];
        struct cmsghdr align;
    } room = {.bytes = {0}};
    struct iovec part = {&inner->message, sizeof(inner->message)};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &room, .msg_controllen = sizeof(room)};
    struct cmsghdr *control = CMSG_FIRSTHDR(&header);
    *control = (struct cmsghdr) {.cmsg_len = CMSG_LEN(sizeof(inner->sockets)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(control), inner->sockets, sizeof(inner->sockets));
    inner->message = (struct tt_box_message) {.word = TT_BOX_SAYS_READY};
    bool sent = sendmsg(inner->control, &header, MSG_NOSIGNAL) == (ssize_t) sizeof(inner->message);
    for (size_t i = 0; i < TT_BOX_PORTS + 1; i++) {
        close(inner->sockets[i]);
    }
    return sent;
}

/* ---- commands ---- */

static bool
try_clock(struct tt_box_inner *inner)
{
    struct tt_box_run run = {.argv = NULL};
    struct tt_box_end end;
    if (inner->settings->instant == TT_BOX_REAL_CLOCK) {
        return true;
    }
    tt_box_run(inner, &run, &end);
    return (end.cause == TT_BOX_EXITED && end.exit_code == 0) ||
           tt_box_fail(inner, TT_E_UNSUPPORTED, "the client's clock cannot be set here", NULL, end.error);
}

static bool
prepare(struct tt_box_inner *inner)
{
    for (const char *const *const *argv = inner->settings->prepare; argv && *argv; argv++) {
        struct tt_box_run run = {.argv = *argv, .out = 0, .err = 0, .linger_ms = 0};
        struct tt_box_end end;
        char why[64];
        tt_box_run(inner, &run, &end);
        if (end.cause != TT_BOX_EXITED || end.exit_code != 0) {
            snprintf(why, sizeof(why), "a command that prepares the box did not succeed (%s, %d)", tt_box_cause_name(end.cause),
                     end.exit_code);
            return tt_box_fail(inner, TT_E_USAGE, why, (*argv)[0], end.error);
        }
    }
    return true;
}

int
tt_box_inner_main(struct tt_box_inner *inner)
{
    inner->message = (struct tt_box_message) {.word = TT_BOX_SAYS_FAILED, .status = TT_E_INTERNAL};
    if (!seal(inner) || !try_clock(inner) || !prepare(inner)) {
        send_plain(inner);
        return 1;
    }
    if (!send_ready(inner)) {
        return 1;
    }
    unsigned linger = inner->settings->limits.linger_ms;
    struct tt_box_run run = {.argv = inner->settings->argv,
                             .out = inner->out,
                             .err = inner->err,
                             .linger_ms = linger == TT_BOX_NO_LINGER ? 0 : linger};
    while (await_word(inner, TT_BOX_SAYS_GO)) {
        inner->message = (struct tt_box_message) {.word = TT_BOX_SAYS_ENDED};
        tt_box_run(inner, &run, &inner->message.end);
        send_plain(inner);
    }
    return 0;
}
