/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes by /proc; see process.h and proc(5).
 *
 * A number alone does not name a process: it may be used again.  Number and start time together do, and signals go through a descriptor
 * of the process (pidfd_open(2)), so that what was looked at is what is signalled.
 */
#include "serve/process.h"

#include "base/limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same numbers on every architecture; the system's header may be older than the kernel. */
#define CALL_PIDFD_SEND_SIGNAL 424
#define CALL_PIDFD_OPEN 434

/* The beginning of a file of a process, with a NUL; its length, or -1. */
static ssize_t
read_proc(pid_t pid, const char *name, char *out, size_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int) pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    ssize_t n = read(fd, out, size - 1);
    close(fd);
    out[n > 0 ? n : 0] = '\0';
    return n;
}

/* Field number of /proc/PID/stat, from 3 on; they stand behind the name, which may hold anything but ends at the last ')'. */
static bool
stat_field(const char *stat, int number, const char **field)
{
    const char *at = strrchr(stat, ')');
    for (int i = 2; at && i < number; i++) {
        at = strchr(at + 1, ' ');
    }
    *field = at ? at + 1 : "";
    return at != NULL;
}

static bool
read_stat(pid_t pid, int number, char *stat, size_t size, const char **field)
{
    return pid > 0 && read_proc(pid, "stat", stat, size) > 0 && stat_field(stat, number, field);
}

struct tt_serve_process
tt_serve_process_of(pid_t pid)
{
    char stat[1024];
    const char *state, *start;
    if (!read_stat(pid, 3, stat, sizeof(stat), &state) || *state == 'Z' || *state == 'X' || !stat_field(stat, 22, &start)) {
        return (struct tt_serve_process) {.pid = 0};
    }
    return (struct tt_serve_process) {.pid = pid, .start = strtoull(start, NULL, 10)};
}

bool
tt_serve_process_lives(struct tt_serve_process process)
{
    struct tt_serve_process now = tt_serve_process_of(process.pid);
    return now.pid > 0 && now.start == process.start;
}

bool
tt_serve_process_signal(struct tt_serve_process process, int sig)
{
    if (process.pid <= 0) {
        return false;
    }
    int fd = (int) syscall(CALL_PIDFD_OPEN, process.pid, 0);
    bool known = fd >= 0 || errno == ENOSYS || errno == EPERM;
    bool sent = known && tt_serve_process_lives(process);
    if (sent) {
        sent = (fd >= 0 ? (int) syscall(CALL_PIDFD_SEND_SIGNAL, fd, sig, NULL, 0) : kill(process.pid, sig)) == 0;
    }
    if (fd >= 0) {
        close(fd);
    }
    return sent;
}

/* A set of signals as /proc/PID/status writes it: hexadecimal, the lowest bit for signal 1. */
static bool
is_in_set(const char *status, const char *name, int sig)
{
    const char *set = strstr(status, name);
    return set && (strtoull(set + strlen(name), NULL, 16) >> (sig - 1) & 1);
}

bool
tt_serve_process_has_taken(struct tt_serve_process process, int sig)
{
    char status[4096];
    return read_proc(process.pid, "status", status, sizeof(status)) <= 0 ||
           !(is_in_set(status, "\nSigPnd:\t", sig) || is_in_set(status, "\nShdPnd:\t", sig) ||
             is_in_set(status, "\nSigBlk:\t", sig));
}

pid_t
tt_serve_process_parent(pid_t pid)
{
    char stat[1024];
    const char *parent;
    return read_stat(pid, 4, stat, sizeof(stat), &parent) ? (pid_t) strtol(parent, NULL, 10) : 0;
}

/* ---- children, all ---- */

static void
visit_one(pid_t pid, tt_serve_visit_fn *visit, void *ctx)
{
    char title[TT_SERVE_TITLE_MAX];
    if (tt_serve_process_of(pid).pid > 0 && read_proc(pid, "cmdline", title, sizeof(title)) >= 0) {
        visit(ctx, pid, tt_str_cstr(title));
    }
}

static void
search(pid_t parent, tt_serve_visit_fn *visit, void *ctx)
{
    DIR *folder = opendir("/proc");
    const struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        long pid = strtol(entry->d_name, NULL, 10);
        if (pid > 0 && (parent == 0 || tt_serve_process_parent((pid_t) pid) == parent)) {
            visit_one((pid_t) pid, visit, ctx);
        }
    }
    if (folder) {
        closedir(folder);
    }
}

void
tt_serve_process_children(pid_t pid, tt_serve_visit_fn *visit, void *ctx)
{
    char name[64], list[4096];
    char *at = list, *end;
    snprintf(name, sizeof(name), "task/%d/children", (int) pid);
    if (read_proc(pid, name, list, sizeof(list)) < 0) {
        search(pid, visit, ctx); /* the kernel does not list children */
        return;
    }
    for (long child = strtol(at, &end, 10); end != at; child = strtol(at, &end, 10)) {
        at = end;
        visit_one((pid_t) child, visit, ctx);
    }
}

void
tt_serve_process_all(tt_serve_visit_fn *visit, void *ctx)
{
    search(0, visit, ctx);
}

/* ---- what is mapped ---- */

/* A line of maps: "from-to perms offset dev inode   path".  Inode numbers tell files apart; devices differ between maps and stat(2). */
static enum tt_serve_mapped
judge_line(const char *line, const char *path, unsigned long long inode)
{
    unsigned long long mapped = 0;
    const char *at = line;
    for (int field = 0; field < 4 && at; field++) {
        at = strchr(at, ' ');
        at = at ? at + 1 : NULL;
    }
    const char *name = at ? strchr(at, '/') : NULL;
    size_t len = strlen(path);
    if (!name || strncmp(name, path, len) != 0 || (name[len] != '\n' && strncmp(name + len, " (deleted)", 10) != 0)) {
        return TT_SERVE_NOT_MAPPED;
    }
    mapped = strtoull(at, NULL, 10);
    return mapped == inode && name[len] == '\n' ? TT_SERVE_MAPPED : TT_SERVE_OTHER_MAPPED;
}

enum tt_serve_mapped
tt_serve_process_maps(pid_t pid, const char *path)
{
    char name[64], real[PATH_MAX];
    char *line = NULL;
    size_t size = 0;
    struct stat st;
    enum tt_serve_mapped mapped = TT_SERVE_NOT_MAPPED;
    snprintf(name, sizeof(name), "/proc/%d/maps", (int) pid);
    bool there = realpath(path, real) && stat(real, &st) == 0;
    FILE *maps = fopen(name, "re");
    while (maps && mapped == TT_SERVE_NOT_MAPPED && getline(&line, &size, maps) > 0) {
        mapped = judge_line(line, there ? real : path, there ? (unsigned long long) st.st_ino : 0);
    }
    free(line);
    if (maps) {
        fclose(maps);
    }
    return mapped;
}

/* ---- starting ---- */

/* In the child: as a program expects to be started, whatever this one has set for itself. */
static void
run_child(const char *const *argv, int errors)
{
    sigset_t none;
    int input = open("/dev/null", O_RDONLY);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    /* Sockets that a master hands to the next one; of no master of ours. */
    unsetenv("NGINX");
    unsetenv("NOTIFY_SOCKET");
    if (input >= 0) {
        dup2(input, STDIN_FILENO);
    }
    if (errors >= 0) {
        dup2(errors, STDOUT_FILENO);
        dup2(errors, STDERR_FILENO);
    }
    execv(argv[0], (char *const *) (uintptr_t) argv);
    dprintf(STDERR_FILENO, "cannot run %s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

pid_t
tt_serve_process_start(const char *const *argv, int errors)
{
    pid_t pid = fork();
    if (pid == 0) {
        run_child(argv, errors);
    }
    return pid;
}
