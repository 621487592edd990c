/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which process owns a ring, and whether it still runs.
 *
 * In: /proc/PID/stat (proc(5)): the command in brackets, which may hold anything, then the state and, as the twentieth word, the time at which the process
 * started, in clock ticks since the machine did.  A pid alone could have been given to another process since.
 */
#include "ledger/ring_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define STAT_MAX 1024 /* bytes of the file that matter; the command has at most 64 */
#define WORDS_TO_START 19

/* Reads the state and the start; false when there is no such file or it may not be read. */
static bool
read_stat(pid_t pid, char *state, uint64_t *start)
{
    char path[40], text[STAT_MAX];
    snprintf(path, sizeof(path), "/proc/%ld/stat", (long) pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t length = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[length > 0 ? length : 0] = '\0';
    const char *at = strrchr(text, ')');
    if (!at || at[1] != ' ') {
        return false;
    }
    *state = at[2];
    at += 2;
    for (int i = 0; i < WORDS_TO_START && at; i++) {
        at = strchr(at + 1, ' ');
    }
    *start = at ? strtoull(at, NULL, 10) : 0;
    return at != NULL;
}

uint64_t
tt_ring_owner_self(void)
{
    char state;
    uint64_t start;
    return read_stat(getpid(), &state, &start) ? tt_ring_owner_pack(getpid(), start) : 0;
}

bool
tt_ring_owner_is_gone(uint64_t owner)
{
    char state;
    uint64_t start;
    pid_t pid = tt_ring_owner_pid(owner);
    if (owner & TT_RING_LEFT || pid <= 0) {
        return true;
    }
    /* The signal 0 also answers for processes whose files another user may not see. */
    if (kill(pid, 0) != 0 && errno == ESRCH) {
        return true;
    }
    if (!read_stat(pid, &state, &start)) {
        return false;
    }
    /* A zombie only waits for its parent; it writes nothing any more. */
    return state == 'Z' || state == 'X' || tt_ring_owner_pack(pid, start) != owner;
}
