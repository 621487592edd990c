/* SPDX-License-Identifier: Apache-2.0 */
/*
 * no_new_privs and Landlock.
 *
 * In: the paths that a command was given.  Out: a process that can open nothing else.  Own: no state; every descriptor is closed
 * before return.  Everything here is allowed to fail: the state says how far it came.  See landlock(7) and the kernel's
 * Documentation/userspace-api/landlock.rst.
 *
 * The system's header may be older than the running kernel, so rights, structs and call numbers are defined here; the kernel's ABI
 * version says at run time which of them it knows.
 */
#include "cli/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same numbers on every architecture, for they are from the shared table of new calls. */
#define CALL_CREATE_RULESET 444
#define CALL_ADD_RULE 445
#define CALL_RESTRICT_SELF 446

#define CREATE_RULESET_VERSION 1U
#define RULE_PATH_BENEATH 1

#define FS_READ_FILE (1ULL << 2)
#define FS_READ_DIR (1ULL << 3)
#define FS_REMOVE_FILE (1ULL << 5)
#define FS_MAKE_REG (1ULL << 8)
#define FS_ABI_1 ((1ULL << 13) - 1) /* execute ... make_sym */
#define FS_REFER (1ULL << 13)       /* ABI 2 */
#define FS_TRUNCATE (1ULL << 14)    /* ABI 3 */
#define FS_IOCTL_DEV (1ULL << 15)   /* ABI 5 */
#define NET_TCP 3ULL                /* ABI 4: bind, connect */
#define SCOPE_ALL 3ULL              /* ABI 6: abstract sockets, signals */

struct ruleset {
    uint64_t handled_fs;
    uint64_t handled_net; /* ABI 4 */
    uint64_t scoped;      /* ABI 6 */
};

struct path_beneath {
    uint64_t allowed;
    int32_t parent_fd;
} __attribute__((packed));

/* Coverage data is written to files of the compiler's choice when the program ends, so such a build cannot be sealed. */
#ifdef TT_SANDBOX_OFF
#define BUILT_IN false
#else
#define BUILT_IN true
#endif

/* The leak checker of sanitizers reads /proc/self when the program ends. */
#ifdef __SANITIZE_ADDRESS__
#define CHECKER_READS "/proc"
#endif
#if !defined(CHECKER_READS) && defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHECKER_READS "/proc"
#endif
#endif
#ifndef CHECKER_READS
#define CHECKER_READS NULL
#endif

int
tt_sandbox_abi(void)
{
    long abi = BUILT_IN ? syscall(CALL_CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION) : 0;
    return abi > 0 ? (int) abi : 0;
}

enum tt_sandbox_state
tt_sandbox_begin(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? TT_SANDBOX_BEGUN : TT_SANDBOX_NONE;
}

/* All that this kernel can deny; rights that it does not know would be refused as a whole. */
static int
create_ruleset(int abi)
{
    struct ruleset rules = {.handled_fs = FS_ABI_1};
    size_t size = sizeof(rules.handled_fs);
    rules.handled_fs |= abi >= 2 ? FS_REFER : 0;
    rules.handled_fs |= abi >= 3 ? FS_TRUNCATE : 0;
    rules.handled_fs |= abi >= 5 ? FS_IOCTL_DEV : 0;
    if (abi >= 4) {
        rules.handled_net = NET_TCP;
        size = offsetof(struct ruleset, scoped);
    }
    if (abi >= 6) {
        rules.scoped = SCOPE_ALL;
        size = sizeof(rules);
    }
    return (int) syscall(CALL_CREATE_RULESET, &rules, size, 0);
}

static void
allow(int ruleset, int fd, uint64_t rights)
{
    struct path_beneath rule = {.allowed = rights, .parent_fd = fd};
    (void) syscall(CALL_ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0);
}

/* Follows a symbolic link: what the person named is what it leads to.  A path that cannot be opened is reported by its reader. */
static void
allow_reading(int ruleset, const char *path)
{
    struct stat st;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    if (fstat(fd, &st) == 0) {
        allow(ruleset, fd, S_ISDIR(st.st_mode) ? FS_READ_FILE | FS_READ_DIR : FS_READ_FILE);
    }
    close(fd);
}

enum tt_sandbox_state
tt_sandbox_restrict(const struct tt_sandbox_paths *paths)
{
    /* Asked of the kernel rather than remembered: sealing is refused without it. */
    enum tt_sandbox_state state = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? TT_SANDBOX_BEGUN : TT_SANDBOX_NONE;
    int abi = tt_sandbox_abi();
    int ruleset = abi > 0 ? create_ruleset(abi) : -1;
    if (ruleset < 0) {
        return state;
    }
    for (size_t i = 0; i < paths->read_count; i++) {
        if (strcmp(paths->read[i], "-") != 0) {
            allow_reading(ruleset, paths->read[i]);
        }
    }
    for (size_t at = 0; at < paths->read_also.len; at += strlen(paths->read_also.ptr + at) + 1) {
        allow_reading(ruleset, paths->read_also.ptr + at);
    }
    if (CHECKER_READS) {
        allow_reading(ruleset, CHECKER_READS);
    }
    if (paths->replace_in >= 0) {
        allow(ruleset, paths->replace_in, FS_MAKE_REG | FS_REMOVE_FILE);
    }
    if (syscall(CALL_RESTRICT_SELF, ruleset, 0) == 0) {
        state = TT_SANDBOX_SEALED;
    }
    close(ruleset);
    return state;
}
