/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a sealed box needs, looked at one by one, and at last tried; see box.h.
 *
 * The single facts only explain: whether a box can be made is known when one has been made, and whether its clock holds when a program has told it.
 */
#include "probe/box.h"
#include "probe/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRY_MS 5000
#define TRY_INSTANT INT64_C(1770120000) /* 2026-02-03, noon UTC */

struct list {
    struct tt_box_fact *facts;
    size_t count;
};

static void
note(struct list *list, struct tt_box_fact fact)
{
    if (list->count < TT_BOX_FACTS_MAX) {
        list->facts[list->count++] = fact;
    }
}

/* Of the release "6.1.0-25-amd64" the first two numbers. */
static bool
kernel_is_at_least(unsigned major, unsigned minor)
{
    struct utsname name;
    char *at;
    if (uname(&name) != 0) {
        return false;
    }
    unsigned long first = strtoul(name.release, &at, 10), second = *at == '.' ? strtoul(at + 1, NULL, 10) : 0;
    return first > major || (first == major && second >= minor);
}

static bool
can_make_user_namespace(void)
{
    struct clone_args args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    pid_t pid = (pid_t) syscall(SYS_clone3, &args, sizeof(args));
    if (pid == 0) {
        _exit(0);
    }
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
    return pid > 0;
}

/* A module that is not loaded yet is not listed; then the box says it. */
static bool
knows_overlay(void)
{
    char text[8192];
    int fd = open("/proc/filesystems", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
    if (fd >= 0) {
        close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    return strstr(text, "\toverlay\n") != NULL;
}

static bool
has_filters(void)
{
    uint32_t action = SECCOMP_RET_TRACE;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

/* ---- a box is tried ---- */

/* Runs a command to its end; what it prints into text.  False: it did not come to an end by itself. */
static bool
run(struct tt_box *box, char *text, size_t size)
{
    struct tt_box_end end = {.cause = TT_BOX_LOST};
    struct pollfd look = {.fd = box->report, .events = POLLIN};
    if (tt_box_go(box) != TT_OK || poll(&look, 1, TRY_MS) != 1 || !tt_box_ended(box, &end)) {
        return false;
    }
    ssize_t n = read(box->out, text, size - 1);
    text[n > 0 ? n : 0] = '\0';
    return end.cause == TT_BOX_EXITED && end.exit_code == 0;
}

static bool
try_box(int64_t instant, struct tt_buf *message)
{
    static const char *const argv[] = {"date", "+%s", NULL};
    struct tt_box_settings settings = {.argv = argv, .instant = instant, .limits = {.wall_ms = TRY_MS / 2}};
    struct tt_box box;
    char text[64];
    if (tt_box_open(&box, &settings, message) != TT_OK) {
        return false;
    }
    bool ran = run(&box, text, sizeof(text));
    tt_box_close(&box);
    int64_t told = ran ? strtoll(text, NULL, 10) : 0;
    bool good = ran && (instant == TT_BOX_REAL_CLOCK || (told >= instant && told < instant + TRY_MS / 1000));
    if (!good) {
        tt_buf_add_cstr(message,
                        ran ? "a program in the box saw another time than the box's" : "a program in the box did not run");
    }
    return good;
}

static void
look_at_clock(struct list *list, bool sealed, struct tt_buf *message)
{
    const char *lacks = tt_clock_lacks();
    note(list, (struct tt_box_fact) {.what = "tracing",
                                     .good = !lacks,
                                     .needed = true,
                                     .clock = true,
                                     .advice = lacks ? lacks : "sets the client's clock"});
    bool holds = sealed && !lacks && try_box(TRY_INSTANT, message);
    note(list, (struct tt_box_fact) {.what = "a clock of the box's own",
                                     .good = holds,
                                     .needed = true,
                                     .clock = true,
                                     .advice = holds ? "a program was run and asked for the time"
                                                     : "no program could be shown another time"});
}

size_t
tt_box_doctor(struct tt_box_fact facts[TT_BOX_FACTS_MAX], struct tt_buf *message)
{
    struct list list = {.facts = facts};
    bool root = geteuid() == 0;
    note(&list, (struct tt_box_fact) {.what = "Linux 5.12 or later",
                                      .good = kernel_is_at_least(5, 12),
                                      .needed = true,
                                      .advice = "mounts for the box; a newer kernel has them"});
    note(&list,
         (struct tt_box_fact) {
             .what = "user namespaces",
             .good = can_make_user_namespace(),
             .needed = !root,
             .advice = root ? "root can do without"
                            : "an ordinary user needs them: sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, "
                              "kernel.apparmor_restrict_unprivileged_userns; or run as root"});
    note(&list, (struct tt_box_fact) {.what = "overlay file system",
                                      .good = knows_overlay(),
                                      .needed = false,
                                      .advice = "shows the machine's programs; modprobe overlay, if no box can be made"});
    note(&list, (struct tt_box_fact) {.what = "seccomp filters",
                                      .good = has_filters(),
                                      .needed = true,
                                      .advice = "close what namespaces leave open; the kernel needs CONFIG_SECCOMP_FILTER"});
    bool sealed = try_box(TT_BOX_REAL_CLOCK, message);
    note(&list, (struct tt_box_fact) {.what = "a sealed box",
                                      .good = sealed,
                                      .needed = true,
                                      .advice = sealed ? "one was made, and a program was run in it" : "none could be made"});
    look_at_clock(&list, sealed, message);
    return list.count;
}
